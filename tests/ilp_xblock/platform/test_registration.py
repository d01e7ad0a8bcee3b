"""Dynamic registration, from the platform's discovery document to the granted tool."""

import json
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from hypothesis import example, given
from hypothesis import strategies as st

from ilp_xblock.models import RegistrationToken, Tool
from ilp_xblock.platform.registration import make_token, registered_by
from ilp_xblock.platform.vocabulary import LINEITEM_READ, RESULT_READ, TOOL_CONFIGURATION
from tests.factories import platform as factories
from tests.factories.any_json import JSON, TEXT, thorough
from tests.factories.platform import COURSE, ISSUER

pytestmark = [pytest.mark.django_db, pytest.mark.database]
SCORE = "https://purl.imsglobal.org/spec/lti-ags/scope/score"


def metadata(**changes: Any) -> dict[str, Any]:
    """A tool's good metadata with changes; None takes a member away."""
    values = {
        "application_type": "web",
        "client_name": "Plans",
        "response_types": ["id_token"],
        "grant_types": ["implicit", "client_credentials"],
        "initiate_login_uri": "https://tool.example.org/login",
        "redirect_uris": ["https://tool.example.org/launch"],
        "jwks_uri": "https://tool.example.org/jwks",
        "token_endpoint_auth_method": "private_key_jwt",
        "scope": f"{LINEITEM_READ} {RESULT_READ} {SCORE}",
        "logo_uri": "https://tool.example.org/logo.png",
        TOOL_CONFIGURATION: {
            "domain": "tool.example.org",
            "target_link_uri": "https://tool.example.org/launch",
            "claims": ["iss", "sub", "name"],
            "custom_parameters": {"colour": "blue"},
            "messages": [{"type": "LtiResourceLinkRequest"}, {"type": "LtiDeepLinkingRequest"}],
        },
    } | changes
    return {name: value for name, value in values.items() if value is not None}


def register(body: Any, token: str | None) -> Any:
    return Client(enforce_csrf_checks=True).post(
        "/ilp/register",
        data=body if isinstance(body, bytes) else json.dumps(body),
        content_type="application/json",
        headers={"Authorization": f"Bearer {token}"} if token is not None else {},
    )


def test_discovery_names_every_endpoint_on_the_issuers_host(client: Client) -> None:
    found = client.get("/ilp/.well-known/openid-configuration").json()
    assert found["issuer"] == ISSUER
    for name, path in [
        ("authorization_endpoint", "auth"),
        ("token_endpoint", "token"),
        ("jwks_uri", "jwks"),
        ("registration_endpoint", "register"),
    ]:
        assert found[name] == f"{ISSUER}/ilp/{path}"
    lti = found["https://purl.imsglobal.org/spec/lti-platform-configuration"]
    assert lti["product_family_code"] == "ilp-xblock"
    assert [message["type"] for message in lti["messages_supported"]] == [
        "LtiResourceLinkRequest",
        "LtiDeepLinkingRequest",
        "LtiSubmissionReviewRequest",
    ]
    assert found["scopes_supported"][0] == "openid"
    assert SCORE not in found["scopes_supported"]


def test_a_tool_registers_with_a_token_and_learns_what_was_granted() -> None:
    token = make_token([COURSE])
    answer = register(metadata(), token)
    body = answer.json()
    stored = Tool.objects.get()
    assert answer.status_code == 200
    assert body["client_id"] == stored.client_id
    assert body[TOOL_CONFIGURATION]["deployment_id"] == stored.deployment_id
    assert body["scope"].split() == [LINEITEM_READ, RESULT_READ] == stored.scopes
    assert body[TOOL_CONFIGURATION]["messages"] == [
        {"type": "LtiResourceLinkRequest"},
        {"type": "LtiDeepLinkingRequest"},
    ]
    assert stored.messages == {"LtiDeepLinkingRequest": "https://tool.example.org/launch"}
    assert stored.redirect_uris == ["https://tool.example.org/launch"]
    assert stored.courses == [COURSE]
    assert stored.custom == {"colour": "blue"}
    assert registered_by(token) == stored


def test_a_registration_token_serves_once_and_for_an_hour() -> None:
    token = make_token()
    assert register(metadata(), token).status_code == 200
    assert register(metadata(), token).status_code == 401
    late = make_token()
    with time_machine.travel(timezone.now() + timedelta(minutes=61), tick=False):
        assert register(metadata(), late).status_code == 401
    assert Tool.objects.count() == 1


@pytest.mark.parametrize("token", [None, "", "x", "x" * 5000, "\N{SNOWMAN}".encode().decode("latin-1")])
def test_nobody_registers_without_a_token(token: str | None) -> None:
    answer = register(metadata(), token)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_token")
    assert not Tool.objects.exists()


def test_the_database_holds_no_registration_token() -> None:
    token = make_token()
    assert token not in str(RegistrationToken.objects.values())


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"redirect_uris": None}, "invalid_redirect_uri"),
        ({"redirect_uris": []}, "invalid_redirect_uri"),
        ({"redirect_uris": "https://tool.example.org/launch"}, "invalid_redirect_uri"),
        ({"redirect_uris": ["http://tool.example.org/launch"]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["javascript:alert(1)"]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["https://tool.example.org/launch#x"]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["https://user:pw@tool.example.org/launch"]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["https://tool.example.org/launch"] * 21}, "invalid_redirect_uri"),
        ({"redirect_uris": ["https://tool.example.org/" + "x" * 3000]}, "invalid_redirect_uri"),
        ({"initiate_login_uri": None}, "invalid_client_metadata"),
        ({"initiate_login_uri": "http://tool.example.org/login"}, "invalid_client_metadata"),
        ({"initiate_login_uri": "//tool.example.org/login"}, "invalid_client_metadata"),
        ({"jwks_uri": None}, "invalid_client_metadata"),
        ({"jwks_uri": "https://127.0.0.1/jwks"}, "invalid_client_metadata"),
        ({"jwks_uri": "https://169.254.169.254/latest/meta-data"}, "invalid_client_metadata"),
        ({"jwks_uri": "https://[::1]/jwks"}, "invalid_client_metadata"),
        ({"jwks_uri": "https://localhost/jwks"}, "invalid_client_metadata"),
        ({"jwks_uri": "file:///etc/passwd"}, "invalid_client_metadata"),
        ({"jwks_uri": "https://[bad/jwks"}, "invalid_client_metadata"),
        ({"response_types": ["code"]}, "invalid_client_metadata"),
        ({"grant_types": ["implicit"]}, "invalid_client_metadata"),
        ({"token_endpoint_auth_method": "client_secret_basic"}, "invalid_client_metadata"),
        ({"application_type": "native"}, "invalid_client_metadata"),
        ({"client_name": ""}, "invalid_client_metadata"),
        ({"client_name": 7}, "invalid_client_metadata"),
        ({"scope": ["openid"]}, "invalid_client_metadata"),
        ({TOOL_CONFIGURATION: None}, "invalid_client_metadata"),
        ({TOOL_CONFIGURATION: {}}, "invalid_client_metadata"),
        (
            {TOOL_CONFIGURATION: {"domain": "tool.example.org", "target_link_uri": "https://evil.example/launch"}},
            "invalid_client_metadata",
        ),
        (
            {TOOL_CONFIGURATION: {"domain": "ool.example.org", "target_link_uri": "https://tool.example.org/launch"}},
            "invalid_client_metadata",
        ),
        (
            {TOOL_CONFIGURATION: {"domain": "tool.example.org", "custom_parameters": {"a": ["b"]}}},
            "invalid_client_metadata",
        ),
    ],
)
@pytest.mark.trust("T72")
def test_bad_metadata_is_refused_by_name_and_leaves_the_token_usable(changes: dict[str, Any], error: str) -> None:
    token = make_token()
    answer = register(metadata(**changes), token)
    assert (answer.status_code, answer.json()["error"]) == (400, error)
    assert not Tool.objects.exists()
    assert register(metadata(), token).status_code == 200


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b"\xff\xfe", b"[" * 90_000, b'{"a":' * 10_000, b" " * 200_000]
)
def test_a_body_that_is_no_metadata_is_a_bad_request(body: bytes) -> None:
    answer = register(body, make_token())
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_client_metadata")


@thorough(80)
@given(changes=st.dictionaries(st.sampled_from([*metadata(), "anything"]), JSON, min_size=1, max_size=3))
def test_any_json_in_any_member_is_answered_in_order(db: None, changes: dict[str, Any]) -> None:
    assert register(json.dumps(metadata() | changes).encode(), make_token()).status_code in (200, 400)


INSIDE = [*metadata()[TOOL_CONFIGURATION], "secondary_domains", "description"]
MESSAGE = st.dictionaries(st.sampled_from(["type", "target_link_uri", "label", "placements", "custom"]), JSON)


@thorough(120)
@given(
    changes=st.dictionaries(st.sampled_from(INSIDE), JSON | st.dictionaries(TEXT, TEXT, max_size=3), max_size=3),
    messages=JSON | st.lists(MESSAGE, max_size=3),
)
@example(changes={"custom_parameters": {"a\x00": "b\x00\ud800"}}, messages=[])
@example(changes={}, messages=[{"type": "LtiDeepLinkingRequest", "label": "\ud800", "x": float("nan")}])
def test_any_json_in_the_lti_part_is_answered_in_order_and_what_is_registered_launches(
    client: Client, lms: factories.LMS, changes: dict[str, Any], messages: Any
) -> None:
    part = metadata()[TOOL_CONFIGURATION] | {"messages": messages} | changes
    answer = register(json.dumps(metadata() | {TOOL_CONFIGURATION: part}).encode(), make_token())
    assert answer.status_code in (200, 400)
    if answer.status_code == 200:
        side = factories.ToolSide(Tool.objects.get(client_id=answer.json()["client_id"]))
        assert factories.read_message(factories.launch(client, side, "ada"))["sub"] == "ada"


def test_a_development_platform_takes_tools_on_this_machine(settings: Any) -> None:
    settings.ILP_DEVELOPMENT = True
    local = "http://127.0.0.1:8020/lti"
    body = metadata(initiate_login_uri=f"{local}/login", redirect_uris=[f"{local}/launch"], jwks_uri=f"{local}/jwks")
    body[TOOL_CONFIGURATION] = {"domain": "127.0.0.1:8020", "target_link_uri": f"{local}/launch"}
    assert register(body, make_token()).status_code == 200
    body["redirect_uris"] = ["ftp://127.0.0.1/launch"]
    assert register(body, make_token()).status_code == 400


def test_only_posting_registers(client: Client) -> None:
    assert client.get("/ilp/register").status_code == 405
