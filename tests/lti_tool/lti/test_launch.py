"""Login and launch through the tool's own addresses, as a browser walks them."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from lti_tool.lti import api, platform_keys, platforms, ratelimit
from lti_tool.lti.models import Context, Deployment, LaunchSession, Login
from lti_tool.plans import api as plans
from lti_tool.plans.data import Role
from tests.factories import lti

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def session_of(browser: Client, answer) -> api.Session:
    handle = answer["Location"].rstrip("/").rpartition("/")[2]
    return api.open_session(handle, browser.cookies[f"__Host-ilp-{handle}"].value)


def test_a_launch_ends_in_a_session_of_its_own_and_a_redirect_to_the_panel():
    browser, platform = Client(), lti.connected()
    answer = platform.launch(browser)
    assert answer.status_code == 303
    session = session_of(browser, answer)
    assert session.role is Role.LEARNER
    assert session.context_title == "Science 8"
    assert not session.ended
    assert plans.actor_for(session.school_id, session.person_id, session.course_id).role is Role.LEARNER


def test_a_returning_users_launch_takes_at_most_six_sql_statements():
    browser, platform = Client(), lti.connected()
    platform.launch(browser)
    asked = platform.begin(browser)
    token = platform.sign(platform.claims(asked["nonce"]))
    with CaptureQueriesContext(
        connection,
    ) as captured:
        answer = browser.post("/lti/launch", {"state": asked["state"], "id_token": token})
    assert answer.status_code == 303
    assert len(captured) <= 6, [query["sql"] for query in captured]


def test_a_new_persons_launch_takes_at_most_fourteen_statements_beside_the_transactions_own():
    browser, platform = Client(), lti.connected()
    platform.launch(browser)
    asked = platform.begin(browser)
    token = platform.sign(platform.claims(asked["nonce"], sub="user-2", name="Kim Moss"))
    with CaptureQueriesContext(connection) as captured:
        answer = browser.post("/lti/launch", {"state": asked["state"], "id_token": token})
    session = session_of(browser, answer)
    assert plans.actor_for(session.school_id, session.person_id, session.course_id).role is Role.LEARNER
    assert len([query for query in captured if "SAVEPOINT" not in query["sql"]]) <= 14
    assert plans.verify_audit(session.school_id)


def test_a_redirect_carries_the_policy_of_every_answer():
    browser, platform = Client(), lti.connected()
    asks, enters = platform.login(browser), platform.launch(browser)
    assert asks["Content-Security-Policy"] == enters["Content-Security-Policy"]
    assert "default-src 'none'" in asks["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in asks["Content-Security-Policy"]


@pytest.mark.trust("T60")
def test_a_message_opens_one_session_and_not_two():
    browser, platform = Client(), lti.connected()
    asked = platform.begin(browser)
    sent = {"state": asked["state"], "id_token": platform.sign(platform.claims(asked["nonce"]))}
    assert browser.post("/lti/launch", sent).status_code == 303
    assert browser.post("/lti/launch", sent).status_code == 400
    assert LaunchSession.objects.count() == 1
    assert not Login.objects.exists()


def test_a_tool_restarted_between_login_and_launch_goes_on():
    browser, platform = Client(), lti.connected()
    asked = platform.begin(browser)
    platforms.forget()
    platform_keys._held.clear()
    ratelimit._counts.clear()
    token = platform.sign(platform.claims(asked["nonce"]))
    assert browser.post("/lti/launch", {"state": asked["state"], "id_token": token}).status_code == 303


@pytest.mark.parametrize("kind", ["LOGIN", "LAUNCH"])
def test_one_address_is_slowed_down_and_others_are_not(settings, kind):
    setattr(settings, f"ILP_RATE_{kind}_PER_MINUTE", 3)
    browser, platform = Client(), lti.connected()

    def ask(address: str):
        if kind == "LOGIN":
            query = {"iss": platform.issuer, "login_hint": "x", "target_link_uri": lti.LAUNCH_URL}
            return browser.get("/lti/login", query, REMOTE_ADDR=address)
        return browser.post("/lti/launch", {"state": "x", "id_token": "y"}, REMOTE_ADDR=address)

    answers = [ask("198.51.100.1") for _ in range(5)]
    assert [answer.status_code == 429 for answer in answers] == [False] * 3 + [True] * 2
    assert 0 < int(answers[-1]["Retry-After"]) <= 60
    assert ask("198.51.100.2").status_code != 429
    setattr(settings, f"ILP_RATE_{kind}_PER_MINUTE", 0)
    assert ask("198.51.100.1").status_code != 429


def test_behind_a_proxy_the_address_is_the_one_the_proxy_saw(settings):
    settings.ILP_RATE_LAUNCH_PER_MINUTE = 1
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

    def ask(forwarded: str) -> int:
        headers = {"X-Forwarded-For": forwarded}
        return Client().post("/lti/launch", {"state": "x", "id_token": "y"}, headers=headers).status_code

    assert ask("198.51.100.1") == 400
    assert ask("spoofed, 198.51.100.1") == 429
    assert ask("198.51.100.1, 198.51.100.2") == 400


def test_a_returning_user_writes_nothing_but_the_session():
    browser, platform = Client(), lti.connected()
    platform.launch(browser)
    asked = platform.begin(browser)
    token = platform.sign(platform.claims(asked["nonce"]))
    with CaptureQueriesContext(connection) as captured:
        browser.post("/lti/launch", {"state": asked["state"], "id_token": token})
    written = [verb for verb in (query["sql"].split()[0] for query in captured) if verb != "SELECT"]
    assert written == ["DELETE", "INSERT"]


def test_only_what_changed_is_written_and_what_a_launch_leaves_out_stays():
    browser, platform = Client(), lti.connected()
    roster = {"https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice": {
        "context_memberships_url": "https://lms.example/people", "service_versions": ["2.0"],
    }}  # fmt: skip
    platform.launch(browser, **roster)
    platform.launch(browser, context={"id": "course-1", "title": "Science 9"})
    context = Context.objects.get()
    assert context.title == "Science 9"
    assert context.memberships_url == "https://lms.example/people"


def test_a_gradebook_that_a_link_offers_no_more_is_asked_no_more():
    browser, platform = Client(), lti.connected()
    service = {"https://purl.imsglobal.org/spec/lti-ags/claim/endpoint": {
        "lineitems": "https://lms.example/items", "scope": ["https://purl.imsglobal.org/spec/lti-ags/scope/score"],
    }}  # fmt: skip
    platform.launch(browser, **service)
    assert Context.objects.get().lineitems_url == "https://lms.example/items"
    platform.launch(browser)
    assert (Context.objects.get().lineitems_url, Context.objects.get().scopes) == ("", [])


def test_granted_scopes_are_those_of_the_last_launch():
    browser, platform = Client(), lti.connected()
    score, read = (f"https://purl.imsglobal.org/spec/lti-ags/scope/{name}" for name in ("score", "result.readonly"))
    for granted in ([score, read], [read], []):
        endpoint = {"lineitems": "https://lms.example/items", "scope": granted}
        platform.launch(browser, **{"https://purl.imsglobal.org/spec/lti-ags/claim/endpoint": endpoint})
        assert Context.objects.get().scopes == sorted(granted)
    assert Deployment.objects.get().messages == ["LtiResourceLinkRequest"]


@pytest.mark.trust("T80")
def test_no_personal_data_stands_in_an_address_of_ours():
    browser, platform = Client(), lti.connected()
    answer = platform.launch(browser, sub="canary-sub", name="Canary Name")
    assert "anary" not in answer["Location"]
    assert answer["Cache-Control"] == "no-store"
    assert answer["Referrer-Policy"] == "no-referrer"
