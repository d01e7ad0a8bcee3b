"""The tool's signing keys: made once, encrypted at rest, published before use, rotated with overlap (T69).

A private key is read from PEM once in a process (about 30 ms); signing with the loaded object takes 0.3 ms.
"""

import base64
import hashlib
import json
import logging
import threading
import time
from datetime import timedelta
from functools import lru_cache
from typing import Any

import jwt
from cryptography.fernet import Fernet, MultiFernet
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey, generate_private_key
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from .models import KeyState, Platform, ToolKey

log = logging.getLogger(__name__)

ALGORITHM = "RS256"
BITS = 2048
PUBLISHED_AFTER_RETIRING = timedelta(days=7)
LOOK_AGAIN_SECONDS = 60  # how soon a process notices that another one rotated

_loaded: dict[str, RSAPrivateKey] = {}  # by kid
_current: dict[int | None, tuple[str, float]] = {}  # by platform: kid and when to look again
_lock = threading.Lock()


def sign(claims: dict[str, Any], platform_id: int | None = None) -> str:
    """A JWT signed RS256 by the key this platform knows: its own imported one, else the tool's current key."""
    kid, key = _signing_key(platform_id)
    return jwt.encode(claims, key, algorithm=ALGORITHM, headers={"kid": kid})


def jwks() -> dict[str, list[dict[str, Any]]]:
    """The public key set: next, current, and what was retired less than a week ago. Makes the first keys."""
    published = Q(state__in=[KeyState.NEXT, KeyState.CURRENT]) | Q(
        retired_at__gt=timezone.now() - PUBLISHED_AFTER_RETIRING
    )
    rows = ToolKey.objects.filter(published).order_by("created_at", "pk")
    keys = list(rows.values_list("platform_id", "public_jwk"))
    if sum(platform_id is None for platform_id, _ in keys) < 2:
        ensure_keys()
        keys = list(rows.values_list("platform_id", "public_jwk"))
    return {"keys": [jwk for _, jwk in keys]}


def ensure_keys() -> None:
    """Make the current and the next key where they are missing. Safe when several processes do it at once."""
    for state in (KeyState.CURRENT, KeyState.NEXT):
        if not ToolKey.objects.filter(platform=None, state=state).exists():
            try:
                with transaction.atomic():
                    _new_key(state)
            except IntegrityError:
                log.info("another process made the %s key first", state.value)


def rotate() -> str:
    """The next key signs from now on, a new one is published, the old one stays published a week. Returns the kid.

    Raises IntegrityError when two rotations run at once: one of them wins, the other changes nothing.
    """
    ensure_keys()
    now = timezone.now()
    with transaction.atomic():
        own = ToolKey.objects.select_for_update().filter(platform=None)
        own.filter(state=KeyState.CURRENT).update(state=KeyState.RETIRED, retired_at=now)
        own.filter(state=KeyState.NEXT).update(state=KeyState.CURRENT)
        _new_key(KeyState.NEXT)
        ToolKey.objects.filter(retired_at__lt=now - PUBLISHED_AFTER_RETIRING).delete()
    _current.clear()
    return ToolKey.objects.values_list("kid", flat=True).get(platform=None, state=KeyState.CURRENT)


def rotate_when_due() -> str:
    """Rotate when the current key has signed for `ILP_KEY_DAYS` (0: never by itself). Returns its kid, or "".

    A next key is made at the moment its forerunner begins to sign, so its age is how long that one has signed. It is
    looked at under its row's lock: of several workers one rotates.
    """
    ensure_keys()
    begun = timezone.now() - timedelta(days=settings.ILP_KEY_DAYS)
    with transaction.atomic():
        own = ToolKey.objects.select_for_update().filter(platform=None, state=KeyState.NEXT)
        if not settings.ILP_KEY_DAYS or not own.filter(created_at__lte=begun).first():
            return ""
        kid = rotate()
    log.info("the tool's keys were rotated: %s signs from now on", kid)
    return kid


def import_key(platform: Platform, private_pem: str | bytes) -> str:
    """Give one platform a key pair it knows already (an operator's PEM file). Returns the kid.

    Raises ValueError when it is no RSA private key.
    """
    pem = private_pem.encode() if isinstance(private_pem, str) else private_pem
    key = serialization.load_pem_private_key(pem, password=None)
    if not isinstance(key, RSAPrivateKey):
        raise ValueError("not an RSA key")
    jwk = public_jwk(key.public_key())
    with transaction.atomic():
        others = ToolKey.objects.filter(platform=platform, state=KeyState.CURRENT).exclude(kid=jwk["kid"])
        others.update(state=KeyState.RETIRED, retired_at=timezone.now())
        ToolKey.objects.update_or_create(
            kid=jwk["kid"],
            defaults={
                "platform": platform, "state": KeyState.CURRENT, "retired_at": None, "public_jwk": jwk,
                "private_pem": encrypt(pem), "created_at": timezone.now(),
            },
        )  # fmt: skip
    _current.pop(platform.pk, None)
    return str(jwk["kid"])


def public_jwk(key: RSAPublicKey) -> dict[str, str]:
    """The JWK of a public key, its kid the RFC 7638 thumbprint."""
    numbers = key.public_numbers()
    jwk = {"e": _base64url(numbers.e), "kty": "RSA", "n": _base64url(numbers.n)}
    thumbprint = hashlib.sha256(json.dumps(jwk, separators=(",", ":"), sort_keys=True).encode()).digest()
    kid = base64.urlsafe_b64encode(thumbprint).rstrip(b"=").decode()
    return {**jwk, "kid": kid, "alg": ALGORITHM, "use": "sig"}


def encrypt(text: bytes | str) -> str:
    """Encrypt what must not lie readable in the database, with a key derived from SECRET_KEY."""
    return _fernet(settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS).encrypt(
        text.encode() if isinstance(text, str) else text
    ).decode("ascii")  # fmt: skip


def decrypt(text: str) -> bytes:
    """Undo `encrypt`; an earlier SECRET_KEY in SECRET_KEY_FALLBACKS works. Raises fernet.InvalidToken."""
    return _fernet(settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS).decrypt(text.encode("ascii"))


def encrypt_anew() -> int:
    """Encrypt every private key with today's SECRET_KEY, so that an earlier one may go. How many there are."""
    rows = list(ToolKey.objects.all())
    for row in rows:
        row.private_pem = encrypt(decrypt(row.private_pem))
        row.save(update_fields=["private_pem"])
    return len(rows)


def _signing_key(platform_id: int | None) -> tuple[str, RSAPrivateKey]:
    kid, look_again = _current.get(platform_id, ("", 0.0))
    if time.monotonic() >= look_again:
        kid = _current_kid(platform_id)
        _current[platform_id] = (kid, time.monotonic() + LOOK_AGAIN_SECONDS)
    if kid not in _loaded:
        with _lock:
            if kid not in _loaded:
                row = ToolKey.objects.only("private_pem").get(kid=kid)
                _loaded[kid] = _load(decrypt(row.private_pem))
    return kid, _loaded[kid]


def _current_kid(platform_id: int | None) -> str:
    mine = Q(platform=None) if platform_id is None else Q(platform=None) | Q(platform_id=platform_id)
    current = ToolKey.objects.filter(mine, state=KeyState.CURRENT).order_by("platform_id")
    kids: dict[int | None, str] = dict(current.values_list("platform_id", "kid"))
    if platform_id in kids:
        return kids[platform_id]
    if None not in kids:
        ensure_keys()
        return _current_kid(None)
    return kids[None]


def _load(pem: bytes) -> RSAPrivateKey:
    key = serialization.load_pem_private_key(pem, password=None)
    if not isinstance(key, RSAPrivateKey):
        raise ValueError("not an RSA key")
    return key


def _new_key(state: KeyState) -> None:
    key = generate_private_key(public_exponent=65537, key_size=BITS)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    jwk = public_jwk(key.public_key())
    ToolKey.objects.create(
        kid=jwk["kid"], private_pem=encrypt(pem), public_jwk=jwk, state=state, created_at=timezone.now()
    )
    _loaded[jwk["kid"]] = key


def _base64url(number: int) -> str:
    octets = number.to_bytes((number.bit_length() + 7) // 8, "big")
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


@lru_cache(maxsize=4)
def _fernet(*secrets: str) -> MultiFernet:
    def derive(secret: str) -> Fernet:
        hkdf = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=b"ilp-panel: keys and tokens at rest")
        return Fernet(base64.urlsafe_b64encode(hkdf.derive(secret.encode())))

    return MultiFernet([derive(secret) for secret in secrets])
