"""What the plan says as a whole: where the learner is and wants to be, goals, the year's curriculum targets.

Learners write their own (000.5), staff what the framework lets them. Former words stay in the revisions.
"""

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar
from uuid import UUID

from django.db import models
from django.utils import timezone

from lti_tool.nested import Nested

from . import audit
from .answering import misfits
from .data import Act, Actor, CurriculumChange, CurriculumView, GoalChange, GoalPurpose, GoalView, Talk, Voice
from .exceptions import Conflict, Invalid, NotFound
from .former import former_in, plan_hidden
from .frameworks.data import Field, Framework
from .frameworks.keeping import framework_for
from .guarding import ceiling
from .models import CurriculumTarget, Goal, Person, Plan
from .opening import LIVE, lock_plan, plan_of
from .permissions import changing
from .permissions import student as reach_student
from .policy import may_read
from .revising import revise
from .targets import WORDING_LENGTH

TITLE_LENGTH = 255
Said = TypeVar("Said", Goal, CurriculumTarget)


def writer(actor: Actor, student_id: UUID) -> Person:
    """The student, if the actor may write in their plan: themselves, or staff who change it."""
    return reach_student(actor, Act.CONTRIBUTE if actor.person_id == student_id else Act.CHANGE_PLAN, student_id)


def say_plan(actor: Actor, student_id: UUID, answers: Mapping[str, str], *, shown: Mapping[str, str]) -> None:
    """Answer fields of the framework's plan sections, by "section.field". `shown` is what the page showed in them.

    Fields the answers leave out stay as they are.

    Raises:
        Invalid: by field, "unknown" (none of the plan's, or not the actor's to fill in) "too_long", or as
            `answering.misfit` says.
        Conflict: somebody changed one of these fields meanwhile; `current` holds what stands, `mine` the answers.
    """
    with changing(actor, "plan.say", "person", student_id):
        student = writer(actor, student_id)
        plan = plan_of(student, actor=actor)
        said = {key: text.strip() for key, text in answers.items()}
        known = writable(framework_for(student), actor, student_id)
        hidden = plan_hidden(former_in(plan.school_id, [plan.id]), ceiling(actor, student_id))
        known = {key: field for key, field in known.items() if key not in hidden}
        errors = dict.fromkeys(said.keys() - known.keys(), "unknown")
        errors |= {key: "too_long" for key, text in said.items() if len(text) > WORDING_LENGTH}
        if errors:
            raise Invalid(errors)
        stands = {key: plan.details.get(key, "") for key in said}
        if unfit := misfits(known, said, stands):
            raise Invalid(unfit)
        changed = {key: text for key, text in said.items() if text != stands[key]}
        if any(stands[key] != shown.get(key, "").strip() for key in changed):
            raise Conflict(current=stands, mine=said)
        if not changed:
            return
        plan.details = {key: text for key, text in (plan.details | changed).items() if text}
        plan.save(update_fields=["details"])
        before = {key: stands[key] for key in changed}
        revise(plan, "plan", plan.id, plan.version + 1, before, changed, actor=actor)
        detail = {"fields": sorted(changed)}
        audit.record(plan.school_id, "plan.said", "plan", plan.id, actor=actor, about_id=student.id, detail=detail)


def writable(framework: Framework, actor: Actor, student_id: UUID) -> dict[str, Field]:
    """The fields of the plan's sections that the actor may fill in, by "section.field"."""
    limit = ceiling(actor, student_id)
    voice = Voice.LEARNER if actor.person_id == student_id else Voice.SCHOOL
    return {
        f"{section.key}.{field.key}": field
        for section in framework.plan_sections
        for field in section.fields
        if voice in field.filled_by and may_read(limit, field.sensitivity)
    }


def set_goal(actor: Actor, student_id: UUID, change: GoalChange) -> UUID:
    """A new long-term goal. The same wording again is the goal that stands.

    Raises:
        Invalid: wording "required" or "too_long"; area "unknown".
    """
    with changing(actor, "goal.set", "person", student_id):
        student = writer(actor, student_id)
        _check_goal(framework_for(student), change)
        plan = plan_of(student, actor=actor)
        goals = Goal.objects.of(plan.school_id).filter(plan=plan)
        standing = goals.filter(wording=change.wording.strip(), ended_on=None).first()
        if standing:
            return standing.id
        row = Goal(school_id=plan.school_id, plan=plan, position=goals.count())
        _say_goal(row, change)
        row.save(force_insert=True)
        _keep(plan, "goal", row, None, _goal(row), actor=actor)
        return row.id


def change_goal(actor: Actor, goal_id: UUID, change: GoalChange, *, version: int) -> None:
    """What the goal says from now on. Raises Conflict (`current` a GoalView), Invalid as `set_goal`."""
    with changing(actor, "goal.change", "goal", goal_id):
        row, plan, student = _locked(Goal, actor, goal_id, Act.CONTRIBUTE)
        if change.area != row.area:
            _check_goal(framework_for(student), change)
        before = _goal(row)
        _say_goal(row, change)
        if _goal(row) == before:
            return
        if version != row.version:
            raise Conflict(current=goal_views(plan)[row.id], mine=change)
        _check_goal(None, change)
        row.version += 1
        row.save()
        _keep(plan, "goal", row, before, _goal(row), actor=actor)


def end_goal(actor: Actor, goal_id: UUID) -> None:
    """The goal is no longer one. Its targets stay as they are; its words stay in the plan's story."""
    with changing(actor, "goal.end", "goal", goal_id):
        row, plan, _ = _locked(Goal, actor, goal_id, Act.CONTRIBUTE)
        before = _goal(row)
        row.ended_on, row.version = timezone.localdate(), row.version + 1
        row.save()
        _keep(plan, "goal", row, before, {}, actor=actor)


def goal_views(plan: Plan, talks: Mapping[str, tuple[Talk, ...]] | None = None) -> dict[UUID, GoalView]:
    """The plan's goals that stand, with how many live targets lead to each. One query.

    `talks` are those about goals by their wording, which a goal keeps from one school year to the next.
    """
    live = models.Q(targets__state__in=LIVE)
    rows = Goal.objects.of(plan.school_id).filter(plan=plan, ended_on=None).order_by("position", "id")
    told = talks or {}
    counted = rows.annotate(steps=models.Count("targets", filter=live))
    return {
        row.id: GoalView(
            row.id,
            row.wording,
            row.area,
            GoalPurpose(row.purpose),
            row.version,
            row.steps,
            row.strategies,
            row.resources,
            told.get(row.wording, ()),
        )
        for row in counted
    }


def set_curriculum(actor: Actor, student_id: UUID, change: CurriculumChange) -> UUID:
    """A curriculum target of the year, in one subject and perhaps strand (001.22).

    Raises:
        Invalid: subject, wording "required" or "too_long"; strand, progress "too_long".
    """
    with changing(actor, "curriculum.set", "person", student_id):
        student = reach_student(actor, Act.CHANGE_PLAN, student_id)
        _check_curriculum(change)
        plan = plan_of(student, actor=actor)
        rows = CurriculumTarget.objects.of(plan.school_id).filter(plan=plan)
        row = CurriculumTarget(school_id=plan.school_id, plan=plan, position=rows.count())
        _say_curriculum(row, change)
        row.save(force_insert=True)
        _keep(plan, "curriculum", row, None, _curriculum(row), actor=actor)
        return row.id


def change_curriculum(actor: Actor, curriculum_id: UUID, change: CurriculumChange, *, version: int) -> None:
    """What it says and how it goes from now on. Raises Conflict (`current` a CurriculumView), Invalid."""
    with changing(actor, "curriculum.change", "curriculum", curriculum_id):
        row, plan, _ = _locked(CurriculumTarget, actor, curriculum_id, Act.CHANGE_PLAN)
        _check_curriculum(change)
        before, stands = _curriculum(row), curriculum_view(row)
        _say_curriculum(row, change)
        if _curriculum(row) == before:
            return
        if version != row.version:
            raise Conflict(current=stands, mine=change)
        row.version += 1
        row.save()
        _keep(plan, "curriculum", row, before, _curriculum(row), actor=actor)


def end_curriculum(actor: Actor, curriculum_id: UUID) -> None:
    """The plan no longer holds it; its words stay in the story."""
    with changing(actor, "curriculum.end", "curriculum", curriculum_id):
        row, plan, _ = _locked(CurriculumTarget, actor, curriculum_id, Act.CHANGE_PLAN)
        before = _curriculum(row)
        row.ended_on, row.version = timezone.localdate(), row.version + 1
        row.save()
        _keep(plan, "curriculum", row, before, {}, actor=actor)


def nested_curriculum(school_id: UUID) -> Nested:
    """What stands of each plan's curriculum, in a column of a query of plans; `curriculum_in` reads it."""
    rows = CurriculumTarget.objects.of(school_id).filter(plan=models.OuterRef("pk"), ended_on=None)
    return Nested(rows, "id", "subject", "strand", "wording", "progress", "version", "position")


def curriculum_in(nested: Iterable[Mapping[str, Any]]) -> tuple[CurriculumView, ...]:
    """The targets of such a column, by subject and strand."""
    told = sorted(nested, key=lambda row: (row["subject"], row["strand"], row["position"]))
    names = ("subject", "strand", "wording", "progress", "version")
    return tuple(CurriculumView(UUID(row["id"]), *(row[name] for name in names)) for row in told)


def curriculum_view(row: CurriculumTarget) -> CurriculumView:
    return CurriculumView(row.id, row.subject, row.strand, row.wording, row.progress, row.version)


def _locked(table: type[Said], actor: Actor, row_id: UUID, own: Act) -> tuple[Said, Plan, Person]:
    """The row that still stands, once its plan is ours; the learner reaches their own with the act `own`."""
    found = table.objects.of(actor.school_id).select_related("plan").filter(pk=row_id, ended_on=None).first()
    if found is None:
        raise NotFound
    student_id = found.plan.student_id
    student = reach_student(actor, own if actor.person_id == student_id else Act.CHANGE_PLAN, student_id)
    plan = lock_plan(actor.school_id, found.plan_id)
    row = table.objects.of(actor.school_id).filter(pk=row_id, ended_on=None).first()
    if row is None:
        raise NotFound
    return row, plan, student


def _keep(
    plan: Plan,
    subject: str,
    row: Said,
    before: Mapping[str, str] | None,
    after: Mapping[str, str],
    *,
    actor: Actor,
) -> None:
    revise(plan, subject, row.id, row.version, before, after, actor=actor)
    verb = f"{subject}.{'set' if before is None else 'changed' if after else 'ended'}"
    audit.record(plan.school_id, verb, subject, row.id, actor=actor, about_id=plan.student_id)


def _check_goal(framework: Framework | None, change: GoalChange) -> None:
    lengths = dict.fromkeys(("wording", "strategies", "resources"), WORDING_LENGTH)
    errors = _text_errors(change, required=("wording",), lengths=lengths)
    if framework and change.area and framework.area(change.area) is None:
        errors["area"] = "unknown"
    if errors:
        raise Invalid(errors)


def _check_curriculum(change: CurriculumChange) -> None:
    lengths = {"subject": TITLE_LENGTH, "strand": TITLE_LENGTH, "wording": WORDING_LENGTH, "progress": WORDING_LENGTH}
    errors = _text_errors(change, required=("subject", "wording"), lengths=lengths)
    if errors:
        raise Invalid(errors)


def _text_errors(change: object, *, required: tuple[str, ...], lengths: Mapping[str, int]) -> dict[str, str]:
    errors = {name: "required" for name in required if not getattr(change, name).strip()}
    return errors | {name: "too_long" for name, most in lengths.items() if len(getattr(change, name)) > most}


def _say_goal(row: Goal, change: GoalChange) -> None:
    row.wording, row.area, row.purpose = change.wording.strip(), change.area, change.purpose.value
    row.strategies, row.resources = change.strategies.strip(), change.resources.strip()


def _goal(row: Goal) -> dict[str, str]:
    said = {"wording": row.wording, "area": row.area, "purpose": row.purpose}
    more = {"strategies": row.strategies, "resources": row.resources}
    return said | {name: text for name, text in more.items() if text}


def _say_curriculum(row: CurriculumTarget, change: CurriculumChange) -> None:
    for name in ("subject", "strand", "wording", "progress"):
        setattr(row, name, getattr(change, name).strip())


def _curriculum(row: CurriculumTarget) -> dict[str, str]:
    return {name: getattr(row, name) for name in ("subject", "strand", "wording", "progress")}
