"""The platform's own keys: two published, one signing, none readable in the database."""

import json
from io import StringIO
from typing import Any

import jwt
import pytest
import time_machine
from cryptography.hazmat.primitives import serialization
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from jwcrypto.jwk import JWK

from ilp_xblock.models import PlatformKey
from ilp_xblock.platform import keys
from tests.factories import platform as factories

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def published(client: Client) -> list[dict[str, Any]]:
    answer = client.get("/ilp/jwks")
    assert answer.status_code == 200
    assert "max-age=" in answer.headers["Cache-Control"]
    return list(answer.json()["keys"])


def signing_kid() -> str:
    return str(jwt.get_unverified_header(keys.sign({"a": 1}))["kid"])


def test_two_public_keys_are_published_each_named_by_its_thumbprint(client: Client) -> None:
    found = published(client)
    assert len(found) == 2
    for jwk in found:
        assert jwk.keys() == {"kty", "n", "e", "alg", "use", "kid"}
        assert (jwk["kty"], jwk["alg"], jwk["use"]) == ("RSA", "RS256", "sig")
        assert JWK.from_json(json.dumps(jwk)).thumbprint() == jwk["kid"]
    assert signing_kid() in {jwk["kid"] for jwk in found}


@pytest.mark.trust("T69")
def test_rotation_lets_the_published_next_key_sign_and_keeps_the_old_one_for_a_week(client: Client) -> None:
    before = [jwk["kid"] for jwk in published(client)]
    old = signing_kid()
    out = StringIO()
    call_command("rotate_platform_keys", stdout=out)
    assert signing_kid() == out.getvalue().strip() == before[1] != old == before[0]
    now = [jwk["kid"] for jwk in published(client)]
    assert now[:2] == before
    assert len(now) == 3
    with time_machine.travel(timezone.now() + keys.RETIRED_KEY_LIFETIME * 1.1, tick=False):
        keys.forget()
        assert [jwk["kid"] for jwk in published(client)] == now[1:]
        keys.rotate()
        assert old not in PlatformKey.objects.values_list("kid", flat=True)


def test_another_process_signs_by_the_new_key_within_half_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    old = signing_kid()
    kept = keys._published
    new = keys.rotate()
    monkeypatch.setattr(keys, "_published", kept)  # as a process that did not rotate sees it
    assert signing_kid() == old
    monkeypatch.setattr(keys, "REREAD_SECONDS", -1)
    assert signing_kid() == new


@pytest.mark.usefixtures("made_keys")
@pytest.mark.trust("T69")
def test_no_private_key_can_be_read_in_the_database(settings: Any) -> None:
    row = PlatformKey.objects.earliest("generation")
    assert "PRIVATE" not in row.private_pem
    assert not {"d", "p", "q"} & row.public_jwk.keys()
    with pytest.raises(ValueError, match=r".+"):
        serialization.load_pem_private_key(row.private_pem.encode(), None)
    settings.SECRET_KEY = "another" * 10
    keys.forget()
    with pytest.raises(ImproperlyConfigured, match="SECRET_KEY_FALLBACKS"):
        keys.sign({})
    for _ in range(2):
        call_command("rotate_platform_keys", stdout=StringIO())
    assert keys.sign({})


def test_a_changed_secret_ends_in_a_sentence_for_everyone_and_the_remedy_in_the_log(
    client: Client, settings: Any, lms: factories.LMS, tool: factories.ToolSide, caplog: pytest.LogCaptureFixture
) -> None:
    keys.jwks()
    settings.SECRET_KEY = "another" * 10
    keys.forget()
    answer = tool.ask_token()
    assert (answer.status_code, answer.json()["error"]) == (503, "temporarily_unavailable")
    lms.browser = "ada"
    page = client.get("/ilp/auth", factories.authentication(tool, factories.start_launch(client)))
    assert page.status_code == 503
    assert "could not be shown just now" in page.content.decode()
    assert caplog.text.count("SECRET_KEY_FALLBACKS") == 2
    for _ in range(2):
        call_command("rotate_platform_keys", stdout=StringIO())
    assert tool.ask_token().status_code == 200
    assert "sub" in factories.read_message(factories.launch(client, tool, "ada"))


def test_keys_outlive_a_change_of_the_secret_when_the_old_one_is_named(settings: Any) -> None:
    kid = signing_kid()
    settings.ILP_LTI_SECRET = "a new secret for keys at rest"
    keys.forget()
    assert signing_kid() == kid
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another" * 10
    keys.forget()
    assert signing_kid() == kid


def test_two_processes_that_start_at_once_make_one_pair_of_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    PlatformKey.objects.all().delete()
    keys.forget()
    keys._ensure()
    # The other process had not committed when this one looked.
    monkeypatch.setattr(PlatformKey.objects, "aggregate", lambda **_: {"newest": 0})
    keys._ensure()
    assert len(keys.jwks()["keys"]) == 2
    assert list(PlatformKey.objects.order_by("generation").values_list("generation", flat=True)) == [1, 2]


def test_jwks_are_only_read(client: Client) -> None:
    assert client.post("/ilp/jwks").status_code == 405
