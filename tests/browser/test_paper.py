"""What pages are on paper, as Chromium prints them: A4, nothing to press, each child's own sheets, any name whole."""

import io
import re
import subprocess
import unicodedata
from collections.abc import Callable

import pytest
from playwright.sync_api import Page
from pypdf import PdfReader

from lti_tool.plans import api as plans
from lti_tool.plans.data import TargetChange
from lti_tool.plans.models import Person
from tests.factories.web import Story, open_door
from tests.lti_tool.web.test_own_names import CORPUS

from .conftest import Desk
from .scenes import World

Desks = Callable[..., Desk]
A4 = (595, 842)  # points


def sheets(page: Page) -> list[str]:
    """The text of each sheet the page prints to; every sheet is A4."""
    reader = PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True)))
    sizes = {(round(one.mediabox.width), round(one.mediabox.height)) for one in reader.pages}
    assert sizes == {A4}
    return [one.extract_text() for one in reader.pages]


def letters(text: str) -> str:
    """The text without what printing may add or turn: blanks, marks of direction, ligatures of glyphs."""
    plain = unicodedata.normalize("NFKC", text)
    return "".join(char for char in plain if not char.isspace() and unicodedata.category(char) != "Cf")


def stands(name: str, text: str) -> bool:
    """Whether the name is on paper; right-to-left words may be told in the order their glyphs stand."""
    wanted, told = letters(name), letters(text)
    return wanted in told or wanted[::-1] in told or all(letters(part)[::-1] in told for part in name.split())


def drawn(name: str) -> bool:
    """Whether any font of this machine has the name's letters: what none has, no printer can print here."""
    codes = " ".join(f"{ord(char):x}" for char in name if char.isalpha())
    asked = ["fc-list", f":charset={codes}", "family"]
    return bool(subprocess.run(asked, capture_output=True, text=True, check=True, timeout=20).stdout.strip())


@pytest.mark.trust("T34")
def test_each_childs_pack_is_on_sheets_of_its_own_with_its_name_on_each(desk: Desks, story: Story) -> None:
    world = World(story)
    for number in range(9):
        change = TargetChange(f"Target {number}: say how I got there", success="I can. " * 9)
        plans.agree_target(story.teacher, story.ben.person_id, change)
    visitor = desk(width=1280)
    visitor.context.set_default_timeout(60_000)
    page = visitor.open(world.door(story.teacher), "packs")
    names = page.locator(".pack-name").all_inner_texts()
    printed = sheets(page)
    whose = [[name for name in names if letters(text).startswith(letters(name))] for text in printed]
    assert all(len(one) == 1 for one in whose), whose
    assert [name for (name,) in whose] == sorted((name for (name,) in whose), key=names.index)
    assert {name for (name,) in whose} == set(names)
    assert len([1 for (name,) in whose if name == "Ben Whitaker-Montgomery"]) >= 3
    for text, (mine,) in zip(printed, whose, strict=True):
        assert not [name for name in names if name != mine and letters(name) in letters(text)]


@pytest.mark.trust("T34")
def test_a_pack_on_paper_is_large_whole_and_only_the_familys(desk: Desks, story: Story) -> None:
    world = World(story)
    page = desk(width=1280).open(world.door(story.teacher), f"students/{story.aroha.person_id}/pack")
    text = "\n".join(sheets(page))
    for said in ("Add and take away fractions", "Where to give it back", "Ms Patel", "Signature", "Progress at home"):
        assert letters(said) in letters(text), said
    for said in ("For whom?", "In which language?", "Put this sheet in", "Help Reported", "I’m done", "My notes"):
        assert letters(said) not in letters(text), said
    page.emulate_media(media="print")
    size = page.evaluate("() => parseFloat(getComputedStyle(document.querySelector('.pack .piece p')).fontSize)")
    assert size >= 14 * 96 / 72 - 0.1  # 14 pt
    whole = page.evaluate(
        "() => [...document.querySelectorAll('.pack :is(.piece, .ask, .room, .say, .pack-back)')]"
        ".filter((e) => getComputedStyle(e).breakInside !== 'avoid').map((e) => e.className)"
    )
    assert whole == []
    wide = page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    assert wide
    room = page.evaluate("() => [...document.querySelectorAll('.room')].map((e) => e.offsetHeight)")
    assert min(room) >= 40
    assert max(room) >= 150


@pytest.mark.trust("T34", "T93")
def test_a_pack_in_arabic_runs_from_the_right(desk: Desks, story: Story) -> None:
    World(story)
    door = open_door(story.teacher)
    page = desk(width=1280).open(door, f"students/{story.aroha.person_id}/pack?language=ar")
    page.emulate_media(media="print")
    assert page.locator(".pack").evaluate("(e) => getComputedStyle(e).direction") == "rtl"
    assert stands("الأهداف", "\n".join(sheets(page)))


@pytest.mark.trust("T93")
def test_every_name_is_whole_on_printed_packs_and_plans_and_no_other_name_is(desk: Desks, story: Story) -> None:
    learners = {name: story.maths.learner(f"Register {number}x") for number, name in enumerate(CORPUS)}
    for name, learner in learners.items():
        plans.set_my_name(learner, own=name, pronouns="ia")
    told = Person.objects.of(story.maths.school_id).values_list("told_name", flat=True)
    assert sum(name.startswith("Register") for name in told) == len(CORPUS)
    door = open_door(story.teacher)
    visitor = desk(width=1280)
    visitor.context.set_default_timeout(60_000)  # a class of twenty, each with all of its page
    page = visitor.open(door, "packs")
    whole = "\n".join(sheets(page))
    assert [name for name in CORPUS if drawn(name) and not stands(name, whole)] == []
    assert len([name for name in CORPUS if drawn(name)]) >= len(CORPUS) - 1
    assert set(CORPUS) <= set(page.locator(".pack-name").all_inner_texts())
    assert not re.search(r"Register\s*\d", whole)
    for name in (CORPUS[0], CORPUS[6], CORPUS[13]):
        page.goto(visitor.tool.url + door.path + f"students/{learners[name].person_id}/plan")
        plan = "\n".join(sheets(page))
        assert stands(name, plan), name
        assert not re.search(r"Register\s*\d", plan)


@pytest.mark.trust("T34")
@pytest.mark.parametrize("locale", ["en", "ar"])
def test_plan_review_and_sheet_print_what_they_say_and_nothing_that_is_asked_beside_it(
    desk: Desks, story: Story, locale: str
) -> None:
    world = World(story, locale)
    visitor, door, student = desk(width=1280), world.door(story.teacher), f"students/{story.aroha.person_id}/"
    (past,) = plans.past_reviews(story.teacher, story.aroha.person_id)
    page = visitor.open(door, student + "plan")
    for path in (student + "plan", f"{student}reviews/{past.id}", f"sheets/{world.open_sheet}"):
        page.goto(visitor.tool.url + door.path + path)
        text = letters("\n".join(sheets(page)))
        assert stands("Aroha Ngata", text), path
        assert letters("Ben Whitaker-Montgomery") not in text  # the classmate with the same target
        page.emulate_media(media="print")
        found = page.evaluate(
            "() => [...document.querySelectorAll('button, select, summary, nav, .card')].filter((e) =>"
            " e.checkVisibility() && (!e.matches('.card') || !e.innerText.trim()))"
            ".map((e) => e.outerHTML.slice(0, 99))"
        )
        assert found == [], path
        inputs = page.locator("input:visible, textarea:visible").count()
        assert (inputs > 0) == path.startswith("sheets/"), path
        page.emulate_media(media="screen")
