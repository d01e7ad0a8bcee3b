"""The office's page of a class: school year, part of the school and first day, on which much of a plan rests."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.utils import timezone

from lti_tool.plans.data import Role
from tests.factories.setup import appointed
from tests.factories.web import Story, make_story
from tests.lti_tool.web.conftest import Visitor

pytestmark = [pytest.mark.django_db]
PAGE = "office-years"


@pytest.fixture
def story() -> Story:
    return make_story()


@pytest.fixture
def office(story: Story) -> Visitor:
    door = appointed(story.maths.person(Role.TEACHER, "Robin Office"))
    return Visitor(door)


def text(page: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page)))


def test_the_office_tells_the_year_of_a_class_at_once_and_of_single_students_apart(
    office: Visitor, story: Story
) -> None:
    about, page = story.aroha.person_id, office.get(PAGE).content.decode()
    assert "Aroha Ngata" in page
    assert "Ms Patel" not in page
    entered = (timezone.localdate() - timedelta(days=20)).isoformat()
    sent = {"course": story.maths.course_id, "all_year": "8", "all_phase": "Upper"}
    sent |= {f"year:{about}": "9", f"entered:{about}": entered}
    answer = office.post(PAGE, data=sent)
    assert answer.status_code == 302
    again = office.client.get(answer["Location"]).content.decode()
    assert "Saved." in again
    assert f'name="entered:{about}" type="date" value="{entered}"' in again
    years = re.findall(r'name="year:[^"]+" inputmode="numeric" maxlength="2" value="(\d*)"', again)
    assert sorted(set(years)) == ["8", "9"]


def test_what_cannot_be_taken_comes_back_as_typed_and_nothing_is_changed(office: Visitor, story: Story) -> None:
    about, course = story.aroha.person_id, story.maths.course_id
    for field, value, words in (
        ("year", "99", "A school year is a number from 0 to 15."),
        ("year", "nine", "A school year is a number from 0 to 15."),
        ("entered", "2099-01-01", "A first day is today or before."),
    ):
        answer = office.post(PAGE, data={"course": course, f"{field}:{about}": value})
        assert answer.status_code == 422
        assert words in text(answer.content.decode())
        assert f'value="{value}"' in answer.content.decode()


def test_another_schools_class_is_not_found(office: Visitor) -> None:
    other = make_story()
    assert office.get(PAGE, data={"course": other.maths.course_id}).status_code == 404
