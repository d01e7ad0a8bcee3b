"""The token endpoint, and what its tokens open."""

import time
from typing import Any

import jwt
import pytest
import time_machine
from django.test import Client

from ilp_xblock.models import UsedAssertion
from ilp_xblock.platform import keys
from ilp_xblock.platform.addresses import segment
from ilp_xblock.platform.vocabulary import LINEITEM_READ, MEMBERSHIP_READ, RESULT_READ, SCOPES
from tests.factories import platform as factories
from tests.factories.platform import ASSERTION_TYPE, COURSE, ISSUER, OTHER_COURSE, TOKEN_URL, ToolSide

pytestmark = [pytest.mark.django_db, pytest.mark.database]
LINEITEMS = f"/ilp/courses/{COURSE}/lineitems"
ROSTER = f"/ilp/courses/{COURSE}/memberships"
SCORE = "https://purl.imsglobal.org/spec/lti-ags/scope/score"


def test_a_good_request_gets_a_bearer_token_for_an_hour(tool: ToolSide) -> None:
    answer = tool.ask_token(scope=f"{LINEITEM_READ} {RESULT_READ}")
    body = answer.json()
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert body.keys() == {"access_token", "token_type", "expires_in", "scope"}
    assert (body["token_type"].lower(), body["expires_in"]) == ("bearer", 3600)
    assert body["scope"].split() == [LINEITEM_READ, RESULT_READ]


@pytest.mark.parametrize("audience", [TOKEN_URL, ISSUER, [TOKEN_URL], ["https://elsewhere.example", TOKEN_URL]])
def test_the_audience_is_the_token_address_or_the_issuer(tool: ToolSide, audience: Any) -> None:
    assertion = tool.sign(tool.assertion_claims(aud=audience))
    assert tool.ask_token(client_assertion=assertion).status_code == 200


def test_a_token_holds_only_granted_scopes_of_those_asked_for(tool: ToolSide) -> None:
    body = tool.ask_token(scope=f"{SCORE} {RESULT_READ} nonsense {RESULT_READ}").json()
    assert body["scope"] == RESULT_READ


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": None},
        {"sub": None},
        {"sub": "somebody-else"},
        {"aud": None},
        {"aud": "https://elsewhere.example/token"},
        {"aud": [f"{TOKEN_URL}/"]},
        {"aud": 7},
        {"exp": None},
        {"exp": -3600},
        {"exp": 86_400 * 365},
        {"exp": "soon"},
        {"exp": 1e400},
        {"iat": None},
        {"iat": 600},
        {"iat": -86_400},
        {"iat": True},
        {"jti": None},
        {"jti": ""},
        {"jti": 7},
        {"jti": ["a"]},
        {"nbf": 3600},
    ],
    ids=str,
)
@pytest.mark.trust("T60")
def test_an_assertion_that_is_not_right_in_full_is_refused(tool: ToolSide, changes: dict[str, Any]) -> None:
    moments = {
        name: int(time.time()) + value if name in ("exp", "iat", "nbf") and type(value) is int else value
        for name, value in changes.items()
    }
    answer = tool.ask_token(client_assertion=tool.sign(tool.assertion_claims(**moments)))
    assert answer.status_code == 401
    assert answer.json()["error"] == "invalid_client"


def test_an_assertion_of_an_unknown_client_is_refused(tool: ToolSide) -> None:
    answer = tool.ask_token(client_assertion=tool.sign(tool.assertion_claims(iss="nobody", sub="nobody")))
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


@pytest.mark.parametrize(
    "spelling", [str.upper, lambda client_id: client_id + " ", lambda client_id: client_id + "\x00"]
)
def test_a_client_id_is_compared_exactly_on_any_database(tool: ToolSide, spelling: Any) -> None:
    other = spelling(tool.tool.client_id)
    answer = tool.ask_token(client_assertion=tool.sign(tool.assertion_claims(iss=other, sub=other)))
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


@pytest.mark.trust("T60")
def test_an_assertion_signed_by_other_means_is_refused(tool: ToolSide) -> None:
    claims = tool.assertion_claims()
    public = factories.public_pem(tool.key)
    evil = tool.signing_by("evil-key")
    forged = [
        evil.sign(claims),
        evil.sign(claims, kid=tool.key),
        evil.sign(claims, kid=tool.key, jwk=factories.public_jwks("evil-key")["keys"][0]),
        evil.sign(claims, kid=tool.key, jku="https://evil.example/jwks"),
        evil.sign(claims, kid=tool.key, x5u="https://evil.example/cert"),
        jwt.encode(claims, factories.private_key(tool.key), algorithm="RS256"),
        tool.sign(claims, kid="unknown"),
        jwt.encode(claims, "", algorithm="none", headers={"kid": tool.key}),
        jwt.encode(claims, public.replace("-", "").ljust(40), algorithm="HS256", headers={"kid": tool.key}),
        jwt.encode(claims, factories.private_key(tool.key), algorithm="RS512", headers={"kid": tool.key}),
        tool.sign(claims)[:-8] + "AAAAAAAA",
        tool.sign(claims).rpartition(".")[0] + ".",
        "not.a.jwt",
        "x" * 100_000,
        "e30.e30.e30",
        "[" * 15_000,
    ]
    for assertion in forged:
        answer = tool.ask_token(client_assertion=assertion)
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client"), assertion[:200]


def test_an_assertion_serves_once(tool: ToolSide) -> None:
    assertion = tool.sign(tool.assertion_claims(jti="x" * 5000))
    assert tool.ask_token(client_assertion=assertion).status_code == 200
    again = tool.ask_token(client_assertion=assertion)
    assert (again.status_code, again.json()["error"]) == (401, "invalid_client")


def test_two_tools_may_use_the_same_jti(tool: ToolSide) -> None:
    other = factories.make_tool("other")
    for side in (tool, other):
        assertion = side.sign(side.assertion_claims(jti="same"))
        assert side.ask_token(client_assertion=assertion).status_code == 200


def test_ids_of_used_assertions_are_forgotten_after_they_expire(
    tool: ToolSide, monkeypatch: pytest.MonkeyPatch
) -> None:
    tool.token()
    monkeypatch.setattr("ilp_xblock.platform.forgetting._last", -1e9)
    with time_machine.travel(time.time() + 7200, tick=False):
        tool.token()
    assert UsedAssertion.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "status", "error"),
    [
        ({"grant_type": None}, 400, "invalid_request"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"client_assertion_type": None}, 400, "invalid_request"),
        ({"client_assertion_type": ASSERTION_TYPE.replace("jwt", "saml2")}, 400, "invalid_request"),
        ({"client_assertion": None}, 400, "invalid_request"),
        ({"scope": None}, 400, "invalid_scope"),
        ({"scope": " "}, 400, "invalid_scope"),
        ({"scope": "nonsense"}, 400, "invalid_scope"),
        ({"scope": SCORE}, 400, "invalid_scope"),
        ({"client_id": "somebody-else"}, 401, "invalid_client"),
    ],
)
def test_a_bad_token_request_gets_the_error_that_oauth_names(
    tool: ToolSide, changes: dict[str, str | None], status: int, error: str
) -> None:
    answer = tool.ask_token(**changes)
    assert answer.status_code == status
    assert answer.json()["error"] == error
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_client_that_offers_a_secret_is_told_to_sign_instead(client: Client, tool: ToolSide) -> None:
    asked = {"grant_type": "client_credentials", "scope": RESULT_READ}
    answer = client.post("/ilp/token", asked, headers={"Authorization": "Basic Y2xpZW50OnNlY3JldA=="})
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    assert answer.headers["WWW-Authenticate"].startswith("Basic ")
    answer = client.post("/ilp/token", asked | {"client_id": tool.tool.client_id, "client_secret": "x"})
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    assert "private_key_jwt" in answer.json()["error_description"]


def test_a_gateways_own_header_beside_a_good_assertion_is_passed_over(client: Client, tool: ToolSide) -> None:
    asked = {
        "grant_type": "client_credentials",
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": tool.sign(tool.assertion_claims()),
        "scope": RESULT_READ,
    }
    answer = client.post("/ilp/token", asked, headers={"Authorization": "Basic c3RhZ2luZzpnYXRl"})
    assert answer.status_code == 200


def test_a_token_signed_by_a_key_that_another_process_just_made_opens(
    tool: ToolSide, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys.jwks()
    kept = keys._published
    for _ in range(2):
        keys.rotate()
    token = tool.token()
    monkeypatch.setattr(keys, "_published", kept)  # as a process that did not rotate sees it
    assert tool.get(LINEITEMS, token=token).status_code == 200
    monkeypatch.setattr(keys, "_published", kept)
    kid = jwt.get_unverified_header(token)["kid"]
    assert kid in {jwk["kid"] for jwk in Client().get("/ilp/jwks").json()["keys"]}


def test_a_parameter_given_twice_is_an_error(tool: ToolSide) -> None:
    answer = tool.ask_token(scope=[RESULT_READ, MEMBERSHIP_READ])
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


def test_only_posting_gets_a_token(client: Client, tool: ToolSide) -> None:
    assert client.get("/ilp/token").status_code == 405
    answer = client.post("/ilp/token", data="{", content_type="application/json")
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


@pytest.mark.parametrize(
    ("url", "needed"),
    [
        (LINEITEMS, LINEITEM_READ),
        (ROSTER, MEMBERSHIP_READ),
        (f"{LINEITEMS}/{{item}}", LINEITEM_READ),
        (f"{LINEITEMS}/{{item}}/results", RESULT_READ),
    ],
)
def test_each_operation_needs_its_own_scope(tool: ToolSide, url: str, needed: str) -> None:
    url = url.format(item=segment(factories.ACTIVITY))
    for scope in SCOPES:
        answer = tool.get(url, scope)
        assert answer.status_code == (200 if scope == needed else 403)
    assert answer.status_code == 200 or answer.json()["error"] == "insufficient_scope"


def test_a_token_without_or_with_a_false_signature_opens_nothing(tool: ToolSide) -> None:
    token = tool.token()
    header, payload, _signature = token.split(".")
    claims = jwt.decode(token, options={"verify_signature": False})
    tool_signed = tool.sign(claims, typ="at+jwt")
    named = jwt.get_unverified_header(token) | {"alg": "none"}
    unsigned = jwt.encode(claims, "", algorithm="none", headers=named)
    for bad in ["", "x", f"{header}.{payload}.", f"{header}.{payload}.AAAA", tool_signed, unsigned, "a" * 50_000]:
        answer = tool.get(LINEITEMS, token=bad or " ")
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_token")
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    for authorization in ["", "Bearer", f"Basic {token}", token]:
        answer = Client().get(LINEITEMS, headers={"Authorization": authorization})
        assert answer.status_code == 401


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "somebody"},
        {"aud": None},
        {"iss": "https://evil.example"},
        {"exp": 1},
        {"exp": None},
        {"sub": None},
        {"sub": "nobody"},
        {"sub": 7},
        {"scope": None},
        {"scope": 7},
        {"jti": None},
    ],
    ids=str,
)
def test_even_what_the_platform_signed_must_be_an_access_token_in_full(
    tool: ToolSide, changes: dict[str, Any]
) -> None:
    claims = jwt.decode(tool.token(), options={"verify_signature": False}) | changes
    claims = {name: value for name, value in claims.items() if value is not None}
    assert tool.get(LINEITEMS, token=keys.sign(claims, typ="at+jwt")).status_code == 401


@pytest.mark.trust("T60")
def test_a_launch_message_is_no_access_token(client: Client, tool: ToolSide) -> None:
    form = factories.launch(client, tool, "ada")
    assert tool.get(LINEITEMS, token=form.fields["id_token"]).status_code == 401
    claims = jwt.decode(tool.token(), options={"verify_signature": False})
    assert tool.get(LINEITEMS, token=keys.sign(claims)).status_code == 401


def test_a_token_expires(tool: ToolSide) -> None:
    token = tool.token()
    with time_machine.travel(time.time() + 3500, tick=False):
        assert tool.get(LINEITEMS, token=token).status_code == 200
    with time_machine.travel(time.time() + 3700, tick=False):
        assert tool.get(LINEITEMS, token=token).status_code == 401


def test_a_token_is_worth_nothing_after_its_tool_or_its_scope_is_gone(tool: ToolSide) -> None:
    token = tool.token()
    tool.tool.scopes = [MEMBERSHIP_READ]
    tool.tool.save()
    assert tool.get(LINEITEMS, token=token).status_code == 403
    assert tool.get(ROSTER, token=token).status_code == 200
    tool.tool.delete()
    assert tool.get(ROSTER, token=token).status_code == 401


def test_two_tools_cannot_use_each_others_tokens_keys_or_courses(lms: factories.LMS) -> None:
    maths = factories.make_tool("maths", courses=[COURSE])
    history = factories.make_tool("history", courses=[OTHER_COURSE], scopes=[LINEITEM_READ])
    assert maths.get(LINEITEMS).status_code == 200
    for url in (LINEITEMS, ROSTER):
        assert history.get(url, LINEITEM_READ).status_code == 403
    assert maths.get(f"/ilp/courses/{OTHER_COURSE}/lineitems").status_code == 403
    # Signed by one tool in the other's name, or in its own name under the other's key id.
    stolen = history.sign(maths.assertion_claims(), kid=maths.key)
    assert history.ask_token(client_assertion=stolen).status_code == 401
    stolen = history.sign(maths.assertion_claims())
    assert history.ask_token(client_assertion=stolen).status_code == 401
    assert history.ask_token(scope=MEMBERSHIP_READ).status_code == 400


def test_a_course_out_of_reach_answers_the_same_whether_it_exists_or_not() -> None:
    history = factories.make_tool("history", courses=[OTHER_COURSE])
    known = history.get(LINEITEMS)
    unknown = history.get("/ilp/courses/nothing/lineitems")
    assert (known.status_code, known.content) == (unknown.status_code, unknown.content)


def test_a_token_signed_before_a_rotation_still_opens(tool: ToolSide) -> None:
    token = tool.token()
    keys.rotate()
    assert tool.get(LINEITEMS, token=token).status_code == 200


def test_a_token_request_and_a_read_need_few_statements(tool: ToolSide, django_assert_max_num_queries: Any) -> None:
    token = tool.token()
    with django_assert_max_num_queries(4):  # the tool, and the jti in a savepoint
        assert tool.ask_token().status_code == 200
    with django_assert_max_num_queries(1):
        assert tool.get(LINEITEMS, token=token).status_code == 200
