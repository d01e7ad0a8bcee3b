"""The demo LMS as a test finds it: people and scores seeded, the courses' blocks loaded, perhaps a tool."""

import json
from dataclasses import dataclass, field

from django.test import Client
from lxml.html import HtmlElement, document_fromstring
from web_fragments.fragment import Fragment
from workbench.runtime import WorkbenchRuntime
from xblock.core import XBlock

from ilp_xblock.models import Tool
from ilp_xblock.platform import tools
from ilp_xblock.workbench.syllabus import COURSES

SCIENCE, MATHEMATICS = COURSES
AMARA, BEN, TEACHER, ASSISTANT = "u1001", "u1002", "u2001", "u2101"
FORCES = f"/courses/{SCIENCE.id}/forces/"
PANEL = SCIENCE.panel_id("forces")
FIRST_QUIZ = SCIENCE.graded[0].id


def tool(origin: str = "http://127.0.0.1:9", *, messages: dict[str, str] | None = None) -> Tool:
    """A registered tool at the origin."""
    return tools.register(
        name="Learning plans",
        login_url=f"{origin}/lti/login",
        target_link_uri=f"{origin}/lti/launch",
        redirect_uris=[f"{origin}/lti/launch"],
        jwks_url=f"{origin}/lti/jwks",
        messages=messages,
    )


@dataclass
class Browser:
    """A person at the LMS, with CSRF as in life."""

    sub: str
    client: Client = field(default_factory=lambda: Client(enforce_csrf_checks=True))

    def open(self, path: str) -> HtmlElement:
        response = self.client.get(path, {"student": self.sub})
        assert response.status_code == 200, response.status_code
        return document_fromstring(response.content.decode())

    def send(self, path: str, body: object, *, csrf: bool = True):
        token = {"X-CSRFToken": self.client.cookies["csrftoken"].value} if csrf else {}
        return self.client.post(path, json.dumps(body), content_type="application/json", headers=token)


def started_with(page: HtmlElement, holding: str) -> dict:
    """What the page's XBlock that is told of `holding` is started with."""
    given = [json.loads(script.text) for script in page.find_class("xblock_json_init_args")]
    return next(args for args in given if holding in args)


def block(usage_id: str, sub: str | None = AMARA) -> XBlock:
    return WorkbenchRuntime(sub).get_block(usage_id)


def text(fragment: Fragment) -> str:
    return " ".join(document_fromstring(fragment.content).text_content().split())
