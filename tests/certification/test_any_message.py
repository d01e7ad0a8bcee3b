"""Whatever a platform signs, in whatever claim, ends in a page or a redirect: 2xx, 3xx or 4xx, never 5xx."""

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories import lti
from tests.factories.any_json import JSON, TEXT
from tests.factories.lti import CLAIM, REMOVE

pytestmark = [pytest.mark.django_db, pytest.mark.database, pytest.mark.trust("T60")]

SERVICES = (
    "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint",
    "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice",
    "https://purl.imsglobal.org/spec/lti-gs/claim/groupsservice",
)
NAMES = [*lti.FakePlatform().claims("x"), *SERVICES, "azp", "given_name", "family_name", "nbf"] + [
    CLAIM + name
    for name in (
        "launch_presentation",
        "custom",
        "tool_platform",
        "lis",
        "role_scope_mentor",
        "for_user",
        "lti1p1",
        "platformnotificationservice",
    )
]
# What stands inside the claims that are objects, so that their members are reached too.
MEMBERS = st.dictionaries(
    st.sampled_from(
        ["id", "title", "label", "type", "locale", "return_url", "url", "product_family_code", "lineitems", "scope",
         "context_memberships_url", "ilp_activities"]
    ),
    JSON | st.lists(TEXT, max_size=3),
)  # fmt: skip
SETTINGS = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True
)


@pytest.fixture
def platform():
    return lti.connected()


@SETTINGS
@given(changes=st.dictionaries(st.sampled_from(NAMES), JSON | MEMBERS | st.just(REMOVE), min_size=1, max_size=4))
def test_any_json_in_any_claim_ends_in_a_page(platform, changes):
    answer = platform.launch(Client(), **changes)
    assert answer.status_code < 500


@SETTINGS
@given(payload=JSON)
def test_any_signed_payload_ends_in_a_page(platform, payload):
    assert platform.launch_raw(Client(), payload).status_code < 500


@SETTINGS
@given(
    sent=st.dictionaries(
        st.sampled_from(["iss", "client_id", "login_hint", "target_link_uri", "lti_message_hint",
                         "lti_deployment_id", "lti_storage_target", "ilp_probe"]),
        st.text(max_size=300),
    ),
    method=st.sampled_from(["get", "post"]),
    destination=st.sampled_from(["iframe", "document", ""]),
)  # fmt: skip
def test_any_login_ends_in_a_page(platform, sent, method, destination):
    answer = platform.login(Client(), method=method, headers={"Sec-Fetch-Dest": destination}, **sent)
    assert answer.status_code < 500


@SETTINGS
@given(state=st.text(max_size=200), token=st.text(max_size=200))
def test_any_state_and_token_end_in_a_page(platform, state, token):
    assert 400 <= Client().post("/lti/launch", {"state": state, "id_token": token}).status_code < 500
