"""Reading judgements: each with its author, date, version and reason (T48)."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from lti_tool.prepared import Prepared

from .data import JudgementView, Level, ReviewState
from .models import Judgement
from .naming import author_ref


def view(judgement: Judgement) -> JudgementView:
    """The judgement as it crosses the door; its author and review must be loaded."""
    return JudgementView(
        id=judgement.id,
        level=Level(judgement.level),
        comment=judgement.comment,
        author=author_ref(judgement.author),
        made_at=judgement.made_at,
        version=judgement.version,
        review_number=judgement.review.number,
        reason=judgement.reason,
        review_version=judgement.review_version,
        evidence_seen=tuple(judgement.evidence_seen),
    )


def _agreed(school_id: Any, student_id: Any) -> "QuerySet[Judgement]":
    rows = Judgement.objects.of(school_id).filter(
        review__plan__student_id=student_id, review__state=ReviewState.CLOSED, latest=True
    )
    return rows.select_related("author", "review").order_by("review__closed_at", "review__number")


_AGREED: Prepared[Judgement] = Prepared(_agreed, "school_id", "student_id")


def agreed_judgements(school_id: UUID, student_id: UUID) -> dict[UUID, JudgementView]:
    """The newest judgement of each target in the student's closed reviews, of whatever school year. One query."""
    return _by_target(_AGREED(school_id=school_id, student_id=student_id))


def judgements_in(school_id: UUID, review_id: UUID) -> dict[UUID, JudgementView]:
    """What stands of each target in one review. One query."""
    rows = Judgement.objects.of(school_id).filter(review_id=review_id, latest=True)
    return _by_target(rows.select_related("author", "review"))


def _by_target(rows: Iterable[Judgement]) -> dict[UUID, JudgementView]:
    return {row.target_id: view(row) for row in rows}
