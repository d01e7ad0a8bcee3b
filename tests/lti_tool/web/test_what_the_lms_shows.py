"""“What your LMS lets us see”: each service tried once, in plain words, with what to switch on in that LMS."""

import dataclasses
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from aiohttp import web
from django.apps import apps
from django.test import Client
from django.utils import timezone

from lti_tool.lti import connections
from lti_tool.lti.models import Context, Deployment, NoticeService, Platform, ServiceTry
from lti_tool.lti.services import families
from lti_tool.lti.services.families import Family
from lti_tool.plans import api as plans
from lti_tool.web.setup import mends, words
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
        lineitems_url=lms.lineitems_url(),
        memberships_url=lms.memberships_url(),
        scopes=[GRADES + "lineitem", GRADES + "lineitem.readonly", GRADES + "result.readonly"],
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
            {"other_items": "only_own"}, "Moodle: It shows a tool only the grade columns",
        ),
        (  # a link of ours that somebody gave a grade: the column is ours though we did not make it
            "/lineitems", 200, '[{"id": "%s/9", "label": "My plan", "scoreMaximum": 1, "resourceLinkId": "link-1"}]',
            {"other_items": "only_own", "own_items": "works"}, "Moodle: It shows a tool only the grade columns",
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


def test_a_service_that_is_named_and_no_longer_allowed_is_told_from_one_that_is_not_named(it, course: int) -> None:
    Platform.objects.filter(issuer=LMS).update(scopes=["openid"])
    Context.objects.filter(course_id=course).update(scopes=[], memberships_url="", launched_on=timezone.now().date())
    page = it.post("setup-course", course).content.decode()
    assert (outcomes()["own_items"], outcomes()["roster"]) == ("not_granted", "not_offered")
    assert "did not allow this" in page


@pytest.mark.parametrize(
    ("denied", "expected"),
    [
        (MEMBERS, {"token": "works", "roster": "forbidden", "own_items": "works", "results": "works"}),
        (GRADES + "result.readonly", {"roster": "works", "own_items": "works", "results": "forbidden"}),
        (GRADES + "lineitem.readonly", {"roster": "works", "own_items": "forbidden"}),
    ],
)
def test_one_scope_that_is_refused_is_told_of_its_own_service_alone(
    it, course: int, lms: FakeLMS, denied: str, expected: dict
) -> None:
    lms.denied = {denied}
    assert "says that we may not see this" in it.post("setup-course", course).content.decode()
    assert expected.items() <= outcomes().items()


def test_a_scope_that_was_switched_on_works_with_the_next_press(it, course: int, lms: FakeLMS) -> None:
    lms.denied = {MEMBERS}
    it.post("setup-course", course)
    lms.denied.clear()
    it.post("setup-course", course)
    assert outcomes()["roster"] == "works"


def test_a_platform_that_gives_no_token_at_all_is_no_matter_of_one_service(it, course: int, lms: FakeLMS) -> None:
    answering(lms, "/token", 400, '{"error": "invalid_client"}')
    it.post("setup-course", course)
    assert {"token": "refused", "roster": "no_token", "own_items": "no_token"}.items() <= outcomes().items()


def test_a_service_that_hangs_ends_within_its_time(it, course: int, lms: FakeLMS, monkeypatch) -> None:
    monkeypatch.setattr("lti_tool.lti.services.trying.SECONDS", 0.3)
    lms.delay = 2.0
    it.post("setup-course", course)
    assert outcomes()["token"] == "slow"


def test_a_course_without_services_says_what_to_switch_on(it, cast: Cast) -> None:
    page = it.post("setup-course", cast.maths.course_id).content.decode()
    assert outcomes()["roster"] == "not_offered"
    assert "switch on LTI Advantage’s “Names and Role Provisioning Services”" in page


CALLED = {
    "moodle": (
        "Manage tools, the cog",
        "IMS LTI Names and Role Provisioning",
        "IMS LTI Assignment and Grade Services",
    ),
    "canvas": ("Developer Keys", "Can retrieve user data", "Can create and view assignment data", "Placements"),
    "BlackboardLearn": ("LTI Tool Providers", "Allow Membership Service Access", "Allow grade service access"),
    "Blackboard Learn": ("Deep Linking content tool",),
    "desire2learn": ("Manage Extensibility", "Names and Role Provisioning Services", "Submission Review"),
    "sakai": ("Provide Roster to External Tool", "Allow External Tool to create grade columns", "from Lessons"),
    "schoology": ("My Developer Apps", "Names and Roles Services", "Add Materials"),
    "ilp-xblock": ("Django admin, Tools", "contextmembership.readonly", "Choose what to show"),
    "edx": ("Names &amp; Roles (NRPS)", "Programmatic", "Deep Linking Launch URL"),
    "": ("Names and Role Provisioning Services", "Assignment and Grade Services", "Submission Review"),
}


@pytest.mark.parametrize("family", CALLED)
def test_each_lms_is_told_what_to_switch_on_in_its_own_words(it, cast: Cast, family: str) -> None:
    Platform.objects.filter(issuer=LMS).update(product_family=family)
    page = it.post("setup-course", cast.maths.course_id).content.decode()
    assert [name for name in CALLED[family] if name not in page] == []


def test_an_open_edx_consumer_that_tells_no_family_is_known_by_its_addresses(it, cast: Cast) -> None:
    Context.objects.filter(course_id=cast.maths.course_id).update(
        lineitems_url="https://lms.example/api/lti_consumer/v1/lti/1/lti-ags"
    )
    assert "Studio, Edit on the LTI block" in it.post("setup-course", cast.maths.course_id).content.decode()


@pytest.mark.parametrize("family", [*mends.MENDS, families.Unknown], ids=lambda family: family.__name__)
def test_every_service_that_does_not_work_says_what_to_switch_on_or_that_nothing_can_be(family: Family) -> None:
    course = connections.ConnectedCourse(1, "", None)
    code = next((code for code in ("moodle", "canvas", "blackboard", "d2l", "sakai", "schoology", "ilp-xblock", "edx")
                 if families.family_of(code) is family), "")  # fmt: skip
    missing = dict.fromkeys(words.SERVICES, "not_offered") | {"other_items": "only_own"}
    missing |= {"deep_linking": "not_seen", "submission_review": "not_seen"}
    if family is families.OurXBlock:
        missing["other_items"] = "not_granted"
    tried = {service: connections.Tried(outcome, timezone.now()) for service, outcome in missing.items()}
    view = connections.CourseView(course, code, "", (), (), (), (), (), tried)
    assert [line.service for line in words.lines(view) if not line.advice] == []
    for outcome in mends.TROUBLES:
        view = dataclasses.replace(view, tried={"roster": connections.Tried(outcome, timezone.now())})
        assert next(line for line in words.lines(view) if line.service == "roster").advice


def test_granted_scopes_and_messages_are_shown_as_the_last_launch_said(it, course: int) -> None:
    Deployment.objects.update(messages=["LtiResourceLinkRequest", "LtiDeepLinkingRequest"])
    page = re.sub(r"\s+", " ", it.get("setup-course", course).content.decode())
    assert '<th scope="row">see scores</th><td>yes</td><td>yes</td>' in page
    assert '<th scope="row">send a score</th><td>no</td><td>no</td>' in page
    assert '<th scope="row"><bdi>open the panel</bdi></th><td>not said</td><td>yes</td>' in page
    assert "(deep linking)</bdi></th><td>not said</td><td>yes</td>" in page
    assert "from the gradebook</bdi></th><td>not said</td><td>no</td>" in page


def test_the_next_launch_changes_what_is_shown_as_granted(it, course: int) -> None:
    page = re.sub(r"\s+", " ", it.get("setup-course", course).content.decode())
    assert '<th scope="row">send a score</th><td>no</td><td>no</td>' in page
    context = Context.objects.get(course_id=course)
    platform = context.deployment.platform
    fake = lti.FakePlatform(issuer=platform.issuer, client_id=platform.client_id)
    now = timezone.now()
    fresh = {"jwks": fake.jwks(), "jwks_fetched_at": now, "jwks_expires_at": now + timedelta(hours=1)}
    Platform.objects.filter(pk=platform.pk).update(**fresh)
    services = {"scope": [GRADES + "score"], "lineitems": context.lineitems_url}
    fake.launch(
        Client(),
        deployment_id=context.deployment.deployment_id,
        context={"id": context.id_on_platform},
        **{"https://purl.imsglobal.org/spec/lti-ags/claim/endpoint": services},
    )
    page = re.sub(r"\s+", " ", it.get("setup-course", course).content.decode())
    assert '<th scope="row">send a score</th><td>no</td><td>yes</td>' in page
    assert '<th scope="row">see scores</th><td>yes</td><td>no</td>' in page


def test_a_launch_that_names_the_service_of_notices_is_shown_to_allow_them(it, course: int) -> None:
    told = '<th scope="row">be told when a course is copied</th><td>no</td>'
    assert told + "<td>no</td>" in re.sub(r"\s+", " ", it.get("setup-course", course).content.decode())
    deployment = Context.objects.get(course_id=course).deployment
    NoticeService.objects.create(deployment=deployment, url="https://lms.example/notices/1")
    assert told + "<td>yes</td>" in re.sub(r"\s+", " ", it.get("setup-course", course).content.decode())


def test_the_browsers_word_on_storage_is_kept_and_nothing_else(it, course: int) -> None:
    assert it.post("setup-storage", course, data={"outcome": "works"}).status_code == 204
    assert outcomes() == {"storage": "works"}
    assert it.post("setup-storage", course, data={"outcome": "<script>"}).status_code == 422
    assert outcomes() == {"storage": "works"}
