"""The author's side: what the panel is about, and what is not set up."""

from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.utils import timezone
from lxml import etree
from xblock.reference.user_service import XBlockUser

from ilp_xblock import studio
from ilp_xblock.models import ContentRequest, Tool, digest
from ilp_xblock.workbench import courses as workbench_courses
from ilp_xblock.workbench.runtime import PersonService
from tests.factories.school import AMARA, FORCES, PANEL, SCIENCE, TEACHER, Browser, block, started_with, text, tool

pytestmark = pytest.mark.usefixtures("school")
ACIDS = [a for a in SCIENCE.graded if a.unit == "acids"]


def author() -> tuple[Browser, str]:
    """The teacher in Studio's view, and where its form is sent."""
    browser = Browser(TEACHER)
    return browser, started_with(browser.open(f"{FORCES}studio/"), "saved")["url"]


def saved(**changes: object):
    browser, url = author()
    return browser.send(url, {"display_name": "Learning plan", "activity_ids": None} | changes)


def test_an_author_sees_every_graded_activity_and_which_are_of_this_unit() -> None:
    tool()
    page = Browser(TEACHER).open(f"{FORCES}studio/")
    boxes = page.xpath("//input[@name='activity']")
    assert [box.get("value") for box in boxes] == [a.id for a in SCIENCE.graded]
    assert page.xpath("//input[@name='scope'][@value='unit'][@checked]")
    assert page.text_content().count("in this unit") == 3


def test_chosen_activities_are_what_learners_panel_is_about() -> None:
    tool()
    chosen = [a.id for a in ACIDS]
    answer = saved(display_name="My plan", activity_ids=chosen)
    assert answer.status_code == 200
    assert answer.json() == {"display_name": "My plan", "activity_ids": chosen}
    preview = text(block(PANEL).author_view())
    assert ACIDS[0].title in preview
    assert "Balanced and unbalanced forces" not in preview
    assert workbench_courses.WorkbenchCourses().placement(PANEL).activity_ids == tuple(chosen)


def test_an_author_goes_back_to_the_units_own_activities() -> None:
    tool()
    saved(activity_ids=[ACIDS[0].id])
    assert saved(activity_ids=None).json()["activity_ids"] == []
    assert "Balanced and unbalanced forces" in text(block(PANEL).author_view())


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"activity_ids": []}, "Choose at least one activity"),
        ({"activity_ids": ["not-of-this-course"]}, "no longer in this course"),
        ({"display_name": "  "}, "Give the panel a title"),
        ({"display_name": "\u200b\x00\u202e"}, "Give the panel a title"),
        ({"display_name": "\ud800"}, "could not be read"),
        ({"display_name": "x" * 101}, "Give the panel a title"),
        ({"display_name": 7}, "could not be read"),
        ({"activity_ids": "all"}, "could not be read"),
        ({"activity_ids": [1]}, "could not be read"),
    ],
)
def test_what_cannot_be_kept_is_answered_by_a_sentence(changes: dict, sentence: str) -> None:
    answer = saved(**changes)
    assert answer.status_code == 400
    assert sentence in answer.json()["error"]
    assert block(PANEL).activity_ids == []


@pytest.mark.parametrize(
    "kind",
    ["application/json", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded; charset=utf-99"],
)
def test_a_body_that_is_not_json_is_answered_by_a_sentence(kind: str) -> None:
    browser, url = author()
    token = {"X-CSRFToken": browser.client.cookies["csrftoken"].value}
    answer = browser.client.generic("POST", url, b"--x--\r\n\xff", content_type=kind, headers=token)
    assert answer.status_code == 400


def test_a_learner_changes_nothing() -> None:
    _, url = author()
    browser = Browser(AMARA)
    browser.open(FORCES)
    body = {"display_name": "Mine", "activity_ids": None}
    assert browser.send(url.replace(TEACHER, AMARA), body).status_code == 403
    assert block(PANEL).display_name == "Learning plan"


@pytest.mark.parametrize(
    ("known", "may"),
    [
        ({}, False),
        ({"edx-platform.is_authenticated": False}, False),
        ({"edx-platform.is_authenticated": True, "edx-platform.user_id": 7}, True),  # Studio names no role
        ({"edx-platform.user_id": 7, "edx-platform.user_role": "student"}, False),
        ({"edx-platform.user_id": 7, "edx-platform.user_role": "staff"}, True),
    ],
    ids=["nobody", "a visitor of an LMS", "an author in Studio", "a learner", "the course team in an LMS"],
)
def test_who_is_not_known_authors_nothing(known: dict, may: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    person = XBlockUser(is_current_user=True)
    person.opt_attrs.update(known)
    monkeypatch.setattr(PersonService, "get_current_user", lambda self: person)
    assert studio.may_author(block(PANEL)) is may


def test_a_title_is_one_line_of_plain_text_that_a_course_file_takes() -> None:
    assert saved(display_name=" My\x00\n plan\u202e ").json()["display_name"] == "My plan"
    block(PANEL).add_xml_to_node(etree.Element("unknown_root"))


def test_a_title_that_its_author_left_alone_stays_the_usual_one() -> None:
    assert saved(display_name="Learning plan").json()["display_name"] == "Learning plan"
    assert not block(PANEL).fields["display_name"].is_set_on(block(PANEL))


def test_a_learner_is_not_shown_the_form() -> None:
    assert Browser(AMARA).client.get(f"{FORCES}studio/", {"student": AMARA}).status_code == 404


@pytest.mark.trust("T65")
def test_the_form_is_sent_by_post_with_its_token() -> None:
    browser, url = author()
    body = {"display_name": "Taken over", "activity_ids": None}
    assert browser.send(url, body, csrf=False).status_code == 403
    assert browser.client.get(url).status_code == 405
    assert block(PANEL).display_name == "Learning plan"


def test_an_author_is_told_that_no_tool_is_connected() -> None:
    assert "No learning plan tool is connected" in text(block(PANEL).studio_view())
    tool()
    assert "No learning plan tool is connected" not in text(block(PANEL).studio_view())


def test_an_author_is_told_that_there_are_no_graded_activities(monkeypatch: pytest.MonkeyPatch) -> None:
    from ilp_xblock.workbench.gradebook import WorkbenchGrades

    monkeypatch.setattr(WorkbenchGrades, "activities", lambda self, course_id: [])
    assert "no graded activities yet" in text(block(PANEL).author_view())


def test_an_author_is_told_that_a_chosen_activity_has_gone() -> None:
    panel = block(PANEL)
    panel.activity_ids = ["gone", ACIDS[0].id]
    panel.save()
    assert "no longer in the course" in text(block(PANEL).studio_view())


def test_an_author_sees_what_learners_will_see() -> None:
    tool()
    seen = text(block(PANEL).author_view())
    assert "What a learner will see" in seen
    assert "Newest score: Balanced and unbalanced forces" in seen


def waiting(title: str = "Reviews of 7B", sub: str = TEACHER, block_id: str = PANEL) -> None:
    """An answer of the tool that waits for its author."""
    side = Tool.objects.get()
    chosen = {
        "client_id": side.client_id,
        "title": title,
        "text": "",
        "url": f"{side.target_link_uri}?v=1",
        "custom": {},
    }
    ContentRequest.objects.create(
        tool=side,
        sub=sub,
        course_id=SCIENCE.id,
        block_id=block_id,
        block_hash=digest(block_id),
        answered=timezone.now(),
        content=chosen,
        expires=timezone.now() + timedelta(hours=1),
    )


def handlers(browser: Browser) -> dict:
    return started_with(browser.open(f"{FORCES}studio/"), "saved")


def test_an_author_chooses_at_the_tool_in_a_new_tab() -> None:
    tool(messages={"LtiDeepLinkingRequest": ""})
    link = Browser(TEACHER).open(f"{FORCES}studio/").find_class("ilp-studio__choose")[0]
    address = urlsplit(link.get("href"))
    assert f"{address.scheme}://{address.netloc}{address.path}" == "http://localhost:8010/ilp/launch"
    assert dict(parse_qsl(address.query)) == {"block": PANEL, "student": TEACHER, "message": "deep_linking"}
    assert link.get("target") == "_blank"


def test_a_tool_that_offers_no_choice_is_not_asked() -> None:
    tool()
    page = Browser(TEACHER).open(f"{FORCES}studio/")
    assert not page.find_class("ilp-studio__content")
    assert handlers(Browser(TEACHER))["take"] == ""


def test_what_was_chosen_is_taken_into_the_block_and_can_be_cleared() -> None:
    tool(messages={"LtiDeepLinkingRequest": ""})
    browser = Browser(TEACHER)
    given = handlers(browser)
    assert browser.send(given["take"], {}).json() == {
        "title": "",
        "said": "Learners see their plan, teachers see their class.",
        "taken": False,
    }
    waiting()
    taken = browser.send(given["take"], {}).json()
    assert taken == {"title": "Reviews of 7B", "said": "Learners see “Reviews of 7B”.", "taken": True}
    assert "Learners see “Reviews of 7B”." in text(block(PANEL).author_view())
    placement = workbench_courses.WorkbenchCourses().placement(PANEL)
    assert placement.content["title"] == "Reviews of 7B"
    assert "Reviews of 7B" in text(block(PANEL).studio_view())
    assert browser.send(given["clear"], {}).json()["title"] == ""
    assert block(PANEL).chosen_content == {}


def test_another_author_or_another_block_takes_nothing() -> None:
    tool(messages={"LtiDeepLinkingRequest": ""})
    browser = Browser(TEACHER)
    given = handlers(browser)
    waiting(sub="u2002")
    waiting(block_id=SCIENCE.panel_id("acids"))
    assert browser.send(given["take"], {}).json()["taken"] is False
    assert ContentRequest.objects.count() == 2


@pytest.mark.trust("T65")
def test_a_learner_takes_and_clears_nothing() -> None:
    tool(messages={"LtiDeepLinkingRequest": ""})
    given = handlers(Browser(TEACHER))
    waiting(sub=AMARA)
    learner = Browser(AMARA)
    learner.open(FORCES)
    for url in (given["take"], given["clear"]):
        assert learner.send(url.replace(TEACHER, AMARA), {}).status_code == 403
        assert learner.send(url.replace(TEACHER, AMARA), {}, csrf=False).status_code == 403
        assert learner.client.get(url).status_code == 405
    assert block(PANEL).chosen_content == {}


def test_a_title_is_escaped_in_studio() -> None:
    tool(messages={"LtiDeepLinkingRequest": ""})
    waiting("<script>alert(1)</script>")
    browser = Browser(TEACHER)
    browser.send(handlers(browser)["take"], {})
    assert "<script>alert(1)" not in block(PANEL).studio_view().content
    assert "&lt;script&gt;" in block(PANEL).author_view().content
