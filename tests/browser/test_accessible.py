"""T81: axe finds nothing, on any page, for anybody: 360 and 1280, light, dark, forced colours, English and Arabic."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from lti_tool.plans import api as plans
from tests.factories.web import Door, Story
from tests.lti_tool.web.test_who_sees_what import rows

from .conftest import Desk
from .scenes import PARTS, World

pytestmark = [pytest.mark.trust("T81")]
Desks = Callable[..., Desk]
Doors = Callable[..., Door]

AXE = Axe()
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}
# All that other colours can break on a page that was looked at in full.
COLOURS = RULES | {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}


@dataclass(frozen=True)
class Look:
    """One way a page is looked at."""

    width: int = 360
    scheme: Literal["light", "dark"] = "light"
    forced: Literal["none", "active"] = "none"
    locale: str = "en"

    @property
    def options(self) -> dict[str, Any]:
        return {"width": self.width, "color_scheme": self.scheme, "forced_colors": self.forced}


LOOKS = [
    Look(),
    Look(320),
    Look(1280),
    Look(scheme="dark"),
    Look(1280, "dark"),
    Look(forced="active"),
    Look(locale="ar"),
    Look(1280, locale="ar"),
]


NO_PAGES = {"activities", "drafts", "file", "lti-jwks", "lti-canvas"}  # a part of a form, somebody's picture, JSON


def troubles(page: Page, name: str, rules: dict[str, Any] = RULES) -> list[str]:
    """What axe finds, what is wider than the window, and what is too small to press."""
    found = [
        f"{name}: {violation['id']} {node['html'][:160]} {node.get('failureSummary', '')[:200]}"
        for violation in AXE.run(page, options=rules).response["violations"]
        for node in violation["nodes"]
    ]
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        found.append(f"{name}: wider than the window")
    small = page.evaluate(
        """() => [...document.querySelectorAll(
          "button, a.button, summary, input:not([type=hidden]), textarea, .filters a"
        )]
        .filter((e) => e.checkVisibility() && !e.closest("label"))
        .filter((e) => { const r = e.getBoundingClientRect(); return r.width < 24 || r.height < 24; })
        .map((e) => e.outerHTML.slice(0, 120))"""
    )
    return found + [f"{name}: smaller than 24 px: {html}" for html in small]


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("locale", ["en", "ar"])
def test_axe_finds_nothing_on_any_page(desk: Desks, story: Story, locale: str, part: str) -> None:
    """Each page is opened once and then looked at in every way: sizes, dark, forced colours."""
    visitor = desk()
    visitor.expected += ["404", "401"]
    page, found = visitor.context.new_page(), []
    for scene in World(story, locale).scenes(part):
        if scene.door:
            visitor.sit(scene.door)
        answer = page.goto(visitor.tool.url + scene.address)
        assert answer is not None
        assert answer.status < 500, scene.name
        page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true })")
        for look in LOOKS:
            if look.locale == locale:
                page.set_viewport_size({"width": look.width, "height": 800})
                page.emulate_media(color_scheme=look.scheme, forced_colors=look.forced)
                is_plain = look.scheme == "light" and look.forced == "none"
                found += troubles(page, f"{scene.name}, {look}", RULES if is_plain else COLOURS)
    assert found == []


def test_every_page_is_looked_at(story: Story) -> None:
    """Whatever somebody can open: a route that answers a person with a page and is in no scene fails here."""
    answered = {row.route for row in rows() if row.method == "GET" and 200 in row.status.values()}
    seen = {scene.route for scene in World(story).scenes()}
    assert answered - NO_PAGES <= seen


def test_axe_finds_nothing_where_there_is_no_session_and_where_words_clash(
    desk: Desks, door: Doors, story: Story
) -> None:
    visitor = desk()
    visitor.expected += ["401", "409", "422", "Response Status Error"]
    closed = visitor.context.new_page()
    closed.goto(visitor.tool.url + "/s/nobody/")
    found = troubles(closed, "no session")
    page = visitor.open(door(story.teacher))
    page.get_by_role("button", name="Review Aroha Ngata").click()
    page.get_by_label("Comment for the student").first.fill("No level yet")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("Choose a level too.").wait_for()
    found += troubles(page, "a level is missing")
    plans.judge_target(
        story.colleague,
        plans.review(story.colleague, story.aroha.person_id).id,
        story.targets[0],
        level="expected",
        comment="Theirs",
        version=0,
    )
    page.get_by_label("Emerging").first.check()
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("Somebody saved while you were writing.").wait_for()
    found += troubles(page, "two at once")
    done = visitor.open(door(story.aroha))
    done.get_by_role("button", name="I’m done").click()
    done.get_by_role("heading", name="All done").wait_for()
    found += troubles(done, "done")
    assert found == []


@pytest.mark.trust("T21")
def test_yes_and_no_weigh_the_same(desk: Desks, door: Doors, story: Story) -> None:
    plans.start_review(story.teacher, story.aroha.person_id)
    page = desk().open(door(story.teacher), f"students/{story.aroha.person_id}/review/")
    page.get_by_text("Close this review…").click()
    looks = [
        page.get_by_role("button", name=name).evaluate(
            "e => { const s = getComputedStyle(e);"
            " return [s.color, s.backgroundColor, s.borderColor, s.fontSize, s.fontWeight,"
            " e.offsetWidth, e.offsetHeight] }"
        )
        for name in ("Close the review", "Not yet")
    ]
    assert looks[0] == looks[1]


@pytest.mark.trust("T81")
def test_what_has_focus_is_never_hidden_by_the_bar_at_the_bottom(desk: Desks, door: Doors, story: Story) -> None:
    """WCAG 2.2, 2.4.11."""
    plans.start_review(story.teacher, story.aroha.person_id)
    page = desk(height=500).open(door(story.teacher), f"students/{story.aroha.person_id}/review/")
    for _ in range(40):
        page.keyboard.press("Tab")
        hidden = page.evaluate(
            "() => { const e = document.activeElement, bar = document.querySelector('.sticky');"
            " if (e === document.body || bar.contains(e)) return '';"
            " const [a, b] = [e, bar].map((x) => x.getBoundingClientRect());"
            " return a.top >= b.top && a.bottom <= b.bottom ? e.outerHTML : '' }"
        )
        assert hidden == ""


@pytest.mark.trust("T81", "T87")
def test_wider_spacing_of_letters_words_and_lines_cuts_nothing_off(desk: Desks, door: Doors, story: Story) -> None:
    """WCAG 1.4.12, with the values it names; a style sheet of the reader's own."""
    plans.start_review(story.teacher, story.aroha.person_id)
    visitor = desk(width=320, bypass_csp=True)
    for who, path in (
        (story.aroha, ""),
        (story.teacher, ""),
        (story.teacher, f"students/{story.aroha.person_id}/review/"),
    ):
        page = visitor.open(door(who), path)
        page.add_style_tag(
            content="* { line-height: 1.5 !important; letter-spacing: .12em !important;"
            " word-spacing: .16em !important }"
            " p { margin-block-end: 2em !important }"
        )
        for font in ("inherit", "Liberation Sans", "DejaVu Sans", "DejaVu Sans Mono"):
            page.add_style_tag(content=f"* {{ font-family: {font} !important }}")
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), font
        cut = page.evaluate(
            "() => [...document.querySelectorAll('button, a, h1, h2, p, td, label')]"
            ".filter((e) => e.checkVisibility() && !e.matches('.unseen, .unseen *'))"
            ".filter((e) => e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).overflow !== 'visible')"
            ".map((e) => e.outerHTML.slice(0, 100))"
        )
        assert cut == []


def test_nothing_moves_for_somebody_who_asked_for_stillness(desk: Desks, door: Doors, story: Story) -> None:
    page = desk(reduced_motion="reduce").open(door(story.teacher))
    page.evaluate("document.getElementById('busy').classList.add('htmx-request')")
    assert page.evaluate("document.getAnimations().length") == 0
