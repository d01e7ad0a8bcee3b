"""The public keys of a platform: loaded objects in the process, the last key set in its row, fetched when needed.

A fetch happens when the set has run out (as its Cache-Control says) and exactly once when a message names a key the
set does not hold, or is signed by another than the one of that name. A key that was not there then is not asked for
again for a while, so that forged messages cannot make us hammer a platform. When a platform cannot be reached its
last set still serves for a day, and it is left alone for some seconds: launches would else queue for its silence.
"""

import logging
import re
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey, RSAPublicNumbers
from django.utils import timezone
from pydantic import BaseModel, ConfigDict, ValidationError

from lti_tool import http

from .models import SPEC_ID, Platform
from .refusals import Refused

log = logging.getLogger(__name__)

LEAST, USUAL, MOST = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)  # how long a set is good
WITHOUT_PLATFORM = timedelta(days=1)  # how long a set that ran out serves while its platform is down
MISSING_SECONDS = 60  # a key that was not there is not asked for again
MISSES_PER_MINUTE = 10  # fetches one platform can be made to answer by unknown keys
FAILED_SECONDS = 10  # a platform that gave no keys is not asked again
SMALLEST_BITS = 2048
MOST_KEYS = 100
_MEMBERS = ("kid", "n", "e")  # what is looked at of a key


class KeySet(BaseModel):
    """RFC 7517. Members that are not RSA signing keys are left out; `alg` and `use` may be missing (Open edX)."""

    model_config = ConfigDict(extra="ignore")
    keys: list[Any]


@dataclass(slots=True)
class _Held:
    fetched_at: datetime | None = None
    expires_at: datetime | None = None
    keys: dict[str, RSAPublicKey] = field(default_factory=dict)
    missing: dict[str, float] = field(default_factory=dict)  # kid: until when (monotonic)
    misses: list[float] = field(default_factory=list)
    failed_until: float = 0.0  # monotonic
    lock: threading.Lock = field(default_factory=threading.Lock)


_held: dict[int, _Held] = {}


def key_for(platform: Platform, kid: object) -> RSAPublicKey:
    """The platform's key of that name. Raises Refused: no such key, or the platform's keys cannot be had."""
    if not isinstance(kid, str) or not 0 < len(kid) <= SPEC_ID:
        raise Refused("kid_missing")
    held = _held.setdefault(platform.pk, _Held())
    key = held.keys.get(kid)
    if key is not None and held.expires_at and held.expires_at > timezone.now():
        return key
    with held.lock:
        return _look(held, platform, kid)


def renewed(platform: Platform, kid: str, refused: RSAPublicKey) -> RSAPublicKey | None:
    """The key that the platform publishes under this name now, where it is another than the one that did not fit.

    Some platforms make a new key under the old name. Asked for as sparingly as an unknown one: whoever forges a
    signature names a key that is known.
    """
    held = _held.setdefault(platform.pk, _Held())
    with held.lock:
        key = held.keys.get(kid)
        if key is None or _same(key, refused):
            if not _may_ask(held, kid):
                return None
            held.missing[kid] = time.monotonic() + MISSING_SECONDS
            try:
                _fetch_unless_failed(held, platform)
            except (http.HttpError, ValidationError) as error:
                log.warning("keys of platform %s could not be had: %s", platform.pk, getattr(error, "code", "shape"))
                return None
            key = held.keys.get(kid)
    return None if key is None or _same(key, refused) else key


def forget(platform_pk: int) -> None:
    """Drop what this process holds of a platform's keys."""
    _held.pop(platform_pk, None)


def _look(held: _Held, platform: Platform, kid: str) -> RSAPublicKey:
    now = timezone.now()
    if held.fetched_at != platform.jwks_fetched_at or held.fetched_at is None:
        _take(held, platform.jwks, platform.jwks_fetched_at, platform.jwks_expires_at)
    fresh = held.expires_at is not None and held.expires_at > now
    if kid not in held.keys or not fresh:
        if fresh and not _may_ask(held, kid):
            raise Refused("kid_unknown")
        try:
            _fetch_unless_failed(held, platform)
        except (http.HttpError, ValidationError) as error:
            usable = held.expires_at is not None and held.expires_at + WITHOUT_PLATFORM > now
            if not (usable and kid in held.keys):
                log.warning("keys of platform %s could not be had: %s", platform.pk, getattr(error, "code", "shape"))
                raise Refused("keys_unavailable") from None
    if kid not in held.keys:
        held.missing[kid] = time.monotonic() + MISSING_SECONDS
        raise Refused("kid_unknown")
    return held.keys[kid]


def _same(one: RSAPublicKey, other: RSAPublicKey) -> bool:
    return one.public_numbers() == other.public_numbers()


def _may_ask(held: _Held, kid: str) -> bool:
    """Whether an unknown key is worth a fetch now."""
    now = time.monotonic()
    held.missing = {name: until for name, until in held.missing.items() if until > now}
    held.misses = [at for at in held.misses if at > now - 60]
    if kid in held.missing or len(held.misses) >= MISSES_PER_MINUTE:
        return False
    held.misses.append(now)
    return True


def _fetch_unless_failed(held: _Held, platform: Platform) -> None:
    if time.monotonic() < held.failed_until:
        raise http.Unreachable("a moment ago")
    held.failed_until = time.monotonic() + FAILED_SECONDS
    _fetch(held, platform)
    held.failed_until = 0.0


def _fetch(held: _Held, platform: Platform) -> None:
    answer = http.fetch("GET", platform.jwks_url, accept="application/json, application/jwk-set+json", purpose="jwks")
    keys = KeySet.model_validate(answer.json()).keys[:MOST_KEYS]
    now = timezone.now()
    platform.jwks, platform.jwks_fetched_at = {"keys": [_kept(jwk) for jwk in keys if is_usable(jwk)]}, now
    platform.jwks_expires_at = now + lifetime(answer.headers.getall("Cache-Control", []))
    platform.save(update_fields=["jwks", "jwks_fetched_at", "jwks_expires_at"])
    _take(held, platform.jwks, platform.jwks_fetched_at, platform.jwks_expires_at)


def _take(held: _Held, jwks: Mapping[str, Any], fetched_at: datetime | None, expires_at: datetime | None) -> None:
    found = {}
    for jwk in jwks.get("keys", [])[:MOST_KEYS]:
        kid, key = jwk.get("kid"), public_key(jwk)
        if isinstance(kid, str) and key is not None:
            found[kid] = key
    held.keys, held.fetched_at, held.expires_at = found, fetched_at, expires_at


def is_usable(jwk: object) -> bool:
    """Whether it can check a launch: a key named as `key_for` takes names, by characters that any database keeps."""
    if not isinstance(jwk, dict):
        return False
    texts = [jwk.get(name) for name in _MEMBERS]
    named = all(isinstance(text, str) and text.isprintable() for text in texts) and 0 < len(jwk["kid"]) <= SPEC_ID
    return named and public_key(jwk) is not None


def _kept(jwk: Mapping[str, Any]) -> dict[str, str]:
    """What is stored of a usable key. A key set may hold anything else beside it: `NaN`, NUL, half surrogates."""
    return {"kty": "RSA", **{name: jwk[name] for name in _MEMBERS}}


def public_key(jwk: Mapping[str, Any]) -> RSAPublicKey | None:
    """The key of a JWK, or None when it is not an RSA signing key of sane size. Only `n` and `e` are looked at."""
    if jwk.get("kty") != "RSA" or jwk.get("use", "sig") != "sig" or jwk.get("alg", "RS256") != "RS256":
        return None
    try:
        n, e = (int.from_bytes(jwt.utils.base64url_decode(jwk[name]), "big") for name in ("n", "e"))
        key = RSAPublicNumbers(e, n).public_key()
    except (KeyError, TypeError, ValueError, AttributeError):
        return None
    return key if key.key_size >= SMALLEST_BITS else None


def lifetime(cache_control: list[str]) -> timedelta:
    """How long a set is good: max-age, between a minute and a day; an hour when nothing is said."""
    told = re.search(r"max-age\s*=\s*\"?(\d{1,9})", ",".join(cache_control).lower())
    return min(MOST, max(LEAST, timedelta(seconds=int(told[1])))) if told else USUAL
