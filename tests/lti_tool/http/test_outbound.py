"""The one way out: what it refuses to ask, what it tries again, and what it makes of every answer."""

import asyncio
import socket
import time
from collections.abc import Callable, Iterator
from email.utils import formatdate
from typing import Any

import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult

from lti_tool import http
from tests.factories.lms import FakeLMS

pytestmark = pytest.mark.trust("T72")


@pytest.fixture
def lms() -> Iterator[FakeLMS]:
    with FakeLMS() as running:
        yield running


def answers(lms: FakeLMS, *given: web.Response | Callable[[], web.Response]) -> None:
    """The next answers, in order; the last one again and again."""
    left = list(given)

    async def intercept(_: web.Request) -> web.StreamResponse:
        chosen = left.pop(0) if len(left) > 1 else left[0]
        return chosen() if callable(chosen) else chosen

    lms.intercept = intercept


def status(code: int, **headers: str) -> Callable[[], web.Response]:
    return lambda: web.Response(status=code, text="", headers={k.replace("_", "-"): v for k, v in headers.items()})


def ask(lms: FakeLMS, **options: Any) -> http.Response:
    return http.fetch("GET", f"{lms.base}/anything", **options)


@pytest.mark.parametrize(
    "url",
    [
        "http://93.184.216.34/",
        "ftp://example.org/",
        "file:///etc/passwd",
        "https://user:secret@example.org/",
        "https://",
        "//example.org/",
        "https:///path",
        "javascript:alert(1)",
    ],
)
def test_only_https_addresses_are_asked(url: str, settings: Any) -> None:
    settings.ILP_DEVELOPMENT = False
    with pytest.raises(http.Refused):
        http.fetch("GET", url)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "127.1.2.3", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0", "100.64.0.1",
        "224.0.0.1", "255.255.255.255", "[::1]", "[::]", "[fe80::1]", "[fc00::1]", "[::ffff:127.0.0.1]",
        "[::ffff:10.0.0.1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "0x7f.1", "localhost",
    ],
)  # fmt: skip
def test_no_private_address_is_connected_to_however_it_is_written(host: str, settings: Any) -> None:
    settings.ILP_DEVELOPMENT = False
    with pytest.raises(http.PrivateAddress):
        http.fetch("GET", f"https://{host}/")


@pytest.mark.parametrize("host", ["2130706433", "0177.0.0.1", "017700000001"])
def test_numbers_posing_as_host_names_are_refused(host: str, settings: Any) -> None:
    settings.ILP_DEVELOPMENT = False
    with pytest.raises(http.Refused):
        http.fetch("GET", f"https://{host}/")


@pytest.mark.parametrize("address", ["10.1.2.3", "192.168.7.7", "169.254.169.254"])
def test_development_opens_loopback_and_nothing_else_private(address: str, settings: Any) -> None:
    settings.ILP_DEVELOPMENT = True
    with pytest.raises(http.PrivateAddress):
        http.fetch("GET", f"http://{address}/")


class Rebinding(AbstractResolver):
    """A name that is public when looked at first and private when connected to."""

    def __init__(self) -> None:
        self.asked = 0

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        self.asked += 1
        return [
            ResolveResult(
                hostname=host, host="10.0.0.7", port=port, family=socket.AF_INET, proto=0, flags=socket.AI_NUMERICHOST
            )
        ]

    async def close(self) -> None:
        """Nothing is held open."""


def test_a_public_name_that_resolves_to_a_private_address_is_not_connected_to(settings: Any) -> None:
    settings.ILP_DEVELOPMENT = False

    async def go() -> None:
        async with http.Outbound(resolver=Rebinding()) as out:
            await out.request("GET", "https://lms.example/")

    with pytest.raises(http.PrivateAddress):
        asyncio.run(go())


def test_an_origin_the_operator_named_is_asked_though_it_is_plain_and_private(lms: FakeLMS, settings: Any) -> None:
    settings.ILP_DEVELOPMENT = False
    answers(lms, status(204))
    with pytest.raises(http.Refused):
        ask(lms)
    assert ask(lms, allow=[lms.base]).status == 204
    settings.ILP_HTTP_ORIGINS = [lms.base]
    assert ask(lms).status == 204


def test_another_port_of_a_named_origin_is_not_named(lms: FakeLMS, settings: Any) -> None:
    settings.ILP_DEVELOPMENT = False
    with pytest.raises(http.Refused):
        http.fetch("GET", "http://127.0.0.1:9/", allow=[lms.base])


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed(lms: FakeLMS, code: int) -> None:
    answers(lms, status(code, Location="http://127.0.0.1:9/"))
    with pytest.raises(http.Redirected):
        ask(lms)
    assert lms.requests.total() == 1


@pytest.mark.parametrize(
    ("code", "kind", "tries"),
    [
        (400, http.Refused, 1),
        (401, http.Unauthorised, 1),
        (403, http.Forbidden, 1),
        (404, http.Refused, 1),
        (429, http.Throttled, 2),
        (500, http.Failing, 2),
        (503, http.Failing, 2),
    ],
)
def test_each_refusal_has_its_kind_and_only_passing_ones_are_tried_again(
    lms: FakeLMS, code: int, kind: type[http.HttpError], tries: int
) -> None:
    answers(lms, status(code))
    with pytest.raises(kind) as caught:
        ask(lms)
    assert type(caught.value) is kind
    assert caught.value.status == code
    assert lms.requests.total() == tries


def test_a_second_try_that_works_is_the_answer(lms: FakeLMS) -> None:
    answers(lms, status(503), status(429), status(204))
    assert ask(lms, attempts=3).status == 204


def test_what_may_do_harm_twice_is_not_sent_twice(lms: FakeLMS) -> None:
    answers(lms, status(503))
    with pytest.raises(http.Failing):
        http.fetch("POST", lms.base + "/anything", data={"a": "1"}, attempts=3)
    assert lms.requests.total() == 1


def test_canvas_s_403_with_an_empty_bucket_is_throttling(lms: FakeLMS) -> None:
    answers(lms, status(403, X_Rate_Limit_Remaining="0.0"), status(204))
    assert ask(lms).status == 204


def test_retry_after_is_waited_for(lms: FakeLMS) -> None:
    answers(lms, status(429, Retry_After="1"), status(204))
    began = time.monotonic()
    assert ask(lms).status == 204
    assert time.monotonic() - began >= 1.0


def test_a_longer_retry_after_than_our_patience_ends_at_once_and_is_told(lms: FakeLMS) -> None:
    answers(lms, status(429, Retry_After="3600"))
    began = time.monotonic()
    with pytest.raises(http.Throttled) as caught:
        ask(lms)
    assert caught.value.retry_after == 3600
    assert time.monotonic() - began < 2


def test_retry_after_may_be_a_date() -> None:
    assert http.retry_after(formatdate(time.time() + 60, usegmt=True)) == pytest.approx(60, abs=2)
    assert http.retry_after(formatdate(time.time() - 60, usegmt=True)) == 0
    assert http.retry_after("soon") is None
    assert http.retry_after("") is None


def test_nobody_listening_is_unreachable() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(http.Unreachable):
        http.fetch("GET", f"http://127.0.0.1:{port}/")


def test_an_answer_that_does_not_come_is_slow(lms: FakeLMS) -> None:
    lms.delay = 2
    with pytest.raises(http.Slow):
        ask(lms, timeout=0.2, attempts=1)


def test_a_body_that_does_not_end_is_cut_off(lms: FakeLMS, settings: Any) -> None:
    settings.ILP_HTTP_MAX_BYTES = 100_000

    async def endless(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse()
        await answer.prepare(request)
        for _ in range(1000):
            await answer.write(b"x" * 10_000)
        return answer

    lms.intercept = endless
    with pytest.raises(http.TooLarge):
        ask(lms)


def test_a_small_body_that_unpacks_to_a_huge_one_is_cut_off(lms: FakeLMS, settings: Any) -> None:
    settings.ILP_HTTP_MAX_BYTES = 100_000

    def bomb() -> web.Response:
        answer = web.Response(body=b"0" * 5_000_000)
        answer.enable_compression(web.ContentCoding.gzip)
        return answer

    answers(lms, bomb)
    with pytest.raises(http.TooLarge):
        ask(lms)


def test_html_where_json_was_asked_is_broken(lms: FakeLMS) -> None:
    answers(lms, lambda: web.Response(text="<html>Sign in</html>", content_type="text/html"))
    with pytest.raises(http.Broken):
        ask(lms).json()


def test_no_more_requests_are_under_way_than_set(lms: FakeLMS, settings: Any) -> None:
    settings.ILP_HTTP_CONCURRENCY = 3
    lms.delay = 0.02
    answers(lms, status(204))

    async def go() -> None:
        async with http.Outbound() as out:
            await asyncio.gather(*(out.request("GET", f"{lms.base}/{n}") for n in range(20)))

    asyncio.run(go())
    assert lms.most_at_once == 3


@pytest.mark.trust("T76")
def test_a_failure_tells_the_host_and_nothing_of_path_or_query(
    lms: FakeLMS, caplog: pytest.LogCaptureFixture
) -> None:
    answers(lms, status(500))
    caplog.set_level("DEBUG", logger="lti_tool")
    with pytest.raises(http.Failing) as caught:
        http.fetch("GET", f"{lms.base}/robin-vale?user_id=canary-1")
    assert "canary" not in caplog.text + str(caught.value)
    assert "robin" not in caplog.text + str(caught.value)


def test_no_cookie_is_kept_between_requests(lms: FakeLMS) -> None:
    seen: list[str] = []

    async def cookies(request: web.Request) -> web.StreamResponse:
        seen.append(request.headers.get("Cookie", ""))
        return web.Response(headers={"Set-Cookie": "session=1; Path=/"})

    lms.intercept = cookies

    async def go() -> None:
        async with http.Outbound() as out:
            for _ in range(2):
                await out.request("GET", f"{lms.base}/x")

    asyncio.run(go())
    assert seen == ["", ""]
