"""Figures of the gradebook beside targets: the newest of each activity, and what they suggest.

The arithmetic is this and no more: the mean of the newest percentage of each linked activity that has a score,
rounded to one decimal (so that the figure shown and the level suggested always agree), against the school's
two thresholds. It suggests; nothing here writes a judgement (T25).
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from math import fsum
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from .data import (
    ActivityView,
    EvidenceView,
    JudgementView,
    Step,
    Suggestion,
    TargetCard,
    TargetState,
    Track,
)
from .frameworks.data import Scale
from .models import Evidence, School, Target

Here = Callable[[ActivityView, int], bool]  # whether an activity (of the course with this id) is in this unit


@dataclass(frozen=True, slots=True)
class TargetRow:
    """A target with its activities, as one query brings them."""

    id: UUID
    plan_id: UUID
    student_id: UUID
    wording: str
    success: str
    next_step: str
    due_on: date | None
    state: TargetState
    goal: str
    version: int
    area: str
    type: str
    activities: tuple[tuple[ActivityView, int], ...]  # with the id of their course
    more: Mapping[str, Any]  # further columns that were asked for


_TARGET = (
    "id", "plan_id", "plan__student_id", "wording", "success", "next_step", "due_on", "state", "goal__wording",
    "version", "area", "type",
)  # fmt: skip
_ACTIVITY = ("id", "external_id", "label", "score_maximum", "url", "removed_at", "course_id")


def with_activities(targets: "QuerySet[Target]", more: Sequence[str] = ()) -> "QuerySet[Target, tuple[Any, ...]]":
    """The query of `target_rows`, with these further columns of the target."""
    linked = [f"links__activity__{name}" for name in _ACTIVITY]
    rows = targets.order_by("position", "created_at", "id", "links__activity__position", "links__activity_id")
    return rows.values_list(*_TARGET, *linked, *more)


def target_rows(rows: Iterable[tuple[Any, ...]], more: Sequence[str] = ()) -> list[TargetRow]:
    """The targets with their activities, in their order, of what `with_activities` asks."""
    found: dict[UUID, TargetRow] = {}
    activities: dict[UUID, list[tuple[ActivityView, int]]] = defaultdict(list)
    for row in rows:
        target_id, plan_id, student_id, wording, success, next_step, due_on, state, goal, version, area, kind = row[
            :12
        ]
        activity_id, external_id, label, maximum, url, removed_at, course_id = row[12:19]
        if activity_id is not None:
            view = ActivityView(activity_id, external_id, label, maximum, url, removed_at is not None)
            activities[target_id].append((view, course_id))
        if target_id not in found:
            found[target_id] = TargetRow(
                id=target_id,
                plan_id=plan_id,
                student_id=student_id,
                wording=wording,
                success=success,
                next_step=next_step,
                due_on=due_on,
                state=TargetState(state),
                goal=goal or "",
                version=version,
                area=area,
                type=kind,
                activities=(),
                more=dict(zip(more, row[19:], strict=True)),
            )
    return [replace(target, activities=tuple(activities[target.id])) for target in found.values()]


_EVIDENCE = (
    "id", "activity_id", "activity__label", "score_given", "score_maximum", "observed_at", "received_at", "source",
)  # fmt: skip


def with_labels(values: "QuerySet[Evidence]") -> "QuerySet[Evidence, tuple[Any, ...]]":
    """The query of `evidence`: oldest first."""
    return values.order_by("observed_at", "id").values_list("person_id", *_EVIDENCE)


def evidence(rows: Iterable[tuple[Any, ...]]) -> list[tuple[UUID, EvidenceView]]:
    """Values with whose they are, of what `with_labels` asks."""
    return [(person_id, EvidenceView(*values)) for person_id, *values in rows]


def latest(rows: Iterable[tuple[UUID, EvidenceView]]) -> dict[tuple[UUID, int], EvidenceView]:
    """The newest value by (student, activity) of rows that stand, oldest first. A source that has a score
    goes before one that has none: that one source cannot see a score does not make it vanish."""
    newest: dict[tuple[UUID, int], EvidenceView] = {}
    for person_id, value in rows:
        known = newest.get((person_id, value.activity_id))
        if known is None or value.score_given is not None or known.score_given is None:
            newest[person_id, value.activity_id] = value
    return newest


def newest_and_since(
    seen: "QuerySet[Evidence]", since: datetime | None
) -> tuple[dict[tuple[UUID, int], EvidenceView], list[EvidenceView]]:
    """Of one person's values: those that stand, and all received since then (None: all), oldest first. One query."""
    wanted = seen.filter(Q(latest=True) | Q(received_at__gt=since)) if since else seen
    stand, recent = [], []
    rows = with_labels(wanted).values_list("person_id", *_EVIDENCE, "latest")
    for person_id, *values, stands in rows:
        value = EvidenceView(*values)
        if stands:
            stand.append((person_id, value))
        if since is None or value.received_at > since:
            recent.append(value)
    return latest(stand), recent


def mean_percent(figures: Sequence[EvidenceView]) -> float | None:
    """The mean of the percentages, to one decimal; None where nothing has a score."""
    percents = [figure.percent for figure in figures if figure.percent is not None]
    return round(fsum(percents) / len(percents), 1) if percents else None


def track(mean: float | None, school: School) -> Track:
    """A hint with its reason beside it, never a judgement."""
    if mean is None:
        return Track.NO_EVIDENCE
    return Track.NEEDS_ATTENTION if mean < school.emerging_below else Track.ON_TRACK


def worst(tracks: Collection[Track]) -> Track:
    """What a student's targets say together: one that needs attention is never hidden by the others."""
    for found in (Track.NEEDS_ATTENTION, Track.ON_TRACK):
        if found in tracks:
            return found
    return Track.NO_EVIDENCE


def thresholds(scale: Scale, school: School) -> tuple[tuple[str, float], ...]:
    """From which percentage on figures suggest which level, rising. Of three levels the school sets both."""
    if scale.suggests is None:
        return ()
    steps = scale.suggests.levels
    if len(steps) == 3:
        return tuple(zip((key for key, _ in steps), (0.0, school.emerging_below, school.exceeded_from), strict=True))
    return steps


def suggest(figures: Sequence[EvidenceView], school: School, scale: Scale) -> Suggestion | None:
    """The level these figures suggest, with its arithmetic; None without scores, or where the scale is no sum."""
    mean, steps = mean_percent(figures), thresholds(scale, school)
    if mean is None or not steps:
        return None
    level = next((key for key, low in reversed(steps) if mean >= low), steps[0][0])
    names = {one.key: one for one in scale.levels}
    return Suggestion(
        level=level,
        mean_percent=mean,
        figures=tuple(figure for figure in figures if figure.percent is not None),
        emerging_below=steps[1][1] if len(steps) > 1 else 0.0,
        exceeded_from=steps[-1][1],
        steps=tuple((names[key], low) for key, low in steps if key in names),
        said=names.get(level),
    )


def of_target(row: TargetRow, newest: dict[tuple[UUID, int], EvidenceView]) -> list[EvidenceView]:
    """The newest value of each of the target's activities that has one, in the activities' order."""
    found = (newest.get((row.student_id, activity.id)) for activity, _ in row.activities)
    return [value for value in found if value is not None]


def card(
    row: TargetRow,
    newest: dict[tuple[UUID, int], EvidenceView],
    school: School,
    here: Here,
    judgement: JudgementView | None,
    steps: tuple[Step, ...] = (),
) -> TargetCard:
    """The target as it is shown beside the coursework."""
    figures = of_target(row, newest)
    scored = [figure for figure in figures if figure.score_given is not None]
    mean = mean_percent(scored)
    return TargetCard(
        id=row.id,
        wording=row.wording,
        success=row.success,
        next_step=row.next_step,
        due_on=row.due_on,
        state=row.state,
        goal=row.goal,
        version=row.version,
        activities=tuple(activity for activity, _ in row.activities),
        here=any(here(activity, course_id) for activity, course_id in row.activities),
        newest=max(scored, key=lambda figure: (figure.observed_at, figure.id), default=None),
        attempted=len(scored),
        mean_percent=mean,
        track=track(mean, school),
        judgement=judgement,
        area=row.area,
        type=row.type,
        steps=steps,
    )
