"""Rosters over NRPS: narrowed, with messages, by what changed, and whole at least daily."""

import time
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
import time_machine
from aiohttp import web
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from lti_tool import http
from lti_tool.evidence import api as evidence
from lti_tool.lti.models import Context, LaunchSession, Platform, PlatformUser
from lti_tool.lti.services import nrps, tokens
from lti_tool.plans.data import Role
from tests.factories.evidence import Joined, actor, join
from tests.factories.gradebook import ask
from tests.factories.lms import LIS
from tests.factories.lti import INSTRUCTOR, FakePlatform, school
from tests.factories.roster import RosterLMS

pytestmark = [pytest.mark.django_db, pytest.mark.database]
DAY = 24 * 3600


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "FIRST_WAIT_SECONDS", 0.002)


@pytest.fixture
def lms() -> Iterator[RosterLMS]:
    with RosterLMS(members=7, page=3, teachers=1) as running:
        yield running


@pytest.fixture
def joined(lms: RosterLMS) -> Joined:
    return join(lms)


def person(sub: str) -> UUID:
    return PlatformUser.objects.get(sub=sub).person_id


def role(joined: Joined, sub: str) -> Role:
    return actor(joined, person(sub)).role


def test_a_role_narrows_the_roster(lms: RosterLMS, joined: Joined) -> None:
    found = ask(joined, lambda c: nrps.roster(c, role=LIS + "Instructor"))
    assert [member.sub for member in found.members] == ["user-0"]
    assert lms.asked[0]["role"] == LIS + "Instructor"


def test_a_limit_is_how_many_come_at_once_and_all_come(lms: RosterLMS, joined: Joined) -> None:
    found = ask(joined, lambda c: nrps.roster(c, limit=2))
    assert len(found.members) == 7
    assert [query["limit"] for query in lms.asked] == ["2"] * 4


def test_a_link_s_roster_tells_each_member_s_custom_parameters(joined: Joined) -> None:
    found = ask(joined, lambda c: nrps.roster(c, rlid="link-1"))
    assert found.members[2].custom == (("ilp_view", "link-1 of user-2"),)


def test_canvas_and_schoology_get_the_page_sizes_they_take(lms: RosterLMS, joined: Joined) -> None:
    for family, limit in (("canvas", "50"), ("schoology", "100")):
        Platform.objects.update(product_family=family)
        tokens.forget()
        lms.asked.clear()
        ask(joined, nrps.roster)
        assert lms.asked[0]["limit"] == limit


def test_after_a_whole_read_only_what_changed_is_asked_for(lms: RosterLMS, joined: Joined) -> None:
    assert joined.read().members == 7
    lms.come("user-new")
    lms.come("user-2", role="Instructor")
    lms.asked.clear()
    outcome = joined.read()
    assert (outcome.code, outcome.members) == ("", 8)
    assert lms.wholes() == 0
    assert role(joined, "user-new") is Role.LEARNER
    assert role(joined, "user-2") is Role.TEACHER
    assert role(joined, "user-5") is Role.LEARNER


@pytest.mark.trust("T3")
@pytest.mark.parametrize("status", ["Deleted", "Inactive"])
def test_somebody_told_to_be_gone_has_left_and_nobody_else(lms: RosterLMS, joined: Joined, status: str) -> None:
    joined.read()
    lms.go("user-0", status)
    lms.asked.clear()
    assert joined.read().members == 6
    assert lms.wholes() == 0
    assert role(joined, "user-0") is Role.NONE
    assert role(joined, "user-1") is Role.LEARNER


@pytest.mark.trust("T3")
def test_a_session_of_somebody_told_to_be_gone_ends(lms: RosterLMS) -> None:
    tokens.forget()
    platform = FakePlatform(client_id=lms.client_id)
    school_id = school()
    platform.register(school_id)
    browser = Client()
    page = platform.launch(browser, sub="user-0", roles=[INSTRUCTOR])["Location"]
    Platform.objects.update(token_url=f"{lms.base}/token")
    Context.objects.update(lineitems_url=lms.lineitems_url(), memberships_url=lms.memberships_url())
    course = Context.objects.get().course_id
    evidence.read_courses(school_id, [course])
    assert browser.get(page, secure=True).status_code == 200
    lms.go("user-0")
    lms.asked.clear()
    evidence.read_courses(school_id, [course])
    assert lms.wholes() == 0
    assert LaunchSession.objects.get().ended_at is not None
    assert browser.get(page, secure=True).status_code in {401, 403, 404, 410}


def test_somebody_who_went_and_came_back_is_in(lms: RosterLMS, joined: Joined) -> None:
    joined.read()
    lms.go("user-3")
    joined.read()
    lms.come("user-3")
    joined.read()
    assert role(joined, "user-3") is Role.LEARNER


def test_going_and_coming_back_between_two_reads_counts_as_being_in(lms: RosterLMS, joined: Joined) -> None:
    joined.read()
    lms.go("user-3")
    lms.come("user-3")
    joined.read()
    assert role(joined, "user-3") is Role.LEARNER


def test_each_change_is_asked_for_once(lms: RosterLMS, joined: Joined) -> None:
    joined.read()
    lms.come("a")
    joined.read()
    joined.read()
    assert [query["since"] for query in lms.asked if "since" in query] == ["0", "1"]


@pytest.mark.trust("T3")
def test_the_whole_roster_is_read_at_least_daily(lms: RosterLMS, joined: Joined) -> None:
    joined.read()
    del lms.people["user-4"]  # and no news of it
    lms.asked.clear()
    joined.read()
    assert lms.wholes() == 0
    with time_machine.travel(time.time() + DAY):
        joined.read()
    assert lms.wholes() > 0
    assert role(joined, "user-4") is Role.NONE


def answers(status: int, body: str = "") -> Any:
    async def intercept(request: web.Request) -> web.StreamResponse | None:
        if "since" in request.query:
            return web.Response(status=status, text=body, content_type="application/json")
        return None

    return intercept


@pytest.mark.parametrize(
    ("status", "body"), [(400, ""), (403, ""), (404, ""), (410, ""), (200, '{"members": [{"user_id": 1}]}')]
)
def test_differences_the_platform_no_longer_tells_mean_a_whole_read(
    lms: RosterLMS, joined: Joined, status: int, body: str
) -> None:
    joined.read()
    lms.go("user-5")
    lms.intercept = answers(status, body)
    lms.asked.clear()
    assert joined.read().code == ""
    assert lms.wholes() > 0
    assert role(joined, "user-5") is Role.NONE


def test_differences_that_fail_for_now_are_a_failure_and_nobody_leaves(lms: RosterLMS, joined: Joined) -> None:
    joined.read()
    lms.go("user-5")
    lms.intercept = answers(500)
    assert joined.read().code == "failing"
    assert role(joined, "user-5") is Role.LEARNER
    lms.intercept = None
    assert joined.read().code == ""
    assert role(joined, "user-5") is Role.NONE


@pytest.mark.trust("T72")
def test_differences_on_another_server_are_never_asked_for(joined: Joined) -> None:
    joined.read()
    Context.objects.update(differences_url="http://127.0.0.1:1/elsewhere")
    assert joined.read().code == ""
    assert Context.objects.get().differences_url.startswith(Context.objects.get().memberships_url)


def test_a_platform_without_differences_is_read_whole_each_time(lms: RosterLMS, joined: Joined) -> None:
    lms.offers_differences = False
    joined.read()
    lms.asked.clear()
    joined.read()
    assert lms.wholes() > 0
    assert Context.objects.get().roster_read_at is None


def test_of_a_person_s_two_accounts_one_going_is_no_leaving(lms: RosterLMS, joined: Joined) -> None:
    joined.read()
    PlatformUser.objects.filter(sub="user-6").update(person=person("user-5"))
    lms.go("user-6")
    joined.read()
    assert role(joined, "user-5") is Role.LEARNER


JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=10,
)


@given(groups=JSON, message=JSON)
def test_whatever_stands_in_message_and_groups_the_member_is_read(groups: Any, message: Any) -> None:
    row = nrps.MEMBER.validate_python(
        {"user_id": "u", "roles": [LIS + "Learner"], "message": message, "group_enrollments": groups}
    )
    member = nrps._member(row)
    assert member.sub == "u"
    assert member.role is Role.LEARNER
    assert all(0 < len(one) <= 255 for one in member.group_ids or ())
