"""Placing a round of reviews or a group's panel by deep linking: what is offered, and what the link then holds."""

import re
from datetime import date

import pytest
from django.test import Client

from lti_tool.lti import api
from lti_tool.lti.models import (
    Context,
    CourseGroup,
    DeepLinking,
    GroupMember,
    PlacementWish,
    ResourceLink,
    ScorePassback,
)
from lti_tool.plans import api as plans
from tests.factories import lti
from tests.factories.lti import MEMBERSHIP

from .rounds import Rounds
from .test_deep_linking import DL, Picker

pytestmark = pytest.mark.django_db


@pytest.fixture
def rounds():
    return Rounds()


def items(said):
    return said[DL + "content_items"]


def value(cycle):
    return f"cycle:{cycle.code}"


def test_the_schools_rounds_are_offered_by_name_and_those_of_other_schools_and_years_are_not(rounds):
    plans.ensure_cycle(rounds.school_id, "long-ago", "Long ago", 2001)
    Rounds(lti.connected(issuer="https://other.example", key=lti.rsa_key("other"))).cycle("Their review")
    page = Picker(rounds.platform).page.content.decode()
    assert "Autumn review" in page
    assert value(rounds.spring) in page
    assert "Long ago" not in page
    assert "Their review" not in page


def test_a_round_of_the_school_is_placed_with_its_code_its_column_and_its_days(rounds):
    cycle = rounds.cycle("Winter review", opens_on=date(2026, 12, 1), due_on=date(2026, 12, 18))
    page = Picker(rounds.platform).page.content.decode()
    assert "18 December" in page
    (item,) = items(Picker(rounds.platform).add(value(cycle)))
    assert item["title"] == "Winter review"
    assert item["custom"]["ilp_view"] == "review_cycle"
    assert item["custom"]["ilp_cycle"] == cycle.code
    assert "ilp_wish" not in item["custom"]
    line = item["lineItem"]
    assert (line["label"], line["resourceId"], line["tag"], line["scoreMaximum"]) == (
        "Winter review", cycle.code, "ilp-review", 1.0,
    )  # fmt: skip
    assert line["submissionReview"]["custom"] == {"ilp_view": "review_cycle", "ilp_cycle": cycle.code}
    assert item["available"] == item["submission"] == {
        "startDateTime": "2026-12-01T00:00:00Z", "endDateTime": "2026-12-19T00:00:00Z",
    }  # fmt: skip


def test_the_same_round_in_two_courses_is_one_round(rounds):
    codes = set()
    for course in ("course-1", "course-2"):
        picker = Picker(rounds.platform, claims={"context": {"id": course, "title": course}})
        codes.add(items(picker.add(value(rounds.autumn)))[0]["custom"]["ilp_cycle"])
    assert codes == {rounds.autumn.code}


def test_a_new_round_is_the_schools_from_then_on(rounds):
    picker = Picker(rounds.platform)
    (item,) = items(picker.add("cycle", name="  Mid-year  review ", opens="2027-02-01", closes="2027-02-28"))
    cycle = plans.find_cycle(rounds.school_id, item["custom"]["ilp_cycle"])
    assert (cycle.name, cycle.year, cycle.opens_on, cycle.due_on) == (
        "Mid-year review", 2026, date(2027, 2, 1), date(2027, 2, 28),
    )  # fmt: skip
    assert value(cycle) in Picker(rounds.platform).page.content.decode()


def test_a_new_round_belongs_to_the_school_year_of_its_days(rounds):
    (item,) = items(Picker(rounds.platform).add("cycle", name="Autumn review", opens="2029-10-01"))
    assert item["custom"]["ilp_cycle"] == "2029-autumn-review"


def test_a_name_that_stands_is_to_be_chosen_instead(rounds):
    picker = Picker(rounds.platform)
    answer = picker.post(go="add", what="cycle", name="autumn REVIEW!")
    assert answer.status_code == 422
    assert "has this name already" in answer.content.decode()
    assert len(plans.cycles(rounds.school_id)) == 2


def test_cancelling_or_a_wrong_form_makes_no_round(rounds):
    picker = Picker(rounds.platform)
    picker.post(go="add", what="cycle", name="Winter", opens="2027-02-02", closes="2027-02-01")
    assert items(picker.cancel()) == []
    assert len(plans.cycles(rounds.school_id)) == 2


def test_several_rounds_at_once(rounds):
    said = items(Picker(rounds.platform).add(value(rounds.autumn), value(rounds.spring), "cycle", name="Winter"))
    assert [item["lineItem"]["label"] for item in said] == ["Autumn review", "Spring review", "Winter"]
    assert len({item["custom"]["ilp_cycle"] for item in said}) == 3


def test_where_columns_are_dropped_no_round_is_offered_nor_taken(rounds):
    picker = Picker(rounds.platform, accept_lineitem=False)
    assert "Autumn review" not in picker.page.content.decode()
    assert picker.post(go="add", what=value(rounds.autumn)).status_code == 422


@pytest.mark.trust("T7")
@pytest.mark.parametrize("what", ["cycle:2026-none", "cycle:", "cycle:../x", "group:1", "group:", "group:x"])
def test_what_is_not_offered_is_not_placed(rounds, what):
    answer = Picker(rounds.platform).post(go="add", what=what)
    assert answer.status_code == 422
    assert not DeepLinking.objects.get().answered_at


def test_an_administrator_and_an_author_are_offered_rounds_and_no_groups(rounds):
    CourseGroup.objects.create(context=Context.objects.get(), id_on_platform="5", name="Blue table")
    for role in ("Administrator", "ContentDeveloper"):
        page = Picker(rounds.platform, roles=[MEMBERSHIP + role]).page.content.decode()
        assert "Autumn review" in page
        assert "Blue table" not in page


def test_the_platforms_text_goes_back_with_the_panel(rounds):
    (item,) = items(Picker(rounds.platform, text="Look here each Monday").add("panel"))
    assert item["text"] == "Look here each Monday"


# Groups


def blue(rounds):
    group = CourseGroup.objects.create(
        context=Context.objects.get(), id_on_platform="g5", name="Blue table", set_name="Tables"
    )
    GroupMember.objects.create(group=group, person_id=rounds.person("ana"))
    return group


def test_a_groups_panel_is_placed_and_shows_that_group(rounds):
    group = blue(rounds)
    teacher = Client()
    picker = Picker(rounds.platform, teacher, claims={"sub": "hill"})
    assert "Blue table" in picker.page.content.decode()
    (item,) = items(picker.add(f"group:{group.pk}"))
    assert item["title"] == "Learning plan: Blue table"
    assert item["custom"]["ilp_group_id"] == "g5"
    assert "Blue" not in str(item["custom"])
    answer = rounds.launch("hill", teacher, link="placed", custom=item["custom"])
    page = teacher.get(answer["Location"]).content.decode()
    assert "Ana" in page
    assert "Ben" not in page
    student = Client()
    answer = rounds.launch("ben", student, link="placed", custom=item["custom"])
    assert "My targets here" in student.get(answer["Location"]).content.decode()


# Telling the gradebook, for one placement


def placed(rounds, **data):
    """A placement of the autumn round as the teacher ticked it, opened once by a student."""
    picker = Picker(rounds.platform, claims={"sub": "hill"})
    (item,) = items(picker.add(value(rounds.autumn), **data))
    return item["custom"]


def test_a_placement_is_told_only_where_that_was_ticked(rounds):
    custom = placed(rounds)
    rounds.open_round("ana", rounds.autumn, custom=custom)
    assert ResourceLink.objects.get(lineitem_url__contains="autumn").told_since is None
    assert not ScorePassback.objects.exists()


@pytest.mark.trust("T42")
def test_ticked_it_is_told_from_its_first_launch_on_and_the_trail_says_who_wanted_it(rounds):
    custom = placed(rounds, told="on")
    assert re.fullmatch(r"[0-9a-f]{32}", custom["ilp_wish"])
    for _ in range(2):
        rounds.open_round("ana", rounds.autumn, custom=custom)
    link = ResourceLink.objects.get(lineitem_url__contains="autumn")
    assert link.told_since is not None
    assert not PlacementWish.objects.exists()
    assert ScorePassback.objects.get().since is None
    assert api.passback_since(rounds.school_id) is None
    assert plans.verify_audit(rounds.school_id)


def test_a_copy_of_the_placement_is_not_told(rounds):
    custom = placed(rounds, told="on")
    rounds.open_round("hill", rounds.autumn, custom=custom, course="course-2", link="copied-first")
    rounds.open_round("hill", rounds.autumn, custom=custom)
    rounds.open_round("hill", rounds.autumn, custom=custom, link="copied-here")
    told = ResourceLink.objects.filter(told_since__isnull=False)
    assert [link.context.id_on_platform for link in told] == ["course-1"]


@pytest.mark.parametrize("wish", ["f" * 32, "x", "", 7, [], None, "F" * 32])
def test_a_wish_nobody_made_switches_nothing_on(rounds, wish):
    placed(rounds, told="on")
    assert rounds.open_round("ana", rounds.autumn, custom={"ilp_wish": wish}).status_code == 303
    assert not ScorePassback.objects.exists()


def test_somebody_who_may_not_place_can_wish_nothing(rounds):
    picker = Picker(rounds.platform, roles=[MEMBERSHIP + "Learner"])
    picker.post(go="add", what=value(rounds.autumn), told="on")
    assert not PlacementWish.objects.exists()
