"""A link or a gradebook column of one round of reviews opens that round's review and no other."""

import re

import pytest
from django.test import Client

from lti_tool.lti.models import LaunchSession, ResourceLink
from lti_tool.plans import api as plans
from lti_tool.plans.data import ReviewState
from lti_tool.plans.models import Review
from tests.factories import lti
from tests.factories.lti import LEARNER, MEMBERSHIP, REMOVE

from .rounds import AGS, LMS, Rounds, endpoint

pytestmark = pytest.mark.django_db

ASSISTANT = MEMBERSHIP.removesuffix("#") + "/Instructor#TeachingAssistant"


@pytest.fixture
def rounds():
    return Rounds()


def refused(answer, status):
    assert answer.status_code == status
    page = answer.content.decode()
    assert re.search(r"Reference number: [0-9A-F]{8}", page)
    assert "Ana" not in page
    return page


def reviews(rounds):
    return Review.objects.of(rounds.school_id)


# From the gradebook


def test_the_gradebook_opens_that_rounds_review_of_that_student_and_starts_it_once(rounds):
    browser = Client()
    addresses = [rounds.gradebook("hill", "ana", browser, cycle=rounds.autumn)["Location"] for _ in range(2)]
    (row,) = reviews(rounds)
    assert row.cycle_id == rounds.autumn.id
    assert all(address.endswith(f"/students/{rounds.person('ana')}/reviews/{row.id}") for address in addresses)
    page = browser.get(addresses[1]).content.decode()
    assert "Autumn review" in page
    assert "Ana" in page


def test_two_columns_open_two_reviews(rounds):
    for cycle in (rounds.autumn, rounds.spring, rounds.autumn):
        address = rounds.gradebook("hill", "ana", cycle=cycle, item=cycle.code)["Location"]
        assert address.endswith(str(reviews(rounds).get(cycle_id=cycle.id).id))
    assert reviews(rounds).count() == 2


def test_a_closed_review_opens_again_as_it_was_closed(rounds):
    rounds.gradebook("hill", "ana", cycle=rounds.autumn)
    review_id = reviews(rounds).get().id
    plans.close_review(rounds.actor("hill"), review_id, version=1)
    browser = Client()
    address = rounds.gradebook("hill", "ana", browser, cycle=rounds.autumn)["Location"]
    assert address.endswith(f"/reviews/{review_id}")
    assert "Closed by" in browser.get(address).content.decode()
    assert reviews(rounds).count() == 1


def test_an_assistant_reads_it_where_there_is_one_and_starts_none(rounds):
    browser = Client()
    answer = rounds.gradebook("helper", "ana", browser, cycle=rounds.autumn, roles=[ASSISTANT])
    page = browser.get(answer["Location"]).content.decode()
    assert "Not started" in page
    assert not reviews(rounds).exists()
    rounds.gradebook("hill", "ana", cycle=rounds.autumn)
    answer = rounds.gradebook("helper", "ana", browser, cycle=rounds.autumn, roles=[ASSISTANT])
    assert answer["Location"].endswith(str(reviews(rounds).get().id))
    assert browser.get(answer["Location"]).status_code == 200


@pytest.mark.requirement("001.12")
def test_a_student_opens_their_own_once_it_is_closed_and_gets_a_friendly_page_before(rounds):
    browser = Client()

    def own():
        answer = rounds.gradebook("ana", "ana", browser, cycle=rounds.autumn)
        return browser.get(answer["Location"], follow=True)

    assert "Your review is not finished yet" in own().content.decode()
    rounds.gradebook("hill", "ana", cycle=rounds.autumn)
    assert "Your review is not finished yet" in own().content.decode()
    plans.close_review(rounds.actor("hill"), reviews(rounds).get().id, version=1)
    page = own().content.decode()
    assert "Autumn review" in page
    assert "hill" in page.lower()
    assert "not finished yet" not in page


@pytest.mark.trust("T61", "T1")
@pytest.mark.parametrize(
    "roles",
    [[LEARNER], [], [MEMBERSHIP + "Mentor"], [MEMBERSHIP + "Administrator"], [MEMBERSHIP + "ContentDeveloper"]],
)
def test_nobody_else_opens_or_starts_it(rounds, roles):
    refused(rounds.gradebook("ben", "ana", cycle=rounds.autumn, roles=roles), 403)
    assert not reviews(rounds).exists()


def test_the_column_of_a_placement_is_known_by_its_address_where_the_platform_drops_our_parameters(rounds):
    rounds.open_round("hill", rounds.spring)
    answer = rounds.gradebook("hill", "ana", item="column-" + rounds.spring.code)
    assert answer["Location"].endswith(str(reviews(rounds).get(cycle_id=rounds.spring.id).id))


def test_a_column_that_no_round_is_known_of_opens_the_students_newest_review(rounds):
    answer = rounds.gradebook("hill", "ana", item="99")
    assert answer["Location"].endswith(f"/students/{rounds.person('ana')}/review/")
    assert not reviews(rounds).exists()


@pytest.mark.parametrize(
    "code", ["ilp-review-0123456789abcdef", "x", "2026-", "../2026-autumn", "2026-Autumn", 7, [], None]
)
def test_what_is_no_code_of_a_round_names_none(rounds, code):
    answer = rounds.gradebook("hill", "ana", custom={"ilp_view": "review_cycle", "ilp_cycle": code})
    assert answer["Location"].endswith("/review/")


# Columns that are not this course's


@pytest.mark.trust("T61", "T7")
def test_a_column_placed_in_another_course_is_refused(rounds):
    rounds.open_round("hill", rounds.autumn, course="course-2")
    for lists in (True, False):
        claim = endpoint(lists=lists) | {"lineitem": endpoint("course-2", "column-" + rounds.autumn.code)["lineitem"]}
        page = refused(rounds.gradebook("hill", "ana", cycle=rounds.autumn, **{AGS: claim}), 403)
        assert "belongs to another course" in page
    assert not reviews(rounds).exists()


@pytest.mark.trust("T61", "T7")
def test_a_column_in_another_courses_list_is_refused_though_nobody_placed_it(rounds):
    rounds.launch("hill", course="course-2")
    claim = endpoint() | {"lineitem": endpoint("course-2", "5")["lineitem"]}
    refused(rounds.gradebook("hill", "ana", cycle=rounds.autumn, **{AGS: claim}), 403)
    assert not reviews(rounds).exists()


@pytest.mark.trust("T61", "T7")
@pytest.mark.parametrize(
    "column", ["https://elsewhere.example/items/1", "http://lms.example/courses/course-1/items/1"]
)
@pytest.mark.parametrize("lists", [True, False])
def test_a_column_on_another_server_is_refused(rounds, column, lists):
    claim = endpoint(lists=lists) | {"lineitem": column}
    refused(rounds.gradebook("hill", "ana", cycle=rounds.autumn, **{AGS: claim}), 403)


@pytest.mark.trust("T7")
def test_another_schools_column_is_refused(rounds):
    other = lti.connected(issuer="https://other.example", key=lti.rsa_key("other"))
    theirs = Rounds(other)
    theirs.open_round("hill", theirs.autumn, **{AGS: {"lineitem": "https://other.example/items/1"}})
    claim = {"lineitem": "https://other.example/items/1"}
    refused(rounds.gradebook("hill", "ana", cycle=rounds.autumn, **{AGS: claim}), 403)


def test_one_list_of_columns_for_all_courses_is_nobody_elses(rounds):
    claim = {"lineitems": f"{LMS}/items", "lineitem": f"{LMS}/items/5"}
    for course in ("course-1", "course-2"):
        rounds.launch("hill", course=course, **{AGS: {"lineitems": f"{LMS}/items"}})
    assert rounds.gradebook("hill", "ana", cycle=rounds.autumn, **{AGS: claim}).status_code == 303


def test_a_message_of_one_round_from_the_column_of_another_is_refused(rounds):
    rounds.open_round("hill", rounds.spring)
    answer = rounds.gradebook("hill", "ana", cycle=rounds.autumn, item="column-" + rounds.spring.code)
    assert "another round of reviews" in refused(answer, 403)
    assert not reviews(rounds).exists()


@pytest.mark.trust("T7")
def test_a_round_of_another_school_is_unknown_here(rounds):
    other = Rounds(lti.connected(issuer="https://other.example", key=lti.rsa_key("other")))
    winter = other.cycle("Winter review")
    assert "no such round of reviews" in refused(rounds.gradebook("hill", "ana", cycle=winter), 404)
    refused(rounds.open_round("hill", winter), 404)
    refused(rounds.open_round("ana", winter), 404)
    assert not reviews(rounds).exists()


# From the link in the course


def test_the_link_shows_a_teacher_the_round_of_the_class_and_each_way_in(rounds):
    rounds.gradebook("hill", "ben", cycle=rounds.spring)
    browser = Client()
    answer = rounds.open_round("hill", rounds.autumn, browser)
    assert answer["Location"].endswith(f"/cycles/{rounds.autumn.id}/")
    page = browser.get(answer["Location"]).content.decode()
    assert "Autumn review" in page
    assert page.count("Not started") == 2
    assert f'name="cycle" value="{rounds.autumn.code}"' in page
    link = ResourceLink.objects.get(id_on_platform="link-" + rounds.autumn.code)
    assert link.cycle_id == rounds.autumn.id
    assert link.lineitem_url == endpoint(item="column-" + rounds.autumn.code)["lineitem"]


def test_the_link_shows_a_student_their_own_closed_review_or_a_friendly_page(rounds):
    browser = Client()
    page = browser.get(rounds.open_round("ana", rounds.autumn, browser)["Location"], follow=True).content.decode()
    assert "Your review is not finished yet" in page
    rounds.gradebook("hill", "ana", cycle=rounds.autumn)
    review_id = reviews(rounds).get().id
    plans.close_review(rounds.actor("hill"), review_id, version=1)
    page = browser.get(rounds.open_round("ana", rounds.autumn, browser)["Location"]).content.decode()
    assert "not finished yet" not in page
    assert "It stays as it was" in page
    other = Client()
    page = other.get(rounds.open_round("ben", rounds.autumn, other)["Location"], follow=True).content.decode()
    assert "Your review is not finished yet" in page


@pytest.mark.trust("T61")
@pytest.mark.parametrize("roles", [[], [MEMBERSHIP + "Administrator"]])
def test_whoever_is_neither_sees_neither(rounds, roles):
    browser = Client()
    answer = rounds.open_round("visitor", rounds.autumn, browser, roles=roles)
    assert "cycles" not in answer["Location"]
    page = browser.get(answer["Location"]).content.decode()
    assert "Ana" not in page


def test_without_a_course_the_link_says_so(rounds):
    browser = Client()
    answer = rounds.open_round("hill", rounds.autumn, browser, context=REMOVE)
    assert "Open this inside a course" in browser.get(answer["Location"]).content.decode()


def test_launching_a_round_begins_nothing(rounds):
    rounds.open_round("hill", rounds.autumn)
    rounds.open_round("ana", rounds.autumn)
    assert not reviews(rounds).exists()
    assert LaunchSession.objects.count() == 5


def test_judging_the_next_student_stays_in_the_round(rounds):
    browser = Client()
    address = rounds.gradebook("hill", "ana", browser, cycle=rounds.autumn)["Location"]
    rounds.gradebook("hill", "ana", cycle=rounds.spring, item="s")  # opened later, and not what is on the screen
    page = browser.get(address).content.decode()
    fields = dict(
        re.findall(
            r'<input type="hidden" name="(ilp_csrf|ilp_subject|review_version|was:next_steps)" value="([^"]*)"', page
        )
    )
    handle = address.split("/")[2]
    judge = f"/s/{handle}/students/{rounds.person('ana')}/review/judge"
    answer = browser.post(judge, fields | {"next_steps": "Read more"})
    assert answer["Location"] == address + "?saved=1"
    row = reviews(rounds).get(cycle_id=rounds.autumn.id)
    assert row.next_steps == "Read more"
    fields["was:next_steps"] = re.search(
        r'name="was:next_steps" value="([^"]*)"', browser.get(address).content.decode()
    )[1]
    answer = browser.post(judge, fields | {"next_steps": "Read more", "go": "next"})
    ben = reviews(rounds).get(plan__student_id=rounds.person("ben"))
    assert ben.cycle_id == rounds.autumn.id
    assert answer["Location"].endswith(f"/reviews/{ben.id}")
    close = f"/s/{handle}/students/{rounds.person('ana')}/review/close"
    browser.post(close, fields | {"next_steps": "Read more", "review_version": str(row.version)})
    states = dict(reviews(rounds).filter(plan__student_id=rounds.person("ana")).values_list("cycle_id", "state"))
    assert states == {rounds.autumn.id: ReviewState.CLOSED, rounds.spring.id: ReviewState.OPEN}
