"""A copied course: its links find their goal, group, round and activities again, whatever the histories say."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from lti_tool.lti.models import Context, ContextCopy, CourseGroup, LaunchSession, ResourceLink
from lti_tool.lti.services.groups import group_key
from lti_tool.plans import api as plans
from lti_tool.plans.data import ActivityRead
from tests.factories import lti

from .rounds import Rounds

pytestmark = pytest.mark.django_db

GOAL = "0123456789abcdef" * 2


@pytest.fixture
def rounds():
    return Rounds()


def copy(rounds, sub="hill", browser=None, **changes):
    """Somebody opens a link of the copy, course-9, that the platform made of link-1 in course-1."""
    custom = {"context_id_history": "course-1", "resource_link_id_history": "link-1"} | changes.pop("custom", {})
    return rounds.launch(sub, browser, **{"course": "course-9", "link": "link-9", "custom": custom} | changes)


def about(link="link-9", **where):
    return ResourceLink.objects.get(id_on_platform=link, **where).about


def newest():
    return LaunchSession.objects.order_by("-pk").first()


# A link that kept its parameters


def test_a_goal_and_a_group_mean_the_same_in_the_copy(rounds):
    rounds.launch("hill", course="course-9")
    context_id = context_of("course-9").pk
    group = CourseGroup.objects.create(context_id=context_id, id_on_platform="77", name="Blue", set_name="Reading")
    key = group_key(rounds.school_id, "reading", " blue ")
    answer = copy(rounds, custom={"ilp_view": "panel", "ilp_group": key, "ilp_group_id": "5"})
    assert answer["Location"].endswith(f"?group={group.pk}")
    copy(rounds, "ana", custom={"ilp_view": "panel", "ilp_goal": GOAL})
    assert newest().goal == GOAL


def test_a_groups_id_counts_only_where_it_was_placed(rounds):
    for course in ("course-1", "course-9"):
        rounds.launch("hill", course=course)
        CourseGroup.objects.create(context_id=context_of(course).pk, id_on_platform="5", name="Renamed")
    custom = {"ilp_view": "panel", "ilp_group": "f" * 32, "ilp_group_id": "5"}
    here = CourseGroup.objects.get(context_id=context_of("course-1").pk)
    assert rounds.launch("hill", custom=custom)["Location"].endswith(f"?group={here.pk}")
    browser = Client()
    answer = copy(rounds, browser=browser, custom=custom)
    assert answer["Location"].endswith("?group=0")
    page = browser.get(answer["Location"]).content.decode()
    assert "is not in this course" in page


def test_a_round_is_found_and_this_years_round_of_the_name_comes_first(rounds):
    old = plans.ensure_cycle(rounds.school_id, "winter", "Winter", 2019)
    assert copied_round(rounds, old).endswith(f"/cycles/{old.id}/")
    new = plans.ensure_cycle(rounds.school_id, "winter", "Winter")
    assert copied_round(rounds, old).endswith(f"/cycles/{new.id}/")
    assert ResourceLink.objects.get(id_on_platform="round").cycle_id == new.id
    assert rounds.open_round("hill", old)["Location"].endswith(f"/cycles/{old.id}/")  # not in a copy


def copied_round(rounds, cycle):
    custom = {"context_id_history": "course-1"}
    answer = rounds.open_round("hill", cycle, course="course-9", link="round", item="r", custom=custom)
    return answer["Location"]


def test_the_gradebook_of_the_copy_opens_this_years_round_through_the_old_link(rounds):
    old = plans.ensure_cycle(rounds.school_id, "winter", "Winter", 2019)
    copied_round(rounds, old)
    rounds.launch("ana", course="course-9")
    new = plans.ensure_cycle(rounds.school_id, "winter", "Winter")  # made after the link was first opened
    answer = rounds.gradebook("hill", "ana", course="course-9", cycle=old, item="r")
    review_id = plans.cycle_review(rounds.actor("hill", "course-9"), rounds.person("ana"), new.code)
    assert answer["Location"].endswith(f"/reviews/{review_id}")


def test_a_notice_of_the_copy_is_as_good_as_its_history(rounds):
    old = plans.ensure_cycle(rounds.school_id, "winter", "Winter", 2019)
    new = plans.ensure_cycle(rounds.school_id, "winter", "Winter")
    ContextCopy.objects.create(
        origin=context_of("course-1"),
        id_on_platform="course-9",
        told_at=context_of("course-1").deployment.platform.created_at,
    )
    answer = rounds.open_round("hill", old, course="course-9", link="round", item="r")
    assert answer["Location"].endswith(f"/cycles/{new.id}/")


# A link that lost them


def test_a_link_that_lost_its_parameters_finds_them_by_its_history(rounds):
    rounds.open_round("hill", rounds.autumn, link="link-1")
    answer = copy(rounds)
    assert answer["Location"].endswith(f"/cycles/{rounds.autumn.id}/")
    assert about()["inherited"]
    again = copy(rounds, custom={"resource_link_id_history": ""})
    assert again["Location"].endswith(f"/cycles/{rounds.autumn.id}/")
    assert ResourceLink.objects.get(id_on_platform="link-9").cycle_id == rounds.autumn.id


def test_the_nearest_link_of_a_history_that_we_know_counts(rounds):
    rounds.open_round("hill", rounds.autumn, link="oldest")
    rounds.open_round("hill", rounds.spring, link="nearer")
    answer = copy(rounds, custom={"resource_link_id_history": "unknown, nearer,oldest,nearer"})
    assert answer["Location"].endswith(f"/cycles/{rounds.spring.id}/")


def test_a_copy_of_a_copy_finds_it_too(rounds):
    rounds.open_round("hill", rounds.autumn, link="link-1")
    copy(rounds)
    answer = copy(rounds, course="course-10", link="link-10", custom={"resource_link_id_history": "link-9,link-1"})
    assert answer["Location"].endswith(f"/cycles/{rounds.autumn.id}/")


def test_parameters_the_link_does_have_come_first(rounds):
    rounds.open_round("hill", rounds.autumn, link="link-1")
    answer = copy(rounds, custom={"ilp_view": "reviews"})
    assert answer["Location"].endswith("?show=due")
    copy(rounds)
    assert about() == {"view": "reviews"}


def test_a_link_known_before_its_history_came_keeps_being_what_it_was(rounds):
    rounds.open_round("hill", rounds.autumn, link="link-1")
    copy(rounds, custom={"resource_link_id_history": "$ResourceLink.id.history"})
    assert "cycles" not in copy(rounds)["Location"]


@pytest.mark.parametrize(
    "history",
    ["", "unknown", "link-9", "$ResourceLink.id.history", 7, [], None, {}, True, ",,,", "x" * 300, "link-1\x00",
     "n" * 20_000, ",".join(f"n{n}" for n in range(5_000)) + ",link-1"],
)  # fmt: skip
def test_a_history_that_names_no_link_of_ours_gives_nothing(rounds, history):
    rounds.open_round("hill", rounds.autumn, link="link-1")
    answer = copy(rounds, custom={"resource_link_id_history": history})
    assert answer.status_code == 303
    assert "cycles" not in answer["Location"]
    assert about() == {}


def test_a_huge_history_costs_no_more_statements_than_a_short_one(rounds):
    def cost(link, history):
        with CaptureQueriesContext(connection) as queries:
            copy(rounds, link=link, custom={"resource_link_id_history": history, "context_id_history": history})
        return len(queries)

    rounds.launch("hill", course="course-9")
    cost("warm", "a")
    assert cost("many", ",".join(f"m{n}" for n in range(5_000))) <= cost("few", "b,c")


@pytest.mark.trust("T7")
def test_a_history_never_reaches_into_another_school_or_deployment(rounds):
    rounds.open_round("hill", rounds.autumn, link="link-1")
    other = Rounds(lti.connected(issuer="https://other.example", key=lti.rsa_key("other")))
    answer = copy(other)
    assert "cycles" not in answer["Location"]
    assert about(context__deployment__platform__issuer="https://other.example") == {}


def test_links_that_name_each_other_end(rounds):
    rounds.open_round("hill", rounds.autumn, link="a", custom={"resource_link_id_history": "b"})
    answer = rounds.launch("hill", link="b", custom={"resource_link_id_history": "a"})
    assert answer["Location"].endswith(f"/cycles/{rounds.autumn.id}/")
    assert rounds.launch("hill", link="a", custom={"resource_link_id_history": "b"}).status_code == 303


@pytest.mark.trust("T61")
def test_what_a_copy_inherits_gives_nobody_a_right(rounds):
    rounds.open_round("hill", rounds.autumn, link="link-1")
    browser = Client()
    page = browser.get(copy(rounds, "ben", browser)["Location"], follow=True).content.decode()
    assert "Your review is not finished yet" in page


# Activities and courses


def activities(rounds, course, *reads):
    course_id = context_of(course).course_id
    return plans.sync_activities(rounds.school_id, course_id, [ActivityRead(*read, 10) for read in reads])


def test_a_placement_about_some_activities_is_about_the_ones_made_from_them(rounds):
    activities(rounds, "course-1", ("old-1", "Fractions"), ("old-2", "Essay"), ("old-3", "Talk"))
    rounds.launch("hill", course="course-9")
    activities(rounds, "course-9", ("new-1", "Fractions"), ("new-2", "essay "), ("new-3", "Another"))
    copy(rounds, custom={"ilp_activities": '["old-1", "old-2", "old-3", "new-3", "nowhere"]'})
    assert newest().activity_ids == ["new-1", "new-2", "old-3", "new-3", "nowhere"]


def test_one_that_is_about_activities_nobody_knows_stays_about_them_and_not_about_everything(rounds):
    activities(rounds, "course-1", ("old-1", "Fractions"))
    copy(rounds, custom={"ilp_activities": '["old-1"]'})
    assert newest().activity_ids == ["old-1"]


def test_a_course_made_of_one_that_was_made_of_it_ends(rounds):
    activities(rounds, "course-1", ("old-1", "Fractions"))
    rounds.launch("hill", course="course-9", custom={"context_id_history": "course-1"})
    activities(rounds, "course-9", ("new-1", "Fractions"))
    rounds.launch("hill", custom={"context_id_history": "course-9"})
    assert ContextCopy.objects.count() == 2
    copy(rounds, custom={"ilp_activities": '["old-1"]', "context_id_history": "course-1,course-9,course-1"})
    assert newest().activity_ids == ["new-1"]


def test_a_history_that_comes_late_or_changes_is_taken_and_one_that_stands_is_not_written_again(rounds):
    rounds.launch("hill", course="course-9")
    assert not ContextCopy.objects.exists()
    for _ in range(2):
        rounds.launch("hill", course="course-9", custom={"context_id_history": "course-1"})
    assert ContextCopy.objects.count() == 1
    rounds.launch("hill", course="course-5")
    rounds.launch("hill", course="course-9", custom={"context_id_history": "course-5,course-1"})
    assert ContextCopy.objects.count() == 2


def context_of(course):
    return Context.objects.get(id_on_platform=course, deployment__platform__issuer="https://lms.example")
