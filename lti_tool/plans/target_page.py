"""What the page needs on which a target is written: how it stands, and what its plan's framework asks."""

from uuid import UUID

from .data import Act, ActivityView, Actor, TargetPage
from .exceptions import NotFound
from .former import above, target_classes
from .frameworks.keeping import framework_for
from .frameworks.years import in_year
from .guarding import ceiling
from .models import Plan, TargetActivity
from .naming import student_ref
from .permissions import asking
from .permissions import student as reach_student
from .permissions import target as reach_target
from .targets import hidden_fields, read_target


def target_page(actor: Actor, student_id: UUID, target_id: UUID | None = None) -> TargetPage:
    """A new target of the student, or (by its id) one that stands.

    Raises:
        NotFound: also for a target of somebody else.
    """
    with asking(actor, "target.read", "person", student_id):
        student = reach_student(actor, Act.CHANGE_PLAN, student_id)
        row = reach_target(actor, Act.CHANGE_PLAN, target_id) if target_id else None
        if row is not None and row.plan.student_id != student_id:
            raise NotFound
    framework = framework_for(student)
    plan = row.plan if row else Plan.objects.of(actor.school_id).filter(student=student).order_by("-year").first()
    limit = ceiling(actor, student_id)
    hidden = hidden_fields(actor, plan) if plan else above(limit, target_classes(framework, {}))
    links = TargetActivity.objects.of(actor.school_id).select_related("activity").order_by("activity_id")
    linked = [link.activity for link in links.filter(target=row)] if row else []
    return TargetPage(
        student=student_ref(student.id, student.display_name),
        framework=in_year(framework, student.year_group, areas=[row.area] if row else ()),
        stands=read_target(actor, row) if row else None,
        linked=tuple(
            ActivityView(one.id, one.external_id, one.label, one.score_maximum, one.url, one.removed_at is not None)
            for one in linked
        ),
        hidden=hidden,
    )
