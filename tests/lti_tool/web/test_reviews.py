"""A teacher's review: judging, going on, two at once, closing."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from lti_tool.plans import api as plans
from lti_tool.plans.data import Level, LifeEventEntry, ReviewState
from tests.factories.web import Story, make_story

from .conftest import Visitor

pytestmark = [pytest.mark.django_db, pytest.mark.database]
Visit = Callable[..., Visitor]


@pytest.fixture
def story() -> Story:
    return make_story()


def fields(page: str) -> dict[str, str]:
    """What a browser would send back from the review's form if nothing was typed."""
    form = page.partition('<form id="review-form"')[2].partition("</form>")[0]
    found = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form))
    found |= dict(re.findall(r'<textarea[^>]* name="([^"]+)"[^>]*>([^<]*)</textarea>', form))
    found |= dict(re.findall(r'<input type="radio" name="([^"]+)" value="([^"]+)"[^>]* checked', form))
    return found | dict(re.findall(r'<input type="date"[^>]* name="([^"]+)" value="([^"]*)"', form))


def open_review(visitor: Visitor, story: Story) -> tuple[str, dict[str, str]]:
    visitor.post("review", story.aroha.person_id)
    page = visitor.get("review", story.aroha.person_id).content.decode()
    return page, fields(page)


def judged(story: Story, number: int = 0) -> Any:
    return plans.review(story.teacher, story.aroha.person_id).targets[number].judgement


@pytest.mark.requirement("001.11", "002.15")
def test_one_press_opens_a_review_with_everything_in_sight(visitor: Visit, story: Story) -> None:
    page, _ = open_review(visitor(story.teacher), story)
    assert "I like the bars." in page  # the student's own words
    assert "Last review: Emerging" in page
    assert "You can halve anything now." in page
    assert "13 out of 20" in page
    assert "<svg xmlns" in page or 'class="plot"' in page
    assert " style=" not in page
    assert "Student 1 of 9" in page


@pytest.mark.requirement("001.11")
@pytest.mark.trust("T48")
def test_a_judgement_is_saved_with_its_comment_and_the_evidence_that_was_in_sight(
    visitor: Visit, story: Story
) -> None:
    mine = visitor(story.teacher)
    _, sent = open_review(mine, story)
    target = story.targets[0]
    answer = mine.post(
        "judge",
        story.aroha.person_id,
        data=sent | {f"level:{target}": "expected", f"comment:{target}": "Bars every time.\r\nNext: bigger numbers."},
    )
    assert answer.status_code == 302
    judgement = judged(story)
    assert (judgement.level, judgement.comment) == (Level.EXPECTED, "Bars every time.\nNext: bigger numbers.")
    assert len(judgement.evidence_seen) == 5
    assert judged(story, 1) is None


def test_save_and_next_student_saves_and_opens_the_next_review(visitor: Visit, story: Story) -> None:
    mine = visitor(story.teacher)
    _, sent = open_review(mine, story)
    answer = mine.post(
        "judge",
        story.aroha.person_id,
        data=sent | {f"level:{story.targets[1]}": "emerging", "go": "next"},
        follow=True,
    )
    page = answer.content.decode()
    assert "Ben Whitaker-Montgomery" in page
    assert "Student 2 of 9" in page
    assert judged(story, 1).level == Level.EMERGING


@pytest.mark.trust("T48")
def test_changing_a_judgement_needs_a_reason_and_keeps_the_first(visitor: Visit, story: Story) -> None:
    mine = visitor(story.teacher)
    _, sent = open_review(mine, story)
    target, student = story.targets[0], story.aroha.person_id
    mine.post("judge", student, data=sent | {f"level:{target}": "expected"})
    again = fields(mine.get("review", student).content.decode()) | {f"level:{target}": "exceeded"}
    refused = mine.post("judge", student, data=again)
    assert refused.status_code == 422
    page = refused.content.decode()
    assert "Say in a few words why you change this judgement." in page
    assert f'value="exceeded" data-draft="level:{target}" checked' in page
    assert judged(story).level == Level.EXPECTED
    assert mine.post("judge", student, data=again | {f"reason:{target}": "I saw her book"}).status_code == 302
    assert (judged(story).level, judged(story).version, judged(story).reason) == (
        Level.EXCEEDED, 2, "I saw her book",
    )  # fmt: skip


@pytest.mark.trust("T83")
def test_two_teachers_saving_at_once_the_second_sees_both_and_loses_nothing(visitor: Visit, story: Story) -> None:
    first, second = visitor(story.teacher), visitor(story.colleague)
    target, student = story.targets[0], story.aroha.person_id
    _, sent = open_review(first, story)
    other = fields(second.get("review", student).content.decode())
    first.post("judge", student, data=sent | {f"level:{target}": "expected", f"comment:{target}": "Theirs, first"})
    late = second.post(
        "judge", student, data=other | {f"level:{target}": "emerging", f"comment:{target}": "Mine, second"}
    )
    page = late.content.decode()
    assert late.status_code == 409
    assert "Theirs, first" in page
    assert "Mine, second" in page
    assert judged(story).comment == "Theirs, first"
    # Mine outlives a closed tab, and can be put in place of theirs with a reason.
    assert "Mine, second" in second.get("review", student).content.decode()
    mended = fields(page) | {f"level:{target}": "emerging", f"comment:{target}": "Mine, second"}
    assert second.post("judge", student, data=mended | {f"reason:{target}": "We talked"}).status_code == 302
    assert judged(story).comment == "Mine, second"
    history = plans.judgement_history(story.teacher, plans.review(story.teacher, student).id, target)
    assert [version.comment for version in history] == ["Theirs, first", "Mine, second"]


@pytest.mark.trust("T83")
def test_the_second_teacher_may_take_the_first_ones_version(visitor: Visit, story: Story) -> None:
    first, second = visitor(story.teacher), visitor(story.colleague)
    target, student = story.targets[0], story.aroha.person_id
    _, sent = open_review(first, story)
    other = fields(second.get("review", student).content.decode())
    first.post("judge", student, data=sent | {f"level:{target}": "expected", f"comment:{target}": "Theirs"})
    clash = second.post(
        "judge",
        student,
        data=other | {f"level:{target}": "emerging", f"comment:{target}": "Mine", "next_steps": "Bars on Mondays"},
    )
    posted = fields(clash.content.decode())
    second.post("judge", student, data=posted | {"drop": str(target)})
    page = second.get("review", student).content.decode()
    assert "Mine" not in page
    assert "Theirs" in page
    assert "Bars on Mondays" in page


def test_two_teachers_at_different_targets_do_not_meet(visitor: Visit, story: Story) -> None:
    first, second = visitor(story.teacher), visitor(story.colleague)
    student = story.aroha.person_id
    _, sent = open_review(first, story)
    other = fields(second.get("review", student).content.decode())
    assert first.post("judge", student, data=sent | {f"level:{story.targets[0]}": "expected"}).status_code == 302
    assert second.post("judge", student, data=other | {f"level:{story.targets[1]}": "emerging"}).status_code == 302


def test_a_comment_without_a_level_asks_for_the_level_and_keeps_the_comment(visitor: Visit, story: Story) -> None:
    mine = visitor(story.teacher)
    _, sent = open_review(mine, story)
    answer = mine.post("judge", story.aroha.person_id, data=sent | {f"comment:{story.targets[0]}": "Well drawn"})
    assert answer.status_code == 422
    assert "Choose a level too." in answer.content.decode()
    assert "Well drawn" in mine.get("review", story.aroha.person_id).content.decode()


def test_closing_saves_what_is_on_the_page_and_freezes_it(visitor: Visit, story: Story) -> None:
    mine, student = visitor(story.teacher), story.aroha.person_id
    _, sent = open_review(mine, story)
    soon = (timezone.localdate() + timedelta(days=40)).isoformat()
    answer = mine.post(
        "review-close",
        student,
        data=sent
        | {f"level:{story.targets[0]}": "exceeded", "next_steps": "Show the class how", "next_review_on": soon},
        follow=True,
    )
    page = answer.content.decode()
    assert "Closed by <bdi>Ms Patel</bdi>" in page
    assert "Exceeded" in page
    story.maths.score(story.aroha, "fractions-1", 1)
    frozen = mine.client.get(answer.request["PATH_INFO"]).content.decode()
    assert "1 out of 10" not in frozen
    panel = visitor(story.aroha, activity_ids=story.unit).get("panel").content.decode()
    assert "Show the class how" in panel
    assert "Exceeded" in panel


def test_what_somebody_else_changed_must_be_seen_before_closing(visitor: Visit, story: Story) -> None:
    first, second, student = visitor(story.teacher), visitor(story.colleague), story.aroha.person_id
    _, sent = open_review(first, story)
    other = fields(second.get("review", student).content.decode())
    second.post("judge", student, data=other | {f"level:{story.targets[1]}": "emerging"})
    answer = first.post("review-close", student, data=sent)
    assert answer.status_code == 409
    assert "Look through it, then close it again." in answer.content.decode()
    assert plans.review(story.teacher, student).state is ReviewState.OPEN


def test_a_target_is_added_from_the_review_with_activities_found_by_search(visitor: Visit, story: Story) -> None:
    mine, student = visitor(story.teacher), story.aroha.person_id
    open_review(mine, story)
    found = mine.client.get(mine.address("activities"), {"find": "market"}).content.decode()
    assert "Market stall" in found
    assert "Angles" not in found
    market = story.maths.activities["market"]
    kept = mine.client.get(mine.address("activities"), {"find": "angles", "activities": market}).content.decode()
    assert re.search(rf'value="{market}"[^>]* checked', kept)
    answer = mine.post("target-new", student, data={"wording": "Give change from ten pounds", "activities": [market]})
    assert answer.status_code == 302
    page = mine.get("review", student).content.decode()
    assert "Give change from ten pounds" in page


@pytest.mark.trust("T83")
def test_a_target_changed_meanwhile_shows_theirs_and_keeps_mine(visitor: Visit, story: Story) -> None:
    mine, student, target = visitor(story.teacher), story.aroha.person_id, story.targets[0]
    open_review(mine, story)
    version = plans.target(story.teacher, target).version
    theirs = {"wording": "Their wording", "version": version}
    visitor(story.colleague).post("target-edit", student, target, data=theirs)
    clash = mine.post("target-edit", student, target, data={"wording": "My wording", "version": version})
    page = clash.content.decode()
    assert clash.status_code == 409
    assert "Their wording" in page
    assert "My wording" in page
    again = mine.post("target-edit", student, target, data={"wording": "My wording", "version": version + 1})
    assert again.status_code == 302
    assert plans.target(story.teacher, target).change.wording == "My wording"


def test_a_target_needs_words(visitor: Visit, story: Story) -> None:
    mine = visitor(story.teacher)
    answer = mine.post("target-new", story.ben.person_id, data={"wording": " ", "next_step": "Draw it"})
    assert answer.status_code == 422
    assert "Draw it" in answer.content.decode()


def test_an_assistant_reads_and_has_nothing_to_press(visitor: Visit, story: Story) -> None:
    open_review(visitor(story.teacher), story)
    page = visitor(story.assistant).get("review", story.aroha.person_id).content.decode()
    assert "13 out of 20" in page
    assert "<textarea" not in page
    assert "review-form" not in page


@pytest.mark.requirement("001.5", "001.9")
def test_a_teacher_chooses_the_kind_on_the_page_and_a_review_at_need_asks_why(visitor: Visit, story: Story) -> None:
    mine, ben = visitor(story.teacher), story.ben.person_id
    page = mine.get("review-new", ben).content.decode()
    assert re.search(r'value="kind:interim" checked', page)
    assert "End-of-year review" in page
    refused = mine.post("review", ben, data={"begin_as": "need:interim", "why": " "})
    assert refused.status_code == 422
    assert "Say why this review is needed now." in refused.content.decode()
    assert re.search(r'value="need:interim" checked', refused.content.decode())
    answer = mine.post("review", ben, data={"begin_as": "need:interim", "why": "He is leaving in May."}, follow=True)
    assert "He is leaving in May." in answer.content.decode()
    assert "Review 1 (<bdi>Progress review</bdi>) is open." in mine.get("review-new", ben).content.decode()


@pytest.mark.requirement("001.5")
def test_after_an_event_it_is_offered_on_the_page_by_its_name(visitor: Visit, story: Story) -> None:
    mine, ben = visitor(story.teacher), story.ben.person_id
    event = plans.record_life_event(story.teacher, ben, LifeEventEntry("home_change", timezone.localdate()))
    assert f'value="event:{event}"' in mine.get("review-new", ben).content.decode()
    answer = mine.post("review", ben, data={"begin_as": f"event:{event}"}, follow=True)
    assert "after: <bdi>" in answer.content.decode()
    assert not plans.review_choices(story.teacher, ben).events


def test_the_kind_of_a_chosen_review_is_the_one_that_is_begun(visitor: Visit, story: Story) -> None:
    mine, ben = visitor(story.teacher), story.ben.person_id
    mine.post("review", ben, data={"begin_as": "kind:final"})
    kind = plans.review(story.teacher, ben).kind
    assert kind is not None
    assert kind.key == "final"
    assert mine.post("review", story.chen.person_id, data={"begin_as": "kind:nonsense"}).status_code == 422
