"""What an operator types."""

import json
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from ilp_xblock.models import Tool
from ilp_xblock.platform import fetch, keys
from ilp_xblock.platform.vocabulary import RESULT_READ, SCOPES
from tests.factories import platform as factories
from tests.factories.platform import COURSE, ISSUER, OTHER_COURSE

from .test_registration import metadata

pytestmark = [pytest.mark.django_db, pytest.mark.database]
GOOD = {
    "--name": "Plans",
    "--login-url": "https://tool.example.org/login",
    "--launch-url": "https://tool.example.org/launch",
    "--redirect-uri": "https://tool.example.org/launch",
    "--jwks-url": "https://tool.example.org/jwks",
}


def run(*more: str, **changes: str) -> tuple[dict[str, Any], str]:
    """Run register_tool; what it printed as JSON, and what it said beside."""
    options = GOOD | {f"--{name.replace('_', '-')}": value for name, value in changes.items()}
    out, err = StringIO(), StringIO()
    call_command("register_tool", *(part for pair in options.items() for part in pair), *more, stdout=out, stderr=err)
    (line,) = out.getvalue().splitlines()
    return json.loads(line), err.getvalue()


def test_register_tool_prints_one_line_of_json_and_nothing_else() -> None:
    told, beside = run()
    stored = Tool.objects.get()
    assert beside == ""
    assert told == {
        "client_id": stored.client_id,
        "deployment_id": stored.deployment_id,
        "issuer": ISSUER,
        "openid_configuration_url": f"{ISSUER}/ilp/.well-known/openid-configuration",
        "auth_url": f"{ISSUER}/ilp/auth",
        "token_url": f"{ISSUER}/ilp/token",
        "jwks_url": f"{ISSUER}/ilp/jwks",
        "scope": " ".join(SCOPES),
    }


def test_a_registered_tool_launches(client: Client, lms: factories.LMS) -> None:
    told, _ = run()
    lms.browser = "ada"
    login = factories.start_launch(client, block=factories.BLOCK, client_id=told["client_id"])
    assert login["lti_deployment_id"] == told["deployment_id"]


def test_options_may_be_given_again() -> None:
    run("--redirect-uri", "https://tool.example.org/other", "--course", COURSE, "--course", OTHER_COURSE)
    stored = Tool.objects.get()
    assert stored.redirect_uris == ["https://tool.example.org/launch", "https://tool.example.org/other"]
    assert stored.courses == [COURSE, OTHER_COURSE]


def test_a_course_that_is_not_there_is_named_to_the_operator(monkeypatch: pytest.MonkeyPatch) -> None:
    _, beside = run("--course", COURSE, "--course", "course-v1:Schol+Maths7+2026")
    assert "course-v1:Schol+Maths7+2026" in beside
    assert COURSE not in beside
    monkeypatch.setattr(fetch, "get", RegisteringTool().get)
    err = StringIO()
    call_command("connect_tool", "https://tool.example.org/r", "--course", "Maths 7", stdout=StringIO(), stderr=err)
    assert "Maths 7" in err.getvalue()
    assert Tool.objects.count() == 2


def test_only_reading_is_granted() -> None:
    told, beside = run("--scope", RESULT_READ, "--scope", "https://purl.imsglobal.org/spec/lti-ags/scope/score")
    assert told["scope"] == RESULT_READ
    assert "scope/score" in beside


@pytest.mark.parametrize("option", ["login_url", "launch_url", "redirect_uri", "jwks_url"])
@pytest.mark.parametrize(
    "url", ["http://tool.example.org/x", "https://127.0.0.1/x", "https://10.0.0.1/x", "nonsense"]
)
@pytest.mark.trust("T72")
def test_an_unsafe_address_is_refused_by_the_name_of_its_option(option: str, url: str) -> None:
    with pytest.raises(CommandError, match=f"--{option.replace('_', '-')}: "):
        run(**{option: url})
    assert not Tool.objects.exists()


def test_the_development_setting_allows_tools_on_this_machine(settings: Any) -> None:
    settings.ILP_DEVELOPMENT = True
    run(
        login_url="http://127.0.0.1:9/login",
        launch_url="http://127.0.0.1:9/launch",
        redirect_uri="http://127.0.0.1:9/launch",
        jwks_url="http://127.0.0.1:9/jwks",
    )


class RegisteringTool:
    """A tool at the other end of a registration link."""

    def __init__(self, *, register: bool = True) -> None:
        self.register = register
        self.asked: dict[str, str] = {}

    def get(self, url: str, *, params: dict[str, str], timeout: float) -> fetch.Answer:
        self.asked = {"url": url, **params}
        client = Client()
        path = params["openid_configuration"].removeprefix(ISSUER)
        endpoint = client.get(path).json()["registration_endpoint"].removeprefix(ISSUER)
        if self.register:
            client.post(
                endpoint,
                data=json.dumps(metadata()),
                content_type="application/json",
                headers={"Authorization": f"Bearer {params['registration_token']}"},
            )
        return fetch.Answer(200, b"")


def test_connect_tool_walks_the_link_and_prints_what_was_registered(monkeypatch: pytest.MonkeyPatch) -> None:
    far = RegisteringTool()
    monkeypatch.setattr(fetch, "get", far.get)
    out = StringIO()
    call_command("connect_tool", "https://tool.example.org/lti/register/abc", "--course", COURSE, stdout=out)
    stored = Tool.objects.get()
    told = json.loads(out.getvalue())
    assert (told["client_id"], told["deployment_id"]) == (stored.client_id, stored.deployment_id)
    assert stored.courses == [COURSE]
    assert far.asked["openid_configuration"] == f"{ISSUER}/ilp/.well-known/openid-configuration"


def test_connect_tool_says_when_the_tool_did_not_register(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch, "get", RegisteringTool(register=False).get)
    with pytest.raises(CommandError, match="did not register"):
        call_command("connect_tool", "https://tool.example.org/lti/register/abc", stdout=StringIO())


@pytest.mark.parametrize("link", ["http://tool.example.org/r", "https://127.0.0.1/r", "nonsense"])
@pytest.mark.trust("T72")
def test_connect_tool_opens_no_unsafe_link(link: str) -> None:
    with pytest.raises(CommandError, match="could not be opened"):
        call_command("connect_tool", link, stdout=StringIO())


def rotated_after(days: float) -> str:
    """What the scheduled command prints so long after the keys were made."""
    out = StringIO()
    with time_machine.travel(timezone.now() + timedelta(days=days), tick=False):
        call_command("rotate_platform_keys", "--if-older-than=90", stdout=out)
    return out.getvalue().strip()


def test_keys_rotate_by_schedule_only_when_they_are_old() -> None:
    before = [key["kid"] for key in keys.jwks()["keys"]]
    assert rotated_after(1) == ""
    assert rotated_after(91) == before[1]
    assert rotated_after(91) == ""
    assert rotated_after(150) == ""  # counted from when it began to sign
    assert rotated_after(182) != ""


def test_a_tool_registered_by_hand_takes_the_messages_that_have_an_address() -> None:
    run()
    assert Tool.objects.get().messages == {}
    Tool.objects.all().delete()
    run(deep_linking_url="https://tool.example.org/choose", review_url="https://tool.example.org/review")
    assert Tool.objects.get().messages == {
        "LtiDeepLinkingRequest": "https://tool.example.org/choose",
        "LtiSubmissionReviewRequest": "https://tool.example.org/review",
    }
    with pytest.raises(CommandError):
        run(review_url="http://tool.example.org/review")
