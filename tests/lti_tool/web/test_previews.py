"""Before a review closes staff see what student and family will read (T6); and where somebody left off (T86)."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from lti_tool.plans import api as plans
from lti_tool.plans.data import Actor, JudgedPart, ReviewState
from tests.factories.plans import administrator_of
from tests.factories.web import Story, make_story

from .conftest import Visitor
from .test_reviews import fields

pytestmark = [pytest.mark.django_db]
Visit = Callable[..., Visitor]


@pytest.fixture
def story() -> Story:
    return make_story()


def mother_of(story: Story) -> Actor:
    person_id = plans.ensure_person(story.maths.school_id, name="Mere Ngata")
    plans.link_guardian(administrator_of(story.maths), person_id, story.aroha.person_id)
    return plans.actor_for(story.maths.school_id, person_id, None)


def as_read(visitor: Visitor, page: str) -> str:
    """What is read of the review on a page, without what belongs to the session of whoever looks."""
    found = re.search(r'<div class="as-read stack">.*? id="agreed".*?</section>', page, re.S)
    assert found, page
    words = found[0]
    words = re.sub(r'name="ilp_csrf" value="[^"]*"', 'name="ilp_csrf"', words)
    return words.replace(visitor.door.handle, "HANDLE")


@pytest.mark.trust("T6")
def test_the_preview_is_what_the_student_and_the_family_read_once_it_is_closed(visitor: Visit, story: Story) -> None:
    mother, aroha = mother_of(story), story.aroha.person_id
    teacher = visitor(story.teacher)
    with time_machine.travel(timezone.now(), tick=False):
        review_id = plans.start_review(story.teacher, aroha)
        plans.say_opinion(story.aroha, target_id=story.targets[0], level="expected", text="Bars help.")
        plans.judge_target(
            story.teacher, review_id, story.targets[0], level="expected", comment="Well done", version=0
        )
        version = plans.review(story.teacher, review_id).version
        plans.set_next_steps(
            story.teacher, review_id, next_steps="Bigger numbers", next_review_on=None, version=version
        )
        seen = teacher.get("review-preview", aroha, review_id)
        seen_at_home = teacher.get("review-preview", aroha, review_id, data={"as": "home"})
        assert (seen.status_code, seen_at_home.status_code) == (200, 200)
        # nothing was closed, kept or told by looking
        assert plans.review(story.teacher, review_id).state is ReviewState.OPEN
        verbs = [event.verb for event in plans.audit_trail(story.teacher, aroha)]
        assert verbs.count("review.closed") == 1  # the first review's
        child, home = visitor(story.aroha), visitor(mother)
        plans.close_review(story.teacher, review_id, version=plans.review(story.teacher, review_id).version)
        real = child.get("past-review", aroha, review_id).content.decode()
        real_at_home = home.get("home-review", aroha, review_id).content.decode()
    for before, now, who in (
        (seen.content.decode(), real, child),
        (seen_at_home.content.decode(), real_at_home, home),
    ):
        assert as_read(teacher, before) == as_read(who, now)
        assert "Bigger numbers" in before


@pytest.mark.trust("T6")
def test_the_preview_is_reached_from_the_page_and_saves_what_it_holds(visitor: Visit, story: Story) -> None:
    teacher, aroha = visitor(story.teacher), story.aroha.person_id
    teacher.post("review", aroha)
    page = teacher.get("review", aroha).content.decode()
    assert 'name="go" value="preview"' in page
    sent = fields(page) | {"next_steps": "Count change at the market", "go": "preview"}
    shown = teacher.post("judge", aroha, data=sent, follow=True).content.decode()
    assert "What the student will read when you close it" in shown
    assert "Count change at the market" in shown
    assert "inert" in shown
    closed = plans.past_reviews(story.teacher, aroha)[0].id
    assert teacher.get("review-preview", aroha, closed).status_code == 409


@pytest.mark.trust("T6")
def test_every_item_leads_to_who_can_see_it(visitor: Visit, story: Story) -> None:
    teacher, child, aroha = visitor(story.teacher), visitor(story.aroha), story.aroha.person_id
    mother = visitor(mother_of(story))
    sheet_id = plans.send_sheet(story.teacher, aroha, "family_planning")
    review_id = plans.past_reviews(story.teacher, aroha)[0].id
    for who, route, ids, leads in (
        (child, "panel", (), ("target", story.targets[0])),
        (teacher, "plan", (aroha,), ("target", story.targets[0])),
        (teacher, "past-review", (aroha, review_id), ("review", review_id)),
        (child, "past-review", (aroha, review_id), ("review", review_id)),
        (mother, "home-review", (aroha, review_id), ("review", review_id)),
        (teacher, "sheet", (sheet_id,), ("sheet", sheet_id)),
        (mother, "sheet", (sheet_id,), ("sheet", sheet_id)),
    ):
        address = who.address("who-sees", *leads)
        assert f'href="{address}"' in who.get(route, *ids).content.decode(), route
        page = who.get("who-sees", *leads)
        assert page.status_code == 200
        assert "Ms Patel" in page.content.decode()


@pytest.mark.requirement("002.14", "001.12")
def test_a_parent_agrees_to_a_review_and_signs_the_plan_or_says_why_not_on_their_page(
    visitor: Visit, story: Story
) -> None:
    mother, aroha = mother_of(story), story.aroha.person_id
    home = visitor(mother)
    review_id = plans.past_reviews(story.teacher, aroha)[0].id
    page = home.get("home", aroha).content.decode()
    assert home.address("home-review", aroha, review_id) in page
    empty = home.post("review-agree", aroha, review_id, data={"agrees": "0", "agree_text": " "}, follow=True)
    assert "Say in a few words how you see it." in empty.content.decode()
    about = f"target:{story.targets[0]}"
    said = {"agrees": "0", "agree_text": "She can do it at the shop.", "about": about}
    assert "Saved." in home.post("review-agree", aroha, review_id, data=said, follow=True).content.decode()
    assert "Saved." in home.post("review-agree", aroha, review_id, data={"agrees": "1"}, follow=True).content.decode()
    page = visitor(story.teacher).get("past-review", aroha, review_id).content.decode()
    assert "She can do it at the shop." in page
    assert "The family sees it differently" in page
    assert "Agrees:" in page
    refused = home.post("home-sign", aroha, data={"signer": "family", "agrees": "0"}, follow=True)
    assert "Say in a few words how you see it." in refused.content.decode()
    for data, words in (
        ({"signer": "family", "agrees": "0", "agree_text": "Too much."}, "does not agree"),
        ({"signer": "family", "agrees": "1"}, "on this page"),
    ):
        assert words in home.post("home-sign", aroha, data=data, follow=True).content.decode()
        assert words in visitor(story.teacher).get("plan", aroha).content.decode()


def test_a_review_that_was_opened_again_shows_what_it_said_before(visitor: Visit, story: Story) -> None:
    aroha, teacher = story.aroha.person_id, visitor(story.teacher)
    review_id = plans.past_reviews(story.teacher, aroha)[0].id
    plans.reopen_review(story.teacher, review_id, reason="We forgot the market")
    page = plans.review(story.teacher, review_id)
    plans.judge_target(
        story.teacher, review_id, story.targets[0], level="expected", comment="Quarters too", version=1, reason="Seen"
    )
    version = plans.review(story.teacher, review_id).version
    plans.close_review(story.teacher, review_id, version=version)
    assert page.closings
    for who in (teacher, visitor(story.aroha)):
        assert (
            who.address("review-closing", aroha, review_id, 1)
            in who.get("past-review", aroha, review_id).content.decode()
        )
        then = who.get("review-closing", aroha, review_id, 1).content.decode()
        assert "You can halve anything now." in then
        assert "Quarters too" not in then
        assert "We forgot the market" in then
    assert teacher.get("review-closing", aroha, review_id, 2).status_code == 404


@pytest.mark.trust("T86")
def test_a_teacher_who_left_a_review_in_the_middle_comes_back_to_the_same_target(
    visitor: Visit, story: Story
) -> None:
    aroha, first = story.aroha.person_id, visitor(story.teacher)
    first.post("review", aroha)
    review_id = plans.review(story.teacher, aroha).id
    sent = fields(first.get("past-review", aroha, review_id, data={"one": "1"}).content.decode())
    first.post("judge", aroha, data=sent | {"one": "1", "go": "on", f"level:{story.targets[0]}": "expected"})
    back = visitor(story.teacher)  # another day, another launch
    page = back.get("panel").content.decode()
    there = back.address("past-review", aroha, review_id) + "?one=2"
    assert f'href="{there}"' in page
    assert "Aroha Ngata" in page
    assert back.post("review", aroha)["Location"] == there  # and so does the ordinary way
    plans.save_draft(story.teacher, f"review:{review_id}", f"comment:{story.targets[2]}", "Half a word")
    assert "Half a word" in back.get("past-review", aroha, review_id, data={"one": "3"}).content.decode()
    plans.close_review(story.teacher, review_id, version=plans.review(story.teacher, review_id).version)
    assert "Go on where I was" not in back.get("panel").content.decode()


@pytest.mark.trust("T86")
def test_somebody_else_is_never_led_there_and_it_is_forgotten_in_time(visitor: Visit, story: Story) -> None:
    aroha = story.aroha.person_id
    review_id = plans.start_review(story.teacher, aroha)
    plans.save_draft(story.teacher, f"review:{review_id}", f"comment:{story.targets[1]}", "Half a word")
    left = plans.where_was_i(story.teacher)
    assert left is not None
    assert (left.review_id, left.target) == (review_id, str(story.targets[1]))
    assert plans.where_was_i(story.colleague) is None
    assert plans.where_was_i(story.assistant) is None
    with time_machine.travel(timezone.now() + timedelta(days=15)):
        assert plans.where_was_i(story.teacher) is None


@pytest.mark.trust("T86")
def test_a_student_is_led_back_to_what_they_began_to_write(visitor: Visit, story: Story) -> None:
    child = visitor(story.aroha)
    assert "Go on where I was" not in child.get("panel").content.decode()
    plans.save_draft(story.aroha, "log:new", "what", "I drew")
    page = child.get("panel").content.decode()
    assert f'href="{child.address("log", story.aroha.person_id)}"' in page
    assert "You began to write in your log." in page


def test_statements_stand_with_the_judgement_on_the_students_own_pages(visitor: Visit, story: Story) -> None:
    review_id = plans.past_reviews(story.teacher, story.aroha.person_id)[0].id
    plans.agree_review(
        story.aroha, review_id, agrees=False, text="I can do quarters.", about=JudgedPart(story.targets[0])
    )
    assert "I can do quarters." in visitor(story.aroha).get("panel").content.decode()
