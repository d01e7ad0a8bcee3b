"""The pages of the protocol itself in Chromium: registration, code, refusals, a browser without cookies, privacy."""

from collections.abc import Callable

import pytest
from django.http import HttpResponse
from django.test import RequestFactory
from playwright.sync_api import Route

from lti_tool.lti import claim_pages, pages
from lti_tool.lti.refusals import Refused
from lti_tool.lti.registration.steps import steps_after

from .conftest import Desk
from .test_accessible import LOOKS, Look, troubles

Desks = Callable[..., Desk]
LMS = "https://lms.example"
RESTART = {"login_url": "/lti/login", "parameters": {"iss": LMS}}
TALK = {"frame": "", "origin": LMS, "message_id": "m", "key": "k", "milliseconds": 1}
CLAIM = {"token": "x", "claim_url": "/lti/claim"}
PAGES = {
    "a link, opened by hand": ("register.html", {}),
    "registered": ("registered.html", {"steps": steps_after("moodle", waits_for_launch=True)}),
    "asking for the code": ("claim.html", CLAIM),
    "a wrong code": ("claim.html", CLAIM | {"error": claim_pages.WRONG}),
    "claimed": ("claimed.html", {}),
    "refused": ("refused.html", {"refused": Refused("expired", return_url=LMS + "/course")}),
    "a new tab": ("new_tab.html", RESTART),
    "no storage": ("storage.html", RESTART | {"talk": TALK | {"subject": "lti.get_data"}, "page_url": "/s/x/"}),
    "privacy": ("privacy.html", {"contact": "privacy@example.org"}),
    "our fault": ("broken.html", {"reference": "4566E184"}),
}


@pytest.mark.trust("T81")
@pytest.mark.parametrize("look", LOOKS, ids=lambda look: f"{look.width}-{look.scheme}-{look.forced}-{look.locale}")
def test_axe_finds_nothing_on_any_page_of_the_protocol(desk: Desks, look: Look) -> None:
    visitor = desk(**look.options)
    page = visitor.context.new_page()
    shown: list[HttpResponse] = []

    def give(route: Route) -> None:
        route.fulfill(body=shown[-1].content, headers=dict(shown[-1].items()))

    page.route("**/lti/launch", give)
    found: list[str] = []
    for name, (template, context) in PAGES.items():
        request = RequestFactory().get("/lti/launch")
        shown.append(pages.page(request, template, dict(context), ancestors=[LMS], locale=look.locale))
        page.goto(visitor.tool.url + "/lti/launch")
        if template == "storage.html":
            page.get_by_role("button").wait_for()
        found += troubles(page, name)
    assert found == []
