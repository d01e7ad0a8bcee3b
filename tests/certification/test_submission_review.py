"""Submission review: the gradebook opens a student's review. A platform signs it for anybody; we look who asks."""

import re

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lti_tool.lti.models import LaunchSession, PlatformUser
from lti_tool.plans import api as plans
from lti_tool.plans.models import Enrolment, SourceSync
from tests.factories import lti
from tests.factories.any_json import JSON, TEXT
from tests.factories.lti import INSTRUCTOR, LEARNER, MEMBERSHIP, REMOVE

pytestmark = pytest.mark.django_db

AGS = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
ENDPOINT = {"lineitem": "https://lms.example/items/7", "lineitems": "https://lms.example/items", "scope": []}
ASSISTANT = "http://purl.imsglobal.org/vocab/lis/v2/membership/Instructor#TeachingAssistant"


@pytest.fixture
def platform():
    """Connected, with two students who have been in the course."""
    platform = lti.connected()
    for sub in ("ana", "ben"):
        platform.launch(Client(), sub=sub, name=sub.title())
    return platform


def review(platform, browser=None, **changes):
    changes = {
        "sub": "teacher-1", "name": "Ms Hill", "roles": [INSTRUCTOR], "for_user": {"user_id": "ana"}, AGS: ENDPOINT,
        "resource_link": REMOVE, **changes,
    }  # fmt: skip
    return platform.launch(browser or Client(), message_type="LtiSubmissionReviewRequest", **changes)


def person(sub):
    return PlatformUser.objects.get(sub=sub).person_id


def refused(answer, status=None):
    assert 400 <= answer.status_code < 500
    if status:
        assert answer.status_code == status
    page = answer.content.decode()
    assert re.search(r"Reference number: [0-9A-F]{8}", page)
    assert "Ana" not in page
    assert not LaunchSession.objects.exclude(platform_user__sub__in=["ana", "ben"]).exists()


@pytest.mark.requirement("002.15")
def test_a_teacher_lands_on_that_students_review_and_nothing_is_begun_by_it(platform):
    browser = Client()
    answer = review(platform, browser)
    assert answer.status_code == 303
    assert answer["Location"].endswith(f"/students/{person('ana')}/review/")
    page = browser.get(answer["Location"])
    assert page.status_code == 200
    assert "Ana" in page.content.decode()


def test_an_assistant_may_read_it(platform):
    browser = Client()
    answer = review(platform, browser, roles=[ASSISTANT])
    assert browser.get(answer["Location"]).status_code == 200


def test_a_resource_link_may_come_with_it(platform):
    assert review(platform, resource_link={"id": "link-1"}).status_code == 303


@pytest.mark.trust("T61")
def test_a_student_who_launches_anothers_review_is_refused(platform):
    refused(review(platform, sub="ben", roles=[LEARNER]), 403)
    answer = review(platform, sub="new-student", roles=[LEARNER])
    refused_for_anyone = answer.content.decode()
    assert answer.status_code == 403
    assert "another student" in refused_for_anyone


@pytest.mark.trust("T61", "T1")
@pytest.mark.parametrize(
    "roles",
    [
        [],
        [MEMBERSHIP + "Mentor"],
        [MEMBERSHIP + "Administrator"],
        [MEMBERSHIP + "ContentDeveloper"],
        ["http://purl.imsglobal.org/vocab/lis/v2/institution/person#Instructor"],
        ["http://purl.imsglobal.org/vocab/lis/v2/system/person#SysAdmin"],
    ],
    ids=["nobody", "parent", "administrator", "author", "teacher elsewhere", "system administrator"],
)
def test_nobody_else_opens_a_students_review(platform, roles):
    refused(review(platform, roles=roles, role_scope_mentor=["ana"]), 403)


@pytest.mark.trust("T61")
def test_what_for_user_says_of_roles_and_names_counts_for_nothing(platform):
    claim = {"user_id": "ana", "name": "Ben", "email": "ben@school.example", "roles": [INSTRUCTOR]}
    refused(review(platform, sub="ben", roles=[LEARNER], for_user=claim), 403)
    answer = review(platform, for_user=claim)
    assert str(person("ana")) in answer["Location"]


def test_a_student_who_launches_their_own_sees_their_own_plan(platform):
    browser = Client()
    answer = review(platform, browser, sub="ana", roles=[LEARNER])
    assert answer.status_code == 303
    assert "students" not in answer["Location"]
    assert "My targets here" in browser.get(answer["Location"]).content.decode()


def test_a_student_nobody_has_heard_of_gets_a_kind_page_and_the_class_is_read(platform):
    SourceSync._base_manager.all().delete()
    answer = review(platform, for_user={"user_id": "just-joined"})
    refused(answer, 404)
    assert "do not know this student" in answer.content.decode()
    assert SourceSync._base_manager.filter(source="ags", person=None, due_at__isnull=False).exists()
    assert not PlatformUser.objects.filter(sub="just-joined").exists()


@pytest.mark.trust("T3")
def test_a_student_who_left_the_course_can_not_be_opened_from_it(platform):
    school_id = Enrolment._base_manager.values_list("school_id", flat=True).first()
    course_id = Enrolment._base_manager.values_list("course_id", flat=True).first()
    plans.sync_roster(school_id, course_id, [])
    refused(review(platform), 404)


@pytest.mark.trust("T61", "T7")
def test_the_same_account_name_at_another_school_is_another_person(platform):
    other = lti.connected(issuer="https://other.example", key=lti.rsa_key("other"))
    refused(review(other), 404)
    other.launch(Client(), sub="ana", name="Anders")
    answer = review(other)
    assert answer.status_code == 303
    assert PlatformUser.objects.filter(sub="ana").count() == 2
    mine = PlatformUser.objects.get(sub="ana", deployment__platform__issuer="https://other.example")
    assert str(mine.person_id) in answer["Location"]


def test_a_colleague_in_the_class_has_no_review(platform):
    platform.launch(Client(), sub="colleague", roles=[INSTRUCTOR])
    assert review(platform, for_user={"user_id": "colleague"}).status_code == 404


def test_without_a_course_there_is_no_review(platform):
    refused(review(platform, context=REMOVE), 400)


@pytest.mark.parametrize(
    "claim",
    [REMOVE, None, "ana", 7, [], ["ana"], {}, {"user_id": ""}, {"user_id": None}, {"user_id": 7},
     {"user_id": ["ana"]}, {"user_id": "x" * 256}, {"user_id": "ana\x00"}, {"name": "Ana"}],
)  # fmt: skip
def test_nobody_whose_review_it_is(platform, claim):
    refused(review(platform, for_user=claim))


@pytest.mark.parametrize(
    "claim",
    [REMOVE, None, "x", [], {}, {"lineitems": "https://lms.example/items"}, {"lineitem": ""}, {"lineitem": 7},
     {"lineitem": "javascript:1"}, {"lineitem": "/items/7"}, {"lineitem": {}}],
)  # fmt: skip
def test_no_column_it_was_opened_from(platform, claim):
    refused(review(platform, **{AGS: claim}))


@pytest.mark.parametrize("sub", [REMOVE, ""])
def test_a_review_opened_by_nobody(platform, sub):
    refused(review(platform, sub=sub), 403)


@pytest.mark.trust("T61")
@pytest.mark.database
@settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True
)
@given(
    claim=JSON | st.dictionaries(st.sampled_from(["user_id", "name", "roles", "email"]), JSON | TEXT),
    endpoint=JSON | st.just(ENDPOINT) | st.dictionaries(st.sampled_from(["lineitem", "lineitems", "scope"]), JSON),
    roles=st.sampled_from([[LEARNER], [INSTRUCTOR], []]),
)
def test_any_claim_ends_in_a_page_and_never_in_anothers_review(platform, claim, endpoint, roles):
    answer = review(platform, sub="ben", roles=roles, for_user=claim, **{AGS: endpoint})
    assert answer.status_code < 500
    assert roles == [INSTRUCTOR] or "students" not in answer.get("Location", "")
