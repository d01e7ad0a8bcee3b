"""A tool's public keys: given at registration, or read from its JWKS address and kept per process.

An unknown kid is looked for once more, since tools rotate, and so is one whose key does not fit, since some make a
new key under the old name. The same kid again, or many of them, cause no further requests for a while (S15). Nor does
an address that just failed: whoever names the tool could else make us wait.
"""

import json
import threading
import time
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from ilp_xblock.models import Tool

from . import fetch
from .keys import ALGORITHM, load_public

KEEP_SECONDS = 3600
MISS_SECONDS = 60
MISSES_PER_MINUTE = 5
FAILED_SECONDS = 10
MAX_KEYS = 50


class UnknownKey(Exception):
    """The tool has no such key, or its keys can't be read now."""


@dataclass(slots=True)
class _Known:
    source: str
    keys: dict[str, RSAPublicKey]
    read: float
    misses: dict[str, float] = field(default_factory=dict)


_known: dict[int, _Known] = {}
_failed: dict[int, tuple[str, float]] = {}  # where, and until when it is not asked again
_lock = threading.Lock()


def tool_key(tool: Tool, kid: str) -> RSAPublicKey:
    """The tool's key of that kid, with at most one request. UnknownKey when there is none."""
    keys = _load(tool.jwks) if tool.jwks else _cached(tool, kid)
    if kid not in keys:
        raise UnknownKey("the tool publishes no key of this kid")
    return keys[kid]


def renewed(tool: Tool, kid: str, refused: RSAPublicKey) -> RSAPublicKey | None:
    """The key that the tool publishes under this kid now, where it is another than the one that did not fit."""
    if tool.jwks:
        return None
    try:
        found = _cached(tool, kid, unlike=refused).get(kid)
    except UnknownKey:
        return None
    return found if found is not None and not _same(found, refused) else None


def forget() -> None:
    """Drop what this process remembers of tools' keys."""
    with _lock:
        _known.clear()
        _failed.clear()


def _same(one: RSAPublicKey, other: RSAPublicKey) -> bool:
    return one.public_numbers() == other.public_numbers()


def _cached(tool: Tool, kid: str, *, unlike: RSAPublicKey | None = None) -> dict[str, RSAPublicKey]:
    now = time.monotonic()
    with _lock:
        known = _known.get(tool.pk)
        if known is not None and known.source == tool.jwks_url and now - known.read < KEEP_SECONDS:
            if kid in known.keys and (unlike is None or not _same(known.keys[kid], unlike)):
                return known.keys
            recent = {miss: at for miss, at in known.misses.items() if now - at < MISS_SECONDS}
            if kid in recent or len(recent) >= MISSES_PER_MINUTE:
                return known.keys
            known.misses = recent | {kid: now}
        where, until = _failed.get(tool.pk, ("", 0.0))
        if where == tool.jwks_url and now < until:
            raise UnknownKey("the tool's keys could not be read a moment ago")
    try:
        keys = _fetch(tool.jwks_url)
    except UnknownKey:
        with _lock:
            _failed[tool.pk] = (tool.jwks_url, time.monotonic() + FAILED_SECONDS)
        raise
    with _lock:
        _failed.pop(tool.pk, None)
        misses = known.misses if known is not None else {}
        if kid not in keys:
            misses = misses | {kid: now}
        _known[tool.pk] = _Known(tool.jwks_url, keys, now, misses)
    return keys


def _fetch(url: str) -> dict[str, RSAPublicKey]:
    try:
        answer = fetch.get(url)
    except fetch.FetchError as error:
        raise UnknownKey(f"the tool's keys could not be read: {error}") from error
    if answer.status != 200:
        raise UnknownKey(f"the tool's keys could not be read: status {answer.status}")
    try:
        return _load(json.loads(answer.body))
    except (ValueError, RecursionError) as error:
        raise UnknownKey("the tool's keys are not a JWKS") from error


def _load(jwks: Any) -> dict[str, RSAPublicKey]:
    """The usable signing keys by kid; those of other kinds, or weak ones, are passed over."""
    entries = jwks.get("keys") if isinstance(jwks, dict) else None
    if not isinstance(entries, list):
        raise ValueError("no keys")
    keys = {}
    for jwk in entries[:MAX_KEYS]:
        if not isinstance(jwk, dict) or not isinstance(jwk.get("kid"), str):
            continue
        if jwk.get("kty") != "RSA" or jwk.get("use", "sig") != "sig" or jwk.get("alg", ALGORITHM) != ALGORITHM:
            continue
        try:
            keys[jwk["kid"]] = load_public(jwk)
        except ValueError:
            continue
    return keys
