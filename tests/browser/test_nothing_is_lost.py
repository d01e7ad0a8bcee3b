"""Any form about a student, closed half written and opened again: everything is there, ticks included (T83)."""

import pytest
from playwright.sync_api import expect

from lti_tool.plans import api as plans
from tests.factories.web import Story

from .test_accessible import Desks, Doors, troubles
from .test_work import home, shot

pytestmark = [pytest.mark.trust("T83")]


def test_a_teachers_half_written_subject_target_and_talk_are_there_after_a_closed_tab(
    desk: Desks, door: Doors, story: Story
) -> None:
    visitor = desk()
    page = visitor.open(door(story.teacher), home(story) + "plan")
    page.locator("#programme-new summary").click()
    page.locator("#title-new").press_sequentially("Boats")
    page.locator("#setting-new").select_option(index=1)
    page.locator("#programme-new [name=areas]").first.check()
    expect(page.locator("#programme-new [data-kept]")).to_have_text("Kept")
    chosen = page.locator("#setting-new").input_value()
    page.close()
    again = visitor.open(door(story.teacher), home(story) + "plan")
    expect(again.locator("#title-new")).to_have_value("Boats")
    expect(again.locator("#title-new")).to_be_visible()
    expect(again.locator("#setting-new")).to_have_value(chosen)
    expect(again.locator("#programme-new [name=areas]").first).to_be_checked()
    assert troubles(again, "plan with words begun") == []
    again.locator("#programme-new button[value=programme]").click()
    again.get_by_text("Saved.").wait_for()
    expect(again.locator("#title-new")).to_have_value("")
    assert plans.drafts_about(story.teacher, story.aroha.person_id) == {}


def test_ticks_and_words_beside_a_file_are_there_after_a_closed_tab(desk: Desks, door: Doors, story: Story) -> None:
    visitor = desk()
    page = visitor.open(door(story.aroha), home(story) + "work/new")
    page.locator("[name=targets]").first.check()
    page.get_by_text("Add a picture").click()
    page.locator("[name=picture_words]").press_sequentially("A bridge")
    page.locator("[name=picture_others]").check()
    expect(page.locator(".kept")).to_have_text("Kept")
    page.close()
    again = visitor.open(door(story.aroha), home(story) + "work/new")
    expect(again.locator("[name=picture_words]")).to_have_value("A bridge")
    expect(again.locator("[name=picture_words]")).to_be_visible()
    expect(again.locator("[name=picture_others]")).to_be_checked()
    expect(again.locator("[name=targets]").first).to_be_checked()
    expect(again.locator("[name=targets]").nth(1)).not_to_be_checked()
    shot(again, "work-words-begun-360")


def test_a_family_behind_a_one_time_link_goes_on_where_it_stopped(desk: Desks, door: Doors, story: Story) -> None:
    teacher, student = story.teacher, story.aroha.person_id
    sheet_id = plans.send_sheet(teacher, student, plans.sheets(teacher, student).to_send[0].key)
    token = plans.make_link(teacher, sheet_id)
    visitor = desk()
    page = visitor.context.new_page()
    address = f"{visitor.tool.url}/sheet/{token}"
    page.goto(address)

    def enter() -> None:
        page.locator("#code").fill(plans.tell_code(teacher, sheet_id))
        page.get_by_role("button", name="Open the form").click()

    enter()
    page.locator("textarea").first.press_sequentially("She reads on the bus")
    expect(page.locator(".kept")).to_have_text("Kept")
    page.goto(address)
    enter()
    expect(page.locator("textarea").first).to_have_value("She reads on the bus")
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0
