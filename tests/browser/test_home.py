"""T34: a family on an old phone: no script, little weight, and the same on paper."""

import pytest
from playwright.sync_api import Response

from lti_tool.plans import api as plans
from lti_tool.plans.data import Actor, GuardianScope, Role, TargetChange
from tests.factories.setup import appoint
from tests.factories.web import Door, Story, open_door

from .test_accessible import Desks

pytestmark = [pytest.mark.trust("T34")]
LIMIT = 200_000  # bytes
PHONE = {"width": 360, "height": 640, "java_script_enabled": False}


@pytest.fixture
def mother(story: Story) -> Actor:
    maths = story.maths
    office = maths.person(Role.TEACHER, "Robin Office")
    appoint(open_door(office))
    office = plans.actor_for(maths.school_id, office.person_id, office.course_id)
    person_id = plans.ensure_person(maths.school_id, name="Mere Ngata")
    plans.link_guardian(office, person_id, story.aroha.person_id, scope=GuardianScope.SHARED)
    plans.set_help(office, name="Ms Rangi", phone="0800 123 456")
    return plans.actor_for(maths.school_id, person_id, None)


@pytest.fixture
def home(mother: Actor) -> Door:
    return open_door(mother)


def sent(story: Story) -> None:
    plans.send_sheet(story.teacher, story.aroha.person_id, "family_planning")


def weight(answer: Response) -> int:
    sizes = answer.request.sizes()
    return sizes["responseBodySize"] + sizes["responseHeadersSize"]


def test_a_mother_reads_answers_and_changes_her_answer_without_any_script(
    desk: Desks, home: Door, story: Story, mother: Actor
) -> None:
    sent(story)
    page = desk(**PHONE).open(home)
    assert page.get_by_role("heading", name="Aroha Ngata").is_visible()
    page.get_by_role("link", name="Answer").click()
    page.locator("textarea").first.fill("She cooks with her nan")
    page.get_by_role("button", name="Send to school").click()
    assert page.get_by_text("Answered by").is_visible()
    page.locator("textarea").first.fill("She cooks and measures with her nan")
    page.get_by_role("button", name="Send to school").click()
    (answer,) = plans.sheets(story.teacher, story.aroha.person_id).sheets
    assert "She cooks and measures with her nan" in dict(answer.answers).values()
    page.get_by_role("link", name="Help").click()
    assert page.get_by_role("link", name="Call 0800 123 456").is_visible()
    page.get_by_role("link", name="My children").click()
    page.get_by_role("link", name="Who opened this plan").click()
    assert page.get_by_text("Mere Ngata").first.is_visible()


def test_a_family_without_an_account_goes_the_whole_way_without_any_script(desk: Desks, story: Story) -> None:
    sheet_id = plans.send_sheet(story.teacher, story.aroha.person_id, "family_planning")
    token = plans.make_link(story.teacher, sheet_id)
    visitor = desk(**PHONE)
    page = visitor.context.new_page()
    page.goto(f"{visitor.tool.url}/sheet/{token}")
    page.get_by_role("link", name="Cymraeg").click()
    page.get_by_role("link", name="English").click()
    page.get_by_label("The code, six numbers").fill(plans.tell_code(story.teacher, sheet_id))
    page.get_by_role("button", name="Open the form").click()
    page.locator("textarea").first.fill("She cooks with her nan")
    page.get_by_label("Your name").fill("Mere")
    page.get_by_role("button", name="Send to school").click()
    assert page.get_by_role("heading", name="Thank you").is_visible()
    (answer,) = plans.sheets(story.teacher, story.aroha.person_id).sheets
    assert "She cooks with her nan" in dict(answer.answers).values()


def test_no_family_page_weighs_more_than_two_hundred_kilobytes(desk: Desks, home: Door, story: Story) -> None:
    """Each opened as the first: nothing is there from before. With thirty targets, which is more than anybody has."""
    sent(story)
    for number in range(30):
        change = TargetChange(f"Target number {number}: explain how I got my answer", success="I can do it. " * 9)
        plans.agree_target(story.teacher, story.aroha.person_id, change)
    (sheet,) = plans.sheets(story.teacher, story.aroha.person_id).sheets
    student = f"students/{story.aroha.person_id}/"
    for path in ("", student + "home", student + "sheets", f"sheets/{sheet.id}", student + "opened", "help", "about"):
        visitor = desk(width=360)
        visitor.sit(home)
        page = visitor.context.new_page()
        answers: list[Response] = []
        page.on("response", lambda answer, kept=answers: kept.append(answer))
        page.goto(visitor.tool.url + home.path + path)
        page.wait_for_load_state("load")
        weights = [weight(answer) for answer in answers if not answer.url.startswith("data:")]
        assert len(weights) >= 4
        assert sum(weights) < LIMIT, (path, weights)
        visitor.context.close()


def test_on_paper_stand_the_same_items_and_nothing_to_press(desk: Desks, home: Door, story: Story) -> None:
    page = desk(width=360).open(home)
    items = ".card.piece .piece-title"
    on_screen = page.locator(items).all_inner_texts()
    page.emulate_media(media="print")
    assert page.locator(items).all_inner_texts() == on_screen
    assert on_screen
    pressed = page.evaluate(
        "() => [...document.querySelectorAll('button, .button, nav, footer, input, summary')]"
        ".filter((e) => e.checkVisibility()).map((e) => e.outerHTML.slice(0, 80))"
    )
    assert pressed == []
    looks = page.evaluate(
        "() => { const s = getComputedStyle(document.querySelector('.card.piece'));"
        " return [s.breakInside, s.backgroundColor, s.color, s.boxShadow] }"
    )
    assert looks == ["avoid", "rgb(255, 255, 255)", "rgb(0, 0, 0)", "none"]


def test_a_sheet_on_paper_has_room_to_write(desk: Desks, home: Door, story: Story) -> None:
    sent(story)
    (sheet,) = plans.sheets(story.teacher, story.aroha.person_id).sheets
    page = desk(width=360).open(home, f"sheets/{sheet.id}")
    page.emulate_media(media="print")
    heights = page.evaluate("() => [...document.querySelectorAll('textarea')].map((e) => e.offsetHeight)")
    assert heights
    assert min(heights) >= 90
    assert not page.get_by_role("button", name="Send to school").is_visible()
