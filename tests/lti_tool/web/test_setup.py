"""The setup pages: only for a school's appointed administrators, in a fresh session, with no plan on any of them."""

import json
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from aiohttp import web
from django.apps import apps
from django.test import Client
from django.utils import timezone
from werkzeug import Request, Response

from lti_tool.lti import api as lti_api
from lti_tool.lti import school_codes
from lti_tool.lti.models import Appointment, Context, Deployment, Platform, RegistrationLink, SchoolCode, ServiceTry
from lti_tool.plans import api as plans
from lti_tool.plans.data import Role
from tests.factories import lti
from tests.factories.lms import FakeLMS
from tests.factories.plans import Cast, make_cast
from tests.factories.setup import appoint
from tests.factories.web import LMS

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
        self.asked: list[Request] = []
        server.expect_request("/keys").respond_with_handler(lambda request: self.keys)
        server.expect_request("/token", method="POST").respond_with_handler(self._token)

    def _token(self, request: Request) -> Response:
        request.form.to_dict()
        self.asked.append(request)
        return self.token


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


@pytest.mark.parametrize(
    ("part", "answer", "sentence"),
    [
        ("keys", Response("<html>", 200), "makes no sense"),
        ("keys", Response('{"keys": []}', 200), "no key in the answer"),
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


# What the LMS lets us see.


@pytest.fixture
def lms():
    with FakeLMS(teachers=1) as lms:
        yield lms


@pytest.fixture
def course(cast: Cast, it, lms: FakeLMS) -> int:
    """The cast's course in an LMS that grants everything."""
    Platform.objects.filter(issuer=LMS).update(
        token_url=lms.base + "/token",
        client_id=lms.client_id,
        product_family="moodle",
        scopes=[GRADES + "lineitem", GRADES + "lineitem.readonly", GRADES + "result.readonly", MEMBERS],
    )
    Context.objects.filter(course_id=cast.maths.course_id).update(
        lineitems_url=lms.lineitems_url(), memberships_url=lms.memberships_url(), scopes=[GRADES + "result.readonly"]
    )
    return cast.maths.course_id


def outcomes() -> dict[str, str]:
    return dict(ServiceTry.objects.values_list("service", "outcome"))


def test_each_service_is_tried_and_said_in_plain_words(it, course: int, lms: FakeLMS) -> None:
    page = it.post("setup-course", course).content.decode()
    assert outcomes() == {
        "token": "works", "roster": "works", "own_items": "works", "other_items": "works", "results": "works",
        "deep_linking": "not_seen", "submission_review": "not_seen",
    }  # fmt: skip
    assert page.count("Works.") >= 5
    assert "Tried just now" in page


@pytest.mark.trust("T73", "T76")
def test_nothing_is_asked_before_the_button_and_nothing_that_was_read_is_kept(it, course: int, lms: FakeLMS) -> None:
    it.get("setup-course", course)
    assert lms.requests.total() == 0
    people = plans.evidence_total(it.door.actor.school_id)
    it.post("setup-course", course)
    stored = str([list(model._base_manager.values()) for model in apps.get_app_config("ilp_lti").get_models()])
    stored += str([list(model._base_manager.values()) for model in apps.get_app_config("ilp_plans").get_models()])
    assert "Person 1 of 0" not in stored
    assert lms.sub(0, 1) not in stored
    assert plans.evidence_total(it.door.actor.school_id) == people


def answering(lms: FakeLMS, ending: str, status: int, text: str = ""):
    async def intercept(request):
        return web.Response(status=status, text=text) if request.path.endswith(ending) else None

    lms.intercept = intercept


@pytest.mark.parametrize(
    ("ending", "status", "text", "expected", "sentence"),
    [
        ("/token", 401, "", {"token": "unauthorised", "roster": "no_token"}, "does not accept our key"),
        ("/memberships", 403, "", {"roster": "forbidden", "own_items": "works"}, "says that we may not see this"),
        ("/memberships", 200, "<html>", {"roster": "broken"}, "makes no sense"),
        ("/memberships", 200, '{"members": []}', {"roster": "nothing"}, "nothing in it yet"),
        (
            "/memberships", 200, '{"members": [{"user_id": "1", "roles": []}]}',
            {"roster": "works_without_names"}, "gives no names",
        ),
        ("/lineitems", 200, "[]", {"other_items": "nothing", "results": "nothing"}, "no setting"),
        (
            "/lineitems", 200, '[{"id": "%s/9", "label": "Review", "scoreMaximum": 1, "tag": "ilp-review"}]',
            {"other_items": "only_own"}, "Moodle shows a tool only the grade columns",
        ),
        ("/results", 500, "", {"results": "failing", "own_items": "works"}, "a problem of its own"),
    ],
)  # fmt: skip
def test_what_does_not_work_is_named_with_what_to_do(
    it, course: int, lms: FakeLMS, ending: str, status: int, text: str, expected: dict, sentence: str, monkeypatch
) -> None:
    monkeypatch.setattr("lti_tool.lti.services.trying.SECONDS", 3.0)
    answering(lms, ending, status, text.replace("%s", lms.lineitems_url()))
    page = it.post("setup-course", course).content.decode()
    assert expected.items() <= outcomes().items()
    assert sentence in page


def test_a_service_that_hangs_ends_within_its_time(it, course: int, lms: FakeLMS, monkeypatch) -> None:
    monkeypatch.setattr("lti_tool.lti.services.trying.SECONDS", 0.3)
    lms.delay = 2.0
    it.post("setup-course", course)
    assert outcomes()["token"] == "slow"


def test_a_course_without_services_says_what_to_switch_on(it, cast: Cast) -> None:
    page = it.post("setup-course", cast.maths.course_id).content.decode()
    assert outcomes()["roster"] == "not_offered"
    assert "switch on LTI Advantage" in page


@pytest.mark.parametrize(
    ("family", "words"),
    [
        ("moodle", "Manage tools, the cog"), ("canvas", "Developer Keys"), ("BlackboardLearn", "LTI Tool Providers"),
        ("desire2learn", "Manage Extensibility"), ("sakai", "In Sakai"), ("schoology", "In Schoology"),
        ("ilp-xblock", "In Open edX"), ("", "In your learning site"),
    ],
)  # fmt: skip
def test_each_lms_is_told_of_in_its_own_words(it, cast: Cast, family: str, words: str) -> None:
    Platform.objects.filter(issuer=LMS).update(product_family=family)
    assert words in it.post("setup-course", cast.maths.course_id).content.decode()


def test_granted_scopes_and_messages_are_shown_as_the_last_launch_said(it, course: int) -> None:
    Deployment.objects.update(messages=["LtiResourceLinkRequest", "LtiDeepLinkingRequest"])
    page = re.sub(r"\s+", " ", it.get("setup-course", course).content.decode())
    assert '<th scope="row">see scores</th><td>yes</td><td>yes</td>' in page
    assert '<th scope="row">see grade columns</th><td>yes</td><td>no</td>' in page
    assert "LtiDeepLinkingRequest" in page


def test_the_browsers_word_on_storage_is_kept_and_nothing_else(it, course: int) -> None:
    assert it.post("setup-storage", course, data={"outcome": "works"}).status_code == 204
    assert outcomes() == {"storage": "works"}
    assert it.post("setup-storage", course, data={"outcome": "<script>"}).status_code == 422
    assert outcomes() == {"storage": "works"}


def test_codes_are_stored_as_hashes_only(it) -> None:
    page = it.post("setup-new-code").content.decode()
    code = re.search(r'value="([0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4})"', page).group(1)
    assert code.replace("-", "") not in str(list(SchoolCode.objects.values()))
