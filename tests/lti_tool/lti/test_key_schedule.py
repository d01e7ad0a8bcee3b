"""The tool's keys change by themselves, and nobody on the other side notices (T69)."""

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings as tool
from django.test import Client
from django.utils import timezone

from lti_tool.lti import keys
from lti_tool.lti.models import Context, KeyState, ToolKey
from lti_tool.tasks import tasks
from tests.factories import lti
from tests.factories.evidence import join
from tests.factories.lms import FakeLMS

pytestmark = [pytest.mark.django_db, pytest.mark.database, pytest.mark.trust("T69")]
WEEK = timedelta(days=7)


def published() -> dict[str, dict[str, Any]]:
    return {key["kid"]: key for key in Client().get("/lti/jwks").json()["keys"]}


def kid_of(token: str) -> str:
    return str(jwt.get_unverified_header(token)["kid"])


def accepts(key_set: dict[str, dict[str, Any]], token: str) -> bool:
    """Whether a platform that holds this key set, fetched at some time, takes the token."""
    key = jwt.PyJWK.from_dict(key_set[kid_of(token)])
    return bool(jwt.decode(token, key, algorithms=["RS256"]) == {"jti": "1"})


def sign() -> str:
    return keys.sign({"jti": "1"})


@pytest.fixture(autouse=True)
def no_key(db) -> None:
    """Whatever ran before in this process, its key began to sign at another time."""
    ToolKey.objects.all().delete()


def test_a_key_signs_for_its_days_and_then_the_next_one_does(time_machine):
    first = kid_of(sign())
    begun = timezone.now()
    time_machine.move_to(begun + timedelta(days=tool.ILP_KEY_DAYS, minutes=-5))
    tasks.rotate_keys()
    assert kid_of(sign()) == first
    (following,) = ToolKey.objects.filter(state=KeyState.NEXT).values_list("kid", flat=True)
    time_machine.move_to(begun + timedelta(days=tool.ILP_KEY_DAYS, minutes=5))
    tasks.rotate_keys()
    assert kid_of(sign()) == following


def test_a_key_that_has_just_begun_to_sign_is_not_changed_again(time_machine):
    sign()
    time_machine.move_to(timezone.now() + timedelta(days=tool.ILP_KEY_DAYS + 1))
    tasks.rotate_keys()
    second = kid_of(sign())
    for hours in (1, 24, 24 * (tool.ILP_KEY_DAYS - 3)):
        time_machine.move_to(timezone.now() + timedelta(hours=hours))
        tasks.rotate_keys()
        assert kid_of(sign()) == second


def test_tokens_signed_right_before_and_right_after_both_hold_whenever_the_platform_fetched_our_keys(time_machine):
    sign()
    time_machine.move_to(timezone.now() + timedelta(days=tool.ILP_KEY_DAYS + 1))
    fetched_before, signed_before = published(), sign()
    tasks.rotate_keys()
    fetched_after, signed_after = published(), sign()
    assert kid_of(signed_before) != kid_of(signed_after)
    for key_set in (fetched_before, fetched_after):
        assert accepts(key_set, signed_before)
        assert accepts(key_set, signed_after)
    assert set(fetched_before) < set(fetched_after)
    time_machine.move_to(timezone.now() + WEEK + timedelta(minutes=1))
    assert set(published()) == set(fetched_after) - {kid_of(signed_before)}


def test_a_process_that_has_not_noticed_signs_with_a_key_that_is_still_published(time_machine):
    sign()
    time_machine.move_to(timezone.now() + timedelta(days=tool.ILP_KEY_DAYS + 1))
    sign()
    remembered = dict(keys._current)
    tasks.rotate_keys()
    keys._current.update(remembered)
    assert accepts(published(), sign())


def test_a_launch_begun_before_the_change_ends_well_after_it(time_machine):
    sign()
    time_machine.move_to(timezone.now() + timedelta(days=tool.ILP_KEY_DAYS + 1))
    platform, browser = lti.connected(), Client()
    asked = platform.begin(browser)
    tasks.rotate_keys()
    token = platform.sign(platform.claims(asked["nonce"]))
    answer = browser.post("/lti/launch", {"state": asked["state"], "id_token": token})
    assert answer.status_code == 303


@pytest.fixture
def lms() -> Iterator[FakeLMS]:
    with FakeLMS(token_seconds=120) as running:
        yield running


def test_a_platform_that_fetched_our_keys_long_ago_goes_on_giving_tokens(time_machine, lms: FakeLMS):
    joined = join(lms)
    ToolKey.objects.exclude(platform=None).delete()  # the tool's own keys sign for it, as for any registered platform
    keys._current.clear()
    sign()
    current, following = (ToolKey.objects.get(state=state).kid for state in (KeyState.CURRENT, KeyState.NEXT))
    known = {kid: jwt.PyJWK.from_dict(key).key for kid, key in published().items()}

    def platform_expects(kid: str) -> None:
        lms.public_pem = known[kid].public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    time_machine.move_to(timezone.now() + timedelta(days=tool.ILP_KEY_DAYS + 1))
    platform_expects(current)
    Context.objects.update(launched_on=timezone.now().date())  # the course is still in use
    assert joined.read().code == ""
    tasks.rotate_keys()
    time_machine.move_to(timezone.now() + timedelta(minutes=3))  # the token has run out
    platform_expects(following)
    assert joined.read().code == ""
    assert len(lms.tokens) == 2


def test_no_days_means_only_by_hand(settings, time_machine):
    settings.ILP_KEY_DAYS = 0
    first = kid_of(sign())
    time_machine.move_to(timezone.now() + timedelta(days=1000))
    tasks.rotate_keys()
    assert kid_of(sign()) == first


def test_beat_asks_every_hour():
    entry = tool.CELERY_BEAT_SCHEDULE["rotate-keys"]
    assert (entry["task"], entry["schedule"]) == (tasks.rotate_keys.name, 3600.0)


ROTATE_AT_ONCE = """
import os, sys
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
import django
django.setup()
from datetime import timedelta
from django.core.management import call_command
from django.db import connection
from django.utils import timezone
from lti_tool.lti import keys
from lti_tool.lti.models import ToolKey
call_command("migrate", verbosity=0)
keys.ensure_keys()
ToolKey.objects.update(created_at=timezone.now() - timedelta(days=91))
start = Barrier(4)
def rotate(_):
    start.wait()
    try:
        return keys.rotate_when_due()
    finally:
        connection.close()
with ThreadPoolExecutor(4) as pool:
    done = list(pool.map(rotate, range(4)))
print(len([kid for kid in done if kid]), ToolKey.objects.count())
"""


def test_of_workers_that_look_at_the_same_moment_one_rotates(tmp_path):
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "ILP_VAR_DIR": str(tmp_path),
        "DATABASE_URL": f"sqlite:///{tmp_path}/keys.sqlite3",
    }
    done = subprocess.run(
        [sys.executable, "-c", ROTATE_AT_ONCE],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.stdout.split() == ["1", "3"], done.stderr
