"""Anything may be sent, at once and twice: nothing ends in a 500, a second use or a leak."""

import json
import logging
import threading
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from ilp_xblock.models import Tool
from ilp_xblock.platform import keys
from ilp_xblock.platform.addresses import segment
from ilp_xblock.platform.registration import make_token
from tests.factories import platform as factories
from tests.factories.any_json import JSON
from tests.factories.platform import BLOCK, COURSE, ToolSide, authentication

from .test_content import raw
from .test_registration import metadata

anything = st.text(max_size=50) | st.just("x" * 300) | st.text(alphabet="\x00\r\n<>\"'%&\\ ", max_size=20)
many = hypothesis_settings(
    deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


PARAMETERS = [
    "scope",
    "response_type",
    "response_mode",
    "prompt",
    "client_id",
    "redirect_uri",
    "login_hint",
    "lti_message_hint",
    "state",
    "nonce",
    "anything",
]


@pytest.mark.django_db
@given(name=st.sampled_from(PARAMETERS), value=anything)
@many
def test_any_text_in_any_parameter_of_an_authentication_request_ends_in_a_page(
    tool: ToolSide, lms: factories.LMS, name: str, value: str
) -> None:
    client = Client()
    lms.browser = "ada"
    request = authentication(tool, factories.start_launch(client, block=BLOCK)) | {name: value}
    answer = client.get("/ilp/auth", request)
    assert answer.status_code in (200, 400)
    form = factories.form_of(answer)
    assert form.action in ("", "https://tool.example.org/launch")


@pytest.mark.django_db
@given(claim=st.sampled_from(["iss", "sub", "aud", "exp", "iat", "jti", "nbf", "x"]), value=JSON)
@many
def test_any_json_in_any_claim_of_an_assertion_ends_in_an_oauth_answer(
    tool: ToolSide, claim: str, value: Any
) -> None:
    answer = tool.ask_token(client_assertion=raw(tool, tool.assertion_claims() | {claim: value}))
    assert answer.status_code in (200, 401)
    assert answer.headers["Content-Type"] == "application/json"


@pytest.mark.django_db
@given(claims=st.dictionaries(st.sampled_from(["iss", "aud", "sub", "scope", "exp", "iat", "jti"]), JSON))
@many
def test_any_json_that_the_platform_may_have_signed_is_no_token(tool: ToolSide, claims: dict[str, Any]) -> None:
    try:
        token = keys.sign(claims, typ="at+jwt")
    except TypeError:
        return
    assert tool.get(f"/ilp/courses/{COURSE}/lineitems", token=token).status_code == 401


@pytest.mark.django_db
@given(
    name=st.sampled_from(["limit", "page", "role", "rlid", "resource_id", "tag", "user_id", "resource_link_id"]),
    value=anything,
)
@many
def test_any_text_in_any_question_to_a_service_is_answered(tool: ToolSide, name: str, value: str) -> None:
    token = tool.token()
    for path in ("lineitems", "memberships", f"lineitems/{segment(factories.ACTIVITY)}/results"):
        answer = Client().get(
            f"/ilp/courses/{COURSE}/{path}", {name: value}, headers={"Authorization": f"Bearer {token}"}
        )
        assert answer.status_code in (200, 400, 403)


@pytest.mark.django_db
@given(path=anything)
@many
def test_any_text_as_a_course_or_an_activity_is_answered(tool: ToolSide, path: str) -> None:

    token = tool.token()
    for url in (f"/ilp/courses/{quote(path)}/lineitems", f"/ilp/courses/{COURSE}/lineitems/{quote(path, safe='')}"):
        answer = Client().get(url, headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code in (301, 403, 404)


def at_once(work: Callable[[], Any], count: int = 6) -> list[Any]:
    """What several threads got that did the same at the same time."""
    barrier = threading.Barrier(count, timeout=30)
    found: list[Any] = []

    def run() -> None:
        barrier.wait()
        try:
            found.append(work())
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert len(found) == count
    return found


@pytest.mark.django_db(transaction=True)
@pytest.mark.database
class TestAtOnce:
    """Of several at once, one wins."""

    @pytest.fixture(autouse=True)
    def ready(self, tool: ToolSide) -> None:
        keys.jwks()
        keys.sign({})

    def test_a_launch(self, tool: ToolSide, lms: factories.LMS) -> None:
        lms.browser = "ada"
        request = authentication(tool, factories.start_launch(Client(), block=BLOCK))
        forms = at_once(lambda: factories.form_of(Client().get("/ilp/auth", request)))
        assert sum("id_token" in form.fields for form in forms) == 1

    def test_an_assertion(self, tool: ToolSide) -> None:
        assertion = tool.sign(tool.assertion_claims())
        answers = at_once(lambda: tool.ask_token(client_assertion=assertion).status_code)
        assert sorted(answers) == [200] + [401] * 5

    def test_a_registration(self, tool: ToolSide) -> None:
        token = make_token()
        headers = {"Authorization": f"Bearer {token}"}
        body = json.dumps(metadata())

        def register() -> int:
            sent = Client().post("/ilp/register", data=body, content_type="application/json", headers=headers)
            return sent.status_code

        assert sorted(at_once(register)) == [200] + [401] * 5
        assert Tool.objects.count() == 2


@pytest.mark.django_db
@pytest.mark.trust("T76")
def test_the_log_says_what_was_wrong_and_nothing_of_who(
    client: Client, tool: ToolSide, lms: factories.LMS, caplog: pytest.LogCaptureFixture
) -> None:
    canary = "canary\nforged line"
    with caplog.at_level(logging.DEBUG):
        factories.launch(client, tool, "ada")
        factories.launch(client, tool, "ada", state=canary, nonce=canary, prompt=canary)
        factories.launch(client, tool, "ada", login_hint=canary)
        factories.launch(client, tool, "ada", redirect_uri=canary)
        tool.ask_token(scope=canary)
        tool.ask_token(client_assertion=canary)
        tool.ask_token(client_assertion=tool.sign(tool.assertion_claims(sub=canary)))
        tool.get(f"/ilp/courses/{COURSE}/memberships", token=canary.replace("\n", ""))
        body = metadata(custom={canary: canary}, client_name=[canary], redirect_uris=[canary])
        client.post(
            "/ilp/register",
            data=json.dumps(body),
            content_type="application/json",
            headers={"Authorization": f"Bearer {make_token()}"},
        )
        said = [record.getMessage() for record in caplog.records if record.name.startswith("ilp_xblock")]
    assert sum("refused" in line for line in said) >= 8
    for secret in ("canary", "Ada", "Lovelace", "ada@example.org", "eyJ"):
        assert not any(secret in line for line in said)
    assert not any("\n" in line for line in said)
