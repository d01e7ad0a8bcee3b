"""A placement about one area of the school's framework: chosen, launched, copied, and named wrongly."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from lti_tool.lti.models import LaunchSession, ResourceLink
from lti_tool.plans import api as plans
from lti_tool.plans.data import TargetChange
from lti_tool.plans.models import School
from tests.factories import lti
from tests.factories.lti import MEMBERSHIP

from .rounds import Rounds
from .test_deep_linking import DL, Picker

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("002.16")]

GONE = "do not have that area"
AREA = {"ilp_view": "panel", "ilp_area": "learning"}


@pytest.fixture
def rounds():
    scene = Rounds()
    for wording, area in (("Halve a cake", "learning"), ("Ask for a break", "well_being")):
        plans.agree_target(scene.actor("hill"), scene.person("ana"), TargetChange(wording=wording, area=area))
    return scene


def panel(rounds, sub, **changes):
    browser = Client()
    answer = rounds.launch(sub, browser, **changes)
    assert answer.status_code == 303
    return browser.get(answer["Location"]).content.decode()


def newest():
    return LaunchSession.objects.order_by("-pk").first()


def test_the_areas_of_the_schools_framework_are_offered_and_one_can_be_placed(rounds):
    picker = Picker(rounds.platform)
    page = picker.page.content.decode()
    assert [key for key in ("learning", "well_being", "career") if f'value="area:{key}"' in page] == [
        "learning", "well_being", "career",
    ]  # fmt: skip
    (item,) = picker.add("area:well_being")[DL + "content_items"]
    assert item["title"] == "My targets: Well-being"
    assert item["custom"]["ilp_area"] == "well_being"
    assert "ilp_goal" not in item["custom"]
    page = panel(rounds, "ana", custom=item["custom"], link="placed")
    assert "Ask for a break" in page
    assert "Halve a cake" not in page
    assert "1 more target in other areas." in page


def test_a_school_that_works_by_another_framework_is_offered_that_ones_areas(rounds):
    School.objects.filter(pk=rounds.school_id).update(framework_key="alfreton_park")
    page = Picker(rounds.platform).page.content.decode()
    assert 'value="area:communication"' in page
    assert 'value="area:learning"' not in page


@pytest.mark.parametrize("role", ["ContentDeveloper", "Administrator"])
def test_who_builds_the_course_is_offered_areas_but_no_goal(rounds, role):
    page = Picker(rounds.platform, roles=(MEMBERSHIP + role,)).page.content.decode()
    assert 'value="area:learning"' in page
    assert 'value="goal:' not in page


@pytest.mark.parametrize("value", ["area:", "area:singing", "area:Learning", "area:learning ", "area:" + "x" * 9_000])
def test_an_area_that_was_not_offered_can_not_be_placed(rounds, value):
    answer = Picker(rounds.platform).post(go="add", what=value)
    assert answer.status_code == 422
    assert "Choose again." in answer.content.decode()


def test_the_class_is_counted_in_that_area(rounds):
    page = panel(rounds, "hill", custom=AREA)
    assert "Targets of this class: <bdi>Learning</bdi>" in page
    assert "1 target here, 2 in all" in page
    assert GONE not in page


@pytest.mark.parametrize(
    "area", ["singing", "Learning", "x" * 5_000, "../../learning", "$Area", "<script>", "learning\nx"]
)
def test_an_area_nobody_knows_shows_the_whole_panel_and_says_so(rounds, area):
    custom = {"ilp_view": "panel", "ilp_area": area}
    for sub in ("ana", "hill"):
        page = panel(rounds, sub, custom=custom)
        assert GONE in page
        assert "<script>" not in page.replace("<script nonce", "")
    assert len(newest().area) <= 64


@pytest.mark.parametrize("area", [7, 0, True, [], ["learning"], {"learning": 1}, "", "  ", None, "\x00", "\ud800"])
def test_an_area_that_is_no_words_means_the_whole_panel(rounds, area):
    page = panel(rounds, "ana", custom={"ilp_view": "panel", "ilp_area": area})
    assert GONE not in page
    assert newest().area == ""


@pytest.mark.trust("T61")
def test_an_area_gives_nobody_anything(rounds):
    page = panel(rounds, "ben", custom=AREA)
    assert "Halve a cake" not in page


def test_a_copy_keeps_the_area_by_its_parameters_and_by_its_history(rounds):
    panel(rounds, "hill", custom=AREA)
    kept = AREA | {"context_id_history": "course-1", "resource_link_id_history": "link-1"}
    rounds.launch("hill", course="course-8", link="link-8", custom=kept)
    assert newest().area == "learning"
    lost = {"context_id_history": "course-1", "resource_link_id_history": "link-1"}
    rounds.launch("hill", course="course-9", link="link-9", custom=lost)
    assert newest().area == "learning"
    assert ResourceLink.objects.get(id_on_platform="link-9").about["area"] == "learning"
    rounds.launch("hill", course="course-9", link="link-9", custom={})
    assert newest().area == "learning"


def test_a_launch_about_an_area_costs_what_any_launch_costs(rounds):
    def cost(custom):
        rounds.launch("ana", custom=custom)  # the link learns what it is about
        with CaptureQueriesContext(connection) as queries:
            rounds.launch("ana", custom=custom)
        return len(queries)

    assert cost(AREA) == cost({"ilp_view": "panel"})


def test_the_area_stands_in_no_address(rounds):
    assert "learning" not in rounds.launch("ana", custom=AREA)["Location"]
    assert lti.LAUNCH_URL not in newest().area
