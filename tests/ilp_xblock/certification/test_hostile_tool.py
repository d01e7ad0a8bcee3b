"""A registered tool that turns hostile, over HTTP on loopback, byte by byte where a client library would tidy up.

Whatever it sends is answered in the platform's own words: a page or JSON, 2xx to 4xx, and nothing of another course.
"""

import http.client
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from django.test import RequestFactory

from ilp_xblock.platform.addresses import segment
from ilp_xblock.platform.ports import Activity, Course, Member, Result, Role
from ilp_xblock.platform.vocabulary import LINEITEM_READ, MEMBERSHIP_READ, RESULT_READ, SCOPES
from ilp_xblock.workbench.incoming import PlainRequest
from tests.factories import platform as factories
from tests.factories.platform import ACTIVITY, BLOCK, COURSE, OTHER_COURSE, ToolSide

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.trust("T61")]
ITEM = segment(ACTIVITY)
HOME = f"/ilp/courses/{COURSE}"
FORM = "application/x-www-form-urlencoded"


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    def is_an_error(self, status: int, error: str = "") -> bool:
        said = self.json
        return self.status == status and said["error"] == (error or said["error"]) and bool(said["error_description"])


@dataclass
class Wire:
    """Requests exactly as they are given."""

    host: str
    token: str = ""

    def ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> Answer:
        connection = http.client.HTTPConnection(self.host, timeout=20)
        try:
            connection.putrequest(method, path, skip_accept_encoding=True)
            bearer = {"Authorization": f"Bearer {self.token}"} if self.token else {}
            for name, value in (bearer | headers).items():
                connection.putheader(name.replace("_", "-"), value)
            connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
            answer = connection.getresponse()
            return Answer(answer.status, dict(answer.getheaders()), answer.read())
        finally:
            connection.close()

    def get(self, path: str, **headers: str) -> Answer:
        return self.ask("GET", path, **headers)


@pytest.fixture
def wire(live_server: Any, settings: Any, tool: ToolSide) -> Wire:
    settings.ALLOWED_HOSTS = ["localhost", "127.0.0.1", "testserver"]
    return Wire(urlsplit(live_server.url).netloc, tool.token())


def test_what_a_tool_may_not_do_at_each_address(wire: Wire, tool: ToolSide) -> None:
    refused = {
        (403, "insufficient_scope", None): [
            ("POST", "/lineitems"),
            ("PUT", f"/lineitems/{ITEM}"),
            ("DELETE", f"/lineitems/{ITEM}"),
            ("POST", f"/lineitems/{ITEM}/scores"),
        ],
        (405, "invalid_request", "GET, HEAD"): [
            ("POST", "/memberships"),
            ("DELETE", "/memberships"),
            ("PUT", "/lineitems"),
            ("PATCH", f"/lineitems/{ITEM}"),
            ("POST", f"/lineitems/{ITEM}/results"),
            ("PUT", f"/lineitems/{ITEM}/results/{segment('ada')}"),
            ("POST", "/groups"),
            ("OPTIONS", "/lineitems"),
            ("PROPFIND", "/memberships"),
        ],
        (405, "invalid_request", "POST"): [
            ("GET", f"/lineitems/{ITEM}/scores"),
            ("PUT", f"/lineitems/{ITEM}/scores"),
        ],
    }
    body = b'{"label": "Mine", "scoreMaximum": 1, "userId": "ada", "scoreGiven": 0}'
    for (status, error, allowed), requests in refused.items():
        for method, path in requests:
            answer = wire.ask(method, HOME + path, body, Content_Type="application/vnd.ims.lis.v2.lineitem+json")
            assert answer.is_an_error(status, error), (method, path, answer)
            assert answer.headers.get("Allow") == allowed, (method, path)
            if status == 403:
                assert 'scope="https://purl.imsglobal.org/spec/lti-ags/scope/' in answer.headers["WWW-Authenticate"]
    for path in ("/lineitems", f"/lineitems/{ITEM}/results", "/memberships", "/groups"):
        head = wire.ask("HEAD", HOME + path)
        assert (head.status, head.body) == (200, b"")
    assert len(wire.get(f"{HOME}/lineitems").json) == 2


def test_each_scope_opens_its_own_addresses_and_no_other(wire: Wire, tool: ToolSide) -> None:
    needs = {
        "/lineitems": LINEITEM_READ,
        f"/lineitems/{ITEM}": LINEITEM_READ,
        f"/lineitems/{ITEM}/results": RESULT_READ,
        f"/lineitems/{ITEM}/results/{segment('ada')}": RESULT_READ,
        "/memberships": MEMBERSHIP_READ,
        "/groups": "https://purl.imsglobal.org/spec/lti-gs/scope/contextgroup.readonly",
        "/groups/sets": "https://purl.imsglobal.org/spec/lti-gs/scope/contextgroup.readonly",
    }
    for scope in SCOPES:
        wire.token = tool.token(scope)
        for path, needed in needs.items():
            answer = wire.get(HOME + path)
            if needed == scope:
                assert answer.status == 200
            else:
                assert answer.is_an_error(403, "insufficient_scope")
                assert f'scope="{needed}"' in answer.headers["WWW-Authenticate"]


def test_who_says_nothing_of_themselves_and_who_says_something_false(wire: Wire, tool: ToolSide) -> None:
    good, wire.token = wire.token, ""
    anonymous = wire.get(f"{HOME}/lineitems")
    assert anonymous.is_an_error(401, "invalid_token")
    assert "error" not in anonymous.headers["WWW-Authenticate"]
    for said in (
        "Bearer",
        "Bearer x",
        "Basic x",
        good,
        f"Bearer {good}x",
        "Bearer \xe9",
        f"Bearer a {good}",
        "Bearer ...",
    ):
        answer = wire.get(f"{HOME}/lineitems", Authorization=said)
        assert answer.is_an_error(401, "invalid_token"), said
        assert answer.headers["WWW-Authenticate"].startswith("Bearer realm=")
    assert wire.get(f"{HOME}/lineitems?access_token={good}").status == 401
    assert wire.ask("POST", f"{HOME}/lineitems", f"access_token={good}".encode(), Content_Type=FORM).status == 401


def test_addresses_that_name_another_course_or_nothing(wire: Wire, lms: factories.LMS) -> None:
    essay = segment("essay")
    for path in (
        f"{HOME}/lineitems/{essay}",
        f"{HOME}/lineitems/{essay}/results",
        f"{HOME}/lineitems/{essay}/results/{segment('ada')}",
        f"{HOME}/lineitems/a%2Fb",
        f"{HOME}/lineitems/{ITEM}%2F..%2F{essay}",
        f"{HOME}/lineitems/..%2F..%2F{quote(OTHER_COURSE, safe='')}%2Flineitems",
        f"{HOME}/lineitems/../../{OTHER_COURSE}/lineitems",
        f"{HOME}/lineitems/%00",
        f"{HOME}/lineitems/%ff%fe",
        f"{HOME}/lineitems/{ITEM}=",
        f"{HOME}/lineitems/{ITEM}%20",
        f"{HOME}/lineitems/{ITEM}/results/%00",
        f"{HOME}/lineitems/{ITEM}/results/{segment('tina')}",
        f"{HOME}/lineitems/{'x' * 3000}",
        f"{HOME}/lineitems/",
        f"{HOME}//lineitems",
        f"{HOME}/LINEITEMS",
        f"{HOME}/lineitems;x=1",
        "/ilp/courses/%00/lineitems",
        "/ilp/courses/%E2%98%83/memberships",
        "/ilp/courses/%zz/lineitems",
        "/ilp/courses/../lineitems",
    ):
        assert wire.get(path).status == 404, path
    assert wire.get(f"/ilp/courses/{'x' * 300}/lineitems").status == 403


def test_paging_asked_for_in_every_wrong_way(wire: Wire) -> None:
    lists = (f"{HOME}/lineitems", f"{HOME}/lineitems/{ITEM}/results", f"{HOME}/memberships", f"{HOME}/groups")
    for url in lists:
        for query in (
            "limit=0", "limit=-1", "limit=1.5", "limit=1e3", "limit=x", "limit=%D9%A3", "limit=+5", "limit=%00",
            "page=abc", "page=-1", "page=1.5", "page=%00", f"page={'9' * 300}", "page=%E2%98%83",
        ):  # fmt: skip
            assert wire.get(f"{url}?{query}").is_an_error(400, "invalid_request"), (url, query)
        for query in (
            "limit=99999999999999999999",
            "limit=0000000001",
            "page=",
            "limit=",
            "from=abc",
            "limit=2&limit=1",
        ):
            answer = wire.get(f"{url}?{query}")
            assert answer.status == 200, (url, query)
        beyond = wire.get(f"{url}?page=999999&limit=5")
        assert beyond.status == 200
        assert "Link" not in beyond.headers
        assert "ada" not in beyond.body.decode()
        assert wire.get(f"{url}?{'&'.join(f'a{n}=1' for n in range(1500))}").status == 400


def test_questions_about_people_who_are_not_there(wire: Wire, lms: factories.LMS) -> None:
    lms.members[COURSE].append(Member("zoë ☃/%", (Role.LEARNER,), "Zoë"))
    lms.results[COURSE, ACTIVITY].append(Result("zoë ☃/%", 3.0, 10.0))
    results = f"{HOME}/lineitems/{ITEM}/results"
    for sub in ("nobody", "tina", "%00", "x" * 300, "ada%20", "ADA", "*", "%25", "ada%00"):
        assert wire.get(f"{results}?user_id={sub}").json == []
    assert [row["userId"] for row in wire.get(f"{results}?user_id={quote('zoë ☃/%', safe='')}").json] == ["zoë ☃/%"]
    row = wire.get(f"{results}?user_id={quote('zoë ☃/%', safe='')}").json[0]
    assert wire.get(urlsplit(row["id"]).path).json == row
    for role in (
        "%00",
        "Nobody",
        "http://purl.imsglobal.org/vocab/lis/v2/system/person%23Learner",
        "x" * 3000,
        "learner",
    ):
        assert wire.get(f"{HOME}/memberships?role={role}").json["members"] == []
    for rlid in ("%00", "x" * 3000, quote(OTHER_COURSE, safe=""), "nothing", quote(BLOCK + " ", safe="")):
        assert wire.get(f"{HOME}/memberships?rlid={rlid}").is_an_error(403), rlid
    known = wire.get(f"{HOME}/memberships?rlid={quote(BLOCK, safe='')}&role=Instructor&limit=1").json
    assert [member["user_id"] for member in known["members"]] == ["tina"]


def test_a_course_whose_name_is_an_address_stays_one_course(wire: Wire, lms: factories.LMS) -> None:
    odd = "School/Māori & Pākehā/lineitems/2026 #1?x=%2F"
    lms.courses[odd] = Course(odd, "Odd")
    lms.activities[odd] = [Activity("a/b?c#d %2F ☃", "Odd", 1.0)]
    (item,) = wire.get(f"/ilp/courses/{quote(odd, safe='')}/lineitems").json
    parts = urlsplit(item["id"])
    assert (parts.query, parts.fragment) == ("", "")
    assert wire.get(parts.path).json == item
    assert wire.get(f"{parts.path}/results").json == []


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("application/json", 400),
        ("text/plain", 400),
        ("", 400),
        ("multipart/form-data", 400),
        ("multipart/form-data; boundary=x", 400),
        (f"{FORM}; charset=utf-16", 400),
        (f"{FORM}; charset=utf-8", 400),
        ("\xff", 400),
    ],
)
def test_a_token_request_of_another_kind(wire: Wire, kind: str, status: int) -> None:
    wire.token = ""
    body = b"grant_type=client_credentials&client_assertion_type=%ff&scope=%00"
    assert wire.ask("POST", "/ilp/token?grant_type=client_credentials", body, Content_Type=kind).status == status


def test_methods_that_the_other_addresses_do_not_have(wire: Wire) -> None:
    for path, allowed in {
        "/ilp/token": "POST",
        "/ilp/register": "POST",
        "/ilp/content": "POST",
        "/ilp/jwks": "GET, HEAD",
        "/ilp/.well-known/openid-configuration": "GET, HEAD",
        "/ilp/auth": "GET, POST",
        "/ilp/launch": "GET",
        "/ilp/review": "GET, HEAD",
    }.items():
        for method in ("PUT", "DELETE", "PATCH", "PROPFIND"):
            answer = wire.ask(method, path)
            assert (answer.status, answer.headers["Allow"]) == (405, allowed), (method, path)
    assert wire.ask("HEAD", "/ilp/jwks").status == 200
    assert wire.get("/ilp/jwks", Accept="text/html;q=x,///").status == 200
    assert wire.get(f"{HOME}/lineitems", Accept="text/html").headers["Content-Type"].startswith("application/vnd.ims")


@pytest.mark.parametrize("kind", ["text/plain; charset=hex", "text/plain; charset*=foo''x", f"{FORM}; charset=rot13"])
def test_a_codec_that_a_header_names_is_never_looked_up(kind: str) -> None:
    environ = RequestFactory().generic("POST", "/ilp/token?a=%C3%A9", b"b=%C3%A9").environ | {"CONTENT_TYPE": kind}
    request = PlainRequest(environ)
    assert request.GET["a"] == "é"
    assert request.POST.get("b", "é") == "é"
