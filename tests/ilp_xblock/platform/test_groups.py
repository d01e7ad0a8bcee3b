"""The groups of a course (LTI Course Groups 1.0), and personal data and limits by setting."""

from typing import Any

import pytest
from django.test import Client

from ilp_xblock.platform import limits
from ilp_xblock.platform.vocabulary import GROUPS_READ, MEMBERSHIP_READ, RESULT_READ
from tests.factories import platform as factories
from tests.factories.platform import COURSE, ISSUER, OTHER_COURSE, ToolSide, launch, read_message

pytestmark = [pytest.mark.django_db, pytest.mark.database]
CLAIM = "https://purl.imsglobal.org/spec/lti-gs/claim/groupsservice"
GROUPS = f"{ISSUER}/ilp/courses/{COURSE}/groups"
SETS = f"{GROUPS}/sets"
MEMBERSHIPS = f"{ISSUER}/ilp/courses/{COURSE}/memberships"


def test_a_launch_names_the_groups_service(client: Client, tool: ToolSide) -> None:
    assert read_message(launch(client, tool, "ada"))[CLAIM] == {
        "scope": [GROUPS_READ],
        "context_groups_url": GROUPS,
        "context_group_sets_url": SETS,
        "service_versions": ["1.0"],
    }


def test_a_tool_without_the_scope_is_told_of_no_groups(client: Client) -> None:
    side = factories.make_tool(scopes=[RESULT_READ])
    assert CLAIM not in read_message(launch(client, side, "ada"))


def test_an_lms_without_groups_is_told_of_none(client: Client, tool: ToolSide, settings: Any) -> None:
    settings.ILP_LTI_PORTS = {name: path for name, path in factories.PORTS.items() if name != "groups"}
    assert CLAIM not in read_message(launch(client, tool, "ada"))
    assert tool.get(GROUPS).status_code == tool.get(SETS).status_code == 404
    assert "group_enrollments" not in tool.get(f"{MEMBERSHIPS}?groups=true").json()["members"][0]


def test_groups_and_sets_are_listed(tool: ToolSide) -> None:
    found = tool.get(GROUPS, GROUPS_READ)
    assert found.headers["Content-Type"] == "application/vnd.ims.lti-gs.v1.contextgroupcontainer+json"
    assert found.json() == {
        "id": GROUPS,
        "groups": [
            {"id": "g-Blue", "name": "Blue", "set_id": "s"},
            {"id": "g-Green", "name": "Green", "set_id": "s"},
        ],
    }
    assert tool.get(SETS, GROUPS_READ).json() == {"id": SETS, "sets": [{"id": "s", "name": "Cohorts"}]}


@pytest.mark.parametrize(
    ("sub", "names"), [("ada", ["Blue"]), ("tina", []), ("x" * 300, []), ("", ["Blue", "Green"])]
)
def test_one_persons_groups(tool: ToolSide, sub: str, names: list[str]) -> None:
    assert [group["name"] for group in tool.get(f"{GROUPS}?user_id={sub}").json()["groups"]] == names


def test_every_group_is_reached_exactly_once_by_paging(tool: ToolSide) -> None:
    factories.lms.groups[COURSE] = {f"G{n}": [] for n in range(7)}
    pages = tool.walk(f"{GROUPS}?limit=3")
    assert [len(page.json()["groups"]) for page in pages] == [3, 3, 1]
    assert [group["name"] for page in pages for group in page.json()["groups"]] == [f"G{n}" for n in range(7)]
    assert tool.get(f"{GROUPS}?page=x").status_code == 400


def test_groups_need_their_scope_and_their_course(tool: ToolSide) -> None:
    assert tool.get(GROUPS, RESULT_READ, MEMBERSHIP_READ).status_code == 403
    assert Client().get(f"/ilp/courses/{COURSE}/groups").status_code == 401
    side = factories.make_tool("narrow", courses=[OTHER_COURSE])
    assert side.get(GROUPS).status_code == 403
    assert side.get(f"{ISSUER}/ilp/courses/{OTHER_COURSE}/groups").json()["groups"] == []


def test_the_roster_names_each_members_groups_when_asked(tool: ToolSide) -> None:
    members = tool.get(f"{MEMBERSHIPS}?groups=true").json()["members"]
    assert {row["user_id"]: row["group_enrollments"] for row in members} == {
        "ada": [{"group_id": "g-Blue"}],
        "ben": [{"group_id": "g-Green"}],
        "tina": [],
    }
    assert "group_enrollments" not in tool.get(MEMBERSHIPS).json()["members"][0]
    assert "group_enrollments" not in tool.get(f"{MEMBERSHIPS}?groups=true", MEMBERSHIP_READ).json()["members"][0]


@pytest.mark.trust("T74")
@pytest.mark.parametrize(
    ("setting", "of_the_tool", "sent"),
    [
        (["name"], None, {"name"}),
        (["name"], [], set()),
        (["name"], ["name", "email"], {"name", "email"}),
        ([], None, set()),
        ([], ["email"], {"email"}),
        (["name", "email"], ["name"], {"name"}),
    ],
)
def test_each_tool_gets_the_personal_data_that_was_set_for_it(
    client: Client, tool: ToolSide, settings: Any, setting: list[str], of_the_tool: list[str] | None, sent: set[str]
) -> None:
    settings.ILP_LTI_PERSONAL_DATA = setting
    tool.tool.personal_data = of_the_tool
    tool.tool.save()
    assert {"name", "email"} & read_message(launch(client, tool, "ada")).keys() == sent
    assert {"name", "email"} & tool.get(MEMBERSHIPS).json()["members"][0].keys() == sent


@pytest.fixture
def counted(settings: Any) -> Any:
    settings.ILP_LTI_RATE_LIMITS = dict.fromkeys(limits.PER_MINUTE, 3)
    limits.forget()
    yield settings
    limits.forget()


@pytest.mark.parametrize("path", ["launch", "auth", "token", "content", "register", f"courses/{COURSE}/memberships"])
def test_one_address_may_ask_so_often_in_a_minute(counted: Any, path: str) -> None:
    method = "get" if path in ("launch", "auth") or path.startswith("courses") else "post"
    statuses = [getattr(Client(), method)(f"/ilp/{path}") for _ in range(4)]
    assert all(answer.status_code in (400, 401, 404) for answer in statuses[:3])
    assert statuses[3].status_code == 429
    assert 1 <= int(statuses[3].headers["Retry-After"]) <= 60
    other = getattr(Client(REMOTE_ADDR="198.51.100.7"), method)(f"/ilp/{path}")
    assert other.status_code != 429


def test_zero_is_no_limit_and_the_address_is_read_as_the_setting_says(counted: Any) -> None:
    counted.ILP_LTI_CLIENT_ADDRESS = "tests.ilp_xblock.platform.test_groups.forwarded"
    for _ in range(3):
        assert Client().get("/ilp/launch", headers={"X-Forwarded-For": "a"}).status_code == 401
    assert Client().get("/ilp/launch", headers={"X-Forwarded-For": "a"}).status_code == 429
    assert Client().get("/ilp/launch", headers={"X-Forwarded-For": "b"}).status_code == 401
    counted.ILP_LTI_RATE_LIMITS = {"launch": 0}
    assert Client().get("/ilp/launch", headers={"X-Forwarded-For": "a"}).status_code == 401


def forwarded(request: Any) -> str:
    return str(request.headers["X-Forwarded-For"])
