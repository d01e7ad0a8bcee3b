"""Reading judgements: each with its author, date, version and reason (T48)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from lti_tool.prepared import Prepared

from .data import JudgementView, ReviewState
from .models import Judgement, Review
from .naming import author_ref
from .scales import plan_framework, said
from .statements import nested_statements, statements_in

Path = Mapping[str, tuple[JudgementView, ...]]
Judged = tuple[dict[UUID, JudgementView], dict[str, JudgementView]]  # by target, by area


def view(judgement: Judgement) -> JudgementView:
    """The judgement as it crosses the door; it must be `readable`, or new: its author, review and plan loaded."""
    plan = judgement.review.plan
    return JudgementView(
        id=judgement.id,
        level=judgement.level,
        comment=judgement.comment,
        author=author_ref(judgement.author),
        made_at=judgement.made_at,
        version=judgement.version,
        review_number=judgement.review.number,
        reason=judgement.reason,
        review_version=judgement.review_version,
        evidence_seen=tuple(judgement.evidence_seen),
        said=said(plan_framework(judgement.school_id, plan), judgement.level, plan),
        qualitative=judgement.qualitative,
        quantitative=judgement.quantitative,
        one_kind_because=judgement.one_kind_because,
        statements=statements_in(getattr(judgement, "statements", ())),
    )


def _agreed(school_id: Any, student_id: Any) -> "QuerySet[Judgement]":
    rows = Judgement.objects.of(school_id).filter(
        review__plan__student_id=student_id, review__state=ReviewState.CLOSED, review__hidden_at=None, latest=True
    )
    return readable(school_id, rows).order_by("review__closed_at", "review__number")


def readable(school_id: Any, rows: "QuerySet[Judgement]") -> "QuerySet[Judgement]":
    """The judgements with everything `view` reads, what was said against them too. No query more."""
    return rows.select_related("author", "review__plan").annotate(statements=nested_statements(school_id))


_AGREED: Prepared[Judgement] = Prepared(_agreed, "school_id", "student_id")


def agreed_judgements(school_id: UUID, student_id: UUID) -> dict[UUID, JudgementView]:
    """The newest judgement of each target in the student's closed reviews, of whatever school year. One query."""
    return agreed(school_id, student_id)[0]


def travelled(school_id: UUID, student_id: UUID) -> tuple[Path, Path]:
    """What closed reviews agreed of each target (by its id as text) and area, the first first (002.4). One query."""
    targets: dict[str, list[JudgementView]] = defaultdict(list)
    areas: dict[str, list[JudgementView]] = defaultdict(list)
    for row in _AGREED(school_id=school_id, student_id=student_id):
        way = targets[str(row.target_id)] if row.target_id else areas[row.area]
        way.append(view(row))
    return _kept(targets), _kept(areas)


def _kept(ways: Mapping[str, list[JudgementView]]) -> Path:
    return {key: tuple(steps) for key, steps in ways.items()}


def agreed(school_id: UUID, student_id: UUID) -> Judged:
    """The same, and the newest judgement of each area. One query."""
    return _split(_AGREED(school_id=school_id, student_id=student_id))


def judgements_for(review: Review) -> tuple[Judged, Judged]:
    """What stands in this review, and what the student's closed reviews agreed last. One query."""
    rows = Judgement.objects.of(review.school_id).filter(
        Q(review=review) | Q(review__state=ReviewState.CLOSED),
        review__plan__student_id=review.plan.student_id,
        latest=True,
    )
    found = list(readable(review.school_id, rows).order_by("review__closed_at", "review__number"))
    here = (row for row in found if row.review_id == review.id)
    return _split(here), _split(row for row in found if row.review_id != review.id)


def judgements_in(school_id: UUID, review_id: UUID) -> Judged:
    """What stands of each target and of each area in one review. One query."""
    rows = Judgement.objects.of(school_id).filter(review_id=review_id, latest=True)
    return _split(readable(school_id, rows))


def _split(rows: Iterable[Judgement]) -> Judged:
    targets, areas = {}, {}
    for row in rows:
        if row.target_id is not None:
            targets[row.target_id] = view(row)
        else:
            areas[row.area] = view(row)
    return targets, areas
