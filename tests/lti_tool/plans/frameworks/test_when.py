"""The days a framework's rules name in one school year."""

from datetime import date

import pytest

from lti_tool.plans.frameworks.loading import BUILT_IN, built_in
from lti_tool.plans.frameworks.when import After, DayOfYear, Happening, InTerm, OnDay, SchoolYear, Term, due_on

YEAR = SchoolYear(
    starts=DayOfYear(9, 1),
    terms=(
        Term("autumn", "Autumn", DayOfYear(9, 1), DayOfYear(12, 19)),
        Term("spring", "Spring", DayOfYear(1, 5), DayOfYear(2, 29)),
    ),
)


@pytest.mark.parametrize(
    ("rule", "day"),
    [
        (OnDay(10, 24), date(2026, 10, 24)),
        (OnDay(5, 24), date(2027, 5, 24)),  # after new year, the same school year
        (OnDay(9, 1), date(2026, 9, 1)),
        (OnDay(8, 31), date(2027, 8, 31)),
        (InTerm("autumn", "start"), date(2026, 9, 1)),
        (InTerm("autumn", "end"), date(2026, 12, 19)),
        (InTerm("spring", "end"), date(2027, 2, 28)),  # no leap year
        (InTerm("summer", "end"), None),
        (After(Happening.ENROLMENT, 14), date(2026, 11, 16)),
        (After(Happening.LAST_REVIEW, 42), None),  # there was none yet
        (After(Happening.YEAR_START, 63), date(2026, 11, 3)),
        (After(Happening.ENROLMENT, 10**9), None),
    ],
)
def test_a_rule_names_its_day_in_the_school_year(rule, day: date | None):
    assert due_on(rule, YEAR, 2026, {Happening.ENROLMENT: date(2026, 11, 2)}) == day


def test_a_leap_year_has_its_day():
    assert due_on(InTerm("spring", "end"), YEAR, 2027, {}) == date(2028, 2, 29)


@pytest.mark.parametrize("key", BUILT_IN)
def test_every_date_of_a_built_in_calendar_falls_into_its_year_and_opens_before_it_is_due(key: str):
    it = built_in(key).made()
    begun = due_on(After(Happening.YEAR_START), it.school_year, 2026, {})
    happened = dict.fromkeys(Happening, begun)

    for item in it.calendar:
        due = due_on(item.due, it.school_year, 2026, happened)
        assert 0 <= (due - begun).days <= 366, item.key
        if item.opens is not None and item.key != "induction":  # it begins in the summer before
            assert due_on(item.opens, it.school_year, 2026, happened) <= due, item.key
