"""A teacher places something in the course, in the LMS's own frame: by keyboard, without script, without a cookie."""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

import jwt
import pytest
from playwright.sync_api import FrameLocator, Page, Route, expect

from lti_tool.lti import keys
from lti_tool.lti.models import DeepLinking, LaunchSession
from lti_tool.plans import api as plans
from tests.factories.lti import REMOVE
from tests.factories.web import Door, Story

from .conftest import Desk
from .host import Host
from .test_accessible import LOOKS, Look, troubles
from .test_teacher import tab_to

Desks = Callable[..., Desk]
Doors = Callable[..., Door]
SETTINGS: dict[str, Any] = {
    "deep_link_return_url": "http://localhost:8010/return",
    "accept_types": ["ltiResourceLink"],
    "accept_presentation_document_targets": ["iframe", "window"],
    "accept_multiple": True,
    "accept_lineitem": True,
}
GOAL = "Be sure of myself when numbers come up in everyday life"


def asked(door: Door, *, may_pick: bool = True, **changes: Any) -> Door:
    """The door, with a deep linking request to answer."""
    session = LaunchSession.objects.get(handle=door.handle)
    DeepLinking.objects.create(session=session, settings=SETTINGS | changes, may_pick=may_pick)
    return door


def items(host: Host) -> list[dict[str, Any]]:
    (token,) = host.returned
    kid = jwt.get_unverified_header(token)["kid"]
    key = next(k for k in jwt.PyJWKSet.from_dict(keys.jwks()).keys if k.key_id == kid)
    said = jwt.decode(token, key.key, ["RS256"], audience=host.url)
    return said["https://purl.imsglobal.org/spec/lti-dl/claim/content_items"]


def picker(page: Page, host: Host) -> FrameLocator:
    page.goto(host.course_page("teacher", width=700))
    frame = page.frame_locator("iframe")
    expect(frame.get_by_role("heading", name="What do you want to add to this course?")).to_be_visible()
    return frame


def take(route: Route, sent: list[str]) -> None:
    """The LMS's side of an answer, without an LMS."""
    sent += parse_qs(route.request.post_data or "")["JWT"]
    route.fulfill(
        content_type="text/html", body='<html lang="en"><title>Back</title><h1>Added by the LMS</h1></html>'
    )


@pytest.mark.trust("T81", "T82")
def test_a_round_of_reviews_is_placed_by_keyboard_alone(host: Host, desk: Desks) -> None:
    host.teacher_picks("teacher", accept_lineitem=True)
    page = desk(width=900).context.new_page()
    frame = picker(page, host)
    frame.get_by_role("radio", name="Learning plan for this course").focus()
    expect(frame.get_by_label("What is this review called?")).to_be_hidden()
    page.keyboard.press("ArrowUp")  # the last choice
    expect(frame.get_by_role("radio", name="A new round of reviews")).to_be_checked()
    page.keyboard.press("Tab")
    expect(frame.get_by_label("What is this review called?")).to_be_focused()
    page.keyboard.press("ControlOrMeta+A")
    page.keyboard.type("Spring review")
    for _ in range(12):
        page.keyboard.press("Tab")
        if frame.get_by_role("button", name="Add to the course").evaluate("e => e === document.activeElement"):
            break
    page.keyboard.press("Enter")
    expect(frame.get_by_role("heading", name="Added by the LMS")).to_be_visible()
    (item,) = items(host)
    assert item["title"] == item["lineItem"]["label"] == "Spring review"


def test_what_is_missing_is_marked_and_nothing_is_lost(desk: Desks, door: Doors, story: Story) -> None:
    visitor = desk()
    visitor.expected.append("422")
    page = visitor.open(asked(door(story.teacher)), "place")
    page.get_by_label("Learning plan for this course").uncheck()
    page.get_by_label("A new round of reviews").check()
    page.get_by_label("List of reviews").check()
    page.get_by_label("What is this review called?").fill("")
    page.get_by_label("Open from").fill("2027-02-01")
    page.get_by_role("button", name="Add to the course").click()
    expect(page.get_by_text("Give the review a name.")).to_be_visible()
    expect(page.get_by_label("Open from")).to_have_value("2027-02-01")
    expect(page.get_by_label("List of reviews")).to_be_checked()


def test_cancel_goes_back_with_nothing(host: Host, desk: Desks) -> None:
    host.teacher_picks("teacher")
    frame = picker(desk(width=900).context.new_page(), host)
    frame.get_by_role("button", name="Cancel").click()
    expect(frame.get_by_role("heading", name="Added by the LMS")).to_be_visible()
    assert items(host) == []


def test_a_goal_the_class_shares_is_placed(host: Host, desk: Desks) -> None:
    host.teacher_picks("teacher")
    frame = picker(desk(width=900).context.new_page(), host)
    frame.get_by_role("radio", name=GOAL).check()
    frame.get_by_role("button", name="Add to the course").click()
    expect(frame.get_by_role("heading", name="Added by the LMS")).to_be_visible()
    (item,) = items(host)
    assert GOAL in item["title"]


def test_without_script_a_button_carries_the_answer_back(desk: Desks, door: Doors, story: Story) -> None:
    visitor = desk(java_script_enabled=False)
    sent: list[str] = []
    visitor.context.route(SETTINGS["deep_link_return_url"], lambda route: take(route, sent))
    page = visitor.open(asked(door(story.teacher)), "place")
    page.get_by_label("List of reviews").check()
    page.get_by_role("button", name="Add to the course").click()
    page.get_by_role("button", name="Back to my course").click()
    assert page.get_by_role("heading", name="Added by the LMS").is_visible()
    assert len(sent) == 1


@pytest.mark.trust("T62")
def test_without_any_cookie_the_picker_works_from_the_document_alone(host: Host, desk: Desks) -> None:
    host.teacher_picks("teacher")
    visitor = desk(width=900)
    visitor.refuse_cookies()
    # Pages that the test hands to the browser itself may not reach out to this machine's addresses; this one may.
    visitor.context.route(host.url + "/return*", lambda route: take(route, host.returned))
    frame = picker(visitor.context.new_page(), host)
    frame.get_by_role("radio", name="List of reviews").check()
    frame.get_by_role("button", name="Add to the course").click()
    expect(frame.get_by_role("heading", name="Added by the LMS")).to_be_visible()
    assert visitor.context.cookies() == []
    assert items(host)[0]["custom"]["ilp_view"] == "reviews"


@pytest.mark.trust("T62")
def test_without_any_cookie_the_gradebook_opens_the_students_review(host: Host, desk: Desks) -> None:
    host.people["teacher"] |= {
        "message_type": "LtiSubmissionReviewRequest",
        "for_user": {"user_id": "aroha"},
        "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint": {"lineitem": host.url + "/items/1"},
    }
    visitor = desk(width=900)
    visitor.refuse_cookies()
    page = visitor.context.new_page()
    page.goto(host.course_page("teacher", width=700))
    expect(page.frame_locator("iframe").get_by_role("heading", name="Aroha Ngata")).to_be_visible()


@pytest.mark.trust("T61")
def test_a_round_that_was_placed_opens_from_the_gradebook_and_then_for_its_student(
    host: Host, desk: Desks, story: Story
) -> None:
    plans.ensure_cycle(story.maths.school_id, "autumn", "Autumn review")
    before = dict(host.people["teacher"])
    host.teacher_picks("teacher", accept_lineitem=True)
    page = desk(width=900).context.new_page()
    frame = picker(page, host)
    frame.get_by_role("radio", name="Autumn review").check()
    expect(frame.get_by_label("What is this review called?")).to_be_hidden()
    expect(frame.get_by_label("Mark a student as done")).not_to_be_checked()
    frame.get_by_role("button", name="Add to the course").click()
    expect(frame.get_by_role("heading", name="Added by the LMS")).to_be_visible()
    (item,) = items(host)
    column = {"https://purl.imsglobal.org/spec/lti-ags/claim/endpoint": {"lineitem": host.url + "/items/9"}}

    host.people["teacher"] = before | column | {"resource_link": {"id": "placed"}, "custom": item["custom"]}
    page.goto(host.course_page("teacher", width=700))
    expect(frame.get_by_role("heading", name="Autumn review")).to_be_visible()
    expect(frame.get_by_text("Not started")).to_have_count(9)
    expect(frame.get_by_text("Nobody is marked as done in the gradebook.")).to_be_visible()

    custom = item["lineItem"]["submissionReview"]["custom"]
    host.people["teacher"] = (
        before
        | column
        | {
            "message_type": "LtiSubmissionReviewRequest",
            "for_user": {"user_id": "aroha"},
            "resource_link": REMOVE,
            "custom": custom,
        }
    )
    page.goto(host.course_page("teacher", width=700))
    expect(frame.get_by_role("heading", name="Aroha Ngata")).to_be_visible()
    expect(frame.get_by_role("link", name="Autumn review")).to_be_visible()
    frame.get_by_text("Close this review").click()
    frame.get_by_role("button", name="Close the review").click()
    expect(frame.get_by_text("Closed by Ms Patel")).to_be_visible()
    frame.get_by_role("link", name="Autumn review").click()
    expect(frame.get_by_text("Not started")).to_have_count(8)

    for hint, seen in (("aroha", "My review"), ("ben", "Your review is not finished yet")):
        host.person(hint, sub=hint, course=before["context"]["id"], activities=[], locale="en")
        host.people[hint] |= column | {"resource_link": {"id": "placed"}, "custom": item["custom"]}
        student = desk(width=500).context.new_page()
        student.goto(host.course_page(hint))
        expect(student.frame_locator("iframe").get_by_text(seen).first).to_be_visible()


@pytest.mark.trust("T81")
@pytest.mark.parametrize("look", LOOKS, ids=lambda look: f"{look.width}-{look.scheme}-{look.forced}-{look.locale}")
def test_axe_finds_nothing_on_the_pages_of_placing(desk: Desks, door: Doors, story: Story, look: Look) -> None:
    visitor = desk(**look.options)
    visitor.expected += ["403", "422"]
    found: list[str] = []

    def opened(name: str, **request: Any) -> Page:
        page = visitor.open(asked(door(story.teacher, locale=look.locale), **request), "place")
        found.extend(troubles(page, name))
        return page

    page = opened("picker")
    for box in page.locator("input[type=checkbox]").all():
        if box.is_visible() and not box.is_checked():
            box.check()
    found += troubles(page, "picker, all chosen")
    page.locator("[name=name]").fill("")
    page.locator("button[value=add]").click()
    expect(page.get_by_role("alert")).to_be_visible()
    found += troubles(page, "picker, name missing")
    opened("one choice", accept_multiple=False)
    opened("may not pick", may_pick=False)
    opened("another kind", accept_types=["file"])
    assert found == []


@pytest.mark.trust("T82")
def test_the_picker_can_be_left_and_finished_with_tab_and_enter(desk: Desks, door: Doors, story: Story) -> None:
    page = desk().open(asked(door(story.teacher)), "place")
    tab_to(page, name="List of reviews")
    page.keyboard.press("Space")
    tab_to(page, name="Add to the course")
    expect(page.get_by_label("List of reviews")).to_be_checked()
