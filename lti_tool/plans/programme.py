"""The learner's programme: what goals inform, in and out of school, with or without a certificate.

A part is a programme of learning, a course at another provider, a placement or a project (000.1, 002.5, 002.8,
002.13, 002.20). It serves any number of areas, so that strands meet in one real thing (002.1), and takes up goals of
the plan. Former words stay in the revisions.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.db import models
from django.utils import timezone

from lti_tool.nested import Nested

from . import audit
from .data import Act, Actor, ProgrammeChange, ProgrammeView, Setting
from .exceptions import Conflict, Invalid, NotFound
from .frameworks.data import Framework
from .frameworks.keeping import framework_for
from .models import Goal, Plan, ProgrammeGoal, ProgrammePart
from .opening import lock_plan, plan_of
from .permissions import changing
from .permissions import student as reach_student
from .revising import revise
from .targets import WORDING_LENGTH

_LINES = ("title", "provider", "days_times", "qualification", "level")
LINE_LENGTH = 255  # characters


def set_programme_part(actor: Actor, student_id: UUID, change: ProgrammeChange) -> UUID:
    """A further part of the student's programme.

    Raises:
        Invalid: title "required"; by field "too_long"; areas, goals "unknown".
    """
    with changing(actor, "programme.set", "person", student_id):
        student = reach_student(actor, Act.CHANGE_PLAN, student_id)
        plan = plan_of(student, actor=actor)
        goals = _checked(plan, framework_for(student), change, ())
        rows = ProgrammePart.objects.of(plan.school_id).filter(plan=plan)
        row = ProgrammePart(school_id=plan.school_id, plan=plan, position=rows.count())
        _say(row, change)
        row.save(force_insert=True)
        _link(row, goals)
        _keep(plan, row, None, _plain(row, goals), actor=actor)
        return row.id


def change_programme_part(actor: Actor, part_id: UUID, change: ProgrammeChange, *, version: int) -> None:
    """What the part is from now on. Nothing changed, nothing written.

    Raises:
        Conflict: somebody changed it after `version`; `current` is a ProgrammeView.
        Invalid: as for `set_programme_part`.
    """
    with changing(actor, "programme.change", "programme", part_id):
        row, plan = _locked(actor, part_id)
        had = _goals(row)
        before, stands = _plain(row, had), _view(row, had)
        goals = _checked(plan, framework_for(plan.student), change, row.areas)
        _say(row, change)
        if _plain(row, goals) == before:
            return
        if version != row.version:
            raise Conflict(current=stands, mine=change)
        row.version += 1
        row.save()
        _link(row, goals)
        _keep(plan, row, before, _plain(row, goals), actor=actor)


def end_programme_part(actor: Actor, part_id: UUID) -> None:
    """The learner's programme no longer has it; its words stay in the story."""
    with changing(actor, "programme.end", "programme", part_id):
        row, plan = _locked(actor, part_id)
        before = _plain(row, _goals(row))
        row.ended_on, row.version = timezone.localdate(), row.version + 1
        row.save()
        _keep(plan, row, before, {}, actor=actor)


def nested_programme(school_id: UUID) -> dict[str, Nested]:
    """What stands of each plan's programme, in columns of a query of plans; `programme_in` reads them."""
    rows = ProgrammePart.objects.of(school_id).filter(plan=models.OuterRef("pk"), ended_on=None)
    links = ProgrammeGoal.objects.of(school_id).filter(part__plan=models.OuterRef("pk"))
    columns = ("id", *_LINES, "about", "setting", "areas", "version", "position")
    return {"programme": Nested(rows, *columns), "programme_goals": Nested(links, "part_id", "goal_id")}


def programme_in(plan: Any) -> tuple[ProgrammeView, ...]:
    """The parts of such columns, in their order."""
    taken = defaultdict(list)
    for link in plan.programme_goals:
        taken[UUID(link["part_id"])].append(UUID(link["goal_id"]))
    found = []
    for row in sorted(plan.programme, key=lambda row: row["position"]):
        part_id, areas = UUID(row["id"]), row["areas"]
        said = ProgrammeChange(
            **{name: row[name] for name in (*_LINES, "about")},
            setting=Setting(row["setting"]),
            areas=tuple(json.loads(areas) if isinstance(areas, str) else areas),
            goals=tuple(taken[part_id]),
        )
        found.append(ProgrammeView(part_id, said, row["version"]))
    return tuple(found)


def _locked(actor: Actor, part_id: UUID) -> tuple[ProgrammePart, Plan]:
    rows = ProgrammePart.objects.of(actor.school_id).select_related("plan").filter(pk=part_id, ended_on=None)
    found = rows.first()
    if found is None:
        raise NotFound
    reach_student(actor, Act.CHANGE_PLAN, found.plan.student_id)
    plan = lock_plan(actor.school_id, found.plan_id)
    row = rows.first()
    if row is None:
        raise NotFound
    return row, plan


def _checked(plan: Plan, framework: Framework, change: ProgrammeChange, stand: Iterable[str]) -> tuple[UUID, ...]:
    """The goals it takes up, if everything it says can be taken. Areas that stand may stay."""
    errors = {} if change.title.strip() else {"title": "required"}
    errors |= {name: "too_long" for name in _LINES if len(getattr(change, name)) > LINE_LENGTH}
    if len(change.about) > WORDING_LENGTH:
        errors["about"] = "too_long"
    if any(framework.area(area) is None for area in set(change.areas) - set(stand)):
        errors["areas"] = "unknown"
    wanted = tuple(dict.fromkeys(change.goals))
    mine = Goal.objects.of(plan.school_id).filter(plan=plan, ended_on=None, pk__in=wanted)
    if mine.count() != len(wanted):
        errors["goals"] = "unknown"
    if errors:
        raise Invalid(errors)
    return wanted


def _say(row: ProgrammePart, change: ProgrammeChange) -> None:
    for name in (*_LINES, "about"):
        setattr(row, name, getattr(change, name).strip())
    row.setting, row.areas = change.setting.value, list(dict.fromkeys(change.areas))


def _goals(row: ProgrammePart) -> tuple[UUID, ...]:
    links = ProgrammeGoal.objects.of(row.school_id).filter(part=row)
    return tuple(links.order_by("id").values_list("goal_id", flat=True))


def _link(row: ProgrammePart, goals: Iterable[UUID]) -> None:
    ProgrammeGoal.objects.of(row.school_id).filter(part=row).delete()
    ProgrammeGoal.objects.bulk_create(
        ProgrammeGoal(school_id=row.school_id, part=row, goal_id=goal) for goal in goals
    )


def _view(row: ProgrammePart, goals: Iterable[UUID]) -> ProgrammeView:
    said = ProgrammeChange(
        **{name: getattr(row, name) for name in (*_LINES, "about")},
        setting=Setting(row.setting),
        areas=tuple(row.areas),
        goals=tuple(goals),
    )
    return ProgrammeView(row.id, said, row.version)


def _plain(row: ProgrammePart, goals: Iterable[UUID]) -> dict[str, Any]:
    """What the part says, as a revision keeps it."""
    said = {name: getattr(row, name) for name in (*_LINES, "about", "setting")}
    words = Goal.objects.of(row.school_id).filter(pk__in=list(goals)).values_list("wording", flat=True)
    said |= {"areas": list(row.areas), "goals": sorted(words)}
    return {name: value for name, value in said.items() if value}


def _keep(
    plan: Plan, row: ProgrammePart, before: Mapping[str, Any] | None, after: Mapping[str, Any], *, actor: Actor
) -> None:
    revise(plan, "programme", row.id, row.version, before, after, actor=actor)
    verb = f"programme.{'set' if before is None else 'changed' if after else 'ended'}"
    audit.record(plan.school_id, verb, "programme", row.id, actor=actor, about_id=plan.student_id)
