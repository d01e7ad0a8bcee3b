"""Authentication requests that must get no message (LTI Security Framework 1.0, 5.1.1.2), by what is wrong.

While the client or its address is unknown the LMS says so on a page of its own; afterwards the error is posted to the
tool. A launch that was refused for what the request says can be asked for again, rightly.
"""

from typing import Any

import pytest
from django.test import Client

from tests.factories import platform as factories
from tests.factories.platform import BLOCK, ToolSide, authentication

pytestmark = [pytest.mark.django_db, pytest.mark.database, pytest.mark.trust("T60")]
LAUNCH = "https://tool.example.org/launch"

NOBODY: dict[str, dict[str, Any]] = {
    "no client": {"client_id": None},
    "a client nobody registered": {"client_id": "nobody"},
    "a client id in capitals": {"client_id": "UPPER"},
    "no redirect address": {"redirect_uri": None},
    "a redirect address of another": {"redirect_uri": "https://evil.example/launch"},
    "a redirect address with a query": {"redirect_uri": f"{LAUNCH}?x=1"},
    "a redirect address with a slash more": {"redirect_uri": f"{LAUNCH}/"},
    "a redirect address in capitals": {"redirect_uri": LAUNCH.replace("tool", "TOOL")},
    "a redirect address with dots": {"redirect_uri": "https://tool.example.org/x/../launch"},
    "a redirect address with credentials": {"redirect_uri": "https://tool.example.org@evil.example/launch"},
    "a redirect address over http": {"redirect_uri": LAUNCH.replace("https", "http")},
    "two redirect addresses": {"redirect_uri": [LAUNCH, "https://evil.example/launch"]},
    "two states": {"state": ["a", "b"]},
    "a state without end": {"state": "x" * 5000},
}
REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "no scope": ({"scope": None}, "invalid_scope"),
    "a scope beside openid": ({"scope": "openid profile"}, "invalid_scope"),
    "another response type": ({"response_type": "code"}, "unsupported_response_type"),
    "two response types": ({"response_type": "id_token token"}, "unsupported_response_type"),
    "no response type": ({"response_type": None}, "unsupported_response_type"),
    "another response mode": ({"response_mode": "fragment"}, "invalid_request"),
    "no response mode": ({"response_mode": None}, "invalid_request"),
    "a prompt": ({"prompt": "login"}, "invalid_request"),
    "no prompt": ({"prompt": None}, "invalid_request"),
    "no state": ({"state": None}, "invalid_request"),
    "no nonce": ({"nonce": None}, "invalid_request"),
    "an empty nonce": ({"nonce": ""}, "invalid_request"),
    "no login hint": ({"login_hint": None}, "invalid_request"),
    "the login hint of another": ({"login_hint": "tina"}, "invalid_request"),
    "no message hint": ({"lti_message_hint": None}, "invalid_request"),
    "a message hint that is a block": ({"lti_message_hint": BLOCK}, "invalid_request"),
    "a message hint with another signature": ({"lti_message_hint": "0" * 32 + ":AAAA"}, "invalid_request"),
}


@pytest.fixture
def login(lms: factories.LMS, tool: ToolSide) -> dict[str, str]:
    lms.browser = "ada"
    return factories.start_launch(Client(), block=BLOCK)


@pytest.mark.parametrize("changes", NOBODY.values(), ids=NOBODY)
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_request_that_is_answered_to_nobody(
    tool: ToolSide, login: dict[str, str], changes: dict[str, Any], method: str
) -> None:
    form = factories.form_of(getattr(Client(), method)("/ilp/auth", authentication(tool, login, **changes)))
    assert (form.status, form.action, form.fields) == (400, "", {})
    assert "evil.example" not in form.page
    launches(tool, login)


@pytest.mark.parametrize(("changes", "error"), REFUSED.values(), ids=REFUSED)
def test_a_request_that_is_refused_to_the_tool(
    tool: ToolSide, login: dict[str, str], changes: dict[str, Any], error: str
) -> None:
    form = factories.form_of(Client().get("/ilp/auth", authentication(tool, login, **changes)))
    assert (form.action, form.fields["error"]) == (LAUNCH, error)
    assert form.fields.get("state", "the-state") == "the-state"
    assert "id_token" not in form.fields
    launches(tool, login)


def test_a_hint_of_another_launch(tool: ToolSide, login: dict[str, str], lms: factories.LMS) -> None:
    lms.browser = "ben"
    other = factories.start_launch(Client(), block=BLOCK)
    asked = authentication(tool, login, lti_message_hint=other["lti_message_hint"])
    form = factories.form_of(Client().get("/ilp/auth", asked))
    assert form.fields["error"] == "invalid_request"


def test_a_hint_of_another_tool(tool: ToolSide, login: dict[str, str]) -> None:
    other = factories.make_tool("other")
    form = factories.form_of(Client().get("/ilp/auth", authentication(other, login)))
    assert (form.action, form.fields["error"]) == ("https://other.example.org/launch", "invalid_request")
    launches(tool, login)


def test_a_hint_used_before(tool: ToolSide, login: dict[str, str]) -> None:
    launches(tool, login)
    form = factories.form_of(Client().get("/ilp/auth", authentication(tool, login)))
    assert form.fields["error"] == "invalid_request"


def test_another_person_at_the_browser(tool: ToolSide, login: dict[str, str], lms: factories.LMS) -> None:
    lms.browser = "ben"
    form = factories.form_of(Client().get("/ilp/auth", authentication(tool, login)))
    assert form.fields["error"] == "login_required"


def test_nobody_at_the_browser(tool: ToolSide, login: dict[str, str], lms: factories.LMS) -> None:
    lms.browser = None
    form = factories.form_of(Client().get("/ilp/auth", authentication(tool, login)))
    assert form.fields["error"] == "login_required"


@pytest.mark.parametrize("gone", ["person", "course", "block", "tool's course"])
def test_what_is_gone_since_the_launch_was_started(
    tool: ToolSide, login: dict[str, str], lms: factories.LMS, gone: str
) -> None:
    if gone == "person":
        del lms.members[factories.COURSE][0]
    elif gone == "course":
        del lms.courses[factories.COURSE]
    elif gone == "block":
        lms.placements.clear()
    else:
        tool.tool.courses = [factories.OTHER_COURSE]
        tool.tool.save()
    form = factories.form_of(Client().get("/ilp/auth", authentication(tool, login)))
    assert form.fields["error"] == "access_denied"


def launches(tool: ToolSide, login: dict[str, str]) -> None:
    """What was wrong with one request does not spoil the launch itself."""
    assert "id_token" in factories.form_of(Client().get("/ilp/auth", authentication(tool, login))).fields
