"""The token endpoint's grant, and the check of the tokens that it gave.

A token is a signed JWT (RFC 9068) bound to the platform as its audience, to one client and to exact scopes; in which
courses that client is allowed is read anew at each use. Nothing is stored but the ids of used assertions.
"""

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import jwt
from django.db import IntegrityError, transaction
from jwt import InvalidTokenError
from lti1p3platform.ltiplatform import AccessTokenResponse

from ilp_xblock.models import Tool, UsedAssertion, digest

from . import keys
from .configuration import ACCESS_TOKEN_SECONDS, CLOCK_SKEW_SECONDS, issuer
from .forgetting import forget_expired
from .tool_platform import InvalidMessage, ToolPlatform, unverified_header, unverified_issuer
from .tools import find_tool

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
TOKEN_TYPE = "at+jwt"  # noqa: S105 - RFC 9068, section 2.1


class OAuthError(Exception):
    """An error for the client, as RFC 6749 section 5.2 and RFC 6750 section 3.1 shape it."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(description)
        self.error = error
        self.description = description
        self.status = status


class SecretOffered(OAuthError):
    """The client names itself by a password. `basic`: in a header, so that its answer must name the scheme."""

    def __init__(self, *, basic: bool) -> None:
        super().__init__(
            "invalid_client", "Clients sign an assertion here (private_key_jwt), no secret is known.", 401
        )
        self.basic = basic


@dataclass(frozen=True, slots=True)
class Access:
    """What a valid bearer token lets its tool do."""

    tool: Tool
    scopes: frozenset[str]


class TokenPlatform(ToolPlatform):
    """The library's token methods, strict (S2-S7)."""

    def get_access_token(self, token_request_data: Mapping[str, Any]) -> AccessTokenResponse:
        """Exchange the tool's client assertion for a token. OAuthError says what is wrong with the request."""
        self._check_assertion(token_request_data["client_assertion"])
        asked = str(token_request_data["scope"]).split()
        granted = [scope for scope in dict.fromkeys(asked) if scope in self.tool.scopes]
        if not granted:
            raise OAuthError("invalid_scope", "None of these scopes is granted to this tool.")
        now = int(time.time())
        claims = {
            "iss": issuer(),
            "aud": issuer(),
            "sub": self.tool.client_id,
            "client_id": self.tool.client_id,
            "scope": " ".join(granted),
            "iat": now,
            "exp": now + ACCESS_TOKEN_SECONDS,
            "jti": secrets.token_urlsafe(16),
        }
        return {
            "access_token": keys.sign(claims, typ=TOKEN_TYPE),
            "token_type": "Bearer",
            "expires_in": ACCESS_TOKEN_SECONDS,
            "scope": " ".join(granted),
        }

    def validate_token(
        self, token: str, allowed_scopes: list[str] | None = None, audience: str | None = None
    ) -> bool:
        """Whether this tool's token holds *every* one of the scopes."""
        try:
            access = read_token(token)
        except OAuthError:
            return False
        return access.tool.pk == self.tool.pk and access.scopes.issuperset(allowed_scopes or ())

    def _check_assertion(self, assertion: str) -> None:
        try:
            claims = self.tool_validate_and_decode(assertion)
        except InvalidMessage as error:
            raise OAuthError("invalid_client", f"Client assertion refused: {error}.", 401) from error
        if claims["sub"] != self.tool.client_id:
            raise OAuthError("invalid_client", "Client assertion refused: its subject is not the client.", 401)
        expires = datetime.fromtimestamp(claims["exp"] + CLOCK_SKEW_SECONDS, UTC)
        try:
            with transaction.atomic():
                UsedAssertion.objects.create(tool=self.tool, jti_hash=digest(claims["jti"]), expires=expires)
        except IntegrityError as error:
            raise OAuthError("invalid_client", "Client assertion refused: it was used before.", 401) from error


def grant(data: Mapping[str, str], authorization: str = "") -> AccessTokenResponse:
    """Answer a token request: client credentials by a signed assertion (LTI Security Framework, section 4.1).

    A header `authorization` beside an assertion is some gateway's and passed over.
    """
    if not data.get("grant_type"):
        raise OAuthError("invalid_request", "grant_type is missing.")
    if data["grant_type"] != "client_credentials":
        raise OAuthError("unsupported_grant_type", "Only client_credentials is supported.")
    basic = authorization.lower().startswith("basic ")
    if not data.get("client_assertion") and (basic or data.get("client_secret")):
        raise SecretOffered(basic=basic)
    if data.get("client_assertion_type") != ASSERTION_TYPE:
        raise OAuthError("invalid_request", f"client_assertion_type must be {ASSERTION_TYPE}.")
    if not data.get("client_assertion"):
        raise OAuthError("invalid_request", "client_assertion is missing.")
    if not data.get("scope"):
        raise OAuthError("invalid_scope", "scope is missing.")
    try:
        client_id = unverified_issuer(data["client_assertion"])
    except InvalidMessage as error:
        raise OAuthError("invalid_client", f"Client assertion refused: {error}.", 401) from error
    tool = find_tool(client_id)
    if tool is None or data.get("client_id", client_id) != client_id:
        raise OAuthError("invalid_client", "The client is not registered here.", 401)
    forget_expired()
    return TokenPlatform(tool=tool).get_access_token(data)


def read_token(token: str) -> Access:
    """The access that a bearer token gives. OAuthError 401 for any token that the grant above did not give."""
    try:
        header = unverified_header(token)
        key = keys.public_key(header["kid"])
        if key is None or str(header.get("typ", "")).lower() != TOKEN_TYPE:
            raise InvalidMessage("not an access token")
        claims = jwt.decode(
            token,
            key,
            algorithms=[keys.ALGORITHM],
            audience=issuer(),
            issuer=issuer(),
            options={"require": ["iss", "aud", "sub", "scope", "exp", "iat", "jti"]},
        )
        if not isinstance(claims["scope"], str):
            raise InvalidMessage("not an access token")
    except (InvalidMessage, InvalidTokenError, ValueError, TypeError, OverflowError) as error:
        raise OAuthError("invalid_token", "The access token is not valid or has expired.", 401) from error
    tool = find_tool(claims["sub"])
    if tool is None:
        raise OAuthError("invalid_token", "The access token's client is not registered any more.", 401)
    # A scope taken from the tool since then is gone at once.
    return Access(tool, frozenset(claims["scope"].split()).intersection(tool.scopes))
