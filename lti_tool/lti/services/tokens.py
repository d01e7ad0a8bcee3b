"""Access tokens by client credentials with a signed assertion (1EdTech Security Framework 1.0, 4.1; RFC 7523).

One token per platform and scope set, kept in the process and, encrypted, in the database, until a minute before it
ends: a token per call gets tools throttled. Where the platform gives none, that is kept in its place: not
each read asks again.
"""

import asyncio
import hashlib
import time
import uuid
from collections import defaultdict
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated, NamedTuple, Protocol
from weakref import WeakKeyDictionary

from asgiref.sync import sync_to_async
from cryptography.fernet import InvalidToken
from pydantic import BaseModel, Field, ValidationError

from lti_tool.http import Broken, Outbound, Refused, Response, persist
from lti_tool.lti import keys
from lti_tool.lti.models import AccessToken


class Client(Protocol):
    """Who asks which platform for a token, and for what."""

    @property
    def platform_pk(self) -> int: ...
    @property
    def client_id(self) -> str: ...
    @property
    def token_url(self) -> str: ...
    @property
    def token_audience(self) -> str: ...
    @property
    def scopes(self) -> tuple[str, ...]: ...


SPARE_SECONDS = 60  # a token is not used in its last minute
ASSERTION_SECONDS = 60
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LONGEST_SECONDS = 86_400  # a token is not kept longer, whatever the platform says
TOGETHER_SECONDS = 86_400  # how long it is believed that scopes are refused together: each is asked for by itself
ALONE_SECONDS = 300  # how long, for one scope that somebody may be switching on now


class NotGiven(Refused):
    """The platform gives us no token for these scopes."""


class Grant(BaseModel):
    """A token endpoint's answer (RFC 6749, 5.1)."""

    access_token: Annotated[str, Field(min_length=1, max_length=8_000, pattern=r"^[\x21-\x7e]+$")]
    token_type: str = "Bearer"  # noqa: S105 (a kind, not a secret)
    expires_in: Annotated[int, Field(ge=0)] = 3600


class Token(NamedTuple):
    value: str  # blank: the platform gives none
    expires_at: float  # Unix time


Key = tuple[int, str, str, tuple[str, ...]]  # platform, where, as whom, for what
_tokens: dict[Key, Token] = {}
# Courses of one platform read side by side ask for one token: a lock per key within one outbound session.
_asking: WeakKeyDictionary[Outbound, defaultdict[Key, asyncio.Lock]] = WeakKeyDictionary()


class Tokens:
    """The tokens of one course's platform. Used from one event loop; asks the platform once at a time."""

    def __init__(self, out: Outbound, services: Client) -> None:
        self._out = out
        self._services = services

    async def current(self, needs: tuple[str, ...] = (), *, refused: str | None = None) -> str:
        """A token to use. `refused` is one the platform no longer takes: it is replaced, once for all callers.

        Some LMSs refuse all scopes where one of them is not allowed. Then it is a token for `needs` alone, those that
        the service at hand takes: what is not allowed shuts no other service. Raises HttpError.
        """
        wanted = self._services.scopes
        own = tuple(scope for scope in wanted if scope in needs)
        try:
            return await self._for(wanted, refused)
        except NotGiven:
            if own in {(), wanted}:
                raise
        return await self._for(own, refused)

    async def _for(self, scopes: tuple[str, ...], refused: str | None) -> str:
        key = (self._services.platform_pk, self._services.token_url, self._services.client_id, scopes)
        known = _tokens.get(key)
        if not (known and _usable(known, refused)):
            async with _asking.setdefault(self._out, defaultdict(asyncio.Lock))[key]:
                known = _tokens.get(key)
                if not (known and _usable(known, refused)):
                    known = await sync_to_async(_load)(key)
                if not (known and _usable(known, refused)):
                    known = await self._ask(scopes)
                    await sync_to_async(_save)(key, known)
                _tokens[key] = known
        if not known.value:
            raise NotGiven("no token for these scopes", status=HTTPStatus.BAD_REQUEST)
        return known.value

    async def _ask(self, scopes: tuple[str, ...]) -> Token:
        async def once() -> Response:
            # A fresh assertion for each try: platforms refuse a `jti` they have seen.
            assertion = await sync_to_async(self._assertion)()
            form = {
                "grant_type": "client_credentials",
                "client_assertion_type": ASSERTION_TYPE,
                "client_assertion": assertion,
                "scope": " ".join(scopes),
            }
            return await self._out.request("POST", self._services.token_url, data=form, purpose="token")

        try:
            answer = await persist(once, purpose="token")
        except Refused as refused:
            if refused.status != HTTPStatus.BAD_REQUEST:  # what RFC 6749, 5.2 has for a scope
                raise
            return Token("", time.time() + (TOGETHER_SECONDS if len(scopes) > 1 else ALONE_SECONDS))
        try:
            grant = Grant.model_validate_json(answer.body)
        except ValidationError:
            raise Broken("the token endpoint's answer is not a token") from None
        if grant.token_type.lower() != "bearer":
            raise Broken("not a bearer token")
        return Token(grant.access_token, time.time() + min(grant.expires_in, LONGEST_SECONDS))

    def _assertion(self) -> str:
        now = int(time.time())
        claims = {
            "iss": self._services.client_id,
            "sub": self._services.client_id,
            "aud": self._services.token_audience,
            "iat": now - 5,  # a platform's clock may be a little behind
            "exp": now + ASSERTION_SECONDS,
            "jti": uuid.uuid4().hex,
        }
        return keys.sign(claims, self._services.platform_pk)


def _scope_hash(key: Key) -> str:
    return hashlib.sha256(repr(key).encode()).hexdigest()


def _load(key: Key) -> Token | None:
    row = AccessToken.objects.filter(platform_id=key[0], scope_hash=_scope_hash(key)).first()
    if row is None:
        return None
    try:
        return Token(keys.decrypt(row.token).decode("ascii"), row.expires_at.timestamp())
    except InvalidToken:  # the secret it was encrypted with is gone: it is asked for anew
        return None


def _save(key: Key, token: Token) -> None:
    AccessToken.objects.update_or_create(
        platform_id=key[0],
        scope_hash=_scope_hash(key),
        defaults={"token": keys.encrypt(token.value), "expires_at": datetime.fromtimestamp(token.expires_at, UTC)},
    )


def _usable(token: Token, refused: str | None) -> bool:
    return token.value != refused and token.expires_at - SPARE_SECONDS > time.time()


def ask_anew(platform_pk: int) -> None:
    """Drop a platform's tokens and refusals: somebody who just switched something on looks whether it works."""
    AccessToken.objects.filter(platform_id=platform_pk).delete()
    for key in [key for key in list(_tokens) if key[0] == platform_pk]:
        _tokens.pop(key, None)


def forget() -> None:
    """Drop what this process remembers; the database keeps its copy."""
    _tokens.clear()
