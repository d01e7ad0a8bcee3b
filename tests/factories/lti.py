"""A platform to launch the tool from: it signs what a test says, right or wrong, and never leaves the process."""

import base64
import json
import time
import uuid
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from lti_tool.lti import keys
from lti_tool.lti.models import Deployment, Platform
from lti_tool.plans import api as plans

CLAIM = "https://purl.imsglobal.org/spec/lti/claim/"
MEMBERSHIP = "http://purl.imsglobal.org/vocab/lis/v2/membership#"
LAUNCH_URL = "http://testserver/lti/launch"
LEARNER, INSTRUCTOR = MEMBERSHIP + "Learner", MEMBERSHIP + "Instructor"


class _Remove:
    def __repr__(self) -> str:
        return "left out"


REMOVE = _Remove()  # as a claim's value: the claim is left out


@cache
def rsa_key(name: str = "platform", bits: int = 2048) -> RSAPrivateKey:
    """One key per name in a test run: making one takes a tenth of a second."""
    return generate_private_key(public_exponent=65537, key_size=bits)


def public(key: RSAPrivateKey, **members: object) -> dict[str, Any]:
    return {**keys.public_jwk(key.public_key()), **members}


@dataclass
class FakePlatform:
    """An LMS: `launch()` walks login, authentication and launch as a browser would."""

    issuer: str = "https://lms.example"
    client_id: str = "client-1"
    deployment_id: str = "deployment-1"
    kid: str = "key-1"
    key: RSAPrivateKey = field(default_factory=rsa_key)
    auth_url: str = "https://lms.example/auth"

    def jwks(self) -> dict[str, Any]:
        return {"keys": [public(self.key, kid=self.kid)]}

    def register(self, school_id: uuid.UUID | None) -> Platform:
        """The platform in our tables, its keys fetched a moment ago; `None` leaves the deployment unclaimed."""
        now = timezone.now()
        platform = Platform.objects.create(
            issuer=self.issuer, client_id=self.client_id, auth_url=self.auth_url,
            token_url=self.issuer + "/token", jwks_url=self.issuer + "/jwks", jwks=self.jwks(),
            jwks_fetched_at=now, jwks_expires_at=now + timezone.timedelta(hours=1),
        )  # fmt: skip
        Deployment.objects.create(platform=platform, deployment_id=self.deployment_id, school_id=school_id)
        return platform

    def claims(self, nonce: str, /, **changes: Any) -> dict[str, Any]:
        """A right message; `changes` are by short name (`roles`) or full claim."""
        now = int(time.time())
        claims: dict[str, Any] = {
            "iss": self.issuer,
            "aud": self.client_id,
            "sub": "user-1",
            "iat": now,
            "exp": now + 60,
            "nonce": nonce,
            "name": "Robin Vale",
            CLAIM + "version": "1.3.0",
            CLAIM + "message_type": "LtiResourceLinkRequest",
            CLAIM + "deployment_id": self.deployment_id,
            CLAIM + "target_link_uri": LAUNCH_URL,
            CLAIM + "roles": [LEARNER],
            CLAIM + "resource_link": {"id": "link-1", "title": "Plan"},
            CLAIM + "context": {"id": "course-1", "title": "Science 8"},
        }
        for name, value in changes.items():
            full = CLAIM + name if CLAIM + name in claims or name in _SHORT else name
            if value is REMOVE:
                claims.pop(full, None)
            else:
                claims[full] = value
        return claims

    def sign(self, claims: Any, *, key: Any = None, algorithm: str = "RS256", **header: Any) -> str:
        headers = {"kid": self.kid, **header}
        headers = {name: value for name, value in headers.items() if value is not REMOVE}
        return jwt.PyJWS().encode(json.dumps(claims).encode(), key or self.key, algorithm, headers)

    def login(self, browser: Client, *, method: str = "get", **changes: Any) -> HttpResponse:
        sent = {
            "iss": self.issuer,
            "client_id": self.client_id,
            "login_hint": "hint-1",
            "target_link_uri": LAUNCH_URL,
            **changes,
        }
        sent = {name: value for name, value in sent.items() if value is not REMOVE}
        headers = sent.pop("headers", {})
        return getattr(browser, method)("/lti/login", sent, headers=headers)

    def begin(self, browser: Client, **changes: Any) -> dict[str, str]:
        """A login up to the platform's authentication address; returns the request that arrives there."""
        answer = self.login(browser, **changes)
        assert answer.status_code == 302, answer.content
        return dict(parse_qsl(urlsplit(answer["Location"]).query))

    def launch(self, browser: Client, *, header: dict[str, Any] | None = None, **changes: Any) -> HttpResponse:
        """The whole way; `changes` are of the claims, `header` of the token's header and signing."""
        asked = self.begin(browser)
        token = self.sign(self.claims(asked["nonce"], **changes), **(header or {}))
        return browser.post("/lti/launch", {"state": asked["state"], "id_token": token})

    def launch_raw(self, browser: Client, claims: Any) -> HttpResponse:
        """The whole way with a payload as it is; a dict's `nonce` is made right."""
        asked = self.begin(browser)
        if isinstance(claims, dict) and claims.get("nonce") == "right":
            claims = {**claims, "nonce": asked["nonce"]}
        return browser.post("/lti/launch", {"state": asked["state"], "id_token": self.sign(claims)})


_SHORT = {
    "launch_presentation", "custom", "tool_platform", "lis", "role_scope_mentor", "for_user", "lti1p1",
}  # fmt: skip


def school(name: str = "Alder School") -> uuid.UUID:
    return plans.create_school(name)


def connected(**changes: Any) -> FakePlatform:
    """A platform registered for a new school."""
    platform = FakePlatform(**changes)
    platform.register(school(f"School of {platform.issuer} {platform.client_id}"))
    return platform


def unsigned(claims: dict[str, Any], **header: Any) -> str:
    """A token without a signature, `alg` none."""

    def part(value: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    return f"{part({'alg': 'none', 'typ': 'JWT', **header})}.{part(claims)}."
