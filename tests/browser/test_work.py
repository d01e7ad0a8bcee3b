"""Log and portfolio as people use them: a photo, a voice, a lost connection, no cookie, no script."""

import os
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from lti_tool.plans import api as plans
from tests.factories.web import Story, open_door
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
    page.locator("[name=picture_words]").fill("A bridge of straws")
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


@pytest.mark.requirement("002.6")
def test_an_entry_written_beside_an_activity_names_it_and_goes_on_naming_it_when_it_is_changed(
    desk: Desks, story: Story
) -> None:
    page = desk().open(open_door(story.aroha, activity_ids=("talk",)), home(story) + "log")
    which, about = page.get_by_label("Which activity was it?"), "Maths talk: explain your answer to a partner"
    expect(which.locator("option:checked")).to_have_text(about)
    page.get_by_label("What I learned").fill("To say why")
    shot(page, "log-activity-360")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("article.entry")).to_contain_text(about)
    page.get_by_role("link", name="Change or share").click()
    page.get_by_role("heading", name="Change an entry").wait_for()
    expect(which.locator("option:checked")).to_have_text(about)
    page.get_by_label("How I learned it").fill("With Ben")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("article.entry")).to_contain_text("With Ben")
    expect(page.locator("article.entry")).to_contain_text(about)
    elsewhere = desk().open(open_door(story.ben, activity_ids=story.unit), f"students/{story.ben.person_id}/log")
    expect(elsewhere.get_by_label("Which activity was it?").locator("option:checked")).to_have_attribute("value", "")
    expect(elsewhere.locator("optgroup").first).to_have_attribute("label", "On this page")


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


@pytest.mark.trust("T27")
def test_a_child_draws_with_a_finger_and_takes_a_step_back(desk: Desks, door: Doors, story: Story) -> None:
    page = desk().open(door(story.aroha), home(story) + "log")
    page.get_by_text("Draw it").click()
    page.get_by_label("Red", exact=True).check()
    sheet = page.get_by_role("application", name="A place to draw")
    sheet.scroll_into_view_if_needed()
    place = sheet.bounding_box()
    assert place is not None
    for height in (0.3, 0.6):
        page.mouse.move(place["x"] + 20, place["y"] + place["height"] * height)
        page.mouse.down()
        page.mouse.move(place["x"] + place["width"] - 20, place["y"] + place["height"] * height, steps=8)
        page.mouse.up()
    page.get_by_text("The drawing is ready.").wait_for()
    page.get_by_role("button", name="One step back").click()
    page.locator("#new-drawing-words").fill("A red line")
    shot(page, "log-drawing-360")
    assert troubles(page, "log, drawing") == []
    page.get_by_role("button", name="Save", exact=True).click()
    picture = page.get_by_alt_text("A red line")
    picture.wait_for()
    assert picture.evaluate("e => e.decode().then(() => [e.naturalWidth, e.naturalHeight])") == [960, 640]
    (block,) = plans.log(story.aroha, story.aroha.person_id).blocks
    kept = Image.open(BytesIO(plans.file(story.aroha, block.entries[0].files[0].id).data)).convert("RGB")
    # whether a line was drawn at three tenths and at six tenths of the height
    assert [kept.getpixel((480, height))[1] < 128 for height in (192, 384)] == [True, False]


@pytest.mark.trust("T27")
def test_a_child_draws_with_the_keys_alone(desk: Desks, door: Doors, story: Story) -> None:
    page = desk().open(door(story.aroha), home(story) + "log")
    page.get_by_text("Draw it").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    for key in ("Space", *["ArrowRight"] * 6, *["ArrowDown"] * 4, "Space"):
        page.keyboard.press(key)
    page.get_by_text("The drawing is ready.").wait_for()
    page.get_by_role("button", name="Save", exact=True).click()
    page.locator(".media img").wait_for()
    (block,) = plans.log(story.aroha, story.aroha.person_id).blocks
    (file,) = block.entries[0].files
    assert (file.width, file.height) == (960, 640)


@pytest.mark.trust("T23")
def test_no_page_asks_for_camera_microphone_or_place_before_a_press(desk: Desks, door: Doors, story: Story) -> None:
    visitor = desk(permissions=["microphone", "camera", "geolocation"])
    visitor.context.add_init_script(
        "window.asked = [];"
        "for (const [at, name] of [[navigator.mediaDevices, 'getUserMedia'], [navigator.geolocation,"
        " 'getCurrentPosition'], [navigator.geolocation, 'watchPosition']]) {"
        " const real = at?.[name]; if (real) at[name] = (...a) => { asked.push(name); return real.apply(at, a); }; }"
    )
    for path in ("", home(story) + "log", home(story) + "work/new", home(story) + "plan", "preparation", "mine/"):
        page = visitor.open(door(story.aroha), path)
        page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true })")
        page.wait_for_load_state("networkidle")
        assert page.evaluate("asked") == [], path
    page = visitor.open(door(story.aroha), home(story) + "log")
    page.get_by_text("Say it").click()
    page.get_by_role("button", name="Record my voice").click()
    page.get_by_text("Recording now").wait_for()
    assert page.evaluate("asked") == ["getUserMedia"]


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


@pytest.mark.trust("T83")
@pytest.mark.requirement("002.29")
def test_a_log_entry_survives_a_closed_tab_with_every_choice_made_in_it(
    desk: Desks, door: Doors, story: Story
) -> None:
    visitor = desk()
    page = visitor.open(door(story.aroha), home(story) + "log")
    page.get_by_label("It was hard").or_(page.get_by_label("Hard")).first.check(force=True)
    page.get_by_label("Me and my teachers").check()
    page.locator("textarea").first.press_sequentially("Half a sent")
    page.close()  # before the second in which words are kept has passed
    again = visitor.open(door(story.aroha), home(story) + "log")
    assert again.locator("textarea").first.input_value() == "Half a sent"
    assert again.get_by_label("Me and my teachers").is_checked()
    assert again.locator("input[name=feeling]:checked").input_value() == "hard"


@pytest.mark.trust("T83")
@pytest.mark.requirement("002.29")
def test_a_tab_closed_without_a_connection_asks_first_and_what_it_held_is_kept_and_saved_once(
    desk: Desks, door: Doors, story: Story
) -> None:
    visitor = desk()
    visitor.expected += ["ERR_INTERNET_DISCONNECTED", "htmx:"]
    page = visitor.open(door(story.aroha), home(story) + "log")
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    visitor.context.set_offline(True)
    page.locator("textarea").first.press_sequentially("Typed on the bus")
    page.close(run_before_unload=True)
    page.get_by_text("Not kept yet").wait_for()
    assert asked == ["beforeunload"]
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("did not get through").or_(page.locator("#notice > *")).first.wait_for()
    assert page.locator("textarea").first.input_value() == "Typed on the bus"
    assert plans.log(story.aroha, story.aroha.person_id).blocks[0].entries == ()
    visitor.context.set_offline(False)
    page.get_by_role("button", name="Save", exact=True).click()
    page.locator(".entry .said").get_by_text("Typed on the bus").wait_for()
    (block,) = plans.log(story.aroha, story.aroha.person_id).blocks
    assert len(block.entries) == 1
    assert plans.log(story.aroha, story.aroha.person_id).drafts == {}


@pytest.mark.trust("T83")
@pytest.mark.requirement("002.29")
def test_a_photo_chosen_and_not_sent_yet_is_asked_for_before_the_tab_closes(
    desk: Desks, door: Doors, story: Story, photo: Path
) -> None:
    page = desk().open(door(story.aroha), home(story) + "log")
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.get_by_text("Add a picture").click()
    page.locator("input[type=file]").first.set_input_files(photo)
    page.locator("textarea").first.press_sequentially("x")
    page.close(run_before_unload=True)
    page.wait_for_timeout(500)
    assert asked == ["beforeunload"]
    assert page.locator("input[type=file]").first.evaluate("e => e.files.length") == 1


@pytest.mark.trust("T68")
def test_where_no_cookie_is_kept_pictures_still_show_and_a_copied_address_shows_nothing(
    desk: Desks, door: Doors, story: Story, photo: Path
) -> None:
    page = desk().open(door(story.aroha), home(story) + "work/new")
    page.get_by_label("What is it?").fill("My bridge")
    page.get_by_text("Add a picture").click()
    page.get_by_label("Take a photo, or choose a picture").set_input_files(photo)
    page.locator("[name=picture_words]").fill("A bridge")
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
