"""Launches without a placement or without a course: course navigation, a whole school, data privacy."""

import pytest
from django.test import Client, override_settings

from lti_tool.lti.models import Context, LaunchSession, PlatformUser, ResourceLink
from tests.factories import lti
from tests.factories.lti import INSTRUCTOR, LEARNER, REMOVE

pytestmark = pytest.mark.django_db

PRIVACY = ["LtiDataPrivacyLaunchRequest", "DataPrivacyLaunchRequest"]


@pytest.fixture
def platform():
    return lti.connected()


def opened(platform, **changes):
    browser = Client()
    answer = platform.launch(browser, **changes)
    assert answer.status_code == 303, answer.content.decode()
    return browser.get(answer["Location"])


# Course navigation


@pytest.mark.parametrize(("role", "heading"), [(LEARNER, "My targets here"), (INSTRUCTOR, "Targets of this class")])
def test_a_launch_of_the_whole_course_opens_its_panel_and_makes_no_placement(platform, role, heading):
    page = opened(platform, message_type="LtiContextLaunchRequest", resource_link=REMOVE, roles=[role])
    assert heading in page.content.decode()
    assert LaunchSession.objects.get().activity_ids == []
    assert not ResourceLink.objects.exists()


def test_a_link_in_the_navigation_is_about_the_whole_course(platform):
    page = opened(platform, roles=[INSTRUCTOR], custom={"ilp_activities": ""})
    assert "Targets of this class" in page.content.decode()


@pytest.mark.parametrize("context", [REMOVE, None])
def test_a_launch_of_a_course_that_names_none(platform, context):
    answer = platform.launch(Client(), message_type="LtiContextLaunchRequest", resource_link=REMOVE, context=context)
    assert answer.status_code == 400
    assert not LaunchSession.objects.exists()


@pytest.mark.parametrize("context", ["course-1", [], {}, {"id": ""}, {"id": 7}, {"id": "x" * 256}])
def test_a_launch_of_a_course_without_a_usable_name(platform, context):
    answer = platform.launch(Client(), message_type="LtiContextLaunchRequest", resource_link=REMOVE, context=context)
    assert answer.status_code == 400
    assert not LaunchSession.objects.exists()


@pytest.mark.parametrize("role", [LEARNER, INSTRUCTOR])
def test_a_link_outside_any_course_says_where_plans_are(platform, role):
    page = opened(platform, context=REMOVE, roles=[role])
    assert page.status_code == 200
    assert "Open this inside a course" in page.content.decode()


def test_the_pages_of_a_whole_school_are_no_course(platform):
    page = opened(platform, context={"id": "account-1", "title": "Alder School", "type": ["Account"]})
    assert "Open this inside a course" in page.content.decode()
    assert not Context.objects.exists()


@pytest.mark.parametrize(
    "kind", [[], "CourseOffering", 7, [7, None], ["http://purl.imsglobal.org/vocab/lis/v2/course#Group"]]
)
def test_any_other_kind_of_context_is_a_course(platform, kind):
    assert "My targets" in opened(platform, context={"id": "course-1", "type": kind}).content.decode()


# Data privacy


@pytest.mark.trust("T19")
@pytest.mark.parametrize("kind", PRIVACY)
def test_the_privacy_page_says_what_why_how_long_whom_to_ask_and_what_one_can_do(platform, kind):
    answer = platform.launch(
        Client(), message_type=kind, context=REMOVE, resource_link=REMOVE, for_user={"user_id": "somebody"}
    )
    page = answer.content.decode()
    assert answer.status_code == 200
    for heading in ("What", "Why", "For how long", "Who can see it", "What you can do", "Whom to ask"):
        assert f"<h2>{heading}</h2>" in page
    assert "script-src 'nonce-" in answer["Content-Security-Policy"]
    assert answer["Cache-Control"] == "no-store"


@pytest.mark.trust("T19", "T74")
@pytest.mark.parametrize("kind", PRIVACY)
@pytest.mark.parametrize(
    "changes",
    [{"sub": REMOVE}, {"for_user": REMOVE}, {"for_user": 7}, {"name": REMOVE, "roles": []}, {"context": {"id": "c"}}],
    ids=["no person", "for nobody", "for nonsense", "no name and role", "with a course"],
)
def test_the_privacy_page_needs_nobody_and_keeps_nothing(platform, kind, changes):
    changes = {"context": REMOVE, "resource_link": REMOVE, "for_user": {"user_id": "x"}} | changes
    answer = platform.launch(Client(), message_type=kind, **changes)
    assert answer.status_code == 200
    assert not LaunchSession.objects.exists()
    assert not PlatformUser.objects.exists()
    assert not Context.objects.exists()


def test_the_privacy_page_names_whoever_runs_the_tool_and_nobody_else(platform):
    with override_settings(ILP_PRIVACY_CONTACT="help@<ilp>.example"):
        answer = platform.launch(Client(), message_type=PRIVACY[0], name="Canary Name", context=REMOVE)
    page = answer.content.decode()
    assert "help@&lt;ilp&gt;.example" in page
    assert "Canary" not in page


def test_the_privacy_page_speaks_the_readers_language(platform):
    answer = platform.launch(Client(), message_type=PRIVACY[0], context=REMOVE, launch_presentation={"locale": "ar"})
    assert 'dir="rtl"' in answer.content.decode()


@pytest.mark.trust("T60")
@pytest.mark.parametrize(
    "changes", [{"version": "1.1"}, {"aud": "another"}, {"exp": 1}, {"deployment_id": REMOVE}, {"roles": "x"}]
)
def test_a_privacy_message_is_checked_like_any_other(platform, changes):
    assert platform.launch(Client(), message_type=PRIVACY[0], **changes).status_code == 400
