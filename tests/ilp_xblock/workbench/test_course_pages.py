"""The demo LMS's pages, and who a browser may launch as."""

import io
import json

import pytest
from django.core.management import call_command

from ilp_xblock.models import Tool
from ilp_xblock.workbench.seed import seed
from tests.factories.school import AMARA, BEN, FORCES, SCIENCE, TEACHER, Browser, tool

pytestmark = pytest.mark.usefixtures("school")


def test_the_front_page_lists_both_courses_and_the_people_to_open_them_as(client) -> None:
    page = client.get("/").content.decode()
    assert page.count('class="lms-card"') == 2
    assert f"{FORCES}?student={AMARA}" in page
    assert f"{FORCES}?student={TEACHER}" in page


def test_a_unit_asks_who_opens_it(client) -> None:
    page = client.get(FORCES)
    assert page.status_code == 200
    assert "Open this unit as" in page.content.decode()


@pytest.mark.parametrize("path", ["/courses/none/", "/courses/none/forces/", f"/courses/{SCIENCE.id}/none/"])
def test_what_is_not_there_is_not_found(client, path: str) -> None:
    assert client.get(path).status_code == 404


def test_a_course_opens_at_its_first_unit(client) -> None:
    assert client.get(f"/courses/{SCIENCE.id}/", {"student": AMARA})["Location"] == f"{FORCES}?student={AMARA}"


def test_a_person_of_another_course_does_not_open_it() -> None:
    page = Browser(AMARA).client.get("/courses/year-8-mathematics/fractions/", {"student": TEACHER})
    assert "Open this unit as" in page.content.decode()


@pytest.mark.trust("T80")
def test_a_units_title_and_address_name_nobody() -> None:
    page = Browser(AMARA).open(FORCES)
    assert page.findtext(".//title") == "Forces and motion | Year 8 Science"


def test_a_launch_is_started_only_for_people_this_browser_was_opened_as(client) -> None:
    tool()
    path = f"/ilp/launch?course={SCIENCE.id}"
    assert client.get(path).status_code == 401
    assert client.get(f"{path}&student=nobody").status_code == 401
    assert client.get(f"{path}&student={AMARA}").status_code == 302
    assert client.get(path).status_code == 401, "the address says for whom"


def test_one_browser_can_be_opened_as_several_people_in_several_tabs(client) -> None:
    tool()
    for sub in (AMARA, BEN, TEACHER):
        assert client.get(FORCES, {"student": sub}).status_code == 200
    for sub in (AMARA, BEN, TEACHER):
        assert client.get(f"/ilp/launch?course={SCIENCE.id}&student={sub}").status_code == 302


def test_seeding_again_changes_nothing() -> None:
    from ilp_xblock.workbench.models import Enrolment, Grade

    counts = Enrolment.objects.count(), Grade.objects.count()
    seed()
    assert (Enrolment.objects.count(), Grade.objects.count()) == counts


def test_the_courses_are_described_for_programs() -> None:
    out = io.StringIO()
    call_command("describe_courses", stdout=out)
    described = json.loads(out.getvalue())
    science, mathematics = described["courses"]
    assert set(science) == {"id", "title", "url", "lineitems_url", "memberships_url", "activities", "people"}
    assert set(science["activities"][0]) == {"id", "label", "score_maximum", "url"}
    amara = next(person for person in science["people"] if person["sub"] == AMARA)
    assert set(amara) == {"name", "sub", "roles", "unit_url", "launch_url", "scores"}
    assert amara["roles"] == ["http://purl.imsglobal.org/vocab/lis/v2/membership#Learner"]
    assert list(amara["scores"]) == [a["id"] for a in science["activities"]]
    assert amara["scores"][science["activities"][-1]["id"]] is None
    assert {score for person in mathematics["people"] for score in person["scores"].values()} >= {0, 5, 10, None}


def test_a_tool_can_be_forgotten() -> None:
    registered = tool()
    call_command("forget_tool", registered.client_id)
    call_command("forget_tool", registered.client_id)
    assert not Tool.objects.exists()


@pytest.mark.trust("T76")
def test_the_log_names_nobody_and_no_grade(caplog: pytest.LogCaptureFixture) -> None:
    from tests.ilp_xblock.workbench.test_gradebook import answer

    with caplog.at_level("INFO"):
        answer(Browser(AMARA), 0, 1)
    assert AMARA not in caplog.text
    assert "max_value" not in caplog.text
