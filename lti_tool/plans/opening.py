"""Plans as a whole: opened each school year, locked while something in them changes."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from django.utils import timezone

from . import audit
from .data import Act, Actor, ReviewState, TargetState
from .frameworks.keeping import ensure_framework_version
from .models import Contribution, Goal, LifeEvent, Opinion, Person, Plan, ProgrammeGoal, ProgrammePart, Target
from .permissions import changing
from .permissions import student as reach_student
from .revising import revise_target, say, view

_PROGRAMME = (
    "title", "setting", "provider", "days_times", "qualification", "level", "about", "areas", "position",
)  # fmt: skip
LIVE = (TargetState.DRAFT, TargetState.AGREED)


def open_plan(actor: Actor, student_id: UUID) -> UUID:
    """The student's plan of this school year, opened if there is none."""
    with changing(actor, "plan.open", "person", student_id):
        student = reach_student(actor, Act.CHANGE_PLAN, student_id)
        return plan_of(student, actor=actor).id


def plan_of(student: Person, *, actor: Actor | None, year: int | None = None) -> Plan:
    """The plan of a school year, locked for this transaction, opened if need be.

    `year` None: the present plan, which is this year's, or last year's while a review of it is still open.
    """
    school = student.school
    if year is None:
        plans = Plan.objects.of(student.school_id).filter(student=student)
        under_review = plans.filter(review__state=ReviewState.OPEN).order_by("-year").first()
        year = under_review.year if under_review else school_year(school.year_starts_month)
    plan, opened = Plan.objects.of(student.school_id).get_or_create(
        school_id=student.school_id,
        student_id=student.id,
        year=year,
        defaults={"review_due_on": timezone.localdate() + timedelta(days=school.review_every_days)},
    )
    if opened:
        plan.framework = ensure_framework_version(school.id, school.framework_key)
        plan.save(update_fields=["framework"])
        audit.record(student.school_id, "plan.opened", "plan", plan.id, actor=actor, about_id=student.id)
        _go_on(plan, actor=actor)
    return lock_plan(student.school_id, plan.id)


def _go_on(plan: Plan, *, actor: Actor | None) -> None:
    """A new school year goes on where the last one stands: its framework, aims, goals and live targets, words that
    wait for a review, events nobody answered, its day.

    Targets keep their ids, so that judgements, scores and placements stay theirs. What the last year's closed
    reviews say is frozen, and its revisions keep what its plan said.
    """
    others = Plan.objects.of(plan.school_id).filter(student_id=plan.student_id).exclude(pk=plan.pk)
    newest = others.order_by("-year").first()
    if newest is None or newest.year > plan.year:
        return
    former = lock_plan(plan.school_id, newest.id)
    plan.review_due_on = former.review_due_on or plan.review_due_on
    plan.framework_id, plan.details = former.framework_id, former.details
    plan.save(update_fields=["review_due_on", "framework", "details"])
    goals = {}
    for goal in Goal.objects.of(plan.school_id).filter(plan=former, ended_on=None).order_by("position"):
        goals[goal.id] = Goal.objects.create(
            school_id=plan.school_id,
            plan=plan,
            wording=goal.wording,
            area=goal.area,
            purpose=goal.purpose,
            strategies=goal.strategies,
            resources=goal.resources,
            position=goal.position,
        ).id
    _carry_programme(former, plan, goals)
    LifeEvent.objects.of(plan.school_id).filter(plan=former, answered_at=None).update(plan=plan)
    Contribution.objects.of(plan.school_id).filter(plan=former, review=None).update(plan=plan)
    Opinion.objects.of(plan.school_id).filter(plan=former, review=None).update(plan=plan)
    live = Target.objects.of(plan.school_id).filter(plan=former, state__in=LIVE).select_related("goal")
    for row in live.order_by("position", "created_at"):
        before = view(row)
        row.plan, row.goal = plan, None
        say(row, plan, before.change)
        row.save()
        revise_target(plan, row, before=before, actor=actor)
    audit.record(plan.school_id, "plan.carried", "plan", plan.id, actor=actor, about_id=plan.student_id)


def _carry_programme(former: Plan, plan: Plan, goals: Mapping[UUID, UUID]) -> None:
    """What stands of the former year's programme; `goals` are the new year's by the former's."""
    links = ProgrammeGoal.objects.of(plan.school_id).filter(part__plan=former)
    taken = defaultdict(list)
    for link in links:
        taken[link.part_id].append(link.goal_id)
    for row in ProgrammePart.objects.of(plan.school_id).filter(plan=former, ended_on=None).order_by("position"):
        kept = {name: getattr(row, name) for name in _PROGRAMME}
        new = ProgrammePart.objects.create(school_id=plan.school_id, plan=plan, **kept)
        ProgrammeGoal.objects.bulk_create(
            ProgrammeGoal(school_id=plan.school_id, part=new, goal_id=goals[goal])
            for goal in taken[row.id]
            if goal in goals
        )


def lock_plan(school_id: UUID, plan_id: UUID) -> Plan:
    """The plan, until this transaction ends nobody else's to change."""
    return Plan.objects.of(school_id).select_for_update(no_key=True).get(pk=plan_id)


def school_year(starts_month: int) -> int:
    """The calendar year in which the present school year began."""
    today = timezone.localdate()
    return today.year if today.month >= starts_month else today.year - 1
