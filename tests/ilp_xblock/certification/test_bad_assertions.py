"""Token requests that must get no token (LTI Security Framework 1.0, 4.1; RFC 6749; RFC 7523), by what is wrong.

Each ends in the JSON error that OAuth names, and the same tool with a right assertion gets its token afterwards.
"""

import time
from collections.abc import Callable
from typing import Any

import jwt
import pytest

from ilp_xblock.models import UsedAssertion
from tests.factories import platform as factories
from tests.factories.platform import ISSUER, TOKEN_URL, ToolSide

pytestmark = [pytest.mark.django_db, pytest.mark.database, pytest.mark.trust("T60")]
NOW = int(time.time())
DAY = 86_400

CLAIMS: dict[str, dict[str, Any]] = {
    "no issuer": {"iss": None},
    "an issuer that is no client": {"iss": "nobody"},
    "no subject": {"sub": None},
    "another subject than the client": {"sub": "somebody"},
    "a subject that is a number": {"sub": 7},
    "no audience": {"aud": None},
    "another server as its audience": {"aud": "https://elsewhere.example/token"},
    "a list of other audiences": {"aud": ["https://elsewhere.example", f"{TOKEN_URL}/"]},
    "an empty list of audiences": {"aud": []},
    "an audience that is a number": {"aud": 7},
    "our launch address as its audience": {"aud": f"{ISSUER}/ilp/auth"},
    "no expiry": {"exp": None},
    "an expiry in the past": {"exp": NOW - 3600},
    "a life of a day": {"exp": NOW + DAY},
    "a life of a year": {"exp": NOW + 365 * DAY},
    "a life without end": {"exp": 1e400},
    "an expiry that is a word": {"exp": "soon"},
    "an expiry before its issue": {"iat": NOW, "exp": NOW - 1},
    "no time of issue": {"iat": None},
    "a time of issue a day ago": {"iat": NOW - DAY},
    "a time of issue to come": {"iat": NOW + 600, "exp": NOW + 900},
    "a time of issue that is true": {"iat": True},
    "a time before which it is not good": {"nbf": NOW + 3600},
    "no id": {"jti": None},
    "an empty id": {"jti": ""},
    "an id that is a number": {"jti": 7},
    "an id that is a list": {"jti": ["a"]},
    "an id with half a character": {"jti": "a\ud800"},
    "an issuer with half a character": {"iss": "a\ud800"},
    "a subject with half a character": {"sub": "a\ud800"},
}


@pytest.mark.parametrize("changes", CLAIMS.values(), ids=CLAIMS)
def test_an_assertion_with(tool: ToolSide, changes: dict[str, Any]) -> None:
    refused(tool, tool.sign(tool.assertion_claims(**changes)))


def _hmac(tool: ToolSide, claims: dict[str, Any]) -> str:
    secret = factories.public_pem(tool.key).replace("-", "")
    return jwt.encode(claims, secret, algorithm="HS256", headers={"kid": tool.key})


def _by(algorithm: str) -> Callable[[ToolSide, dict[str, Any]], str]:
    def sign(tool: ToolSide, claims: dict[str, Any]) -> str:
        return jwt.encode(claims, factories.private_key(tool.key), algorithm=algorithm, headers={"kid": tool.key})

    return sign


def _forged(**headers: Any) -> Callable[[ToolSide, dict[str, Any]], str]:
    return lambda tool, claims: tool.signing_by("forger").sign(claims, kid=tool.key, **headers)


SIGNED: dict[str, Callable[[ToolSide, dict[str, Any]], str]] = {
    "no signature": lambda tool, claims: tool.sign(claims).rpartition(".")[0] + ".",
    "alg none": lambda tool, claims: jwt.encode(claims, None, algorithm="none", headers={"kid": tool.key}),
    "HS256 by our public key": _hmac,
    "RS384": _by("RS384"),
    "RS512": _by("RS512"),
    "PS256": _by("PS256"),
    "no kid": lambda tool, claims: jwt.encode(claims, factories.private_key(tool.key), algorithm="RS256"),
    "an empty kid": lambda tool, claims: tool.sign(claims, kid=""),
    "a kid nobody publishes": lambda tool, claims: tool.sign(claims, kid="unknown"),
    "another key under the right kid": _forged(),
    "a key it brings itself": _forged(jwk=factories.public_jwks("forger")["keys"][0]),
    "a key it points to": _forged(jku="https://forger.example/jwks"),
    "a certificate it points to": _forged(x5u="https://forger.example/cert"),
    "a changed signature": lambda tool, claims: tool.sign(claims)[:-8] + "AAAAAAAA",
    "a payload of another": lambda tool, claims: ".".join(
        (*tool.sign(claims).split(".")[:1], *tool.sign(claims | {"jti": "x"}).split(".")[1:2], "AAAA")
    ),
    "text that is no token": lambda tool, claims: "not.a.token",
    "no end": lambda tool, claims: tool.sign(claims | {"x": "x" * 50_000}),
}


@pytest.mark.parametrize("sign", SIGNED.values(), ids=SIGNED)
def test_an_assertion_signed_with(tool: ToolSide, sign: Callable[[ToolSide, dict[str, Any]], str]) -> None:
    refused(tool, sign(tool, tool.assertion_claims()))


def test_an_assertion_used_before(tool: ToolSide) -> None:
    used = tool.sign(tool.assertion_claims())
    assert tool.ask_token(client_assertion=used).status_code == 200
    refused(tool, used)


def test_an_id_used_before_in_another_assertion(tool: ToolSide) -> None:
    assert tool.ask_token(client_assertion=tool.sign(tool.assertion_claims(jti="once"))).status_code == 200
    refused(tool, tool.sign(tool.assertion_claims(jti="once", exp=NOW + 300)))


def test_an_assertion_of_a_tool_that_was_taken_away(tool: ToolSide) -> None:
    other = factories.make_tool("other")
    assertion = other.sign(other.assertion_claims())
    other.tool.delete()
    refused(tool, assertion)


def refused(tool: ToolSide, assertion: str) -> None:
    before = UsedAssertion.objects.count()
    answer = tool.ask_token(client_assertion=assertion)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    assert answer.headers["Cache-Control"] == "no-store"
    assert "access_token" not in answer.json()
    assert UsedAssertion.objects.count() == before
    assert tool.ask_token().status_code == 200
