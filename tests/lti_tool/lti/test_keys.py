"""The tool's keys: made once, published before use, rotated with overlap, unreadable in the database."""

import io
from datetime import timedelta

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from lti_tool.lti import keys
from lti_tool.lti.models import KeyState, ToolKey
from tests.factories import lti

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def published() -> dict[str, dict]:
    return {key["kid"]: key for key in Client().get("/lti/jwks").json()["keys"]}


def checks(token: str) -> bool:
    key = jwt.PyJWK.from_dict(published()[jwt.get_unverified_header(token)["kid"]])
    return jwt.decode(token, key, algorithms=["RS256"]) == {"jti": "1"}


def test_two_keys_are_published_from_the_start_and_may_be_cached():
    answer = Client().get("/lti/jwks")
    assert len(answer.json()["keys"]) == 2
    assert "max-age" in answer["Cache-Control"]
    for key in answer.json()["keys"]:
        assert set(key) == {"kty", "e", "n", "kid", "alg", "use"}


def test_a_kid_is_the_keys_thumbprint():
    import jwcrypto.jwk

    for kid, key in published().items():
        assert kid == jwcrypto.jwk.JWK(**key).thumbprint()


@pytest.mark.trust("T69")
def test_private_keys_cannot_be_read_from_the_database():
    keys.ensure_keys()
    for row in ToolKey.objects.all():
        assert "PRIVATE" not in row.private_pem
        assert b"PRIVATE KEY" in keys.decrypt(row.private_pem)


@pytest.mark.trust("T69")
def test_an_earlier_secret_key_still_opens_what_it_closed(settings):
    closed = keys.encrypt("secret")
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another-" * 10, [settings.SECRET_KEY]
    assert keys.decrypt(closed) == b"secret"


@pytest.mark.trust("T69")
def test_rotation_overlaps_before_and_after():
    before = published()
    signed_before = keys.sign({"jti": "1"})
    out = io.StringIO()
    call_command("rotate_keys", stdout=out)
    signed_after = keys.sign({"jti": "1"})
    assert jwt.get_unverified_header(signed_after)["kid"] == out.getvalue().strip()
    assert out.getvalue().strip() in before
    assert jwt.get_unverified_header(signed_before)["kid"] != out.getvalue().strip()
    assert checks(signed_before)
    assert checks(signed_after)
    assert len(published()) == 3


@pytest.mark.trust("T69")
def test_a_process_that_has_not_noticed_a_rotation_signs_with_a_key_still_published():
    keys.sign({"jti": "1"})
    current = dict(keys._current)
    keys.rotate()
    keys._current.update(current)
    assert checks(keys.sign({"jti": "1"}))


def test_a_retired_key_is_published_a_week(time_machine):
    keys.ensure_keys()
    keys.rotate()
    time_machine.move_to(timezone.now() + timedelta(days=6))
    assert len(published()) == 3
    time_machine.move_to(timezone.now() + timedelta(days=2))
    assert len(published()) == 2


def test_rotating_again_and_again_keeps_one_current_and_one_next_key():
    for _ in range(3):
        keys.rotate()
    states = list(ToolKey.objects.values_list("state", flat=True))
    assert states.count(KeyState.CURRENT) == states.count(KeyState.NEXT) == 1


def test_no_private_key_is_read_from_pem_once_a_process_is_warm(monkeypatch):
    keys.ensure_keys()
    keys._loaded.clear()
    read = []
    load = serialization.load_pem_private_key
    monkeypatch.setattr(
        keys.serialization, "load_pem_private_key", lambda *args, **rest: read.append(1) or load(*args, **rest)
    )
    keys.sign({"jti": "1"})
    assert len(read) == 1
    browser, platform = Client(), lti.connected()
    for _ in range(5):
        keys.sign({"jti": "1"})
        assert platform.launch(browser).status_code == 303
        assert browser.get("/lti/jwks").status_code == 200
    assert len(read) == 1


def test_a_platform_can_have_a_key_pair_of_its_own():
    platform = lti.FakePlatform().register(lti.school())
    own = lti.rsa_key("own")
    pem = own.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    kid = keys.import_key(platform, pem)
    assert keys.import_key(platform, pem) == kid
    assert jwt.get_unverified_header(keys.sign({"jti": "1"}, platform.pk))["kid"] == kid
    assert jwt.get_unverified_header(keys.sign({"jti": "1"}))["kid"] != kid
    assert checks(keys.sign({"jti": "1"}, platform.pk))


def test_what_is_no_rsa_key_is_not_imported():
    platform = lti.FakePlatform().register(lti.school())
    with pytest.raises(ValueError, match=r"."):
        keys.import_key(platform, "-----BEGIN PRIVATE KEY-----\nx\n-----END PRIVATE KEY-----")
