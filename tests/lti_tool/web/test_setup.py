"""The setup pages: only for a school's appointed administrators, in a fresh session, with no plan on any of them."""

import json
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from werkzeug import Request, Response

from lti_tool.lti import api as lti_api
from lti_tool.lti import school_codes
from lti_tool.lti.models import Appointment, Deployment, Platform, RegistrationLink, SchoolCode
from lti_tool.plans import api as plans
from lti_tool.plans.data import Role
from lti_tool.plans.models import AuditEvent
from tests.factories import lti
from tests.factories.plans import Cast, make_cast
from tests.factories.setup import appoint

pytestmark = [pytest.mark.django_db]

GRADES = "https://purl.imsglobal.org/spec/lti-ags/scope/"
MEMBERS = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


@pytest.fixture
def it(cast: Cast, visitor: Callable):
    """The school's appointed administrator."""
    mine = visitor(cast.administrator)
    appoint(mine.door)
    return mine


# Who gets in.


@pytest.mark.trust("T61", "T1")
def test_a_role_alone_opens_nothing_and_a_code_does(cast: Cast, visitor: Callable) -> None:
    mine = visitor(cast.administrator)
    assert "Your school’s code" in mine.get("setup").content.decode()
    assert mine.post("setup-link").status_code == 404
    code = lti_api.school_code(cast.administrator.school_id)
    assert mine.post("setup-code", data={"code": code}).status_code == 302
    assert "Learning sites" in mine.get("setup").content.decode()
    assert mine.post("setup-link").status_code == 200
    assert plans.verify_audit(cast.administrator.school_id)


@pytest.mark.trust("T7", "T61")
def test_another_schools_code_appoints_nobody_and_stays_good(cast: Cast, visitor: Callable) -> None:
    code = lti_api.school_code(cast.stranger.school_id)
    assert visitor(cast.administrator).post("setup-code", data={"code": code}).status_code == 422
    assert not Appointment.objects.exists()
    assert visitor(cast.stranger).post("setup-code", data={"code": code}).status_code == 302


@pytest.mark.trust("T46")
def test_guessing_codes_is_stopped(cast: Cast, visitor: Callable, settings) -> None:
    settings.ILP_RATE_CODE_PER_MINUTE = 0
    mine = visitor(cast.administrator)
    code = lti_api.school_code(cast.administrator.school_id)
    answers = [
        mine.post("setup-code", data={"code": "wrong"}).status_code for _ in range(school_codes.MOST_BY_ACCOUNT)
    ]
    assert set(answers) == {422}
    assert mine.post("setup-code", data={"code": code}).status_code == 429


@pytest.mark.trust("T1", "T61")
@pytest.mark.parametrize("who", ["student", "parent", "assistant", "nobody", "outsider"])
def test_an_appointment_of_somebody_who_is_no_longer_staff_opens_nothing(
    cast: Cast, visitor: Callable, who: str
) -> None:
    mine = visitor(getattr(cast, who))
    appoint(mine.door)
    for method, route, ids in routes(cast):
        assert getattr(mine, method)(route, *ids).status_code == 404, route


@pytest.mark.trust("T3", "T61")
def test_a_demotion_ends_the_right(cast: Cast, it) -> None:
    assert it.get("setup").status_code == 200
    plans.set_enrolment(cast.maths.school_id, cast.maths.course_id, cast.administrator.person_id, Role.LEARNER)
    assert it.get("setup").status_code == 404


def routes(cast: Cast) -> list[tuple[str, str, list]]:
    course = [cast.maths.course_id]
    return [
        ("get", "setup", []), ("get", "setup-by-hand", []), ("get", "setup-course", course),
        ("get", "setup-passback", []), ("post", "setup-passback", []),
        ("post", "setup-link", []), ("post", "setup-new-code", []), ("post", "setup-by-hand", []),
        ("post", "setup-course", course), ("post", "setup-storage", course), ("post", "setup-end", [1]),
    ]  # fmt: skip


@pytest.mark.trust("T7", "T1")
def test_another_schools_administrator_reaches_nothing_of_ours(cast: Cast, it, visitor: Callable) -> None:
    theirs = visitor(cast.other_administrator)
    appoint(theirs.door)
    mine = Appointment.objects.get(school_id=cast.maths.school_id)
    course = cast.maths.course_id
    assert theirs.get("setup-course", course).status_code == 404
    assert theirs.post("setup-course", course).status_code == 404
    assert theirs.post("setup-storage", course, data={"outcome": "works"}).status_code == 404
    assert theirs.post("setup-end", mine.pk).status_code == 404
    assert it.get("setup").status_code == 200
    page = theirs.get("setup").content.decode()
    assert f"courses/{course}" not in page
    assert str(cast.maths.school_id) not in page


@pytest.mark.trust("T63")
def test_a_change_from_a_session_of_twenty_minutes_is_sent_back_to_the_course(cast: Cast, visitor: Callable) -> None:
    old = visitor(cast.administrator, at=timezone.now() - timedelta(minutes=21))
    appoint(old.door)
    lti_api.open_session(old.door.handle, old.door.secret)
    assert old.get("setup").status_code == 200
    for method, route, ids in routes(cast):
        if method == "post":
            answer = old.post(route, *ids)
            assert answer.status_code == 403, route
            assert "Show again that it is you" in answer.content.decode()
    assert not RegistrationLink.objects.exists()
    young = visitor(cast.administrator, at=timezone.now() - timedelta(minutes=19))
    assert young.post("setup-link").status_code == 200


@pytest.mark.trust("T1", "T71")
def test_no_student_and_no_plan_stands_on_a_setup_page(cast: Cast, it) -> None:
    for method, route, ids in routes(cast):
        if method == "get":
            page = it.get(route, *ids).content.decode()
            for private in ("Ana", "Ben", "Explain my answer", str(cast.student.person_id)):
                assert private not in page


# What they do there.


def test_a_registration_link_is_shown_once_and_works(cast: Cast, it) -> None:
    page = it.post("setup-link").content.decode()
    link = re.search(r'value="(http://testserver/lti/register/[^"]+)"', page).group(1)
    assert Client().get(link).status_code == 200
    assert "lti/register" not in it.get("setup").content.decode()
    assert RegistrationLink.objects.get().school_id == cast.administrator.school_id


def test_a_code_for_a_colleague_appoints_them_and_they_can_be_taken_off_again(
    cast: Cast, it, visitor: Callable
) -> None:
    code = re.search(
        r'value="([0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4})"', it.post("setup-new-code").content.decode()
    ).group(1)
    colleague = visitor(cast.teacher)
    assert colleague.post("setup-code", data={"code": code}).status_code == 302
    assert "Ms Hill" in it.get("setup").content.decode()
    theirs = Appointment.objects.get(platform_user__person_id=cast.teacher.person_id)
    assert it.post("setup-end", theirs.pk).status_code == 302
    assert colleague.post("setup-link").status_code == 404
    assert "Your school’s code" in colleague.get("setup").content.decode()


@pytest.mark.parametrize(
    "lms", ["blackboard", "schoology", "canvas", "brightspace", "moodle", "sakai", "other", "no such"]
)
def test_every_value_to_copy_is_shown_for_each_lms(it, lms: str) -> None:
    page = it.client.get(it.address("setup-by-hand"), {"lms": lms}).content.decode()
    for value in ("http://testserver/lti/launch", "http://testserver/lti/login", "http://testserver/lti/jwks"):
        assert f'value="{value}"' in page


class Described:
    """An LMS somebody describes: its key set and token endpoint, on loopback."""

    def __init__(self, server) -> None:
        self.server = server
        origin = server.url_for("").rstrip("/")
        self.form = {
            "lms": "moodle",
            "issuer": origin,
            "client_id": "client-7",
            "auth_url": origin + "/auth",
            "token_url": origin + "/token",
            "jwks_url": origin + "/keys",
        }
        self.keys = Response(json.dumps(lti.FakePlatform().jwks()), content_type="application/json")
        self.token = Response(json.dumps({"access_token": "t", "token_type": "Bearer", "expires_in": 60}))
        self.allows = ""  # the one scope it gives a token for; none: any
        self.asked: list[Request] = []
        server.expect_request("/keys").respond_with_handler(lambda request: self.keys)
        server.expect_request("/token", method="POST").respond_with_handler(self._token)

    def _token(self, request: Request) -> Response:
        request.form.to_dict()
        self.asked.append(request)
        fits = [scope.rpartition("/")[2] for scope in request.form["scope"].split()] == [self.allows]
        return self.token if fits or not self.allows else Response('{"error": "invalid_scope"}', 400)


@pytest.fixture
def described(httpserver) -> Described:
    return Described(httpserver)


def test_values_by_hand_are_checked_live_and_then_kept(it, described: Described) -> None:
    page = it.post("setup-by-hand", data=described.form)
    assert page.status_code == 200
    assert "One step is left" in page.content.decode()
    platform = Platform.objects.get(client_id="client-7")
    assert (platform.product_family, platform.jwks_url) == ("moodle", described.form["jwks_url"])
    (asked,) = described.asked
    assert asked.form["grant_type"] == "client_credentials"


@pytest.mark.trust("T7")
def test_values_by_hand_give_nobody_a_deployment_which_a_launch_and_the_code_do(
    it, described: Described, cast: Cast
) -> None:
    page = it.post("setup-by-hand", data=described.form).content.decode()
    assert not Deployment.objects.filter(platform__client_id="client-7").exists()
    fake = lti.FakePlatform(issuer=described.form["issuer"], client_id="client-7")
    browser = Client()
    asked = fake.launch(browser, roles=[lti.INSTRUCTOR])
    token = re.search(r'name="token" value="([^"]+)"', asked.content.decode()).group(1)
    code = re.search(r'value="([0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4})"', page).group(1)
    assert browser.post("/lti/claim", {"token": token, "code": code}).status_code == 200
    assert Deployment.objects.get(platform__client_id="client-7").school_id == cast.administrator.school_id


@pytest.mark.parametrize("allowed", ["contextmembership.readonly", "result.readonly"])
def test_one_service_that_is_switched_on_is_enough_for_the_check_to_hold(
    it, described: Described, allowed: str
) -> None:
    """Canvas refuses all scopes where one of them is not the key's."""
    described.allows = allowed
    assert it.post("setup-by-hand", data=described.form).status_code == 200
    assert Platform.objects.filter(client_id="client-7").exists()
    assert len({asked.form["client_assertion"] for asked in described.asked}) == len(described.asked) > 1


def keys_with(**members: object) -> Response:
    """A key set whose one key no launch could be checked with."""
    return Response(json.dumps({"keys": [{**lti.FakePlatform().jwks()["keys"][0], **members}]}))


@pytest.mark.parametrize(
    ("part", "answer", "sentence"),
    [
        ("keys", Response("<html>", 200), "makes no sense"),
        ("keys", Response('{"keys": []}', 200), "no key in the answer"),
        ("keys", keys_with(use="enc"), "no key in the answer"),
        ("keys", keys_with(alg="RS512"), "no key in the answer"),
        ("keys", keys_with(kty="EC"), "no key in the answer"),
        ("keys", keys_with(kid=None), "no key in the answer"),
        ("keys", keys_with(n="AQAB"), "no key in the answer"),
        ("keys", Response("", 404), "refused the question"),
        ("keys", Response("", 500), "a problem of its own"),
        ("token", Response('{"error": "invalid_client"}', 400), "does not know this client ID"),
        ("token", Response("", 401), "does not know this client ID"),
        ("token", Response("[]", 200), "makes no sense"),
    ],
)
def test_a_check_that_fails_says_why_and_nothing_is_kept_until_they_say_so(
    it, described: Described, part: str, answer: Response, sentence: str
) -> None:
    setattr(described, part, answer)
    page = it.post("setup-by-hand", data=described.form)
    assert page.status_code == 422
    assert sentence in page.content.decode()
    assert not Platform.objects.filter(client_id="client-7").exists()
    assert it.post("setup-by-hand", data=described.form | {"anyway": "1"}).status_code == 200
    assert Platform.objects.filter(client_id="client-7").exists()


@pytest.mark.trust("T72")
@pytest.mark.parametrize(
    "url", ["", "no address", "javascript:alert(1)", "ftp://lms.example/", "http://lms.example/x"]
)
def test_an_address_that_is_not_https_is_refused_without_asking_anybody(
    it, described: Described, settings, url: str
) -> None:
    settings.ILP_DEVELOPMENT = False
    page = it.post("setup-by-hand", data=described.form | {"jwks_url": url})
    assert page.status_code == 422
    assert not described.asked


@pytest.mark.trust("T7", "T72")
def test_addresses_of_a_platform_that_is_known_are_not_changed(it, described: Described) -> None:
    it.post("setup-by-hand", data=described.form)
    page = it.post("setup-by-hand", data=described.form | {"token_url": described.form["issuer"] + "/token?x=1"})
    assert page.status_code == 422
    assert "known here with other addresses" in page.content.decode()
    assert Platform.objects.get(client_id="client-7").token_url == described.form["token_url"]


def test_a_known_platforms_token_audience_is_not_passed_over_in_silence(it, described: Described) -> None:
    assert it.post("setup-by-hand", data=described.form).status_code == 200
    assert it.post("setup-by-hand", data=described.form).status_code == 200
    page = it.post("setup-by-hand", data=described.form | {"token_audience": "https://elsewhere.example/token"})
    assert page.status_code == 422
    assert "known here with other addresses" in page.content.decode()
    assert Platform.objects.get(client_id="client-7").token_audience == ""


def test_codes_are_stored_as_hashes_only(it) -> None:
    page = it.post("setup-new-code").content.decode()
    code = re.search(r'value="([0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4})"', page).group(1)
    assert code.replace("-", "") not in str(list(SchoolCode.objects.values()))


# Telling the gradebook.


def test_the_gradebook_is_told_nothing_until_somebody_switches_it_on_and_the_page_says_what(cast: Cast, it) -> None:
    school_id = cast.administrator.school_id
    assert lti_api.passback_since(school_id) is None
    page = it.get("setup-passback").content.decode()
    for words in ("Switched off", "“1 out of 1”", "Never how anybody was judged", "No grade is erased or changed"):
        assert words in page
    assert "Off: nothing is written" in it.get("setup").content.decode()
    assert "Switched on, since" in it.post("setup-passback", data={"state": "on"}).content.decode()
    assert lti_api.passback_since(school_id) is not None
    assert lti_api.passback_since(cast.stranger.school_id) is None
    assert it.post("setup-passback", data={"state": "on"}).status_code == 200, "twice is as good as once"
    assert "Switched off" in it.post("setup-passback", data={"state": "off"}).content.decode()
    assert lti_api.passback_since(school_id) is None
    assert it.post("setup-passback", data={"state": "perhaps"}).status_code == 422
    events = AuditEvent.objects.of(school_id).filter(verb__startswith="passback").order_by("number")
    acts = [(event.verb, event.actor_id) for event in events]
    me = cast.administrator.person_id
    assert acts == [("passback.on", me), ("passback.off", me)]
