"""When the next review is due: by the framework's calendar, and no later than the cadence a school chose (002.17)."""

from datetime import UTC, date, datetime

import pytest
import time_machine
import yaml

from lti_tool.plans import api
from lti_tool.plans.data import Actor
from lti_tool.plans.models import Plan
from tests.factories.plans import administrator_of, make_class

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def due_after(key: str, day: datetime, *, cadence: str = "", no_calendar: bool = False, agreed: date | None = None):  # type: ignore[no-untyped-def]
    """The day the next review is due when one closes on this day, under a framework with this cadence."""
    with time_machine.travel(day, tick=True):
        room = make_class("fractions")
        teacher, student = room.teacher("Ms Hill"), room.learner("Ana")
        office = administrator_of(room)
        if cadence or no_calendar:
            key = _own(office, key, cadence, no_calendar=no_calendar)
        api.choose_framework(office, key)
        review = api.start_review(teacher, student.person_id)
        if agreed:
            version = api.review(teacher, review).version
            api.set_next_steps(teacher, review, next_steps="", next_review_on=agreed, version=version)
        api.close_review(teacher, review, version=api.review(teacher, review).version)
        return Plan.objects.of(room.school_id).get(student_id=student.person_id).review_due_on


def _own(office: Actor, base: str, cadence: str, *, no_calendar: bool) -> str:
    """The school's own copy, as its administrator would edit and publish it."""
    key = api.copy_framework(office, base, "Our own")
    draft = api.framework_draft(office, key)
    written = yaml.safe_load(draft.text)
    if cadence:
        written["rules"]["cadence"] = cadence
    if no_calendar:
        written["calendar"] = []
    text = yaml.safe_dump(written, allow_unicode=True, sort_keys=False)
    saved = api.save_framework_draft(office, key, text, draft.saves)
    api.publish_framework(office, key, saved.saves)
    return key


@pytest.mark.requirement("002.17")
@pytest.mark.parametrize(
    ("cadence", "due"),
    [
        ("as_needed", None),
        ("termly", date(2027, 4, 19)),
        ("half_termly", date(2027, 3, 1)),
        ("four_weeks", date(2027, 2, 8)),
    ],
)
def test_a_school_without_review_days_goes_by_the_cadence_it_chose(cadence: str, due: date | None) -> None:
    day = datetime(2027, 1, 11, 9, tzinfo=UTC)
    assert due_after("foundation_learning", day, cadence=cadence, no_calendar=True) == due


@pytest.mark.requirement("002.17")
@pytest.mark.parametrize(
    ("cadence", "due"),
    [("as_needed", date(2027, 2, 22)), ("termly", date(2027, 2, 22)), ("four_weeks", date(2027, 2, 8))],
)
def test_the_calendar_may_ask_sooner_and_never_later_than_the_cadence(cadence: str, due: date) -> None:
    """The half term's progress review is held; a new learner's initial one is due six weeks after entry."""
    day = datetime(2027, 1, 11, 9, tzinfo=UTC)
    assert due_after("foundation_learning", day, cadence=cadence) == due


@pytest.mark.requirement("000.11")
@pytest.mark.parametrize(
    ("day", "due"),
    [
        (datetime(2027, 2, 10, 9, tzinfo=UTC), date(2027, 7, 5)),
        (datetime(2027, 6, 10, 9, tzinfo=UTC), date(2027, 12, 9)),
    ],
)
def test_after_a_talk_the_next_review_is_that_of_the_coming_report(day: datetime, due: date) -> None:
    assert due_after("te_kura", day) == due


@pytest.mark.requirement("002.17")
def test_a_day_people_agreed_on_goes_before_calendar_and_cadence() -> None:
    day, agreed = datetime(2027, 1, 11, 9, tzinfo=UTC), date(2027, 1, 20)
    assert due_after("foundation_learning", day, agreed=agreed) == agreed
