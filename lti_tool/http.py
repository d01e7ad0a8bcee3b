"""The one way out: every request the tool makes to another server goes through here.

What holds for each of them (T72, OWASP SSRF prevention): https only; no redirect is followed; no connection to a
private, loopback, link-local or reserved address, checked on the very address the socket connects to, so that a
name cannot resolve to one thing when looked at and to another when used; a time limit; a cap on the bytes read;
no cookies, no proxy from the environment; at most `settings.ILP_HTTP_CONCURRENCY` requests under way per origin.
`settings.ILP_DEVELOPMENT` also lets plain http and loopback pass; `settings.ILP_HTTP_ORIGINS` names origins an
operator trusts as they are (an LMS inside the school's own network, a job file's servers).

Failures are typed and carry a `code` that the panel turns into a sentence:

    unreachable slow refused unauthorised forbidden throttled failing broken too_large private_address redirected
    certificate

`permanent` failures are not worth another try. Neither messages nor logs hold a path, query or body (T76).
"""

import asyncio
import ipaddress
import json as jsonlib
import logging
import random
import socket
import time
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Any, ClassVar, Self

import aiohttp
from aiohttp.abc import AbstractResolver
from django.conf import settings
from multidict import CIMultiDictProxy
from yarl import URL

log = logging.getLogger(__name__)

IDEMPOTENT = frozenset({"GET", "HEAD", "PUT", "DELETE"})
ATTEMPTS = 5  # tries in all
FIRST_WAIT_SECONDS = 0.1  # doubled each time, with full jitter
SPARE_WALKS = 8
NAT64 = ipaddress.ip_network("64:ff9b::/96")


class HttpError(Exception):
    """An outbound request that gave nothing usable. `code` names why; `retry_after` is seconds, when told."""

    code: ClassVar[str] = "broken"
    permanent: ClassVar[bool] = True
    most_tries: int = ATTEMPTS

    def __init__(self, detail: str = "", *, status: int | None = None, retry_after: float | None = None) -> None:
        super().__init__(f"{self.code}: {detail}" if detail else self.code)
        self.status = status
        self.retry_after = retry_after


class Unreachable(HttpError):
    """No connection, or it broke off."""

    code, permanent = "unreachable", False


class Slow(HttpError):
    """No whole answer within the time limit. One more try, no more: whoever is behind in its work is not helped."""

    code, permanent, most_tries = "slow", False, 2


class Failing(HttpError):
    """The server says it failed (5xx)."""

    code, permanent = "failing", False


class Throttled(HttpError):
    """We ask too often (429, or Canvas's 403 with its rate-limit header)."""

    code, permanent = "throttled", False


class Broken(HttpError):
    """An answer that is not what it should be: cut short, not JSON, the wrong shape."""


class Refused(HttpError):
    """The server refuses the request as it is (4xx), or the address may not be asked at all."""

    code = "refused"


class Unauthorised(Refused):
    """401: the token or signature was not taken."""

    code = "unauthorised"


class Forbidden(Refused):
    """403: known, and not allowed."""

    code = "forbidden"


class Redirected(Refused):
    """The server sends us elsewhere; we do not go."""

    code = "redirected"


class PrivateAddress(Refused):
    """The host is, or resolves to, an address inside a private network."""

    code = "private_address"


class BadCertificate(Refused):
    """TLS could not be verified."""

    code = "certificate"


class TooLarge(HttpError):
    """More bytes than `settings.ILP_HTTP_MAX_BYTES`, after decompression."""

    code = "too_large"


@dataclass(frozen=True, slots=True)
class Response:
    """A 2xx answer, read whole. `headers` are case-insensitive and keep repeated ones."""

    status: int
    headers: CIMultiDictProxy[str]
    body: bytes

    def json(self) -> Any:
        """The body as JSON. Raises Broken, with nothing of the body in it."""
        try:
            return jsonlib.loads(self.body)
        except (ValueError, RecursionError):
            raise Broken("not JSON", status=self.status) from None


def origin(url: str) -> str:
    """`scheme://host:port` of an absolute URL, lower-cased, the port always written. Raises Refused."""
    try:
        parsed = URL(url, encoded=True)
        if parsed.scheme.lower() in {"http", "https"} and parsed.raw_host and parsed.port and parsed.user is None:
            return f"{parsed.scheme.lower()}://{parsed.raw_host.lower()}:{parsed.port}"
    except ValueError:
        pass
    raise Refused("not a web address")


def is_public(address: str) -> bool:
    """Whether an IP address is on the public internet, also when it wraps an IPv4 address in IPv6."""
    ip = ipaddress.ip_address(address)
    if isinstance(ip, ipaddress.IPv6Address):
        wrapped = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if wrapped is None and ip in NAT64:
            wrapped = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if wrapped is not None:
            return is_public(str(wrapped))
    return ip.is_global and not ip.is_multicast and not ip.is_reserved and not ip.is_unspecified


class _AddressRefused(OSError):
    """Inside the connector only, where an OSError means "this address cannot be used"."""


def _guarded_socket(addr_info: tuple[Any, ...]) -> socket.socket:
    """The last look before connecting: here the address is the one used, whatever the name said earlier."""
    family, kind, proto, _, sockaddr = addr_info
    address = str(sockaddr[0])
    if not is_public(address) and not (settings.ILP_DEVELOPMENT and ipaddress.ip_address(address).is_loopback):
        raise _AddressRefused("address refused")
    return socket.socket(family=family, type=kind, proto=proto)


class Outbound:
    """One asyncio loop's session: `async with Outbound() as out: await out.request("GET", url)`.

    `allow` adds trusted origins to the operator's. `concurrency` bounds the requests under way per origin; a
    request waiting for its next try holds no place.
    """

    def __init__(
        self,
        *,
        allow: Collection[str] = (),
        concurrency: int | None = None,
        timeout: float | None = None,
        resolver: AbstractResolver | None = None,
    ) -> None:
        self._allowed = {origin(url) for url in (*settings.ILP_HTTP_ORIGINS, *allow)}
        self._concurrency = concurrency or settings.ILP_HTTP_CONCURRENCY
        self._timeout = aiohttp.ClientTimeout(total=timeout or settings.ILP_HTTP_TIMEOUT_SECONDS)
        self._resolver = resolver
        self._sessions: dict[bool, aiohttp.ClientSession] = {}
        self._places: dict[str, asyncio.Semaphore] = {}
        # For readers of many paged lists: how many lists to walk at once. A few more than requests, so that a list
        # whose rows are being stored costs no pace; not all of them, so that lists end, and are stored, all the time.
        self.walks = asyncio.Semaphore(self._concurrency + SPARE_WALKS)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for session in self._sessions.values():
            await session.close()

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        json: object = None,
        data: Mapping[str, str] | bytes | None = None,
        accept: str = "application/json",
        purpose: str = "",
        attempts: int = ATTEMPTS,
        patience: float = 30.0,
        repeatable: bool | None = None,
        max_bytes: int | None = None,
    ) -> Response:
        """One answer, 2xx, whole. Tries again what may pass by itself, `attempts` times in all.

        `patience` is how many seconds may be spent waiting between tries; a longer Retry-After ends it at once.
        `repeatable` says whether a second try can do harm (default: the method is idempotent, RFC 9110, 9.2.2).
        Raises HttpError.
        """
        target, session, place = self._admit(url)
        sent = {"Accept": accept, **(headers or {})}
        cap = max_bytes or settings.ILP_HTTP_MAX_BYTES

        async def once() -> Response:
            async with place:
                return await self._once(session, method, target, sent, json, data, cap)

        again = method in IDEMPOTENT if repeatable is None else repeatable
        return await persist(once, attempts=attempts if again else 1, patience=patience, purpose=purpose)

    def _admit(self, url: str) -> tuple[URL, aiohttp.ClientSession, asyncio.Semaphore]:
        """The parsed address, and the session and queue for its origin. Raises Refused."""
        where = origin(url)
        trusted = where in self._allowed
        if not trusted and not settings.ILP_DEVELOPMENT and not where.startswith("https:"):
            raise Refused("not https")
        if trusted not in self._sessions:
            self._sessions[trusted] = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    limit=0,
                    resolver=self._resolver,
                    socket_factory=None if trusted else _guarded_socket,
                ),
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=self._timeout,
                headers={"User-Agent": "ilp-panel"},
            )
        place = self._places.setdefault(where, asyncio.Semaphore(self._concurrency))
        return URL(url, encoded=True), self._sessions[trusted], place

    async def _once(
        self,
        session: aiohttp.ClientSession,
        method: str,
        url: URL,
        headers: Mapping[str, str],
        json: object,
        data: Mapping[str, str] | bytes | None,
        cap: int,
    ) -> Response:
        try:
            async with session.request(
                method, url, headers=headers, json=json, data=data, allow_redirects=False
            ) as answer:
                if answer.status >= 300:
                    raise _refusal(answer)
                return Response(answer.status, answer.headers, await _read(answer, cap))
        except TimeoutError:
            raise Slow(url.raw_host or "") from None
        except aiohttp.ClientConnectorCertificateError:
            raise BadCertificate(url.raw_host or "") from None
        except aiohttp.ClientConnectorError as error:
            if isinstance(error.os_error, _AddressRefused):
                raise PrivateAddress(url.raw_host or "") from None
            raise Unreachable(url.raw_host or "") from None
        except (aiohttp.InvalidURL, UnicodeError):
            raise Refused("not a web address") from None
        except aiohttp.ClientResponseError:
            raise Broken(url.raw_host or "") from None
        except (aiohttp.ClientError, OSError):
            raise Unreachable(url.raw_host or "") from None


async def persist(
    once: Callable[[], Awaitable[Response]], *, attempts: int = ATTEMPTS, patience: float = 30.0, purpose: str = ""
) -> Response:
    """Await `once()` again while it raises what may pass by itself. See `Outbound.request`. Raises HttpError."""
    waited = 0.0
    number = 1
    while True:
        try:
            return await once()
        except HttpError as error:
            jitter = random.uniform(0, FIRST_WAIT_SECONDS * 2 ** (number - 1))  # noqa: S311 (not a secret)
            wait = (error.retry_after or 0.0) + jitter
            waited += wait
            if error.permanent or number >= min(attempts, error.most_tries) or waited > patience:
                log.info("outbound %s failed: %s after %d tries", purpose or "request", error, number)
                raise
        number += 1
        await asyncio.sleep(wait)


async def _read(answer: aiohttp.ClientResponse, cap: int) -> bytes:
    if (answer.content_length or 0) > cap:
        raise TooLarge
    parts: list[bytes] = []
    size = 0
    async for part in answer.content.iter_any():
        size += len(part)
        if size > cap:
            raise TooLarge
        parts.append(part)
    return parts[0] if len(parts) == 1 else b"".join(parts)


def _refusal(answer: aiohttp.ClientResponse) -> HttpError:
    """What a status that is not 2xx means."""
    status = answer.status
    told = retry_after(answer.headers.get("Retry-After", ""))
    host = answer.url.raw_host or ""
    if status < 400:
        return Redirected(host, status=status)
    if status == 429 or (status == 403 and "X-Rate-Limit-Remaining" in answer.headers and _spent(answer)):
        return Throttled(host, status=status, retry_after=told)
    if status >= 500 or status == 408:
        return Failing(host, status=status, retry_after=told)
    kind = {401: Unauthorised, 403: Forbidden}.get(status, Refused)
    return kind(host, status=status)


def _spent(answer: aiohttp.ClientResponse) -> bool:
    """Canvas answers 403 when its bucket is empty and counts down in a header (a float)."""
    try:
        return float(answer.headers["X-Rate-Limit-Remaining"]) <= 0
    except ValueError:
        return False


def retry_after(value: str) -> float | None:
    """Seconds a Retry-After header asks us to wait: a number or a date (RFC 9110, 10.2.3). None: not told."""
    text = value.strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - time.time())
    except (ValueError, TypeError):
        return None


def fetch(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    json: object = None,
    data: Mapping[str, str] | bytes | None = None,
    allow: Collection[str] = (),
    accept: str = "application/json",
    purpose: str = "",
    attempts: int = 2,
    patience: float = 2.0,
    timeout: float | None = None,
) -> Response:
    """One request from code that is not async, for a page that somebody waits for: few tries, little patience.

    `allow` names origins trusted beyond the operator's. Raises HttpError.
    """

    async def once() -> Response:
        async with Outbound(allow=allow, timeout=timeout) as out:
            return await out.request(
                method, url, headers=headers, json=json, data=data, accept=accept, purpose=purpose,
                attempts=attempts, patience=patience,
            )  # fmt: skip

    return asyncio.run(once())
