"""The pages of a school's frameworks: for its administrators, with everything typed kept."""

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape

import pytest
from django.utils import timezone

from lti_tool.lti.models import LaunchSession
from lti_tool.plans import api as plans
from tests.factories.plans import Cast, make_cast
from tests.factories.setup import appoint

pytestmark = [pytest.mark.django_db]


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


@pytest.fixture
def it(cast: Cast, visitor: Callable):
    """The school's appointed administrator."""
    mine = visitor(cast.administrator)
    appoint(mine.door)
    return mine


@pytest.fixture
def office(cast: Cast, it):
    who = cast.administrator
    return plans.actor_for(who.school_id, who.person_id, who.course_id)


@pytest.fixture
def own(it) -> str:
    """A copy of a framework, as its page made it."""
    answer = it.post("framework-copy", "alfreton_park", data={"name": "Ysgol y Bryn"})
    assert answer.status_code == 302
    return answer["Location"].rsplit("/", 2)[1]


def page(answer) -> str:
    return answer.content.decode()


def saves(answer) -> str:
    return re.search(r'name="saves" id="saves" value="(\d+)"', page(answer)).group(1)


def test_the_list_shows_the_chosen_one_and_the_built_in_ones(it):
    shown = page(it.get("frameworks"))

    assert "New plans begin with" in shown
    for name in (
        "Te Kura",
        "Alfreton Park",
        "Foundation Learning at Key Stage 4",
        "Three key elements",
        "Quarter notes",
    ):
        assert name in shown
    assert "copy it: then you can change every word" in shown


@pytest.mark.parametrize(
    "key", ["general", "te_kura", "alfreton_park", "rigby_hall", "key_elements", "quarter_notes"]
)
def test_a_framework_can_be_looked_at_whole(it, key: str):
    answer = it.get("framework", key)

    assert answer.status_code == 200
    assert "What is asked" in page(answer)
    assert "Choose it for new plans" in page(answer) or key == "general"


def test_the_days_and_rules_of_a_framework_are_told_in_sentences(it):
    shown = page(it.get("framework", "alfreton_park"))
    assert "by the end: Spring Term 1" in shown
    assert "Written targets are checked before a family receives them: Phase leader." in shown
    assert "From Year 7 on, each plan has a career or planning goal." in page(it.get("framework", "te_kura"))
    shown = page(it.get("framework", "quarter_notes"))
    assert "2 weeks after the first day at the school" in shown
    assert "3 days after the first day at the school" in shown


def test_choosing_one_makes_new_plans_begin_with_it(it, cast: Cast):
    assert it.post("framework-choose", "te_kura").status_code == 302
    student = cast.maths.learner()
    cast.maths.target(cast.teacher, student)

    assert re.search(r"New plans begin with</h2>\s*<p[^>]*>.*?Te Kura", page(it.get("frameworks")), re.DOTALL)
    assert "1 plan" in page(it.get("frameworks"))


def test_a_copy_without_a_name_is_asked_for_one(it):
    answer = it.post("framework-copy", "general", data={"name": " "})

    assert answer.status_code == 422
    assert "Please fill this in." in page(answer)


def test_what_is_wrong_is_shown_with_its_line_and_the_text_is_kept(it, own: str):
    first = it.get("framework-edit", own)
    text = plans_text(first).replace("shape: leaf", "shape: laef")
    answer = it.post("framework-edit", own, data={"text": text, "saves": saves(first)})
    line = text[: text.index("laef")].count("\n") + 1

    assert answer.status_code == 200
    assert "1 thing to mend" in page(answer)
    assert f"Line {line}" in page(answer)
    assert "Write “leaf” instead." in page(answer)
    assert "laef" in page(it.get("framework-edit", own))


def test_the_live_preview_is_a_part_of_the_page_and_keeps_the_draft(it, own: str):
    first = it.get("framework-edit", own)
    text = plans_text(first).replace("name: Communication,", "name: Talking,")
    part = it.post(
        "framework-edit", own, data={"text": text, "saves": saves(first)},
        HTTP_HX_REQUEST="true", HTTP_HX_TARGET="preview",
    )  # fmt: skip

    assert "<html" not in page(part)
    assert "Talking" in page(part)
    assert 'hx-swap-oob="true"' in page(part)
    assert int(saves(part)) == int(saves(first)) + 1
    assert "name: Talking," in page(it.get("framework-edit", own))


def test_publishing_takes_the_text_as_it_stands_in_the_form(it, own: str, office):
    first = it.get("framework-edit", own)
    text = plans_text(first).replace("name: Communication,", "name: Talking,")
    answer = it.post("framework-publish", own, data={"text": text, "saves": saves(first)})

    assert answer.status_code == 302
    assert plans.framework_to_see(office, own).areas[0].name == "Talking"
    assert "version 1" in page(it.get("frameworks"))
    again = it.get("framework-edit", own)
    assert "nothing new to publish" in page(
        it.post("framework-publish", own, data={"text": text + "#\n", "saves": saves(again)})
    )


def test_publishing_what_is_wrong_says_what_to_mend_and_keeps_it(it, own: str):
    first = it.get("framework-edit", own)
    answer = it.post("framework-publish", own, data={"text": "areaz: 1", "saves": saves(first)})

    assert answer.status_code == 422
    assert "Write “areas” instead." in page(answer)
    assert "areaz: 1" in page(it.get("framework-edit", own))


def test_somebody_elses_words_are_never_overwritten_unseen(it, own: str, office):
    first = it.get("framework-edit", own)
    draft = plans.framework_draft(office, own)
    plans.save_framework_draft(office, own, draft.text + "# theirs\n", draft.saves)
    mine = draft.text + "# mine\n"

    answer = it.post("framework-edit", own, data={"text": mine, "saves": saves(first)})
    assert answer.status_code == 409
    assert "Somebody saved while you were writing." in page(answer)
    assert "# mine" in page(answer)
    assert "# theirs" in plans.framework_draft(office, own).text
    assert it.post("framework-publish", own, data={"text": mine, "saves": saves(answer)}).status_code == 409
    instead = re.search(r'name="saves" value="(\d+)">', page(answer)).group(1)
    assert it.post("framework-edit", own, data={"text": mine, "saves": instead}).status_code == 200
    assert "# mine" in plans.framework_draft(office, own).text


def test_a_text_far_too_long_is_refused_and_comes_back(it, own: str):
    answer = it.post("framework-edit", own, data={"text": "x" * 200_001, "saves": "1"})

    assert answer.status_code == 422
    assert "This is too long" in page(answer)
    assert "x" * 100 in page(answer)


@pytest.mark.trust("T63")
def test_after_a_while_only_drafts_are_kept_without_proof(it, own: str):
    first = it.get("framework-edit", own)
    LaunchSession.objects.filter(handle=it.door.handle).update(created_at=timezone.now() - timedelta(minutes=25))
    text = plans_text(first) + "# later\n"

    assert it.post("framework-edit", own, data={"text": text, "saves": saves(first)}).status_code == 200
    for route in ("framework-publish", "framework-discard", "framework-choose"):
        assert it.post(route, own, data={"text": text, "saves": "2"}).status_code == 403
    assert "# later" in page(it.get("framework-edit", own))


def test_throwing_a_draft_away_leaves_what_is_published(it, own: str, office):
    it.post("framework-publish", own, data={"text": plans.framework_draft(office, own).text, "saves": "1"})
    first = it.get("framework-edit", own)
    it.post("framework-edit", own, data={"text": "nothing", "saves": saves(first)})

    assert it.post("framework-discard", own).status_code == 302
    assert plans.framework_draft(office, own).published == 1
    assert plans.framework_draft(office, own).framework is not None


def test_a_built_in_framework_is_not_edited(it):
    assert it.get("framework-edit", "te_kura").status_code == 404
    assert it.post("framework-edit", "te_kura", data={"text": "x", "saves": "0"}).status_code == 404
    assert it.get("framework", "nothing").status_code == 404


@pytest.mark.trust("T65")
def test_hostile_words_in_a_framework_stay_words(it, own: str):
    first = it.get("framework-edit", own)
    text = plans_text(first).replace("name: Communication,", 'name: "<script>alert(1)</script>",')
    answer = it.post(
        "framework-edit", own, data={"text": text + "</textarea><script>x</script>: 1\n", "saves": saves(first)}
    )

    assert "<script>alert" not in page(answer)
    assert "<script>x" not in page(answer)


@pytest.mark.trust("T91")
def test_a_schools_own_words_show_as_written(it, own: str):
    first = it.get("framework-edit", own)
    text = plans_text(first).replace("name: Communication,", "name: Cyfathrebu,")
    it.post("framework-publish", own, data={"text": text, "saves": saves(first)})

    assert "Cyfathrebu" in page(it.get("framework", own))


def plans_text(answer) -> str:
    """The text in the form, as a browser would send it back."""
    return unescape(re.search(r"(?s)<textarea[^>]*>\n?(.*?)</textarea>", page(answer)).group(1))


def test_a_plan_is_moved_up_after_its_changes_were_shown(it, own: str, cast: Cast, visitor: Callable):
    first = it.get("framework-edit", own)
    it.post("framework-publish", own, data={"text": plans_text(first), "saves": saves(first)})
    it.post("framework-choose", own)
    student = cast.maths.learner("Dai")
    cast.maths.target(cast.teacher, student)
    plan_id = plans.student_panel(student, activity_external_ids=()).plan_id
    teacher = visitor(cast.teacher)
    assert "This plan has the newest version" in page(teacher.get("plan-upgrade", plan_id))
    text = plans_text(first).replace("name: Communication,", "name: Talking,")
    it.post("framework-publish", own, data={"text": text, "saves": "0"})

    shown = teacher.get("plan-upgrade", plan_id)
    assert "Called something else" in page(shown)
    assert "Communication" in page(shown)
    assert "Talking" in page(shown)
    assert "Nothing written is lost" in page(shown)
    assert teacher.post("plan-upgrade", plan_id, data={"to": "something.else"}).status_code == 409
    to = re.search(r'name="to" value="([^"]+)"', page(shown)).group(1)
    assert teacher.post("plan-upgrade", plan_id, data={"to": to}).status_code == 302
    assert "This plan has the newest version" in page(teacher.get("plan-upgrade", plan_id))
    assert visitor(student).get("plan-upgrade", plan_id).status_code == 404


def test_what_moving_up_changes_is_told_in_sentences_and_never_in_words_of_the_text(
    it, cast: Cast, visitor: Callable
):
    """From the plain plan to a special school's: rules, days and lists of every kind come and go."""
    student = cast.maths.learner("Dai")
    cast.maths.target(cast.teacher, student)
    plan_id = plans.student_panel(student, activity_external_ids=()).plan_id
    it.post("framework-choose", "alfreton_park")

    shown = page(visitor(cast.teacher).get("plan-upgrade", plan_id))
    for sentence in (
        "From General plan, version 1, to Alfreton Park, version 1.",
        "A judgement asks for evidence in words and in numbers.",
        "Before the year’s plan is whole, these talk about it:",
        "How often reviews come round: Interim by February half term, final by May half term.",
    ):
        assert sentence in re.sub(r"</?bdi>", "", shown), sentence
    assert "<dt>part of the school year</dt><dd><ul><li><bdi>Autumn Term 1</bdi></li>" in shown  # none of its words
    said = re.sub(r"<[^>]+>", " ", shown.partition("<main")[2] or shown)
    assert not re.search(r"\b(True|False|None)\b|\b[a-z]+_[a-z_]+\b", said), said
    assert not re.search(r"<li>\s*(<bdi>\s*</bdi>)?\s*</li>", shown)
