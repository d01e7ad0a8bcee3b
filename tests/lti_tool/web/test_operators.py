"""The operator's pages (T71): a host of their own, password and second factor, and nothing of any plan."""

import io
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver
from django.utils import timezone
from django_otp.plugins.otp_totp.models import TOTPDevice

from lti_tool import checks
from lti_tool.lti import api as lti
from lti_tool.lti import school_codes
from lti_tool.lti.models import Context, Deployment, LaunchSession, Platform
from lti_tool.plans import api as plans
from lti_tool.plans.data import TargetChange
from lti_tool.web.operators.host import URLS
from tests.factories.lti import INSTRUCTOR, FakePlatform
from tests.factories.operators import HOST, address, browser, code_of, log_in, send
from tests.factories.plans import make_cast

pytestmark = [pytest.mark.django_db]


@pytest.mark.trust("T71")
@pytest.mark.parametrize(
    "changes",
    [
        {"otp_token": ""}, {"otp_token": "000000"}, {"otp_token": "no code"}, {"password": "wrong"},
        {"username": "nobody"}, {"username": "admin", "password": "admin"}, {"otp_challenge": "1", "otp_token": ""},
    ],
)  # fmt: skip
def test_a_log_in_without_both_factors_fails_and_does_not_say_which(device: TOTPDevice, changes: dict) -> None:
    client = browser()
    refused = log_in(client, device, **changes)
    assert refused.status_code == 403
    assert "Check the name, the password and the code" in refused.content.decode()
    assert client.get(address("operator-schools"), secure=True).status_code == 302


@pytest.mark.trust("T71")
def test_a_password_alone_opens_no_page(device: TOTPDevice) -> None:
    client = browser()
    client.force_login(get_user_model().objects.get())
    school = plans.create_school("Alder School")
    for name, ids in routes(school):
        for method in ("get", "post"):
            for anybody in (client, Client(headers={"host": HOST})):
                answer = getattr(anybody, method)(address(name, *ids), secure=True)
                assert answer.status_code in {302, 403, 200 if name == "operator-log-in" else 302}, name
                assert b"Alder" not in answer.content
    assert client.get(address("operator-schools"), secure=True).status_code == 302


def routes(school: object) -> list[tuple[str, list]]:
    needed = {"school_id": school, "deployment_pk": 1}
    named = [
        (pattern.name, [value for name, value in needed.items() if name in str(pattern.pattern)])
        for pattern in get_resolver(URLS).url_patterns
    ]
    assert len(named) == 13
    return named


@pytest.mark.trust("T71")
def test_a_code_works_once(device: TOTPDevice) -> None:
    code = code_of(device)
    assert log_in(browser(), device, otp_token=code).status_code == 302
    assert log_in(browser(), device, otp_token=code).status_code == 403


@pytest.mark.trust("T71", "T46")
def test_tries_are_limited(device: TOTPDevice, settings) -> None:
    settings.ILP_RATE_OPERATOR_PER_MINUTE = 2
    client = browser()
    answers = [log_in(client, device, password="wrong").status_code for _ in range(5)]
    assert 429 in answers


@pytest.mark.database
def test_a_character_no_database_keeps_is_refused_here_too(device: TOTPDevice) -> None:
    client = browser()
    assert log_in(client, device, username="ro\x00bin").status_code == 400
    assert log_in(client, device).status_code == 302
    assert send(client, address("operator-new-school"), name="Alder\x00School").status_code == 400


@pytest.mark.trust("T71")
def test_there_are_no_default_accounts() -> None:
    assert not get_user_model().objects.exists()


@pytest.mark.trust("T71")
def test_on_every_other_host_none_of_the_pages_exists_and_no_session_is_touched(
    django_assert_num_queries: Callable,
) -> None:
    with django_assert_num_queries(0):
        for path in ("/log-in", "/schools/new", "/log-out"):
            assert Client().get(path, secure=True).status_code == 404


@pytest.mark.trust("T71")
@pytest.mark.parametrize("path", ["/lti/login", "/lti/jwks", "/lti/canvas.json", "/s/abc/", "/s/abc/setup/"])
def test_on_the_operators_host_nothing_else_exists(path: str) -> None:
    assert browser().get(path, secure=True).status_code == 404


def test_a_school_is_created_with_its_first_code_and_link_shown_once(operator: Client) -> None:
    page = send(operator, address("operator-new-school"), name="  Alder   School ")
    assert page.status_code == 201
    text = page.content.decode()
    ((school_id, name),) = plans.schools()
    assert name == "Alder School"
    code = re.search(r'value="([0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4})"', text).group(1)
    assert "http://testserver/lti/register/" in text
    assert code not in operator.get(address("operator-schools"), secure=True).content.decode()
    assert school_codes.redeem(code) == school_id
    assert plans.verify_audit(school_id)
    assert send(operator, address("operator-new-school"), name="Alder School").status_code == 422
    assert send(operator, address("operator-new-school"), name=" ").status_code == 422


def test_another_code_for_a_school(operator: Client) -> None:
    school_id = plans.create_school("Alder School")
    page = send(operator, address("operator-new-code", school_id))
    assert (
        "http://testserver/lti/register/" in send(operator, address("operator-new-link", school_id)).content.decode()
    )
    code = re.search(r'value="([0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4})"', page.content.decode()).group(1)
    assert school_codes.redeem(code) == school_id
    assert send(operator, address("operator-new-code", "00000000-0000-4000-8000-000000000000")).status_code == 404


@pytest.mark.trust("T71")
def test_the_operator_and_even_a_superuser_sees_no_person_and_no_plan(operator: Client) -> None:
    get_user_model().objects.update(is_superuser=True, is_staff=True)
    cast = make_cast()
    canary = "Canary of the plan"
    change = TargetChange(canary, canary, canary, "", timezone.localdate(), ())
    plans.agree_target(cast.teacher, cast.student.person_id, change)
    Context.objects.update(title=canary)
    school = cast.maths.school_id
    pages = [address("operator-schools"), address("operator-school", school), address("operator-account")]
    with CaptureQueriesContext(connection) as queries:
        shown = "".join(operator.get(page, secure=True).content.decode() for page in pages)
        shown += send(operator, address("operator-new-code", school)).content.decode()
    for private in (canary, "Ana", "Ms Hill", "Explain my answer", "Maths", str(cast.student.person_id)):
        assert private not in shown
    read = " ".join(query["sql"] for query in queries.captured_queries)
    assert "ilp_plans_person" not in read
    assert "ilp_plans_plan" not in read
    for path in ("/admin/", "/admin/login/", "/admin/auth/user/", "/admin/ilp_plans/plan/", "/search"):
        assert operator.get(path, secure=True).status_code == 404
        assert Client().get(path, secure=True).status_code == 404
    assert not apps.is_installed("django.contrib.admin")


def test_a_learning_site_is_switched_off_at_once_and_on_again_with_everything_there(
    operator: Client, visitor: Callable
) -> None:
    cast = make_cast()
    mine = visitor(cast.teacher)
    school, site = (
        cast.maths.school_id,
        Deployment.objects.get(pk=LaunchSession.objects.get(handle=mine.door.handle).deployment_id),
    )
    assert mine.get("panel").status_code == 200
    where = address("operator-site", school, site.pk)
    page = send(operator, where, state="off")
    assert "Switched off. It opens nothing any more" in page.content.decode()
    assert mine.get("panel").status_code == 401
    assert lti.course_services(cast.maths.course_id) is None
    assert "connection of this learning site" in launched(site).content.decode()
    assert Deployment.objects.get(pk=site.pk).school_id is None, "a launch does not take it back"
    assert send(operator, where, state="off").status_code == 200, "twice is as good as once"
    assert "Switched on again" in send(operator, where, state="on").content.decode()
    assert mine.get("panel").status_code == 200
    assert plans.verify_audit(school)
    other = plans.create_school("Birch School")
    assert send(operator, address("operator-site", other, site.pk), state="off").status_code == 404
    assert mine.get("panel").status_code == 200


@pytest.mark.trust("T55")
def test_before_a_site_goes_for_good_its_marks_are_taken_back(operator: Client, visitor: Callable) -> None:
    cast = make_cast()
    mine = visitor(cast.teacher)
    site = Deployment.objects.get(pk=LaunchSession.objects.get(handle=mine.door.handle).deployment_id)
    school = cast.maths.school_id
    where = address("operator-take-back", school, site.pk)
    assert "0 marks are being taken back" in send(operator, where).content.decode()
    other = plans.create_school("Birch School")
    assert send(operator, address("operator-take-back", other, site.pk)).status_code == 404
    send(operator, address("operator-site", school, site.pk), state="off")
    assert send(operator, where).status_code == 404, "switched off it is asked for nothing"
    assert plans.verify_audit(school)


def launched(site: Deployment):
    platform = FakePlatform(
        issuer=site.platform.issuer, client_id=site.platform.client_id, deployment_id=site.deployment_id
    )
    now = timezone.now()
    Platform.objects.filter(pk=site.platform_id).update(
        jwks=platform.jwks(), jwks_fetched_at=now, jwks_expires_at=now + timedelta(hours=1)
    )
    return platform.launch(Client(), roles=[INSTRUCTOR])


@pytest.mark.trust("T65", "T71")
def test_a_change_needs_the_pages_token_and_the_answer_keeps_to_itself(operator: Client) -> None:
    assert operator.post(address("operator-new-school"), {"name": "Alder"}, secure=True).status_code == 403
    page = operator.get(address("operator-schools"), secure=True)
    assert "frame-ancestors 'none'" in page["Content-Security-Policy"]
    assert page["Cache-Control"] == "no-store"
    cookie = operator.cookies["__Host-ilp-operator"]
    assert cookie["secure"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Strict"


def test_logging_out_ends_the_session(operator: Client) -> None:
    assert send(operator, address("operator-log-out")).status_code == 302
    assert operator.get(address("operator-schools"), secure=True).status_code == 302


@pytest.mark.trust("T71")
@pytest.mark.parametrize("password", ["short", ""])
def test_a_weak_password_is_refused(monkeypatch: pytest.MonkeyPatch, password: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(password + "\n"))
    with pytest.raises(CommandError):
        call_command("create_operator", "robin", stdout=io.StringIO())
    assert not get_user_model().objects.exists()


def test_without_a_host_of_its_own_there_is_no_operator_to_create(settings) -> None:
    settings.ILP_OPERATOR_HOST = ""
    with pytest.raises(CommandError, match="ILP_OPERATOR_HOST"):
        call_command("create_operator", "robin")


@pytest.mark.trust("T71")
def test_the_tools_own_host_cannot_be_the_operators(settings) -> None:
    settings.ILP_OPERATOR_HOST = "testserver"
    assert [message.id for message in checks.operator_host()] == ["ilp.E009"]
