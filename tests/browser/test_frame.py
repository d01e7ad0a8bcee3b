"""The panel as a third party: in a frame of another site, third-party cookies blocked as Debian's Chromium has it."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Frame, Page, expect

from lti_tool.plans import api as plans
from lti_tool.plans.data import ResultRead
from tests.factories.web import Door, Story

from .conftest import Desk
from .host import Host
from .serving import Tool


def panels(page: Page, tool: Tool, count: int = 1) -> list[Frame]:
    """The panel's frames once they stand."""
    page.wait_for_function(
        "count => (window.heard || heard).filter(m => m.subject === 'ilp.ready').length >= count", arg=count
    )
    return [frame for frame in page.frames if frame.url.startswith(tool.url + "/s/")]


@pytest.mark.trust("T62", "T64")
def test_the_panel_opens_in_the_course_tells_its_height_and_survives_a_reload(
    host: Host, desk: Callable[..., Desk], tool: Tool
) -> None:
    page = desk(width=900).context.new_page()
    page.goto(host.course_page("aroha"))
    (panel,) = panels(page, tool)
    expect(panel.get_by_role("heading", name="My targets here")).to_be_visible()
    page.wait_for_function("heard.some(m => m.subject === 'lti.frameResize' && m.height > 700)")
    panel.evaluate("location.reload()")
    page.wait_for_function("heard.filter(m => m.subject === 'ilp.ready').length === 2")
    expect(page.frame_locator("iframe").get_by_role("heading", name="My targets here")).to_be_visible()
    assert panel.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.trust("T62")
def test_two_courses_in_two_tabs_never_disturb_each_other(host: Host, desk: Callable[..., Desk], tool: Tool) -> None:
    visitor = desk(width=900)
    first, second = visitor.context.new_page(), visitor.context.new_page()
    first.goto(host.course_page("aroha"))
    panels(first, tool)
    second.goto(host.course_page("teacher"))
    panels(second, tool)
    first.bring_to_front()
    (mine,) = panels(first, tool)
    mine.evaluate("location.reload()")
    first.wait_for_function("heard.filter(m => m.subject === 'ilp.ready').length === 2")
    expect(first.frame_locator("iframe").get_by_role("heading", name="My targets here")).to_be_visible()
    expect(second.frame_locator("iframe").get_by_role("heading", name="Targets of this class")).to_be_visible()


@pytest.mark.trust("T62")
def test_a_copied_address_shows_nothing_in_another_browser(host: Host, desk: Callable[..., Desk], tool: Tool) -> None:
    page = desk(width=900).context.new_page()
    page.goto(host.course_page("aroha"))
    (panel,) = panels(page, tool)
    thief = desk()
    thief.expected.append("401")
    copied = thief.context.new_page()
    copied.goto(panel.url)
    expect(copied.get_by_role("heading", name="Open this from your course")).to_be_visible()
    assert "Aroha" not in copied.content()
    assert "fractions" not in copied.content()


@pytest.mark.trust("T64")
def test_a_foreign_site_can_neither_frame_the_panel_nor_talk_to_it(
    host: Host, desk: Callable[..., Desk], tool: Tool
) -> None:
    visitor = desk(width=900)
    visitor.expected += ["frame-ancestors", "ERR_BLOCKED", "401"]
    page = visitor.context.new_page()
    page.goto(host.course_page("aroha"))
    (panel,) = panels(page, tool)
    hostile = visitor.context.new_page()
    hostile.goto(host.url.replace("localhost", "127.0.0.1") + "/course?hint=aroha&storage=0&width=360")
    hostile.evaluate("address => { document.querySelector('iframe').src = address }", panel.url)
    hostile.wait_for_timeout(1000)
    assert all(
        "My targets" not in (frame.content() if frame.url.startswith("http") else "") for frame in hostile.frames
    )


def test_a_new_score_shows_within_ten_seconds_of_an_answer_without_taking_focus_or_words(
    host: Host, desk: Callable[..., Desk], tool: Tool, story: Story
) -> None:
    page = desk(width=900).context.new_page()
    page.goto(host.course_page("aroha"))
    (panel,) = panels(page, tool)
    words = panel.get_by_label("What went well?")
    words.fill("I was in the middle of a")
    panel.locator("details summary").first.click()
    words.focus()
    page.get_by_role("button", name="Answer").evaluate("button => button.click()")
    result = ResultRead(story.aroha.person_id, 10, 10)
    plans.record_results(story.maths.school_id, "ags", {story.maths.activities["fractions-1"]: [result]})
    expect(panel.get_by_text("10 out of 10", exact=True)).to_be_visible(timeout=10_000)
    expect(words).to_have_value("I was in the middle of a")
    expect(words).to_be_focused()
    expect(panel.locator("details[open]")).to_have_count(1)
    expect(panel.locator("#say")).to_have_text("New score: 10 out of 10 in Fractions: halves and quarters")


@pytest.mark.trust("T80")
def test_nothing_personal_lies_in_the_browsers_storage(host: Host, desk: Callable[..., Desk], tool: Tool) -> None:
    visitor = desk(width=900)
    page = visitor.context.new_page()
    page.goto(host.course_page("teacher"))
    (panel,) = panels(page, tool)
    panel.get_by_role("button", name="Go on").or_(panel.get_by_role("button", name="Review")).first.click()
    expect(panel.get_by_role("heading", name="Aroha Ngata")).to_be_visible()
    top = visitor.context.new_page()
    top.goto(tool.url + "/lti/jwks")
    state = visitor.context.storage_state()
    assert state["origins"] == []
    assert all(cookie["name"].startswith("__Host-ilp-") for cookie in state["cookies"])


@pytest.mark.trust("T62")
def test_without_any_cookie_the_panel_works_from_the_document_alone(
    host: Host, desk: Callable[..., Desk], tool: Tool, story: Story
) -> None:
    visitor = desk(width=900)
    visitor.refuse_cookies()
    page = visitor.context.new_page()
    page.goto(host.course_page("teacher"))
    (panel,) = panels(page, tool)
    panel.get_by_role("button", name="Review Aroha Ngata").click()
    expect(panel.get_by_role("heading", name="Aroha Ngata")).to_be_focused()
    panel.get_by_role("group", name="Explain to a partner").get_by_label("Expected").check()
    panel.get_by_role("button", name="Save and next student").click()
    expect(panel.get_by_role("heading", name="Ben Whitaker-Montgomery")).to_be_focused()
    assert plans.review(story.teacher, story.aroha.person_id).targets[1].judgement is not None
    panel.get_by_role("link", name="Class", exact=True).click()
    expect(panel.get_by_role("heading", name="Targets of this class")).to_be_focused()
    assert visitor.context.cookies() == []
    assert "secret" not in panel.url


def test_a_panel_that_cannot_reach_the_tool_says_so_and_goes_on_when_it_can(
    desk: Callable[..., Desk], door: Callable[..., Door], story: Story
) -> None:
    visitor = desk()
    visitor.expected += ["ERR_INTERNET_DISCONNECTED", "Failed to load", "htmx:"]
    page = visitor.open(door(story.aroha))
    visitor.context.set_offline(True)
    expect(page.get_by_text("cannot reach its school’s server")).to_be_visible(timeout=20_000)
    visitor.context.set_offline(False)
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    expect(page.get_by_text("cannot reach its school’s server")).to_have_count(0)


@pytest.mark.trust("T62")
def test_reading_again_tells_whether_somebody_is_there(host: Host, desk: Callable[..., Desk], tool: Tool) -> None:
    page = desk(width=900).context.new_page()
    told: list[bool] = []
    page.on(
        "request",
        lambda asked: told.append("used=1" in (asked.post_data or "")) if asked.url.endswith("/live") else None,
    )
    page.goto(host.course_page("aroha"))
    (panel,) = panels(page, tool)
    page.wait_for_timeout(9_000)
    assert told[0] is True, "it was opened"
    assert told[1:]
    assert not any(told[1:]), "nobody touched it"
    panel.get_by_role("heading", name="My targets here").click()
    told.clear()
    page.wait_for_timeout(9_000)
    assert any(told)
