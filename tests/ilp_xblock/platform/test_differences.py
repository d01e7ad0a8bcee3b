"""What changed in a course's roster since a tool last read it (NRPS 2.0, 2.4.2): nobody missed, nobody made up."""

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from ilp_xblock.models import RosterMember, RosterState
from ilp_xblock.platform import differences, forgetting
from ilp_xblock.platform.ports import Member, Role
from tests.factories import platform as factories
from tests.factories.platform import BLOCK, COURSE, ISSUER, OTHER_COURSE, ToolSide, link_of

pytestmark = [pytest.mark.django_db, pytest.mark.database]
ROSTER = f"{ISSUER}/ilp/courses/{COURSE}/memberships"
CLAIM = "https://purl.imsglobal.org/spec/lti/claim/"
MEMBERSHIP = "http://purl.imsglobal.org/vocab/lis/v2/membership"
CLEO = Member("cleo", (Role.LEARNER,), "Cleo Marsh", "cleo@example.org")


def state_of(tool: ToolSide, url: str = ROSTER) -> str:
    """Read the roster whole; where the next differences are."""
    return link_of(tool.walk(url)[-1], "differences")


def told(tool: ToolSide, url: str) -> dict[str, str]:
    """Status by person; each is told once."""
    rows = [row for answer in tool.walk(url) for row in answer.json()["members"]]
    assert len({row["user_id"] for row in rows}) == len(rows)
    return {row["user_id"]: row["status"] for row in rows}


def test_where_nothing_changed_there_are_no_differences(tool: ToolSide) -> None:
    url = state_of(tool)
    answer = tool.get(url)
    assert answer.headers["Content-Type"] == "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"
    assert answer.json()["members"] == []
    assert answer.json()["context"]["id"] == COURSE
    assert link_of(answer, "differences") == url
    assert link_of(answer, "next") == ""


def test_who_came_is_told_whole_and_who_left_by_account_and_status_alone(tool: ToolSide, lms: factories.LMS) -> None:
    url = state_of(tool)
    lms.members[COURSE] = [*lms.members[COURSE][1:], CLEO]
    rows = {row["user_id"]: row for row in tool.get(url).json()["members"]}
    assert rows == {
        "ada": {"status": "Deleted", "user_id": "ada", "roles": [f"{MEMBERSHIP}#Learner"]},
        "cleo": {
            "status": "Active",
            "user_id": "cleo",
            "roles": [f"{MEMBERSHIP}#Learner"],
            "name": "Cleo Marsh",
        },
    }


@pytest.mark.parametrize(
    "now",
    [
        Member("ada", (Role.INSTRUCTOR,), "Ada Lovelace", "ada@example.org"),
        Member("ada", (Role.LEARNER,), "Ada King", "ada@example.org"),
        Member("ada", (Role.LEARNER,), "Ada Lovelace", "countess@example.org"),
        Member("ada", (Role.LEARNER,), "Ada Lovelace", "ada@example.org", "Ada", "Lovelace"),
    ],
    ids=["role", "name", "address", "parts of the name"],
)
def test_who_changed_is_told_as_they_are_now(tool: ToolSide, lms: factories.LMS, now: Member) -> None:
    url = state_of(tool)
    lms.members[COURSE][0] = now
    assert told(tool, url) == {"ada": "Active"}


def test_each_answer_tells_where_the_next_differences_are(tool: ToolSide, lms: factories.LMS) -> None:
    first = state_of(tool)
    lms.members[COURSE].append(CLEO)
    second = link_of(tool.get(first), "differences")
    del lms.members[COURSE][0]
    assert told(tool, second) == {"ada": "Deleted"}
    assert told(tool, first) == {"ada": "Deleted", "cleo": "Active"}
    assert told(tool, state_of(tool)) == {}


def test_who_left_and_came_back_is_active(tool: ToolSide, lms: factories.LMS) -> None:
    url = state_of(tool)
    ada = lms.members[COURSE].pop(0)
    assert told(tool, url) == {"ada": "Deleted"}
    lms.members[COURSE].append(ada)
    assert told(tool, url) == {"ada": "Active"}


def test_a_change_between_two_pages_of_the_whole_roster_is_in_the_next_differences(
    tool: ToolSide, lms: factories.LMS
) -> None:
    page = tool.get(f"{ROSTER}?limit=2")
    lms.members[COURSE][0] = Member("ada", (Role.LEARNER,), "Ada King")
    last = tool.get(link_of(page, "next"))
    assert link_of(last, "next") == ""
    assert told(tool, link_of(last, "differences")) == {"ada": "Active"}


@given(
    before=st.sets(st.integers(0, 30), max_size=20),
    after=st.sets(st.integers(0, 30), max_size=20),
    limit=st.integers(1, 25),
)
@hypothesis_settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whoever_comes_and_goes_each_is_told_once_however_small_the_pages(
    tool: ToolSide, lms: factories.LMS, before: set[int], after: set[int], limit: int
) -> None:
    lms.members[COURSE] = [Member(f"p{n}", (Role.LEARNER,)) for n in sorted(before)]
    url = state_of(tool, f"{ROSTER}?limit={limit}")
    assert dict(parse_qsl(urlsplit(url).query))["limit"] == str(limit)
    lms.members[COURSE] = [Member(f"p{n}", (Role.LEARNER,)) for n in sorted(after)]
    expected = {f"p{n}": "Active" for n in after - before} | {f"p{n}": "Deleted" for n in before - after}
    assert told(tool, url) == expected


@pytest.mark.parametrize("role", ["Learner", f"{MEMBERSHIP}%23Learner"])
def test_of_one_role_who_has_it_and_who_lost_it(tool: ToolSide, lms: factories.LMS, role: str) -> None:
    lms.members[COURSE].append(Member("tom", (Role.ASSISTANT,), "Tom"))
    url = state_of(tool, f"{ROSTER}?role={role}")
    ada, ben, tina, _tom = lms.members[COURSE]
    lms.members[COURSE] = [
        Member(ada.sub, (Role.INSTRUCTOR,), ada.name),  # no learner any more
        Member(tina.sub, tina.roles, "Tina King"),  # never was one
        CLEO,  # tom, who never was one, left
    ]
    assert told(tool, url) == {"ada": "Active", "ben": "Deleted", "cleo": "Active"}
    assert ben.sub not in {member.sub for member in lms.members[COURSE]}


def test_of_the_instructors_assistants_are_told_too(tool: ToolSide, lms: factories.LMS) -> None:
    url = state_of(tool, f"{ROSTER}?role=Instructor")
    lms.members[COURSE] += [Member("tom", (Role.ASSISTANT,), "Tom"), CLEO]
    assert told(tool, url) == {"tom": "Active"}


def test_of_a_role_nobody_has_nothing_is_told(tool: ToolSide, lms: factories.LMS) -> None:
    url = state_of(tool, f"{ROSTER}?role=Mentor")
    lms.members[COURSE].append(CLEO)
    assert told(tool, url) == {}


def test_of_a_resource_link_those_who_are_here_come_with_its_message(tool: ToolSide, lms: factories.LMS) -> None:
    tool.tool.custom = {"who": "$User.id"}
    tool.tool.save()
    url = state_of(tool, f"{ROSTER}?rlid={BLOCK.replace('+', '%2B')}")
    lms.members[COURSE] = [*lms.members[COURSE][1:], CLEO]
    rows = {row["user_id"]: row for row in tool.get(url).json()["members"]}
    assert rows["cleo"]["message"][0][CLAIM + "custom"]["who"] == "cleo"
    assert "message" not in rows["ada"]


@pytest.mark.parametrize("shared", [[], ["name"], ["email"], ["name", "email"]])
def test_differences_hold_personal_data_as_the_operator_says(
    tool: ToolSide, lms: factories.LMS, settings: Any, shared: list[str]
) -> None:
    url = state_of(tool)
    settings.ILP_LTI_PERSONAL_DATA = shared
    lms.members[COURSE].append(CLEO)
    (row,) = tool.get(url).json()["members"]
    assert row.keys() - {"status", "user_id", "roles"} == set(shared)


# What no tool should send


@pytest.mark.parametrize(
    "since",
    [
        "1",
        "0",
        "672638723",
        "2026-01-01T00:00:00Z",
        "-",
        "x-1",
        "-1",
        "a" * 5000,
        "\x00",
        "\N{FULLWIDTH DIGIT ONE}-1",
        "' OR 1=1 --",
        "{}",
    ],
)
def test_a_state_nobody_gave_out_is_refused(tool: ToolSide, since: str) -> None:
    state_of(tool)
    answer = tool.get(ROSTER + "?" + "since=" + since.replace("\x00", "%00").replace(" ", "%20"))
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


def test_a_state_that_is_still_to_come_is_refused(tool: ToolSide) -> None:
    url = state_of(tool)
    handle, _, version = dict(parse_qsl(urlsplit(url).query))["since"].partition("-")
    assert tool.get(f"{ROSTER}?since={handle}-{int(version) + 1}").status_code == 400


def test_a_state_of_another_course_is_refused(tool: ToolSide) -> None:
    other = state_of(tool, ROSTER.replace(COURSE, OTHER_COURSE))
    state_of(tool)
    assert tool.get(other.replace(OTHER_COURSE, COURSE)).status_code == 400


def test_a_state_from_before_the_count_began_anew_is_refused(tool: ToolSide) -> None:
    url = state_of(tool)
    RosterState.objects.all().delete()
    state_of(tool)
    assert tool.get(url).status_code == 400


@pytest.mark.parametrize("page", ["-1", "x", "9" * 30, "1.0", "1e3"])
def test_a_page_of_the_differences_nobody_gave_out_is_refused(tool: ToolSide, page: str) -> None:
    assert tool.get(f"{state_of(tool)}&page={page}").status_code == 400


def test_a_forged_state_on_a_later_page_of_the_roster_gives_no_differences(tool: ToolSide) -> None:
    answer = tool.get(f"{ROSTER}?limit=2&page=2&state=forged-1")
    assert answer.status_code == 200
    assert link_of(answer, "differences") == ""


def test_differences_need_the_same_scope_course_and_link_as_the_roster(tool: ToolSide) -> None:
    url = state_of(tool)
    ags = "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem.readonly"
    assert tool.get(url, ags).status_code == 403
    assert tool.get(f"{url}&rlid=nothing").status_code == 403
    tool.tool.courses = [OTHER_COURSE]
    tool.tool.save()
    assert tool.get(url).status_code == 403


# How much is kept, and for how long


def test_no_name_is_kept_of_anybody(tool: ToolSide) -> None:
    state_of(tool)
    kept = repr([*RosterState.objects.values(), *RosterMember.objects.values()])
    assert "ada" in kept
    assert not any(word in kept for word in ("Lovelace", "Ada", "example.org", "Maths"))


def test_who_left_a_month_ago_is_forgotten_and_states_from_before_are_refused(
    tool: ToolSide, lms: factories.LMS, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = state_of(tool)
    del lms.members[COURSE][0]
    after = state_of(tool)
    RosterMember.objects.filter(sub="ada").update(left=timezone.now() - timedelta(days=31))
    monkeypatch.setattr(forgetting, "_last", -1e9)
    forgetting.forget_expired()
    assert not RosterMember.objects.filter(sub="ada").exists()
    assert tool.get(before).status_code == 400
    assert told(tool, after) == {}


def test_a_course_too_big_tells_no_differences(
    tool: ToolSide, lms: factories.LMS, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = state_of(tool)
    monkeypatch.setattr(differences, "MOST_MEMBERS", 2)
    answer = tool.get(ROSTER)
    assert [row["user_id"] for row in answer.json()["members"]] == ["ada", "ben", "tina"]
    assert "Link" not in answer.headers
    assert tool.get(url).status_code == 400


def test_an_unchanged_roster_is_read_without_a_write(tool: ToolSide, django_assert_num_queries: Any) -> None:
    state_of(tool)
    token = tool.token()
    with django_assert_num_queries(3):  # the tool, the state, its people
        tool.get(ROSTER, token=token)
