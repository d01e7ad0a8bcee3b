"""The whole plan as one page: aims, goals, targets by area, the year's curriculum, who signed, what is still asked.

The number of queries is fixed, however much the plan holds.
"""

from contextlib import suppress
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import OuterRef, Subquery
from django.utils import timezone

from . import audit
from .aims import curriculum_in, goal_views, nested_curriculum
from .asks import fast, missing, smart
from .data import (
    Act,
    Actor,
    PlanPage,
    PlanSection,
    PlanTarget,
    ReviewState,
    Step,
    TargetChange,
    TargetState,
)
from .exceptions import NotFound
from .figures import TargetRow, card, evidence, latest, target_rows, with_activities, with_labels
from .frameworks.data import Framework, Sensitivity
from .frameworks.keeping import framework_of
from .framing import guarded_keys, veiled
from .guarding import ceiling
from .judgements import agreed_judgements
from .life import open_events
from .likeness import alike, others
from .models import Discussion, Evidence, Person, Plan, Review, Target, TargetActivity
from .naming import student_ref
from .opening import LIVE, school_year
from .panels import in_unit
from .permissions import asking, reaches
from .policy import may_read
from .quality import newest_checks
from .revising import TEXTS, as_change, nested_steps, steps_in
from .signing import parties

_MORE = (
    "baseline", "support_inside", "support_outside", "resources", "contexts", "details", "checked_version",
    "shared_version", "steps",
)  # fmt: skip


def plan_page(actor: Actor, student_id: UUID) -> PlanPage:
    """The student's newest plan. Staff reading it leave an event in the trail (T43)."""
    with asking(actor, "plan.read", "person", student_id):
        student, may = _reached(actor, student_id)
    own = actor.person_id == student_id
    if not own:
        audit.record_once(actor, "plan.read", "person", student.id, about_id=student.id)
    plan = _newest(student)
    framework = framework_of(student.school_id, plan)
    head: dict[str, Any] = {
        "student": student_ref(student.id, student.display_name),
        "framework": framework,
        "may_change": Act.CHANGE_PLAN in may,
        "may_check": Act.CHECK_QUALITY in may,
        "may_contribute": own or Act.CHANGE_PLAN in may,
    }
    if plan is None:
        year = school_year(student.school.year_starts_month)
        return PlanPage(id=None, version=0, year=year, sections=_sections(actor, student, framework, {}), **head)
    targets = _targets(actor, plan, framework, staff=Act.CHANGE_PLAN in may)
    agreed = tuple(target for target in targets if target.card.state is TargetState.AGREED)
    goals = tuple(goal_views(plan).values())
    curriculum = curriculum_in(plan.curriculum)
    signed = parties(actor, framework, plan)
    return PlanPage(
        id=plan.id,
        version=plan.version,
        year=plan.year,
        sections=_sections(actor, student, framework, plan.details),
        goals=goals,
        targets=agreed,
        proposed=tuple(target for target in targets if target.card.state is TargetState.DRAFT),
        curriculum=curriculum,
        parties=signed,
        events=open_events(actor, plan),
        missing=missing(
            framework,
            year_group=student.year_group,
            goals=goals,
            targets=agreed,
            curriculum=len(curriculum),
            parties=signed,
        ),
        **head,
    )


def _reached(actor: Actor, student_id: UUID) -> tuple[Person, set[Act]]:
    """The student, if the actor may read their plan, and which acts the page offers them. One query."""
    offered = {}
    for act in (Act.CHANGE_PLAN, Act.CHECK_QUALITY):
        with suppress(NotFound):  # out of anybody's reach in this role
            offered[f"may_{act}"] = reaches(actor, act, "id")
    people = Person.objects.of(actor.school_id).filter(reaches(actor, Act.READ_PLAN, "id"), id=student_id)
    student = people.select_related("school").annotate(**offered).first()
    if student is None:
        raise NotFound
    return student, {act for act in Act if getattr(student, f"may_{act}", False)}


def _newest(student: Person) -> Any:
    """The student's newest plan, with its curriculum targets, the last talk on record and the last closed review.

    None: there is no plan. One query.
    """
    talks = Discussion.objects.of(student.school_id).filter(student=OuterRef("student")).order_by("-held_on")
    reviews = Review.objects.of(student.school_id).filter(plan__student=OuterRef("student"), state=ReviewState.CLOSED)
    plans = Plan.objects.of(student.school_id).filter(student=student).select_related("student__school")
    return (
        plans.annotate(
            curriculum=nested_curriculum(student.school_id),
            talked_on=Subquery(talks.values("held_on")[:1]),
            reviewed_at=Subquery(reviews.order_by("-closed_at").values("closed_at")[:1]),
        )
        .order_by("-year")
        .first()
    )


def _sections(
    actor: Actor, student: Person, framework: Framework, details: dict[str, str]
) -> tuple[PlanSection, ...]:
    limit: Sensitivity = ceiling(actor, student.id)
    found = []
    for section in framework.plan_sections:
        fields = tuple(field for field in section.fields if may_read(limit, field.sensitivity))
        answers = {field.key: details.get(f"{section.key}.{field.key}", "") for field in fields}
        if fields:
            found.append(PlanSection(section, fields, answers))
    return tuple(found)


def _targets(actor: Actor, plan: Plan, framework: Framework, *, staff: bool) -> tuple[PlanTarget, ...]:
    school = plan.student.school
    live = Target.objects.of(plan.school_id).filter(plan=plan, state__in=LIVE)
    rows = target_rows(with_activities(live.annotate(steps=nested_steps(plan.school_id)), _MORE), _MORE)
    linked = TargetActivity.objects.of(plan.school_id).filter(target__in=live.values("id")).values("activity_id")
    seen = Evidence.objects.of(plan.school_id).filter(person_id=plan.student_id, latest=True)
    newest = latest(evidence(with_labels(seen.filter(activity_id__in=linked))))
    judged = agreed_judgements(plan.school_id, plan.student_id)
    checks = newest_checks(plan) if framework.rules.quality_check_before_family else {}
    class_targets = others(actor, plan.student_id) if staff and framework.rules.clone_warning else []
    talked_on, today, here = _talked_on(plan), timezone.localdate(), in_unit(actor.course_id, ())
    hidden = guarded_keys(framework, ceiling(actor, plan.student_id))
    found = []
    for row in rows:
        mine = steps_in(row.more["steps"])
        said = _words(row, mine)
        found.append(
            PlanTarget(
                card=card(row, newest, school, here, judged.get(row.id), mine),
                words=veiled(said, hidden),
                asks=smart(framework, said),
                habits=fast(said, talked_on=talked_on, today=today),
                alike=alike(said.wording, class_targets),
                quality=checks.get(row.id),
                checked=row.more["checked_version"] == row.version,
                with_family=row.more["shared_version"] == row.version,
            )
        )
    return tuple(found)


def _words(row: TargetRow, steps: tuple[Step, ...]) -> TargetChange:
    return TargetChange(
        **{name: row.more[name] if name in row.more else getattr(row, name) for name in TEXTS},
        area=row.area,
        type=row.type,
        goal=row.goal,
        due_on=row.due_on,
        activity_ids=tuple(sorted(activity.id for activity, _ in row.activities)),
        contexts=tuple(row.more["contexts"]),
        details=dict(row.more["details"]),
        steps=tuple(as_change(step) for step in steps),
    )


def _talked_on(plan: Any) -> date | None:
    """The last day somebody talked with the learner about the plan: a talk on record, or a review."""
    reviewed_on = timezone.localdate(plan.reviewed_at) if plan.reviewed_at else None
    return max((day for day in (plan.talked_on, reviewed_on) if day), default=None)
