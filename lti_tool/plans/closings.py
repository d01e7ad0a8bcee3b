"""Which reviews closed: for whoever has to tell others that, and nothing of what they say."""

from collections import defaultdict
from datetime import datetime
from uuid import UUID

from .cycles import view
from .data import ClosedReview, ReviewState, Role
from .models import Enrolment, Review


def closed_reviews(school_id: UUID, *, since: datetime) -> list[ClosedReview]:
    """The school's reviews that closed then or later, the first first. Two queries."""
    closed = Review.objects.of(school_id).filter(state=ReviewState.CLOSED, closed_at__gte=since).order_by("closed_at")
    rows = list(closed.select_related("plan", "cycle"))
    courses = defaultdict(set)
    learning = Enrolment.objects.of(school_id).filter(
        person_id__in={row.plan.student_id for row in rows}, role=Role.LEARNER, active=True
    )
    for person_id, course_id in learning.values_list("person_id", "course_id"):
        courses[person_id].add(course_id)
    return [
        ClosedReview(
            id=row.id,
            student_id=row.plan.student_id,
            closed_at=row.closed_at,
            course_ids=frozenset(courses[row.plan.student_id]),
            cycle=view(row.cycle) if row.cycle else None,
        )
        for row in rows
        if row.closed_at
    ]
