"""Plans and their targets: opened, agreed, changed and stopped by a teacher; every former wording is kept.

Whatever changes within one plan takes its turn by the plan's row, locked first.
"""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone

from . import audit
from .data import Actor, ReviewState, TargetChange, TargetState, TargetView
from .exceptions import Conflict, Invalid, Refused
from .models import Activity, Contribution, Goal, Person, Plan, Revision, Target, TargetActivity
from .permissions import Act, asking, changing
from .permissions import student as reach_student
from .permissions import target as reach_target

WORDING_LENGTH = 2000  # characters of any one text of a plan
_LIVE = (TargetState.DRAFT, TargetState.AGREED)


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
        audit.record(student.school_id, "plan.opened", "plan", plan.id, actor=actor, about_id=student.id)
        _go_on(plan, actor=actor)
    return lock_plan(student.school_id, plan.id)


def _go_on(plan: Plan, *, actor: Actor | None) -> None:
    """A new school year goes on where the last one stands: live targets, words that wait for a review, its day.

    Targets keep their ids, so that judgements, scores and placements stay theirs. What the last year's closed
    reviews say is frozen, and its revisions keep what its plan said.
    """
    others = Plan.objects.of(plan.school_id).filter(student_id=plan.student_id).exclude(pk=plan.pk)
    newest = others.order_by("-year").first()
    if newest is None or newest.year > plan.year:
        return
    former = lock_plan(plan.school_id, newest.id)
    plan.review_due_on = former.review_due_on or plan.review_due_on
    plan.save(update_fields=["review_due_on"])
    Contribution.objects.of(plan.school_id).filter(plan=former, review=None).update(plan=plan)
    live = Target.objects.of(plan.school_id).filter(plan=former, state__in=_LIVE).select_related("goal")
    for row in live.order_by("position", "created_at"):
        before = view(row)
        row.plan, row.goal = plan, None
        _say(row, plan, before.change)
        row.save()
        _revise(plan, row, before=before, actor=actor)
    audit.record(plan.school_id, "plan.carried", "plan", plan.id, actor=actor, about_id=plan.student_id)


def lock_plan(school_id: UUID, plan_id: UUID) -> Plan:
    """The plan, until this transaction ends nobody else's to change."""
    return Plan.objects.of(school_id).select_for_update(no_key=True).get(pk=plan_id)


def school_year(starts_month: int) -> int:
    """The calendar year in which the present school year began."""
    today = timezone.localdate()
    return today.year if today.month >= starts_month else today.year - 1


def target(actor: Actor, target_id: UUID) -> TargetView:
    """A target as an edit form shows it."""
    with asking(actor, "target.read", "target", target_id):
        return view(reach_target(actor, Act.CHANGE_PLAN, target_id))


def agree_target(actor: Actor, student_id: UUID, change: TargetChange) -> UUID:
    """A new target in the student's plan, linked to activities of the actor's course.

    Raises:
        Invalid: no wording, a text too long, or an activity that is not of this course.
    """
    with changing(actor, "target.agree", "person", student_id):
        student = reach_student(actor, Act.CHANGE_PLAN, student_id)
        activity_ids = _checked(actor, change, linked=frozenset())
        plan = plan_of(student, actor=actor)
        return add_target(plan, change, activity_ids, actor=actor).id


def add_target(plan: Plan, change: TargetChange, activity_ids: frozenset[int], *, actor: Actor | None) -> Target:
    """Write a new target into a locked plan. For callers that checked what it says."""
    row = Target(
        school_id=plan.school_id,
        plan=plan,
        position=Target.objects.of(plan.school_id).filter(plan=plan).count(),
        state=TargetState.AGREED,
    )
    _say(row, plan, change)
    row.save(force_insert=True)
    _link(row, frozenset(), activity_ids)
    _revise(plan, row, before=None, actor=actor)
    audit.record(plan.school_id, "target.agreed", "target", row.id, actor=actor, about_id=plan.student_id)
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
        before = view(row)
        linked = frozenset(before.change.activity_ids)
        activity_ids = _checked(actor, change, linked=linked) | _elsewhere(actor, linked)
        after = _normal(change, activity_ids)
        if after == before.change:
            return before
        _check_version(before, version, mine=change)
        _say(row, plan, change)
        row.version += 1
        row.save()
        _link(row, linked, activity_ids)
        _revise(plan, row, before=before, actor=actor)
        audit.record(plan.school_id, "target.changed", "target", row.id, actor=actor, about_id=plan.student_id)
        return view(row)


def stop_target(actor: Actor, target_id: UUID, *, version: int) -> TargetView:
    """The target is no longer worked on. It stays in the plan's history and in the reviews that judged it."""
    with changing(actor, "target.stop", "target", target_id):
        row, plan = _locked(actor, target_id)
        before = view(row)
        _check_version(before, version, mine=None)
        row.state, row.version = TargetState.STOPPED, row.version + 1
        row.save()
        _revise(plan, row, before=before, actor=actor)
        audit.record(plan.school_id, "target.stopped", "target", row.id, actor=actor, about_id=plan.student_id)
        return view(row)


def add_links(plan: Plan, target_id: UUID, activity_ids: frozenset[int]) -> None:
    """Link a target of a locked plan to further activities, as a change the tool makes. For callers that checked."""
    row = Target.objects.of(plan.school_id).select_related("goal").get(pk=target_id, plan=plan)
    before = view(row)
    row.version += 1
    row.save(update_fields=["version"])
    linked = frozenset(before.change.activity_ids)
    _link(row, linked, linked | activity_ids)
    _revise(plan, row, before=before, actor=None)


def view(row: Target) -> TargetView:
    """The target as it crosses the door. One query, for its activities."""
    links = TargetActivity.objects.of(row.school_id).filter(target=row).order_by("activity_id")
    change = TargetChange(
        wording=row.wording,
        success=row.success,
        next_step=row.next_step,
        goal=row.goal.wording if row.goal else "",
        due_on=row.due_on,
        activity_ids=tuple(links.values_list("activity_id", flat=True)),
    )
    return TargetView(id=row.id, version=row.version, state=TargetState(row.state), change=change)


def _locked(actor: Actor, target_id: UUID) -> tuple[Target, Plan]:
    """The target as it stands once its plan is ours."""
    reached = reach_target(actor, Act.CHANGE_PLAN, target_id)
    plan = lock_plan(actor.school_id, reached.plan_id)
    row = Target.objects.of(actor.school_id).select_related("goal").get(pk=target_id)
    if row.state not in _LIVE:
        raise Refused("stopped")
    return row, plan


def _check_version(current: TargetView, version: int, *, mine: TargetChange | None) -> None:
    if version != current.version:
        raise Conflict(current=current, mine=mine)


def _checked(actor: Actor, change: TargetChange, *, linked: frozenset[int]) -> frozenset[int]:
    """The activities a form names, if everything it says can be taken."""
    errors = {}
    if not change.wording.strip():
        errors["wording"] = "required"
    for field in ("wording", "success", "next_step", "goal"):
        if len(getattr(change, field)) > WORDING_LENGTH:
            errors[field] = "too_long"
    wanted = frozenset(change.activity_ids)
    known = Activity.objects.of(actor.school_id).filter(pk__in=wanted - linked)
    if known.filter(course=actor.course_id).count() != len(wanted - linked):
        errors["activity_ids"] = "unknown"
    if errors:
        raise Invalid(errors)
    return wanted


def _elsewhere(actor: Actor, linked: frozenset[int]) -> frozenset[int]:
    rows = Activity.objects.of(actor.school_id).filter(pk__in=linked).exclude(course=actor.course_id)
    return frozenset(rows.values_list("id", flat=True))


def _normal(change: TargetChange, activity_ids: frozenset[int]) -> TargetChange:
    return TargetChange(
        wording=change.wording.strip(),
        success=change.success.strip(),
        next_step=change.next_step.strip(),
        goal=change.goal.strip(),
        due_on=change.due_on,
        activity_ids=tuple(sorted(activity_ids)),
    )


def _say(row: Target, plan: Plan, change: TargetChange) -> None:
    row.wording, row.success = change.wording.strip(), change.success.strip()
    row.next_step, row.due_on = change.next_step.strip(), change.due_on
    wording = change.goal.strip()
    if not wording:
        row.goal = None
    elif row.goal is None or row.goal.wording != wording:
        goals = Goal.objects.of(plan.school_id).filter(plan=plan)
        row.goal = goals.filter(wording=wording).first() or Goal.objects.create(
            school_id=plan.school_id, plan=plan, wording=wording, position=goals.count()
        )


def _link(row: Target, before: frozenset[int], after: frozenset[int]) -> None:
    links = TargetActivity.objects.of(row.school_id)
    if before - after:
        links.filter(target=row, activity_id__in=before - after).delete()
    TargetActivity.objects.bulk_create(
        TargetActivity(school_id=row.school_id, target=row, activity_id=activity_id)
        for activity_id in sorted(after - before)
    )


def _revise(plan: Plan, row: Target, *, before: TargetView | None, actor: Actor | None) -> None:
    """Keep what was and what is (001.9), under the plan's next version."""
    plan.version += 1
    plan.save(update_fields=["version"])
    Revision.objects.create(
        school_id=plan.school_id,
        plan=plan,
        version=plan.version,
        subject="target",
        subject_id=row.id,
        subject_version=row.version,
        before=_plain(before) if before else None,
        after=_plain(view(row)),
        author_id=actor.person_id if actor else None,
    )


def _plain(stands: TargetView) -> dict[str, Any]:
    change = stands.change
    return {
        "state": stands.state,
        "wording": change.wording,
        "success": change.success,
        "next_step": change.next_step,
        "goal": change.goal,
        "due_on": change.due_on.isoformat() if change.due_on else None,
        "activity_ids": list(change.activity_ids),
    }
