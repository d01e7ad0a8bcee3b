"""A copied course: targets linked to the old course's activities gain the new course's (000.2, a living plan).

Nothing is taken away: the old links and their evidence stay, as history. Only students who are in the new course
get links to it, and each link is carried at most once, so that a teacher who takes it away has the last word.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from uuid import UUID

from django.db import transaction

from . import audit
from .data import TargetState
from .models import Activity, Revision, Target, TargetActivity
from .opening import lock_plan
from .people import check_course, learners
from .targets import add_links

# Open edX keeps a block's own id when it copies a course; what stands before it names the course.
_BLOCK = re.compile(r"\+type@[^+]+\+block@.+$")


def carry_over(school_id: UUID, from_course_id: int, to_course_id: int) -> int:
    """Link live targets to the activities of `to_course_id` that were made from ones they are linked to.

    May be run again at any time, when activities or students have come since. Returns how many links were made.

    Raises:
        NotFound: one of the courses is not the school's.
    """
    for course_id in (from_course_id, to_course_id):
        check_course(school_id, course_id)
    heirs = _heirs(school_id, from_course_id, to_course_id)
    if not heirs:
        return 0
    wanted = defaultdict(set)
    students = learners(school_id, to_course_id).values("person_id")
    links = TargetActivity.objects.of(school_id).filter(
        activity_id__in=heirs, target__state=TargetState.AGREED, target__plan__student__in=students
    )
    for target_id, activity_id in links.values_list("target_id", "activity_id"):
        wanted[target_id].add(heirs[activity_id])
    return sum(_carry(school_id, target_id, activity_ids) for target_id, activity_ids in wanted.items())


def successors(
    school_id: UUID, from_course_ids: Sequence[int], to_course_id: int, external_ids: Sequence[str]
) -> tuple[str, ...]:
    """External ids that name activities of former courses, as those of `to_course_id` that were made from them.

    The nearest former course comes first. An id that names nothing there, or something of this very course, stays.
    Raises NotFound: a course that is not the school's.
    """
    for course_id in (*from_course_ids, to_course_id):
        check_course(school_id, course_id)
    here, left = _named(school_id, to_course_id, external_ids), dict[str, str]()
    for course_id in from_course_ids:
        missing = [name for name in external_ids if name not in here and name not in left]
        old = _named(school_id, course_id, missing)
        heirs = _heirs(school_id, course_id, to_course_id) if old else {}
        new = dict(Activity.objects.of(school_id).filter(id__in=heirs.values()).values_list("id", "external_id"))
        left |= {name: new[heirs[pk]] for name, pk in old.items() if pk in heirs}
    return tuple(dict.fromkeys(left.get(name, name) for name in external_ids))


def _named(school_id: UUID, course_id: int, external_ids: Sequence[str]) -> dict[str, int]:
    rows = Activity.objects.of(school_id).filter(course_id=course_id, external_id__in=external_ids)
    return dict(rows.values_list("external_id", "id"))


def _carry(school_id: UUID, target_id: UUID, activity_ids: set[int]) -> int:
    had = _ever_linked(school_id, target_id)
    if activity_ids <= had:
        return 0
    with transaction.atomic():
        plan_id = Target.objects.of(school_id).values_list("plan_id", flat=True).get(pk=target_id)
        plan = lock_plan(school_id, plan_id)
        new = activity_ids - _ever_linked(school_id, target_id)  # nobody else changes the target now
        if new:
            add_links(plan, target_id, frozenset(new))
            audit.record(
                school_id, "target.carried", "target", target_id, about_id=plan.student_id, detail={"links": len(new)}
            )
    return len(new)


def _ever_linked(school_id: UUID, target_id: UUID) -> set[int]:
    """Activities the target is or was linked to. What was taken away is not brought back."""
    told = Revision.objects.of(school_id).filter(subject="target", subject_id=target_id)
    links = TargetActivity.objects.of(school_id).filter(target_id=target_id)
    had = set(links.values_list("activity_id", flat=True))
    for after in told.values_list("after", flat=True):
        had.update(after.get("activity_ids", ()))
    return had


def _heirs(school_id: UUID, from_course_id: int, to_course_id: int) -> dict[int, int]:
    """Activities of the new course by those they were made from: by id, by Open edX block, by label, in that order.

    Only what is unmistakable counts: a name that stands twice in either course names nothing.
    """
    courses = {from_course_id: dict[int, tuple[str, str]](), to_course_id: dict[int, tuple[str, str]]()}
    rows = Activity.objects.of(school_id).filter(course_id__in=courses)
    for pk, course_id, external_id, label, removed_at in rows.values_list(
        "id", "course_id", "external_id", "label", "removed_at"
    ):
        if removed_at is None or course_id == from_course_id:
            courses[course_id][pk] = (external_id, label)
    old, new = courses[from_course_id], courses[to_course_id]
    heirs: dict[int, int] = {}
    for name in (_external_id, _block, _label):
        left = {pk: names for pk, names in new.items() if pk not in heirs.values()}
        found = _unique(left, name)
        for title, pk in _unique({pk: names for pk, names in old.items() if pk not in heirs}, name).items():
            if title in found:
                heirs[pk] = found[title]
    return heirs


def _unique(activities: dict[int, tuple[str, str]], name: Callable[[tuple[str, str]], str]) -> dict[str, int]:
    named = [(name(names), pk) for pk, names in activities.items()]
    times: Counter[str] = Counter(_names(named))
    return {title: pk for title, pk in named if title and times[title] == 1}


def _names(named: Iterable[tuple[str, int]]) -> Iterable[str]:
    return (title for title, _ in named)


def _external_id(names: tuple[str, str]) -> str:
    return names[0]


def _block(names: tuple[str, str]) -> str:
    found = _BLOCK.search(names[0])
    return found[0] if found else ""


def _label(names: tuple[str, str]) -> str:
    return " ".join(names[1].casefold().split())
