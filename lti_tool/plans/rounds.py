"""One round of reviews in one class: whose review of it stands how."""

from typing import Any
from uuid import UUID

from django.db.models import Count, OuterRef, QuerySet, Subquery

from lti_tool.prepared import Prepared

from .cycles import cycle as one_cycle
from .data import Act, Actor, CyclePanel, CycleRow, ReviewState, TargetState
from .models import Judgement, Review, Target
from .naming import by_name, student_ref
from .people import learners
from .permissions import asking, standing


def cycle_panel(actor: Actor, cycle_id: UUID) -> CyclePanel:
    """The learners of the actor's course by name, each with their review of this round, if there is one.

    Three queries. As the class's list it shows standing, not words. Raises NotFound: no such round in this school,
    or the actor may not read the class.
    """
    with asking(actor, "class.read", "course", actor.course_id):
        me = standing(actor, Act.READ_CLASS)
    cycle = one_cycle(actor.school_id, cycle_id)
    rows = [
        CycleRow(
            student=student_ref(row["person_id"], row["person__display_name"]),
            review_id=row["review_id"],
            state=ReviewState(row["review_state"]) if row["review_state"] else None,
            targets=row["targets"] or 0,
            judged=row["judged"] or 0,
        )
        for row in _ROUND(school_id=actor.school_id, course_id=me.course_id, cycle_id=cycle_id)
    ]
    return CyclePanel(cycle, me.course.title, tuple(sorted(rows, key=lambda row: by_name(row.student))))


def _round(school_id: Any, course_id: Any, cycle_id: Any) -> "QuerySet[Any, Any]":
    reviews = (
        Review.objects.of(school_id)
        .filter(plan__student=OuterRef("person"), cycle_id=cycle_id)
        .order_by("-opened_at")
    )
    targets = Target.objects.of(school_id).filter(plan__student=OuterRef("person"), state=TargetState.AGREED)
    judgements = Judgement.objects.of(school_id).filter(review=OuterRef("review_id"), latest=True, area="")
    return (
        learners(school_id, course_id)
        .annotate(
            review_id=Subquery(reviews.values("id")[:1]),
            review_state=Subquery(reviews.values("state")[:1]),
            targets=Subquery(targets.values("school").annotate(n=Count("id")).values("n")),
            judged=Subquery(judgements.values("school").annotate(n=Count("id")).values("n")),
        )
        .values("person_id", "person__display_name", "review_id", "review_state", "targets", "judged")
    )


_ROUND = Prepared(_round, "school_id", "course_id", "cycle_id")
