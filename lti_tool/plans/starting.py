"""Who has a plan, who had the first review, and whose is overdue: every learner is to have both (002.19, 002.36).

A framework's calendar says what comes first: a kind of review so long after somebody's first day, or else whichever
of its reviews comes round first. The lists tell standing alone, no words of any plan: like a class's list they leave
no event.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db.models import BooleanField, Exists, ExpressionWrapper, F, Min, OuterRef, Q, Subquery
from django.utils import timezone

from lti_tool.nested import Nested

from .data import Act, Actor, ReviewState, Role, Start, StartList, StartRow, Waits
from .frameworks.data import CalendarItem, Framework
from .frameworks.keeping import kept_framework, school_framework
from .frameworks.when import After, Happening, due_on
from .frameworks.years import moves_of
from .models import Course, Enrolment, Plan, Review, School
from .naming import by_name, student_ref
from .occasions import comes_first, for_staff, year_of
from .permissions import allows, asking, live_appointments, reaches, students

ROWS = 50  # on one page
ANY_YEAR, NO_YEAR = "", "none"


def starts(
    actor: Actor, *, show: Waits | None = None, year: str = "", course_id: int = 0, page: int = 1
) -> StartList:
    """The learners within reach by how far they have begun, those that wait longest first. Six queries, or seven.

    `show` leaves those who wait for this; `year` is a school year or `NO_YEAR`, `course_id` a class. What nobody
    within reach is in leaves nobody.

    Raises:
        NotFound: nobody appointed the actor to see to it that everybody begins.
    """
    with asking(actor, "starts.read", "school", actor.school_id):
        reached = students(actor, Act.READ_STARTS).filter(erased_at=None)
    learns = Enrolment.objects.of(actor.school_id).filter(role=Role.LEARNER, active=True)
    people = reached.filter(Exists(learns.filter(person_id=OuterRef("id"))))
    courses = Course.objects.of(actor.school_id).filter(pk__in=learns.filter(person__in=people).values("course"))
    shown = (
        people.filter(Exists(learns.filter(person_id=OuterRef("id"), course_id=course_id))) if course_id else people
    )
    columns = starting_columns(actor.school_id, "id", "")
    columns |= {"reads": _within(actor, Act.READ_PLAN), "begins": _within(actor, Act.REVIEW)}
    rows = list(shown.annotate(**columns).values("id", "display_name", *columns))
    school = School.objects.get(pk=actor.school_id)
    years = sorted({row["in_year"] for row in rows}, key=lambda one: (one is None, one))
    listed = [_row(school, row) for row in rows if year in (ANY_YEAR, _year_word(row["in_year"]))]
    waiting = sorted((row for row in listed if show is None or show in row.start.waits), key=_longest_first)
    pages = max(1, -(-len(waiting) // ROWS))
    page = min(max(page, 1), pages)
    return StartList(
        rows=_with_key_workers(actor.school_id, waiting[(page - 1) * ROWS : page * ROWS]),
        everybody=len(listed),
        counts={one: sum(one in row.start.waits for row in listed) for one in Waits},
        page=page,
        pages=pages,
        years=tuple(years),
        courses=tuple(courses.order_by("title", "id").values_list("id", "title")),
    )


def _within(actor: Actor, act: Act) -> "ExpressionWrapper[Q]":
    """Of each person, whether the actor may do this too: seeing who waits opens no plan."""
    condition = reaches(actor, act, "id") if allows(actor, act) else Q(pk__in=[])
    return ExpressionWrapper(condition, output_field=BooleanField())


def _year_word(year: int | None) -> str:
    return NO_YEAR if year is None else str(year)


def _longest_first(row: StartRow) -> tuple[Any, ...]:
    """Who is overdue, by the day; then who has no plan, who has no review, and everybody else by name."""
    start = row.start
    return not start.overdue, start.due_on if start.overdue else date.max, -len(start.waits), by_name(row.student)


def _row(school: School, row: Mapping[str, Any]) -> StartRow:
    framework = framework_in(school, row)
    return StartRow(
        student=student_ref(row["id"], row["display_name"]),
        year_group=row["in_year"],
        entered_on=row["first_day"],
        stages=tuple(move.name for move in moves_of(framework, row["in_year"])),
        start=start_in(framework, row),
        reads=row["reads"],
        begins=row["begins"],
    )


def _with_key_workers(school_id: UUID, rows: Iterable[StartRow]) -> tuple[StartRow, ...]:
    found = defaultdict(list)
    rows = list(rows)
    named = live_appointments(school_id).filter(role=Role.KEY_WORKER, student__in=[row.student.id for row in rows])
    for student_id, name in named.exclude(person__display_name="").values_list("student_id", "person__display_name"):
        found[student_id].append(name)
    return tuple(replace(row, key_workers=tuple(sorted(found[row.student.id]))) for row in rows)


def starting_columns(school_id: Any, student: str, person: str) -> dict[str, Any]:
    """What `start_in` reads, as columns of a query; `student` is the path to the person's id there, `person` that to
    their other columns ("" or "person__")."""
    plans = Plan.objects.of(school_id).filter(student=OuterRef(student)).order_by("-year")
    first = plans.order_by().values("school").annotate(day=Min("created_at")).values("day")
    held = Review.objects.of(school_id).filter(plan__student=OuterRef(student)).distinct()
    return {
        "in_year": F(f"{person}year_group"),
        "first_day": F(f"{person}entered_on"),
        "framework_id": Subquery(plans.values("framework_id")[:1]),
        "planned_on": Subquery(first),
        "agreed_on": Subquery(plans.values("review_due_on")[:1]),
        "held": Nested(held, "kind", "state"),
    }


def framework_in(school: School, row: Mapping[str, Any]) -> Framework:
    """The framework somebody's beginning follows: their plan's, or the school's while there is none."""
    found = row["framework_id"]
    return kept_framework(school.id, found) if found else school_framework(school)


def start_in(framework: Framework, row: Mapping[str, Any]) -> Start:
    """How far somebody has begun, by such columns."""
    first = _asked_first(framework, row["in_year"])
    kind = framework.review_kind(first.review_kind) if first else None
    counts = {kind.key, *([""] if kind == framework.review_kinds[0] else [])} if kind else None
    states = {one["state"] for one in row["held"] if counts is None or one["kind"] in counts}
    state = next((one for one in (ReviewState.CLOSED, ReviewState.OPEN) if one in states), None)
    due = _first_due(framework, first, row)
    late = due is not None and due < timezone.localdate() and state is not ReviewState.CLOSED
    return Start(row["planned_on"] is not None, kind.name if kind else "", state, due, late)


def _asked_first(framework: Framework, year_group: int | None) -> CalendarItem | None:
    """The review the calendar wants soonest after somebody's first day, if it counts from that."""
    found = [item for item in framework.calendar if for_staff(framework, year_group, item)]
    return min(
        filter(comes_first, found), key=lambda item: item.due.days if isinstance(item.due, After) else 0, default=None
    )


def _first_due(framework: Framework, first: CalendarItem | None, row: Mapping[str, Any]) -> date | None:
    entered: date | None = row["first_day"]
    weeks = framework.rules.needs_within_weeks
    if first is not None or weeks:
        days = first.due.days if first and isinstance(first.due, After) else (weeks or 0) * 7
        return entered + timedelta(days=days) if entered else None
    return _first_round(framework, row) or row["agreed_on"]


def _first_round(framework: Framework, row: Mapping[str, Any]) -> date | None:
    """The first of the calendar's reviews that came round while somebody was here.

    A school that has just taken up plans is late with nobody: it counts from the first plan, or from this school year
    where that is still to come.
    """
    today = timezone.localdate()
    began = framework.school_year.starts
    this_year = date(year_of(framework, today), began.month, min(began.day, 28))
    planned = timezone.localdate(row["planned_on"]) if row["planned_on"] else today
    since = max(row["first_day"] or this_year, min(planned, this_year))
    happened = {Happening.PLAN_START: planned} if row["planned_on"] else {}
    year = year_of(framework, since)
    days = [
        due_on(item.due, framework.school_year, one, happened)
        for item in framework.calendar
        if for_staff(framework, row["in_year"], item)
        for one in (year, year + 1)
    ]
    return min((day for day in days if day and day >= since), default=None)
