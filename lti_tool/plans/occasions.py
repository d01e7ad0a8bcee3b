"""Which kinds of review can be held now, and which of them the framework's calendar asks for (000.11, 001.9, 002.17).

A review is due from its item's first day on, and stays due in its school year until one of its kind was begun. What
providers, families and learners see to is never due for staff.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.utils import timezone

from .data import Act, Actor, KindChoice, OpenReview, ReviewChoices, ReviewState, Role
from .frameworks.data import Cadence, CalendarItem, Framework, ReviewKind, named
from .frameworks.keeping import framework_for
from .frameworks.when import After, Happening, due_on
from .life import open_events
from .models import Person, Plan, Review, School
from .naming import student_ref
from .permissions import asking
from .permissions import student as reach_student
from .scales import PLAIN, kind_of, plan_framework

AHEAD = timedelta(days=28)  # how long before its day an item opens that names no first day
_OTHERS = frozenset({Role.PROVIDER, Role.FAMILY, Role.LEARNER, Role.NONE})


@dataclass(frozen=True, slots=True)
class _Held:
    """A review that was begun: of which kind, when, and when it closed."""

    kind: str
    opened_at: datetime
    closed_at: datetime | None


def review_choices(actor: Actor, student_id: UUID) -> ReviewChoices:
    """What a review of this student can be begun as: kinds of the calendar, at need, after an event. Six queries.

    Raises:
        NotFound: the actor holds no reviews of this student.
    """
    with asking(actor, "review.choose", "person", student_id):
        student = reach_student(actor, Act.REVIEW, student_id)
    plan = _newest_plan(student)
    framework = plan_framework(actor.school_id, plan) if plan else framework_for(student)
    kinds = framework.review_kinds or (PLAIN,)
    asked = _asked(student, framework)
    due = due_kind(student, framework)
    regular = [kind for kind in kinds if kind.key in asked or not kind.unplanned or kind.key == due.key]
    open_ones = Review.objects.of(actor.school_id).filter(plan__student_id=student.id, state=ReviewState.OPEN)
    return ReviewChoices(
        student=student_ref(student.id, student.display_name),
        regular=tuple(_choice(kind, asked.get(kind.key)) for kind in regular),
        at_need=tuple(kind for kind in kinds if kind.unplanned) or kinds[:1],
        events=open_events(actor, plan) if plan else (),
        event_names={event.key: event.name for event in framework.life_events},
        chosen=due.key,
        open=tuple(
            OpenReview(row.id, row.number, kind_of(framework, row.kind).name, row.cycle.name if row.cycle else "")
            for row in open_ones.select_related("cycle").order_by("-opened_at")
        ),
    )


def _newest_plan(student: Person) -> Plan | None:
    return Plan.objects.of(student.school_id).filter(student=student).order_by("-year").first()


def due_kind(student: Person, framework: Framework) -> ReviewKind:
    """The kind the calendar asks for now, or the one the framework begins with. Usually one query."""
    for item, _due, opens in _now(student, framework):
        if opens <= timezone.localdate():
            return kind_of(framework, item.review_kind)
    return kind_of(framework, "")


def next_day(student: Person, framework: Framework) -> date | None:
    """When the next review is due where nobody agreed a day: by the calendar, and no later than the cadence in use.

    A cadence of as needed, with nothing in the calendar: None. Where the framework leaves it open, and where the
    school set a time of its own beside a calendar without reviews, it is the school's usual time (002.17).
    """
    today = timezone.localdate()
    to_come = [due for _item, due, _opens in _now(student, framework) if due > today]
    cadence = named(framework.cadences, framework.rules.cadence)
    days = _days_of(cadence) if cadence else None
    latest = [today + timedelta(days=days)] if days else []
    if to_come:
        return min(*to_come, *latest) if len(to_come) + len(latest) > 1 else to_come[0]
    usual = student.school.review_every_days
    if cadence is None or usual != School._meta.get_field("review_every_days").default:
        return today + timedelta(days=usual)
    return latest[0] if latest else None


_EVERY = {"half_term": 49, "quarter": 91, "term": 98, "half_year": 182, "year": 364}  # days, at most


def _days_of(cadence: Cadence) -> int | None:
    """Days from one review to the next; None: when it is needed."""
    return cadence.weeks * 7 if cadence.weeks else _EVERY.get(cadence.every)


def kind_at_need(framework: Framework) -> ReviewKind:
    """What is held outside the calendar: the first kind meant for that, or the one the framework begins with."""
    return next((kind for kind in framework.review_kinds if kind.unplanned), kind_of(framework, ""))


def _choice(kind: ReviewKind, asked: tuple[CalendarItem, date, date] | None) -> KindChoice:
    today = timezone.localdate()
    if asked is None:
        return KindChoice(kind)
    item, due, opens = asked
    return KindChoice(kind, occasion=item.name, due_on=due, due=opens <= today, overdue=due < today)


def _asked(student: Person, framework: Framework) -> Mapping[str, tuple[CalendarItem, date, date]]:
    """Of each kind that stands in the calendar, the item that asks for it next."""
    found: dict[str, tuple[CalendarItem, date, date]] = {}
    for item, due, opens in _now(student, framework):
        found.setdefault(item.review_kind, (item, due, opens))
    return found


def _now(student: Person, framework: Framework) -> list[tuple[CalendarItem, date, date]]:
    """The calendar's reviews of this school year nobody began yet, those that are due first, by their day."""
    items = [item for item in framework.calendar if for_staff(framework, student.year_group, item)]
    if not items:
        return []
    held = _held(student)
    closed = [one.closed_at for one in held if one.closed_at]
    happened = {Happening.LAST_REVIEW: timezone.localdate(max(closed))} if closed else {}
    if student.entered_on is not None:
        happened[Happening.ENROLMENT] = student.entered_on
    today = timezone.localdate()
    year = year_of(framework, today)
    waiting = []
    for item in items:
        day = due_on(item.due, framework.school_year, year, happened)
        first = due_on(item.opens, framework.school_year, year, happened) if item.opens else None
        if day is None:
            continue
        opens = first or day - AHEAD
        since = date.min if comes_first(item) else opens
        if not any(one.kind == item.review_kind and timezone.localdate(one.opened_at) >= since for one in held):
            waiting.append((item, day, opens))
    last_begun = _last_begun(waiting, _first_planned(student), today)
    still = [one for one in waiting if one[1] >= today or one is last_begun or comes_first(one[0])]
    return sorted(still, key=lambda one: (one[2] > today, one[1] < today and not comes_first(one[0]), one[1]))


def comes_first(item: CalendarItem) -> bool:
    """Whether it is counted from somebody's first day: it is held once, and asked for until it is (002.19)."""
    return isinstance(item.due, After) and item.due.happening is Happening.ENROLMENT


def _last_begun(waiting: Sequence[tuple[CalendarItem, date, date]], since: date, today: date) -> object:
    """Of what passed unheld only the latest still asks, if there was a plan then."""
    return max((one for one in waiting if since <= one[1] < today), key=lambda one: one[1], default=None)


def _first_planned(student: Person) -> date:
    first = Plan.objects.of(student.school_id).filter(student=student).order_by("created_at").first()
    return timezone.localdate(first.created_at) if first else timezone.localdate()


def year_of(framework: Framework, today: date) -> int:
    """The calendar year in which the calendar's present school year began: a framework's may not be the school's."""
    starts = framework.school_year.starts
    return today.year if (today.month, today.day) >= (starts.month, starts.day) else today.year - 1


def for_staff(framework: Framework, year_group: int | None, item: CalendarItem) -> bool:
    """Whether the calendar asks the school for a review of students in this year."""
    if framework.review_kind(item.review_kind) is None:
        return False
    if item.applies_to is not None and (year_group is None or year_group not in item.applies_to):
        return False
    role = named(framework.roles, item.by)
    return role is None or role.acts_as not in _OTHERS


def _held(student: Person) -> list[_Held]:
    rows = Review.objects.of(student.school_id).filter(plan__student_id=student.id)
    return [_Held(*row) for row in rows.values_list("kind", "opened_at", "closed_at")]
