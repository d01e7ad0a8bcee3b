"""A refusal is read where the tool was opened: in a frame of the course page, whatever was wrong with the message.

A page that its course may not show is an empty frame, and nobody learns what to do. It holds nothing of anybody, so
the platform the request says it is from may show it; nobody else may (T64).
"""

import re

import pytest
from django.test import Client

from lti_tool.lti import platforms
from tests.factories import lti
from tests.factories.lti import REMOVE

pytestmark = [pytest.mark.django_db, pytest.mark.trust("T64")]


@pytest.fixture
def platform():
    return lti.connected()


def shown_by(answer) -> str:
    """Who may frame the refusal."""
    assert 400 <= answer.status_code < 500
    assert re.search(r"Reference number: [0-9A-F]{8}", answer.content.decode())
    return answer["Content-Security-Policy"].rpartition("frame-ancestors ")[2]


def launched(platform, **form):
    browser = Client()
    asked = platform.begin(browser)
    return browser.post("/lti/launch", {"state": asked["state"], **form})


def test_the_platform_says_that_nobody_is_logged_in_any_more(platform):
    answer = launched(platform, error="login_required", error_description="<script>")
    assert shown_by(answer) == platform.issuer
    assert "no longer logged in" in answer.content.decode()


def test_an_error_comes_once_and_then_its_state_is_used_up(platform):
    browser = Client()
    asked = platform.begin(browser)
    assert browser.post("/lti/launch", {"state": asked["state"], "error": "login_required"}).status_code == 403
    token = platform.sign(platform.claims(asked["nonce"]))
    assert browser.post("/lti/launch", {"state": asked["state"], "id_token": token}).status_code == 400


def test_a_message_without_its_token(platform):
    assert shown_by(launched(platform)) == platform.issuer


def test_a_page_opened_twice(platform):
    browser = Client()
    asked = platform.begin(browser)
    form = {"state": asked["state"], "id_token": platform.sign(platform.claims(asked["nonce"]))}
    assert browser.post("/lti/launch", form).status_code == 303
    again = browser.post("/lti/launch", form)
    assert "already opened once" in again.content.decode()
    assert shown_by(again) == platform.issuer


@pytest.mark.parametrize("changes", [{"target_link_uri": "https://other.example/"}, {"login_hint": REMOVE}])
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_login_that_cannot_be_right(platform, changes, method):
    assert shown_by(platform.login(Client(), method=method, **changes)) == platform.issuer


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "e30.e30.e30", "e30.W10.e30", "e30.bnVsbA.e30"])
def test_a_token_that_says_nothing_is_shown_by_nobody(platform, token):
    assert shown_by(Client().post("/lti/launch", {"state": "made-up", "id_token": token})) == "'none'"


@pytest.mark.parametrize("changes", [{"iss": "https://elsewhere.example"}, {"aud": "another"}, {"aud": []}])
def test_a_platform_nobody_registered_shows_nothing(platform, changes):
    claims = platform.claims("nonce", **changes)
    answer = Client().post("/lti/launch", {"state": "made-up", "id_token": platform.sign(claims)})
    assert shown_by(answer) == "'none'"


def test_another_platform_may_not_show_what_this_one_was_refused(platform):
    lti.connected(issuer="https://other.example")
    assert "other.example" not in shown_by(launched(platform, error="login_required"))


@pytest.fixture
def flooded(settings):
    """From now on nobody is let in any more."""

    def begin():
        settings.ILP_RATE_LOGIN_PER_MINUTE = settings.ILP_RATE_LAUNCH_PER_MINUTE = -1

    return begin


def test_too_many_at_once_are_told_so_without_a_question_to_the_database(
    platform, flooded, django_assert_num_queries
):
    platform.login(Client())  # somebody came a moment ago
    flooded()
    form = {"state": "made-up", "id_token": platform.sign(platform.claims("nonce"))}
    with django_assert_num_queries(0):
        answers = [platform.login(Client()), Client().post("/lti/launch", form)]
    assert [(answer.status_code, shown_by(answer)) for answer in answers] == [(429, platform.issuer)] * 2


def test_too_many_from_where_nobody_came_lately_are_shown_by_nobody(platform, flooded, django_assert_num_queries):
    platforms.forget()
    flooded()
    with django_assert_num_queries(0):
        assert shown_by(platform.login(Client())) == "'none'"
