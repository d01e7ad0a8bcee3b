"""One-time codes by which a school says: this learning site is ours, this person looks after it (T61).

Sixty bits, said aloud or copied; only a keyed hash is stored. A code works once, for a week. Wrong tries are counted
in the database, per account and per deployment.
"""

import hashlib
import hmac
import secrets
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from .models import SchoolCode, WrongCode

LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: none that look alike
LENGTH = 12
GOOD_FOR = timedelta(days=7)
COUNTED_FOR = timedelta(hours=1)
MOST_BY_ACCOUNT = 5  # wrong ones within COUNTED_FOR
MOST_BY_DEPLOYMENT = 25
_LOOK_ALIKES = str.maketrans("OIL", "011")


def create(school_id: UUID) -> str:
    """A new code of the school, to be shown once: `K7QF-2MXD-9RTW`."""
    code = "".join(secrets.choice(LETTERS) for _ in range(LENGTH))
    SchoolCode.objects.create(code_hash=_hash(code), school_id=school_id, expires_at=timezone.now() + GOOD_FOR)
    return "-".join(code[start : start + 4] for start in range(0, LENGTH, 4))


def redeem(typed: str, *, school_id: UUID | None = None) -> UUID | None:
    """Use the code up and return its school; None where it is none, used, too old or (with `school_id`) another's."""
    now = timezone.now()
    good = SchoolCode.objects.filter(code_hash=_hash(_plain(typed)), used_at=None, expires_at__gt=now)
    if school_id is not None:
        good = good.filter(school_id=school_id)
    owner: UUID | None = good.values_list("school_id", flat=True).first()
    return owner if owner is not None and good.update(used_at=now) else None


def may_try(deployment_pk: int, sub: str) -> bool:
    """Whether this account may type another code yet."""
    recent = WrongCode.objects.filter(deployment_id=deployment_pk, at__gt=timezone.now() - COUNTED_FOR)
    return recent.filter(sub=sub).count() < MOST_BY_ACCOUNT and recent.count() < MOST_BY_DEPLOYMENT


def count_wrong(deployment_pk: int, sub: str) -> None:
    WrongCode.objects.create(deployment_id=deployment_pk, sub=sub, at=timezone.now())


def _plain(typed: str) -> str:
    """As somebody types it: any case, spaces and dashes anywhere, O for 0."""
    return "".join(letter for letter in typed[:100].upper().translate(_LOOK_ALIKES) if letter in LETTERS)


def _hash(code: str) -> str:
    return hmac.new(
        b"ilp-panel: school code" + settings.SECRET_KEY.encode(), code.encode(), hashlib.sha256
    ).hexdigest()
