"""The host side of the panel in a real browser: a real LMS around it, and a tool that does what a test says."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
import requests
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Frame, Page, expect, sync_playwright

from tests.browser.serving import CHROMIUM, CHROMIUM_FLAGS, free_port
from tests.factories.school import AMARA, FORCES, PANEL, TEACHER

pytestmark = pytest.mark.browser
ROOT = Path(__file__).parents[3]
FRAME = """<!doctype html><html lang="en"><title>Tool</title><main><h1>The tool's page</h1><p>Words</p></main>
<script>heard = []; addEventListener("message", (event) => heard.push(event.data)); %s</script>"""
READY = 'parent.postMessage({subject: "ilp.ready"}, "*");'


class Tool(BaseHTTPRequestHandler):
    """A tool at which every launch ends on the page that `says`."""

    says = READY

    def do_GET(self) -> None:
        body = (FRAME % self.says).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def tool() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Tool)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def lms(tool: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    port, place = free_port(), tmp_path_factory.mktemp("lms")
    url = f"http://localhost:{port}"
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("ILP_", "DJANGO_"))} | {
        "ILP_VAR_DIR": str(place),
        "ILP_LMS_ENV_FILE": os.devnull,
        "ILP_LTI_ISSUER": url,
    }
    register = ["register_tool", "--name=Tool", f"--login-url={tool}/login", f"--launch-url={tool}/launch"]
    register += [f"--redirect-uri={tool}/launch", f"--jwks-url={tool}/jwks", f"--deep-linking-url={tool}/launch"]
    register += [f"--review-url={tool}/launch"]
    for command in (["migrate", "--run-syncdb", "-v0"], ["seed_course"], register):
        subprocess.run(
            [sys.executable, "-m", "ilp_xblock.workbench", *command],
            cwd=ROOT,
            env=environment,
            check=True,
            timeout=120,
            stdout=subprocess.DEVNULL,
        )
    arguments = ["ilp_xblock.workbench.wsgi:application", "--bind", f"127.0.0.1:{port}", "--threads", "8"]
    process = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", *arguments],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        end = time.monotonic() + 60
        while True:
            try:
                requests.get(url, timeout=5).raise_for_status()
                break
            except requests.ConnectionError:
                assert time.monotonic() < end
                time.sleep(0.2)
        yield url
    finally:
        process.terminate()
        process.wait(20)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    Tool.says = READY
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    opened = context.new_page()
    opened.set_default_timeout(15_000)
    yield opened
    context.close()


def unit(lms: str, sub: str = AMARA) -> str:
    return f"{lms}{FORCES}?student={sub}"


def frame(page: Page) -> Frame:
    page.wait_for_selector(".ilp-panel__frame iframe", state="attached")
    inner = page.query_selector(".ilp-panel__frame iframe").content_frame()
    inner.wait_for_function("window.heard !== undefined")
    return inner


def send(inner: Frame, message: dict) -> None:
    inner.evaluate("(message) => parent.postMessage(message, '*')", message)


def answer(inner: Frame, subject: str) -> dict:
    found = "(subject) => heard.filter((message) => message && message.subject === subject).pop()"
    inner.wait_for_function(found, arg=subject)
    return inner.evaluate(found, subject)


def test_the_panel_shows_when_the_tool_says_that_it_is_ready(lms: str, page: Page) -> None:
    page.goto(unit(lms))
    expect(page.locator(".ilp-panel")).to_have_attribute("data-state", "ready")
    shown = page.locator(".ilp-panel iframe")
    expect(shown).to_be_visible()
    expect(shown).to_have_attribute("title", "Learning plan")
    assert shown.get_attribute("allow") == "camera; microphone"


def test_the_unit_is_whole_before_the_frame_begins(lms: str, page: Page) -> None:
    begun: list[bool] = []
    page.on(
        "request",
        lambda r: begun.append(page.evaluate("document.readyState") != "loading") if "/ilp/" in r.url else None,
    )
    page.goto(unit(lms), wait_until="domcontentloaded")
    expect(page.locator(".lms-quiz").first).to_be_visible()
    expect(page.locator(".ilp-panel")).to_have_attribute("data-state", "ready")


def test_a_tool_that_does_not_answer_is_a_plain_sentence_with_a_retry(lms: str, page: Page) -> None:
    Tool.says = ""
    page.clock.install()
    page.goto(unit(lms))
    frame(page)
    expect(page.locator(".ilp-panel__skeleton")).to_be_visible()
    expect(page.locator(".ilp-panel")).to_have_attribute("aria-busy", "true")
    page.clock.fast_forward(9_000)
    expect(page.locator(".ilp-panel__failed")).to_contain_text("could not be shown just now")
    expect(page.locator(".ilp-panel iframe")).to_be_hidden()
    expect(page.locator(".ilp-panel__said")).to_contain_text("could not be shown")
    assert Axe().run(page).violations_count == 0

    Tool.says = READY
    page.get_by_role("button", name="Try again").press("Enter")
    page.clock.fast_forward(500)
    expect(page.locator(".ilp-panel")).to_have_attribute("data-state", "ready")


def test_a_tool_that_is_late_is_shown_all_the_same(lms: str, page: Page) -> None:
    Tool.says = ""
    page.clock.install()
    page.goto(unit(lms))
    inner = frame(page)
    page.clock.fast_forward(9_000)
    expect(page.locator(".ilp-panel")).to_have_attribute("data-state", "failed")
    send(inner, {"subject": "ilp.ready"})
    expect(page.locator(".ilp-panel")).to_have_attribute("data-state", "ready")


def test_the_frame_is_as_high_as_the_tool_asks_within_bounds(lms: str, page: Page) -> None:
    page.goto(unit(lms))
    inner = frame(page)
    for asked, given in ((640.2, 641), (5, 120), (10**9, 4000)):
        send(inner, {"subject": "lti.frameResize", "height": asked})
        expect(page.locator(".ilp-panel iframe")).to_have_css("height", f"{given}px")
    for nonsense in ("100", None, {"a": 1}):
        send(inner, {"subject": "lti.frameResize", "height": nonsense})
    send(inner, {"subject": "lti.capabilities", "message_id": "after"})
    answer(inner, "lti.capabilities.response")
    expect(page.locator(".ilp-panel iframe")).to_have_css("height", "4000px")


def test_the_tool_may_keep_a_little_in_the_page(lms: str, page: Page) -> None:
    page.goto(unit(lms))
    inner = frame(page)
    send(inner, {"subject": "lti.capabilities", "message_id": "1"})
    told = answer(inner, "lti.capabilities.response")
    assert told["message_id"] == "1"
    assert {m["subject"] for m in told["supported_messages"]} >= {"lti.put_data", "lti.get_data"}

    send(inner, {"subject": "lti.put_data", "message_id": "2", "key": "state_1", "value": "s"})
    assert answer(inner, "lti.put_data.response") == {
        "subject": "lti.put_data.response",
        "message_id": "2",
        "key": "state_1",
        "value": "s",
    }
    send(inner, {"subject": "lti.get_data", "message_id": "3", "key": "state_1"})
    assert answer(inner, "lti.get_data.response")["value"] == "s"
    send(inner, {"subject": "lti.put_data", "message_id": "4", "key": "state_1", "value": None})
    send(inner, {"subject": "lti.get_data", "message_id": "5", "key": "state_1"})
    inner.wait_for_function("heard.some((m) => m.message_id === '5')")
    assert answer(inner, "lti.get_data.response")["value"] is None


def test_what_the_tool_keeps_has_a_quota(lms: str, page: Page) -> None:
    page.goto(unit(lms))
    inner = frame(page)
    send(inner, {"subject": "lti.put_data", "message_id": "big", "key": "k", "value": "x" * 4097})
    assert answer(inner, "lti.put_data.response")["error"]["code"] == "storage_exhaustion"
    for number in range(21):
        send(inner, {"subject": "lti.put_data", "message_id": f"n{number}", "key": f"k{number}", "value": "x"})
    inner.wait_for_function("heard.some((m) => m.message_id === 'n20')")
    assert answer(inner, "lti.put_data.response")["error"]["code"] == "storage_exhaustion"
    send(inner, {"subject": "lti.put_data", "message_id": "bad", "key": 5, "value": "x"})
    inner.wait_for_function("heard.some((m) => m.message_id === 'bad')")
    assert answer(inner, "lti.put_data.response")["error"]["code"] == "bad_request"


@pytest.mark.trust("T80")
def test_nothing_is_kept_in_the_browsers_storage(lms: str, page: Page) -> None:
    page.goto(unit(lms))
    inner = frame(page)
    send(inner, {"subject": "lti.put_data", "message_id": "1", "key": "state_1", "value": "s"})
    answer(inner, "lti.put_data.response")
    assert page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]
    assert page.evaluate("indexedDB.databases().then((all) => all.length)") == 0


@pytest.mark.trust("T64")
def test_messages_of_other_frames_and_origins_are_not_heard(lms: str, tool: str, page: Page) -> None:
    Tool.says = ""
    page.goto(unit(lms))
    own = frame(page)
    page.evaluate(
        "(urls) => urls.forEach((url, n) => { const f = document.createElement('iframe'); f.id = 'other' + n;"
        " f.src = url; document.body.append(f); })",
        [f"{tool}/again", tool.replace("127.0.0.1", "localhost") + "/foreign"],
    )
    for number in range(2):
        page.wait_for_selector(f"#other{number}", state="attached")
        other = page.query_selector(f"#other{number}").content_frame()
        other.wait_for_function("window.heard !== undefined")
        send(other, {"subject": "ilp.ready"})
        send(other, {"subject": "lti.get_data", "message_id": "stolen", "key": "state_1"})
        page.wait_for_timeout(300)
        assert other.evaluate("heard") == []
    page.evaluate("window.postMessage({subject: 'ilp.ready'}, '*')")
    for shape in ("ilp.ready", None, 7, [], {"subject": 1}, {"subject": "__proto__", "message_id": "1"}):
        send(own, shape)
    page.wait_for_timeout(300)
    expect(page.locator(".ilp-panel")).to_have_attribute("data-state", "loading")
    elsewhere = tool.replace("127.0.0.1", "localhost") + "/elsewhere"
    with page.expect_event("framenavigated", lambda moved: moved.url == elsewhere):
        own.evaluate("(url) => { location.href = url; }", elsewhere)
    moved = page.query_selector(".ilp-panel__frame iframe").content_frame()
    moved.wait_for_function("window.heard !== undefined")
    send(moved, {"subject": "ilp.ready"})
    page.wait_for_timeout(300)
    expect(page.locator(".ilp-panel")).to_have_attribute("data-state", "loading")


def test_the_tool_hears_that_the_learner_did_something(lms: str, page: Page) -> None:
    page.goto(unit(lms))
    inner = frame(page)
    expect(page.locator(".ilp-panel")).to_have_attribute("data-state", "ready")
    quiz = page.locator(".lms-quiz").first
    quiz.get_by_label("balanced", exact=True).first.check()
    assert answer(inner, "ilp.activity") == {"subject": "ilp.activity"}
    quiz.get_by_label("unbalanced").last.check()
    quiz.get_by_role("button", name="Check my answers").click()
    expect(quiz.get_by_role("status")).to_have_text("Your score: 10 out of 10.")
    expect(quiz.get_by_text("Right")).to_have_count(2)


@pytest.mark.trust("T81")
@pytest.mark.parametrize("width", [320, 360, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_of_ours_has_a_fault_axe_finds_or_scrolls_sideways(
    lms: str, chromium: Browser, width: int, scheme: str
) -> None:
    Tool.says = READY
    context = chromium.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
    page = context.new_page()
    reviews = f"{lms}/ilp/review?block={PANEL}&student={TEACHER}"
    for url in (f"{lms}/", unit(lms), unit(lms, TEACHER), f"{lms}{FORCES}studio/?student={TEACHER}", reviews):
        page.goto(url)
        if page.locator(".ilp-panel[data-state]").count():
            expect(page.locator(".ilp-panel")).to_have_attribute("data-state", "ready")
        if page.locator(".ilp-studio").count():
            page.get_by_label("Activities I choose").check()
        found = Axe().run(page, options={"iframes": False})
        assert found.violations_count == 0, (url, found.generate_report())
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), url
    context.close()


@pytest.mark.trust("T81")
def test_a_teacher_comes_to_a_students_review_by_keyboard(lms: str, page: Page) -> None:
    page.goto(unit(lms, TEACHER))
    link = page.get_by_role("link", name="Open a student’s review")
    link.focus()
    with page.context.expect_page() as opened:
        page.keyboard.press("Enter")
    listed = opened.value
    expect(listed.get_by_role("heading", level=1)).to_have_text("Whose review do you want to open?")
    first = listed.get_by_role("listitem").first.get_by_role("link")
    assert first.bounding_box()["height"] >= 44
    first.press("Enter")
    expect(listed.get_by_role("heading", name="The tool's page")).to_be_visible()


@pytest.mark.trust("T81")
def test_an_author_chooses_and_saves_by_keyboard(lms: str, page: Page) -> None:
    page.goto(f"{lms}/courses/year-8-science/acids/studio/?student={TEACHER}")
    page.get_by_label("The graded activities of this unit").focus()
    page.keyboard.press("ArrowDown")
    find = page.get_by_label("Find an activity")
    expect(find).to_be_visible()
    find.focus()
    page.keyboard.type("neutral")
    expect(page.locator(".ilp-studio__choices li:visible")).to_have_count(1)
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.get_by_role("button", name="Save").press("Enter")
    expect(page.locator(".ilp-studio__said")).to_contain_text("Saved")
    page.reload()
    expect(page.get_by_label("Neutralisation")).to_be_checked()
    expect(page.locator(".ilp-author__about li")).to_have_count(1)
