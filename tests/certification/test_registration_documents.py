"""What platforms write into the documents of Dynamic Registration 1.0, and what comes of it: payload by payload."""

import json
from urllib.parse import urlsplit

import pytest
from django.test import Client
from werkzeug import Response

from lti_tool.lti.models import Context, Deployment, Platform, RegistrationLink
from lti_tool.lti.registration import links
from lti_tool.lti.registration.documents import PLATFORM, SCOPES, TOOL
from lti_tool.lti.services.course import course_services
from lti_tool.plans import api as plans
from tests.factories import lti

pytestmark = [pytest.mark.django_db, pytest.mark.database]


class LMS:
    """A platform on loopback that registers tools; tests change what its two documents say."""

    def __init__(self, server) -> None:
        self.origin = server.url_for("").rstrip("/")
        self.configuration: dict = {
            "issuer": self.origin,
            "authorization_endpoint": self.origin + "/auth",
            "token_endpoint": self.origin + "/token",
            "jwks_uri": self.origin + "/jwks",
            "registration_endpoint": self.origin + "/register",
            "scopes_supported": ["openid", *SCOPES],
            PLATFORM: {"product_family_code": "canvas", "version": "1"},
        }
        self.answer: dict = {"client_id": "client-9", "scope": " ".join(SCOPES), TOOL: {"deployment_id": "7"}}
        server.expect_request("/openid").respond_with_handler(lambda _: _json(self.configuration))
        server.expect_request("/register", method="POST").respond_with_handler(lambda _: _json(self.answer))

    def register(self):
        query = {"openid_configuration": self.origin + "/openid", "registration_token": "once"}
        return Client().get(urlsplit(links.create(self.school)).path, query)


def _json(document):
    return Response(json.dumps(document), content_type="application/json")


@pytest.fixture
def lms(httpserver) -> LMS:
    lms = LMS(httpserver)
    lms.school = lti.school()
    return lms


def refused(lms, *words: str) -> None:
    page = lms.register()
    assert page.status_code == 400
    assert all(word in page.content.decode() for word in words)
    assert not Platform.objects.exists()
    assert RegistrationLink.objects.get().used_at is None


def audience(lms) -> str:
    """Whom a token is asked of in the course of the platform that registered."""
    assert lms.register().status_code == 200
    deployment = Deployment.objects.get()
    course_id = plans.ensure_course(lms.school, title="Maths")
    Context.objects.create(deployment=deployment, id_on_platform="course-1", course_id=course_id)
    services = course_services(course_id)
    assert services is not None
    return services.token_audience


# The platform's configuration


def test_the_documents_these_tests_change_are_good(lms):
    assert lms.register().status_code == 200
    assert Deployment.objects.get().deployment_id == "7"


def test_an_authorization_server_with_an_address_is_the_audience_of_assertions(lms):
    lms.configuration["authorization_server"] = "https://api.brightspace.com/auth/token"
    assert audience(lms) == "https://api.brightspace.com/auth/token"


def test_without_an_authorization_server_the_token_endpoint_is_the_audience(lms):
    assert audience(lms) == lms.origin + "/token"


def test_a_bare_host_as_authorization_server_is_no_audience(lms):
    """Canvas writes `sso.canvaslms.com` there, and takes assertions for its token endpoint only."""
    lms.configuration["authorization_server"] = "sso.canvaslms.com"
    assert audience(lms) == lms.origin + "/token"


@pytest.mark.parametrize("server", [None, 7, "", [], {}, "javascript:alert(1)", "https://", "https://a b"])
def test_an_authorization_server_that_is_no_address_is_no_audience(lms, server):
    lms.configuration["authorization_server"] = server
    assert audience(lms) == lms.origin + "/token"


@pytest.mark.parametrize("said", [None, 7, "text", [], [7], {"a": 1}])
def test_supported_scopes_that_are_no_list_of_texts_end_no_registration(lms, said):
    lms.configuration["scopes_supported"] = said
    assert lms.register().status_code == 200


@pytest.mark.parametrize("said", [None, 7, "text", [], {"messages_supported": 7, "product_family_code": []}])
def test_a_platform_part_that_says_nothing_ends_no_registration(lms, said):
    lms.configuration[PLATFORM] = said
    assert lms.register().status_code == 200
    assert Platform.objects.get().product_family == ""


@pytest.mark.parametrize(
    "member", ["issuer", "authorization_endpoint", "token_endpoint", "jwks_uri", "registration_endpoint"]
)
@pytest.mark.parametrize("said", [None, 7, "", [], {}, "text", "javascript:alert(1)", "/relative", "http://a:b/"])
def test_a_required_address_that_is_none(lms, member, said):
    lms.configuration[member] = said
    refused(lms, "incomplete")


@pytest.mark.parametrize(
    "member", ["issuer", "authorization_endpoint", "token_endpoint", "jwks_uri", "registration_endpoint"]
)
def test_a_required_address_that_is_missing(lms, member):
    del lms.configuration[member]
    refused(lms, "incomplete")


@pytest.mark.parametrize("issuer", ["http://127.0.0.1", "http://localhost:1", "http://127.0.0.1.evil.example"])
def test_an_issuer_on_another_host_or_port_than_its_configuration(lms, issuer):
    lms.configuration["issuer"] = issuer
    refused(lms, "another site")


@pytest.mark.trust("T64")
@pytest.mark.parametrize("answered", [{"client_id": "client-9"}, {"client_id": None}])
def test_a_school_of_a_cloud_may_frame_what_becomes_of_the_registration_it_shows(lms, answered):
    """Canvas has one issuer for all schools; a school shows us, and takes our registration, at its own address."""
    alder = lms.origin.replace("127.0.0.1", "localhost")
    lms.configuration["registration_endpoint"] = alder + "/register"
    lms.answer = answered
    framed = lms.register()["Content-Security-Policy"].rpartition("frame-ancestors ")[2].split()
    assert set(framed) == {lms.origin, alder}


# The answer to the registration


@pytest.mark.parametrize("client_id", [None, "", 7, True, 1.5, [], {}, "x" * 256, "a\x00b"])
def test_a_client_id_that_is_no_identifier(lms, client_id):
    lms.answer["client_id"] = client_id
    refused(lms, "did not accept the registration")


def test_no_client_id(lms):
    del lms.answer["client_id"]
    refused(lms, "did not accept the registration")


@pytest.mark.parametrize("deployment", ["", True, 1.5, [], {}, "x" * 256, "a\x00b"])
def test_a_deployment_that_is_no_identifier(lms, deployment):
    lms.answer[TOOL]["deployment_id"] = deployment
    refused(lms, "did not accept the registration")


@pytest.mark.parametrize("deployment", [7, "7"])
def test_a_deployment_written_as_a_number_is_the_same_as_in_messages(lms, deployment):
    lms.answer[TOOL]["deployment_id"] = deployment
    assert lms.register().status_code == 200
    assert Deployment.objects.get().deployment_id == "7"


@pytest.mark.parametrize("said", [None, {}, 7, "text", []])
def test_an_answer_that_names_no_deployment_leaves_it_to_the_first_launch(lms, said):
    lms.answer[TOOL] = said
    assert lms.register().status_code == 200
    assert not Deployment.objects.exists()
    assert Platform.objects.get().claim_for_id == lms.school


@pytest.mark.parametrize("scope", [f"{SCOPES[1]} {SCOPES[2]} openid", [SCOPES[1], SCOPES[2], 7]])
def test_granted_scopes_are_read_as_a_text_and_as_a_list(lms, scope):
    lms.answer["scope"] = scope
    assert lms.register().status_code == 200
    assert set(Platform.objects.get().scopes) == {SCOPES[1], SCOPES[2]}


def test_a_scope_we_never_asked_for_is_not_taken_as_granted(lms):
    lms.answer["scope"] = "https://example.org/everything " + SCOPES[1]
    assert lms.register().status_code == 200
    assert Platform.objects.get().scopes == [SCOPES[1]]


@pytest.mark.parametrize("said", [None, 7, "", [], {}])
def test_an_answer_that_grants_nothing_by_name_grants_what_was_asked(lms, said):
    lms.answer["scope"] = said
    assert lms.register().status_code == 200
    assert set(Platform.objects.get().scopes) == set(SCOPES)
