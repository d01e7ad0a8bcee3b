"""A tool's keys are read from its address when they are needed, and seldom."""

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ilp_xblock.platform import fetch, tool_keys
from tests.factories import platform as factories
from tests.factories.any_json import JSON, changed, thorough
from tests.factories.platform import ToolSide

pytestmark = [pytest.mark.django_db, pytest.mark.database]
URL = "https://tool.example.org/jwks"


class Published:
    """A tool's JWKS address."""

    def __init__(self) -> None:
        self.status = 200
        self.body: Any = factories.public_jwks("tool-key")
        self.requests: list[str] = []

    def get(self, url: str, **_: Any) -> fetch.Answer:
        self.requests.append(url)
        if isinstance(self.body, Exception):
            raise self.body
        return fetch.Answer(
            self.status, self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()
        )


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch) -> Published:
    address = Published()
    monkeypatch.setattr(fetch, "get", address.get)
    return address


@pytest.fixture
def remote(db: None, published: Published) -> ToolSide:
    return factories.make_tool("tool", jwks=None, jwks_url=URL)


def test_keys_are_read_once_for_many_requests(remote: ToolSide, published: Published) -> None:
    for _ in range(5):
        assert remote.ask_token().status_code == 200
    assert published.requests == [URL]


def test_a_new_key_is_found_at_once(remote: ToolSide, published: Published) -> None:
    assert remote.ask_token().status_code == 200
    published.body = factories.public_jwks("tool-key", "evil-key")
    assert remote.signing_by("evil-key").ask_token().status_code == 200
    assert len(published.requests) == 2
    assert remote.ask_token().status_code == 200


def test_a_new_key_under_the_old_name_is_found_at_once(remote: ToolSide, published: Published) -> None:
    assert remote.ask_token().status_code == 200
    published.body = {"keys": [factories.public_jwks("new-key")["keys"][0] | {"kid": "tool-key"}]}
    renewed = remote.signing_by("new-key")

    def ask(side: ToolSide) -> int:
        assertion = side.sign(side.assertion_claims(), kid="tool-key")
        return int(side.ask_token(client_assertion=assertion).status_code)

    assert [ask(renewed), ask(renewed), ask(remote)] == [200, 200, 401]
    assert len(published.requests) == 2


def test_false_signatures_under_a_known_name_cause_few_requests(remote: ToolSide, published: Published) -> None:
    assert remote.ask_token().status_code == 200
    forger = remote.signing_by("evil-key")
    for _ in range(5):
        assertion = forger.sign(forger.assertion_claims(), kid="tool-key")
        assert forger.ask_token(client_assertion=assertion).status_code == 401
    assert len(published.requests) == 2
    assert remote.ask_token().status_code == 200


def test_unknown_keys_cause_few_requests(remote: ToolSide, published: Published) -> None:
    assert remote.ask_token().status_code == 200
    unknown = remote.signing_by("evil-key")
    for _ in range(5):
        assert unknown.ask_token().status_code == 401
    assert len(published.requests) == 2
    for n in range(20):
        assertion = unknown.sign(unknown.assertion_claims(), kid=f"made-up-{n}")
        assert unknown.ask_token(client_assertion=assertion).status_code == 401
    assert len(published.requests) <= 1 + tool_keys.MISSES_PER_MINUTE


def test_a_key_that_was_withdrawn_stops_serving_within_the_hour(
    remote: ToolSide, published: Published, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert remote.ask_token().status_code == 200
    published.body = factories.public_jwks("evil-key")
    monkeypatch.setattr(tool_keys, "KEEP_SECONDS", -1)
    assert remote.ask_token().status_code == 401


def test_a_changed_address_is_read_anew(remote: ToolSide, published: Published) -> None:
    assert remote.ask_token().status_code == 200
    remote.tool.jwks_url = "https://tool.example.org/new-jwks"
    remote.tool.save()
    assert remote.ask_token().status_code == 200
    assert published.requests[-1].endswith("/new-jwks")


WEAK = {"kty": "RSA", "kid": "tool-key", "n": "sXch", "e": "AQAB"}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[]",
        b"null",
        b"[" * 5000,
        {"keys": {}},
        {"keys": []},
        {"keys": [7, None, {}, {"kid": 7}, {"kid": "tool-key"}]},
        {"keys": [{"kty": "oct", "kid": "tool-key", "k": "AAAA"}]},
        {"keys": [{"kty": "RSA", "kid": "tool-key", "n": 7, "e": []}]},
        {"keys": [{"kty": "RSA", "kid": "tool-key"}]},
        {"keys": [WEAK]},
        {"keys": [factories.public_jwks("tool-key")["keys"][0] | {"use": "enc"}]},
        {"keys": [factories.public_jwks("tool-key")["keys"][0] | {"alg": "RS512"}]},
        fetch.FetchError("the host is on a private network"),
    ],
    ids=range(15),
)
def test_whatever_the_address_answers_the_tool_gets_an_oauth_error(
    remote: ToolSide, published: Published, body: Any
) -> None:
    published.body = body
    answer = remote.ask_token()
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


@thorough(100)
@given(document=JSON | st.fixed_dictionaries({"keys": JSON}))
def test_any_json_for_a_key_set_ends_in_an_oauth_error(remote: ToolSide, published: Published, document: Any) -> None:
    tool_keys.forget()
    published.body = json.dumps(document).encode()
    assert remote.ask_token().status_code == 401


@thorough(150)
@given(members=changed({"kty": 0, "kid": 0, "n": 0, "e": 0, "use": 0, "alg": 0}, "d", "p", "oth", "x5c", "key_ops"))
@example(members={"e": "A" * 4000})
@example(members={"n": "_" * 20_000})
@example(members={"d": "AQAB"})
def test_any_json_in_any_member_of_a_key_ends_in_an_oauth_answer(
    remote: ToolSide, published: Published, members: dict[str, Any]
) -> None:
    tool_keys.forget()
    good = factories.public_jwks("tool-key")["keys"][0]
    published.body = json.dumps({"keys": [good | members, {**good, "kid": "another"} | members]}).encode()
    assert remote.ask_token().status_code in (200, 401)


def test_an_address_that_fails_is_not_asked_again_at_once(remote: ToolSide, published: Published) -> None:
    published.body = fetch.FetchError("no answer")
    for n in range(20):
        forged = remote.signing_by("evil-key").sign(remote.assertion_claims(), kid=f"made-up-{n}")
        assert remote.ask_token(client_assertion=forged).status_code == 401
    assert len(published.requests) == 1
    published.body = factories.public_jwks("tool-key")
    assert remote.ask_token().status_code == 401
    tool_keys._failed[remote.tool.pk] = (URL, 0.0)  # ten seconds later
    assert remote.ask_token().status_code == 200


def test_an_address_that_fails_is_not_quoted(remote: ToolSide, published: Published) -> None:
    published.status, published.body = 500, b"internal secrets"
    answer = remote.ask_token()
    assert answer.status_code == 401
    assert "secrets" not in answer.content.decode()


def test_keys_without_alg_or_use_serve(remote: ToolSide, published: Published) -> None:
    jwk = factories.public_jwks("tool-key")["keys"][0]
    published.body = {"keys": [{name: jwk[name] for name in ("kty", "n", "e", "kid")}]}
    assert remote.ask_token().status_code == 200
