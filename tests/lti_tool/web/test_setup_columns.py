"""The gradebook columns of a school, each with its own switch, on the page of whoever looks after the connections."""

from collections.abc import Callable

import pytest
from django.utils import timezone

from lti_tool.lti import api as lti_api
from lti_tool.lti.models import Context, ResourceLink
from lti_tool.plans import api as plans
from lti_tool.plans.models import AuditEvent
from tests.factories.plans import Cast, make_cast
from tests.factories.setup import appoint

pytestmark = [pytest.mark.django_db, pytest.mark.database]

OFF = "Nothing is written into any gradebook"


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


@pytest.fixture
def it(cast: Cast, visitor: Callable):
    """The school's appointed administrator."""
    mine = visitor(cast.administrator)
    appoint(mine.door)
    return mine


@pytest.fixture
def column(cast: Cast, it) -> ResourceLink:
    autumn = plans.ensure_cycle(cast.administrator.school_id, "autumn", "Autumn review")
    return place(cast.maths.course_id, "Autumn review", cycle_id=autumn.id)


def place(course_id: int, title: str, **more: object) -> ResourceLink:
    context = Context.objects.get(course_id=course_id)
    url = f"https://lms.example/items/{title}"
    return ResourceLink.objects.create(
        context=context, id_on_platform=title, title=title, lineitem_url=url, lineitem_since=timezone.now(), **more
    )


def words(answer) -> str:
    return " ".join(answer.content.decode().split())


def switch(it, placement: object, state: str):
    return it.post("setup-passback", data={"placement": placement, "state": state})


def test_each_column_is_listed_with_its_course_and_round_and_switched_by_itself(cast: Cast, it, column) -> None:
    page = words(it.get("setup-passback"))
    assert OFF in page
    assert "<strong><bdi>Autumn review</bdi></strong>" in page
    assert "Its own switch is off" in page
    page = words(switch(it, column.pk, "on"))
    assert "Its own switch is on, since" in page
    assert OFF not in page
    assert "Only the columns that are on below are told" in page
    assert lti_api.passback_since(cast.administrator.school_id) is None
    assert "Off for the school, on for 1 column." in words(it.get("setup"))
    page = words(switch(it, column.pk, "off"))
    assert OFF in page
    assert "Off: nothing is written" in words(it.get("setup"))
    events = (
        AuditEvent.objects.of(cast.administrator.school_id).filter(verb__startswith="passback").order_by("number")
    )
    assert [(event.verb, event.actor_id) for event in events] == [
        ("passback.placement_on", cast.administrator.person_id),
        ("passback.placement_off", cast.administrator.person_id),
    ]


def test_a_column_with_its_own_switch_on_stays_on_when_the_school_is_switched_off(it, column) -> None:
    switch(it, column.pk, "on")
    it.post("setup-passback", data={"state": "on"})
    page = words(it.post("setup-passback", data={"state": "off"}))
    assert OFF not in page
    assert "Its own switch is on, since" in page


def test_a_column_nobody_knows_a_round_of_says_what_it_is_told(cast: Cast, it, column) -> None:
    place(cast.maths.course_id, "Old column")
    page = words(it.get("setup-passback"))
    assert page.count("we know no round of it") == 1
    assert "Old column" in page


def test_where_no_column_was_placed_there_is_no_empty_list(it) -> None:
    assert "Columns that teachers placed" not in words(it.get("setup-passback"))


@pytest.mark.trust("T7")
def test_another_schools_column_is_neither_shown_nor_switched(cast: Cast, it, column, visitor: Callable) -> None:
    visitor(cast.stranger)
    foreign = place(cast.stranger.course_id, "Theirs")
    assert "Theirs" not in words(switch(it, foreign.pk, "on"))
    foreign.refresh_from_db()
    assert foreign.told_since is None


@pytest.mark.parametrize("placement", ["x", "-1", "1.5", "9" * 30, "1 OR 1=1", "²", "\u0661\u0662x"])
@pytest.mark.parametrize("state", ["on", "off"])
def test_a_column_that_is_no_number_is_refused(it, column, placement: str, state: str) -> None:
    assert switch(it, placement, state).status_code == 422
    column.refresh_from_db()
    assert column.told_since is None


@pytest.mark.parametrize("state", ["", "perhaps", "ON"])
def test_a_state_that_is_none_is_refused(it, column, state: str) -> None:
    assert switch(it, column.pk, state).status_code == 422


def test_a_column_that_is_gone_changes_nothing(it, column) -> None:
    assert switch(it, column.pk + 1_000, "on").status_code == 200
    assert switch(it, "9" * 18, "off").status_code == 200
    assert OFF in words(it.get("setup-passback"))


@pytest.mark.trust("T61", "T1")
@pytest.mark.parametrize("who", ["student", "teacher", "assistant", "parent"])
def test_nobody_else_switches_a_column_here(cast: Cast, column, visitor: Callable, who: str) -> None:
    assert switch(visitor(getattr(cast, who)), column.pk, "on").status_code == 404
    column.refresh_from_db()
    assert column.told_since is None
