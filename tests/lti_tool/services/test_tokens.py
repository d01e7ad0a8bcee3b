"""Access tokens: asked for once, kept encrypted, renewed in time and when refused."""

import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import time_machine
from aiohttp import web
from asgiref.sync import async_to_sync

from lti_tool.evidence import api as evidence
from lti_tool.http import Broken, HttpError, Outbound, Refused, Unauthorised
from lti_tool.lti import keys
from lti_tool.lti.models import AccessToken, Context, Platform
from lti_tool.lti.services import tokens
from lti_tool.lti.services.course import (
    LINE_ITEMS,
    LINE_ITEMS_READ,
    MEMBERS_READ,
    RESULTS_READ,
    SCORE,
    course_services,
)
from tests.factories.evidence import Joined, join
from tests.factories.lms import FakeLMS

pytestmark = pytest.mark.django_db


@pytest.fixture
def lms() -> Iterator[FakeLMS]:
    with FakeLMS(courses=2) as running:
        yield running


@pytest.fixture
def joined(lms: FakeLMS) -> Joined:
    return join(lms)


def test_courses_read_side_by_side_and_again_share_one_token(lms: FakeLMS, joined: Joined) -> None:
    joined.read(0)
    joined.read(1)
    evidence.read_courses(joined.school_id, joined.courses)
    assert len(lms.tokens) == 1


def test_a_new_process_takes_the_token_from_the_database(lms: FakeLMS, joined: Joined) -> None:
    joined.read()
    tokens.forget()
    joined.read()
    assert len(lms.tokens) == 1


@pytest.mark.trust("T69")
def test_a_stored_token_is_encrypted(lms: FakeLMS, joined: Joined) -> None:
    joined.read()
    row = AccessToken.objects.get()
    assert lms.tokens[0] not in row.token
    assert keys.decrypt(row.token).decode() == lms.tokens[0]


def test_a_token_whose_secret_is_gone_is_asked_for_anew(lms: FakeLMS, joined: Joined) -> None:
    joined.read()
    AccessToken.objects.update(token="not decryptable")
    tokens.forget()
    assert joined.read().code == ""
    assert len(lms.tokens) == 2


def test_a_token_is_not_used_in_its_last_minute(lms: FakeLMS, joined: Joined) -> None:
    lms.token_seconds = 600
    joined.read()
    with time_machine.travel(time.time() + 530):
        joined.read()
        assert len(lms.tokens) == 1
    with time_machine.travel(time.time() + 545):
        joined.read()
    assert len(lms.tokens) == 2


def test_a_token_the_platform_no_longer_takes_is_replaced_once(lms: FakeLMS, joined: Joined) -> None:
    joined.read()
    lms.tokens[0] = "revoked"
    assert joined.read().code == ""
    assert len(lms.tokens) == 2


def test_only_reading_is_asked_for(lms: FakeLMS, joined: Joined) -> None:
    joined.read()
    assert lms.scopes == [" ".join(sorted([LINE_ITEMS_READ, RESULTS_READ, MEMBERS_READ]))]


TOGETHER = " ".join(sorted([LINE_ITEMS_READ, RESULTS_READ, MEMBERS_READ]))


@pytest.mark.parametrize(
    ("denied", "answered"),
    [
        (MEMBERS_READ, {"lineitems", "results"}),
        (RESULTS_READ, {"lineitems", "memberships"}),
        (LINE_ITEMS_READ, {"memberships"}),
    ],
)
def test_one_scope_that_is_refused_shuts_no_other_service(
    lms: FakeLMS, joined: Joined, denied: str, answered: set[str]
) -> None:
    lms.denied = {denied}
    assert joined.read().code == "refused"
    assert {kind for kind in lms.requests if kind != "token"} == answered
    assert lms.scopes.count(TOGETHER) == lms.scopes.count(denied) == 1


def test_grades_come_though_the_class_list_is_refused(lms: FakeLMS, joined: Joined) -> None:
    joined.read()
    lms.denied = {MEMBERS_READ}
    lms.change(1.0)
    tokens.ask_anew(Platform.objects.get().pk)
    before = joined.total()
    joined.read()
    assert joined.total() != before


def test_scopes_that_are_refused_together_are_not_asked_for_with_each_read(lms: FakeLMS, joined: Joined) -> None:
    lms.denied = {MEMBERS_READ}
    joined.read(0)
    asked = len(lms.scopes)
    joined.read(1)
    tokens.forget()  # nor by another process
    joined.read(0)
    assert len(lms.scopes) == asked


def test_a_scope_that_was_switched_on_is_found_by_itself(lms: FakeLMS, joined: Joined) -> None:
    lms.denied = {MEMBERS_READ}
    joined.read()
    lms.denied.clear()
    with time_machine.travel(time.time() + 300):
        assert joined.read().code == ""
    assert lms.scopes.count(TOGETHER) == 1


def test_a_token_for_one_service_that_is_no_longer_taken_is_replaced_once(lms: FakeLMS, joined: Joined) -> None:
    lms.denied = {MEMBERS_READ}
    joined.read()
    asked = len(lms.scopes)
    lms.tokens[:] = ["revoked"] * len(lms.tokens)
    joined.read()
    assert sorted(lms.scopes[asked:]) == sorted([LINE_ITEMS_READ, RESULTS_READ])


def test_what_was_not_granted_is_not_asked_for(joined: Joined) -> None:
    services = course_services(joined.courses[0])
    assert services is not None
    granted = replace(services, granted=frozenset({LINE_ITEMS, RESULTS_READ}))
    assert set(granted.scopes) == {LINE_ITEMS, RESULTS_READ}


EVERYTHING = [LINE_ITEMS, LINE_ITEMS_READ, RESULTS_READ, SCORE, MEMBERS_READ]


@pytest.mark.parametrize(
    ("told", "asked"),
    [
        ([LINE_ITEMS_READ, RESULTS_READ], {LINE_ITEMS_READ, RESULTS_READ, MEMBERS_READ}),
        ([LINE_ITEMS_READ], {LINE_ITEMS_READ, MEMBERS_READ}),
        ([SCORE], {MEMBERS_READ}),
        ([], {MEMBERS_READ}),
    ],
    ids=["nothing", "results", "everything but scores", "the whole gradebook"],
)
def test_after_an_administrator_took_away(joined: Joined, told: list[str], asked: set[str]) -> None:
    """One scope that is gone would refuse the token that serves the others too."""
    Platform.objects.update(scopes=EVERYTHING)
    Context.objects.update(scopes=told)
    services = course_services(joined.courses[0])
    assert services is not None
    assert set(services.scopes) == asked
    assert set(services.granted_of(SCORE)) == {SCORE}.intersection(told)


def test_without_a_roster_nothing_is_asked_for_once_everything_was_taken_away(joined: Joined) -> None:
    Platform.objects.update(scopes=[LINE_ITEMS_READ, RESULTS_READ])
    Context.objects.update(scopes=[], memberships_url="")
    services = course_services(joined.courses[0])
    assert services is not None
    assert services.scopes == ()


def test_until_somebody_launches_what_the_registration_granted_counts(joined: Joined) -> None:
    Platform.objects.update(scopes=EVERYTHING)
    Context.objects.update(scopes=[], launched_on=None)
    services = course_services(joined.courses[0])
    assert services is not None
    assert set(services.scopes) == {LINE_ITEMS_READ, RESULTS_READ, MEMBERS_READ}


def ask_for_a_token(joined: Joined) -> str:
    async def go() -> str:
        async with Outbound() as out:
            return await tokens.Tokens(out, services).current()

    services = course_services(joined.courses[0])
    assert services is not None
    return async_to_sync(go)()


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ('{"access_token": "abc", "token_type": "mac"}', Broken),
        ('{"access_token": ""}', Broken),
        ('{"access_token": "a\\r\\nX-Header: b"}', Broken),
        ('{"access_token": "abc", "expires_in": -1}', Broken),
        ("[]", Broken),
        ("<html>", Broken),
    ],
)
def test_what_is_no_token_is_broken(lms: FakeLMS, joined: Joined, body: str, kind: type[HttpError]) -> None:
    async def intercept(_: web.Request) -> web.StreamResponse:
        return web.Response(text=body, content_type="application/json")

    lms.intercept = intercept
    with pytest.raises(kind):
        ask_for_a_token(joined)


@pytest.mark.parametrize(("status", "kind"), [(400, Refused), (401, Unauthorised)])
def test_a_platform_that_gives_no_token_is_told_of(
    lms: FakeLMS, joined: Joined, status: int, kind: type[HttpError]
) -> None:
    async def intercept(_: web.Request) -> web.StreamResponse:
        return web.json_response({"error": "invalid_client"}, status=status)

    lms.intercept = intercept
    with pytest.raises(kind):
        ask_for_a_token(joined)


def test_each_try_for_a_token_signs_a_new_assertion(lms: FakeLMS, joined: Joined) -> None:
    seen: list[Any] = []

    async def intercept(request: web.Request) -> web.StreamResponse | None:
        seen.append((await request.post())["client_assertion"])
        return web.Response(status=500) if len(seen) < 3 else None

    lms.intercept = intercept
    assert ask_for_a_token(joined) == lms.tokens[0]
    assert len(set(seen)) == 3
