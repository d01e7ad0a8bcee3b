"""LTI Dynamic Registration 1.0 against a platform on loopback, right and wrong."""

import io
import json
import socket
from urllib.parse import urlsplit

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from werkzeug import Request, Response

from lti_tool.lti.models import Deployment, Platform, RegistrationLink
from lti_tool.lti.registration.documents import PLATFORM, SCOPES, TOOL
from lti_tool.lti.services.course import GROUPS_READ
from lti_tool.plans import api as plans
from tests.factories import lti

pytestmark = [pytest.mark.django_db, pytest.mark.database]


class LMS:
    """A platform that registers tools, on loopback; `spoil` changes what it says."""

    def __init__(self, server) -> None:
        self.server = server
        self.origin = server.url_for("").rstrip("/")
        self.configuration = {
            "issuer": self.origin,
            "authorization_endpoint": self.origin + "/auth",
            "token_endpoint": self.origin + "/token",
            "jwks_uri": self.origin + "/jwks",
            "registration_endpoint": self.origin + "/register",
            "scopes_supported": ["openid", *SCOPES],
            PLATFORM: {"product_family_code": "moodle", "version": "4.5"},
        }
        self.answer: dict = {"client_id": "client-9", TOOL: {"deployment_id": "7"}}
        self.asked: list[Request] = []
        server.expect_request("/openid").respond_with_handler(self._configure)
        server.expect_request("/register", method="POST").respond_with_handler(self._register)
        self.configure_with: Response | None = None
        self.register_with: Response | None = None

    def _configure(self, request: Request) -> Response:
        self.asked.append(request)
        return self.configure_with or Response(json.dumps(self.configuration), content_type="application/json")

    def _register(self, request: Request) -> Response:
        request.get_data()
        self.asked.append(request)
        return self.register_with or Response(json.dumps(self.answer), 201, content_type="application/json")

    def open(self, link: str, browser: Client | None = None, **query: str):
        query = {"openid_configuration": self.origin + "/openid", "registration_token": "once", **query}
        return (browser or Client()).get(urlsplit(link).path, query)


@pytest.fixture
def lms(httpserver) -> LMS:
    return LMS(httpserver)


@pytest.fixture
def school():
    return plans.create_school("Alder School")


def new_link() -> str:
    out = io.StringIO()
    call_command("registration_link", stdout=out)
    lines = out.getvalue().splitlines()
    assert len(lines) == 1
    return lines[0]


def test_one_link_connects_a_platform_to_its_school(lms, school):
    answer = lms.open(new_link())
    assert answer.status_code == 200
    assert b"org.imsglobal.lti.close" in answer.content
    assert f"frame-ancestors {lms.origin}" in answer["Content-Security-Policy"]
    platform = Platform.objects.get()
    assert (platform.issuer, platform.client_id, platform.product_family) == (lms.origin, "client-9", "moodle")
    assert Deployment.objects.get().school_id == school


def test_the_tool_says_of_itself_what_a_platform_needs(lms, school):
    lms.open(new_link())
    asked = lms.asked[1]
    assert asked.headers["Authorization"] == "Bearer once"
    sent = json.loads(asked.get_data())
    assert sent["redirect_uris"] == [lti.LAUNCH_URL]
    assert sent["initiate_login_uri"] == "http://testserver/lti/login"
    assert sent["jwks_uri"] == "http://testserver/lti/jwks"
    assert set(SCOPES) <= set(sent["scope"].split())
    assert sent[TOOL]["messages"][0]["type"] == "LtiResourceLinkRequest"
    assert sent[TOOL]["domain"] == "testserver"


def test_a_platform_that_sends_no_registration_token_is_registered_too(lms, school):
    assert lms.open(new_link(), registration_token="").status_code == 200
    assert "Authorization" not in lms.asked[1].headers


def test_a_link_works_once(lms, school):
    link = new_link()
    assert lms.open(link).status_code == 200
    again = lms.open(link)
    assert again.status_code == 410
    assert "used already" in again.content.decode()
    assert Platform.objects.count() == 1


def test_a_link_that_is_too_old_is_refused(lms, school):
    link = new_link()
    RegistrationLink.objects.update(expires_at="2020-01-01T00:00:00Z")
    assert lms.open(link).status_code == 410
    assert not lms.asked


def test_a_link_nobody_made_is_refused_without_asking_anybody(lms, school):
    assert lms.open("http://testserver/lti/register/made-up").status_code == 404
    assert not lms.asked


def test_a_link_opened_by_hand_says_what_it_is_for(school):
    answer = Client().get(urlsplit(new_link()).path)
    assert answer.status_code == 200
    assert "Copy it into your learning site" in answer.content.decode()


@pytest.mark.parametrize(
    ("body", "status", "kind"),
    [
        (b"<!doctype html><title>Log in</title>", 200, "text/html"),
        (b'{"issuer": ', 200, "application/json"),
        (b"[]", 200, "application/json"),
        (b"null", 200, "application/json"),
        (b"oops", 500, "text/plain"),
        (b"", 404, "text/plain"),
        (b"", 302, "text/plain"),
    ],
)
def test_a_broken_configuration_leaves_the_link_good(lms, school, body, status, kind):
    link = new_link()
    lms.configure_with = Response(body, status, {"Location": "/elsewhere"}, content_type=kind)
    refused = lms.open(link)
    assert 400 <= refused.status_code < 500
    assert "Reference number" in refused.content.decode()
    lms.configure_with = None
    assert lms.open(link).status_code == 200


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"<html>", 200),
        (b"{", 201),
        (b"{}", 201),
        (b'{"client_id": 7}', 201),
        (b"no", 500),
        (b"no", 401),
        (b"no", 403),
    ],
)
def test_a_broken_registration_answer_leaves_the_link_good(lms, school, body, status):
    link = new_link()
    lms.register_with = Response(body, status)
    assert 400 <= lms.open(link).status_code < 500
    assert not Platform.objects.exists()
    lms.register_with = None
    assert lms.open(link).status_code == 200


@pytest.mark.parametrize(
    "member", ["issuer", "authorization_endpoint", "token_endpoint", "jwks_uri", "registration_endpoint"]
)
@pytest.mark.parametrize("value", [None, "", 7, "javascript:alert(1)", "/relative", "ftp://lms.example/x", ["x"]])
def test_a_configuration_with_a_member_that_is_no_address_is_refused(lms, school, member, value):
    lms.configuration[member] = value
    assert lms.open(new_link()).status_code == 400
    assert len(lms.asked) == 1


@pytest.mark.trust("T72")
def test_a_configuration_of_another_issuer_is_refused(lms, school):
    lms.configuration["issuer"] = "https://elsewhere.example"
    answer = lms.open(new_link())
    assert answer.status_code == 400
    assert "name another site" in answer.content.decode()
    assert len(lms.asked) == 1


def test_an_unreachable_platform_leaves_the_link_good(lms, school, httpserver):
    link = new_link()
    gone = f"http://127.0.0.1:{_free_port()}/openid"
    answer = lms.open(link, openid_configuration=gone)
    assert answer.status_code == 424
    assert "The link still works" in answer.content.decode()
    assert lms.open(link).status_code == 200


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.mark.trust("T72")
@pytest.mark.parametrize(
    "url",
    ["http://lms.example/openid", "file:///etc/passwd", "gopher://x/", "https://u:p@lms.example/", "", "nonsense"],
)
def test_addresses_that_are_not_https_are_refused(lms, school, settings, url):
    settings.ILP_DEVELOPMENT = False
    assert 400 <= lms.open(new_link(), openid_configuration=url or "x").status_code < 500


@pytest.mark.trust("T72")
@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.8", "169.254.169.254", "192.168.1.1", "100.64.0.1"])
def test_a_name_that_leads_into_a_private_network_is_refused(lms, school, settings, monkeypatch, address):
    settings.ILP_DEVELOPMENT = False

    def resolve(self, host, port=0, family=0):
        async def answer():
            return [{"hostname": host, "host": address, "port": port, "family": 2, "proto": 6, "flags": 0}]

        return answer()

    monkeypatch.setattr("aiohttp.resolver.DefaultResolver.resolve", resolve, raising=True)
    monkeypatch.setattr("aiohttp.connector.DefaultResolver.resolve", resolve, raising=True)
    answer = lms.open(new_link(), openid_configuration="https://lms.example/openid")
    assert answer.status_code == 400
    assert "private network" in answer.content.decode()


@pytest.mark.trust("T72")
@pytest.mark.parametrize(
    "host", ["127.0.0.1", "[::1]", "10.1.2.3", "169.254.169.254", "[fd00::1]", "0.0.0.0", "2130706433"]
)
def test_a_private_address_written_out_is_refused(lms, school, settings, host):
    settings.ILP_DEVELOPMENT = False
    assert lms.open(new_link(), openid_configuration=f"https://{host}/openid").status_code in {400, 424}
    assert not lms.asked


def test_a_platform_that_names_no_deployment_is_claimed_by_the_first_signed_launch(lms, school):
    lms.answer = {"client_id": "client-9"}
    assert lms.open(new_link()).status_code == 200
    platform = Platform.objects.get()
    assert platform.claim_for_id == school
    fake = lti.FakePlatform(issuer=lms.origin, client_id="client-9")
    lms.server.expect_request("/jwks").respond_with_json(fake.jwks())
    assert fake.launch(Client()).status_code == 303
    assert Deployment.objects.get().school_id == school
    other = lti.FakePlatform(issuer=lms.origin, client_id="client-9", deployment_id="second")
    assert other.launch(Client()).status_code == 403
    assert Deployment.objects.get(deployment_id="second").school_id is None


@pytest.mark.trust("T7")
def test_a_client_in_use_by_another_school_is_not_changed_by_a_link(lms, school):
    assert lms.open(new_link()).status_code == 200
    other = plans.create_school("Birch School")
    lms.configuration["token_endpoint"] = lms.origin + "/other"
    link = io.StringIO()
    call_command("registration_link", "--school", "Birch School", stdout=link)
    assert lms.open(link.getvalue().strip()).status_code == 409
    platform = Platform.objects.get()
    assert platform.token_url == lms.origin + "/token"
    assert not Deployment.objects.filter(school_id=other).exists()


@pytest.mark.trust("T7")
def test_a_client_that_waits_for_a_schools_first_opening_is_not_given_to_another(lms, school):
    lms.answer = {"client_id": "client-9"}
    assert lms.open(new_link()).status_code == 200
    plans.create_school("Birch School")
    lms.configuration["token_endpoint"] = lms.origin + "/other"
    link = io.StringIO()
    call_command("registration_link", "--school", "Birch School", stdout=link)
    refused = lms.open(link.getvalue().strip())
    assert refused.status_code == 409
    assert "in use by another school" in refused.content.decode()
    platform = Platform.objects.get()
    assert (platform.token_url, platform.claim_for_id) == (lms.origin + "/token", school)
    assert RegistrationLink.objects.filter(used_at=None).exists()


def test_a_school_registers_the_same_client_again_and_its_addresses_are_renewed(lms, school):
    assert lms.open(new_link()).status_code == 200
    lms.configuration["token_endpoint"] = lms.origin + "/other"
    assert lms.open(new_link()).status_code == 200
    assert Platform.objects.get().token_url == lms.origin + "/other"


def test_granted_scopes_are_what_the_answer_says(lms, school):
    lms.answer["scope"] = f"{SCOPES[1]} {SCOPES[2]} openid"
    lms.open(new_link())
    assert set(Platform.objects.get().scopes) == {SCOPES[1], SCOPES[2]}


def test_brightspaces_token_audience_is_kept(lms, school):
    lms.configuration["authorization_server"] = "https://api.brightspace.com/auth/token"
    lms.open(new_link())
    assert Platform.objects.get().token_audience == "https://api.brightspace.com/auth/token"


def test_the_commands_say_in_one_line_what_is_missing():
    with pytest.raises(CommandError, match="create_school NAME"):
        call_command("registration_link")
    call_command("create_school", "Alder School", stdout=io.StringIO())
    with pytest.raises(CommandError, match="already"):
        call_command("create_school", "Alder School")
    call_command("create_school", "Birch School", stdout=io.StringIO())
    with pytest.raises(CommandError, match="--school NAME"):
        call_command("registration_link")
    with pytest.raises(CommandError, match="no school of that name"):
        call_command("registration_link", "--school", "Cedar School")


def test_registrations_are_limited(lms, school, settings):
    settings.ILP_RATE_REGISTRATION_PER_MINUTE = 2
    link = new_link()
    browser = Client()
    answers = [browser.get(urlsplit(link).path).status_code for _ in range(4)]
    assert answers.count(429) == 2


def canvas(lms, placements: bool = True) -> None:
    """Make the LMS say what Canvas says of itself."""
    prefix = "https://canvas.instructure.com/lti/"
    lms.configuration[PLATFORM] = {
        "product_family_code": "canvas",
        "version": "OpenSource",
        "messages_supported": [
            {
                "type": "LtiResourceLinkRequest",
                "placements": [prefix + "account_navigation", prefix + "course_navigation"],
            },
            {"type": "LtiDeepLinkingRequest", "placements": [prefix + "link_selection", prefix + "editor_button"]},
            {"type": "LtiEulaRequest"},
        ],
    }


def asked_of(lms) -> dict:
    lms.open(new_link())
    return json.loads(lms.asked[1].get_data())[TOOL]


@pytest.mark.trust("T73", "T19")
def test_canvas_is_asked_for_names_only_and_for_a_place_that_teachers_switch_on(lms, school):
    canvas(lms)
    tool = asked_of(lms)
    assert tool["https://canvas.instructure.com/lti/privacy_level"] == "name_only"
    assert tool["https://canvas.instructure.com/lti/tool_id"] == "ilp-panel"
    (link,) = (message for message in tool["messages"] if message["type"] == "LtiResourceLinkRequest")
    assert link["placements"] == ["https://canvas.instructure.com/lti/course_navigation"]
    assert link["https://canvas.instructure.com/lti/course_navigation/default_enabled"] is False
    assert link["https://canvas.instructure.com/lti/visibility"] == "members"


def test_only_messages_and_placements_the_platform_offers_are_asked_for(lms, school):
    canvas(lms)
    tool = asked_of(lms)
    placed = {message["type"]: message.get("placements") for message in tool["messages"]}
    assert placed == {
        "LtiResourceLinkRequest": ["https://canvas.instructure.com/lti/course_navigation"],
        "LtiDeepLinkingRequest": ["https://canvas.instructure.com/lti/link_selection"],
    }


@pytest.mark.parametrize(
    "said", [None, 7, "x", [], ["LtiDeepLinkingRequest"], [{"type": 7, "placements": "all"}], {}]
)
def test_a_platform_that_does_not_say_what_it_sends_is_asked_for_the_common_messages(lms, school, said):
    lms.configuration[PLATFORM] = {"product_family_code": "sakai", "messages_supported": said}
    types = [message["type"] for message in asked_of(lms)["messages"]]
    assert types[0] == "LtiResourceLinkRequest"
    assert set(types) <= {"LtiResourceLinkRequest", "LtiDeepLinkingRequest"}


def test_no_scope_is_asked_for_that_the_platform_does_not_have(lms, school):
    lms.configuration["scopes_supported"] = ["openid", SCOPES[1]]
    lms.open(new_link())
    assert json.loads(lms.asked[1].get_data())["scope"] == SCOPES[1]
    assert Platform.objects.get().scopes == [SCOPES[1]]


def test_the_messages_the_platform_took_are_kept(lms, school):
    lms.answer[TOOL]["messages"] = [{"type": "LtiResourceLinkRequest"}, {"type": "LtiDeepLinkingRequest"}, "odd"]
    lms.open(new_link())
    assert Platform.objects.get().messages == ["LtiDeepLinkingRequest", "LtiResourceLinkRequest"]


@pytest.mark.parametrize(
    ("family", "step"),
    [
        ("moodle", "Press “Activate”"),
        ("canvas", "press “Install”"),
        ("desire2learn", "Make a deployment"),
        ("D2L", "Make a deployment"),
        ("sakai", "draft state"),
        ("ilp-xblock", "In Studio"),
        ("nobody's", "switch the tool on once more"),
    ],
)
def test_the_last_page_says_what_is_still_to_do_in_that_lms(lms, school, family, step):
    lms.configuration[PLATFORM]["product_family_code"] = family
    page = lms.open(new_link()).content.decode()
    assert step in page
    assert "Then open the panel once" not in page


def test_the_last_page_asks_for_a_first_opening_where_no_deployment_was_named(lms, school):
    lms.answer = {"client_id": "client-9"}
    assert "Then open the panel once" in lms.open(new_link()).content.decode()


def test_canvas_reads_the_tools_configuration_by_its_address():
    answer = Client().get("/lti/canvas.json")
    told = answer.json()
    assert told["target_link_uri"] == lti.LAUNCH_URL
    assert told["oidc_initiation_url"] == "http://testserver/lti/login"
    assert told["public_jwk_url"] == "http://testserver/lti/jwks"
    assert set(told["scopes"]) == set(SCOPES) - {GROUPS_READ}
    extension = told["extensions"][0]
    assert extension["privacy_level"] == "name_only"
    places = {placement["placement"]: placement for placement in extension["settings"]["placements"]}
    assert set(places) == {"course_navigation", "assignment_selection", "link_selection"}
    assert places["course_navigation"]["default"] == "disabled"
