"""What the block puts into a unit."""

import pytest
from xblock.fields import UserScope

from ilp_xblock import studio
from tests.factories.school import AMARA, FIRST_QUIZ, FORCES, PANEL, SCIENCE, Browser, block, started_with, text, tool

pytestmark = pytest.mark.usefixtures("school")


def test_a_unit_holds_a_skeleton_and_the_address_of_the_launch() -> None:
    tool("http://127.0.0.1:8020")
    page = Browser(AMARA).open(FORCES)

    panel = page.find_class("ilp-panel")[0]
    assert panel.get("data-state") == "loading"
    assert panel.find_class("ilp-panel__skeleton")[0].get("aria-hidden") == "true"
    assert not page.xpath("//iframe"), "the frame starts when the unit is idle, not with the page"
    args = started_with(page, "origin")
    assert args["url"] == f"/ilp/launch?block={PANEL}&student={AMARA}"
    assert args["origin"] == "http://127.0.0.1:8020"


def test_the_launch_starts_at_the_tool_for_the_person_of_the_page() -> None:
    registered = tool("http://127.0.0.1:8020")
    browser = Browser(AMARA)
    args = started_with(browser.open(FORCES), "origin")
    answer = browser.client.get(args["url"])
    assert answer.status_code == 302
    assert answer["Location"].startswith("http://127.0.0.1:8020/lti/login?")
    assert f"client_id={registered.client_id}" in answer["Location"]
    assert "lti_storage_target=_parent" in answer["Location"]


@pytest.mark.trust("T80")
def test_the_block_itself_tells_no_name_and_no_score() -> None:
    tool()
    fragment = block(PANEL).student_view()
    assert "Amara" not in fragment.body_html() + fragment.foot_html()
    assert "out of" not in fragment.body_html()


def test_without_a_tool_the_unit_says_so_and_starts_no_script() -> None:
    page = Browser(AMARA).open(FORCES)
    assert "not connected to this course yet" in page.find_class("ilp-panel")[0].text_content()
    assert "origin" not in page.text_content()


@pytest.mark.parametrize("title", ["", None, "unset"])
def test_a_panel_without_a_title_of_its_own_has_the_usual_one_in_the_readers_language(
    title: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(studio, "_", lambda words: {"Learning plan": "Plan de aprendizaje"}.get(words, words))
    panel = block(PANEL)
    if title != "unset":
        panel.display_name = title
    assert "Plan de aprendizaje" in text(panel.student_view())


def test_a_course_without_the_block_has_no_panel() -> None:
    tool()
    page = Browser(AMARA).open("/courses/year-8-mathematics/fractions/")
    assert not page.find_class("ilp-panel")


def test_the_panel_is_about_the_activities_of_its_own_unit_unless_chosen() -> None:
    from ilp_xblock.platform.ports import ports

    own = ports().courses.placement(PANEL).activity_ids
    assert own == tuple(a.id for a in SCIENCE.graded if a.unit == "forces")
    panel = block(PANEL)
    panel.activity_ids = [SCIENCE.graded[5].id]
    panel.save()
    assert ports().courses.placement(PANEL).activity_ids == (SCIENCE.graded[5].id,)


@pytest.mark.parametrize("name", ["xblock.css", "xblock.js", "xblock-studio.js"])
def test_its_styles_and_scripts_are_served(client, name: str) -> None:
    answer = client.get(f"/resource/ilp/public/ilp/{name}")
    assert answer.status_code == 200
    assert answer.content


def test_nothing_outside_its_public_files_is_served(client) -> None:
    assert client.get("/resource/ilp/public/../block.py").status_code == 404
    assert client.get("/resource/ilp/block.py").status_code == 404


def test_the_block_outside_a_course_says_that_it_is_not_set_up() -> None:
    from workbench.runtime import WorkbenchRuntime

    runtime = WorkbenchRuntime(AMARA)
    runtime.id_generator.set_scenario("alone")
    alone = runtime.get_block(runtime.parse_xml_string("<ilp/>"))
    assert "not connected" in text(alone.student_view())
    assert "not part of a course yet" in text(alone.author_view())
    assert "not part of a course yet" in text(alone.studio_view())


def test_the_quiz_beside_it_is_a_graded_block_as_others_are() -> None:
    quiz = block(FIRST_QUIZ)
    assert quiz.has_score
    assert quiz.max_score() == 10


@pytest.mark.trust("T55")
@pytest.mark.trust("T58")
def test_the_block_keeps_no_state_of_any_person_and_publishes_no_grade() -> None:
    shown = block(PANEL)
    # What a course is made of (children, parent) is of no person and has no scope of one.
    scopes = {name: getattr(field.scope, "user", UserScope.NONE) for name, field in type(shown).fields.items()}
    assert set(scopes.values()) == {UserScope.NONE}, scopes
    assert not getattr(shown, "has_score", False)
