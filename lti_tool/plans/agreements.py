"""Who agreed to what a review says, by name; and who sees it differently (001.12).

Append-only, also after the review closed: a learner reads it then. The learner's own is given by the learner (T48).
"""

from uuid import UUID

from django.utils import timezone

from . import audit
from .data import Act, Actor, AgreementEntry, AgreementView, ReviewState, SignedBy, Voice
from .exceptions import Invalid, NotFound, Refused
from .models import Agreement, Review
from .naming import author_ref
from .opening import lock_plan
from .permissions import changing
from .permissions import review as reach_review

TEXT_LENGTH = 5000
NAME_LENGTH = 255


def agree_review(actor: Actor, review_id: UUID, *, agrees: bool, text: str = "") -> None:
    """The actor's own word. Learners and families give it once the review is closed; saying the same again is one.

    Raises:
        Invalid: text "required" where they see it differently, "too_long".
    """
    with changing(actor, "review.agree", "review", review_id):
        reached, voice = _as_whom(actor, review_id)
        if voice is not Voice.SCHOOL and reached.state != ReviewState.CLOSED:
            raise NotFound
        _check(agrees, text)
        lock_plan(actor.school_id, reached.plan_id)
        review = Review.objects.of(actor.school_id).select_related("plan").get(pk=reached.pk)
        closing = _about(review)
        mine = Agreement.objects.of(actor.school_id).filter(
            review=review, closing=closing, person_id=actor.person_id, recorded_by_id=actor.person_id
        )
        last = mine.order_by("-recorded_at").first()
        if last and (last.agrees, last.text) == (agrees, text.strip()):
            return
        row = Agreement(
            school_id=actor.school_id, review=review, closing=closing, voice=voice, person_id=actor.person_id,
            agrees=agrees, text=text.strip(), way=SignedBy.PAGE,
        )  # fmt: skip
        _keep(actor, review, row)


def _as_whom(actor: Actor, review_id: UUID) -> tuple[Review, Voice]:
    """The review, and the voice of the actor by what lets them reach it: whoever works on the plan, else family."""
    try:
        row = reach_review(actor, Act.CONTRIBUTE, review_id)
    except NotFound:
        return reach_review(actor, Act.READ_SHARED, review_id), Voice.FAMILY
    return row, Voice.LEARNER if row.plan.student_id == actor.person_id else Voice.SCHOOL


def record_agreement(actor: Actor, review_id: UUID, entry: AgreementEntry) -> None:
    """Keep what somebody said of the review in person or on paper. Never for the student.

    Raises:
        Refused: "learners_own".
        Invalid: name "required" or "too_long"; way "unknown"; text as for `agree_review`.
    """
    with changing(actor, "review.record_agreement", "review", review_id):
        reached = reach_review(actor, Act.REVIEW, review_id)
        if entry.voice is Voice.LEARNER:
            raise Refused("learners_own")
        if not 0 < len(entry.name.strip()) <= NAME_LENGTH:
            raise Invalid({"name": "too_long" if entry.name.strip() else "required"})
        if entry.way is SignedBy.PAGE:
            raise Invalid({"way": "unknown"})
        _check(entry.agrees, entry.text)
        lock_plan(actor.school_id, reached.plan_id)
        review = Review.objects.of(actor.school_id).select_related("plan").get(pk=reached.pk)
        row = Agreement(
            school_id=actor.school_id, review=review, closing=_about(review), voice=entry.voice,
            name=entry.name.strip(), agrees=entry.agrees, text=entry.text.strip(), way=entry.way,
        )  # fmt: skip
        _keep(actor, review, row)


def agreements_of(review: Review) -> tuple[AgreementView, ...]:
    """Everybody's last word on the review as it stands, in the order they gave it. One query."""
    rows = Agreement.objects.of(review.school_id).filter(review=review, closing=_about(review))
    newest = {}
    for row in rows.select_related("person", "recorded_by").order_by("recorded_at"):
        newest[row.person_id or (row.voice, row.name.casefold())] = row
    return tuple(
        AgreementView(
            voice=Voice(row.voice),
            name=author_ref(row.person).name if row.person else row.name,
            agrees=row.agrees,
            text=row.text,
            way=SignedBy(row.way),
            recorded_by=author_ref(row.recorded_by),
            recorded_at=row.recorded_at,
            closing=row.closing,
        )
        for row in sorted(newest.values(), key=lambda row: row.recorded_at)
    )


def _about(review: Review) -> int:
    """Which closing words said now are about: the coming one of an open review, the last of a closed one."""
    return review.closings + 1 if review.state == ReviewState.OPEN else max(review.closings, 1)


def _check(agrees: bool, text: str) -> None:
    if len(text) > TEXT_LENGTH:
        raise Invalid({"text": "too_long"})
    if not agrees and not text.strip():
        raise Invalid({"text": "required"})


def _keep(actor: Actor, review: Review, row: Agreement) -> None:
    row.recorded_by_id, row.recorded_at = actor.person_id, timezone.now()
    row.save(force_insert=True)
    audit.record(
        actor.school_id, "review.agreed", "review", review.id, actor=actor, about_id=review.plan.student_id,
        detail={"voice": str(row.voice), "agrees": row.agrees, "way": str(row.way), "closing": row.closing},
    )  # fmt: skip
