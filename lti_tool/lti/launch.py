"""Login and launch (Security Framework 1.0, 5.1.1; LTI Core 1.3): what comes in is verified here, in full.

PyLTI1p3 gives the message validators; state, nonce, signature, audience and times are checked by our own code, since
the library neither consumes a nonce nor requires `exp`, `iat`, `aud` and `azp` to be right.
"""

import hashlib
import hmac
import json
import re
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Annotated
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from django.conf import settings
from django.db import connection
from django.urls import reverse
from django.utils import timezone
from jwt.utils import base64url_decode
from pydantic import BaseModel, Field

from lti_tool.rows import from_db, insert

from . import claims, messages, platform_keys, platforms
from .claims import Launch
from .models import SPEC_ID, Login, Platform
from .refusals import Refused
from .shapes import URL_LENGTH, web_url

_COMPACT = re.compile(r"(?:[A-Za-z0-9_-]+\.){2}[A-Za-z0-9_-]+")  # RFC 7515, 7.1
LONGEST_TOKEN = 100_000  # characters of an id_token
LONGEST_HINT = 10_000
MOST_AUDIENCES = 5
RESTARTABLE = ("iss", "login_hint", "target_link_uri", "lti_message_hint", "lti_deployment_id", "client_id")


class _Claimed(BaseModel):
    """Whom a token says it is from and for."""

    iss: Annotated[str, Field(strict=True)]
    aud: Annotated[str, Field(strict=True)] | list[Annotated[str, Field(strict=True)]]


@dataclass(frozen=True, slots=True)
class Started:
    """A login on its way to the platform. `binding` is what only the browser that asked may hold."""

    platform: Platform
    state: str
    binding: str
    auth_url: str  # with the request in its query


@dataclass(frozen=True, slots=True)
class Consumed:
    """The row of a login, taken out of the database: this can happen once."""

    platform: Platform
    nonce_hash: str
    target_link_uri: str
    storage_target: str
    parameters: dict[str, str]
    binding: str


@dataclass(frozen=True, slots=True)
class LoginRequest:
    """A third-party initiated login, checked (Security Framework 1.0, 5.1.1.1)."""

    platform: Platform
    target_link_uri: str
    storage_target: str
    parameters: dict[str, str]  # as they came, to send on or to start again


def read_login(sent: Mapping[str, str]) -> LoginRequest:
    """Whether somebody registered asks, and for one of our own addresses. Raises Refused."""
    parameters = {name: sent[name] for name in RESTARTABLE if sent.get(name)}
    if any(len(value) > LONGEST_HINT or "\x00" in value for value in parameters.values()):
        raise Refused("login_parameter")
    for name in ("iss", "login_hint", "target_link_uri"):
        if name not in parameters:
            raise Refused(f"login_without_{name}")
    names = (parameters.get(name, "") for name in ("client_id", "lti_deployment_id"))
    platform = platforms.named(parameters["iss"], *names)
    target = parameters["target_link_uri"]
    if not is_ours(target):
        raise Refused("target_foreign")
    storage_target = sent.get("lti_storage_target", "")
    return LoginRequest(platform, target, storage_target if storage_target.isprintable() else "", parameters)


def start(login: LoginRequest, *, storage: bool) -> Started:
    """Store state and nonce for ten minutes and say where the browser goes next."""
    # The time in front lets a browser's oldest cookies be found without a look into the database.
    state = f"{int(time.time()):x}.{secrets.token_urlsafe(32)}"
    nonce = secrets.token_urlsafe(32)
    insert(
        Login,
        state_hash=digest(state),
        nonce_hash=digest(nonce),
        platform_id=login.platform.pk,
        target_link_uri=login.target_link_uri[:URL_LENGTH],
        storage_target=login.storage_target[:SPEC_ID] if storage else "",
        parameters=login.parameters,
        expires_at=timezone.now() + timedelta(minutes=settings.ILP_LOGIN_MINUTES),
    )
    request = {
        "scope": "openid",
        "response_type": "id_token",
        "response_mode": "form_post",
        "prompt": "none",
        "client_id": login.platform.client_id,
        "redirect_uri": launch_url(),
        "login_hint": login.parameters["login_hint"],
        "state": state,
        "nonce": nonce,
    }
    if "lti_message_hint" in login.parameters:
        request["lti_message_hint"] = login.parameters["lti_message_hint"]
    return Started(login.platform, state, binding_of(state), with_query(login.platform.auth_url, request))


def consume(state: str) -> Consumed:
    """Take the login's row out, atomically: of several messages with one state one gets it. Raises Refused."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"DELETE FROM {Login._meta.db_table} WHERE state_hash = %s "  # noqa: S608 (no input in it)
            "RETURNING nonce_hash, platform_id, target_link_uri, storage_target, parameters, expires_at",
            [digest(state)],
        )
        row = cursor.fetchone()
    if row is None:
        raise Refused("state_unknown")
    parameters, expires_at = from_db(Login, "parameters", row[4]), from_db(Login, "expires_at", row[5])
    if expires_at <= timezone.now():
        raise Refused("state_unknown")
    platform = platforms.get(row[1])
    return Consumed(platform, row[0], row[2], row[3], parameters, binding_of(state))


def verify(id_token: str, login: Consumed) -> Launch:
    """The whole message, or Refused. Nothing of it is used before its signature holds."""
    platform = login.platform
    message, raw = claims.read(signed_payload(id_token, platform))
    claims.check_issue(message, issuer=platform.issuer, client_id=platform.client_id)
    if not hmac.compare_digest(digest(message.nonce), login.nonce_hash):
        raise Refused("nonce")
    launch = claims.to_launch(message, platform.pk)
    try:
        _check_target(launch, login)
        messages.check(launch, raw)
    except Refused as refused:
        raise Refused(refused.code, return_url=launch.return_url) from None
    return launch


def _check_target(launch: Launch, login: Consumed) -> None:
    if launch.target_link_uri != login.target_link_uri or not is_ours(launch.target_link_uri):
        raise Refused("target_differs")
    if launch.deployment_id != login.parameters.get("lti_deployment_id", launch.deployment_id):
        raise Refused("deployment_differs")


def sender(token: str, find: Callable[[str, str], Platform] = platforms.named) -> Platform:
    """Whose token this says it is, believed of nothing but whose keys must have signed it. Raises Refused."""
    try:
        said = _Claimed.model_validate(json.loads(base64url_decode(token.split(".")[1])))
    except (ValueError, IndexError, RecursionError):
        raise Refused("token_malformed") from None
    for audience in [said.aud] if isinstance(said.aud, str) else said.aud[:MOST_AUDIENCES]:
        try:
            return find(said.iss, audience or "-")
        except Refused:
            continue
    raise Refused("platform_unknown")


def signed_payload(id_token: str, platform: Platform) -> bytes:
    """The bytes that were signed, RS256 only, by a key the platform publishes. `jku`, `x5u`, `jwk` are ignored."""
    if len(id_token) > LONGEST_TOKEN:
        raise Refused("token_too_long")
    signed, _, signature = id_token.rpartition(".")
    described, _, payload = signed.partition(".")
    try:
        header = json.loads(base64url_decode(described))
    except (ValueError, RecursionError):
        raise Refused("token_malformed") from None
    if not isinstance(header, dict) or header.get("alg") != "RS256":
        raise Refused("algorithm")
    if "crit" in header or "b64" in header:  # extensions that change what is signed; we know none (RFC 7515, 4.1.11)
        raise Refused("signature")
    kid = header.get("kid")
    key = platform_keys.key_for(platform, kid)
    # PyJWT's own check looks at each character in Python, which takes as long as the rest of the verification.
    if not _COMPACT.fullmatch(id_token):
        raise Refused("signature")
    try:
        proof, said = base64url_decode(signature), base64url_decode(payload)
    except ValueError:
        raise Refused("signature") from None
    if _holds(key, proof, signed):
        return said
    newer = platform_keys.renewed(platform, header["kid"], key)
    if newer is None or not _holds(newer, proof, signed):
        raise Refused("signature")
    return said


def _holds(key: RSAPublicKey, proof: bytes, signed: str) -> bool:
    try:
        key.verify(proof, signed.encode("ascii"), PKCS1v15(), SHA256())
    except InvalidSignature:
        return False
    return True


def is_ours(url: str) -> bool:
    """Whether an address is our launch address or below it, with no trick in it."""
    if not web_url(url) or ".." in url:
        return False
    ours = launch_url()
    return url == ours or url.startswith((ours + "/", ours + "?"))


def launch_url() -> str:
    """The one registered redirect_uri."""
    return settings.ILP_BASE_URL + _path("lti-launch")


@cache
def _path(name: str) -> str:
    return reverse(name)


def with_query(url: str, parameters: Mapping[str, str]) -> str:
    """The address with the parameters added to the query it may have already."""
    parts = urlsplit(url)
    query = [*parse_qsl(parts.query, keep_blank_values=True), *parameters.items()]
    return urlunsplit((parts.scheme, parts.netloc, parts.path, urlencode(query), ""))


def binding_of(state: str) -> str:
    """What the browser that started this login holds: worked out, so that no row needs to keep it."""
    key = b"ilp-panel: login binding" + settings.SECRET_KEY.encode()
    return hmac.new(key, state.encode("utf-8", "replace"), hashlib.sha256).hexdigest()


def digest(value: str) -> str:
    return hashlib.sha256(value.encode("utf-8", "replace")).hexdigest()
