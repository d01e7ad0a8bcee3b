"""What a plan's rows say, as values: read from the row, written into it, and kept in the revisions (001.9).

For callers that hold the plan's lock and checked what is said.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import OuterRef
from django.utils import timezone

from lti_tool.nested import Nested

from .data import Actor, Step, StepChange, TargetChange, TargetState, TargetView, Voice
from .models import Goal, Plan, Revision, Target, TargetActivity, TargetStep

# What a target says in words of its own columns; everything else a framework asks is in `details`.
TEXTS = ("wording", "success", "next_step", "baseline", "support_inside", "support_outside", "resources")
_KEYS = ("area", "type")


def view(row: Target) -> TargetView:
    """The target as it crosses the door. Two queries: its activities and its steps."""
    links = TargetActivity.objects.of(row.school_id).filter(target=row).order_by("activity_id")
    change = TargetChange(
        **{name: getattr(row, name) for name in (*TEXTS, *_KEYS)},
        goal=row.goal.wording if row.goal else "",
        due_on=row.due_on,
        activity_ids=tuple(links.values_list("activity_id", flat=True)),
        contexts=tuple(row.contexts),
        details=dict(row.details),
        steps=tuple(as_change(step) for step in steps_of(row.school_id, [row.id]).get(row.id, ())),
    )
    return TargetView(id=row.id, version=row.version, state=TargetState(row.state), change=change)


def steps_of(school_id: UUID, target_ids: Iterable[UUID]) -> dict[UUID, tuple[Step, ...]]:
    """The steps of these targets, in their order. One query."""
    found: dict[UUID, list[Step]] = {}
    rows = TargetStep.objects.of(school_id).filter(target_id__in=list(target_ids)).order_by("position", "id")
    for row in rows:
        step = Step(row.id, row.what, Voice(row.who), row.who_name, row.by_on, row.done_on)
        found.setdefault(row.target_id, []).append(step)
    return {target_id: tuple(steps) for target_id, steps in found.items()}


_STEP = ("id", "what", "who", "who_name", "by_on", "done_on", "position")


def nested_steps(school_id: UUID) -> Nested:
    """The steps of each target of a query, in a column of it; `steps_in` reads them."""
    return Nested(TargetStep.objects.of(school_id).filter(target=OuterRef("pk")), *_STEP)


def steps_in(nested: Iterable[Mapping[str, Any]]) -> tuple[Step, ...]:
    """The steps of such a column, in their order."""
    told = sorted(nested, key=lambda step: (step["position"], UUID(step["id"])))
    return tuple(
        Step(
            UUID(step["id"]),
            step["what"],
            Voice(step["who"]),
            step["who_name"],
            *map(_day, (step["by_on"], step["done_on"])),
        )
        for step in told
    )


def _day(said: str | None) -> date | None:
    return date.fromisoformat(said) if said else None


def as_change(step: Step) -> StepChange:
    return StepChange(step.what, step.who, step.who_name, step.by_on, step.done_on, step.id)


def normal(change: TargetChange, stands: TargetChange | None, activity_ids: frozenset[int]) -> TargetChange:
    """The change as it would stand: trimmed, in order, steps it does not speak of as they are."""
    steps = change.steps if change.steps is not None else (stands.steps if stands else ())
    return TargetChange(
        **{name: getattr(change, name).strip() for name in (*TEXTS, *_KEYS)},
        goal=change.goal.strip(),
        due_on=change.due_on,
        activity_ids=tuple(sorted(activity_ids)),
        contexts=tuple(dict.fromkeys(change.contexts)),
        details={key: text.strip() for key, text in sorted(change.details.items()) if text.strip()},
        steps=tuple(
            StepChange(step.what.strip(), step.who, step.who_name.strip(), step.by_on, step.done_on, step.id)
            for step in steps or ()
            if step.what.strip()
        ),
    )


def said(change: TargetChange) -> TargetChange:
    """The words alone: neither its steps nor the activities it is linked to."""
    return replace(change, steps=None, activity_ids=())


def say(row: Target, plan: Plan, change: TargetChange) -> None:
    """Put a normal change's words into the row; its goal is found or made. Steps and links are apart."""
    for name in (*TEXTS, *_KEYS):
        setattr(row, name, getattr(change, name).strip())
    row.due_on, row.contexts, row.details = change.due_on, list(change.contexts), dict(change.details)
    wording = change.goal.strip()
    if not wording:
        row.goal = None
    elif row.goal is None or row.goal.wording != wording:
        goals = Goal.objects.of(plan.school_id).filter(plan=plan)
        row.goal = goals.filter(wording=wording).order_by("position").first() or Goal.objects.create(
            school_id=plan.school_id, plan=plan, wording=wording, position=goals.count()
        )


def set_steps(row: Target, steps: Iterable[StepChange], *, actor: Actor | None) -> None:
    """Make the target's steps exactly these, in this order; one that stays keeps its id."""
    known = {step.id: step for step in TargetStep.objects.of(row.school_id).filter(target=row)}
    today, kept = timezone.localdate(), set()
    for position, told in enumerate(steps):
        step = known.get(told.id) if told.id else None
        step = step or TargetStep(school_id=row.school_id, target=row)
        step.position, step.what, step.who = position, told.what, told.who
        step.who_name, step.by_on = told.who_name, told.by_on
        if told.done_on != step.done_on:
            step.done_on = min(told.done_on, today) if told.done_on else None
            step.done_by_id = actor.person_id if actor and told.done_on else None
        step.save()
        kept.add(step.id)
    gone = known.keys() - kept
    if gone:
        TargetStep.objects.of(row.school_id).filter(pk__in=gone).delete()


def link(row: Target, before: frozenset[int], after: frozenset[int]) -> None:
    """Make the linked activities exactly `after`."""
    links = TargetActivity.objects.of(row.school_id)
    if before - after:
        links.filter(target=row, activity_id__in=before - after).delete()
    TargetActivity.objects.bulk_create(
        TargetActivity(school_id=row.school_id, target=row, activity_id=activity_id)
        for activity_id in sorted(after - before)
    )


def revise_target(plan: Plan, row: Target, *, before: TargetView | None, actor: Actor | None) -> None:
    """Keep what the target was and is."""
    after = view(row)
    revise(plan, "target", row.id, row.version, plain(before) if before else None, plain(after), actor=actor)


def revise(
    plan: Plan,
    subject: str,
    subject_id: UUID,
    subject_version: int,
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any],
    *,
    actor: Actor | None,
) -> None:
    """Keep what was and what is, under the plan's next version."""
    plan.version += 1
    plan.save(update_fields=["version"])
    Revision.objects.create(
        school_id=plan.school_id,
        plan=plan,
        version=plan.version,
        subject=subject,
        subject_id=subject_id,
        subject_version=subject_version,
        before=before,
        after=after,
        author_id=actor.person_id if actor else None,
    )


def plain(stands: TargetView) -> dict[str, Any]:
    """The target as a revision keeps it, in JSON. What says nothing is left out, but for the first words."""
    change = stands.change
    said: dict[str, Any] = {
        "state": stands.state,
        "wording": change.wording,
        "success": change.success,
        "next_step": change.next_step,
        "goal": change.goal,
        "due_on": change.due_on.isoformat() if change.due_on else None,
        "activity_ids": list(change.activity_ids),
    }
    more = {name: getattr(change, name) for name in (*TEXTS, *_KEYS) if name not in said}
    more |= {"contexts": list(change.contexts), "details": dict(change.details)}
    more["steps"] = [_plain_step(step) for step in change.steps or ()]
    return said | {name: value for name, value in more.items() if value}


def _plain_step(step: StepChange) -> dict[str, Any]:
    days = {"by_on": step.by_on, "done_on": step.done_on}
    return {
        "what": step.what,
        "who": str(step.who),
        "who_name": step.who_name,
        **{name: day.isoformat() if day else None for name, day in days.items()},
    }
