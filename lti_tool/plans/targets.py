"""Targets: agreed, proposed, changed, reached and stopped; every former wording is kept.

Whatever changes within one plan takes its turn by the plan's row, locked first.
"""

from dataclasses import replace
from uuid import UUID

from . import audit
from .data import Act, Actor, TargetChange, TargetState, TargetView
from .exceptions import Conflict, Invalid, Refused
from .former import above, former_in, guarded_in, target_classes, target_shown
from .frameworks.keeping import framework_for, framework_of
from .framing import speaks_of_framework, target_errors, unveiled, veiled
from .guarding import ceiling, note_shown
from .models import Activity, Plan, Target
from .opening import LIVE, lock_plan, plan_of
from .permissions import asking, changing, standing
from .permissions import student as reach_student
from .permissions import target as reach_target
from .revising import TEXTS, link, normal, revise_target, said, say, set_steps, view

WORDING_LENGTH = 2000  # characters of any one text of a plan
MOST_STEPS = 30


def target(actor: Actor, target_id: UUID) -> TargetView:
    """A target as an edit form shows it."""
    with asking(actor, "target.read", "target", target_id):
        row = reach_target(actor, Act.CHANGE_PLAN, target_id)
    return read_target(actor, row)


def agree_target(actor: Actor, student_id: UUID, change: TargetChange) -> UUID:
    """A new target in the student's plan, linked to activities of the actor's course.

    It says nothing in fields that the actor may not read (T4).

    Raises:
        Invalid: no wording, a text too long, an activity that is not of this course, or an area, type, context or
            detail the plan's framework does not know.
    """
    with changing(actor, "target.agree", "person", student_id):
        student = reach_student(actor, Act.CHANGE_PLAN, student_id)
        plan = plan_of(student, actor=actor)
        change = veiled(change, hidden_fields(actor, plan))
        errors = target_errors(framework_for(student), change, None) if speaks_of_framework(change) else {}
        activity_ids = _checked(actor, change, None, errors)
        return add_target(plan, change, activity_ids, actor=actor).id


def propose_target(actor: Actor, change: TargetChange) -> UUID:
    """A learner's own target for their own plan, a draft until their teacher agrees it with them (000.5).

    It says nothing in fields that learners may not read (T4).

    Raises:
        Invalid: as for `agree_target`.
    """
    with changing(actor, "target.propose", "person", actor.person_id):
        me = standing(actor, Act.READ_OWN_PANEL).person  # only learners have one
        plan = plan_of(me, actor=actor)
        change = veiled(change, hidden_fields(actor, plan))
        errors = target_errors(framework_for(me), change, None) if speaks_of_framework(change) else {}
        activity_ids = _checked(actor, change, None, errors)
        return add_target(plan, change, activity_ids, actor=actor, state=TargetState.DRAFT).id


def add_target(
    plan: Plan,
    change: TargetChange,
    activity_ids: frozenset[int],
    *,
    actor: Actor | None,
    state: TargetState = TargetState.AGREED,
) -> Target:
    """Write a new target into a locked plan. For callers that checked what it says."""
    change = normal(change, None, activity_ids)
    row = Target(
        school_id=plan.school_id,
        plan=plan,
        position=Target.objects.of(plan.school_id).filter(plan=plan).count(),
        state=state,
    )
    say(row, plan, change)
    row.checked_version = 0 if _asks_check(plan) else row.version
    row.save(force_insert=True)
    link(row, frozenset(), activity_ids)
    set_steps(row, change.steps or (), actor=actor)
    revise_target(plan, row, before=None, actor=actor)
    verb = "target.agreed" if state is TargetState.AGREED else "target.proposed"
    audit.record(plan.school_id, verb, "target", row.id, actor=actor, about_id=plan.student_id)
    return row


def change_target(actor: Actor, target_id: UUID, change: TargetChange, *, version: int) -> TargetView:
    """What the target says from now on; the former wording is kept. Nothing changed, nothing written.

    Links to activities of other courses stay as they are: this page cannot show them.

    Raises:
        Conflict: somebody changed it after `version`; `current` is a TargetView, `mine` the change.
        Refused: "stopped", the target is no longer worked on.
        Invalid: as for `agree_target`.
    """
    with changing(actor, "target.change", "target", target_id):
        row, plan = _locked(actor, target_id)
        before, hidden = view(row), hidden_fields(actor, plan)
        change = unveiled(change, before.change, hidden)
        errors = {}
        if speaks_of_framework(change):
            errors = target_errors(framework_for(plan.student), change, before.change)
        linked = frozenset(before.change.activity_ids)
        activity_ids = _checked(actor, change, before.change, errors) | _elsewhere(actor, linked)
        after = normal(change, before.change, activity_ids)
        if after == before.change:
            return shown_to(before, hidden)
        _check_version(shown_to(before, hidden), version, mine=veiled(change, hidden))
        say(row, plan, after)
        same = said(after) == said(before.change)
        _next_version(row, checked=same)
        if not _asks_check(plan):
            row.checked_version = row.version
        row.save()
        link(row, linked, activity_ids)
        set_steps(row, after.steps or (), actor=actor)
        revise_target(plan, row, before=before, actor=actor)
        audit.record(plan.school_id, "target.changed", "target", row.id, actor=actor, about_id=plan.student_id)
        return shown_to(view(row), hidden)


def agree_proposed(actor: Actor, target_id: UUID, *, version: int) -> TargetView:
    """Take up a target the learner proposed, as it is worded. One that is agreed already stays so."""
    return _move(actor, target_id, TargetState.AGREED, version=version)


def achieve_target(actor: Actor, target_id: UUID, *, version: int) -> TargetView:
    """The target is reached. It stays in the plan's story, as something to be glad of (003.6)."""
    return _move(actor, target_id, TargetState.ACHIEVED, version=version)


def stop_target(actor: Actor, target_id: UUID, *, version: int) -> TargetView:
    """The target is no longer worked on. It stays in the plan's history and in the reviews that judged it."""
    return _move(actor, target_id, TargetState.STOPPED, version=version)


_VERBS = {
    TargetState.AGREED: "target.agreed",
    TargetState.ACHIEVED: "target.achieved",
    TargetState.STOPPED: "target.stopped",
}
_ASKED = {TargetState.AGREED: "agree", TargetState.ACHIEVED: "achieve", TargetState.STOPPED: "stop"}


def _move(actor: Actor, target_id: UUID, state: TargetState, *, version: int) -> TargetView:
    with changing(actor, f"target.{_ASKED[state]}", "target", target_id):
        row, plan = _locked(actor, target_id)
        before, hidden = view(row), hidden_fields(actor, plan)
        if before.state is state:
            return shown_to(before, hidden)
        _check_version(shown_to(before, hidden), version, mine=None)
        row.state = state
        _next_version(row, checked=True)
        row.save()
        revise_target(plan, row, before=before, actor=actor)
        audit.record(plan.school_id, _VERBS[state], "target", row.id, actor=actor, about_id=plan.student_id)
        return shown_to(view(row), hidden)


def settle(plan: Plan, target_id: UUID, state: TargetState, *, wording: str = "", actor: Actor) -> None:
    """Write what a closing review agreed of a target of a locked plan. For callers that checked."""
    row = Target.objects.of(plan.school_id).select_related("goal").get(pk=target_id, plan=plan)
    before, same = view(row), wording in ("", row.wording)
    if same and before.state is state:
        return
    row.state, row.wording = state, wording or row.wording
    _next_version(row, checked=same)
    if not _asks_check(plan):
        row.checked_version = row.version
    row.save()
    revise_target(plan, row, before=before, actor=actor)
    verb = "target.changed" if before.state is state else _VERBS[state]
    audit.record(plan.school_id, verb, "target", row.id, actor=actor, about_id=plan.student_id)


def read_target(actor: Actor, row: Target) -> TargetView:
    """The target as the actor, who reached it, reads it."""
    plan = row.plan
    classes = target_classes(framework_of(plan.school_id, plan), former_in(plan.school_id, [plan.id]))
    stands = shown_to(view(row), above(ceiling(actor, plan.student_id), classes))
    note_shown(actor, plan.student_id, "target", target_shown(stands.change, classes))
    return stands


def hidden_fields(actor: Actor, plan: Plan) -> frozenset[str]:
    """The target fields the actor may not read in this plan."""
    former = former_in(plan.school_id, [plan.id])
    return guarded_in(framework_of(plan.school_id, plan), ceiling(actor, plan.student_id), former)


def shown_to(stands: TargetView, hidden: frozenset[str]) -> TargetView:
    """The target without those fields."""
    return replace(stands, change=veiled(stands.change, hidden))


def add_links(plan: Plan, target_id: UUID, activity_ids: frozenset[int]) -> None:
    """Link a target of a locked plan to further activities, as a change the tool makes. For callers that checked."""
    row = Target.objects.of(plan.school_id).select_related("goal").get(pk=target_id, plan=plan)
    before = view(row)
    _next_version(row, checked=True)
    row.save(update_fields=["version", "checked_version"])
    linked = frozenset(before.change.activity_ids)
    link(row, linked, linked | activity_ids)
    revise_target(plan, row, before=before, actor=None)


def _asks_check(plan: Plan) -> bool:
    """Whether new words wait for a quality check before they go home (001.15). Elsewhere they count as checked."""
    return framework_of(plan.school_id, plan).rules.quality_check_before_family


def _next_version(row: Target, *, checked: bool) -> None:
    """One version on. A check stays good while the words do."""
    if checked and row.checked_version == row.version:
        row.checked_version += 1
    row.version += 1


def _locked(actor: Actor, target_id: UUID) -> tuple[Target, Plan]:
    """The target as it stands once its plan is ours."""
    reached = reach_target(actor, Act.CHANGE_PLAN, target_id)
    plan = lock_plan(actor.school_id, reached.plan_id)
    row = Target.objects.of(actor.school_id).select_related("goal").get(pk=target_id)
    if row.state not in LIVE:
        raise Refused("stopped")
    return row, plan


def _check_version(current: TargetView, version: int, *, mine: TargetChange | None) -> None:
    if version != current.version:
        raise Conflict(current=current, mine=mine)


def _checked(
    actor: Actor, change: TargetChange, stands: TargetChange | None, errors: dict[str, str]
) -> frozenset[int]:
    """The activities a form names, if everything it says can be taken."""
    linked = frozenset(stands.activity_ids) if stands else frozenset()
    if not change.wording.strip():
        errors["wording"] = "required"
    for field in (*TEXTS, "goal"):
        if len(getattr(change, field)) > WORDING_LENGTH:
            errors[field] = "too_long"
    if any(len(text) > WORDING_LENGTH for text in change.details.values()):
        errors["details"] = "too_long"
    errors |= _step_errors(change)
    wanted = frozenset(change.activity_ids)
    known = Activity.objects.of(actor.school_id).filter(pk__in=wanted - linked)
    if known.filter(course=actor.course_id).count() != len(wanted - linked):
        errors["activity_ids"] = "unknown"
    if errors:
        raise Invalid(errors)
    return wanted


def _step_errors(change: TargetChange) -> dict[str, str]:
    steps = change.steps or ()
    if len(steps) > MOST_STEPS:
        return {"steps": "too_many"}
    if any(len(step.what) > WORDING_LENGTH or len(step.who_name) > 255 for step in steps):
        return {"steps": "too_long"}
    return {}


def _elsewhere(actor: Actor, linked: frozenset[int]) -> frozenset[int]:
    rows = Activity.objects.of(actor.school_id).filter(pk__in=linked).exclude(course=actor.course_id)
    return frozenset(rows.values_list("id", flat=True))
