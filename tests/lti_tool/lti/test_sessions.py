"""Sessions: found by a handle, opened by a secret, ended by time, by the person, or by leaving the course."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from lti_tool.lti import api
from lti_tool.lti.models import Deployment, LaunchSession, Login, Platform
from tests.factories import lti
from tests.factories.lti import INSTRUCTOR

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def platform():
    return lti.connected()


@pytest.fixture
def browser():
    return Client()


def entered(platform, browser, **changes) -> tuple[str, str]:
    """Handle and secret of a new session."""
    answer = platform.launch(browser, **changes)
    handle = answer["Location"].rstrip("/").rpartition("/")[2]
    return handle, browser.cookies[f"__Host-ilp-{handle}"].value


@pytest.mark.trust("T62")
def test_the_cookie_has_every_attribute_that_keeps_it_safe(platform, browser):
    answer = platform.launch(browser)
    header = next(str(c.OutputString()) for name, c in answer.cookies.items() if "login" not in name)
    assert header.startswith("__Host-ilp-")
    for attribute in ("Secure", "HttpOnly", "SameSite=None", "Partitioned", "Path=/"):
        assert attribute in header
    assert "Domain" not in header


@pytest.mark.trust("T62")
def test_each_launch_gives_a_new_handle_and_a_new_secret(platform, browser):
    first, second = entered(platform, browser), entered(platform, browser)
    assert first[0] != second[0]
    assert first[1] != second[1]


@pytest.mark.trust("T62")
def test_a_secret_is_stored_only_as_a_hash(platform, browser):
    _, secret = entered(platform, browser)
    row = LaunchSession.objects.get()
    assert secret not in str(vars(row))


@pytest.mark.trust("T62")
@pytest.mark.parametrize("secret", ["", "x", "é", "\x00"])
def test_a_handle_without_its_secret_opens_nothing(platform, browser, secret):
    handle, _ = entered(platform, browser)
    assert api.open_session(handle, secret) is None


@pytest.mark.parametrize("handle", ["", "x" * 33, "../etc", "é" * 8, "\x00", "no-such-handle"])
def test_a_handle_nobody_has_opens_nothing(platform, handle):
    assert api.open_session(handle, "secret") is None


def test_one_sessions_secret_does_not_open_another(platform, browser):
    first, second = entered(platform, browser), entered(platform, browser)
    assert api.open_session(first[0], second[1]) is None


def test_opening_a_session_takes_one_statement_and_marks_it_once_a_minute(platform, browser, time_machine):
    session = entered(platform, browser)
    with CaptureQueriesContext(connection) as captured:
        assert api.open_session(*session)
    assert len(captured) == 1
    time_machine.move_to(timezone.now() + timedelta(seconds=90))
    with CaptureQueriesContext(connection) as captured:
        assert api.open_session(*session)
        assert api.open_session(*session)
    assert len(captured) == 3


@pytest.mark.trust("T62")
def test_an_idle_session_ends_and_still_keeps_words_for_a_day(platform, browser, time_machine, settings):
    session = entered(platform, browser)
    begun = timezone.now()
    time_machine.move_to(begun + timedelta(minutes=settings.ILP_IDLE_MINUTES + 1))
    ended = api.open_session(*session)
    assert ended.ended
    assert ended.may_keep_words
    time_machine.move_to(begun + timedelta(minutes=settings.ILP_IDLE_MINUTES + 1, hours=24))
    assert not api.open_session(*session).may_keep_words


@pytest.mark.trust("T62")
def test_a_busy_session_ends_at_its_absolute_limit(platform, browser, time_machine, settings):
    session = entered(platform, browser)
    begun = timezone.now()
    for minutes in range(0, settings.ILP_SESSION_MINUTES, 30):
        time_machine.move_to(begun + timedelta(minutes=minutes, seconds=1))
        assert not api.open_session(*session).ended
    time_machine.move_to(begun + timedelta(minutes=settings.ILP_SESSION_MINUTES, seconds=2))
    assert api.open_session(*session).ended


@pytest.mark.trust("T62")
def test_a_session_its_person_ended_stays_ended_and_keeps_nothing(platform, browser):
    session = entered(platform, browser)
    assert api.end_session(*session)
    assert not api.end_session(*session)
    ended = api.open_session(*session)
    assert ended.ended
    assert not ended.may_keep_words


@pytest.mark.trust("T3")
def test_somebody_who_left_a_course_loses_the_sessions_of_that_course_only(platform, browser):
    left = entered(platform, browser, roles=[INSTRUCTOR])
    elsewhere = entered(platform, browser, roles=[INSTRUCTOR], context={"id": "course-2"})
    colleague = entered(platform, browser, roles=[INSTRUCTOR], sub="user-2")
    opened = api.open_session(*left)
    assert api.end_sessions(opened.school_id, opened.course_id, [opened.person_id]) == 1
    assert api.open_session(*left).ended
    assert not api.open_session(*elsewhere).ended
    assert not api.open_session(*colleague).ended


@pytest.mark.trust("T65")
def test_a_csrf_token_is_good_for_its_own_session_only(platform, browser):
    first, second = entered(platform, browser), entered(platform, browser)
    token = api.csrf_token(*first)
    assert api.check_csrf(*first, token)
    assert not api.check_csrf(*second, token)
    for junk in ("", "x", "é", token + "x"):
        assert not api.check_csrf(*first, junk)


def test_a_browser_keeps_at_most_twenty_sessions_the_oldest_make_room(platform, browser, time_machine):
    begun = timezone.now()
    handles = []
    for number in range(23):
        time_machine.move_to(begun + timedelta(seconds=number))
        handles.append(entered(platform, browser)[0])
        _drop_expired(browser)
    kept = [name for name in browser.cookies if name.startswith("__Host-ilp-") and "login" not in name]
    assert sorted(kept) == sorted(f"__Host-ilp-{handle}" for handle in handles[-20:])


def test_logins_that_never_came_back_do_not_fill_a_browser(platform, browser, time_machine):
    begun = timezone.now()
    for number in range(25):
        time_machine.move_to(begun + timedelta(seconds=number))
        platform.begin(browser)
        _drop_expired(browser)
    assert sum("login" in name for name in browser.cookies) == 20


def _drop_expired(browser: Client) -> None:
    for name in [name for name, cookie in browser.cookies.items() if cookie["max-age"] == 0]:
        del browser.cookies[name]


def test_what_ran_out_is_forgotten(platform, browser, time_machine):
    session = entered(platform, browser)
    platform.begin(browser)
    time_machine.move_to(timezone.now() + timedelta(days=3))
    assert api.forget_expired() == 2
    assert not Login.objects.exists()
    assert api.open_session(*session) is None


@pytest.mark.trust("T64")
def test_only_origins_of_the_platform_and_of_its_signed_message_may_frame_a_session(browser):
    platform = lti.connected(auth_url="https://sso.lms.example:8443/auth")
    session = entered(
        platform, browser,
        launch_presentation={"return_url": "https://district.lms.example/courses/1"},
        tool_platform={"guid": "g", "url": "javascript:alert(1)"},
    )  # fmt: skip
    assert api.open_session(*session).frame_ancestors == (
        "https://lms.example", "https://sso.lms.example:8443", "https://district.lms.example",
    )  # fmt: skip


def _framed_by(answer) -> set[str]:
    return set(answer["Content-Security-Policy"].rpartition("frame-ancestors ")[2].split())


CLOUD = {"https://canvas.example", "https://sso.canvas.example"}
ALDER, BIRCH = "https://alder.canvas.example", "https://birch.canvas.example"


def _stored_login(platform, **changes):
    """A login in a frame whose browser keeps no cookie: the page that asks the platform's storage."""
    framed = {"headers": {"Sec-Fetch-Dest": "iframe"}, "lti_storage_target": "_parent", **changes}
    sent_round = platform.login(Client(), **framed)
    return Client().get(sent_round["Location"], headers=framed["headers"])


@pytest.mark.trust("T64")
def test_schools_of_one_cloud_show_the_pages_before_a_message_at_addresses_of_their_own(browser, time_machine):
    platform = lti.connected(issuer="https://canvas.example", auth_url="https://sso.canvas.example/auth")
    other = Deployment.objects.create(
        platform=Platform.objects.get(), deployment_id="deployment-2", school_id=lti.school("Birch School")
    )
    before = _stored_login(platform)
    assert before.status_code == 200
    assert _framed_by(before) == CLOUD
    platform.launch(browser, launch_presentation={"return_url": f"{ALDER}/courses/1"})
    platform.launch(browser, launch_presentation={"return_url": f"{BIRCH}/x"}, deployment_id=other.deployment_id)
    assert _framed_by(_stored_login(platform)) == CLOUD | {ALDER, BIRCH}
    assert _framed_by(_stored_login(platform, lti_deployment_id="deployment-1")) == CLOUD | {ALDER}
    assert _framed_by(_stored_login(platform, lti_deployment_id="nobody's")) == CLOUD
    time_machine.move_to(timezone.now() + timedelta(days=9))
    api.forget_expired()
    assert _framed_by(_stored_login(platform, lti_deployment_id="deployment-1")) == CLOUD | {ALDER}
    assert _framed_by(_stored_login(platform, lti_deployment_id="deployment-2")) == CLOUD | {BIRCH}


@pytest.mark.trust("T64")
def test_where_a_signed_message_was_shown_never_lets_another_platforms_pages_be_framed_there(browser):
    lti.connected(issuer="https://other.example", auth_url="https://other.example/auth", client_id="other").launch(
        browser, launch_presentation={"return_url": "https://hostile.example/x"}
    )
    platform = lti.connected(issuer="https://canvas.example", auth_url="https://sso.canvas.example/auth")
    assert _framed_by(_stored_login(platform)) == CLOUD
    api.forget_expired()
    assert _framed_by(_stored_login(platform)) == CLOUD


@pytest.mark.trust("T64")
def test_what_only_a_forged_message_names_frames_nothing(browser):
    platform = lti.connected(issuer="https://canvas.example", auth_url="https://sso.canvas.example/auth")
    answer = platform.launch(
        browser,
        header={"key": lti.rsa_key("forger")},
        launch_presentation={"return_url": "https://hostile.example/x"},
    )
    assert answer.status_code in {400, 424}
    assert _framed_by(answer) == CLOUD
    assert _framed_by(_stored_login(platform)) == CLOUD


def test_a_message_that_comes_without_its_cookie_says_where_its_page_is_shown():
    platform = lti.connected(issuer="https://canvas.example", auth_url="https://sso.canvas.example/auth")
    asked = platform.begin(Client())
    token = platform.sign(
        platform.claims(asked["nonce"], launch_presentation={"return_url": f"{ALDER}/courses/1", "locale": "cy"})
    )
    answer = Client().post("/lti/launch", {"state": asked["state"], "id_token": token})
    assert answer.status_code == 403
    assert _framed_by(answer) == CLOUD | {ALDER}
    assert answer["Content-Language"] == "cy"


@pytest.mark.database
@pytest.mark.parametrize("hosts", [("a" * 900,) * 2, ("a." + "b" * 249, "c." + "d" * 249)])
def test_hosts_of_any_length_fit_where_origins_are_kept(browser, hosts):
    long = "https://" + "x." * 120 + "example"
    platform = lti.connected(issuer=long, auth_url="https://" + "y." * 120 + "example/auth")
    back, here = (f"https://{host}/" for host in hosts)
    session = entered(platform, browser, launch_presentation={"return_url": back}, tool_platform={"url": here})
    kept = api.open_session(*session).frame_ancestors
    assert long in kept
    assert len(" ".join(kept)) <= 1000
