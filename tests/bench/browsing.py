"""An LMS, its people and their browsers in one process: what drives the launch contenders.

Browsers speak plain HTTP over the contender's Unix socket and say, as the proxy in front of it would, that they came
by https. The LMS signs with a loaded key and publishes its key set on loopback.
"""

import asyncio
import json
import socket
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from tests.factories.lti import FakePlatform

HOST = "ilp.example"
TARGET = f"https://{HOST}/lti/launch"
KEPT = {"__Host-ilp-kept": "1"}  # of a browser that has been here before
COURSES, LINKS = 8, 2
PEOPLE_OF_OLD = 100_000  # below: people who come back
HEADERS = (
    f"Host: {HOST}\r\nConnection: close\r\nX-Forwarded-Proto: https\r\nX-Forwarded-For: 192.0.2.7\r\n"
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/146.0 Safari/537.36\r\n"
    "Accept: text/html\r\nAccept-Encoding: gzip, deflate, br\r\nAccept-Language: en-GB,en;q=0.9\r\n"
    "Sec-Fetch-Dest: iframe\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Site: cross-site\r\n"
)


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    location: str
    body: bytes


class Browser:
    """Keeps cookies, `Secure` ones too (the addresses are https), and forgets those that ran out."""

    def __init__(self, address: Path, cookies: dict[str, str] | None = None) -> None:
        self.address = str(address)
        self.cookies = dict(cookies or {})

    async def ask(self, address: str, form: dict[str, str] | None = None) -> Answer:
        """GET, or POST of a form. One connection a request, as proxies do it."""
        parts = urlsplit(address)
        asks = (
            f"{'GET' if form is None else 'POST'} {parts.path}{'?' + parts.query if parts.query else ''} HTTP/1.1\r\n"
        )
        body = b"" if form is None else urlencode(form).encode()
        head = asks + HEADERS
        if self.cookies:
            head += "Cookie: " + "; ".join(f"{name}={value}" for name, value in self.cookies.items()) + "\r\n"
        if form is not None:
            head += f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n"
        # Bare sockets: what drives the contenders shares the machine with them, so it must be light.
        loop = asyncio.get_running_loop()
        with socket.socket(socket.AF_UNIX) as connection:
            connection.setblocking(False)
            await loop.sock_connect(connection, self.address)
            await loop.sock_sendall(connection, head.encode() + b"\r\n" + body)
            parts = []
            while part := await loop.sock_recv(connection, 65_536):
                parts.append(part)
        return self._read(b"".join(parts))

    def _read(self, answer: bytes) -> Answer:
        head, _, body = answer.partition(b"\r\n\r\n")
        status, *lines = head.decode("latin-1").split("\r\n")
        location = ""
        for line in lines:
            name, _, value = line.partition(": ")
            if name.lower() == "location":
                location = value
            elif name.lower() == "set-cookie":
                self._keep(value)
        return Answer(int(status.split(" ", 2)[1]), location, body)

    def _keep(self, told: str) -> None:
        pair, *attributes = told.split("; ")
        name, _, value = pair.partition("=")
        if "max-age=0" in (attribute.lower() for attribute in attributes):
            self.cookies.pop(name, None)
        else:
            self.cookies[name] = value.strip('"')


@dataclass
class Lms:
    """Signs for its people, `user-0`, `user-1` and so on, each in one of its courses."""

    platform: FakePlatform = field(default_factory=FakePlatform)
    jwks_url: str = ""
    keys_take_ms: int = 0  # how far away its key set is; whoever keeps it does not notice

    async def publish(self) -> asyncio.Server:
        """Serve the key set on loopback."""
        body = json.dumps(self.platform.jwks()).encode()
        answer = (
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nCache-Control: max-age=3600\r\n"
            b"Connection: close\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
        )

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            await asyncio.sleep(self.keys_take_ms / 1000)
            writer.write(answer)
            await writer.drain()
            writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        self.jwks_url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/jwks"
        return server

    async def login(self, browser: Browser, person: int) -> dict[str, str]:
        """Start a login; returns the request that arrives at the authentication address."""
        asked = {
            "iss": self.platform.issuer,
            "client_id": self.platform.client_id,
            "login_hint": f"hint-{person}",
            "lti_message_hint": f"link-{person % (COURSES * LINKS)}",
            "lti_deployment_id": self.platform.deployment_id,
            "target_link_uri": TARGET,
        }
        answer = await browser.ask("/lti/login?" + urlencode(asked))
        if answer.status == 307:  # sent round once, to see whether a cookie comes back
            answer = await browser.ask(answer.location)
        if answer.status != 302:
            raise Failed(f"login: {answer.status}")
        return dict(parse_qsl(urlsplit(answer.location).query))

    def claims(self, nonce: str, person: int, /, **changes: Any) -> dict[str, Any]:
        course = person % COURSES
        told = {
            "sub": f"user-{person}",
            "name": f"Student {person}",
            "target_link_uri": TARGET,
            "context": {"id": f"course-{course}", "title": f"Science {course}"},
            "resource_link": {"id": f"link-{person % (COURSES * LINKS)}", "title": "Learning plan"},
        }
        return self.platform.claims(nonce, **(told | changes))

    async def launch(self, browser: Browser, person: int, *, to_page: bool = True) -> Answer:
        """Login, launch and, unless told otherwise, the page it leads to. Raises Failed when it leads to none."""
        asked = await self.login(browser, person)
        token = self.platform.sign(self.claims(asked["nonce"], person))
        answer = await browser.ask("/lti/launch", {"state": asked["state"], "id_token": token})
        if answer.status in {302, 303} and to_page:
            answer = await browser.ask(answer.location)
        if answer.status not in ({200} if to_page else {200, 302, 303}):
            raise Failed(f"launch: {answer.status}")
        return answer


class Failed(Exception):
    """A right launch that did not end with a page."""
