"""The platform's signing keys: two published at any time, one of them signing (S17).

Private keys lie encrypted in the database. Loaded key objects are kept per process, because reading one from PEM
takes a hundred times as long as a signature; which of them signs is read again after half a minute, and since the
next key is published long before it signs, nobody meets an unknown one.
"""

import hashlib
import time
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import jwt
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey, generate_private_key
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.core.exceptions import ImproperlyConfigured
from django.db import IntegrityError, transaction
from django.db.models import Max, Q
from django.utils import timezone
from jwt.algorithms import RSAAlgorithm

from ilp_xblock.models import PlatformKey

from .configuration import RETIRED_KEY_LIFETIME, secrets_at_rest

ALGORITHM = "RS256"
KEY_BITS = 2048
REREAD_SECONDS = 30
UNREADABLE = (
    "The platform's keys were encrypted by another secret. Name it in SECRET_KEY_FALLBACKS, or make new keys by "
    "running rotate_platform_keys twice."
)


class UnreadableKeys(ImproperlyConfigured):
    """Nothing can be signed until the operator mends the settings. The message says how."""

    def __init__(self) -> None:
        super().__init__(UNREADABLE)


@dataclass(frozen=True, slots=True)
class _Published:
    signing: str
    jwks: tuple[dict[str, Any], ...]
    read: float


_private: dict[str, RSAPrivateKey] = {}
_public: dict[str, RSAPublicKey] = {}
_published: _Published | None = None


def sign(claims: dict[str, Any], *, typ: str = "JWT") -> str:
    """The claims as a JWT by the key that signs now."""
    kid = _current().signing
    return jwt.encode(claims, _private_key(kid), algorithm=ALGORITHM, headers={"kid": kid, "typ": typ})


def jwks() -> dict[str, list[dict[str, Any]]]:
    """The public keys to publish: next, signing, and those retired lately. Read anew: who asks met a key it lacks."""
    global _published
    _published = _read()
    return {"keys": list(_published.jwks)}


def public_key(kid: str) -> RSAPublicKey | None:
    """The loaded public key of a published kid; None for any other.

    An unknown one is looked for in the database: another process may have made it and signed by it meanwhile.
    """
    global _published
    jwk = _jwk(kid)
    if jwk is None:
        _published = _read()
        jwk = _jwk(kid)
    if jwk is None:
        return None
    if kid not in _public:
        _public[kid] = load_public(jwk)
    return _public[kid]


def load_public(jwk: dict[str, Any]) -> RSAPublicKey:
    """An RSA public key from its JWK; ValueError for any other or a weak one."""
    try:
        key = RSAAlgorithm.from_jwk(jwk)
    except (jwt.InvalidKeyError, TypeError) as error:
        raise ValueError("not an RSA key") from error
    if not isinstance(key, RSAPublicKey) or key.key_size < KEY_BITS:
        raise ValueError("not an RSA public key of at least 2048 bits")
    return key


def rotate() -> str:
    """Make the next key sign, publish a new next one, forget keys that retired long ago. Returns the signing kid."""
    kid = rotate_if_older(timedelta.min)
    if kid is None:
        raise AssertionError("nothing is younger than that")
    return kid


def rotate_if_older(age: timedelta) -> str | None:
    """The same when the signing key has signed for longer than that; None when it has not.

    Of two that are asked at once, by the schedules of two servers, only one rotates.
    """
    _ensure()
    with transaction.atomic():
        keys = list(PlatformKey.objects.select_for_update().order_by("generation"))
        signing, following = keys[-2:]
        began = max((key.retired for key in keys if key.retired), default=signing.created)
        if timezone.now() - began <= age:
            return None
        signing.retired = timezone.now()
        signing.save(update_fields=["retired"])
        _make(following.generation + 1)
        PlatformKey.objects.filter(retired__lt=timezone.now() - RETIRED_KEY_LIFETIME).delete()
    forget()
    return following.kid


def forget() -> None:
    """Drop what this process remembers of the keys."""
    global _published
    _published = None
    _private.clear()
    _public.clear()


def thumbprint(public: dict[str, str]) -> str:
    """The kid of an RSA public key (RFC 7638)."""
    canonical = f'{{"e":"{public["e"]}","kty":"RSA","n":"{public["n"]}"}}'
    return urlsafe_b64encode(hashlib.sha256(canonical.encode()).digest()).decode().rstrip("=")


def _jwk(kid: str) -> dict[str, Any] | None:
    return next((jwk for jwk in _current().jwks if jwk["kid"] == kid), None)


def _current() -> _Published:
    global _published
    known = _published
    if known is None or time.monotonic() - known.read > REREAD_SECONDS:
        known = _published = _read()
    return known


def _read() -> _Published:
    rows = _rows()
    if len(rows) < 2:
        _ensure()
        rows = _rows()
    return _Published(signing=rows[-2][0], jwks=tuple(jwk for _, jwk in rows), read=time.monotonic())


def _rows() -> list[tuple[str, dict[str, Any]]]:
    lately = Q(retired__isnull=True) | Q(retired__gte=_retired_limit())
    return list(PlatformKey.objects.filter(lately).order_by("generation").values_list("kid", "public_jwk"))


def _retired_limit() -> datetime:
    return timezone.now() - RETIRED_KEY_LIFETIME


def _ensure() -> None:
    """Make the first two keys. Two processes that try at once make the same generations, and one of them wins."""
    newest = PlatformKey.objects.aggregate(newest=Max("generation"))["newest"] or 0
    for generation in range(newest + 1, 3):
        try:
            with transaction.atomic():
                _make(generation)
        except IntegrityError:
            continue


def _make(generation: int) -> None:
    key = generate_private_key(public_exponent=65537, key_size=KEY_BITS)
    public = RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
    jwk = {"kty": "RSA", "n": public["n"], "e": public["e"], "alg": ALGORITHM, "use": "sig"}
    jwk["kid"] = thumbprint(jwk)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    PlatformKey.objects.create(
        generation=generation, kid=jwk["kid"], public_jwk=jwk, private_pem=_fernet().encrypt(pem).decode()
    )


def _private_key(kid: str) -> RSAPrivateKey:
    if kid not in _private:
        try:
            pem = _fernet().decrypt(PlatformKey.objects.get(kid=kid).private_pem)
        except InvalidToken as error:
            raise UnreadableKeys from error
        key = serialization.load_pem_private_key(pem, password=None)
        if not isinstance(key, RSAPrivateKey):
            raise TypeError("a stored platform key is not an RSA key")
        _private[kid] = key
    return _private[kid]


def _fernet() -> MultiFernet:
    return MultiFernet([Fernet(_derive(secret)) for secret in secrets_at_rest()])


def _derive(secret: str) -> bytes:
    key = HKDF(hashes.SHA256(), length=32, salt=None, info=b"ilp_xblock platform keys").derive(secret.encode())
    return urlsafe_b64encode(key)
