"""A platform's keys: cached, fetched again when they ran out and once for a name that is not known."""

import json
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from werkzeug import Request, Response

from lti_tool.lti import platform_keys, platforms
from lti_tool.lti.models import Platform
from tests.factories import lti

pytestmark = [pytest.mark.django_db]


class KeyServer:
    """Publishes what a test sets and counts who asks."""

    def __init__(self, server, fake: lti.FakePlatform) -> None:
        self.document: object = fake.jwks()
        self.headers: dict[str, str] = {}
        self.status = 200
        self.asked = 0
        server.expect_request("/jwks").respond_with_handler(self._answer)

    def _answer(self, request: Request) -> Response:
        self.asked += 1
        body = self.document if isinstance(self.document, bytes) else json.dumps(self.document)
        return Response(body, self.status, self.headers, content_type="application/json")


@pytest.fixture
def fake(httpserver):
    platform = lti.FakePlatform(issuer=httpserver.url_for("").rstrip("/"))
    platform.register(lti.school())
    Platform.objects.update(jwks={}, jwks_fetched_at=None, jwks_expires_at=None)
    platforms.forget()
    return platform


@pytest.fixture
def server(httpserver, fake):
    return KeyServer(httpserver, fake)


def new_process() -> None:
    platforms.forget()
    platform_keys._held.clear()


def test_the_keys_are_fetched_once_for_many_launches(fake, server):
    for _ in range(3):
        assert fake.launch(Client()).status_code == 303
    assert server.asked == 1


def test_a_new_process_takes_the_keys_from_the_database(fake, server):
    fake.launch(Client())
    new_process()
    assert fake.launch(Client()).status_code == 303
    assert server.asked == 1


def test_keys_without_alg_and_use_are_taken_as_open_edx_publishes_them(fake, server):
    server.document = {"keys": [{k: v for k, v in fake.jwks()["keys"][0].items() if k not in {"alg", "use"}}]}
    assert fake.launch(Client()).status_code == 303


def test_a_rotated_key_is_found_by_one_fetch(fake, server):
    fake.launch(Client())
    fake.key, fake.kid = lti.rsa_key("rotated"), "key-2"
    server.document = fake.jwks()
    assert fake.launch(Client()).status_code == 303
    assert fake.launch(Client()).status_code == 303
    assert server.asked == 2


def test_a_new_key_under_the_old_name_is_found_by_one_fetch(fake, server):
    fake.launch(Client())
    old, fake.key = fake.key, lti.rsa_key("rotated")
    server.document = fake.jwks()
    assert fake.launch(Client()).status_code == 303
    assert fake.launch(Client()).status_code == 303
    assert server.asked == 2
    assert fake.launch(Client(), header={"key": old}).status_code == 400


@pytest.mark.trust("T60")
def test_forged_signatures_under_a_known_name_do_not_make_us_hammer_a_platform(fake, server):
    fake.launch(Client())
    for _ in range(5):
        assert fake.launch(Client(), header={"key": lti.rsa_key("forger")}).status_code == 400
    assert server.asked == 2
    assert fake.launch(Client()).status_code == 303


def test_a_signature_that_does_not_fit_while_the_platform_is_down_is_refused(fake, server):
    fake.launch(Client())
    server.status = 503
    assert fake.launch(Client(), header={"key": lti.rsa_key("forger")}).status_code == 400
    assert fake.launch(Client()).status_code == 303


@pytest.mark.trust("T60")
def test_a_key_that_is_nowhere_is_asked_for_once(fake, server):
    fake.launch(Client())
    for _ in range(5):
        assert fake.launch(Client(), header={"kid": "nowhere"}).status_code == 400
    assert server.asked == 2
    assert fake.launch(Client()).status_code == 303


def test_ever_new_unknown_keys_do_not_make_us_hammer_a_platform(fake, server):
    fake.launch(Client())
    for number in range(30):
        fake.launch(Client(), header={"kid": f"nowhere-{number}"})
    assert server.asked <= 1 + platform_keys.MISSES_PER_MINUTE


@pytest.mark.trust("T60")
def test_a_key_the_platform_took_back_is_refused_once_the_set_ran_out(fake, server, time_machine):
    old_key, old_kid = fake.key, fake.kid
    server.headers = {"Cache-Control": "public, max-age=300"}
    fake.launch(Client())
    server.document = {"keys": [lti.public(lti.rsa_key("rotated"), kid="key-2")]}
    time_machine.move_to(timezone.now() + timedelta(seconds=301))
    assert fake.launch(Client(), header={"key": old_key, "kid": old_kid}).status_code == 400
    assert server.asked == 2


def test_a_platform_that_is_down_for_an_hour_still_lets_its_people_in(fake, server, time_machine):
    fake.launch(Client())
    server.status = 503
    time_machine.move_to(timezone.now() + timedelta(hours=2))
    assert fake.launch(Client()).status_code == 303
    time_machine.move_to(timezone.now() + timedelta(hours=48))
    answer = fake.launch(Client())
    assert answer.status_code == 424
    assert "could not check" in answer.content.decode()


def test_a_platform_that_gave_no_keys_is_left_alone_for_some_seconds(fake, server, monkeypatch):
    server.status = 503
    first = fake.launch(Client())
    asked = server.asked
    assert [fake.launch(Client()).status_code for _ in range(5)] == [first.status_code] * 5 == [424] * 5
    assert server.asked == asked
    server.status = 200
    for held in platform_keys._held.values():
        held.failed_until = 0.0  # they are over
    assert fake.launch(Client()).status_code == 303


@pytest.mark.parametrize(
    "document", [b"<html>", b"", b"[]", b"null", b'{"keys": 7}', b'{"keys": [7]}', {"keys": []}, {"keys": [{}]}]
)
def test_a_key_set_that_is_none_ends_in_a_page(fake, server, document):
    server.document = document
    assert 400 <= fake.launch(Client()).status_code < 500


@pytest.mark.parametrize(
    "member",
    [
        {"kty": "EC"},
        {"use": "enc"},
        {"alg": "RS512"},
        {"n": "AQAB"},
        {"n": 7},
        {"e": ""},
        {"n": "é"},
        {"e": "AA"},
        {"n": None},
    ],
)
def test_a_key_that_is_no_rsa_signing_key_is_left_out(fake, server, member):
    server.document = {"keys": [{**fake.jwks()["keys"][0], **member}]}
    assert fake.launch(Client()).status_code == 400


def test_one_bad_key_does_not_spoil_the_good_one(fake, server):
    server.document = {"keys": [{"kid": "x", "kty": "oct", "k": "AAAA"}, *fake.jwks()["keys"]]}
    assert fake.launch(Client()).status_code == 303


@pytest.mark.parametrize(
    ("told", "seconds"),
    [([], 3600), (["no-cache"], 3600), (["max-age=0"], 60), (["public, max-age=600"], 600),
     (["MAX-AGE=99999999"], 86400), (["max-age=junk"], 3600)],
)  # fmt: skip
def test_cache_control_is_honoured_within_bounds(told, seconds):
    assert platform_keys.lifetime(told) == timedelta(seconds=seconds)
