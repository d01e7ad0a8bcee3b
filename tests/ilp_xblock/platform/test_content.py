"""Deep linking: an author asks the tool what a block shall show, and only a good answer to that question is taken."""

import json
import time
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from django.test import Client
from hypothesis import example, given
from hypothesis import strategies as st

from ilp_xblock.models import ContentRequest, LaunchRequest
from ilp_xblock.platform.content import take
from ilp_xblock.platform.ports import Member, Role
from tests.factories import platform as factories
from tests.factories.any_json import JSON, thorough
from tests.factories.platform import BLOCK, COURSE, ISSUER, ToolSide, authentication, launch, read_message

pytestmark = [pytest.mark.django_db, pytest.mark.database]
CLAIM = "https://purl.imsglobal.org/spec/lti/claim/"
DL = "https://purl.imsglobal.org/spec/lti-dl/claim/"
ITEM = {
    "type": "ltiResourceLink",
    "title": "Reviews of 7B",
    "text": "What is due",
    "url": "https://tool.example.org/launch?view=reviews",
    "custom": {"ilp_view": "reviews", "who": "$User.id"},
    "icon": {"url": "https://tool.example.org/icon.png"},
    "lineItem": {"scoreMaximum": 10},
}


@pytest.fixture
def tool(db: None) -> ToolSide:
    return factories.make_tool(messages={"LtiDeepLinkingRequest": "https://tool.example.org/choose"})


def ask(side: ToolSide, sub: str = "tina", **query: str) -> dict[str, Any]:
    """The message by which `sub` asks the tool what the block shall show."""
    factories.lms.browser = sub
    login = factories.start_launch(Client(), **({"block": BLOCK, "message": "deep_linking"} | query))
    return read_message(factories.form_of(Client().get("/ilp/auth", authentication(side, login))))


def settings_of(message: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = message[DL + "deep_linking_settings"]
    return found


def response(side: ToolSide, data: Any, *items: Any, **changes: Any) -> dict[str, Any]:
    """The claims of a good answer with changes; None takes a claim away."""
    now = int(time.time())
    claims = {
        "iss": side.tool.client_id,
        "aud": ISSUER,
        "iat": now,
        "exp": now + 300,
        "nonce": f"n-{time.perf_counter_ns()}",
        CLAIM + "deployment_id": side.tool.deployment_id,
        CLAIM + "message_type": "LtiDeepLinkingResponse",
        CLAIM + "version": "1.3.0",
        DL + "content_items": list(items),
        DL + "data": data,
    } | changes
    return {name: value for name, value in claims.items() if value is not None}


def post(token: str) -> Any:
    """The tool's page posts its answer: from elsewhere, without any cookie of the LMS."""
    return Client(enforce_csrf_checks=True).post("/ilp/content", {"JWT": token}, headers={"Origin": "null"})


def chosen(side: ToolSide, item: Any = ITEM, sub: str = "tina") -> dict[str, Any] | None:
    data = settings_of(ask(side, sub))["data"]
    assert post(side.sign(response(side, data, item))).status_code == 200
    return take(BLOCK, sub)


def show(what: dict[str, Any] | None) -> None:
    factories.lms.placements[BLOCK] = replace(factories.lms.placements[BLOCK], content=what or {})


def test_the_question_says_what_may_be_answered_and_where(tool: ToolSide) -> None:
    message = ask(tool)
    asked = settings_of(message)
    assert message[CLAIM + "message_type"] == "LtiDeepLinkingRequest"
    assert message[CLAIM + "target_link_uri"] == "https://tool.example.org/choose"
    assert CLAIM + "resource_link" not in message
    assert message[CLAIM + "context"]["id"] == COURSE
    assert message[CLAIM + "launch_presentation"]["document_target"] == "window"
    assert asked.pop("data")
    assert asked == {
        "deep_link_return_url": f"{ISSUER}/ilp/content",
        "accept_types": ["ltiResourceLink"],
        "accept_presentation_document_targets": ["iframe"],
        "accept_multiple": False,
        "accept_lineitem": False,
        "auto_create": False,
        "title": "My plan",
    }


def test_the_login_names_where_the_question_goes(tool: ToolSide) -> None:
    factories.lms.browser = "tina"
    assert factories.start_launch(Client(), block=BLOCK, message="deep_linking")["target_link_uri"] == (
        "https://tool.example.org/choose"
    )


def test_an_author_may_choose_for_a_block_that_is_not_published_yet(tool: ToolSide) -> None:
    factories.lms.drafts[BLOCK] = factories.lms.placements.pop(BLOCK)
    assert settings_of(ask(tool))["data"]
    factories.lms.browser = "tina"
    assert Client().get("/ilp/launch", {"block": BLOCK}).status_code == 404


@pytest.mark.parametrize("sub", ["ada", "assistant"])
@pytest.mark.trust("T61")
def test_only_an_instructor_of_the_course_asks(tool: ToolSide, sub: str) -> None:
    factories.lms.members[COURSE].append(Member("assistant", (Role.ASSISTANT,)))
    factories.lms.browser = sub
    answer = Client().get("/ilp/launch", {"block": BLOCK, "message": "deep_linking"})
    assert answer.status_code == 403
    assert not LaunchRequest.objects.exists()


def test_who_stopped_teaching_after_the_start_asks_nothing(tool: ToolSide) -> None:
    factories.lms.browser = "tina"
    login = factories.start_launch(Client(), block=BLOCK, message="deep_linking")
    factories.lms.members[COURSE][2] = Member("tina", (Role.LEARNER,))
    form = factories.form_of(Client().get("/ilp/auth", authentication(tool, login)))
    assert (form.status, form.fields["error"]) == (400, "access_denied")


def test_a_tool_that_does_not_take_the_message_is_not_asked(db: None) -> None:
    factories.make_tool()
    factories.lms.browser = "tina"
    assert Client().get("/ilp/launch", {"block": BLOCK, "message": "deep_linking"}).status_code == 404


@pytest.mark.parametrize("query", [{"course": COURSE, "message": "deep_linking"}, {"block": BLOCK, "message": "x"}])
def test_a_question_needs_a_block_and_a_known_message(tool: ToolSide, query: dict[str, str]) -> None:
    factories.lms.browser = "tina"
    assert Client().get("/ilp/launch", query).status_code in (400, 404)


def test_what_was_chosen_waits_until_its_author_takes_it_once(tool: ToolSide) -> None:
    data = settings_of(ask(tool))["data"]
    answer = post(tool.sign(response(tool, data, ITEM)))
    assert answer.status_code == 200
    assert "Reviews of 7B" in answer.content.decode()
    assert take("another block", "tina") is None
    assert take(BLOCK, "ada") is None
    assert take(BLOCK, "tina") == {
        "client_id": tool.tool.client_id,
        "title": "Reviews of 7B",
        "text": "What is due",
        "url": "https://tool.example.org/launch?view=reviews",
        "custom": {"ilp_view": "reviews", "who": "$User.id"},
    }
    assert take(BLOCK, "tina") is None
    assert not ContentRequest.objects.exists()


def test_the_newest_of_several_answers_is_taken(tool: ToolSide) -> None:
    for title in ("First", "Second"):
        data = settings_of(ask(tool))["data"]
        post(tool.sign(response(tool, data, ITEM | {"title": title})))
    taken = take(BLOCK, "tina")
    assert taken is not None
    assert taken["title"] == "Second"
    assert take(BLOCK, "tina") is None


def test_an_answer_is_not_taken_for_who_does_not_teach_any_more(tool: ToolSide) -> None:
    data = settings_of(ask(tool))["data"]
    post(tool.sign(response(tool, data, ITEM)))
    factories.lms.members[COURSE][2] = Member("tina", (Role.LEARNER,))
    assert take(BLOCK, "tina") is None


def test_choosing_nothing_changes_nothing_and_shows_the_tools_words_escaped(tool: ToolSide) -> None:
    data = settings_of(ask(tool))["data"]
    words = {DL + "msg": "You <b>left</b>", DL + "errormsg": "No reviews", DL + "log": "secret log"}
    page = post(tool.sign(response(tool, data, **words)))
    assert page.status_code == 200
    text = page.content.decode()
    assert "Nothing was chosen" in text
    assert "You &lt;b&gt;left&lt;/b&gt;" in text
    assert "No reviews" in text
    assert "secret log" not in text
    assert take(BLOCK, "tina") is None


def test_a_launch_carries_what_was_chosen(client: Client, tool: ToolSide) -> None:
    show(chosen(tool))
    message = read_message(launch(client, tool, "ada"))
    assert message[CLAIM + "message_type"] == "LtiResourceLinkRequest"
    assert message[CLAIM + "target_link_uri"] == "https://tool.example.org/launch?view=reviews"
    assert message[CLAIM + "resource_link"] == {"id": BLOCK, "title": "Reviews of 7B"}
    custom = message[CLAIM + "custom"]
    assert custom["ilp_view"] == "reviews"
    assert custom["who"] == "ada"
    assert json.loads(custom["ilp_activities"]) == list(factories.lms.placements[BLOCK].activity_ids)
    factories.lms.browser = "ada"
    assert factories.start_launch(client, block=BLOCK)["target_link_uri"] == message[CLAIM + "target_link_uri"]


def test_a_block_launches_the_tool_that_its_content_is_from(client: Client, tool: ToolSide) -> None:
    other = factories.make_tool("other")
    show({"client_id": other.tool.client_id, "title": "Other", "url": "https://other.example.org/x"})
    factories.lms.browser = "ada"
    login = factories.start_launch(client, block=BLOCK)
    assert login["client_id"] == other.tool.client_id
    assert login["target_link_uri"] == "https://other.example.org/x"
    asked_for = factories.start_launch(client, block=BLOCK, client_id=tool.tool.client_id)
    assert asked_for["target_link_uri"] == "https://tool.example.org/launch"


@pytest.mark.parametrize(
    "what",
    [
        {"title": "x"},
        {"client_id": "CLIENT", "title": "x", "url": "https://evil.example/launch"},
        {"client_id": "CLIENT", "title": "x", "url": "javascript:alert(1)"},
        {"client_id": "CLIENT", "title": "x", "url": "https://tool.example.org/launch", "custom": {"a": 1}},
        {"client_id": "gone", "title": "x", "url": "https://tool.example.org/launch"},
        {"client_id": ["CLIENT"], "title": 1, "url": None},
    ],
)
def test_content_from_a_course_file_that_no_tool_answered_with_is_passed_over(
    client: Client, tool: ToolSide, what: dict[str, Any]
) -> None:
    show({name: tool.tool.client_id if value == "CLIENT" else value for name, value in what.items()})
    factories.lms.browser = "ada"
    assert factories.start_launch(client, block=BLOCK)["target_link_uri"] == "https://tool.example.org/launch"


def test_words_become_one_line_of_plain_text(tool: ToolSide) -> None:
    taken = chosen(tool, ITEM | {"title": " A\u202e\x00\n\tplan <i>x</i>\u200b ", "text": "a\r\nb"})
    assert taken is not None
    assert taken["title"] == "A plan <i>x</i>"
    assert taken["text"] == "a b"


def test_a_bare_item_is_the_tools_own_launch(tool: ToolSide) -> None:
    taken = chosen(tool, {"type": "ltiResourceLink"})
    assert taken is not None
    assert (taken["title"], taken["url"]) == ("tool", "https://tool.example.org/launch")


def test_what_an_item_says_as_null_is_not_said(tool: ToolSide) -> None:
    taken = chosen(tool, {"type": "ltiResourceLink", "title": None, "text": None, "url": None, "custom": None})
    assert taken is not None
    assert (taken["title"], taken["url"]) == ("tool", "https://tool.example.org/launch")
    assert taken["custom"] == {}


def test_the_page_says_nothing_to_other_sites(tool: ToolSide) -> None:
    data = settings_of(ask(tool))["data"]
    page = post(tool.sign(response(tool, data, ITEM)))
    assert "frame-ancestors" in page.headers["Content-Security-Policy"]
    assert page.headers["Referrer-Policy"] == "no-referrer"


def test_the_page_is_in_the_authors_language_and_its_direction(tool: ToolSide) -> None:
    data = settings_of(ask(tool))["data"]
    asked = {"JWT": tool.sign(response(tool, data, ITEM))}
    page = Client().post("/ilp/content", asked, headers={"Accept-Language": "ar"})
    assert '<html lang="ar" dir="rtl">' in page.content.decode()


def test_a_question_starts_at_the_tools_login(tool: ToolSide) -> None:
    factories.lms.browser = "tina"
    answer = Client().get("/ilp/launch", {"block": BLOCK, "message": "deep_linking"})
    assert parse_qs(urlsplit(answer.headers["Location"]).query)["client_id"] == [tool.tool.client_id]


CLAIMS = [
    *response(ToolSide(factories.Tool()), "d"),
    "sub",
    "azp",
    "nbf",
    "jti",
    DL + "msg",
    DL + "errormsg",
    DL + "log",
]


def raw(side: ToolSide, payload: Any) -> str:
    """Signed as it is, whatever it is."""
    headers = {"kid": side.key}
    return jwt.PyJWS().encode(json.dumps(payload).encode(), factories.private_key(side.key), "RS256", headers=headers)


@thorough(80)
@given(changes=st.dictionaries(st.sampled_from(CLAIMS), JSON, min_size=1, max_size=3))
def test_any_json_in_any_claim_ends_in_a_page(tool: ToolSide, changes: dict[str, Any]) -> None:
    data = settings_of(ask(tool))["data"]
    assert post(raw(tool, response(tool, data, ITEM) | changes)).status_code in (200, 400)


@thorough(60)
@given(members=st.dictionaries(st.sampled_from([*ITEM, "text", "icon", "lineItem", "window"]), JSON, max_size=3))
@example(members={"title": "\x00\ud800"})
@example(members={"custom": {"a\x00": "b\x00", "c": "\ud800"}})
@example(members={"url": "https://tool.example.org/\ud800"})
def test_any_json_in_any_member_of_an_item_ends_in_a_page_and_what_is_taken_launches(
    tool: ToolSide, members: dict[str, Any]
) -> None:
    data = settings_of(ask(tool))["data"]
    answer = post(raw(tool, response(tool, data, ITEM | members)))
    assert answer.status_code in (200, 400)
    taken = take(BLOCK, "tina")
    assert (taken is not None) == (answer.status_code == 200)
    show(taken)
    assert read_message(launch(Client(), tool, "ada"))["sub"] == "ada"
    show({})


@thorough(60)
@given(payload=JSON)
def test_any_signed_json_at_all_ends_in_a_page(tool: ToolSide, payload: Any) -> None:
    assert post(raw(tool, payload)).status_code == 400
