"""Log and portfolio as people use them: a photo, a voice, a lost connection, no cookie, no script."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page

from lti_tool.plans import api as plans
from tests.factories.web import Story
from tests.lti_tool.media import makes

from .test_accessible import Desks, Doors, troubles

SHOTS = os.environ.get("ILP_SHOTS", "")


def shot(page: Page, name: str) -> None:
    if SHOTS:
        Path(SHOTS).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=f"{SHOTS}/{name}.png", full_page=True)


def home(story: Story) -> str:
    return f"students/{story.aroha.person_id}/"


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "IMG_2041.jpg"
    path.write_bytes(makes.picture(size=(640, 480)))
    return path


def test_a_student_logs_a_photo_shares_it_and_the_teacher_sees_it(
    desk: Desks, door: Doors, story: Story, photo: Path
) -> None:
    visitor = desk()
    page = visitor.open(door(story.aroha), home(story) + "log")
    page.get_by_label("What did you do and learn?").or_(page.locator("textarea").first).first.fill("I built a bridge")
    page.get_by_label("Good", exact=True).check()
    page.get_by_text("Add a picture").click()
    page.get_by_label("Take a photo, or choose a picture").set_input_files(photo)
    page.get_by_label("What can be seen?").fill("A bridge of straws")
    page.get_by_label("Me and my teachers").check()
    shot(page, "log-form-360")
    page.get_by_role("button", name="Save", exact=True).click()
    picture = page.get_by_alt_text("A bridge of straws")
    picture.wait_for()
    assert picture.evaluate("e => e.decode().then(() => e.naturalWidth)") == 640
    shot(page, "log-360")
    assert troubles(page, "log") == []
    theirs = desk(width=1280).open(door(story.teacher), home(story) + "log")
    theirs.get_by_alt_text("A bridge of straws").wait_for()
    shot(theirs, "log-teacher-1280")
    assert troubles(theirs, "log of a student") == []


@pytest.mark.trust("T23", "T27")
def test_a_voice_is_recorded_after_a_press_with_a_sign_and_can_be_heard_before_saving(
    desk: Desks, door: Doors, story: Story
) -> None:
    visitor = desk(permissions=["microphone"])
    page = visitor.open(door(story.aroha), home(story) + "log")
    page.get_by_text("Say it").click()
    assert page.locator(".on-air").inner_text() == ""
    page.get_by_role("button", name="Record my voice").click()
    page.get_by_text("Recording now 0:01").wait_for()
    page.get_by_role("button", name="Stop").click()
    page.get_by_text("Recorded. Listen to it before you save.").wait_for()
    page.get_by_role("button", name="Save", exact=True).click()
    player = page.locator(".media audio")
    player.wait_for()
    (block,) = plans.log(story.aroha, story.aroha.person_id).blocks
    (file,) = block.entries[0].files
    assert file.seconds > 0.5
    assert player.evaluate("e => { e.load(); return new Promise(r => { e.onloadedmetadata = () => r(true); }) }")


@pytest.mark.trust("T23")
def test_a_page_that_may_not_listen_says_what_to_do_instead(desk: Desks, door: Doors, story: Story) -> None:
    page = desk().open(door(story.aroha), home(story) + "log")
    page.get_by_text("Say it").click()
    page.get_by_role("button", name="Record my voice").click()
    page.get_by_text("Record with another app and choose the file below").wait_for()


@pytest.mark.trust("T83")
def test_what_is_typed_while_the_connection_is_gone_is_kept_when_it_is_back(
    desk: Desks, door: Doors, story: Story
) -> None:
    visitor = desk()
    visitor.expected.append("ERR_INTERNET_DISCONNECTED")
    page = visitor.open(door(story.aroha), home(story) + "log")
    words = page.locator("textarea").first
    visitor.context.set_offline(True)
    words.press_sequentially("Typed on the bus")
    page.get_by_text("Not kept yet").wait_for()
    visitor.context.set_offline(False)
    page.get_by_text("Kept", exact=True).wait_for()
    assert "Typed on the bus" in plans.log(story.aroha, story.aroha.person_id).drafts.values()
    again = visitor.open(door(story.aroha), home(story) + "log")
    assert again.locator("textarea").first.input_value() == "Typed on the bus"


@pytest.mark.trust("T68")
def test_where_no_cookie_is_kept_pictures_still_show_and_a_copied_address_shows_nothing(
    desk: Desks, door: Doors, story: Story, photo: Path
) -> None:
    page = desk().open(door(story.aroha), home(story) + "work/new")
    page.get_by_label("What is it?").fill("My bridge")
    page.get_by_text("Add a picture").click()
    page.get_by_label("Take a photo, or choose a picture").set_input_files(photo)
    page.get_by_label("What can be seen?").fill("A bridge")
    page.get_by_label("Me and my teachers").check()
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_alt_text("A bridge").wait_for()
    address = page.get_by_alt_text("A bridge").get_attribute("src")
    shot(page, "work-360")
    assert troubles(page, "work") == []
    stranger = desk()
    stranger.expected.append("401")
    copied = stranger.context.new_page()
    answer = copied.goto(stranger.tool.url + str(address))
    assert answer is not None
    assert answer.status == 401
    without = desk()
    without.refuse_cookies()
    held = door(story.aroha, in_cookie=False)
    bare = without.context.new_page()
    bare.set_content(
        f'<form method="post" action="{without.tool.url}{held.path}{home(story)}work">'
        f'<input name="ilp_secret" value="{held.secret}"><input name="ilp_open" value="1"><button>Go</button></form>'
    )
    bare.get_by_role("button").click()
    bare.locator(".media img[src^='blob:']").wait_for()
    wide = desk(width=1280).open(door(story.teacher), home(story) + "work")
    wide.get_by_alt_text("A bridge").wait_for()
    shot(wide, "work-teacher-1280")


def test_a_piece_of_work_is_added_without_any_script(desk: Desks, door: Doors, story: Story, photo: Path) -> None:
    page = desk(java_script_enabled=False).open(door(story.aroha), home(story) + "work")
    page.get_by_role("link", name="Add something").click()
    page.get_by_label("What is it?").fill("My bridge")
    page.get_by_text("Add a picture").click()
    page.get_by_label("Take a photo, or choose a picture").set_input_files(photo)
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("heading", name="My bridge").wait_for()
    shot(page, "work-no-script-360")


@pytest.mark.trust("T84")
def test_what_lacks_words_for_whoever_cannot_see_is_said_to_who_added_it(
    desk: Desks, door: Doors, story: Story, photo: Path
) -> None:
    page = desk().open(door(story.aroha), home(story) + "work/new")
    shot(page, "work-form-360")
    assert troubles(page, "form of a piece of work") == []
    page.get_by_label("What is it?").fill("My bridge")
    page.get_by_text("Add a picture").click()
    page.get_by_label("Take a photo, or choose a picture").set_input_files(photo)
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("Nobody has said what can be seen here yet.").wait_for()
