"""What becomes of a target is said in the review itself, and done when it closes (001.9, 002.15, 003.6)."""

import re
from collections.abc import Callable
from html import unescape
from uuid import UUID

import pytest
from django.db.models import F
from django.utils import timezone

from lti_tool.plans import api as plans
from lti_tool.plans.data import Actor, Ending, Outcome, TargetState
from lti_tool.plans.exceptions import Conflict, Invalid, Refused
from lti_tool.plans.models import QualityCheck, Target
from tests.factories.plans import administrator_of
from tests.factories.web import Story, make_story

from .conftest import Visitor

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("002.15", "003.6", "001.9")]
Visit = Callable[..., Visitor]
NEW = "Add fractions with different bottom numbers"
WHY = "Angles come in the summer term"


def said(answer: object) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())).split())  # type: ignore[attr-defined]


@pytest.fixture
def story() -> Story:
    return make_story()


def state(target_id: UUID) -> tuple[str, str]:
    row = Target._base_manager.get(pk=target_id)
    return row.state, row.wording


def close(story: Story, review_id: UUID) -> None:
    plans.close_review(story.teacher, review_id, version=plans.review(story.teacher, review_id).version)


def test_a_teacher_ends_changes_and_carries_on_targets_without_leaving_the_review(
    visitor: Visit, story: Story
) -> None:
    hers, about = visitor(story.teacher), story.aroha.person_id
    review_id = plans.start_review(story.teacher, about)
    first, second, third = story.targets[:3]
    sent = [(first, "reached", ""), (second, "changed", NEW), (third, "dropped", WHY)]
    words = state(second)[1]
    for screen, (target, ending, text) in enumerate(sent, 1):
        page = hers.client.get(hers.address("review", about) + f"?one={screen}").content.decode()
        shown = re.search(r'name="ending-version:([^"]+)" value="(\d+)"', page)
        assert shown
        assert shown[1] == str(target)
        answer = hers.post(
            "judge", about,
            data={
                "ilp_subject": f"review:{review_id}", "one": str(screen), "go": "on",
                f"ending:{target}": ending, f"ending-text:{target}": text, f"ending-version:{target}": shown[2],
                f"was-ending:{target}": re.search(rf'name="was-ending:{target}" value="([^"]*)"', page)[1],  # type: ignore[index]
            },
        )  # fmt: skip
        assert answer.status_code == 302
        assert f"one={screen + 1}" in answer["Location"]
    assert state(first)[0] == state(third)[0] == TargetState.AGREED  # nothing is done before it closes
    assert (
        hers.post(
            "review-close", about, data={"ilp_subject": f"review:{review_id}", "review_version": "99"}
        ).status_code
        == 302
    )
    assert state(first)[0] == TargetState.ACHIEVED
    assert state(second) == (TargetState.AGREED, NEW)
    assert state(third)[0] == TargetState.STOPPED
    kept = said(hers.get("past-review", about, review_id))
    for told in ("Reached, and ended", "Goes on in new words", NEW, words, WHY):
        assert told in kept
    mine = visitor(story.aroha)
    assert WHY in said(mine.get("past-review", about, review_id))
    story_told = said(mine.get("story", about))
    for told in ("A target was reached", "A review dropped a target, and says why", WHY, NEW, words):
        assert told in story_told


def test_a_dropped_target_needs_its_reason_and_a_changed_one_its_words_and_what_was_typed_stays(
    visitor: Visit, story: Story
) -> None:
    hers, about, target = visitor(story.teacher), story.aroha.person_id, story.targets[0]
    review_id = plans.start_review(story.teacher, about)
    for ending, told in (("dropped", "why this target is dropped"), ("changed", "Write the target’s new words")):
        sent = {"ilp_subject": f"review:{review_id}", f"ending:{target}": ending, f"ending-version:{target}": "0"}
        answer = hers.post("judge", about, data=sent)
        assert answer.status_code == 422
        assert told in said(answer)
        assert re.search(rf'value="{ending}"[^>]*checked', answer.content.decode())
    assert plans.review(story.teacher, review_id).targets[0].outcome is None


def test_what_a_colleague_said_meanwhile_is_no_loss_and_the_frozen_word_stays(story: Story) -> None:
    about, target = story.aroha.person_id, story.targets[0]
    review_id = plans.start_review(story.teacher, about)
    plans.set_outcome(story.colleague, review_id, target, Outcome(Ending.CARRIED_ON, "Until spring"))
    with pytest.raises(Conflict) as clash:
        plans.set_outcome(story.teacher, review_id, target, Outcome(Ending.REACHED))
    assert clash.value.current.text == "Until spring"
    plans.set_outcome(story.teacher, review_id, target, Outcome(Ending.REACHED, version=1))
    close(story, review_id)
    with pytest.raises(Refused, match="closed"):
        plans.set_outcome(story.teacher, review_id, target, Outcome(Ending.DROPPED, "No", version=2))
    plans.reopen_review(story.teacher, review_id, reason="Not yet there")
    with pytest.raises(Invalid):
        plans.set_outcome(story.teacher, review_id, target, Outcome(Ending.DROPPED, version=2))
    plans.set_outcome(story.teacher, review_id, target, Outcome(Ending.CARRIED_ON, version=2))
    close(story, review_id)
    assert state(target)[0] == TargetState.AGREED  # what this review had ended, it may carry on
    (before,) = (one for one in plans.closing_targets(story.teacher, review_id, 1) if one.card.id == target)
    assert before.outcome is not None
    assert before.outcome.ending is Ending.REACHED
    outcome = next(one for one in plans.review(story.teacher, review_id).targets if one.card.id == target).outcome
    assert outcome is not None
    assert outcome.ending is Ending.CARRIED_ON


def test_a_target_somebody_ended_on_the_plan_meanwhile_is_left_as_they_ended_it(story: Story) -> None:
    target = story.targets[0]
    review_id = plans.start_review(story.teacher, story.aroha.person_id)
    plans.set_outcome(story.teacher, review_id, target, Outcome(Ending.CARRIED_ON))
    plans.stop_target(story.colleague, target, version=plans.target(story.colleague, target).version)
    close(story, review_id)
    assert state(target)[0] == TargetState.STOPPED


def test_the_family_reads_new_words_only_after_their_check_where_the_school_asks_for_one(story: Story) -> None:
    from lti_tool.plans.frameworks.keeping import ensure_framework_version
    from lti_tool.plans.models import Plan

    version = ensure_framework_version(story.maths.school_id, "alfreton_park")
    Plan.objects.of(story.maths.school_id).update(framework=version)
    target = story.targets[0]
    review_id = plans.start_review(story.teacher, story.aroha.person_id, kind="interim")
    plans.set_outcome(story.teacher, review_id, target, Outcome(Ending.CHANGED, NEW))
    close(story, review_id)
    row = Target._base_manager.get(pk=target)
    assert row.wording == NEW
    assert row.checked_version < row.version


def test_whoever_goes_target_by_target_goes_on_so_with_the_next_student(visitor: Visit, story: Story) -> None:
    hers, about = visitor(story.teacher), story.aroha.person_id
    review_id = plans.start_review(story.teacher, about)
    for one, ends in (("4", "?one=1"), ("", "review/")):
        sent = {"ilp_subject": f"review:{review_id}", "go": "next"} | ({"one": one} if one else {})
        answer = hers.post("judge", about, data=sent)
        assert answer.status_code == 302
        assert str(story.ben.person_id) in answer["Location"]
        assert answer["Location"].endswith(ends)


def test_after_closing_in_the_last_screen_the_next_student_comes_target_by_target_too(
    visitor: Visit, story: Story
) -> None:
    hers, about = visitor(story.teacher), story.aroha.person_id
    review_id = plans.start_review(story.teacher, about)
    version = plans.review(story.teacher, review_id).version
    sent = {"ilp_subject": f"review:{review_id}", "one": "4", "review_version": str(version)}
    closed = hers.post("review-close", about, data=sent, follow=True)
    page = closed.content.decode()
    assert "closed" in said(closed).lower()
    assert '<input type="hidden" name="one" value="1">' in page
    answer = hers.post("review", story.ben.person_id, data={"one": "1"})
    assert answer["Location"].endswith("review/?one=1")


def family_of(story: Story) -> Actor:
    person_id = plans.ensure_person(story.maths.school_id, name="Mere")
    plans.link_guardian(administrator_of(story.maths), person_id, story.aroha.person_id)
    return plans.actor_for(story.maths.school_id, person_id, None)


@pytest.mark.trust("T30")
def test_the_family_reads_in_the_review_what_becomes_of_each_target(visitor: Visit, story: Story) -> None:
    mother, about = family_of(story), story.aroha.person_id
    first, second, third = story.targets[:3]
    review_id = plans.start_review(story.teacher, about)
    plans.judge_target(story.teacher, review_id, first, level="expected", comment="", version=0)
    said_of = {
        first: Outcome(Ending.REACHED),
        second: Outcome(Ending.CHANGED, NEW),
        third: Outcome(Ending.DROPPED, WHY),
    }
    for target, outcome in said_of.items():
        plans.set_outcome(story.teacher, review_id, target, outcome)
    before = state(second)[1]
    assert WHY not in said(visitor(mother).get("home", about))
    close(story, review_id)
    for page in (visitor(mother).get("home-review", about, review_id), visitor(mother).get("home", about)):
        words = said(page)
        assert "Reached, and ended" in words
        assert f"Goes on in new words: {NEW}" in words
        assert f"Dropped: {WHY}" in words
        assert before in words


def test_new_words_that_wait_for_their_check_are_not_read_at_home(visitor: Visit, story: Story) -> None:
    from lti_tool.plans.frameworks.keeping import ensure_framework_version
    from lti_tool.plans.models import Plan

    mother, about, target = family_of(story), story.aroha.person_id, story.targets[0]
    Target._base_manager.update(checked_version=F("version"))
    version = ensure_framework_version(story.maths.school_id, "alfreton_park")
    Plan.objects.of(story.maths.school_id).update(framework=version)
    review_id = plans.start_review(story.teacher, about, kind="interim")
    plans.set_outcome(story.teacher, review_id, target, Outcome(Ending.CHANGED, NEW))
    close(story, review_id)
    words = said(visitor(mother).get("home-review", about, review_id))
    assert "Goes on in new words" in words
    assert NEW not in words
    row = Target._base_manager.get(pk=target)
    for number in (row.version - 1, row.version):
        QualityCheck.objects.create(
            school_id=row.school_id, target=row, target_version=number, passed=True, checked_at=timezone.now(),
            checked_by_id=story.colleague.person_id,
        )  # fmt: skip
    assert NEW in said(visitor(mother).get("home-review", about, review_id))
