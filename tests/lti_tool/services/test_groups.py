"""Course groups: who is in which, as the LMS tells it."""

import time
from collections.abc import Iterator

import pytest
import time_machine
from aiohttp import web
from django.test import Client

from lti_tool import http
from lti_tool.lti import api
from lti_tool.lti.models import Context, CourseGroup, Platform
from lti_tool.lti.services import groups as services
from lti_tool.lti.services.course import GROUPS_READ, LINE_ITEMS_READ, MEMBERS_READ
from lti_tool.lti.services.people import persons_of
from tests.factories.evidence import Joined, join
from tests.factories.lti import connected, school
from tests.factories.roster import RosterLMS, offer_groups

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "FIRST_WAIT_SECONDS", 0.002)


@pytest.fixture
def lms() -> Iterator[RosterLMS]:
    with RosterLMS(members=5, teachers=1) as running:
        running.groups = {"blue": {"user-1", "user-2"}, "tables": {"user-2", "nobody"}}
        yield running


@pytest.fixture
def joined(lms: RosterLMS) -> Joined:
    joined = join(lms)
    offer_groups(lms, joined)
    return joined


def told(joined: Joined) -> dict[str, tuple[str, set[str]]]:
    """Set and accounts by the group's name."""
    persons = persons_of(Context.objects.get().deployment_id, [f"user-{n}" for n in range(9)])
    subs = {person: sub for sub, person in persons.items()}
    found = api.groups(joined.school_id, joined.courses[0])
    return {group.name: (group.set_name, {subs[person] for person in group.person_ids}) for group in found}


EXPECTED = {"Group blue": ("Reading groups", {"user-1", "user-2"}), "Group tables": ("", {"user-2"})}


@pytest.mark.parametrize("in_roster", [True, False])
def test_groups_their_sets_and_people_arrive(lms: RosterLMS, joined: Joined, in_roster: bool) -> None:
    lms.tells_groups_in_roster = in_roster
    assert joined.read().code == ""
    assert told(joined) == EXPECTED
    assert (lms.group_reads["user-1"] == 0) is in_roster


def test_groups_are_read_once_a_day(lms: RosterLMS, joined: Joined) -> None:
    joined.read()
    lms.groups = {"blue": {"user-3"}}
    joined.read()
    assert told(joined) == EXPECTED
    with time_machine.travel(time.time() + 24 * 3600):
        joined.read()
    assert told(joined) == {"Group blue": ("Reading groups", {"user-3"})}


def test_a_course_too_big_to_ask_for_everybody_has_groups_without_people(
    lms: RosterLMS, joined: Joined, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "MOST_ASKED", 3)
    joined.read()
    assert {name: people for name, (_, people) in told(joined).items()} == {
        "Group blue": set(),
        "Group tables": set(),
    }
    assert set(lms.group_reads) == {""}


def test_groups_that_can_not_be_read_spoil_nothing_and_are_tried_again(lms: RosterLMS, joined: Joined) -> None:
    async def refuse(request: web.Request) -> web.StreamResponse | None:
        return web.Response(status=403) if request.path.endswith("groups") else None

    lms.intercept = refuse
    assert joined.read().code == ""
    assert told(joined) == {}
    lms.intercept = None
    lms.offers_differences = False
    Context.objects.update(differences_url="")
    joined.read()
    assert told(joined) == EXPECTED


@pytest.mark.parametrize("body", ["[]", "<html>", '{"groups": 5}', '{"members": []}'])
def test_an_answer_that_is_no_list_of_groups_changes_nothing(lms: RosterLMS, joined: Joined, body: str) -> None:
    joined.read()
    Context.objects.update(groups_read_at=None, differences_url="")

    async def nonsense(request: web.Request) -> web.StreamResponse | None:
        return web.Response(text=body) if request.path.endswith("groups") else None

    lms.intercept = nonsense
    assert joined.read().code == ""
    assert told(joined) == EXPECTED


def test_a_group_that_is_not_right_is_left_out(lms: RosterLMS, joined: Joined) -> None:
    async def some_wrong(request: web.Request) -> web.StreamResponse | None:
        if not request.path.endswith("/groups"):
            return None
        wrong = [{"name": "no id"}, "x", {"id": "a" * 256}, {"id": "nul \x00"}, None]
        return web.json_response({"groups": [{"id": 7, "name": "Seven \x00"}, *wrong]})

    lms.intercept = some_wrong
    joined.read()
    assert CourseGroup.objects.values_list("id_on_platform", "name").get() == ("7", "Seven")


def test_groups_have_a_token_of_their_own(lms: RosterLMS, joined: Joined) -> None:
    joined.read()
    assert lms.scopes[-1] == GROUPS_READ
    assert all(GROUPS_READ not in scope for scope in lms.scopes[:-1])


def test_groups_that_were_not_granted_are_not_asked_for(lms: RosterLMS, joined: Joined) -> None:
    Platform.objects.update(scopes=[MEMBERS_READ, LINE_ITEMS_READ])
    joined.read()
    assert not lms.group_reads


@pytest.mark.trust("T7")
def test_groups_of_another_school_s_course_are_none(joined: Joined) -> None:
    joined.read()
    assert api.groups(school(), joined.courses[0]) == []


def test_a_launch_s_claim_says_where_groups_are() -> None:
    lms = connected()
    claim = "https://purl.imsglobal.org/spec/lti-gs/claim/groupsservice"
    told = {
        "context_groups_url": "https://lms.example/groups",
        "context_group_sets_url": "https://lms.example/sets",
        "scope": [GROUPS_READ],
        "service_versions": ["1.0"],
    }
    assert lms.launch(Client(), **{claim: told}).status_code == 303
    context = Context.objects.get()
    assert (context.groups_url, context.group_sets_url) == ("https://lms.example/groups", "https://lms.example/sets")
    assert context.scopes == [GROUPS_READ]


@pytest.mark.parametrize("claim", [5, [], "x", {}, {"context_groups_url": "javascript:1"}, {"scope": 5}], ids=str)
def test_a_groups_claim_that_is_not_right_is_none(claim: object) -> None:
    lms = connected()
    answer = lms.launch(Client(), **{"https://purl.imsglobal.org/spec/lti-gs/claim/groupsservice": claim})
    assert answer.status_code == 303
    assert Context.objects.get().groups_url == ""
