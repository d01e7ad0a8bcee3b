"""A real Chromium before the tool as it is run. Nothing here is skipped: no Chromium is a failure."""

from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, Route, expect, sync_playwright
from playwright.sync_api import Error as PlaywrightError
from pytest_django import DjangoDbBlocker

from lti_tool.lti.models import Context, Deployment, PlatformUser
from lti_tool.plans.data import Actor, Role
from tests.factories.web import Door, Story, make_story, open_door

from .host import Host, hosting
from .serving import CHROMIUM, CHROMIUM_FLAGS, Tool, looking_into, serving

expect.set_options(timeout=20_000)  # the machine may have much else to do


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tool]:
    with serving(tmp_path_factory.mktemp("tool")) as tool:
        yield tool


@pytest.fixture(scope="package")  # while it is there, nothing else in this thread can run a loop
def chromium() -> Iterator[Browser]:
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        # Playwright runs a loop in this thread, in which Django's ORM would refuse to work.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def tool(served: Tool, django_db_blocker: DjangoDbBlocker) -> Iterator[Tool]:
    """The served tool, with its database open to the test."""
    with django_db_blocker.unblock(), looking_into(served):
        yield served


@pytest.fixture
def story(tool: Tool) -> Story:
    return make_story()


class Desk:
    """A browser of somebody's own. Whatever the page complains of is a failure of the test."""

    def __init__(self, tool: Tool, context: BrowserContext) -> None:
        self.tool, self.context = tool, context
        self.complaints: list[str] = []
        self.expected: list[str] = []  # parts of complaints this test provokes
        self.foreign: list[str] = []
        context.on("console", self._listen)
        context.on("weberror", lambda error: self.complaints.append(str(error.error)))
        context.on("request", self._watch)

    def _listen(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and "favicon" not in message.location["url"]:
            self.complaints.append(f"{message.text} {message.location['url']}")

    def _watch(self, request: Any) -> None:
        if not request.url.startswith(
            ("http://127.0.0.1:", "http://localhost:", self.tool.media_url, "data:", "about:", "blob:")
        ):
            self.foreign.append(request.url)

    def sit(self, door: Door) -> None:
        """Hold the cookie a launch would have set."""
        self.context.add_cookies(
            [
                {
                    "name": door.cookie,
                    "value": door.secret,
                    "url": self.tool.url.replace("http:", "https:"),
                    "secure": True,
                    "httpOnly": True,
                    "sameSite": "None",
                }
            ]
        )

    def refuse_cookies(self, *, in_frames_only: bool = False, silent: bool = False) -> None:
        """Keep no cookie of the tool, as some web views and older browsers do in a frame.

        `silent`: nor say where a page will stand (Fetch Metadata), as iOS did not before 16.4.
        """

        def forward(route: Route) -> None:
            request, address = route.request, urlsplit(route.request.url)
            if in_frames_only and not self._is_framed(request):
                route.continue_()
                return
            dropped = {"cookie", "accept-encoding"}
            headers = {
                name: value
                for name, value in request.headers.items()
                if name not in dropped and not (silent and name.startswith("sec-fetch"))
            }
            if not silent and request.is_navigation_request() and self._is_framed(request):
                headers["sec-fetch-dest"] = "iframe"
            connection = HTTPConnection(address.netloc, timeout=30)
            path = address._replace(scheme="", netloc="").geturl()
            connection.request(request.method, path, request.post_data_buffer, headers)
            answer = connection.getresponse()
            kept = {name.lower(): value for name, value in answer.getheaders() if name.lower() != "set-cookie"}
            route.fulfill(status=answer.status, headers=kept, body=answer.read())
            connection.close()

        self.context.route(self.tool.url + "/**", forward)
        # A page answered here comes from no network, and Chromium asks before such a one may fetch from this machine.
        self.context.grant_permissions(["local-network-access"])

    @staticmethod
    def _is_framed(request: Request) -> bool:
        try:
            return request.frame.parent_frame is not None
        except PlaywrightError:  # a tab that is only just opening has no frame yet
            return False

    def open(self, door: Door, path: str = "") -> Page:
        self.sit(door)
        page = self.context.new_page()
        page.goto(self.tool.url + door.path + path)
        return page

    def unexpected(self) -> list[str]:
        return [text for text in self.complaints if not any(part in text for part in self.expected)] + self.foreign


@pytest.fixture
def desk(tool: Tool, chromium: Browser) -> Iterator[Callable[..., Desk]]:
    desks: list[Desk] = []

    def make(*, width: int = 360, height: int = 800, **options: Any) -> Desk:
        context = chromium.new_context(viewport={"width": width, "height": height}, **options)
        context.set_default_timeout(30_000)
        desks.append(Desk(tool, context))
        return desks[-1]

    yield make
    for one in desks:
        one.context.close()
    assert [text for one in desks for text in one.unexpected()] == []


@pytest.fixture
def door(story: Story) -> Callable[..., Door]:
    def make(actor: Actor, **session: Any) -> Door:
        return open_door(actor, activity_ids=story.unit, **session)

    return make


@pytest.fixture
def host(tool: Tool, story: Story) -> Iterator[Host]:
    """An LMS whose course is the story's, with its people as accounts."""
    with hosting(tool.url) as lms:
        lms.platform.register(story.maths.school_id)
        deployment = Deployment.objects.get(platform__issuer=lms.url)
        Context.objects.filter(course_id=story.maths.course_id).delete()
        Context.objects.create(deployment=deployment, id_on_platform="maths", course_id=story.maths.course_id)
        for name in ("teacher", "colleague", "aroha", "ben"):
            actor: Actor = getattr(story, name)
            PlatformUser.objects.create(deployment=deployment, sub=name, person_id=actor.person_id)
            lms.person(
                name,
                sub=name,
                teacher=actor.role is Role.TEACHER,
                course="maths",
                activities=list(story.unit),
                locale="en",
            )
        yield lms
