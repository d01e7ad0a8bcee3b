"""When something is due: three kinds of rule, and the school year they are read against."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import TypeAlias


class Happening(StrEnum):
    """What a rule can count from, besides the school year itself."""

    ENROLMENT = "enrolment"  # the learner's first day
    YEAR_START = "year_start"
    PLAN_START = "plan_start"
    LAST_REVIEW = "last_review"
    TRANSITION = "transition"
    LIFE_EVENT = "life_event"


@dataclass(frozen=True, slots=True)
class Years:
    """School years, both ends counted; 0 is the year before Year 1. None: open."""

    first: int | None = None
    last: int | None = None

    def __contains__(self, year: int) -> bool:
        return (self.first is None or year >= self.first) and (self.last is None or year <= self.last)


@dataclass(frozen=True, slots=True)
class DayOfYear:
    month: int
    day: int


@dataclass(frozen=True, slots=True)
class Term:
    """A term, half term, quarter or semester; they may overlap. Its dates are a school's to set."""

    key: str
    name: str
    starts: DayOfYear
    ends: DayOfYear


@dataclass(frozen=True, slots=True)
class SchoolYear:
    starts: DayOfYear = field(default_factory=lambda: DayOfYear(8, 1))
    terms: tuple[Term, ...] = ()


@dataclass(frozen=True, slots=True)
class OnDay:
    """The same day each year."""

    month: int
    day: int


@dataclass(frozen=True, slots=True)
class InTerm:
    """The first or last day of a term; `edge` is "start" or "end"."""

    term: str
    edge: str = "end"


@dataclass(frozen=True, slots=True)
class After:
    """So many days after something happened to the learner. 0: at once."""

    happening: Happening
    days: int = 0


When: TypeAlias = OnDay | InTerm | After


def due_on(rule: When, year: SchoolYear, starts_in: int, happened: Mapping[Happening, date]) -> date | None:
    """The day a rule names in the school year that began in `starts_in`. None: what it counts from is unknown.

    A 29 February is the 28th in other years.
    """
    match rule:
        case OnDay(month, day):
            return _in_year(DayOfYear(month, day), year, starts_in)
        case InTerm(key, edge):
            term = next((term for term in year.terms if term.key == key), None)
            return _in_year(term.starts if edge == "start" else term.ends, year, starts_in) if term else None
        case After(happening, days):
            begun = happened.get(happening)
            if begun is None and happening is Happening.YEAR_START:
                begun = _in_year(year.starts, year, starts_in)
            try:
                return begun + timedelta(days=days) if begun else None
            except OverflowError:
                return None


def _in_year(day: DayOfYear, year: SchoolYear, starts_in: int) -> date:
    wraps = (day.month, day.day) < (year.starts.month, year.starts.day)
    calendar_year = starts_in + wraps
    try:
        return date(calendar_year, day.month, day.day)
    except ValueError:
        return date(calendar_year, day.month, 28)
