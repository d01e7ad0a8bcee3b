"""Who agreed to what a review says, by name; and who sees it differently (001.12).

Append-only, also after the review closed: a learner reads it then. The learner's own is given by the learner (T48).
"""

from typing import Any
from uuid import UUID

from django.db.models import F, Q
from django.utils import timezone

from . import audit
from .data import Act, Actor, AgreementEntry, AgreementView, JudgedPart, ReviewState, SignedBy, Voice
from .exceptions import Invalid, NotFound, Refused
from .guardians import may_know_guardians
from .models import Agreement, Judgement, Review
from .naming import author_ref
from .opening import lock_plan
from .permissions import changing
from .permissions import review as reach_review

TEXT_LENGTH = 5000
NAME_LENGTH = 255


def agree_review(
    actor: Actor,
    review_id: UUID,
    *,
    agrees: bool,
    text: str = "",
    about: JudgedPart = JudgedPart(),  # noqa: B008 (frozen)
) -> None:
    """The actor's own word. Learners, families and providers give it once the review is closed; the same is one.

    `about` one judgement it is a statement that stands with that judgement wherever it goes; only another word of the
    same person follows it, and nothing takes it away (T54).

    Raises:
        NotFound: also where nothing was judged of what it is about.
        Invalid: text "required" where they see it differently, "too_long".
    """
    with changing(actor, "review.agree", "review", review_id):
        reached, voice = _as_whom(actor, review_id)
        if voice is not Voice.SCHOOL and reached.state != ReviewState.CLOSED:
            raise NotFound
        _check(agrees, text)
        lock_plan(actor.school_id, reached.plan_id)
        review = Review.objects.of(actor.school_id).select_related("plan").get(pk=reached.pk)
        row = Agreement(
            school_id=actor.school_id, review=review, closing=_about(review), voice=voice, person_id=actor.person_id,
            agrees=agrees, text=text.strip(), way=SignedBy.PAGE, **_of(review, about),
        )  # fmt: skip
        mine = Agreement.objects.of(actor.school_id).filter(
            review=review, closing=row.closing, person_id=actor.person_id, recorded_by_id=actor.person_id,
            **_of(review, about),
        )  # fmt: skip
        last = mine.order_by("-recorded_at").first()
        if last is None or (last.agrees, last.text) != (row.agrees, row.text):
            _keep(actor, review, row)


def _as_whom(actor: Actor, review_id: UUID) -> tuple[Review, Voice]:
    """The review, and the voice of the actor by what lets them reach it: whoever works on the plan, else family.

    Somebody outside the school who works with the learner speaks as one of the others (002.14).
    """
    ways = ((Act.CONTRIBUTE, Voice.SCHOOL), (Act.READ_SHARED, Voice.FAMILY), (Act.AGREE, Voice.OTHERS))
    for act, voice in ways:
        try:
            row = reach_review(actor, act, review_id)
        except NotFound:
            continue
        return row, Voice.LEARNER if row.plan.student_id == actor.person_id else voice
    raise NotFound


def _of(review: Review, about: JudgedPart) -> dict[str, Any]:
    """The columns that say what a word is about. NotFound: nothing of it was judged in this review."""
    judged = Judgement.objects.of(review.school_id).filter(review=review, latest=True)
    if about.target_id and not judged.filter(target_id=about.target_id).exists():
        raise NotFound
    if about.area and (about.target_id or not judged.filter(area=about.area).exists()):
        raise NotFound
    return {"target_id": about.target_id, "area": about.area}


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
            **_of(review, entry.about),
        )  # fmt: skip
        _keep(actor, review, row)


def agreements_of(actor: Actor, review: Review) -> tuple[AgreementView, ...]:
    """Everybody's last word on the review as a whole, as it stands, in the order they gave it. One query.

    A guardian is told of no other guardian's (T28).
    """
    rows = Agreement.objects.of(review.school_id).filter(review=review, closing=_about(review), target=None, area="")
    if not may_know_guardians(actor, review.plan.student_id):
        rows = rows.filter(~Q(voice=Voice.FAMILY) | Q(person_id=actor.person_id))
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
            mine=row.person_id == actor.person_id,
        )
        for row in sorted(newest.values(), key=lambda row: row.recorded_at)
    )


def answered_by(actor: Actor, student_id: UUID) -> frozenset[UUID]:
    """The student's reviews, as they closed last, the actor gave their word on. One query."""
    rows = Agreement.objects.of(actor.school_id).filter(
        person_id=actor.person_id, review__plan__student_id=student_id, target=None, area="",
        closing=F("review__closings"),
    )  # fmt: skip
    return frozenset(rows.values_list("review_id", flat=True))


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
