"""The pages of frameworks in Chromium: axe, a preview that follows the typing, the way from a problem to its line."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from lti_tool.plans import api as plans
from tests.factories.setup import appointed
from tests.factories.web import Door, Story

from .conftest import Desk
from .test_accessible import LOOKS, Look, troubles

Desks = Callable[..., Desk]


def editor(story: Story) -> tuple[Door, Any, str]:
    """An administrator's session, the administrator, and a framework of the school's own."""
    door = appointed(story.teacher)
    office = plans.actor_for(story.teacher.school_id, story.teacher.person_id, story.teacher.course_id)
    key = plans.copy_framework(office, "alfreton_park", "Ysgol y Bryn")
    return door, office, key


def write(page: Page, before: str, after: str) -> str:
    """Put other words into the text, as typing would; the text as it then stands."""
    text = page.locator("#text").input_value()
    assert before in text
    page.locator("#text").fill(text.replace(before, after))
    return page.locator("#text").input_value()


@pytest.mark.trust("T81")
@pytest.mark.parametrize(
    "look",
    [look for look in LOOKS if look.locale == "en"],
    ids=lambda look: f"{look.width}-{look.scheme}-{look.forced}",
)
def test_axe_finds_nothing_on_any_page_of_frameworks(desk: Desks, story: Story, look: Look) -> None:
    visitor = desk(**look.options)
    door, _office, key = editor(story)
    found: list[str] = []
    for name, path in [
        ("list", "frameworks/"),
        ("look", "frameworks/quarter_notes"),
        ("edit", f"frameworks/{key}/edit"),
    ]:
        page = visitor.open(door, path)
        page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true })")
        found += troubles(page, name)
        page.close()
    page = visitor.open(door, f"frameworks/{key}/edit")
    write(page, "shape: leaf", "shape: laef")
    expect(page.get_by_text("Write “leaf” instead.")).to_be_visible()
    found += troubles(page, "something to mend")
    assert found == []
    assert visitor.unexpected() == []


def test_the_preview_follows_the_typing_and_nothing_is_lost(desk: Desks, story: Story) -> None:
    visitor = desk(width=1280)
    door, office, key = editor(story)
    page = visitor.open(door, f"frameworks/{key}/edit")
    preview = page.locator("#preview")

    text = write(page, "shape: leaf", "shape: laef")
    line = text[: text.index("laef")].count("\n") + 1
    problem = page.get_by_role("link", name=f"Line {line}", exact=True)
    expect(problem).to_be_visible()
    expect(page.locator(".numbers .wrong")).to_have_text(str(line))
    problem.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#text")).to_be_focused()
    chosen = page.evaluate("(t => t.value.slice(t.selectionStart, t.selectionEnd))(document.getElementById('text'))")
    assert "laef" in chosen
    assert "laef" in plans.framework_draft(office, key).text  # kept before any button was pressed

    write(page, "shape: laef", "shape: leaf")
    expect(preview.get_by_text("Nothing to mend.")).to_be_visible()
    write(page, "name: Communication,", "name: Talking,")
    expect(preview.get_by_text("Talking", exact=True).first).to_be_visible()
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_role("heading", name="Ysgol y Bryn")).to_be_visible()
    expect(page.get_by_text(re.compile("version 1"))).to_be_visible()
    assert plans.framework_to_see(office, key).areas[0].name == "Talking"
    page.get_by_role("button", name="Choose it for new plans").click()
    expect(page.get_by_text("New plans begin with")).to_be_visible()
    assert visitor.unexpected() == []
