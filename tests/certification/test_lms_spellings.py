"""What LMSs write differently from each other, within the rules or a little beside them: it works, or is left out."""

import json

import pytest
from django.test import Client

from lti_tool.lti import platforms
from lti_tool.lti.models import Context, Platform
from lti_tool.lti.services.course import LINE_ITEMS, MEMBERS_READ, RESULTS_READ, course_services
from tests.factories import lti
from tests.factories.lti import INSTRUCTOR, REMOVE

from .test_good_messages import enter

pytestmark = pytest.mark.django_db

AGS = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
NRPS = "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"
SETTINGS = {
    "deep_link_return_url": "https://lms.example/return",
    "accept_types": ["ltiResourceLink"],
    "accept_presentation_document_targets": ["iframe"],
}


@pytest.fixture
def platform():
    return lti.connected()


@pytest.mark.parametrize(
    ("said", "understood"),
    [("EN-US__", "en-us"), ("zh_TW_#Hant", "zh-tw"), ("fr-CA.UTF-8", "fr-ca"), ("mi", "mi"), ("de@euro", "de"),
     ("english", ""), ("e", ""), ("", ""), ("../en", ""), ("en/..", "")],
)  # fmt: skip
def test_a_language_is_understood_whatever_stands_behind_it(platform, said, understood):
    assert enter(platform, launch_presentation={"locale": said}).locale == understood


def test_the_persons_own_language_counts_where_the_page_says_none(platform):
    assert enter(platform, locale="fr-FR").locale == "fr-fr"
    assert enter(platform, locale="fr", launch_presentation={"locale": "mi"}).locale == "mi"


@pytest.mark.parametrize("link", [{}, {"id": ""}, {"id": None}, [], "link-1", {"id": "x" * 256}])
@pytest.mark.parametrize(
    "changes",
    [
        {
            "message_type": "LtiDeepLinkingRequest",
            "roles": [INSTRUCTOR],
            "https://purl.imsglobal.org/spec/lti-dl/claim/deep_linking_settings": SETTINGS,
        },
        {"message_type": "LtiContextLaunchRequest"},
    ],
    ids=["deep linking", "a course's navigation"],
)
def test_a_message_that_is_about_no_link_may_say_so_in_any_way(platform, link, changes):
    assert platform.launch(Client(), resource_link=link, **changes).status_code == 303


def test_a_login_without_a_client_is_known_by_its_deployment(platform):
    other = lti.connected(client_id="client-2", deployment_id="deployment-2")
    asked = other.begin(Client(), client_id=REMOVE, lti_deployment_id="deployment-2")
    assert asked["client_id"] == "client-2"


@pytest.mark.parametrize("deployment", ["", "elsewhere", "both", "x" * 300])
def test_a_login_without_a_client_whose_deployment_tells_nothing_is_refused(platform, deployment):
    for client in ("client-2", "client-3"):
        lti.connected(client_id=client, deployment_id="both")
    answer = platform.login(Client(), client_id=REMOVE, lti_deployment_id=deployment)
    assert answer.status_code == 400
    assert "which connection" in answer.content.decode()


def test_a_gradebook_taken_away_by_hand_does_not_cost_the_list_of_the_class(platform):
    """One scope that is not granted any more refuses a token for all."""
    roster = {NRPS: {"context_memberships_url": "https://lms.example/members"}}
    grades = {AGS: {"lineitems": "https://lms.example/items", "scope": [LINE_ITEMS, RESULTS_READ]}}
    course_id = enter(platform, **roster, **grades).course_id
    before = course_services(course_id)
    enter(platform, message_type="LtiContextLaunchRequest", resource_link=REMOVE)
    assert course_services(course_id) == before  # such a message need not name services
    enter(platform, **roster)
    after = course_services(course_id)
    assert (after.lineitems_url, after.scopes) == ("", (MEMBERS_READ,))
    enter(platform, **roster, **grades)
    assert Context.objects.get().lineitems_url == "https://lms.example/items"


@pytest.mark.parametrize(
    "beside", [[None, 7, "x", []], [{"kty": "EC", "crv": "P-256", "x": "a", "y": "b", "kid": "e"}, {"kty": "OKP"}]]
)
def test_whatever_stands_beside_a_good_key_leaves_it_good(httpserver, beside):
    fake = lti.FakePlatform(issuer=httpserver.url_for("").rstrip("/"))
    fake.register(lti.school())
    Platform.objects.update(jwks={}, jwks_fetched_at=None, jwks_expires_at=None)
    platforms.forget()
    keys = json.dumps({"keys": [*beside, *fake.jwks()["keys"]]})
    httpserver.expect_request("/jwks").respond_with_data(keys, content_type="application/json")
    assert fake.launch(Client()).status_code == 303
