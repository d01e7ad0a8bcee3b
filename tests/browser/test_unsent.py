"""What was chosen, recorded or typed and is not saved yet: nothing of it is lost by a mistake or a bad line (T83)."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from lti_tool.plans import api as plans
from lti_tool.plans.data import LogChange, LogView
from tests.factories.web import Story

from .test_accessible import Desks, Doors, troubles
from .test_work import home, photo, shot

__all__ = ["photo"]
pytestmark = [pytest.mark.trust("T83"), pytest.mark.requirement("002.29")]


def entries(story: Story) -> tuple[LogView, ...]:
    (block,) = plans.log(story.aroha, story.aroha.person_id).blocks
    return block.entries


def choose(page: Page, photo: Path) -> None:
    page.get_by_text("Add a picture").click()
    leave = page.locator(".slot", has_text="Add a picture").get_by_role("button", name="Leave this file out")
    expect(leave).to_be_hidden()
    page.get_by_label("Take a photo, or choose a picture").set_input_files(photo)
    page.locator("[name=picture_words]").fill("A bridge")


def save(page: Page) -> None:
    page.get_by_role("button", name="Save", exact=True).click()


@pytest.mark.trust("T66")
def test_one_wrong_file_loses_neither_the_other_nor_the_voice_nor_the_words_beside_them(
    desk: Desks, door: Doors, story: Story, photo: Path, tmp_path: Path
) -> None:
    visitor = desk(permissions=["microphone"])
    visitor.expected.append("422")
    page = visitor.open(door(story.aroha), home(story) + "log")
    choose(page, photo)
    page.get_by_text("Say it").click()
    page.get_by_role("button", name="Record my voice").click()
    page.get_by_text("Recording now 0:01").wait_for()
    page.get_by_role("button", name="Stop").click()
    page.get_by_text("Recorded. Listen to it").wait_for()
    expect(page.get_by_role("button", name="Stop")).to_be_hidden()
    wrong = tmp_path / "plan.svg"
    wrong.write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    page.get_by_text("Add a paper or a video").click()
    page.get_by_label("A PDF file or a short video").set_input_files(wrong)
    save(page)
    page.get_by_text("This kind of file cannot be kept.").wait_for()
    assert page.locator("[name=picture_words]").input_value() == "A bridge"
    expect(page.locator(".recorder audio")).to_be_visible()
    shot(page, "log-wrong-file-360")
    assert troubles(page, "log with a wrong file") == []
    page.locator(".slot", has_text="Add a paper or a video").get_by_role("button", name="Leave this file out").click()
    save(page)
    page.get_by_alt_text("A bridge").wait_for()
    assert sorted(file.kind for file in entries(story)[0].files) == ["picture", "sound"]


@pytest.mark.trust("T66")
def test_a_file_that_is_too_big_is_told_of_before_it_is_sent(
    desk: Desks, door: Doors, story: Story, photo: Path
) -> None:
    page = desk().open(door(story.aroha), home(story) + "log")
    page.locator(".slots").evaluate("e => { e.dataset.most = 100 }")
    choose(page, photo)
    page.get_by_text("The file is too big.").wait_for()
    assert page.locator("[name=picture]").evaluate("e => e.files.length") == 0


def test_saving_while_one_still_speaks_saves_what_was_said(desk: Desks, door: Doors, story: Story) -> None:
    page = desk(permissions=["microphone"]).open(door(story.aroha), home(story) + "log")
    page.get_by_text("Say it").click()
    page.get_by_role("button", name="Record my voice").click()
    page.get_by_text("Recording now 0:01").wait_for()
    save(page)
    page.locator(".media audio").wait_for()
    assert [file.kind for file in entries(story)[0].files] == ["sound"]


@pytest.mark.trust("T23")
def test_a_browser_that_listens_and_cannot_record_stops_listening_and_says_what_to_do(
    desk: Desks, door: Doors, story: Story
) -> None:
    visitor = desk(permissions=["microphone"])
    visitor.context.add_init_script(
        "delete window.MediaRecorder; window.streams = [];"
        "const at = navigator.mediaDevices, ask = at?.getUserMedia.bind(at);"
        "if (at) at.getUserMedia = async (of) => { const s = await ask(of); streams.push(s); return s; };"
    )
    page = visitor.open(door(story.aroha), home(story) + "log")
    page.get_by_text("Say it").click()
    page.get_by_role("button", name="Record my voice").click()
    page.get_by_text("Record with another app").wait_for()
    assert page.evaluate("streams.map((s) => s.getTracks()[0].readyState)") == ["ended"]


def test_an_entry_whose_answer_got_lost_is_sent_again_and_is_one_entry(
    desk: Desks, door: Doors, story: Story
) -> None:
    visitor = desk()
    visitor.expected += ["ERR_", "htmx:"]
    page = visitor.open(door(story.aroha), home(story) + "log")
    page.locator("textarea").first.fill("I built a bridge")

    def lose(route: Route) -> None:
        """The tool takes the form, and the line breaks before it can say so."""
        assert route.fetch(max_redirects=0).status == 302
        route.abort()

    page.route("**/log/write", lose)
    save(page)
    page.locator("#notice > *").first.wait_for()
    assert len(entries(story)) == 1
    page.unroute("**/log/write")
    save(page)
    page.locator(".entry .said").get_by_text("I built a bridge").wait_for()
    assert len(entries(story)) == 1


def test_an_entry_that_is_being_changed_survives_a_closed_tab(desk: Desks, door: Doors, story: Story) -> None:
    entry = plans.write_log(story.aroha, LogChange({"text": "I built"}))
    visitor, mine = desk(), door(story.aroha)
    page = visitor.open(mine, f"log/{entry.id}")
    words = page.locator("textarea").first
    words.press_sequentially(" a bri")
    typed = words.input_value()
    page.close()
    again = visitor.open(mine, f"log/{entry.id}")
    assert again.locator("textarea").first.input_value() == typed
    save(again)
    again.locator("article.entry").wait_for()
    assert plans.drafts(story.aroha, f"log:{entry.id}") == {}
