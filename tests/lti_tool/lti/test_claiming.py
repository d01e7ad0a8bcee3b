"""A deployment that is nobody's: the school's code makes it the school's, and nothing else does (T61)."""

import io
import re
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from lti_tool.lti import school_codes
from lti_tool.lti.models import Appointment, ClaimVisit, Deployment, LaunchSession, PlatformUser, SchoolCode
from lti_tool.plans import api as plans
from tests.factories import lti

pytestmark = [pytest.mark.django_db, pytest.mark.database]

ADMINISTRATOR = "http://purl.imsglobal.org/vocab/lis/v2/institution/person#Administrator"


@pytest.fixture
def school():
    return lti.school()


@pytest.fixture
def lms(school):
    platform = lti.FakePlatform()
    platform.register(None)
    return platform


def new_code(*arguments: str) -> str:
    out = io.StringIO()
    call_command("school_code", *arguments, stdout=out)
    return out.getvalue().strip()


def arrive(lms, browser: Client, **claims) -> str:
    """A launch that ends at the code's field; returns the token its document holds."""
    answer = lms.launch(browser, roles=[ADMINISTRATOR], **claims)
    assert answer.status_code == 403
    return re.search(r'name="token" value="([^"]+)"', answer.content.decode()).group(1)


def type_code(browser: Client, token: str, code: str):
    return browser.post("/lti/claim", {"token": token, "code": code})


@pytest.mark.trust("T61", "T7")
def test_the_code_gives_the_deployment_and_its_first_administrator_to_the_school(lms, school):
    browser = Client()
    token = arrive(lms, browser)
    assert not LaunchSession.objects.exists()
    answer = type_code(browser, token, new_code().lower().replace("-", " "))
    assert answer.status_code == 200
    assert Deployment.objects.get().school_id == school
    user = PlatformUser.objects.get()
    assert (user.sub, Appointment.objects.get().platform_user_id) == ("user-1", user.pk)
    assert lms.launch(browser, roles=[ADMINISTRATOR]).status_code == 303
    assert PlatformUser.objects.count() == 1
    assert plans.verify_audit(school)


@pytest.mark.trust("T61")
@pytest.mark.parametrize("role", [lti.LEARNER, lti.MEMBERSHIP + "Mentor", "urn:nobody"])
def test_students_families_and_strangers_are_not_asked_for_a_code(lms, role):
    answer = lms.launch(Client(), roles=[role])
    assert answer.status_code == 403
    assert b'name="code"' not in answer.content
    assert not ClaimVisit.objects.exists()


def test_a_code_works_once(lms, school):
    code = new_code()
    browser = Client()
    assert type_code(browser, arrive(lms, browser), code).status_code == 200
    other = lti.FakePlatform(issuer="https://other.example", client_id="2")
    other.register(None)
    answer = type_code(browser, arrive(other, browser), code)
    assert answer.status_code == 422
    assert "not a code that works" in answer.content.decode()
    assert Deployment.objects.get(platform__client_id="2").school_id is None


def test_an_old_code_is_refused(lms, school):
    code = new_code()
    SchoolCode.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    browser = Client()
    assert type_code(browser, arrive(lms, browser), code).status_code == 422
    assert Deployment.objects.get().school_id is None


@pytest.mark.trust("T46")
def test_guessing_is_stopped_also_across_new_launches_and_leaves_the_code_good(lms, school, settings):
    settings.ILP_RATE_CODE_PER_MINUTE = 0
    code, browser = new_code(), Client()
    for _ in range(school_codes.MOST_BY_ACCOUNT):
        assert type_code(browser, arrive(lms, browser), "0000-0000-0000").status_code == 422
    assert type_code(browser, arrive(lms, browser), code).status_code == 429
    assert Deployment.objects.get().school_id is None
    assert type_code(browser, arrive(lms, browser, sub="somebody-else"), code).status_code == 200


@pytest.mark.trust("T46")
def test_codes_from_one_address_are_limited(lms, school, settings):
    settings.ILP_RATE_CODE_PER_MINUTE = 2
    browser = Client()
    answers = [type_code(browser, "made-up", "0").status_code for _ in range(4)]
    assert answers.count(429) >= 1


def test_a_visit_ends_after_twenty_minutes_and_when_the_deployment_is_somebodys(lms, school):
    browser, code = Client(), new_code()
    early, late = arrive(lms, browser), arrive(lms, browser)
    ClaimVisit.objects.order_by("pk").update(expires_at=timezone.now() - timedelta(seconds=1))
    assert type_code(browser, late, code).status_code == 400
    ClaimVisit.objects.update(expires_at=timezone.now() + timedelta(minutes=5))
    assert type_code(browser, early, code).status_code == 200
    assert type_code(browser, late, new_code()).status_code == 400


@pytest.mark.trust("T60", "T61")
def test_nobody_types_a_code_in_a_browser_that_did_not_ask(lms, school):
    asked = lms.begin(Client())
    token = lms.sign(lms.claims(asked["nonce"], roles=[ADMINISTRATOR]))
    answer = Client().post("/lti/launch", {"state": asked["state"], "id_token": token})
    assert answer.status_code == 403
    assert b'name="code"' not in answer.content


def test_the_page_for_the_code_is_framed_by_the_platform_only_and_never_kept(lms):
    answer = lms.launch(Client(), roles=[ADMINISTRATOR])
    assert "frame-ancestors https://lms.example" in answer["Content-Security-Policy"]
    assert answer["Cache-Control"] == "no-store"
    assert b'<label for="code">' in answer.content


@pytest.mark.trust("T69", "T76")
def test_codes_and_tokens_are_stored_as_hashes_only(lms, school):
    code, browser = new_code(), Client()
    token = arrive(lms, browser)
    assert code.replace("-", "") not in str(list(SchoolCode.objects.values()))
    assert token not in str(list(ClaimVisit.objects.values()))
    assert re.fullmatch(r"([0-9A-HJKMNP-TV-Z]{4}-){2}[0-9A-HJKMNP-TV-Z]{4}", code)
