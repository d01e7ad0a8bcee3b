"""lti1p3platform's platform and registration, for one tool and one request, with its unsafe parts replaced.

The library's object keeps the token it looks at in itself (S16) and its registration holds PEM text that is read for
each signature (S17), so one is made for each request, and keys come from `keys` and `tool_keys`.
"""

import time
from collections.abc import Mapping
from typing import Any, TypeGuard

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt import InvalidSignatureError, InvalidTokenError
from lti1p3platform.ltiplatform import LTI1P3PlatformConfAbstract
from lti1p3platform.registration import Registration

from ilp_xblock.models import Tool

from . import keys
from .addresses import address
from .configuration import ASSERTION_SECONDS, CLOCK_SKEW_SECONDS, issuer
from .tool_keys import UnknownKey, renewed, tool_key
from .vocabulary import CLAIM, DEEP_LINKING_RESPONSE

MAX_JWT = 20_000  # characters


class InvalidMessage(Exception):
    """A tool's JWT that must not be believed. The message says why and quotes nothing of it."""


class ToolRegistration(Registration):  # type: ignore[misc]  # the library is untyped
    """The library's view of a tool. It holds no private key: signing goes through `keys`."""

    def __init__(self, tool: Tool) -> None:
        self.set_iss(issuer())
        self.set_client_id(tool.client_id)
        self.set_deployment_id(tool.deployment_id)
        self.set_oidc_login_url(tool.login_url)
        self.set_launch_url(tool.target_link_uri)
        self.set_tool_key_set_url(tool.jwks_url)

    def get_jwks(self) -> list[dict[str, Any]]:
        return keys.jwks()["keys"]

    def platform_encode_and_sign(self, payload: dict[str, Any], expiration: int | None = None) -> str:
        """Sign a copy of the payload; it always expires."""
        if not expiration:
            raise ValueError("a message must expire")
        now = int(time.time())
        return keys.sign(payload | {"iat": now, "exp": now + expiration})


class ToolPlatform(LTI1P3PlatformConfAbstract):  # type: ignore[misc]
    """The platform as one tool meets it, for one request."""

    def init_platform_config(self, *, tool: Tool) -> None:
        self.tool = tool
        self._registration = ToolRegistration(tool)

    def get_registration_by_params(self, **kwargs: Any) -> Registration:
        return self._registration

    def tool_validate_and_decode(self, jwt_token_string: str) -> dict[str, Any]:
        """The claims of a JWT that the tool signed and meant for this platform.

        Checks RS256 and the tool's key, `iss` is the client, `aud` is this platform, `exp` and `iat` are there, near
        and in order, `jti` is there (S1, S2; RFC 7523 section 3, LTI Security Framework section 4.1.1). The caller
        makes sure that the jti is used once. InvalidMessage otherwise.
        """
        claims = self._decode(jwt_token_string, [address("token"), issuer()], ["sub", "jti"])
        if not _is_text(claims["jti"]) or not claims["jti"]:
            raise InvalidMessage("the signed message has no id")
        return claims

    def validate_deeplinking_resp(self, token_request_data: Mapping[str, Any]) -> dict[str, Any]:
        """The claims of a deep linking response by this tool, for this platform, of the right type (S14).

        The caller makes sure of everything else that the response says. InvalidMessage otherwise.
        """
        claims = self._decode(str(token_request_data["JWT"]), [issuer()], ["nonce"])
        if claims.get(CLAIM + "message_type") != DEEP_LINKING_RESPONSE:
            raise InvalidMessage("not an answer to a question for content")
        return claims

    def _decode(self, token: str, audience: list[str], require: list[str]) -> dict[str, Any]:
        """The claims of this tool's JWT: its key, `iss`, `aud`, and a short life that is not over."""
        header = unverified_header(token)
        try:
            key = tool_key(self.tool, header["kid"])
        except UnknownKey as error:
            raise InvalidMessage(str(error)) from error
        try:
            try:
                claims = self._claims(token, key, audience, require)
            except InvalidSignatureError:
                newer = renewed(self.tool, header["kid"], key)
                if newer is None:
                    raise
                claims = self._claims(token, newer, audience, require)
        except (InvalidTokenError, ValueError, TypeError, OverflowError, RecursionError) as error:
            raise InvalidMessage(f"the signed message is not valid ({type(error).__name__})") from error
        _check_life(claims)
        return claims

    def _claims(self, token: str, key: RSAPublicKey, audience: list[str], require: list[str]) -> dict[str, Any]:
        claims: dict[str, Any] = jwt.decode(
            token,
            key,
            algorithms=[keys.ALGORITHM],
            audience=audience,
            issuer=self.tool.client_id,
            leeway=CLOCK_SKEW_SECONDS,
            options={"require": ["iss", "aud", "exp", "iat", *require]},
        )
        return claims


def unverified_header(token: str) -> dict[str, Any]:
    """The header of a JWT that may name a key: RS256 with a kid. Any jku, jwk or x5u in it is ignored."""
    if len(token) > MAX_JWT:
        raise InvalidMessage("the signed message is too long")
    try:
        header: dict[str, Any] = jwt.get_unverified_header(token)
    except (InvalidTokenError, ValueError, TypeError, RecursionError) as error:
        raise InvalidMessage("not a signed message") from error
    if header.get("alg") != keys.ALGORITHM:
        raise InvalidMessage("the message must be signed by RS256")
    if not isinstance(header.get("kid"), str) or not header["kid"]:
        raise InvalidMessage("the message names no key")
    return header


def unverified_issuer(token: str) -> str:
    """Who a JWT says it is from, to find whose keys to check it by. Never to be believed by itself."""
    unverified_header(token)
    try:
        claims = jwt.decode(token, options={"verify_signature": False})
    except (InvalidTokenError, ValueError, TypeError, RecursionError) as error:
        raise InvalidMessage("not a signed message") from error
    found = claims.get("iss") if isinstance(claims, dict) else None
    if not _is_text(found):
        raise InvalidMessage("the signed message has no issuer")
    return found


def _is_text(value: Any) -> TypeGuard[str]:
    """Whether it is text that a database takes: JSON can also write half a character of two (a lone surrogate)."""
    return isinstance(value, str) and not any("\ud800" <= character <= "\udfff" for character in value)


def _check_life(claims: dict[str, Any]) -> None:
    """PyJWT has seen that the message is neither expired nor from the future; this bounds how long it may live."""
    now = time.time()
    issued, expires = claims["iat"], claims["exp"]
    if not all(isinstance(moment, int | float) and not isinstance(moment, bool) for moment in (issued, expires)):
        raise InvalidMessage("the signed message's times are not numbers")
    limit = ASSERTION_SECONDS + CLOCK_SKEW_SECONDS
    if expires <= issued or expires > now + limit or issued < now - limit:
        raise InvalidMessage("the signed message lives too long")
