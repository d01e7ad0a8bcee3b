"""The tool in another site's frame, in real Chromium with third-party cookies blocked: two sites on loopback."""

import os
import threading
import time
from contextlib import contextmanager
from urllib.parse import urlencode

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection, connections
from playwright.sync_api import expect, sync_playwright
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response
from werkzeug.serving import make_server

from lti_tool.lti.models import LaunchSession
from tests.browser.serving import CHROMIUM, CHROMIUM_FLAGS
from tests.factories import lti

pytestmark = pytest.mark.browser

PANEL = "**/s/*/"


class DropsCookies:
    """A browser of the older kind, seen from the server: what is set inside a frame is not kept."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if request.headers.get("Sec-Fetch-Dest") == "iframe":
            response.cookies.clear()
        return response


class LMS:
    """A course page with one frame, an authentication address and, when told to, storage for its tools."""

    def __init__(self, server, tool: str) -> None:
        self.server, self.tool = server, tool
        self.origin = f"http://localhost:{server.port}"
        self.platform = lti.FakePlatform(issuer=self.origin, auth_url=self.origin + "/auth")
        self.storage_target = ""
        self.stores = True
        self.store = _STORAGE
        self.logins = 0
        server.expect_request("/course").respond_with_handler(self._course)
        server.expect_request("/auth").respond_with_handler(self._auth)
        server.expect_request("/favicon.ico").respond_with_data("")

    @property
    def target(self) -> str:
        return self.tool + "/lti/launch"

    def _course(self, request: Request) -> Response:
        query = {"iss": self.origin, "client_id": "client-1", "login_hint": "hint-1", "target_link_uri": self.target,
                 "course": request.args.get("id", "1")}  # fmt: skip
        if self.storage_target:
            query["lti_storage_target"] = self.storage_target
        store = self.store if self.stores else ""
        frame = f"<iframe name=tool src='{self.tool}/lti/login?{urlencode(query)}'>"
        page = f"<!doctype html><title>Course</title>{store}{frame}"
        return Response(page, content_type="text/html")

    def _auth(self, request: Request) -> Response:
        self.logins += 1
        claims = self.platform.claims(request.args["nonce"], target_link_uri=self.target)
        token = self.platform.sign(claims)
        page = (
            f"<!doctype html><form method=post action='{request.args['redirect_uri']}'>"
            f"<input name=state value='{request.args['state']}'><input name=id_token value='{token}'>"
            "</form><script>document.forms[0].submit()</script>"
        )
        return Response(page, content_type="text/html")


_STORAGE = """<script>
window.asked = [];
const kept = {};
addEventListener("message", (event) => {
  const said = event.data;
  if (!said || !["lti.put_data", "lti.get_data"].includes(said.subject)) return;
  window.asked.push([event.origin, said.subject]);
  const key = event.origin + said.key;
  if (said.subject === "lti.put_data") kept[key] = said.value;
  const answer = {subject: said.subject + ".response", message_id: said.message_id, key: said.key, value: kept[key]};
  event.source.postMessage(answer, event.origin);
});
</script>"""


# The course page stores nothing itself: a frame beside the tool's does, on the platform's own origin.
_STORAGE_IN_A_FRAME = "<iframe name='{name}' src='/store'></iframe>"
# Somebody else's frame in the same page answers the tool, and is told all that the question said.
_IMPOSTOR = """<iframe name=impostor src='{impostor}'></iframe><script>
addEventListener("message", (event) => {{
  if (event.data && event.data.subject === "lti.put_data") frames.impostor.postMessage(event.data, "*");
}});
</script>"""
_ANSWERS = """<script>
window.answered = 0;
addEventListener("message", (event) => {
  window.answered += 1;
  parent.frames.tool.postMessage(
    {subject: event.data.subject + ".response", message_id: event.data.message_id, key: event.data.key,
     value: event.data.value}, "*");
});
</script>"""


@pytest.fixture(scope="module")
def chromium():
    # Playwright's loop makes Django believe that these tests are async.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_FLAGS)
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def keeps_cookies() -> bool:
    return True


@pytest.fixture
def lms(httpserver, keeps_cookies, transactional_db, settings):
    if not keeps_cookies:
        settings.MIDDLEWARE = [*settings.MIDDLEWARE, f"{__name__}.DropsCookies"]
    settings.ALLOWED_HOSTS = ["127.0.0.1"]
    with serving() as url:
        settings.ILP_BASE_URL = url
        there = LMS(httpserver, url)
        there.platform.register(lti.school())
        yield there


@contextmanager
def serving():
    """The tool in threads of this process, over this test's database."""
    django, shared = WSGIHandler(), connection.inc_thread_sharing() or connections["default"]

    def application(environ, start_response):
        connections["default"] = shared
        return django(environ, start_response)

    server = make_server("127.0.0.1", 0, application, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join(timeout=10)
        server.server_close()
        connection.dec_thread_sharing()


without_cookies = pytest.mark.parametrize("keeps_cookies", [False])


@pytest.fixture
def page(chromium):
    context = chromium.new_context()
    context.set_default_timeout(30_000)
    yield context.new_page()
    context.close()


@pytest.fixture
def unhurried(page):
    """A page whose seconds are ten: a storage that answers is heard, however busy this machine is."""
    page.add_init_script("const soon = setTimeout; window.setTimeout = (what, after) => soon(what, 10 * after);")


def tool_frame(page):
    return page.frame(name="tool")


def open_course(page, lms, course="1"):
    page.goto(f"{lms.origin}/course?id={course}")
    return tool_frame(page)


def test_a_launch_in_a_frame_ends_in_the_panel_and_survives_a_reload(lms, page):
    frame = open_course(page, lms)
    frame.wait_for_url(PANEL)
    with page.expect_response(lambda response: "/s/" in response.url) as reloaded:
        frame.evaluate("location.reload()")
    assert reloaded.value.status == 200
    assert lms.logins == 1
    assert LaunchSession.objects.get().in_cookie


def test_the_second_launch_of_a_browser_takes_one_redirect_less(lms, page):
    seen: list[str] = []
    page.on("request", lambda request: seen.append(request.url) if "/lti/login" in request.url else None)
    open_course(page, lms).wait_for_url(PANEL)
    assert len(seen) == 2
    seen.clear()
    open_course(page, lms).wait_for_url(PANEL)
    assert len(seen) == 1


@pytest.mark.trust("T62")
def test_a_copied_address_shows_nothing_in_another_browser(lms, page, chromium):
    frame = open_course(page, lms)
    frame.wait_for_url(PANEL)
    stranger = chromium.new_context().new_page()
    assert stranger.goto(frame.url).status == 401


@pytest.mark.trust("T62")
def test_a_copied_address_shows_nothing_in_a_tab_of_the_same_browser(lms, page):
    frame = open_course(page, lms)
    frame.wait_for_url(PANEL)
    assert page.context.new_page().goto(frame.url).status == 401


def test_two_courses_in_two_tabs_stay_apart(lms, page):
    first = open_course(page, lms)
    first.wait_for_url(PANEL)
    other = page.context.new_page()
    second = open_course(other, lms, "2")
    second.wait_for_url(PANEL)
    assert first.url != second.url
    with page.expect_response(lambda response: "/s/" in response.url) as reloaded:
        first.evaluate("location.reload()")
    assert reloaded.value.status == 200


@pytest.mark.usefixtures("unhurried")
@without_cookies
def test_without_any_cookie_the_platforms_storage_binds_the_browser(lms, page):
    lms.storage_target = "_parent"
    open_course(page, lms).wait_for_url(PANEL)
    assert page.evaluate("window.asked") == [[lms.tool, "lti.put_data"], [lms.tool, "lti.get_data"]]
    assert not LaunchSession.objects.get().in_cookie
    assert not page.context.cookies(lms.tool)


@without_cookies
def test_storage_that_does_not_answer_leads_to_a_tab_of_its_own_before_the_platform_is_asked(lms, page):
    lms.storage_target, lms.stores = "_parent", False
    frame = open_course(page, lms)
    begun = time.monotonic()
    expect(frame.get_by_role("button", name="Open in a new tab")).to_be_visible()
    assert time.monotonic() - begun < 5
    assert lms.logins == 0


@pytest.mark.usefixtures("unhurried")
@without_cookies
@pytest.mark.parametrize("name", ["lti_storage_frame", "post_message_forwarding", "a frame's name, of any kind"])
def test_storage_in_a_frame_of_any_name_binds_the_browser(lms, page, httpserver, name):
    httpserver.expect_request("/store").respond_with_data(_STORAGE, content_type="text/html")
    lms.storage_target, lms.store = name, _STORAGE_IN_A_FRAME.format(name=name.replace("'", "&#39;"))
    open_course(page, lms).wait_for_url(PANEL)
    asked = page.frame(name=name).evaluate("window.asked")
    assert asked == [[lms.tool, "lti.put_data"], [lms.tool, "lti.get_data"]]
    assert not LaunchSession.objects.get().in_cookie


@pytest.mark.usefixtures("unhurried")
@without_cookies
@pytest.mark.parametrize("name", ["_top", "nowhere", "</script><script>alert(1)</script>", "constructor", "x" * 300])
def test_a_frame_that_is_not_there_is_answered_for_by_the_course_page(lms, page, name):
    lms.storage_target = name
    open_course(page, lms).wait_for_url(PANEL)
    assert len(page.evaluate("window.asked")) == 2


@pytest.mark.trust("T60")
@without_cookies
def test_an_answer_from_another_origin_is_ignored(lms, page):
    with HTTPServer(host="127.0.0.1", threaded=True) as elsewhere:
        elsewhere.expect_request("/impostor").respond_with_data(_ANSWERS, content_type="text/html")
        lms.storage_target, lms.store = "_parent", _IMPOSTOR.format(impostor=elsewhere.url_for("/impostor"))
        frame = open_course(page, lms)
        expect(frame.get_by_role("button", name="Open in a new tab")).to_be_visible()
        assert page.frame(name="impostor").evaluate("window.answered") == 1
    assert lms.logins == 0


@without_cookies
@pytest.mark.parametrize(
    ("changed", "to"),
    [
        ("message_id: said.message_id", "message_id: 'another'"),
        ('said.subject + ".response"', "said.subject"),
        ("message_id: said.message_id", "message_id: said.message_id, error: {code: 'storage_exhaustion'}"),
    ],
    ids=["to another question", "under another subject", "that the platform cannot"],
)
def test_an_answer(lms, page, changed, to):
    assert changed in _STORAGE
    lms.storage_target, lms.store = "_parent", _STORAGE.replace(changed, to)
    frame = open_course(page, lms)
    expect(frame.get_by_role("button", name="Open in a new tab")).to_be_visible()
    assert lms.logins == 0


@pytest.mark.trust("T60")
@pytest.mark.usefixtures("unhurried")
@without_cookies
def test_a_storage_that_kept_nothing_opens_nothing(lms, page):
    lms.storage_target, lms.store = "_parent", _STORAGE.replace("kept[key] = said.value", "kept[key] = ''")
    frame = open_course(page, lms)
    expect(frame.get_by_role("button", name="Open in a new tab")).to_be_visible()
    assert lms.logins == 1
    assert "/s/" not in frame.url


@pytest.mark.trust("T60")
@pytest.mark.usefixtures("unhurried")
@without_cookies
def test_a_storage_that_says_something_else_opens_nothing(lms, page):
    lms.storage_target = "_parent"
    lms.store = _STORAGE.replace("kept[key] = said.value", "kept[key] = 'x'.repeat(64)")
    with page.expect_response(lambda response: "/s/" in response.url) as opened:
        open_course(page, lms)
    assert opened.value.status == 401


@pytest.mark.trust("T60")
@without_cookies
def test_without_cookie_or_storage_the_login_starts_again_in_a_tab_of_its_own(lms, page):
    frame = open_course(page, lms)
    button = frame.get_by_role("button", name="Open in a new tab")
    expect(button).to_be_visible()
    assert lms.logins == 0
    with page.context.expect_page() as opened:
        button.click()
    opened.value.wait_for_url(PANEL)
    assert opened.value.reload().status == 200


@pytest.mark.trust("T64")
def test_only_the_platform_may_show_the_tool_in_a_frame(lms, page, httpserver):
    frame = open_course(page, lms)
    frame.wait_for_url(PANEL)
    hostile = f"http://127.0.0.1:{httpserver.port}/hostile"
    httpserver.expect_request("/hostile").respond_with_data(
        f"<iframe name=tool src='{frame.url}'>", content_type="text/html"
    )
    page.goto(hostile)
    assert "chrome-error" in tool_frame(page).url or not tool_frame(page).locator("main").count()
