"""An author in Studio: chooses at the tool in another tab, comes back, and the block shows what was chosen."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from .demo import Demo
from .test_browser import chromium, desk, opened, person

pytestmark = pytest.mark.browser
__all__ = ["chromium", "desk"]


@pytest.fixture
def studio(demo: Demo, desk: BrowserContext) -> Iterator[Page]:
    """Studio's page of a panel, as an author opened it from the unit; afterwards the block shows the plan again."""
    page = desk.new_page()
    page.goto(person(demo, "#Instructor")["unit_url"])
    page.locator("a.lms-edit").click()
    expect(page.locator(".ilp-studio")).to_be_visible()
    yield page
    page.bring_to_front()
    again = page.get_by_role("button", name="Show the plan again")
    if again.is_visible():
        again.click()
        expect(again).to_be_hidden()


def picking(page: Page, desk: BrowserContext) -> Page:
    with desk.expect_page() as tab:
        page.get_by_role("link", name="Choose what to show").click()
    picker = tab.value
    expect(picker.get_by_role("heading", name="What do you want to add to this course?")).to_be_visible()
    return picker


def come_back(page: Page) -> None:
    page.bring_to_front()
    # A tab of a headless browser counts as visible all the time, so it never hears that it is looked at again.
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def test_what_an_author_chose_at_the_tool_is_shown_in_studio_and_in_the_unit(
    demo: Demo, desk: BrowserContext, studio: Page, chromium: Browser
) -> None:
    shown = studio.locator(".ilp-studio__shown")
    picker = picking(studio, desk)
    picker.get_by_role("radio", name="List of reviews").check()
    picker.get_by_role("button", name="Add to the course").click()
    picker.wait_for_url("**/content")
    come_back(studio)
    expect(shown).to_contain_text("Progress reviews")
    studio.reload()
    expect(shown).to_contain_text("Progress reviews")
    elsewhere = chromium.new_context(viewport={"width": 1280, "height": 900})
    panel = opened(elsewhere.new_page(), person(demo, "#Instructor")["unit_url"])
    expect(panel.locator("h1")).to_be_visible()
    elsewhere.close()
    studio.get_by_role("button", name="Show the plan again").click()
    expect(shown).not_to_contain_text("Progress reviews")


def test_an_author_who_cancels_at_the_tool_finds_studio_as_it_was(
    demo: Demo, desk: BrowserContext, studio: Page
) -> None:
    shown = studio.locator(".ilp-studio__shown")
    before = shown.inner_text()
    picker = picking(studio, desk)
    picker.get_by_role("button", name="Cancel").click()
    picker.wait_for_url("**/content")
    come_back(studio)
    studio.wait_for_timeout(1000)
    expect(shown).to_have_text(before)
