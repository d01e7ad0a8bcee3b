"""Somebody says that the school's record has something wrong, and the school answers (T54; GDPR 16, FERPA 99.20).

Nothing is changed by asking: whoever keeps the plan puts it right where it stands, and the office says so, or says
why it stays.
"""

from uuid import UUID

from django.utils import timezone

from . import audit
from .data import Act, Actor, CorrectionAsked
from .exceptions import Invalid, NotFound, Refused
from .models import CorrectionRequest
from .naming import author_ref
from .permissions import asking, changing, office
from .permissions import student as reach_student

WORDS_LENGTH = 2000


def ask_correction(actor: Actor, person_id: UUID, *, wrong: str) -> UUID:
    """Tell the school what is wrong in its record of the learner (oneself, or one's child).

    Raises:
        NotFound: not theirs to ask for. Invalid: wrong "required" or "too_long".
        Refused: "asked", their last question is not answered yet.
    """
    with changing(actor, "correction.ask", "person", person_id):
        person = reach_student(actor, Act.ASK_ERASURE, person_id)
        if not wrong.strip() or len(wrong) > WORDS_LENGTH:
            raise Invalid({"wrong": "too_long" if wrong.strip() else "required"})
        row, asked = CorrectionRequest.objects.of(actor.school_id).get_or_create(
            school_id=actor.school_id,
            person=person,
            asked_by_id=actor.person_id,
            decided_at=None,
            defaults={"wrong": wrong.strip()},
        )
        if not asked:
            raise Refused("asked")
        audit.record(actor.school_id, "correction.asked", "person", person.id, actor=actor, about_id=person.id)
        return row.id


def my_correction(actor: Actor, person_id: UUID) -> CorrectionAsked | None:
    """The newest thing the actor said was wrong about this learner, with the school's answer. Nobody else's (T28)."""
    person = reach_student(actor, Act.ASK_ERASURE, person_id)
    rows = CorrectionRequest.objects.of(actor.school_id).filter(person=person, asked_by_id=actor.person_id)
    row = rows.select_related("person", "asked_by").order_by("-asked_at").first()
    return _view(row) if row else None


def corrections_asked(actor: Actor) -> tuple[CorrectionAsked, ...]:
    """What waits for the office's answer, the oldest first."""
    with asking(actor, "correction.list", "school", actor.school_id):
        office(actor, Act.ERASE)
    rows = CorrectionRequest.objects.of(actor.school_id).filter(decided_at=None)
    return tuple(map(_view, rows.select_related("person", "asked_by").order_by("asked_at")))


def decide_correction(actor: Actor, request_id: UUID, *, grant: bool, answer: str) -> None:
    """The school's answer, with its reason: it was put right, or it stays. Nothing is changed by this.

    Raises:
        NotFound: not the office's. Refused: "decided" before. Invalid: answer "required" or "too_long".
    """
    with changing(actor, "correction.decide", "correction", request_id):
        office(actor, Act.ERASE)
        row = CorrectionRequest.objects.of(actor.school_id).select_for_update().filter(pk=request_id).first()
        if row is None:
            raise NotFound
        if row.decided_at is not None:
            raise Refused("decided")
        if not answer.strip() or len(answer) > WORDS_LENGTH:
            raise Invalid({"answer": "too_long" if answer.strip() else "required"})
        row.decided_at, row.granted, row.answer = timezone.now(), grant, answer.strip()
        row.save(update_fields=["decided_at", "granted", "answer"])
        verb = "correction.granted" if grant else "correction.declined"
        audit.record(actor.school_id, verb, "person", row.person_id, actor=actor, about_id=row.person_id)


def _view(row: CorrectionRequest) -> CorrectionAsked:
    by = author_ref(row.asked_by) if row.asked_by else None
    return CorrectionAsked(
        row.id, author_ref(row.person), by, row.asked_at, row.wrong, row.decided_at, row.granted, row.answer
    )
