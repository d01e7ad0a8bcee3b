"""Messages of the certification suite's good kind, and those real LMSs send: each must let its person in."""

import time
import uuid

import pytest
from django.test import Client

from lti_tool.lti import api
from lti_tool.lti.models import Context
from lti_tool.plans import api as plans
from lti_tool.plans.data import Role
from tests.factories import lti
from tests.factories.lti import INSTRUCTOR, LEARNER, REMOVE

pytestmark = pytest.mark.django_db

LIS = "http://purl.imsglobal.org/vocab/lis/v2/"


@pytest.fixture
def platform():
    return lti.connected()


def enter(platform, browser=None, **changes) -> api.Session:
    browser = browser or Client()
    answer = platform.launch(browser, **changes)
    assert answer.status_code == 303, answer.content.decode()
    handle = answer["Location"].rstrip("/").rpartition("/")[2]
    session = api.open_session(handle, browser.cookies[f"__Host-ilp-{handle}"].value)
    assert session is not None
    return session


def test_several_roles(platform):
    assert enter(platform, roles=[LIS + "institution/person#Staff", INSTRUCTOR, LEARNER]).role is Role.TEACHER


def test_a_short_role(platform):
    assert enter(platform, roles=["Instructor"]).role is Role.TEACHER


def test_an_unknown_role_gets_nothing(platform):
    assert enter(platform, roles=["http://example.org/roles#Headteacher"]).role is Role.NONE


@pytest.mark.trust("T61")
def test_a_mentor_is_family_of_the_children_the_message_names_and_of_nobody_else(platform):
    """What opens is what is for home of those children, never a plan as staff see it (T28)."""
    enter(platform, sub="student-1", name="Robin Vale", roles=[LEARNER])
    enter(platform, sub="student-2", name="Sam Hill", roles=[LEARNER])
    browser = Client()
    mentor = "http://purl.imsglobal.org/vocab/lis/v2/membership#Mentor"
    named = ["student-1", "nobody-we-know"]
    session = enter(platform, browser, sub="parent-1", name="", roles=[mentor], role_scope_mentor=named)
    assert session.role is Role.FAMILY
    page = browser.get(f"/s/{session.handle}/", follow=True).content.decode()
    assert "Robin" in page
    assert "Sam" not in page
    unnamed = enter(platform, browser, sub="parent-2", name="", roles=[mentor])
    assert "Robin" not in browser.get(f"/s/{unnamed.handle}/", follow=True).content.decode()


@pytest.mark.parametrize("scope", ["student-1", {}, [7, None], ["x" * 500], [["student-1"]]])
def test_a_mentors_claim_of_any_shape_is_left_out(platform, scope):
    mentor = "http://purl.imsglobal.org/vocab/lis/v2/membership#Mentor"
    assert enter(platform, roles=[mentor], role_scope_mentor=scope).role is Role.FAMILY


def test_what_an_lti_1_1_launch_and_a_school_register_called_things_changes_nothing(platform):
    """There was no LTI 1.1 of this tool to carry anything over from; ids of a school's register name no account."""
    first = enter(platform)
    again = enter(
        platform,
        lti1p1={"user_id": "old-7", "oauth_consumer_key": "k", "oauth_consumer_key_sign": "forged"},
        lis={"person_sourcedid": "somebody-else", "course_section_sourcedid": "another-course"},
    )
    assert (again.person_id, again.course_id) == (first.person_id, first.course_id)


def test_no_role_gets_nothing(platform):
    assert enter(platform, roles=[]).role is Role.NONE


@pytest.mark.parametrize("roles", [[7], [None, {}], [["Instructor"]]])
def test_roles_that_are_no_text_get_nothing(platform, roles):
    assert enter(platform, roles=roles).role is Role.NONE


def test_names_only(platform):
    enter(platform, name=REMOVE, given_name="Robin", family_name="Vale")


def test_e_mail_only(platform):
    enter(platform, name=REMOVE, email="robin@school.example")


def test_no_personal_data(platform):
    enter(platform, name=REMOVE)


def test_no_context(platform):
    session = enter(platform, context=REMOVE)
    assert session.course_id is None


def test_only_a_resource_link(platform):
    enter(platform, context=REMOVE, name=REMOVE, roles=[], resource_link={"id": "only"})


def test_several_audiences_with_us_as_the_authorised_party(platform):
    enter(platform, aud=["another-client", "client-1"], azp="client-1")


def test_our_client_id_as_a_list_of_one(platform):
    enter(platform, aud=["client-1"])


def test_times_with_fractions(platform):
    now = time.time()
    enter(platform, iat=now - 0.5, exp=now + 60.25)


def test_a_platform_whose_clock_is_half_a_minute_ahead(platform):
    now = time.time()
    enter(platform, iat=now + 30, nbf=now + 30, exp=now + 90)


def test_a_token_of_a_minute_as_moodle_gives(platform):
    now = int(time.time())
    enter(platform, iat=now, exp=now + 60)


def test_optional_claims_of_the_wrong_shape_are_left_out(platform):
    session = enter(
        platform, launch_presentation="iframe", tool_platform=[], custom="x", lis=7, name={"a": 1}, given_name=[],
        **{
            "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint": "x",
            "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice": {"context_memberships_url": 7},
        },
    )  # fmt: skip
    assert session.activity_ids == ()


@pytest.mark.database
def test_a_scope_that_no_database_keeps_is_left_out_and_the_others_stay(platform):
    service = {"lineitems": "https://lms.example/items", "scope": ["a\x00b", "\ud800", 7, "scope-1", "x" * 300, ""]}
    enter(platform, **{"https://purl.imsglobal.org/spec/lti-ags/claim/endpoint": service})
    assert Context.objects.get().scopes == ["scope-1"]


def test_the_activities_our_xblock_names(platform):
    session = enter(platform, custom={"ilp_activities": '["block-v1:a+b+c+type@problem+block@1", "two", "two", 7]'})
    assert session.activity_ids == ("block-v1:a+b+c+type@problem+block@1", "two")


@pytest.mark.parametrize("value", ["", "[", "{}", "null", '"x"', 7, ["x"], "[" * 5000])
def test_activities_that_cannot_be_read_mean_the_whole_course(platform, value):
    assert enter(platform, custom={"ilp_activities": value}).activity_ids == ()


def test_the_language_of_the_launch(platform):
    assert enter(platform, launch_presentation={"locale": "ar_SA"}).locale == "ar-sa"


def test_a_login_by_post(platform):
    browser = Client()
    asked = platform.begin(browser, method="post")
    token = platform.sign(platform.claims(asked["nonce"]))
    assert browser.post("/lti/launch", {"state": asked["state"], "id_token": token}).status_code == 303


def test_a_login_without_a_client_where_there_is_one(platform):
    assert platform.login(Client(), client_id=REMOVE).status_code == 302


def test_the_message_hint_goes_back_as_it_came(platform):
    hint = "a b&c=d\"'é🙂" + "x" * 2000
    assert platform.begin(Client(), lti_message_hint=hint)["lti_message_hint"] == hint


def test_the_authentication_request_is_what_the_specification_says(platform):
    asked = platform.begin(Client())
    assert {name: asked[name] for name in ("scope", "response_type", "response_mode", "prompt")} == {
        "scope": "openid",
        "response_type": "id_token",
        "response_mode": "form_post",
        "prompt": "none",
    }
    assert asked["client_id"] == "client-1"
    assert asked["login_hint"] == "hint-1"
    assert asked["redirect_uri"] == lti.LAUNCH_URL
    assert len(asked["state"]) >= 32
    assert len(asked["nonce"]) >= 32


def test_an_authentication_address_that_has_a_query_already():
    platform = lti.connected(auth_url="https://lms.example/auth?tenant=a%20b&x=")
    location = platform.login(Client())["Location"]
    assert location.startswith("https://lms.example/auth?tenant=a+b&x=&scope=openid")
    assert location.count("?") == 1


def test_a_target_below_our_launch_address(platform):
    browser, target = Client(), lti.LAUNCH_URL + "/review?cycle=1"
    asked = platform.begin(browser, target_link_uri=target)
    token = platform.sign(platform.claims(asked["nonce"], target_link_uri=target))
    assert browser.post("/lti/launch", {"state": asked["state"], "id_token": token}).status_code == 303


def test_two_courses_in_two_tabs_are_two_sessions(platform):
    browser = Client()
    first = enter(platform, browser)
    second = enter(platform, browser, context={"id": "course-2", "title": "Art"})
    assert first.handle != second.handle
    for session in (first, second):
        secret = browser.cookies[f"__Host-ilp-{session.handle}"].value
        assert api.open_session(session.handle, secret).course_id == session.course_id


@pytest.mark.trust("T3")
def test_a_teacher_who_is_one_no_more_loses_the_role_with_the_next_launch(platform):
    teacher = enter(platform, roles=[INSTRUCTOR])
    assert plans.actor_for(teacher.school_id, teacher.person_id, teacher.course_id).role is Role.TEACHER
    enter(platform, roles=[])
    assert plans.actor_for(teacher.school_id, teacher.person_id, teacher.course_id).role is Role.NONE


@pytest.mark.trust("T61")
def test_the_same_name_and_e_mail_under_two_subjects_are_two_people(platform):
    first = enter(platform, sub="a", name="Robin Vale", email="robin@school.example")
    second = enter(platform, sub="b", name="Robin Vale", email="robin@school.example")
    assert first.person_id != second.person_id


@pytest.mark.trust("T7")
def test_the_same_identifiers_at_two_schools_meet_nowhere(platform):
    other = lti.connected(issuer="https://other.example", key=lti.rsa_key("other"))
    here, there = enter(platform), enter(other)
    assert here.school_id != there.school_id
    assert here.person_id != there.person_id
    assert here.course_id != there.course_id
    assert plans.actor_for(there.school_id, here.person_id, here.course_id).role is Role.NONE


@pytest.mark.trust("T7")
def test_two_deployments_of_one_client_are_two_schools(platform):
    second = lti.FakePlatform(deployment_id="deployment-2")
    lti.Deployment.objects.create(
        platform=lti.Platform.objects.get(), deployment_id="deployment-2", school_id=lti.school("Birch School")
    )
    here, there = enter(platform), enter(second)
    assert here.school_id != there.school_id
    assert here.person_id != there.person_id


def test_a_changed_name_is_taken_once(platform):
    session = enter(platform)
    enter(platform, name="Robin Vale-Lindh")
    events = [event for event in _events(session.school_id) if event == "person.renamed"]
    enter(platform, name="Robin Vale-Lindh")
    assert len(events) == 1
    assert [event for event in _events(session.school_id) if event == "person.renamed"] == events


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("Class \u202e8 ecneicS", "Class 8 ecneicS"),
        ("\u2066Maths\u2069\n8\x00", "Maths 8"),
        ("\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"),
    ],
    ids=["words turned round", "isolates and control characters", "a joiner that Persian needs"],
)
def test_a_title_cannot_turn_the_words_around_it_round(platform, title, shown):
    enter(platform, context={"id": "course-1", "title": title})
    assert Context.objects.get().title == shown


def test_identifiers_of_any_alphabet_and_full_length(platform):
    sub, course = "\N{FOX FACE}" * 255, "\N{GREEK SMALL LETTER ALPHA}" * 255
    first = enter(platform, sub=sub, context={"id": course})
    again = enter(platform, sub=sub, context={"id": course})
    assert first.person_id == again.person_id
    assert enter(platform, sub=sub[:-1], context={"id": course}).person_id != first.person_id


def test_a_score_service_of_the_wrong_shape_leaves_the_launch_as_it_is(platform):
    enter(
        platform,
        **{
            "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint": {"scope": "all", "lineitems": "file:///etc"},
            "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice": {"context_memberships_url": 7},
        },
    )
    context = Context.objects.get()
    assert (context.lineitems_url, context.memberships_url, context.scopes) == ("", "", [])


def test_a_form_posted_twice_opens_once_and_the_page_it_opened_stays(platform):
    browser = Client()
    asked = platform.begin(browser)
    form = {"state": asked["state"], "id_token": platform.sign(platform.claims(asked["nonce"]))}
    opened, again = browser.post("/lti/launch", form), browser.post("/lti/launch", form)
    assert (opened.status_code, again.status_code) == (303, 400)
    assert "already opened once" in again.content.decode()
    assert browser.get(opened["Location"]).status_code == 200


def test_two_tabs_that_begin_at_once_and_end_in_the_other_order(platform):
    browser = Client()
    first, second = platform.begin(browser), platform.begin(browser)
    for asked in (second, first):
        form = {"state": asked["state"], "id_token": platform.sign(platform.claims(asked["nonce"]))}
        assert browser.post("/lti/launch", form).status_code == 303


def _events(school_id: uuid.UUID) -> list[str]:
    from lti_tool.plans.models import AuditEvent

    return list(AuditEvent.objects.filter(school_id=school_id).order_by("number").values_list("verb", flat=True))
