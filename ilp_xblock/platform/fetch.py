"""The platform's few outbound requests: a tool's public keys, and its registration link.

The address belongs to somebody else, so: https, no private address (checked on the very address that is connected to,
so a name that changes its answer between check and connection gains nothing), no redirects, no proxies, one deadline
for the whole exchange, a cap on the size (S15; T72). The development setting allows http and private addresses.
"""

import ipaddress
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit, urlunsplit

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError

from .configuration import development

TIMEOUT_SECONDS = 5.0
MAX_BYTES = 500_000
CHUNK = 16_384
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class FetchError(Exception):
    """The request got no answer that may be used. The message is for an operator; it quotes nothing of the answer."""


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes


def check_url(url: str) -> None:
    """Raise FetchError unless the address may be fetched or sent to: absolute, https, no credentials or fragment."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        raise FetchError("not an address") from error
    schemes = ("https", "http") if development() else ("https",)
    if parts.scheme not in schemes:
        raise FetchError("the address must begin with https://")
    if not parts.hostname or "@" in parts.netloc or parts.fragment or any(c <= " " for c in url) or "\\" in url:
        raise FetchError("not a plain address of a host")
    if not development() and _private_host(parts.hostname):
        raise FetchError("the address is on a private network")


def get(url: str, *, params: Mapping[str, str] | None = None, timeout: float = TIMEOUT_SECONDS) -> Answer:
    """GET the address. FetchError when it is refused, fails, is slow, redirects or answers too much."""
    check_url(url)
    parts = urlsplit(url)
    query = "&".join(part for part in (parts.query, urlencode(params or {})) if part)
    deadline = time.monotonic() + timeout
    with urllib3.PoolManager(num_pools=1) as manager:
        manager.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}
        try:
            response = manager.request(
                "GET",
                urlunsplit(parts._replace(query=query)),
                headers={"Accept": "application/json, text/html;q=0.5", "User-Agent": "ilp-xblock"},
                timeout=urllib3.Timeout(connect=timeout, read=timeout),
                redirect=False,
                retries=False,
                preload_content=False,
                decode_content=False,
            )
            with response:
                if 300 <= response.status < 400:
                    raise FetchError("the address redirects elsewhere")
                body = b""
                while chunk := response.read1(CHUNK):
                    body += chunk
                    if len(body) > MAX_BYTES:
                        raise FetchError("the answer is too large")
                    if time.monotonic() > deadline:
                        raise FetchError("the answer took too long")
        except (HTTPError, OSError, ValueError) as error:
            raise FetchError(f"no answer ({type(error).__name__})") from error
    return Answer(response.status, body)


def is_private(address: str) -> bool:
    """Whether an IP address is anything but a public unicast one, also when wrapped in an IPv6 form of IPv4."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        if ip in _NAT64:
            ip = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        else:
            ip = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None) or ip
    return not ip.is_global or ip.is_multicast


def _private_host(host: str) -> bool:
    try:
        return is_private(host)
    except ValueError:
        return host == "localhost" or host.endswith((".localhost", ".local", ".internal"))


def _connect(connection: HTTPConnection) -> socket.socket:
    """A socket to the first public address of the connection's host; the name is resolved here and only once."""
    try:
        found = socket.getaddrinfo(connection._dns_host, connection.port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise NewConnectionError(connection, "the host has no address") from error
    if not development() and any(is_private(str(entry[4][0])) for entry in found):
        raise NewConnectionError(connection, "the host is on a private network")
    timeout = connection.timeout if isinstance(connection.timeout, int | float) else TIMEOUT_SECONDS
    failure: OSError | None = None
    for family, kind, protocol, _, sockaddr in found:
        sock = socket.socket(family, kind, protocol)
        sock.settimeout(timeout)
        try:
            sock.connect(sockaddr)
        except OSError as error:
            sock.close()
            failure = error
        else:
            return sock
    if isinstance(failure, TimeoutError):
        raise ConnectTimeoutError(connection, "the host did not answer") from failure
    raise NewConnectionError(connection, "the host refused the connection") from failure


class _Connection(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        return _connect(self)


class _SecureConnection(HTTPSConnection):
    def _new_conn(self) -> socket.socket:
        return _connect(self)


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection
