"""Classmates, family and others say in a review how they see a target or area, beside the learner (002.7, 001.12)."""

import re
from collections.abc import Callable

import pytest

from lti_tool.plans import api as plans
from lti_tool.plans.data import OpinionEntry, Voice
from lti_tool.plans.exceptions import Invalid, NotFound, Refused
from lti_tool.plans.frameworks.keeping import ensure_framework_version
from lti_tool.plans.models import Plan
from tests.factories.web import Story, make_story

from .conftest import Visitor

pytestmark = [pytest.mark.django_db, pytest.mark.database]
Visit = Callable[..., Visitor]


@pytest.fixture
def story() -> Story:
    return make_story()


def text(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


@pytest.mark.requirement("002.7", "001.12")
def test_self_and_peer_assessment_stand_beside_the_teachers_judgement_and_stay_when_the_review_closes(
    visitor: Visit, story: Story
) -> None:
    hers, mine, about, target = visitor(story.teacher), visitor(story.aroha), story.aroha.person_id, story.targets[0]
    mine.post("preparation", data={f"level:{target}": "exceeded", f"see:{target}": "I can do them all"})
    hers.post("review", about)
    seen = {
        f"view-as:{target}": "peer",
        f"view-name:{target}": "Ben W",
        f"view-level:{target}": "expected",
        f"view-text:{target}": "She showed me how",
    }
    judged = {f"level:{target}": "expected", f"version:{target}": "0", f"qualitative:{target}": "Drew bars"}
    assert hers.post("judge", about, data=seen | judged).status_code == 302
    hers.post("judge", about, data={**seen, f"view-as:{target}": "family", f"view-name:{target}": "Mere"})
    review = plans.review(story.teacher, about)
    plans.close_review(story.teacher, review.id, version=review.version)
    for reader in (hers, mine):
        page = text(reader.get("past-review", about, review.id).content.decode())
        assert "A classmate Expected" in page
        assert "She showed me how Ben W , written down by Ms Patel" in page
        assert "Mere , written down by Ms Patel" in page
        assert "I can do them all" in page
        assert "Sees it differently from what was agreed" in page
    assert "She showed me how" not in text(visitor(story.ben).get("plan", story.ben.person_id).content.decode())
    assert visitor(story.ben).get("past-review", about, review.id).status_code == 404


@pytest.mark.requirement("002.7")
def test_areas_take_views_of_others_and_what_lacks_a_name_comes_back_as_typed(visitor: Visit, story: Story) -> None:
    school_id, hers, about = story.maths.school_id, visitor(story.teacher), story.aroha.person_id
    Plan.objects.of(school_id).update(framework=ensure_framework_version(school_id, "alfreton_park"))
    hers.post("review", about)
    seen = {"view-as:area.social": "family", "view-name:area.social": "", "view-text:area.social": "Shares at home"}
    refused = hers.post("judge", about, data=seen)
    assert refused.status_code == 422
    page = refused.content.decode()
    assert "Shares at home</textarea>" in page
    assert "Say whose view it is" in page
    hers.post("judge", about, data=seen | {"view-name:area.social": "Mere"})
    areas = {area.area: area for area in plans.review(story.teacher, about).areas}
    assert [(view.voice, view.name, view.text) for view in areas["social"].opinions] == [
        (Voice.FAMILY, "Mere", "Shares at home")
    ]


@pytest.mark.requirement("002.7")
def test_nobody_writes_the_learners_own_view_and_a_second_word_is_a_new_version(story: Story) -> None:
    about, target = story.aroha.person_id, story.targets[0]
    review_id = plans.start_review(story.teacher, about)
    with pytest.raises(Refused, match="learners_own"):
        plans.record_opinion(story.teacher, review_id, OpinionEntry(Voice.LEARNER, "Aroha"), target_id=target)
    for wrong in (
        OpinionEntry(Voice.OTHERS, "", text="Good"),
        OpinionEntry(Voice.OTHERS, "Ben"),
        OpinionEntry(Voice.OTHERS, "Ben", "nowhere"),
        OpinionEntry(Voice.FAMILY, "Ben", text="Good", peer=True),
        OpinionEntry(Voice.SCHOOL, "Ben", text="Good"),
    ):
        with pytest.raises(Invalid):
            plans.record_opinion(story.teacher, review_id, wrong, target_id=target)
    for words in ("Nearly", "Now she can"):
        entry = OpinionEntry(Voice.OTHERS, "Ben", text=words, peer=True)
        plans.record_opinion(story.teacher, review_id, entry, target_id=target)
    (view,) = plans.review(story.teacher, about).targets[0].opinions
    assert (view.text, view.peer) == ("Now she can", True)
    for who in (story.aroha, story.ben, story.assistant):
        with pytest.raises(NotFound):
            plans.record_opinion(who, review_id, OpinionEntry(Voice.OTHERS, "Ben", text="Me"), target_id=target)
    plans.close_review(story.teacher, review_id, version=plans.review(story.teacher, about).version)
    with pytest.raises(Refused, match="closed"):
        plans.record_opinion(story.teacher, review_id, OpinionEntry(Voice.OTHERS, "B", text="Late"), target_id=target)
