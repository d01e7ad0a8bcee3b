"""The people of a course over NRPS."""

from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from ilp_xblock.platform.ports import Member, Role
from ilp_xblock.platform.vocabulary import MEMBERSHIP_READ
from tests.factories import platform as factories
from tests.factories.platform import BLOCK, COURSE, ISSUER, OTHER_COURSE, ToolSide

pytestmark = [pytest.mark.django_db, pytest.mark.database]
ROSTER = f"{ISSUER}/ilp/courses/{COURSE}/memberships"
CLAIM = "https://purl.imsglobal.org/spec/lti/claim/"
MEMBERSHIP = "http://purl.imsglobal.org/vocab/lis/v2/membership"


def test_the_roster_names_the_course_and_its_active_members(tool: ToolSide) -> None:
    answer = tool.get(ROSTER, MEMBERSHIP_READ)
    body = answer.json()
    assert answer.headers["Content-Type"] == "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"
    assert body["id"] == ROSTER
    assert body["context"] == {"id": COURSE, "label": "M7", "title": "Maths 7"}
    assert body["members"][0] == {
        "status": "Active",
        "user_id": "ada",
        "roles": [f"{MEMBERSHIP}#Learner"],
        "name": "Ada Lovelace",
    }
    assert [member["user_id"] for member in body["members"]] == ["ada", "ben", "tina"]


@pytest.mark.parametrize(
    ("shared", "sent"),
    [([], set()), (["name"], {"name"}), (["email"], {"email"}), (["name", "email"], {"name", "email"})],
)
def test_personal_data_is_sent_as_the_operator_says(
    tool: ToolSide, settings: Any, shared: list[str], sent: set[str]
) -> None:
    settings.ILP_LTI_PERSONAL_DATA = shared
    for member in tool.get(ROSTER).json()["members"]:
        assert member.keys() - {"status", "user_id", "roles"} == sent


@pytest.mark.parametrize(
    ("role", "people"),
    [
        (f"{MEMBERSHIP}%23Learner", ["ada", "ben"]),
        ("Learner", ["ada", "ben"]),
        (f"{MEMBERSHIP}%23Instructor", ["tina", "tom"]),  # who assists is sent as an instructor too
        ("Instructor", ["tina", "tom"]),
        (f"{MEMBERSHIP}/Instructor%23TeachingAssistant", ["tom"]),
        (f"{MEMBERSHIP}%23Mentor", []),
        ("nonsense", []),
        ("http://purl.imsglobal.org/vocab/lis/v2/institution/person%23Learner", []),
        ("https://evil.example/%23Learner", []),
        ("", ["ada", "ben", "tina", "tom"]),
    ],
)
def test_one_roles_members_are_read_alone(tool: ToolSide, lms: factories.LMS, role: str, people: list[str]) -> None:
    lms.members[COURSE].append(Member("tom", (Role.ASSISTANT,), "Tom"))
    found = tool.get(f"{ROSTER}?role={role}").json()["members"]
    assert [member["user_id"] for member in found] == people


def test_a_resource_link_of_the_course_may_be_named_and_no_other(tool: ToolSide, lms: factories.LMS) -> None:
    assert tool.get(f"{ROSTER}?rlid={BLOCK.replace('+', '%2B')}").status_code == 200
    assert tool.get(f"{ROSTER}?rlid={COURSE.replace('+', '%2B')}").status_code == 200
    for rlid in ("nothing", "x" * 3000, OTHER_COURSE.replace("+", "%2B")):
        assert tool.get(f"{ROSTER}?rlid={rlid}").status_code == 403
    other = ROSTER.replace(COURSE, OTHER_COURSE)
    assert tool.get(f"{other}?rlid={BLOCK.replace('+', '%2B')}").status_code == 403


@given(count=st.integers(min_value=0, max_value=30), limit=st.integers(min_value=1, max_value=40))
@hypothesis_settings(deadline=None, max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_member_is_met_exactly_once_however_small_the_pages(
    tool: ToolSide, lms: factories.LMS, count: int, limit: int
) -> None:
    lms.members[COURSE] = [Member(f"p{n}", (Role.LEARNER,)) for n in range(count)]
    answers = tool.walk(f"{ROSTER}?limit={limit}&role=Learner")
    subs = [member["user_id"] for answer in answers for member in answer.json()["members"]]
    assert subs == [f"p{n}" for n in range(count)]


def test_the_roster_cannot_be_written(tool: ToolSide, client: Any) -> None:
    headers = {"Authorization": f"Bearer {tool.token()}"}
    answer = client.post(f"/ilp/courses/{COURSE}/memberships", headers=headers)
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD")


def test_members_of_a_link_come_with_what_a_launch_of_it_would_tell(tool: ToolSide, lms: factories.LMS) -> None:
    tool.tool.custom = {"who": "$User.id", "where": "$ResourceLink.id"}
    tool.tool.save()
    found = tool.get(f"{ROSTER}?rlid={BLOCK.replace('+', '%2B')}&role=Learner").json()["members"]
    launched = factories.read_message(factories.launch(Client(), tool, "ada"))
    assert [member["user_id"] for member in found] == ["ada", "ben"]
    (message,) = found[0]["message"]
    assert message[CLAIM + "message_type"] == "LtiResourceLinkRequest"
    assert message[CLAIM + "custom"] == launched[CLAIM + "custom"]
    assert message[CLAIM + "custom"] | {"who": "ben"} == found[1]["message"][0][CLAIM + "custom"]
    assert message.keys() == {CLAIM + "message_type", CLAIM + "custom"}  # names stand in the member, as allowed
    whole = tool.get(f"{ROSTER}?rlid={COURSE.replace('+', '%2B')}").json()["members"]
    assert whole[0]["message"][0][CLAIM + "custom"] == {"who": "ada", "where": COURSE}


def test_without_a_link_no_member_has_a_message(tool: ToolSide) -> None:
    assert not any("message" in member for member in tool.get(ROSTER).json()["members"])
