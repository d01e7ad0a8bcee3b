"""The operator's pages in Chromium, on a host of their own: axe, a walk by keyboard, English and Arabic."""

import subprocess
import sys
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.factories.operators import PASSWORD, codes_in

from .conftest import Desk
from .serving import ROOT, Tool
from .test_accessible import Look, troubles
from .test_teacher import tab_to

Desks = Callable[..., Desk]
pytestmark = [pytest.mark.trust("T71", "T81")]


@pytest.fixture(scope="module")
def codes(served: Tool) -> list[str]:
    """Backup codes of an operator whom whoever runs the server made: each log-in of a test takes one."""
    made = subprocess.run(
        [sys.executable, "-m", "lti_tool", "create_operator", "robin"],
        cwd=ROOT, env=served.environment, input=PASSWORD + "\n", capture_output=True, text=True, check=True,
    )  # fmt: skip
    return codes_in(made.stdout)


def logged_in(visitor: Desk, codes: list[str]) -> Page:
    page = visitor.context.new_page()
    page.goto(visitor.tool.operator_url)
    page.locator("#username").fill("robin")
    page.locator("#password").fill(PASSWORD)
    page.locator("#otp_token").fill(codes.pop())
    page.locator("main button").click()
    expect(page.locator("#bc")).to_be_visible()
    return page


@pytest.mark.parametrize(
    "look",
    [Look(), Look(1280), Look(locale="ar"), Look(1280, locale="ar"), Look(scheme="dark"), Look(forced="active")],
    ids=lambda look: f"{look.width}-{look.scheme}-{look.forced}-{look.locale}",
)
def test_axe_finds_nothing_on_any_of_the_operators_pages(desk: Desks, codes: list[str], look: Look) -> None:
    visitor = desk(**look.options, locale=look.locale)
    visitor.expected += ["403", "404", "422"]
    page = visitor.context.new_page()
    page.goto(visitor.tool.operator_url)
    assert page.locator("html").get_attribute("lang") == look.locale
    assert page.locator("html").get_attribute("dir") == ("rtl" if look.locale == "ar" else "ltr")
    found = troubles(page, "log in")
    page.close()
    page = logged_in(visitor, codes)
    found += troubles(page, "account")
    page.locator("#pw-app").fill("wrong")
    page.locator("#pw-app").press("Enter")
    expect(page.get_by_role("alert")).to_be_visible()
    found += troubles(page, "account, wrong password")
    page.wait_for_timeout(1500)
    page.locator("#pw-app").fill(PASSWORD)
    page.locator("#pw-app").press("Enter")
    expect(page.locator("#copy-secret")).to_be_visible()
    found += troubles(page, "new authenticator")
    page.goto(visitor.tool.operator_url)
    found += troubles(page, "schools")
    name = f"Alder {look}"[:190]
    page.locator("#name").fill(name)
    page.locator("#name").press("Enter")
    expect(page.locator("#copy-link")).to_be_visible()
    found += troubles(page, "a new school")
    page.goto(visitor.tool.operator_url)
    page.locator("#name").fill(name)
    page.locator("#name").press("Enter")
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.locator("#name")).to_have_value(name)
    found += troubles(page, "a name that is taken")
    page.goto(visitor.tool.operator_url + "/nowhere")
    found += troubles(page, "not found")
    assert found == []


def test_from_log_in_to_the_first_registration_link_by_keyboard_alone(desk: Desks, codes: list[str]) -> None:
    visitor = desk()
    visitor.expected.append("401")
    page = visitor.context.new_page()
    page.goto(visitor.tool.operator_url)
    for words in ("robin", PASSWORD, codes.pop()):
        page.keyboard.press("Tab")
        page.keyboard.type(words)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Your log-in")).to_be_visible()
    expect(page.get_by_text("backup codes left")).to_be_visible()
    tab_to(page, name="Schools")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="A new school")).to_be_visible()
    tab_to(page, name="Its name")
    page.keyboard.type("Beech School")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Beech School")).to_be_visible()
    link = page.get_by_role("textbox", name="Registration link").input_value()
    assert link.startswith(visitor.tool.url + "/lti/register/")
    tab_to(page, name="Copy: Registration link")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Copy: Registration link")).to_have_text("Copied")
    answer = page.goto(link)
    assert answer is not None
    assert answer.status == 200
    expect(page.get_by_role("heading", name="Connect your learning site")).to_be_visible()
    page.goto(visitor.tool.operator_url)
    expect(page.get_by_role("link", name="Beech School")).to_be_visible()
    tab_to(page, name="Log out", most=1000)  # past every school of this run
    page.keyboard.press("Enter")
    expect(page.get_by_label("Password")).to_be_visible()
