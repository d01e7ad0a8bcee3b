"""Deep linking answers that must change nothing (LTI Deep Linking 2.0, 4.5; S14), each by what is wrong with it."""

import time
from datetime import timedelta
from typing import Any

import jwt
import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from ilp_xblock.models import ContentRequest
from ilp_xblock.platform import forgetting
from ilp_xblock.platform.content import take
from tests.factories import platform as factories
from tests.factories.platform import BLOCK, ToolSide
from tests.ilp_xblock.platform.test_content import CLAIM, DL, ITEM, ask, post, response, settings_of
from tests.ilp_xblock.platform.test_content import tool as tool_that_offers_content

pytestmark = [pytest.mark.django_db, pytest.mark.database]
tool = tool_that_offers_content


BAD = {
    "a message of another type": {CLAIM + "message_type": "LtiResourceLinkRequest"},
    "no message type": {CLAIM + "message_type": None},
    "a message type that is a list": {CLAIM + "message_type": ["LtiDeepLinkingResponse"]},
    "another version": {CLAIM + "version": "1.1"},
    "no version": {CLAIM + "version": None},
    "another deployment": {CLAIM + "deployment_id": "1"},
    "no deployment": {CLAIM + "deployment_id": None},
    "another platform as its audience": {"aud": "https://elsewhere.example.org"},
    "the token address as its audience": {"aud": factories.TOKEN_URL},
    "no audience": {"aud": None},
    "another issuer": {"iss": "somebody"},
    "no issuer": {"iss": None},
    "no expiry": {"exp": None},
    "an expiry in the past": {"exp": int(time.time()) - 3600},
    "a life of a day": {"exp": int(time.time()) + 86_400},
    "no time of issue": {"iat": None},
    "a time of issue in the future": {"iat": int(time.time()) + 3600, "exp": int(time.time()) + 4000},
    "no nonce": {"nonce": None},
    "an empty nonce": {"nonce": ""},
    "a nonce that is a number": {"nonce": 5},
    "no data": {DL + "data": None},
    "data of its own": {DL + "data": "abc"},
    "data that is a number": {DL + "data": 5},
    "two items": {DL + "content_items": [ITEM, ITEM]},
    "items that are no list": {DL + "content_items": ITEM},
    "an item that is no object": {DL + "content_items": ["x"]},
    "an item of html": {DL + "content_items": [{"type": "html", "html": "<script>"}]},
    "an item that is a file": {DL + "content_items": [{"type": "file", "url": "https://tool.example.org/f"}]},
    "an item that is a mere link": {DL + "content_items": [{"type": "link", "url": "https://tool.example.org/l"}]},
    "an item without a type": {DL + "content_items": [{"url": "https://tool.example.org/launch"}]},
    "a link to elsewhere": {DL + "content_items": [ITEM | {"url": "https://evil.example/launch"}]},
    "a link to a lookalike": {DL + "content_items": [ITEM | {"url": "https://tool.example.org.evil.example/"}]},
    "a link with credentials": {DL + "content_items": [ITEM | {"url": "https://tool.example.org@evil.example/"}]},
    "a link to another port": {DL + "content_items": [ITEM | {"url": "https://tool.example.org:8443/launch"}]},
    "a link over http": {DL + "content_items": [ITEM | {"url": "http://tool.example.org/launch"}]},
    "a link that is a script": {DL + "content_items": [ITEM | {"url": "javascript:alert(1)"}]},
    "a link that is no text": {DL + "content_items": [ITEM | {"url": 5}]},
    "a title that is no text": {DL + "content_items": [ITEM | {"title": {"en": "x"}}]},
    "a title without end": {DL + "content_items": [ITEM | {"title": "x" * 300}]},
    "a parameter that is no text": {DL + "content_items": [ITEM | {"custom": {"a": 1}}]},
    "parameters that are no object": {DL + "content_items": [ITEM | {"custom": ["a"]}]},
    "parameters without end": {DL + "content_items": [ITEM | {"custom": {f"n{n}": "x" for n in range(60)}}]},
}


@pytest.mark.parametrize("changes", BAD.values(), ids=BAD)
def test_s14_an_answer_is_refused_with(tool: ToolSide, changes: dict[str, Any]) -> None:
    data = settings_of(ask(tool))["data"]
    claims = response(tool, data, ITEM, **changes)
    page = post(tool.sign(claims))
    assert page.status_code == 400
    assert "Choose again in Studio" in page.content.decode()
    assert not ContentRequest.objects.filter(answered__isnull=False).exists()
    assert post(tool.sign(response(tool, data, ITEM))).status_code == 200  # the author may choose again


@pytest.mark.parametrize("token", ["", "x", "x.y.z", "e30.e30.", "x" * 50_000])
def test_s14_what_is_no_signed_message_is_refused(tool: ToolSide, token: str) -> None:
    assert post(token).status_code == 400
    assert Client().post("/ilp/content").status_code == 400
    assert Client().get("/ilp/content").status_code == 405


def test_s14_an_answer_signed_by_another_is_refused(tool: ToolSide) -> None:
    data = settings_of(ask(tool))["data"]
    claims = response(tool, data, ITEM)
    assert post(tool.signing_by("stranger").sign(claims)).status_code == 400
    assert post(jwt.encode(claims, None, algorithm="none", headers={"kid": tool.key})).status_code == 400
    other = factories.make_tool("other", messages=tool.tool.messages)
    own = response(other, data, ITEM | {"url": "https://other.example.org/launch"})
    assert post(other.sign(own)).status_code == 400  # its own answer, but not to its own question
    assert take(BLOCK, "tina") is None


def test_s14_a_question_is_answered_once(tool: ToolSide) -> None:
    data = settings_of(ask(tool))["data"]
    first = tool.sign(response(tool, data, ITEM))
    assert post(first).status_code == 200
    assert post(first).status_code == 400
    assert post(tool.sign(response(tool, data, ITEM | {"title": "Again"}))).status_code == 400
    taken = take(BLOCK, "tina")
    assert taken is not None
    assert taken["title"] == "Reviews of 7B"


def test_s14_a_nonce_serves_once(tool: ToolSide) -> None:
    one, two = (settings_of(ask(tool))["data"] for _ in range(2))
    assert post(tool.sign(response(tool, one, ITEM, nonce="same"))).status_code == 200
    assert post(tool.sign(response(tool, two, ITEM, nonce="same"))).status_code == 400


def test_s14_an_answer_that_comes_too_late_is_refused_and_forgotten(
    tool: ToolSide, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = settings_of(ask(tool))["data"]
    with time_machine.travel(timezone.now() + timedelta(minutes=61), tick=False):
        assert post(tool.sign(response(tool, data, ITEM))).status_code == 400
        assert ContentRequest.objects.count() == 1
        monkeypatch.setattr(forgetting, "_last", -1e9)
        forgetting.forget_expired()
        assert not ContentRequest.objects.exists()


def test_s14_a_client_assertion_is_no_answer_and_an_answer_no_assertion(tool: ToolSide) -> None:
    data = settings_of(ask(tool))["data"]
    assert post(tool.sign(tool.assertion_claims())).status_code == 400
    answer = tool.sign(response(tool, data, ITEM))
    assert tool.ask_token(client_assertion=answer).status_code == 401
