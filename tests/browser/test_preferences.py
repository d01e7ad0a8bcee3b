"""T87: what a reader chose stays after every launch, and what their device asks for is done at once."""

import pytest
from playwright.sync_api import Page

from lti_tool.plans import api as plans
from lti_tool.plans.data import Look
from tests.factories.web import Story, open_door

from .test_accessible import Desks, troubles

pytestmark = [pytest.mark.trust("T87")]
SPACED = (
    "* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }"
    " p { margin-block-end: 2em !important }"
)


def style(page: Page, selector: str, name: str) -> str:
    return str(page.evaluate("([s, n]) => getComputedStyle(document.querySelector(s))[n]", [selector, name]))


def size(page: Page, selector: str) -> float:
    return float(style(page, selector, "fontSize").removesuffix("px"))


def test_spacing_tint_motion_and_size_are_there_after_the_next_launch(desk: Desks, story: Story) -> None:
    first = desk().open(open_door(story.aroha, activity_ids=story.unit), "looks")
    plain = size(first, "p")
    paper = style(first, "body", "backgroundColor")
    for name in ("Easy reading", "Read to me", "More room", "Nothing moves", "Cream paper"):
        first.get_by_label(name).check()
    first.get_by_role("button", name="Save", exact=True).click()
    first.wait_for_load_state()
    after = plans.actor_for(story.maths.school_id, story.aroha.person_id, story.maths.course_id)
    page = desk().open(open_door(after, activity_ids=story.unit))
    assert size(page, "p") > plain
    assert style(page, "body", "backgroundColor") != paper
    assert float(style(page, "body", "letterSpacing").removesuffix("px")) > 0.5
    assert page.get_by_role("button", name="Read to me").is_visible()
    page.evaluate("document.getElementById('busy').classList.add('htmx-request')")
    assert page.evaluate("document.getAnimations().length") == 0


def test_letters_of_less_weight_are_never_larger_than_the_words_they_belong_to(desk: Desks, story: Story) -> None:
    """Easy reading enlarges everything alike: titles above words, words above what stands beside them."""
    plans.set_looks(story.aroha, [Look.EASY])
    after = plans.actor_for(story.maths.school_id, story.aroha.person_id, story.maths.course_id)
    page = desk().open(open_door(after, activity_ids=story.unit))
    assert size(page, "h1") > size(page, "h2") > size(page, ".next p bdi") > size(page, ".small")
    assert troubles(page, "easy") == []


def test_what_the_device_asks_for_is_done_at_once(desk: Desks, story: Story) -> None:
    door = open_door(story.aroha, activity_ids=story.unit)
    light = desk(color_scheme="light").open(door)
    dark = desk(color_scheme="dark").open(door)
    assert style(light, "body", "backgroundColor") != style(dark, "body", "backgroundColor")
    still = desk(reduced_motion="reduce").open(door)
    still.evaluate("document.getElementById('busy').classList.add('htmx-request')")
    assert still.evaluate("document.getAnimations().length") == 0
    forced = desk(forced_colors="active").open(door)
    assert troubles(forced, "forced colours") == []
    contrast = desk(contrast="more").open(door)
    assert style(contrast, ".small", "color") == style(contrast, "body", "color")


@pytest.mark.parametrize("path", ["", "plan", "needs", "log", "mine/", "help", "looks"])
def test_with_wider_spacing_every_page_of_a_learner_is_whole(desk: Desks, story: Story, path: str) -> None:
    """WCAG 1.4.12, with the values it names, at 320 px."""
    if path in {"plan", "needs", "log"}:
        path = f"students/{story.aroha.person_id}/{path}"
    page = desk(width=320, bypass_csp=True).open(open_door(story.aroha, activity_ids=story.unit), path)
    page.add_style_tag(content=SPACED)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    cut = page.evaluate(
        "() => [...document.querySelectorAll('button, a, h1, h2, p, td, label, summary')]"
        ".filter((e) => e.checkVisibility() && !e.matches('.unseen, .unseen *'))"
        ".filter((e) => e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).overflow !== 'visible')"
        ".map((e) => e.outerHTML.slice(0, 100))"
    )
    assert cut == []
