"""A student reads again what was agreed in earlier reviews: their own, closed ones, as they were."""

from collections.abc import Callable

import pytest
from django.urls import reverse

from lti_tool.plans import api as plans
from lti_tool.plans.data import Level
from tests.factories.web import Story, make_story

from .conftest import Visitor

pytestmark = [pytest.mark.django_db, pytest.mark.database, pytest.mark.requirement("001.12")]
Visit = Callable[..., Visitor]


@pytest.fixture
def story() -> Story:
    return make_story()


def shown(visitor: Visitor, route: str, *ids: object) -> str:
    answer = visitor.get(route, *ids)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_panel_leads_to_the_list_and_the_list_to_each_review(visitor: Visit, story: Story) -> None:
    aroha = visitor(story.aroha)
    (closed,) = plans.past_reviews(story.teacher, story.aroha.person_id)
    assert aroha.address("my-reviews") in shown(aroha, "panel")
    assert aroha.address("past-review", story.aroha.person_id, closed.id) in shown(aroha, "my-reviews")


def test_a_review_says_what_was_judged_said_and_agreed_and_no_suggestion(visitor: Visit, story: Story) -> None:
    (closed,) = plans.past_reviews(story.teacher, story.aroha.person_id)
    page = shown(visitor(story.aroha), "past-review", story.aroha.person_id, closed.id)
    assert "You can halve anything now." in page
    assert "Emerging" in page
    assert page.count("<textarea") == 1  # only their word on it
    assert "suggest" not in page.lower()
    assert (
        page.partition('<main id="main"')[2].partition("</main>")[0].count("<form") == 2
    )  # that word, and "something is not right here"


def test_what_comes_after_the_closing_does_not_change_it(visitor: Visit, story: Story) -> None:
    teacher, aroha = story.teacher, story.aroha
    review_id = plans.start_review(teacher, aroha.person_id)
    target = plans.review(teacher, review_id).targets[0].card.id
    plans.judge_target(teacher, review_id, target, level=Level.EXPECTED, comment="Bars drawn well", version=0)
    plans.close_review(teacher, review_id, version=plans.review(teacher, review_id).version)
    before = shown(visitor(aroha), "past-review", aroha.person_id, review_id)
    again = plans.start_review(teacher, aroha.person_id)
    plans.judge_target(teacher, again, target, level=Level.EXCEEDED, comment="Not for them yet", version=0)
    after = shown(visitor(aroha), "past-review", aroha.person_id, review_id)
    assert "Bars drawn well" in after
    assert "Not for them yet" not in after
    assert before.count("<tr>") == after.count("<tr>")


def test_a_review_that_is_open_is_not_theirs_to_read_yet(visitor: Visit, story: Story) -> None:
    review_id = plans.start_review(story.teacher, story.aroha.person_id)
    aroha = visitor(story.aroha)
    assert aroha.get("past-review", story.aroha.person_id, review_id).status_code == 404
    assert str(review_id) not in shown(aroha, "my-reviews")


@pytest.mark.trust("T1")
def test_nobody_reads_a_classmate_s_whatever_ids_the_address_names(visitor: Visit, story: Story) -> None:
    (closed,) = plans.past_reviews(story.teacher, story.aroha.person_id)
    ben = visitor(story.ben)
    for student in (story.aroha.person_id, story.ben.person_id):
        assert ben.get("past-review", student, closed.id).status_code == 404
    assert str(closed.id) not in shown(ben, "my-reviews")


def test_without_a_review_the_page_says_so_and_the_panel_does_not_lead_there(visitor: Visit, story: Story) -> None:
    chen = visitor(story.chen)
    assert "No review yet" in shown(chen, "my-reviews")
    assert reverse("my-reviews", args=[chen.door.handle]) not in shown(chen, "panel")
