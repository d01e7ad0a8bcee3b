"""How programmes and sites fare by what plans say, for leaders: never so that a child could be recognised (002.8).

A line stands for at least `LEAST` learners, and each of its figures rests on as many. What is smaller stands together
in one line without a name. Figures are rounded to tens and never say "all" or "none". No words of any plan but the
names of programmes and places are read.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import OuterRef, Subquery

from .data import Act, Actor, Compared, Comparison, Setting, TargetState, Voice
from .frameworks.data import Framework
from .frameworks.keeping import kept_framework, school_framework
from .models import Opinion, Plan, ProgrammeGoal, ProgrammePart, School, Target
from .opening import school_year
from .permissions import asking, students

LEAST = 5
_ENDED = (TargetState.ACHIEVED, TargetState.AGREED, TargetState.STOPPED)


@dataclass(frozen=True, slots=True)
class _Part:
    id: UUID
    learner: UUID
    title: str
    setting: Setting
    provider: str
    certificate: bool


@dataclass(slots=True)
class _Line:
    """What is counted of one programme or site: of each figure, whose it is and whether it holds."""

    name: str = ""
    setting: Setting | None = None
    learners: set[UUID] = field(default_factory=set)
    counted: dict[str, list[tuple[UUID, bool]]] = field(default_factory=lambda: defaultdict(list))

    def take(self, other: "_Line") -> None:
        self.learners |= other.learners
        for name, values in other.counted.items():
            self.counted[name] += values


def compare_programmes(actor: Actor) -> Comparison:
    """What the present plans within reach say of each programme, and of each place of learning. Seven queries.

    Raises:
        NotFound: nobody appointed the actor to look at the whole of a school or phase.
    """
    with asking(actor, "programmes.compared", "school", actor.school_id):
        people = students(actor, Act.COMPARE)
    school = School.objects.get(pk=actor.school_id)
    newest = Plan.objects.of(school.id).filter(student=OuterRef("student")).order_by("-year").values("id")[:1]
    plans = Plan.objects.of(school.id).filter(student__in=people, pk=Subquery(newest))
    parts = [_part(row) for row in _parts(school.id, plans)]
    figures = _figures(school, plans)
    before = ProgrammePart.objects.of(school.id).filter(plan__year__lt=school_year(school.year_starts_month))
    known = {_same(title) for title in before.values_list("title", flat=True).distinct()}
    by_title = _lines(parts, figures, lambda part: (_same(part.title), part.title, None))
    by_site = _lines(
        parts, figures, lambda part: (f"{part.setting} {_same(part.provider)}", part.provider, part.setting)
    )
    return Comparison(
        programmes=tuple(_told(line, new=bool(line.name) and _same(line.name) not in known) for line in by_title),
        sites=tuple(map(_told, by_site)),
        least=LEAST,
    )


def _parts(school_id: UUID, plans: Any) -> Any:
    rows = ProgrammePart.objects.of(school_id).filter(plan__in=plans).order_by("id")
    return rows.values_list("id", "plan__student_id", "title", "setting", "provider", "qualification")


def _part(row: Any) -> _Part:
    part_id, learner, title, setting, provider, qualification = row
    return _Part(part_id, learner, title.strip(), Setting(setting), provider.strip(), bool(qualification.strip()))


def _same(words: str) -> str:
    """Names that differ in capitals or spaces alone are one."""
    return " ".join(words.casefold().split())


def _figures(school: School, plans: Any) -> Mapping[UUID, dict[str, list[bool]]]:
    """Of each part of a programme, by figure, what holds of the targets of the goals it takes up."""
    links = ProgrammeGoal.objects.of(school.id).filter(part__plan__in=plans).values_list("part_id", "goal_id")
    parts_of = defaultdict(list)
    for part_id, goal_id in links:
        parts_of[goal_id].append(part_id)
    targets = Target.objects.of(school.id).filter(plan__in=plans, goal__in=list(parts_of), state__in=_ENDED)
    found: dict[UUID, dict[str, list[bool]]] = defaultdict(lambda: defaultdict(list))
    goals = {}
    for target_id, goal_id, state in targets.values_list("id", "goal_id", "state"):
        goals[target_id] = goal_id
        for part_id in parts_of[goal_id]:
            found[part_id]["reached"].append(state == TargetState.ACHIEVED)
            found[part_id]["dropped"].append(state == TargetState.STOPPED)
    views = Opinion.objects.of(school.id).filter(
        target__in=targets.values("id"), latest=True, peer=False, voice__in=(Voice.LEARNER, Voice.FAMILY)
    )
    for target_id, voice, level, framework_id in views.exclude(level="").values_list(
        "target_id", "voice", "level", "plan__framework_id"
    ):
        framework = kept_framework(school.id, framework_id) if framework_id else school_framework(school)
        high = _in_upper_half(framework, level)
        name = "learners_see" if voice == Voice.LEARNER else "families_see"
        for part_id in parts_of[goals[target_id]] if high is not None else ():
            found[part_id][name].append(bool(high))
    return found


def _in_upper_half(framework: Framework, level: str) -> bool | None:
    """Whether a level is in the upper half of its scale; None where no scale has it any more."""
    for scale in framework.scales:
        keys = [one.key for one in scale.levels]
        if level in keys:
            return 2 * keys.index(level) >= len(keys) - 1
    return None


def _lines(
    parts: Iterable[_Part],
    figures: Mapping[UUID, dict[str, list[bool]]],
    named: Callable[[_Part], tuple[str, str, Setting | None]],
) -> list[_Line]:
    """Those that may stand alone, the larger first, and all others together as the last."""
    lines: dict[str, _Line] = {}
    for part in parts:
        key, name, setting = named(part)
        line = lines.setdefault(key, _Line(name, setting))
        line.learners.add(part.learner)
        line.counted["certificate"].append((part.learner, part.certificate))
        for figure, values in figures.get(part.id, {}).items():
            line.counted[figure] += [(part.learner, value) for value in values]
    whole = sorted(
        (line for line in lines.values() if len(line.learners) >= LEAST), key=lambda one: -len(one.learners)
    )
    rest = _Line()
    for line in lines.values():
        if len(line.learners) < LEAST:
            rest.take(line)
    return [*whole, rest] if rest.learners else whole


def _told(line: _Line, *, new: bool = False) -> Compared:
    few = len(line.learners) < LEAST
    shares = {} if few else {name: _share(values) for name, values in line.counted.items()}
    return Compared(line.name, len(line.learners) // LEAST * LEAST, line.setting, new, **shares)


def _share(values: Iterable[tuple[UUID, bool]]) -> int | None:
    listed = list(values)
    if len({learner for learner, _ in listed}) < LEAST:
        return None
    percent = 100 * sum(value for _, value in listed) / len(listed)
    return min(max(round(percent / 10) * 10, 10), 90)
