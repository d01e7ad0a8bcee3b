"""Whatever a platform publishes of itself: its keys, its configuration, its answer to a registration.

Any JSON, and anything that is none, ends in a page: 2xx, 3xx or 4xx, never 5xx.
"""

import json

import pytest
from django.test import Client
from hypothesis import example, given
from hypothesis import strategies as st
from multidict import CIMultiDict, CIMultiDictProxy

from lti_tool import http
from lti_tool.lti import platform_keys, platforms
from lti_tool.lti.models import Deployment, Platform, RegistrationLink
from lti_tool.lti.registration import links
from lti_tool.lti.registration.documents import PLATFORM, SCOPES, TOOL
from tests.factories import lti
from tests.factories.any_json import JSON, changed, thorough

pytestmark = [pytest.mark.django_db, pytest.mark.database, pytest.mark.trust("T60")]

LMS = "http://127.0.0.1:9"
CONFIGURATION = {
    "issuer": LMS,
    "authorization_endpoint": LMS + "/auth",
    "token_endpoint": LMS + "/token",
    "jwks_uri": LMS + "/jwks",
    "registration_endpoint": LMS + "/register",
    "authorization_server": LMS,
    "scopes_supported": ["openid", *SCOPES],
    PLATFORM: {"product_family_code": "moodle", "messages_supported": [{"type": "LtiResourceLinkRequest"}]},
}
ANSWER = {
    "client_id": "client-9",
    "scope": " ".join(SCOPES),
    TOOL: {"deployment_id": "7", "messages": [{"type": "LtiResourceLinkRequest"}]},
}
INSIDE = {
    PLATFORM: changed(CONFIGURATION[PLATFORM], "version", "variables"),
    TOOL: changed(ANSWER[TOOL], "domain", "claims"),
}
NOT_JSON = [
    b"",
    b"<html>",
    b"{",
    b"\xff\xfe",
    b"[" * 100_000,
    b'{"keys":' * 100_000,
    b'{"keys":[' + b"9" * 5000,
    b"NaN",
]


def answering(monkeypatch, *bodies):
    """What the platform says to one request after the other; the last again and again."""
    left = list(bodies)

    def fetch(*args, **kwargs):
        body = left.pop(0) if len(left) > 1 else left[0]
        return http.Response(200, CIMultiDictProxy(CIMultiDict()), body)

    monkeypatch.setattr(http, "fetch", fetch)


def written(document):
    return document if isinstance(document, bytes) else json.dumps(document).encode()


# Keys


@pytest.fixture
def platform():
    return lti.connected()


def launch_with_keys(platform, monkeypatch, document):
    """A launch by a platform whose keys were never read."""
    Platform.objects.update(jwks={}, jwks_fetched_at=None, jwks_expires_at=None)
    platforms.forget()
    platform_keys._held.clear()
    answering(monkeypatch, written(document))
    return platform.launch(Client())


@pytest.mark.parametrize(
    "beside",
    [
        b'"x": NaN',
        b'"x": 1e999',
        rb'"x": "\u0000"',
        rb'"\u0000": 1',
        rb'"x": "\ud800"',
        b'"x":' + b"[" * 900 + b"]" * 900,
    ],
    ids=["not a number", "infinity", "nul", "a name with nul", "half a surrogate", "nested beyond reason"],
)
def test_what_no_database_keeps_beside_a_good_key_spoils_nothing(platform, monkeypatch, beside):
    good = json.dumps(platform.jwks()["keys"][0]).encode()
    document = b'{"keys": [{"kty": "oct", %s}, %s, %s, %s}]}' % (
        beside,
        good,
        good[:-1] + b", " + beside + b"}",
        good[:-1],
    )
    assert launch_with_keys(platform, monkeypatch, document).status_code == 303
    stored = Platform.objects.get().jwks["keys"]
    assert all(key.keys() == {"kty", "kid", "n", "e"} for key in stored)
    assert len(stored) == 3


@pytest.mark.parametrize("member", ["kid", "n", "e"])
def test_a_key_with_a_member_no_database_keeps_is_none_of_ours(platform, monkeypatch, member):
    key = platform.jwks()["keys"][0]
    document = {"keys": [key | {member: key[member] + "\x00"}]}
    assert launch_with_keys(platform, monkeypatch, document).status_code == 400
    assert Platform.objects.get().jwks == {"keys": []}


@pytest.mark.parametrize("body", NOT_JSON, ids=range(len(NOT_JSON)))
def test_keys_that_are_no_json_end_in_a_page(platform, monkeypatch, body):
    assert 400 <= launch_with_keys(platform, monkeypatch, body).status_code < 500


@thorough(120)
@given(document=JSON | st.fixed_dictionaries({"keys": JSON}))
def test_any_json_for_a_key_set_ends_in_a_page(platform, document):
    with pytest.MonkeyPatch.context() as patch:
        assert launch_with_keys(platform, patch, document).status_code < 500


@thorough(150)
@given(members=changed({"kty": 0, "kid": 0, "n": 0, "e": 0, "use": 0, "alg": 0}, "x5c", "key_ops"))
def test_any_json_in_any_member_of_a_key_ends_in_a_page(platform, members):
    good = platform.jwks()["keys"][0]
    with pytest.MonkeyPatch.context() as patch:
        document = {"keys": [good | members, members, {**good, "kid": "another"}]}
        assert launch_with_keys(platform, patch, document).status_code < 500


# Registration


@pytest.fixture
def school():
    return lti.school()


def register(school, monkeypatch, configuration, answer):
    """A school's link opened by a platform that says this of itself, and this to our request."""
    answering(monkeypatch, written(configuration), written(answer))
    link = links.create(school).removeprefix("http://testserver")
    page = Client(REMOTE_ADDR="198.51.100.1").get(
        link, {"openid_configuration": f"{LMS}/openid", "registration_token": "t"}
    )
    assert page.status_code < 500
    Deployment.objects.all().delete()
    Platform.objects.all().delete()
    return page


@pytest.fixture
def open_door(settings):
    settings.ILP_RATE_REGISTRATION_PER_MINUTE = 0


def test_the_documents_these_tests_change_are_good(school, monkeypatch):
    assert register(school, monkeypatch, CONFIGURATION, ANSWER).status_code == 200


@thorough(150)
@given(members=changed(CONFIGURATION, "response_types_supported"), inside=INSIDE[PLATFORM])
@example(members={"issuer": "http://127.0.0.1:9\x00"}, inside={})
def test_any_json_in_a_platforms_configuration_ends_in_a_page(open_door, school, members, inside):
    document = CONFIGURATION | {PLATFORM: CONFIGURATION[PLATFORM] | inside} | members
    with pytest.MonkeyPatch.context() as patch:
        register(school, patch, document, ANSWER)


@thorough(150)
@given(members=changed(ANSWER, "client_name", "redirect_uris"), inside=INSIDE[TOOL])
@example(members={"client_id": "a\x00b"}, inside={"deployment_id": "\ud800"})
def test_any_json_in_the_answer_to_a_registration_ends_in_a_page(open_door, school, members, inside):
    document = ANSWER | {TOOL: ANSWER[TOOL] | inside} | members
    with pytest.MonkeyPatch.context() as patch:
        register(school, patch, CONFIGURATION, document)


@thorough(60)
@given(configuration=JSON, answer=JSON)
def test_any_json_at_all_for_both_ends_in_a_page(open_door, school, configuration, answer):
    with pytest.MonkeyPatch.context() as patch:
        register(school, patch, configuration, ANSWER)
        register(school, patch, CONFIGURATION, answer)


@pytest.mark.parametrize("body", NOT_JSON, ids=range(len(NOT_JSON)))
def test_documents_that_are_no_json_end_in_a_page(open_door, school, monkeypatch, body):
    assert 400 <= register(school, monkeypatch, body, ANSWER).status_code < 500
    assert 400 <= register(school, monkeypatch, CONFIGURATION, body).status_code < 500


ADDRESSES = {
    "a space": " ",
    "a word": "x",
    "no host": "http://",
    "half an IPv6 address": "http://[",
    "an IPv6 address without end": "https://[::1",
    "a script": "javascript:alert(1)",
    "NUL in it": "http://127.0.0.1:9/\x00",
    "a line break in it": "http://127.0.0.1:9/\r\nX: y",
    "a port beyond the last": "http://127.0.0.1:99999/",
    "a port that is a word": "http://127.0.0.1:x/",
    "somebody's name in it": "http://user@127.0.0.1:9/",
    "no scheme": "//127.0.0.1:9/openid",
    "a number as its host": "http://2130706433:9/",
    "circled digits as its host": "http://\u2460\u2461\u2466.0.0.1:9/",
    "a space in its host": "http://ex ample/",
    "an underscored scheme": "ht_tp://127.0.0.1:9/",
    "a file": "file:///etc/passwd",
    "a host of dots": "http://.../",
    "a host without end": "http://" + "a" * 300 + "/",
    "a path without end": "http://127.0.0.1:9/" + "x" * 9000,
    "half a surrogate": "http://127.0.0.1:9/%ED%A0%80",
}


@pytest.mark.trust("T72")
@pytest.mark.parametrize("address", ADDRESSES.values(), ids=ADDRESSES)
def test_a_configuration_address_with(open_door, school, address):
    link = links.create(school).removeprefix("http://testserver")
    page = Client().get(link, {"openid_configuration": address, "registration_token": "t"})
    assert 400 <= page.status_code < 500
    assert not Platform.objects.exists()
    assert RegistrationLink.objects.get().used_at is None


@pytest.mark.parametrize("token", ["\x00", "a b", "a\r\nX: y", "é", "x" * 20_000, "\x7f"])
def test_a_registration_token_that_cannot_be_one(open_door, school, token):
    link = links.create(school).removeprefix("http://testserver")
    page = Client().get(link, {"openid_configuration": f"{LMS}/openid", "registration_token": token})
    assert page.status_code == 400
    assert RegistrationLink.objects.get().used_at is None
