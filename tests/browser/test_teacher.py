"""A teacher's review in a real browser: few clicks, by keyboard alone, nothing typed is lost."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, Request, expect

from lti_tool.lti import api as lti
from lti_tool.lti.models import LaunchSession
from lti_tool.plans import api as plans
from lti_tool.plans.data import Level
from tests.factories.web import Door, Story

from .conftest import Desk

Doors = Callable[..., Door]
Desks = Callable[..., Desk]


def tab_to(page: Page, *, name: str, most: int = 80) -> None:
    """Press Tab until what has focus is called `name`."""
    for _ in range(most):
        page.keyboard.press("Tab")
        called = page.evaluate(
            "() => { const e = document.activeElement;"
            " return (e.getAttribute('aria-label') || [...(e.labels || [])].map(l => l.innerText).join(' ')"
            " || e.innerText || '').replace(/\\s+/g, ' ').trim() }"
        )
        if called.startswith(name):
            return
    raise AssertionError(f"Tab never reached {name!r}")


@pytest.mark.requirement("002.15")
def test_from_the_panel_to_a_judgement_with_comment_and_the_next_student_in_one_load_and_six_clicks(
    desk: Desks, door: Doors, story: Story
) -> None:
    visitor = desk()
    loads: list[str] = []
    visitor.context.on("request", lambda r: loads.append(r.url) if _is_load(r) else None)
    page = visitor.open(door(story.teacher))
    page.evaluate("() => { window.clicks = 0; addEventListener('click', e => { clicks += e.isTrusted }, true) }")
    page.get_by_role("button", name="Review Aroha Ngata").click()
    expect(page.get_by_text("13 out of 20")).to_be_visible()
    first = page.get_by_role("group", name="Add and take away")
    first.get_by_label("Expected").check()
    page.get_by_label("Comment for the student").first.click()
    page.keyboard.type("Bars every time.")
    page.get_by_role("button", name="Save and next student").click()
    expect(page.get_by_role("heading", name="Ben Whitaker-Montgomery")).to_be_focused()
    assert len(loads) == 1
    assert page.evaluate("clicks") <= 6
    judgement = plans.review(story.teacher, story.aroha.person_id).targets[0].judgement
    assert judgement is not None
    assert (judgement.level, judgement.comment) == (Level.EXPECTED, "Bars every time.")


def _is_load(request: Request) -> bool:
    return request.is_navigation_request() and request.redirected_from is None


@pytest.mark.trust("T81", "T82")
def test_a_whole_review_by_keyboard_alone(desk: Desks, door: Doors, story: Story) -> None:
    page = desk().open(door(story.teacher))
    tab_to(page, name="Review Aroha Ngata")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Aroha Ngata")).to_be_focused()
    tab_to(page, name="Add a target")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Add a target")).to_be_focused()
    tab_to(page, name="What is the target?")
    page.keyboard.type("Give change from ten pounds")
    tab_to(page, name="Search the activities")
    page.keyboard.type("market")
    expect(page.get_by_text("1 activity found")).to_be_visible()
    tab_to(page, name="Market stall")
    page.keyboard.press("Space")
    tab_to(page, name="Save the target")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Aroha Ngata")).to_be_focused()
    expect(page.get_by_role("heading", name="Give change from ten pounds")).to_be_visible()
    tab_to(page, name="Emerging")
    page.keyboard.press("ArrowRight")
    tab_to(page, name="Comment for the student")
    page.keyboard.type("You draw it before you say it.")
    tab_to(page, name="Next steps for")
    page.keyboard.type("Count change at the school fair.")
    tab_to(page, name="Close this review")
    page.keyboard.press("Enter")
    tab_to(page, name="Close the review")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Closed by Ms Patel")).to_be_visible()
    expect(page.get_by_text("You draw it before you say it.")).to_be_visible()
    expect(page.get_by_text("Count change at the school fair.")).to_be_visible()


@pytest.mark.trust("T81", "T82", "T86")
@pytest.mark.requirement("002.15", "001.9", "001.12")
def test_a_review_of_a_chosen_kind_one_target_a_screen_to_the_next_student_by_keyboard_alone(
    desk: Desks, door: Doors, story: Story
) -> None:
    page = desk().open(door(story.teacher))

    def press(name: str) -> None:
        tab_to(page, name=name, most=120)
        page.keyboard.press("Enter")

    press("Aroha Ngata")  # her plan
    expect(page.get_by_role("heading", name="Plan", exact=True)).to_be_focused()
    press("Choose its kind")
    expect(page.get_by_role("heading", name="Begin a review")).to_be_focused()
    tab_to(page, name="Progress review")  # what the calendar asks for is chosen; one arrow on is another kind
    page.keyboard.press("ArrowDown")
    press("Begin the review")
    expect(page.get_by_role("heading", name="Aroha Ngata")).to_be_focused()
    expect(page.get_by_text("End-of-year review")).to_be_visible()
    press("One target a screen")
    for number, comment in enumerate(("Bars every time.", "You say why.", "Two angles a day."), 1):
        expect(page.get_by_text(f"Target {number} of 3")).to_be_visible()
        tab_to(page, name="Emerging")
        page.keyboard.press("ArrowRight")
        tab_to(page, name="Comment for the student")
        page.keyboard.type(comment)
        press("Save and go on")
    expect(page.get_by_text("The end of the review")).to_be_visible()
    tab_to(page, name="Next steps for")
    page.keyboard.type("Count change at the school fair.")
    press("Close this review")
    press("Save, and see what the student")
    expect(page.get_by_role("heading", name="Before you close it")).to_be_focused()
    expect(page.get_by_text("What the student will read when you close it")).to_be_visible()
    press("Back to the review")
    expect(page.get_by_text("The end of the review")).to_be_visible()
    press("Close this review")
    press("Close the review")
    expect(page.get_by_text("Closed by Ms Patel")).to_be_visible()
    tab_to(page, name="In their words", most=120)
    page.keyboard.type("As we talked.")
    press("Agrees")
    expect(page.get_by_text("As we talked.")).to_be_visible()
    press("Next student")
    expect(page.get_by_role("heading", name="Ben Whitaker-Montgomery")).to_be_focused()
    (past, _first) = plans.past_reviews(story.teacher, story.aroha.person_id)
    kind = plans.review(story.teacher, past.id).kind
    assert kind is not None
    assert (kind.key, past.judged, past.next_steps) == ("final", 3, "Count change at the school fair.")


@pytest.mark.trust("T86")
def test_a_students_daily_task_takes_three_steps_and_what_the_page_says_stays(
    desk: Desks, door: Doors, story: Story
) -> None:
    page = desk().open(door(story.aroha))
    page.evaluate("() => { window.steps = 0; addEventListener('click', e => { steps += e.isTrusted }, true) }")
    page.get_by_role("link", name="Log").first.click()
    learned = page.get_by_label("What I learned", exact=True)
    expect(learned).to_be_visible()
    page.wait_for_timeout(1500)  # as a reader takes: what was kept before is put back meanwhile
    learned.fill("I drew a bar for each fraction.")
    page.get_by_role("button", name="Save").first.click()
    expect(page.get_by_text("I drew a bar for each fraction.").first).to_be_visible()
    assert page.evaluate("steps") <= 3
    page.get_by_role("link", name="Targets here").first.click()
    went_well = page.get_by_label("What went well?")
    expect(went_well).to_be_visible()
    page.wait_for_timeout(1500)
    went_well.fill("Bars")
    page.get_by_role("button", name="Share with my teachers").click()
    told = page.get_by_text("Your teachers can read this.")
    expect(told).to_be_visible()
    page.wait_for_timeout(6000)  # longer than messages that close themselves stay
    expect(told).to_be_visible()


def test_back_and_forward_move_between_class_and_review(desk: Desks, door: Doors, story: Story) -> None:
    page = desk().open(door(story.teacher))
    page.get_by_role("button", name="Review Aroha Ngata").click()
    expect(page.get_by_role("heading", name="Aroha Ngata")).to_be_focused()
    assert page.title() == "Review"
    page.go_back()
    expect(page.get_by_role("heading", name="Targets of this class")).to_be_visible()
    page.go_forward()
    expect(page.get_by_role("heading", name="Aroha Ngata")).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="Aroha Ngata")).to_be_visible()


@pytest.mark.trust("T83")
def test_a_session_that_ends_mid_sentence_keeps_the_words_and_the_next_launch_brings_them_back(
    desk: Desks, door: Doors, story: Story
) -> None:
    plans.start_review(story.teacher, story.aroha.person_id)
    visitor = desk()
    visitor.expected.append("401")
    mine = door(story.teacher)
    page = visitor.open(mine, f"students/{story.aroha.person_id}/review/")
    comment = page.get_by_label("Comment for the student").first
    comment.fill("She showed me both")
    past = timezone.now() - timedelta(hours=2)
    LaunchSession.objects.filter(handle=mine.handle).update(last_seen_at=past)
    comment.press_sequentially(" ways")
    expect(page.get_by_text("Your time on this page has ended.")).to_be_visible()
    expect(comment).to_have_value("She showed me both ways")
    comment.press_sequentially(", twice")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("What you wrote is kept")
    expect(comment).to_have_value("She showed me both ways, twice")
    again = visitor.open(door(story.teacher), f"students/{story.aroha.person_id}/review/")
    expect(again.get_by_label("Comment for the student").first).to_have_value("She showed me both ways, twice")


@pytest.mark.trust("T83")
def test_words_typed_after_somebody_was_done_in_another_tab_are_not_said_to_be_kept(
    desk: Desks, door: Doors, story: Story
) -> None:
    plans.start_review(story.teacher, story.aroha.person_id)
    visitor = desk()
    visitor.expected.append("401")
    mine = door(story.teacher)
    page = visitor.open(mine, f"students/{story.aroha.person_id}/review/")
    comment = page.get_by_label("Comment for the student").first
    comment.fill("Kept before")
    expect(page.locator("#review-form [data-kept]")).to_have_text("Kept")
    assert lti.end_session(mine.handle, mine.secret)
    comment.press_sequentially(", lost after")
    expect(page.get_by_role("alert")).to_contain_text("What you write here now is not kept.")
    expect(page.locator("#review-form [data-kept]")).to_have_text("Not kept yet")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("Everything that was saved is still there.")
    expect(comment).to_have_value("Kept before, lost after")
    again = visitor.open(door(story.teacher), f"students/{story.aroha.person_id}/review/")
    expect(again.get_by_label("Comment for the student").first).to_have_value("Kept before")


@pytest.mark.trust("T83")
def test_what_is_typed_is_kept_a_second_later_and_comes_back_after_a_closed_tab(
    desk: Desks, door: Doors, story: Story
) -> None:
    visitor = desk()
    page = visitor.open(door(story.ben))
    page.get_by_label("What went well?").fill("Fractions on the number line")
    expect(page.get_by_text("Kept", exact=True)).to_be_visible()
    page.close()
    again = visitor.open(door(story.ben))
    expect(again.get_by_label("What went well?")).to_have_value("Fractions on the number line")


@pytest.mark.trust("T83")
def test_while_the_tool_is_down_nothing_typed_is_lost(desk: Desks, door: Doors, story: Story) -> None:
    plans.start_review(story.teacher, story.aroha.person_id)
    visitor = desk()
    visitor.expected += ["ERR_INTERNET_DISCONNECTED", "Failed to load", "htmx:"]
    page = visitor.open(door(story.teacher), f"students/{story.aroha.person_id}/review/")
    comment = page.get_by_label("Comment for the student").first
    page.get_by_label("Expected").first.check()
    comment.fill("Kept through the storm")
    visitor.context.set_offline(True)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("That did not get through.")).to_be_visible()
    expect(comment).to_have_value("Kept through the storm")
    visitor.context.set_offline(False)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Saved.")).to_be_focused()


def test_without_script_the_review_works_with_links_and_forms(desk: Desks, door: Doors, story: Story) -> None:
    page = desk(java_script_enabled=False).open(door(story.teacher))
    page.get_by_role("button", name="Review Aroha Ngata").click()
    page.get_by_label("Exceeded").first.check()
    page.get_by_label("Comment for the student").first.fill("No script needed")
    page.get_by_role("button", name="Save and next student").click()
    assert page.get_by_role("heading", name="Ben Whitaker-Montgomery").is_visible()
    page.get_by_role("link", name="Add a target").click()
    page.get_by_label("What is the target?").fill("Count coins")
    page.get_by_label("Search the activities").fill("market")
    page.get_by_role("button", name="Search").click()
    assert page.get_by_label("What is the target?").input_value() == "Count coins"
    page.get_by_label("Market stall").check()
    page.get_by_role("button", name="Save the target").click()
    assert page.get_by_role("heading", name="Count coins").is_visible()


@pytest.mark.trust("T62")
def test_done_leaves_nothing_for_the_next_person(desk: Desks, door: Doors, story: Story) -> None:
    visitor = desk()
    visitor.expected.append("401")
    page = visitor.open(door(story.aroha))
    address = page.url
    page.get_by_role("button", name="I’m done").click()
    expect(page.get_by_role("heading", name="All done")).to_be_focused()
    assert visitor.context.cookies() == []
    page.goto(address)
    expect(page.get_by_role("heading", name="Open this from your course")).to_be_visible()
