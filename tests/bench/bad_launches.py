"""Launches a tool must refuse (Security Framework 1.0, 5.1.3; LTI Core 1.3), tried on a running contender."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.factories.lti import REMOVE, rsa_key, unsigned

from .browsing import KEPT, TARGET, Browser, Lms

DAY = 24 * 3600
Signer = Callable[[Lms, dict[str, Any]], str]

# What is wrong with a message that comes by the right way: changed claims.
CLAIMS: dict[str, dict[str, Any]] = {
    "without exp": {"exp": REMOVE},
    "expired an hour ago": {"exp": -3600},
    "without iat": {"iat": REMOVE},
    "issued a month ago": {"iat": -30 * DAY},
    "for another client": {"aud": "client-2"},
    "for several, meant for another": {"aud": ["client-1", "client-2"], "azp": "client-2"},
    "from an unknown deployment": {"deployment_id": "deployment-9"},
    "without a target link": {"target_link_uri": REMOVE},
    "for another target link": {"target_link_uri": TARGET + "/elsewhere"},
    "of LTI version 1.1": {"version": "LTI-1p0"},
    "with a sub of 300 characters": {"sub": "x" * 300},
}
TIMES = {"exp", "iat"}  # given above as seconds from now


def with_public_key_as_secret(lms: Lms, claims: dict[str, Any]) -> str:
    """HS256, its secret the published RSA key (RFC 8725, 2.1)."""

    def part(value: object) -> bytes:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=")

    secret = lms.platform.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    signed = part({"alg": "HS256", "kid": lms.platform.kid}) + b"." + part(claims)
    mac = base64.urlsafe_b64encode(hmac.digest(secret, signed, hashlib.sha256)).rstrip(b"=")
    return (signed + b"." + mac).decode()


SIGNATURES: dict[str, Signer] = {
    "unsigned": lambda lms, claims: unsigned(claims, kid=lms.platform.kid),
    "HS256 with the public key": with_public_key_as_secret,
    "signed by a stranger": lambda lms, claims: lms.platform.sign(claims, key=rsa_key("stranger")),
    "signed by an unknown key id": lambda lms, claims: lms.platform.sign(claims, kid="key-9"),
}


async def refusals(lms: Lms, socket: Path) -> dict[str, bool]:
    """Each bad launch by name: whether it was refused. Raises Failed when the right launch is not let in."""
    await lms.launch(Browser(socket, KEPT), 0)
    refused = {name: not await _changed(lms, socket, changes) for name, changes in CLAIMS.items()}
    for name, signer in SIGNATURES.items():
        refused[name] = not await _changed(lms, socket, {}, signer)
    refused["the same message again"] = not await _replayed(lms, socket)
    refused["a used nonce with a new state"] = not await _nonce(lms, socket, used=True)
    refused["the nonce of another login"] = not await _nonce(lms, socket, used=False)
    refused["in another browser"] = not await _other_browser(lms, socket)
    return refused


async def _enters(browser: Browser, state: str, token: str) -> bool:
    answer = await browser.ask("/lti/launch", {"state": state, "id_token": token})
    return answer.status in {200, 302, 303}


async def _changed(lms: Lms, socket: Path, changes: dict[str, Any], sign: Signer | None = None) -> bool:
    browser = Browser(socket, KEPT)
    asked = await lms.login(browser, 0)
    now = lms.claims(asked["nonce"], 0)["iat"]
    told = {
        name: now + value if name in TIMES and isinstance(value, int) else value for name, value in changes.items()
    }
    claims = lms.claims(asked["nonce"], 0, **told)
    return await _enters(browser, asked["state"], sign(lms, claims) if sign else lms.platform.sign(claims))


async def _replayed(lms: Lms, socket: Path) -> bool:
    browser = Browser(socket, KEPT)
    asked = await lms.login(browser, 0)
    token, cookies = lms.platform.sign(lms.claims(asked["nonce"], 0)), dict(browser.cookies)
    assert await _enters(browser, asked["state"], token)
    browser.cookies = cookies
    return await _enters(browser, asked["state"], token)


async def _nonce(lms: Lms, socket: Path, *, used: bool) -> bool:
    browser = Browser(socket, KEPT)
    first = await lms.login(browser, 0)
    if used:
        assert await _enters(browser, first["state"], lms.platform.sign(lms.claims(first["nonce"], 0)))
    second = await lms.login(browser, 0)
    return await _enters(browser, second["state"], lms.platform.sign(lms.claims(first["nonce"], 0)))


async def _other_browser(lms: Lms, socket: Path) -> bool:
    asked = await lms.login(Browser(socket, KEPT), 0)
    token = lms.platform.sign(lms.claims(asked["nonce"], 0))
    return await _enters(Browser(socket, KEPT), asked["state"], token)
