"""The platform's outbound requests go to public https addresses only, and end soon. The resolver is a stub."""

import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from ilp_xblock.platform import fetch

pytestmark = pytest.mark.trust("T72")
URL = "https://tool.example.org/jwks"


@pytest.fixture
def resolver(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, list[str]]]:
    """Names and the addresses they have. No connection is ever made to them."""
    names: dict[str, list[str]] = {}

    def getaddrinfo(host: str, port: int, *args: Any, **options: Any) -> list[Any]:
        if host not in names:
            raise socket.gaierror("unknown")
        return [
            (socket.AF_INET6 if ":" in ip else socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, port))
            for ip in names[host]
        ]

    class NoSocket:
        def __init__(self, *args: Any) -> None:
            pass

        def settimeout(self, timeout: float) -> None:
            pass

        def connect(self, address: Any) -> None:
            names.setdefault("connected", []).append(address[0])
            raise ConnectionRefusedError

        def close(self) -> None:
            pass

    monkeypatch.setattr(fetch.socket, "getaddrinfo", getaddrinfo)
    monkeypatch.setattr(fetch.socket, "socket", NoSocket)
    return names


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1",
        "fc00::1",
        "ff02::1",
        "::ffff:10.0.0.1",
        "64:ff9b::a00:1",
        "2002:a00:1::1",
    ],
)
def test_a_name_that_leads_to_a_private_address_is_not_connected_to(
    resolver: dict[str, list[str]], address: str
) -> None:
    resolver["tool.example.org"] = ["93.184.215.14", address]
    with pytest.raises(fetch.FetchError):
        fetch.get(URL)
    assert "connected" not in resolver


def test_the_address_that_was_checked_is_the_one_connected_to(resolver: dict[str, list[str]]) -> None:
    resolver["tool.example.org"] = ["93.184.215.14", "2606:2800:21f:cb07::1"]
    with pytest.raises(fetch.FetchError):
        fetch.get(URL)
    assert resolver["connected"] == ["93.184.215.14", "2606:2800:21f:cb07::1"]


def test_a_name_without_an_address_is_an_error(resolver: dict[str, list[str]]) -> None:
    with pytest.raises(fetch.FetchError):
        fetch.get(URL)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "tool.example.org",
        "http://tool.example.org/",
        "ftp://tool.example.org/",
        "file:///etc/passwd",
        "https:///nothing",
        "https://user:secret@tool.example.org/",
        "https://tool.example.org/#part",
        "https://tool.example.org:99999/",
        "https://tool.example.org\\@evil.example/",
        "https://tool.example.org/ x",
        "https://tool.example.org/\r\nX: y",
        "https://localhost/",
        "https://db.internal/",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://2130706433/",
        "https://0x7f.1/",
    ],
)
def test_an_address_that_is_not_plainly_public_is_refused(resolver: dict[str, list[str]], url: str) -> None:
    resolver["2130706433"] = resolver["0x7f.1"] = ["127.0.0.1"]  # as a resolver reads them
    with pytest.raises(fetch.FetchError):
        fetch.get(url)
    assert "connected" not in resolver


@pytest.fixture
def development(settings: Any) -> None:
    settings.ILP_DEVELOPMENT = True


@pytest.mark.usefixtures("development")
class TestOnThisMachine:
    """What the development setting allows, so that the rest can be seen."""

    def test_an_answer_comes_with_its_status(self, httpserver: HTTPServer) -> None:
        httpserver.expect_request("/jwks", query_string={"a": "b c"}).respond_with_data("{}", status=404)
        answer = fetch.get(httpserver.url_for("/jwks"), params={"a": "b c"})
        assert (answer.status, answer.body) == (404, b"{}")

    def test_parameters_join_those_of_the_address(self, httpserver: HTTPServer) -> None:
        httpserver.expect_request("/link", query_string={"one": "1", "two": "2"}).respond_with_data("ok")
        assert fetch.get(httpserver.url_for("/link?one=1"), params={"two": "2"}).status == 200

    def test_a_redirect_is_not_followed(self, httpserver: HTTPServer) -> None:
        httpserver.expect_request("/jwks").respond_with_data("", 302, {"Location": httpserver.url_for("/elsewhere")})
        with pytest.raises(fetch.FetchError, match="redirects"):
            fetch.get(httpserver.url_for("/jwks"))
        assert len(httpserver.log) == 1

    def test_an_answer_that_is_too_large_is_not_read_to_its_end(
        self, httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(fetch, "MAX_BYTES", 1000)
        httpserver.expect_request("/jwks").respond_with_data("x" * 100_000)
        with pytest.raises(fetch.FetchError, match="too large"):
            fetch.get(httpserver.url_for("/jwks"))

    def test_an_answer_that_drips_is_not_waited_for(self, httpserver: HTTPServer) -> None:
        def drip(_request: Request) -> Response:
            def parts() -> Iterator[bytes]:
                for _ in range(20):
                    time.sleep(0.1)
                    yield b"x"

            return Response(parts())

        httpserver.expect_request("/jwks").respond_with_handler(drip)
        start = time.monotonic()
        with pytest.raises(fetch.FetchError, match="too long"):
            fetch.get(httpserver.url_for("/jwks"), timeout=0.5)
        assert time.monotonic() - start < 1.5

    def test_silence_is_not_waited_for(self, httpserver: HTTPServer) -> None:
        httpserver.expect_request("/jwks").respond_with_handler(lambda _: time.sleep(1) or Response("late"))
        with pytest.raises(fetch.FetchError, match="no answer"):
            fetch.get(httpserver.url_for("/jwks"), timeout=0.2)

    def test_a_machine_that_refuses_is_an_error(self) -> None:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            port = taken.getsockname()[1]
        with pytest.raises(fetch.FetchError):
            fetch.get(f"http://127.0.0.1:{port}/")
