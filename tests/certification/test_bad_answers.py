"""What a platform's services answer, payload by payload and by what is wrong (AGS 2.0, NRPS 2.0, Security 1.0, 4.1).

A wrong row is refused and counted and the others stand; what is no list at all is broken; nothing is taken for a
zero, a member or a token that is none.
"""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from aiohttp import web

from lti_tool import http
from lti_tool.http import Broken
from lti_tool.lti.services import ags, nrps, tokens
from lti_tool.plans.data import Role
from tests.factories.evidence import Joined, join
from tests.factories.gradebook import ask
from tests.factories.lms import LIS, FakeLMS

pytestmark = [pytest.mark.django_db, pytest.mark.database]

LEARNER = LIS + "Learner"


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "FIRST_WAIT_SECONDS", 0.0)
    tokens.forget()


@pytest.fixture
def lms() -> Iterator[FakeLMS]:
    with FakeLMS(members=3, items=1) as running:
        yield running


@pytest.fixture
def joined(lms: FakeLMS) -> Joined:
    return join(lms)


def says(lms: FakeLMS, path: str, document: object, **headers: str) -> None:
    body = document if isinstance(document, bytes) else json.dumps(document).encode()

    async def intercept(request: web.Request) -> web.StreamResponse | None:
        if request.path.endswith(path):
            return web.Response(body=body, content_type="application/json", headers=headers)
        return None

    lms.intercept = intercept


# Names and roles


def roster(lms: FakeLMS, joined: Joined, *rows: object) -> nrps.Roster:
    good = {"user_id": "good", "roles": [LEARNER], "status": "Active", "name": "Robin Vale"}
    says(lms, "/memberships", {"id": "x", "context": {"id": "course-0"}, "members": [good, *rows]})
    found: nrps.Roster = ask(joined, nrps.roster)
    assert found.members[0].sub == "good"
    return found


BAD_MEMBERS = {
    "no account": {"roles": [LEARNER]},
    "an account that is null": {"user_id": None, "roles": [LEARNER]},
    "an account that is empty": {"user_id": "", "roles": [LEARNER]},
    "an account that is a list": {"user_id": ["a"], "roles": [LEARNER]},
    "an account that is too long": {"user_id": "x" * 256, "roles": [LEARNER]},
    "an account with NUL in it": {"user_id": "a\x00b", "roles": [LEARNER]},
    "no roles": {"user_id": "a"},
    "roles that are null": {"user_id": "a", "roles": None},
    "roles that are a text": {"user_id": "a", "roles": LEARNER},
    "a role that is an object": {"user_id": "a", "roles": [{}]},
    "a status that is an object": {"user_id": "a", "roles": [LEARNER], "status": {}},
    "no object at all": "a",
    "nothing": None,
    "a list": [],
}


@pytest.mark.parametrize("row", BAD_MEMBERS.values(), ids=BAD_MEMBERS)
def test_a_member_with(lms: FakeLMS, joined: Joined, row: object) -> None:
    found = roster(lms, joined, row)
    assert (len(found.members), found.refused, found.gone) == (1, 1, ())


def test_a_member_whose_account_is_written_as_a_number(lms: FakeLMS, joined: Joined) -> None:
    assert roster(lms, joined, {"user_id": 7, "roles": [LEARNER]}).members[1].sub == "7"


@pytest.mark.parametrize("status", [None, "Active", "active", "Something new"])
def test_a_member_who_is_not_said_to_be_gone_is_in(lms: FakeLMS, joined: Joined, status: object) -> None:
    found = roster(lms, joined, {"user_id": "a", "roles": [LEARNER], "status": status})
    assert [member.sub for member in found.members] == ["good", "a"]


@pytest.mark.parametrize("status", ["Inactive", "Deleted", "DELETED", "inactive"])
def test_a_member_who_is_gone_is_not_in(lms: FakeLMS, joined: Joined, status: str) -> None:
    found = roster(lms, joined, {"user_id": "a", "roles": [LEARNER], "status": status})
    assert (found.gone, [member.sub for member in found.members]) == (("a",), ["good"])


def test_a_member_named_twice_is_what_was_said_last(lms: FakeLMS, joined: Joined) -> None:
    found = roster(lms, joined, {"user_id": "good", "roles": [LIS + "Instructor"]})
    assert [(member.sub, member.role) for member in found.members] == [("good", Role.TEACHER)]


def test_a_member_without_a_role_we_know_gets_nothing(lms: FakeLMS, joined: Joined) -> None:
    assert roster(lms, joined, {"user_id": "a", "roles": ["Wizard"]}).members[1].role is Role.NONE


@pytest.mark.parametrize("container", [[], {}, {"members": None}, {"members": {}}, {"members": "a"}, "x", 7, None])
def test_a_roster_that_is_no_container(lms: FakeLMS, joined: Joined, container: object) -> None:
    says(lms, "/memberships", container)
    with pytest.raises(Broken):
        ask(joined, nrps.roster)


# Columns


def columns(lms: FakeLMS, joined: Joined, *rows: dict[str, Any]) -> tuple[list[ags.LineItemRow], int]:
    good = {"id": lms.lineitems_url() + "/0", "label": "Good", "scoreMaximum": 10}
    says(lms, "/lineitems", [good, *rows])
    found: tuple[list[ags.LineItemRow], int] = ask(joined, ags.line_items)
    assert found[0][0]["label"] == "Good"
    return found


BAD_COLUMNS = {
    "no address": {"id": None},
    "an empty address": {"id": ""},
    "an address on another server": {"id": "https://elsewhere.example/lineitems/1"},
    "an address of another kind": {"id": "javascript:alert(1)"},
    "an address without a server": {"id": "/lineitems/1"},
    "an address without end": {"id": "x" * 1001},
    "no maximum": {"scoreMaximum": None},
    "a maximum that is a word": {"scoreMaximum": "ten"},
    "a maximum that is no number": {"scoreMaximum": float("nan")},
    "a maximum without end": {"scoreMaximum": float("inf")},
    "a label that is a list": {"label": ["a"]},
    "a tag that is an object": {"tag": {}},
    "a resource that is too long": {"resourceId": "x" * 256},
}


@pytest.mark.parametrize("change", BAD_COLUMNS.values(), ids=BAD_COLUMNS)
def test_a_column_with(lms: FakeLMS, joined: Joined, change: dict[str, Any]) -> None:
    row = {"id": lms.lineitems_url() + "/9", "label": "Odd", "scoreMaximum": 10} | change
    found, refused = columns(lms, joined, row)
    assert (len(found), refused) == (1, 1)


@pytest.mark.parametrize("document", [{}, {"lineitems": []}, "x", 7, None, b"", b"<html>", b"[", b"\xff"])
def test_columns_that_are_no_list(lms: FakeLMS, joined: Joined, document: object) -> None:
    says(lms, "/lineitems", document)
    with pytest.raises(Broken):
        ask(joined, ags.line_items)


# Results


def results(lms: FakeLMS, joined: Joined, *rows: object) -> tuple[list[ags.ResultRow], int]:
    says(lms, "/results", [{"userId": "good", "resultScore": 5, "resultMaximum": 10}, *rows])

    async def read(connector: Any) -> tuple[list[ags.ResultRow], int]:
        pages = [page async for page in ags.results(connector, lms.lineitems_url() + "/0")]
        return [row for rows, _ in pages for row in rows], sum(refused for _, refused in pages)

    found: tuple[list[ags.ResultRow], int] = ask(joined, read)
    assert found[0][0]["userId"] == "good"
    return found


BAD_RESULTS = {
    "no account": {"resultScore": 5},
    "an account that is null": {"userId": None, "resultScore": 5},
    "an account that is empty": {"userId": "", "resultScore": 5},
    "an account that is an object": {"userId": {}, "resultScore": 5},
    "an account with NUL in it": {"userId": "a\x00", "resultScore": 5},
    "a score that is a word": {"userId": "a", "resultScore": "five"},
    "a score that is no number": {"userId": "a", "resultScore": float("nan")},
    "a score without end": {"userId": "a", "resultScore": float("inf")},
    "a score that is a list": {"userId": "a", "resultScore": [5]},
    "a maximum that is a word": {"userId": "a", "resultScore": 5, "resultMaximum": "ten"},
    "no object at all": "a",
    "nothing": None,
}


@pytest.mark.parametrize("row", BAD_RESULTS.values(), ids=BAD_RESULTS)
def test_a_result_with(lms: FakeLMS, joined: Joined, row: object) -> None:
    found, refused = results(lms, joined, row)
    assert (len(found), refused) == (1, 1)


@pytest.mark.parametrize("row", [{"userId": "a"}, {"userId": "a", "resultScore": None}])
def test_a_result_without_a_score_is_no_zero(lms: FakeLMS, joined: Joined, row: dict[str, Any]) -> None:
    found, refused = results(lms, joined, row)
    assert (found[1].get("resultScore"), refused) == (None, 0)


@pytest.mark.parametrize("score", [0, 0.0, -0.0])
def test_a_zero_is_a_score(lms: FakeLMS, joined: Joined, score: float) -> None:
    found, refused = results(lms, joined, {"userId": "a", "resultScore": score, "resultMaximum": 10})
    assert (found[1]["resultScore"], refused) == (0.0, 0)


@pytest.mark.parametrize("document", [{}, {"results": []}, "x", 7, None, b"", b"<html>", b"[", b"\xff"])
def test_results_that_are_no_list(lms: FakeLMS, joined: Joined, document: object) -> None:
    says(lms, "/results", document)

    async def read(connector: Any) -> None:
        async for _ in ags.results(connector, lms.lineitems_url() + "/0"):
            pass

    with pytest.raises(Broken):
        ask(joined, read)


# Tokens

BAD_GRANTS: dict[str, object] = {
    "no token": {"token_type": "Bearer"},
    "a token that is null": {"access_token": None},
    "an empty token": {"access_token": ""},
    "a token with a line break": {"access_token": "a\r\nX-Header: b"},
    "a token with a blank": {"access_token": "a b"},
    "a token that is no ASCII": {"access_token": "\N{LATIN SMALL LETTER E WITH ACUTE}"},
    "a token without end": {"access_token": "x" * 8001},
    "a token of another kind": {"access_token": "a", "token_type": "mac"},
    "a kind that is a list": {"access_token": "a", "token_type": ["Bearer"]},
    "a life below zero": {"access_token": "a", "expires_in": -1},
    "a life that is a word": {"access_token": "a", "expires_in": "soon"},
    "a life that is null": {"access_token": "a", "expires_in": None},
    "an error with status 200": {"error": "invalid_client"},
    "a list": [],
    "no JSON": b"<html>",
    "nothing": b"",
}


@pytest.mark.parametrize("grant", BAD_GRANTS.values(), ids=BAD_GRANTS)
def test_an_answer_to_the_question_for_a_token_with(lms: FakeLMS, joined: Joined, grant: object) -> None:
    says(lms, "/token", grant)
    with pytest.raises(Broken):
        ask(joined, nrps.roster)
    assert not any("/memberships" in asked for asked in lms.requests)


@pytest.mark.parametrize("kind", ["Bearer", "bearer", "BEARER"])
def test_a_token_of_the_right_kind_however_it_is_spelled(lms: FakeLMS, joined: Joined, kind: str) -> None:
    says(lms, "/token", {"access_token": "abc", "token_type": kind, "expires_in": "3600"})
    sent: list[str] = []
    first = lms.intercept
    assert first is not None

    async def intercept(request: web.Request) -> web.StreamResponse | None:
        if request.path.endswith("/memberships"):
            sent.append(request.headers["Authorization"])
            return web.json_response({"members": []})
        return await first(request)

    lms.intercept = intercept
    ask(joined, nrps.roster)
    assert sent == ["Bearer abc"]
