"""An operator's second factor: an authenticator app, and ten backup codes for the day it is lost (T71).

Both are django-otp's devices. A backup code is stored as a keyed hash and works once. Wrong passwords and wrong codes
count together on the account, in the database: each wrong try doubles the wait, up to `LONGEST_WAIT`, so that nobody
can guess and nobody can shut an operator out for good.
"""

import secrets
from base64 import b32encode
from typing import Any

from django.db import transaction
from django.utils.crypto import salted_hmac
from django_otp.models import Device
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # nothing that looks like something else
CODES, CODE_LENGTH = 10, 10  # 49 bits each
MOST_FAILURES = 11  # django-otp waits 2 ** (failures - 1) seconds
LONGEST_WAIT = 2 ** (MOST_FAILURES - 1)  # seconds: seventeen minutes


@transaction.atomic
def given(user: Any, code: str) -> Device | None:
    """The device whose code this is: not used before, and not after too many wrong tries."""
    authenticator = _authenticator(user)
    if authenticator is None or not authenticator.verify_is_allowed()[0]:
        return None
    if authenticator.verify_token(code):
        return authenticator
    codes = StaticDevice.objects.filter(user=user, confirmed=True).first()
    # The wait is the authenticator's: a wrong code counts there, so the backup codes need no wait of their own.
    if codes is not None and codes.token_set.filter(token=_stored(code)).delete()[0]:
        authenticator.throttle_reset()
        return codes
    _cap(authenticator)
    return None


def may_try(user: Any) -> bool:
    """Whether the account has not to wait after wrong tries."""
    device = TOTPDevice.objects.filter(user=user, confirmed=True).first()
    return device is not None and bool(device.verify_is_allowed()[0])


@transaction.atomic
def count_failure(user: Any) -> None:
    """A wrong password: the account waits, as after a wrong code."""
    authenticator = _authenticator(user)
    if authenticator is not None and authenticator.verify_is_allowed()[0]:
        authenticator.throttle_increment()
        _cap(authenticator)


@transaction.atomic
def new_backup_codes(user: Any) -> list[str]:
    """Ten new codes, to be shown this once; the old ones end."""
    device, _ = StaticDevice.objects.get_or_create(user=user, name="backup codes", defaults={"confirmed": True})
    device.token_set.all().delete()
    codes = ["".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH)) for _ in range(CODES)]
    StaticToken.objects.bulk_create([StaticToken(device=device, token=_stored(code)) for code in codes])
    return [f"{code[:5]}-{code[5:]}" for code in codes]


def codes_left(user: Any) -> int:
    """How many backup codes were not used yet."""
    return StaticToken.objects.filter(device__user=user).count()


def offer_authenticator(user: Any) -> TOTPDevice:
    """An authenticator that counts only once a code of it was given; an earlier offer ends."""
    TOTPDevice.objects.filter(user=user, confirmed=False).delete()
    return TOTPDevice.objects.create(user=user, name="authenticator", confirmed=False)


@transaction.atomic
def accept_authenticator(user: Any, code: str) -> TOTPDevice | None:
    """The offered authenticator takes the place of the one before, if this is its code."""
    offered = TOTPDevice.objects.select_for_update().filter(user=user, confirmed=False).first()
    if offered is None or not offered.verify_token(code):
        return None
    TOTPDevice.objects.filter(user=user, confirmed=True).delete()
    offered.confirmed = True
    offered.save()
    return offered


@transaction.atomic
def replace_authenticator(user: Any) -> TOTPDevice:
    """A new authenticator at once, for somebody who lost theirs; the old one and its backup codes end."""
    TOTPDevice.objects.filter(user=user).delete()
    StaticDevice.objects.filter(user=user).delete()
    return TOTPDevice.objects.create(user=user, name="authenticator", confirmed=True)


def secret_of(device: TOTPDevice) -> str:
    """The secret as people type it into an app."""
    return b32encode(device.bin_key).decode().rstrip("=")


def _authenticator(user: Any) -> TOTPDevice | None:
    return TOTPDevice.objects.select_for_update().filter(user=user, confirmed=True).first()


def _cap(device: TOTPDevice) -> None:
    if device.throttling_failure_count > MOST_FAILURES:
        device.throttling_failure_count = MOST_FAILURES
        device.save(update_fields=["throttling_failure_count"])


def _stored(code: str) -> str:
    """Sixty-four bits of a keyed hash: as much as django-otp's column holds."""
    typed = "".join(character for character in code.upper() if character.isalnum())
    return salted_hmac("ilp.operator.backup-code", typed, algorithm="sha256").hexdigest()[:16]
