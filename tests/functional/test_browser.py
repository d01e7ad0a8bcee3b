"""The loop as people see it: Chromium, third-party cookies blocked, the LMS around the tool's frame."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, FrameLocator, Page, expect, sync_playwright

from tests.browser.serving import CHROMIUM, CHROMIUM_FLAGS

from .demo import Demo

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def desk(chromium: Browser) -> Iterator[BrowserContext]:
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(20_000)
    yield context
    context.close()


def person(demo: Demo, role: str, place: int = 0) -> dict:
    return [p for p in demo.facts["courses"][0]["people"] if p["roles"][0].endswith(role)][place]


def opened(page: Page, url: str) -> FrameLocator:
    page.goto(url)
    expect(page.locator(".ilp-panel")).to_have_attribute("data-state", "ready", timeout=20_000)
    return page.frame_locator(".ilp-panel iframe")


def test_a_student_sees_the_new_score_without_a_reload_and_without_a_click_in_the_panel(
    demo: Demo, desk: BrowserContext
) -> None:
    page = desk.new_page()
    panel = opened(page, person(demo, "#Learner")["unit_url"])
    expect(panel.locator("article.target").first).to_be_visible()
    loads: list[str] = []
    page.on("framenavigated", lambda frame: loads.append(frame.url))
    quiz = page.locator(".lms-quiz").nth(1)
    # Right, right, wrong, right: seven and a half again would be no news, so all right.
    for question, choice in enumerate((0, 1, 2, 0)):
        quiz.locator("fieldset").nth(question).get_by_role("radio").nth(choice).check()
    quiz.get_by_role("button", name="Check my answers").click()
    expect(quiz.get_by_role("status")).to_have_text("Your score: 10 out of 10.")
    newest = panel.locator("article.target", has_text="Work out speed").locator(".score").first
    expect(newest).to_have_text("10 out of 10", timeout=10_000)
    assert loads == []


def test_two_people_in_two_tabs_of_one_browser_do_not_disturb_each_other(demo: Demo, desk: BrowserContext) -> None:
    first, second = desk.new_page(), desk.new_page()
    amara = opened(first, person(demo, "#Learner")["unit_url"])
    teacher = opened(second, person(demo, "#Instructor")["unit_url"])
    expect(amara.locator("h1")).to_have_text("My targets here")
    expect(teacher.locator("h1")).to_have_text("Targets of this class")
    first.reload()
    expect(first.locator(".ilp-panel")).to_have_attribute("data-state", "ready", timeout=20_000)
    expect(first.frame_locator(".ilp-panel iframe").locator("h1")).to_have_text("My targets here")


def test_from_the_course_page_to_a_judgement_and_on_to_the_next_student_is_six_clicks(
    demo: Demo, desk: BrowserContext
) -> None:
    page = desk.new_page()
    panel = opened(page, person(demo, "#Instructor")["unit_url"])
    documents: list[str] = []
    page.on("request", lambda r: documents.append(r.url) if r.resource_type == "document" else None)
    student = person(demo, "#Learner", 2)["name"]
    clicks = 0

    panel.get_by_role("button", name=re.compile(f" {student}$")).click()
    clicks += 1
    expect(panel.locator("h1")).to_have_text(student)
    target = panel.locator("section.target").first
    expect(target.locator("table")).to_be_visible()
    target.locator("label", has_text="Expected").click()
    clicks += 1
    comment = target.get_by_label("Comment for the student")
    comment.click()
    clicks += 1
    comment.press_sequentially("Clear conclusions.")
    panel.get_by_role("button", name="Save and next student").click()
    clicks += 1
    expect(panel.locator("h1")).not_to_have_text(student)
    assert clicks <= 6
    assert len(documents) <= 1, documents


def test_a_copied_address_of_the_panel_shows_nothing_elsewhere(
    demo: Demo, desk: BrowserContext, chromium: Browser
) -> None:
    page = desk.new_page()
    opened(page, person(demo, "#Learner")["unit_url"])
    address = next(f.url for f in page.frames if f.url.startswith(demo.facts["tool"]["base_url"]))
    other = chromium.new_context()
    stranger = other.new_page()
    answer = stranger.goto(address)
    assert answer is not None
    assert answer.status == 401
    assert "Work out speed" not in stranger.content()
    other.close()


def test_at_360_pixels_the_panel_stands_below_and_nothing_scrolls_sideways(demo: Demo, chromium: Browser) -> None:
    narrow = chromium.new_context(viewport={"width": 360, "height": 780})
    page = narrow.new_page()
    panel = opened(page, person(demo, "#Learner")["unit_url"])
    expect(panel.locator("article.target").first).to_be_attached()
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    inner = next(f for f in page.frames if f.url.startswith(demo.facts["tool"]["base_url"]))
    assert inner.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    below = page.locator(".lms-unit__main").bounding_box()
    frame = page.locator(".ilp-panel").bounding_box()
    assert below is not None
    assert frame is not None
    assert frame["y"] >= below["y"] + below["height"]
    narrow.close()
