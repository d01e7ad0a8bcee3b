"""A launch on a telephone: 390 pixels, touch, in an LMS app's web view that keeps no cookies, and on its own."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import FrameLocator, Page, expect

from .conftest import Desk
from .host import Host
from .serving import Tool

Desks = Callable[..., Desk]
pytestmark = [pytest.mark.trust("T62")]

_IOS = "Mozilla/5.0 (iPhone; CPU iPhone OS 16_2 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
BROWSER, WEB_VIEW = _IOS + " Version/16.2 Mobile/15E148 Safari/604.1", _IOS + " Mobile/15E148"


LATE = """
if (window.parent === window) addEventListener("message", (event) => {
  if (!event.isTrusted) return;
  event.stopImmediatePropagation();
  const { data, origin, source } = event;
  setTimeout(() => window.dispatchEvent(new MessageEvent("message", { data, origin, source })), 1600);
}, true);
"""


def phone(desk: Desks, name: str = BROWSER) -> Desk:
    shape: dict[str, Any] = {
        "width": 390,
        "height": 844,
        "is_mobile": True,
        "has_touch": True,
        "device_scale_factor": 2,
    }
    return desk(**shape, user_agent=name)


def fits(page: Page | FrameLocator) -> None:
    assert page.locator("html").evaluate("e => e.scrollWidth <= e.ownerDocument.defaultView.innerWidth")


@pytest.mark.parametrize("silent", [False, True], ids=["says where it stands", "silent"])
@pytest.mark.parametrize("name", [BROWSER, WEB_VIEW], ids=["browser", "web view"])
def test_with_the_lmss_storage_the_panel_works_without_any_cookie(
    host: Host, desk: Desks, name: str, silent: bool
) -> None:
    visitor = phone(desk, name)
    visitor.refuse_cookies(silent=silent)
    page = visitor.context.new_page()
    page.goto(host.course_page("aroha"))
    panel = page.frame_locator("iframe")
    expect(panel.get_by_role("heading", name="My targets here")).to_be_visible()
    panel.get_by_label("What went well?").tap()
    panel.get_by_label("What went well?").fill("I drew the bars on the bus.")
    panel.get_by_role("button", name="Share with my teachers").tap()
    expect(panel.get_by_text("Your teachers can read this.")).to_be_visible()
    assert visitor.context.cookies() == []
    fits(panel)
    page.reload()
    expect(panel.get_by_label("What went well?")).to_have_value("I drew the bars on the bus.")


def test_without_the_lmss_storage_a_tap_opens_the_panel_in_a_tab_of_its_own(
    host: Host, desk: Desks, tool: Tool
) -> None:
    visitor = phone(desk)
    visitor.refuse_cookies(in_frames_only=True)
    page = visitor.context.new_page()
    page.goto(host.course_page("aroha", storage=False))
    frame = page.frame_locator("iframe")
    expect(frame.get_by_role("heading", name="Open your plan in a new tab")).to_be_visible()
    expect(frame.get_by_text("open your course in a browser instead")).to_be_visible()
    fits(frame)
    with visitor.context.expect_page() as opened:
        frame.get_by_role("button", name="Open in a new tab").tap()
    tab = opened.value
    expect(tab.get_by_role("heading", name="My targets here")).to_be_visible()
    assert tab.url.startswith(tool.url + "/s/")
    fits(tab)
    tab.reload()
    expect(tab.get_by_role("heading", name="My targets here")).to_be_visible()


def test_an_answer_of_the_lms_that_comes_late_is_taken_all_the_same(host: Host, desk: Desks) -> None:
    visitor = phone(desk)
    visitor.refuse_cookies()
    page = visitor.context.new_page()
    page.add_init_script(LATE)
    page.goto(host.course_page("aroha"))
    panel = page.frame_locator("iframe")
    expect(panel.get_by_role("button", name="Open in a new tab")).to_be_visible()
    expect(panel.get_by_role("heading", name="My targets here")).to_be_visible()


def test_where_the_lms_offers_storage_and_does_not_answer_the_tab_is_offered_within_seconds(
    host: Host, desk: Desks
) -> None:
    visitor = phone(desk, WEB_VIEW)
    visitor.refuse_cookies()
    page = visitor.context.new_page()
    page.add_init_script("addEventListener('message', (event) => event.stopImmediatePropagation(), true)")
    page.goto(host.course_page("aroha"))
    offer = page.frame_locator("iframe").get_by_role("button", name="Open in a new tab")
    expect(offer).to_be_visible(timeout=4_000)


@pytest.mark.parametrize("name", [BROWSER, WEB_VIEW], ids=["browser", "web view"])
def test_a_launch_on_a_page_of_its_own_works_by_touch(host: Host, desk: Desks, tool: Tool, name: str) -> None:
    visitor = phone(desk, name)
    page = visitor.context.new_page()
    page.goto(host.login_url("teacher", storage=False))
    expect(page.get_by_role("heading", name="Targets of this class")).to_be_visible()
    fits(page)
    page.get_by_role("button", name="Review Aroha Ngata").tap()
    expect(page.get_by_role("heading", name="Aroha Ngata")).to_be_visible()
    fits(page)
    page.get_by_role("group", name="Explain to a partner").get_by_text("Expected").tap()
    page.get_by_role("button", name="Save and next student").tap()
    expect(page.get_by_role("heading", name="Ben Whitaker-Montgomery")).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="Ben Whitaker-Montgomery")).to_be_visible()


def test_where_no_cookie_is_kept_even_on_its_own_the_page_says_what_to_allow(host: Host, desk: Desks) -> None:
    visitor = phone(desk)
    visitor.expected.append("403")
    visitor.refuse_cookies()
    page = visitor.context.new_page()
    page.goto(host.login_url("aroha", storage=False))
    expect(page.get_by_text("allow cookies for this site")).to_be_visible()
    assert "My targets" not in page.content()
