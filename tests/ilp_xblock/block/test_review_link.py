"""A teacher's way from the block to a learner's review."""

import pytest

from tests.factories.school import AMARA, ASSISTANT, FORCES, PANEL, TEACHER, Browser, block, tool

pytestmark = pytest.mark.usefixtures("school")
REVIEWS = {"LtiSubmissionReviewRequest": "http://127.0.0.1:9/lti/launch"}


def link(sub: str) -> str | None:
    found = Browser(sub).open(FORCES).xpath("//p[@class='ilp-panel__reviews']/a")
    return found[0].get("href") if found else None


def test_a_teacher_finds_the_way_to_the_learners_reviews_in_the_block() -> None:
    tool(messages=REVIEWS)
    url = link(TEACHER)
    assert url == f"/ilp/review?block={PANEL}&student={TEACHER}"
    browser = Browser(TEACHER)
    browser.open(FORCES)
    page = browser.client.get(url)
    assert page.status_code == 200
    assert "Amara" in page.content.decode()


@pytest.mark.trust("T61")
@pytest.mark.parametrize("sub", [AMARA, ASSISTANT])
def test_who_does_not_teach_the_course_is_shown_none(sub: str) -> None:
    tool(messages=REVIEWS)
    assert link(sub) is None


def test_a_tool_that_takes_no_reviews_is_offered_none() -> None:
    tool()
    assert link(TEACHER) is None


@pytest.mark.trust("T80")
def test_the_block_itself_still_names_nobody() -> None:
    tool(messages=REVIEWS)
    html = block(PANEL, TEACHER).student_view().content
    assert "ilp-panel__reviews" in html
    assert not any(name in html for name in ("Amara", "u1001"))


def test_a_learners_unit_costs_no_question_more_for_it(django_assert_num_queries) -> None:
    registered = tool(messages=REVIEWS)
    block(PANEL, AMARA).student_view()
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as with_reviews:
        block(PANEL, AMARA).student_view()
    registered.messages = {}
    registered.save()
    with django_assert_num_queries(len(with_reviews)):
        block(PANEL, AMARA).student_view()
