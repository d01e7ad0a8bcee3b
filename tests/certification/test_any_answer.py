"""Whatever a platform's services answer, over HTTP: rows that are right are kept, the rest is a trouble with a name.

Any JSON for the roster, the gradebook's columns, its results and the token ends in an outcome, never in an accident;
and what was read before still stands unless the platform says otherwise.
"""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from aiohttp import web
from hypothesis import example, given
from hypothesis import strategies as st

from lti_tool import http
from lti_tool.lti.services import tokens
from tests.factories.any_json import JSON, changed, thorough
from tests.factories.evidence import Joined, join
from tests.factories.lms import LIS, FakeLMS

pytestmark = [pytest.mark.django_db, pytest.mark.database]

CODES = {"", "broken", "refused", "unauthorised", "forbidden", "too_large"}
ROWS = {
    "memberships": {"user_id": "c0-user-9", "roles": [LIS + "Learner"], "status": "Active", "name": "Robin Vale"},
    "lineitems": {
        "id": "",
        "label": "Odd",
        "scoreMaximum": 10,
        "resourceId": "odd",
        "resourceLinkId": "r",
        "tag": "t",
    },
    "results": {"id": "x", "userId": "c0-user-1", "resultScore": 5, "resultMaximum": 10, "timestamp": "2026-01-01"},
    "token": {"access_token": "good", "token_type": "Bearer", "expires_in": 3600, "scope": "x"},
}
EXTRA = ("message", "group_enrollments", "given_name", "family_name", "comment", "scoreOf", "submissionReview")


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "FIRST_WAIT_SECONDS", 0.0)


@pytest.fixture
def lms() -> Iterator[FakeLMS]:
    with FakeLMS(members=3, items=2, page=50, teachers=1) as running:
        yield running


@pytest.fixture
def joined(lms: FakeLMS) -> Joined:
    return join(lms)


def says(lms: FakeLMS, path: str, body: bytes) -> None:
    """The platform answers so at addresses that end so; columns it does not know have no results."""

    async def intercept(request: web.Request) -> web.StreamResponse | None:
        if request.path.endswith(path):
            return web.Response(body=body, content_type="application/json")
        odd = request.path.endswith("/results") and not request.path.endswith(("/0/results", "/1/results"))
        return web.json_response([]) if odd else None

    lms.intercept = intercept


def read(joined: Joined) -> Any:
    tokens.forget()
    tokens.AccessToken.objects.all().delete()
    outcome = joined.read()
    assert outcome.code in CODES
    return outcome


def contained(path: str, rows: Any) -> Any:
    return {"id": "x", "context": {"id": "course-0"}, "members": rows} if path == "memberships" else rows


@thorough(120)
@given(path=st.sampled_from(["memberships", "lineitems", "results"]), data=st.data())
def test_any_json_in_any_member_of_a_row_leaves_the_other_rows_good(
    lms: FakeLMS, joined: Joined, path: str, data: st.DataObject
) -> None:
    lms.intercept = None
    assert read(joined).code == ""
    before = joined.total()
    good = ROWS[path] | ({"id": f"{lms.lineitems_url()}/9"} if path == "lineitems" else {})
    odd = good | data.draw(changed(good, *EXTRA))
    known = json.loads(lms_rows(lms, path))
    says(lms, path, json.dumps(contained(path, [*known, odd])).encode())
    read(joined)
    rows, total = joined.total()
    assert rows >= before[0] or path == "results"
    assert path == "results" or total >= before[1]


def lms_rows(lms: FakeLMS, path: str) -> str:
    """What the platform says in order, so that the odd row stands among good ones."""
    if path == "memberships":
        roles = [[LIS + "Instructor"], *([LIS + "Learner"],) * (lms.members - 1)]
        return json.dumps([{"user_id": lms.sub(0, number), "roles": role} for number, role in enumerate(roles)])
    if path == "lineitems":
        rows = [
            {"id": f"{lms.lineitems_url()}/{n}", "label": f"Item {n}", "scoreMaximum": 100} for n in range(lms.items)
        ]
        return json.dumps(rows)
    return "[]"


@thorough(100)
@given(path=st.sampled_from(["memberships", "lineitems", "results", "token"]), document=JSON)
@example(path="memberships", document={"members": [{"user_id": "\x00", "roles": []}]})
@example(path="lineitems", document=[{"id": "http://[", "scoreMaximum": 1}])
@example(path="results", document=[{"userId": "c0-user-1", "resultScore": float("nan")}])
@example(path="token", document={"access_token": "a\r\nb", "expires_in": 10**400})
@example(path="token", document={"access_token": "ab", "expires_in": -1})
def test_any_json_at_all_is_an_outcome_with_a_name(lms: FakeLMS, joined: Joined, path: str, document: Any) -> None:
    says(lms, path, json.dumps(document).encode())
    read(joined)


@pytest.mark.parametrize("path", ["memberships", "lineitems", "results", "token"])
@pytest.mark.parametrize(
    "body",
    [b"", b"<html>", b"{", b"\xff\xfe", b"[" * 100_000, b'{"members":[' * 50_000, b"[" + b"9" * 5000, b'["\\ud800"]'],
    ids=["nothing", "a page", "half", "no text", "nested", "nested members", "a huge number", "half a surrogate"],
)
def test_what_is_no_json_is_a_trouble_with_a_name(lms: FakeLMS, joined: Joined, path: str, body: bytes) -> None:
    before = read(joined) and joined.total()
    says(lms, path, body)
    assert read(joined).code == "broken"
    assert joined.total() == before


@thorough(60)
@given(
    link=st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"), max_size=80)
    | st.sampled_from(['<>; rel="next"', "<http://[>; rel=next", "<//evil.test/>; rel=next", "<?page=2>; rel=next"])
)
def test_any_link_header_is_followed_or_ends_the_reading(lms: FakeLMS, joined: Joined, link: str) -> None:
    async def intercept(request: web.Request) -> web.StreamResponse | None:
        if not request.path.endswith("/memberships"):
            return None
        return web.json_response({"members": []}, headers={"Link": link})

    lms.intercept = intercept
    read(joined)
