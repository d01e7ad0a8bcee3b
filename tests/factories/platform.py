"""An LMS in memory behind the platform's ports, and a tool that speaks to the platform as a tool does."""

import html
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from django.test import Client
from jwt.algorithms import RSAAlgorithm

from ilp_xblock.models import Tool
from ilp_xblock.platform.ports import (
    Activity,
    Course,
    Group,
    GroupSet,
    Member,
    MemberPage,
    Origin,
    Placement,
    Result,
    ResultPage,
    Role,
)
from ilp_xblock.platform.vocabulary import SCOPES

ISSUER = "https://lms.example.org"
TOKEN_URL = f"{ISSUER}/ilp/token"
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
COURSE = "course-v1:School+Maths7+2026"
OTHER_COURSE = "course-v1:School+History7+2026"
BLOCK = "block-v1:School+Maths7+2026+type@ilp+block@panel"
ACTIVITY = "block-v1:School+Maths7+2026+type@sequential+block@fractions"


@dataclass
class LMS:
    """What the LMS of a test holds. `browser` is who the browser is logged in as."""

    courses: dict[str, Course] = field(default_factory=dict)
    placements: dict[str, Placement] = field(default_factory=dict)
    drafts: dict[str, Placement] = field(default_factory=dict)
    origins: dict[str, list[Origin]] = field(default_factory=dict)
    groups: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    activities: dict[str, list[Activity]] = field(default_factory=dict)
    results: dict[tuple[str, str], list[Result]] = field(default_factory=dict)
    members: dict[str, list[Member]] = field(default_factory=dict)
    browser: str | None = None


lms = LMS()


def fill() -> LMS:
    """One course with a panel, two activities and three people; a second course without a panel."""
    lms.courses = {
        COURSE: Course(COURSE, "Maths 7", "M7", f"{ISSUER}/courses/{COURSE}"),
        OTHER_COURSE: Course(OTHER_COURSE, "History 7"),
    }
    lms.placements = {BLOCK: Placement(BLOCK, COURSE, "My plan", (ACTIVITY,), f"{ISSUER}/unit")}
    lms.activities = {
        COURSE: [Activity(ACTIVITY, "Fractions", 10.0, tag="Homework"), Activity("quiz/2?x", "Quiz 2", 4.0)],
        OTHER_COURSE: [Activity("essay", "Essay", 20.0)],
    }
    lms.results = {
        (COURSE, ACTIVITY): [Result("ada", 0.0, 10.0), Result("ben", 7.5, 10.0)],
        (OTHER_COURSE, "essay"): [Result("ada", 12.0, 20.0)],
    }
    lms.members = {
        COURSE: [
            Member("ada", (Role.LEARNER,), "Ada Lovelace", "ada@example.org"),
            Member("ben", (Role.LEARNER,), "Ben Okri", "ben@example.org"),
            Member("tina", (Role.INSTRUCTOR,), "Tina Turner", "tina@example.org"),
        ],
        OTHER_COURSE: [Member("ada", (Role.LEARNER,), "Ada Lovelace")],
    }
    lms.drafts = {}
    lms.origins = {}
    lms.groups = {COURSE: {"Blue": ["ada"], "Green": ["ben"]}}
    lms.browser = None
    return lms


def _window(rows: Sequence[Any], after: str, limit: int) -> tuple[Sequence[Any], str]:
    first = int(after or 0)
    if first < 0:
        raise ValueError("no such cursor")
    return rows[first : first + limit], str(first + limit) if first + limit < len(rows) else ""


class Grades:
    def activities(self, course_id: str) -> Sequence[Activity]:
        return lms.activities.get(course_id, [])

    def results(
        self, course_id: str, activity_id: str, *, after: str = "", limit: int = 100, sub: str | None = None
    ) -> ResultPage:
        rows = [row for row in lms.results.get((course_id, activity_id), []) if sub in (None, row.sub)]
        return ResultPage(*_window(rows, after, limit))


class Roster:
    def members(self, course_id: str, *, after: str = "", limit: int = 100, role: Role | None = None) -> MemberPage:
        wanted = {role, Role.ASSISTANT} if role is Role.INSTRUCTOR else {role}
        rows = [row for row in lms.members.get(course_id, []) if role is None or wanted.intersection(row.roles)]
        return MemberPage(*_window(rows, after, limit))

    def member(self, course_id: str, sub: str) -> Member | None:
        return next((row for row in lms.members.get(course_id, []) if row.sub == sub), None)


class Courses:
    def course(self, course_id: str) -> Course | None:
        return lms.courses.get(course_id)

    def placement(self, block_id: str, *, draft: bool = False) -> Placement | None:
        return lms.drafts.get(block_id, lms.placements.get(block_id)) if draft else lms.placements.get(block_id)

    def origins(self, course_id: str, block_id: str = "") -> list[Origin]:
        return lms.origins.get(course_id, [])


class CurrentUser:
    def launching(self, request: Any) -> str | None:
        return lms.browser

    def is_current(self, request: Any, sub: str) -> bool:
        return sub == lms.browser

    def sub_of(self, user_id: Any) -> str | None:
        return str(user_id) if user_id else None


class Groups:
    """One set of groups in each course that has any: {name: subs}."""

    def sets(self, course_id: str) -> Sequence[GroupSet]:
        return [GroupSet("s", "Cohorts")] if lms.groups.get(course_id) else []

    def groups(self, course_id: str, *, sub: str | None = None) -> Sequence[Group]:
        found = lms.groups.get(course_id, {}).items()
        return [Group(f"g-{name}", name, "s") for name, subs in found if sub is None or sub in subs]

    def group_ids(self, course_id: str, subs: Sequence[str]) -> dict[str, list[str]]:
        return {sub: [group.id for group in self.groups(course_id, sub=sub)] for sub in subs}


PORTS = {
    "grades": "tests.factories.platform.Grades",
    "roster": "tests.factories.platform.Roster",
    "courses": "tests.factories.platform.Courses",
    "current_user": "tests.factories.platform.CurrentUser",
    "groups": "tests.factories.platform.Groups",
}


@cache
def private_key(name: str) -> RSAPrivateKey:
    """A key pair of that name, made once a run."""
    return generate_private_key(public_exponent=65537, key_size=2048)


def public_jwks(*names: str) -> dict[str, Any]:
    keys = []
    for name in names:
        public = RSAAlgorithm.to_jwk(private_key(name).public_key(), as_dict=True)
        keys.append({"kty": "RSA", "n": public["n"], "e": public["e"], "alg": "RS256", "use": "sig", "kid": name})
    return {"keys": keys}


def private_pem(name: str) -> str:
    return (
        private_key(name)
        .private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        .decode()
    )


def public_pem(name: str) -> str:
    return (
        private_key(name)
        .public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        .decode()
    )


@dataclass(frozen=True)
class ToolSide:
    """The tool's end of a registration: what it can sign, and what it asks of the platform."""

    tool: Tool
    key: str = "tool-key"

    @property
    def host(self) -> str:
        return str(urlsplit(self.tool.target_link_uri).hostname)

    def signing_by(self, key: str) -> "ToolSide":
        return replace(self, key=key)

    def assertion_claims(self, **changes: Any) -> dict[str, Any]:
        """The claims of a good client assertion with changes; None takes a claim away."""
        now = int(time.time())
        claims = {
            "iss": self.tool.client_id,
            "sub": self.tool.client_id,
            "aud": TOKEN_URL,
            "iat": now,
            "exp": now + 60,
            "jti": f"jti-{time.perf_counter_ns()}",
        } | changes
        return {name: value for name, value in claims.items() if value is not None}

    def sign(self, claims: dict[str, Any], **headers: Any) -> str:
        return jwt.encode(claims, private_key(self.key), algorithm="RS256", headers={"kid": self.key} | headers)

    def ask_token(self, **changes: Any) -> Any:
        """POST a token request; `changes` to its form fields, None takes one away."""
        fields = {
            "grant_type": "client_credentials",
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": self.sign(self.assertion_claims()),
            "scope": " ".join(SCOPES),
        } | changes
        return Client().post("/ilp/token", {name: value for name, value in fields.items() if value is not None})

    def token(self, *scopes: str) -> str:
        answer = self.ask_token(scope=" ".join(scopes or SCOPES))
        assert answer.status_code == 200, answer.content
        return str(answer.json()["access_token"])

    def get(self, url: str, *scopes: str, token: str | None = None) -> Any:
        """GET a service address (absolute or a path) with a fresh token."""
        path = url.removeprefix(ISSUER)
        return Client().get(path, headers={"Authorization": f"Bearer {token or self.token(*scopes)}"})

    def walk(self, url: str, *scopes: str) -> list[Any]:
        """Every page's answer, following Link headers as RFC 8288 spells them."""
        token = self.token(*scopes)
        answers = []
        while url:
            answer = self.get(url, token=token)
            assert answer.status_code == 200, answer.content
            answers.append(answer)
            assert len(answers) < 1000
            url = link_of(answer, "next")
        return answers


def link_of(answer: Any, relation: str) -> str:
    """The address of that relation in an answer's Link header; "" without one."""
    found = re.search(rf'(?:^|, )<(https://[^>]+)>; rel="{relation}"', answer.headers.get("Link", ""))
    return found[1] if found else ""


@dataclass(frozen=True)
class Form:
    """The form that a page posts by itself."""

    status: int
    action: str
    fields: dict[str, str]
    page: str


def form_of(response: Any) -> Form:
    page = response.content.decode()
    action = re.search(r'<form [^>]*action="([^"]*)"', page)
    fields = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', page)
    return Form(
        response.status_code,
        html.unescape(action[1]) if action else "",
        {html.unescape(name): html.unescape(value) for name, value in fields},
        page,
    )


def start_launch(client: Client, **query: str) -> dict[str, str]:
    """Start a launch and return the parameters that reach the tool's login address."""
    answer = client.get("/ilp/launch", query or {"block": BLOCK})
    assert answer.status_code == 302, answer.content
    return dict(parse_qsl(urlsplit(answer.headers["Location"]).query))


def authentication(side: ToolSide, login: dict[str, str], **changes: Any) -> dict[str, str]:
    """A good authentication request for a started login, with changes; None takes a parameter away."""
    parameters = {
        "scope": "openid",
        "response_type": "id_token",
        "response_mode": "form_post",
        "prompt": "none",
        "client_id": side.tool.client_id,
        "redirect_uri": side.tool.redirect_uris[0],
        "login_hint": login["login_hint"],
        "lti_message_hint": login["lti_message_hint"],
        "state": "the-state",
        "nonce": "the-nonce",
    } | changes
    return {name: value for name, value in parameters.items() if value is not None}


def launch(client: Client, side: ToolSide, sub: str, **changes: Any) -> Form:
    """Log in as `sub`, start a launch of the block and answer it as the tool would."""
    lms.browser = sub
    login = start_launch(client, block=BLOCK, client_id=side.tool.client_id)
    return form_of(client.get("/ilp/auth", authentication(side, login, **changes)))


def read_message(form: Form) -> dict[str, Any]:
    """The launch message's claims, verified by the platform's published keys."""
    published = {key["kid"]: key for key in Client().get("/ilp/jwks").json()["keys"]}
    token = form.fields["id_token"]
    key = RSAAlgorithm.from_jwk(published[jwt.get_unverified_header(token)["kid"]])
    claims: dict[str, Any] = jwt.decode(token, key, algorithms=["RS256"], options={"verify_aud": False})
    return claims


def make_tool(name: str = "tool", **changes: Any) -> ToolSide:
    """A registered tool that signs by the key named after it."""
    key = f"{name}-key"
    values: dict[str, Any] = {
        "name": name,
        "login_url": f"https://{name}.example.org/login?from=ilp",
        "target_link_uri": f"https://{name}.example.org/launch",
        "redirect_uris": [f"https://{name}.example.org/launch"],
        "jwks": public_jwks(key),
        "scopes": list(SCOPES),
    } | changes
    return ToolSide(Tool.objects.create(**values), key)
