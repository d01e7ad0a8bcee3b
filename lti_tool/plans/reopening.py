"""Opening a closed review again: only with a reason, and what it said before stays as it was."""

from dataclasses import replace
from uuid import UUID

from django.utils import timezone

from . import audit
from .data import Act, Actor, ClosingView, ReviewState, ReviewTarget
from .exceptions import Invalid, NotFound, Refused
from .former import above, former_in, target_classes, target_shown
from .framing import veiled_card
from .freezing import thaw
from .guarding import ceiling, note_shown
from .models import Closing, FrozenTarget, Review
from .naming import author_ref
from .opening import lock_plan
from .permissions import asking, changing
from .permissions import review as reach_review
from .scales import plan_framework

REASON_LENGTH = 1000


def reopen_review(actor: Actor, review_id: UUID, *, reason: str) -> None:
    """Open it again. The reason stands with the closing it undoes; the trail keeps that it happened.

    Raises:
        Invalid: reason "required" or "too_long".
        Refused: "open", it is not closed; "another_open", the student has another review open.
    """
    with changing(actor, "review.reopen", "review", review_id):
        reached = reach_review(actor, Act.REVIEW, review_id)
        if not 0 < len(reason.strip()) <= REASON_LENGTH:
            raise Invalid({"reason": "too_long" if reason.strip() else "required"})
        lock_plan(actor.school_id, reached.plan_id)
        review = Review.objects.of(actor.school_id).select_related("plan").get(pk=reached.pk)
        if review.state != ReviewState.CLOSED or review.closed_at is None:
            raise Refused("open")
        others = Review.objects.of(actor.school_id).filter(plan=review.plan_id, state=ReviewState.OPEN, cycle=None)
        if review.cycle_id is None and others.exists():
            raise Refused("another_open")
        closing, _ = Closing.objects.of(actor.school_id).get_or_create(
            school_id=actor.school_id,
            review=review,
            number=max(review.closings, 1),
            defaults={  # closed before closings were kept
                "closed_at": review.closed_at,
                "closed_by_id": review.closed_by_id,
                "next_steps": review.next_steps,
                "next_review_on": review.next_review_on,
            },
        )
        closing.reopened_at, closing.reopened_by_id = timezone.now(), actor.person_id
        closing.reason = reason.strip()
        closing.save(update_fields=["reopened_at", "reopened_by", "reason"])
        review.state, review.closed_at, review.closed_by_id = ReviewState.OPEN, None, None
        review.closings = closing.number
        review.version += 1
        review.save()
        audit.record(
            actor.school_id, "review.reopened", "review", review.id, actor=actor, about_id=review.plan.student_id,
            detail={"closing": closing.number},
        )  # fmt: skip


def closings_of(review: Review) -> tuple[ClosingView, ...]:
    """The closings that were undone, the first first. One query."""
    rows = Closing.objects.of(review.school_id).filter(review=review, reopened_at__isnull=False)
    return tuple(
        ClosingView(
            number=row.number,
            closed_at=row.closed_at,
            closed_by=author_ref(row.closed_by) if row.closed_by else None,
            next_steps=row.next_steps,
            reopened_at=row.reopened_at,
            reopened_by=author_ref(row.reopened_by) if row.reopened_by else None,
            reason=row.reason,
        )
        for row in rows.select_related("closed_by", "reopened_by").order_by("number")
    )


def closing_targets(actor: Actor, review_id: UUID, number: int) -> tuple[ReviewTarget, ...]:
    """What the review rested on at one of its closings, as it was frozen then. Staff leave an event.

    Raises:
        NotFound: it was not closed so often.
    """
    with asking(actor, "review.read", "review", review_id):
        row = reach_review(actor, Act.READ_PLAN, review_id)
        frozen = FrozenTarget.objects.of(actor.school_id).filter(review=row, closing=number)
        if number > row.closings or not frozen.exists():
            raise NotFound
    if row.plan.student_id != actor.person_id:
        audit.record_once(actor, "review.read", "review", row.id, about_id=row.plan.student_id)
    limit = ceiling(actor, row.plan.student_id)
    former = former_in(row.school_id, [row.plan_id]) if row.moved else {}  # type: ignore[attr-defined]
    classes = target_classes(plan_framework(row.school_id, row.plan), former)
    hidden = above(limit, classes)
    targets = tuple(replace(one, card=veiled_card(one.card, hidden)) for one in thaw(row, closing=number))
    shown = [field for one in targets for field in target_shown(one.card, classes)]
    note_shown(actor, row.plan.student_id, "review", shown)
    return targets
