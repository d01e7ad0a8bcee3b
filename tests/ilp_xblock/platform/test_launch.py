"""A launch through the front door: started in the LMS, answered by the tool, signed by the platform."""

import json
import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
import time_machine
from django.test import Client

from ilp_xblock.models import LaunchRequest
from ilp_xblock.platform.ports import Member, Origin, Role
from ilp_xblock.platform.vocabulary import LINEITEM_READ, MEMBERSHIP_READ, RESULT_READ
from tests.factories import platform as factories
from tests.factories.platform import BLOCK, COURSE, ISSUER, OTHER_COURSE, ToolSide, authentication, launch

pytestmark = [pytest.mark.django_db, pytest.mark.database]
CLAIM = "https://purl.imsglobal.org/spec/lti/claim/"


def test_a_launch_starts_with_a_redirect_to_the_tools_login_that_keeps_its_query(
    client: Client, tool: ToolSide, lms: factories.LMS
) -> None:
    lms.browser = "ada"
    answer = client.get("/ilp/launch", {"block": BLOCK})
    parts = urlsplit(answer.headers["Location"])
    query = parse_qs(parts.query, strict_parsing=True)
    assert f"{parts.scheme}://{parts.netloc}{parts.path}" == "https://tool.example.org/login"
    assert query.pop("lti_message_hint")[0].isprintable()
    assert query == {
        "from": ["ilp"],
        "iss": [ISSUER],
        "login_hint": ["ada"],
        "target_link_uri": ["https://tool.example.org/launch"],
        "client_id": [tool.tool.client_id],
        "lti_deployment_id": [tool.tool.deployment_id],
        "lti_storage_target": ["_parent"],
    }


def test_a_login_address_cannot_override_what_the_platform_says(client: Client, lms: factories.LMS) -> None:
    factories.make_tool(login_url="https://tool.example.org/login?login_hint=tina&iss=https://evil.example")
    lms.browser = "ada"
    query = parse_qs(urlsplit(client.get("/ilp/launch", {"block": BLOCK}).headers["Location"]).query)
    assert query["login_hint"] == ["ada"]
    assert query["iss"] == [ISSUER]


def test_the_message_says_who_what_and_where(client: Client, tool: ToolSide) -> None:
    form = launch(client, tool, "ada")
    claims = factories.read_message(form)
    assert form.status == 200
    assert form.action == "https://tool.example.org/launch"
    assert form.fields["state"] == "the-state"
    assert 60 <= claims["exp"] - claims["iat"] <= 300
    assert abs(claims["iat"] - time.time()) < 30
    expected = {
        "iss": ISSUER,
        "aud": tool.tool.client_id,
        "azp": tool.tool.client_id,
        "sub": "ada",
        "nonce": "the-nonce",
        "name": "Ada Lovelace",
        CLAIM + "deployment_id": tool.tool.deployment_id,
        CLAIM + "message_type": "LtiResourceLinkRequest",
        CLAIM + "version": "1.3.0",
        CLAIM + "target_link_uri": "https://tool.example.org/launch",
        CLAIM + "resource_link": {"id": BLOCK, "title": "My plan"},
        CLAIM + "roles": ["http://purl.imsglobal.org/vocab/lis/v2/membership#Learner"],
        CLAIM + "launch_presentation": {
            "document_target": "iframe",
            "locale": "en",
            "return_url": f"{ISSUER}/unit",
        },
        "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint": {
            "scope": [LINEITEM_READ, RESULT_READ],
            "lineitems": f"{ISSUER}/ilp/courses/{COURSE}/lineitems",
        },
        "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice": {
            "context_memberships_url": f"{ISSUER}/ilp/courses/{COURSE}/memberships",
            "service_versions": ["2.0"],
        },
    }
    assert {name: claims.get(name) for name in expected} == expected
    assert "email" not in claims
    context = claims[CLAIM + "context"]
    assert (context["id"], context["title"], context["label"]) == (COURSE, "Maths 7", "M7")
    assert json.loads(claims[CLAIM + "custom"]["ilp_activities"]) == [factories.ACTIVITY]
    assert claims[CLAIM + "tool_platform"]["product_family_code"] == "ilp-xblock"


def test_a_teacher_and_an_assistant_are_told_apart(client: Client, tool: ToolSide, lms: factories.LMS) -> None:
    lms.members[COURSE].append(Member("tom", (Role.ASSISTANT,), "Tom"))
    membership = "http://purl.imsglobal.org/vocab/lis/v2/membership"
    assert factories.read_message(launch(client, tool, "tina"))[CLAIM + "roles"] == [f"{membership}#Instructor"]
    assert factories.read_message(launch(client, tool, "tom"))[CLAIM + "roles"] == [
        f"{membership}/Instructor#TeachingAssistant",
        f"{membership}#Instructor",
    ]


def test_a_course_as_a_whole_is_launched_without_a_block(client: Client, tool: ToolSide, lms: factories.LMS) -> None:
    lms.browser = "ada"
    login = factories.start_launch(client, course=OTHER_COURSE)
    claims = factories.read_message(factories.form_of(client.get("/ilp/auth", authentication(tool, login))))
    assert claims[CLAIM + "resource_link"] == {"id": OTHER_COURSE, "title": "History 7"}
    assert "ilp_activities" not in claims.get(CLAIM + "custom", {})


@pytest.mark.trust("T80")
def test_names_and_addresses_are_sent_as_the_operator_says(client: Client, tool: ToolSide, settings: Any) -> None:
    settings.ILP_LTI_PERSONAL_DATA = []
    assert not {"name", "email"} & factories.read_message(launch(client, tool, "ada")).keys()
    settings.ILP_LTI_PERSONAL_DATA = ["name", "email"]
    claims = factories.read_message(launch(client, tool, "ada"))
    assert (claims["name"], claims["email"]) == ("Ada Lovelace", "ada@example.org")
    settings.ILP_LTI_PERSONAL_DATA = "name"
    assert "name" in factories.read_message(launch(client, tool, "ada"))
    settings.ILP_LTI_PERSONAL_DATA = None
    assert not {"name", "email"} & factories.read_message(launch(client, tool, "ada")).keys()


def test_only_granted_services_are_named(client: Client) -> None:
    side = factories.make_tool(scopes=[RESULT_READ])
    claims = factories.read_message(launch(client, side, "ada"))
    assert claims["https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"]["scope"] == [RESULT_READ]
    assert "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice" not in claims
    side = factories.make_tool("other", scopes=[MEMBERSHIP_READ])
    claims = factories.read_message(launch(client, side, "ada"))
    assert "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint" not in claims


def test_a_tools_own_custom_values_are_sent_with_known_variables_filled_in(client: Client) -> None:
    side = factories.make_tool(custom={"colour": "blue", "course": "$Context.id", "other": "$Not.known"})
    custom = factories.read_message(launch(client, side, "ada"))[CLAIM + "custom"]
    assert custom["colour"] == "blue"
    assert custom["course"] == COURSE
    assert custom["other"] == "$Not.known"


def test_a_copied_course_names_what_it_and_its_link_were_made_from(client: Client, lms: factories.LMS) -> None:
    lms.origins[COURSE] = [Origin("course-v1:School+M7+2025", "old,block"), Origin("course-v1:School+M7+2024")]
    asked = {"courses": "$Context.id.history", "links": "$ResourceLink.id.history"}
    custom = factories.read_message(launch(client, factories.make_tool(custom=asked), "ada"))[CLAIM + "custom"]
    assert custom["courses"] == "course-v1%3ASchool%2BM7%2B2025,course-v1%3ASchool%2BM7%2B2024"
    assert custom["links"] == "old%2Cblock"


def test_a_course_that_is_nobodys_copy_has_an_empty_history(client: Client) -> None:
    side = factories.make_tool(custom={"courses": "$Context.id.history"})
    assert factories.read_message(launch(client, side, "ada"))[CLAIM + "custom"]["courses"] == ""


def test_the_tool_may_post_its_authentication_request(tool: ToolSide, lms: factories.LMS) -> None:
    client = Client(enforce_csrf_checks=True)
    lms.browser = "ada"
    login = factories.start_launch(client, block=BLOCK)
    form = factories.form_of(client.post("/ilp/auth", authentication(tool, login)))
    assert factories.read_message(form)["sub"] == "ada"


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"scope": None}, "invalid_scope"),
        ({"scope": "openid email"}, "invalid_scope"),
        ({"response_type": "code"}, "unsupported_response_type"),
        ({"response_type": None}, "unsupported_response_type"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"response_mode": None}, "invalid_request"),
        ({"prompt": "login"}, "invalid_request"),
        ({"prompt": None}, "invalid_request"),
        ({"state": None}, "invalid_request"),
        ({"nonce": None}, "invalid_request"),
        ({"nonce": ""}, "invalid_request"),
        ({"login_hint": None}, "invalid_request"),
        ({"login_hint": "ben"}, "invalid_request"),
        ({"lti_message_hint": None}, "invalid_request"),
        ({"lti_message_hint": "0" * 32}, "invalid_request"),
        ({"lti_message_hint": "0" * 32 + ":" + "A" * 43}, "invalid_request"),
        ({"lti_message_hint": "\x00"}, "invalid_request"),
    ],
)
@pytest.mark.trust("T60")
def test_a_request_that_is_not_exactly_right_is_answered_by_an_error_at_the_registered_address(
    client: Client, tool: ToolSide, changes: dict[str, str | None], error: str
) -> None:
    form = launch(client, tool, "ada", **changes)
    assert form.status == 400
    assert form.action == "https://tool.example.org/launch"
    assert form.fields["error"] == error
    assert form.fields.get("state") == changes.get("state", "the-state")
    assert "id_token" not in form.fields


@pytest.mark.parametrize(
    "changes",
    [
        {"redirect_uri": "https://evil.example/launch"},
        {"redirect_uri": "https://tool.example.org/launch/"},
        {"redirect_uri": "https://tool.example.org/launch?x=1"},
        {"redirect_uri": "HTTPS://tool.example.org/launch"},
        {"redirect_uri": "https://other.example.org/launch"},
        {"redirect_uri": None},
        {"client_id": None},
        {"client_id": "nobody"},
        {"client_id": "x" * 3000},
        {"state": "x" * 5000},
        {"nonce": "x" * 5000},
        {"lti_message_hint": "x" * 5000},
    ],
)
@pytest.mark.trust("T60")
def test_nothing_is_sent_to_an_address_that_is_not_registered(
    client: Client, tool: ToolSide, changes: dict[str, str | None]
) -> None:
    factories.make_tool("other")
    form = launch(client, tool, "ada", **changes)
    assert form.status == 400
    assert form.action == ""
    assert form.fields == {}
    assert "evil" not in form.page


def test_a_parameter_given_twice_is_refused(client: Client, tool: ToolSide, lms: factories.LMS) -> None:
    lms.browser = "ada"
    login = factories.start_launch(client)
    query = list(authentication(tool, login).items())
    answer = client.get("/ilp/auth", query_params=[*query, ("nonce", "another")])
    assert answer.status_code == 400
    assert factories.form_of(answer).action == ""


@pytest.mark.trust("T60", "T61")
def test_a_student_cannot_launch_as_another(client: Client, tool: ToolSide, lms: factories.LMS) -> None:
    lms.browser = "ada"
    login = factories.start_launch(client)
    lms.browser = "ben"
    stolen = factories.form_of(client.get("/ilp/auth", authentication(tool, login)))
    assert stolen.fields["error"] == "login_required"
    renamed = factories.form_of(client.get("/ilp/auth", authentication(tool, login, login_hint="ben")))
    assert renamed.fields["error"] == "invalid_request"
    lms.browser = None
    nobody = factories.form_of(client.get("/ilp/auth", authentication(tool, login)))
    assert nobody.fields["error"] == "login_required"
    lms.browser = "ada"
    own = factories.form_of(client.get("/ilp/auth", authentication(tool, login)))
    assert factories.read_message(own)["sub"] == "ada"


def test_a_message_hint_is_used_once(client: Client, tool: ToolSide, lms: factories.LMS) -> None:
    lms.browser = "ada"
    login = factories.start_launch(client)
    request = authentication(tool, login)
    assert "id_token" in factories.form_of(client.get("/ilp/auth", request)).fields
    again = factories.form_of(client.get("/ilp/auth", request))
    assert again.fields["error"] == "invalid_request"
    assert not LaunchRequest.objects.exists()


def test_a_message_hint_expires(client: Client, tool: ToolSide, lms: factories.LMS) -> None:
    lms.browser = "ada"
    login = factories.start_launch(client)
    with time_machine.travel(time.time() + 601, tick=False):
        late = factories.form_of(client.get("/ilp/auth", authentication(tool, login)))
    assert late.fields["error"] == "invalid_request"


def test_a_message_hint_serves_the_tool_it_was_made_for_only(
    client: Client, tool: ToolSide, lms: factories.LMS
) -> None:
    other = factories.make_tool("other")
    lms.browser = "ada"
    login = factories.start_launch(client, block=BLOCK, client_id=tool.tool.client_id)
    form = factories.form_of(client.get("/ilp/auth", authentication(other, login)))
    assert form.action == "https://other.example.org/launch"
    assert form.fields["error"] == "invalid_request"


def test_who_left_the_course_meanwhile_is_not_launched(client: Client, tool: ToolSide, lms: factories.LMS) -> None:
    lms.browser = "ada"
    login = factories.start_launch(client)
    lms.members[COURSE] = [member for member in lms.members[COURSE] if member.sub != "ada"]
    form = factories.form_of(client.get("/ilp/auth", authentication(tool, login)))
    assert form.fields["error"] == "access_denied"


@pytest.mark.parametrize(
    ("query", "browser", "status"),
    [
        ({"block": BLOCK}, None, 401),
        ({"block": BLOCK}, "stranger", 403),
        ({"block": "nothing"}, "ada", 404),
        ({"course": "nothing"}, "ada", 403),
        ({}, "ada", 403),
        ({"block": "x" * 3000}, "ada", 404),
        ({"block": BLOCK, "course": OTHER_COURSE}, "ada", 404),
        ({"block": BLOCK, "client_id": "nobody"}, "ada", 404),
    ],
)
def test_a_launch_that_cannot_start_ends_on_a_plain_page(
    client: Client, tool: ToolSide, lms: factories.LMS, query: dict[str, str], browser: str | None, status: int
) -> None:
    lms.browser = browser
    answer = client.get("/ilp/launch", query)
    assert answer.status_code == status
    assert "could not be opened" in answer.content.decode()


def test_a_tool_launches_only_in_its_courses(client: Client, lms: factories.LMS) -> None:
    history = factories.make_tool("history", courses=[OTHER_COURSE])
    lms.browser = "ada"
    assert client.get("/ilp/launch", {"block": BLOCK, "client_id": history.tool.client_id}).status_code == 403
    assert client.get("/ilp/launch", {"block": BLOCK}).status_code == 404
    assert factories.start_launch(client, course=OTHER_COURSE)["client_id"] == history.tool.client_id


@pytest.mark.trust("T65")
def test_what_a_tool_sends_is_escaped_and_scripts_need_the_pages_nonce(client: Client, tool: ToolSide) -> None:
    attack = '"><script>alert(1)</script>'
    form = launch(client, tool, "ada", state=attack)
    assert form.fields["state"] == attack
    assert "<script>alert" not in form.page


@pytest.mark.trust("T64", "T65", "T80")
def test_the_form_is_guarded_by_its_headers(
    client: Client, tool: ToolSide, lms: factories.LMS, settings: Any
) -> None:
    settings.ILP_LTI_FRAME_ANCESTORS = ["'self'", "https://learning.example.org"]
    lms.browser = "ada"
    login = factories.start_launch(client)
    answer = client.get("/ilp/auth", authentication(tool, login))
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'self' https://learning.example.org" in policy
    nonce = policy.partition("script-src 'nonce-")[2].partition("'")[0]
    assert f'<script nonce="{nonce}">' in answer.content.decode()
    assert "no-store" in answer.headers["Cache-Control"]
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "X-Frame-Options" not in answer.headers


def test_a_launch_reads_no_private_key_from_pem_again(
    client: Client, tool: ToolSide, monkeypatch: pytest.MonkeyPatch, django_assert_max_num_queries: Any
) -> None:
    launch(client, tool, "ada")
    monkeypatch.setattr(jwt.algorithms, "load_pem_private_key", None)
    monkeypatch.setattr("ilp_xblock.platform.keys.serialization.load_pem_private_key", None)
    with django_assert_max_num_queries(8):
        assert launch(client, tool, "ada").status == 200


@pytest.mark.parametrize(("language", "direction"), [("ar", "rtl"), ("es", "ltr")])
def test_every_page_is_in_the_readers_language_and_its_direction(
    client: Client, tool: ToolSide, lms: factories.LMS, language: str, direction: str
) -> None:
    said = {"Accept-Language": language}
    refused = client.get("/ilp/launch", {"block": "none"}, headers=said).content.decode()
    lms.browser = "ada"
    login = factories.start_launch(client, block=BLOCK)
    form = client.get("/ilp/auth", authentication(tool, login), headers=said).content.decode()
    for page in (refused, form):
        assert f'<html lang="{language}" dir="{direction}">' in page
