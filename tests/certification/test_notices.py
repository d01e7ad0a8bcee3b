"""Platform Notification Service: what a platform tells by itself is checked like a launch, and counts once."""

import json
import time
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.test import Client, override_settings
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lti_tool.lti import api, notices, platform_keys
from lti_tool.lti.models import Context, ContextCopy, Deployment, Notice, NoticeService, Platform
from lti_tool.plans import api as plans
from lti_tool.plans.data import ActivityRead, TargetChange
from tests.factories import lti
from tests.factories.any_json import JSON
from tests.factories.lti import CLAIM, INSTRUCTOR, REMOVE

pytestmark = pytest.mark.django_db

SERVICE = {
    "platform_notification_service_url": "https://lms.example/notices/1",
    "service_versions": ["1.0"],
    "scope": ["https://purl.imsglobal.org/spec/lti/scope/noticehandlers"],
    "notice_types_supported": ["LtiHelloWorldNotice", "LtiContextCopyNotice"],
}


@pytest.fixture
def platform():
    """Connected; `course-1` is known to us."""
    platform = lti.connected()
    platform.launch(Client(), sub="teacher-1", roles=[INSTRUCTOR])
    return platform


@pytest.fixture(autouse=True)
def _keys_cannot_be_fetched(monkeypatch):
    def unreachable(*args, **kwargs):
        raise platform_keys.http.Unreachable

    monkeypatch.setattr(platform_keys.http, "fetch", unreachable)


def notice(platform, **changes):
    now = int(time.time())
    claims = {
        "iss": platform.issuer,
        "aud": platform.client_id,
        "azp": platform.client_id,
        "iat": now,
        "exp": now + 3600,
        "nonce": "n-1",
        CLAIM + "version": "1.3.0",
        CLAIM + "deployment_id": platform.deployment_id,
        CLAIM + "notice": {"id": "notice-1", "timestamp": "2026-11-21T11:24:25Z", "type": "LtiContextCopyNotice"},
        CLAIM + "context": {"id": "course-2", "title": "Science 9"},
        CLAIM + "origin_contexts": ["course-1"],
    }
    for name, value in changes.items():
        full = CLAIM + name if CLAIM + name in claims else name
        claims[full] = value
    return {name: value for name, value in claims.items() if value is not REMOVE}


def send(*tokens):
    body = json.dumps({"notices": [{"jwt": token} for token in tokens]})
    return Client().post("/lti/notices", body, content_type="application/json")


def tell(platform, *, header=None, **changes):
    return send(platform.sign(notice(platform, **changes), **(header or {})))


def refused(answer, status=400):
    assert answer.status_code == status, answer.content
    assert answer.json()["error"]
    assert not ContextCopy.objects.exists()
    assert not Notice.objects.exists()


# What is taken


def test_a_copied_course_is_remembered_until_somebody_opens_it(platform):
    answer = tell(platform)
    assert (answer.status_code, answer.json()) == (200, {})
    copy = ContextCopy.objects.get()
    assert (copy.origin.id_on_platform, copy.id_on_platform) == ("course-1", "course-2")
    assert Context.objects.count() == 1


@pytest.mark.trust("T60")
def test_the_same_notice_again_changes_nothing_and_is_answered_alike(platform):
    tell(platform)
    assert tell(platform, context={"id": "course-3"}).status_code == 200
    assert ContextCopy.objects.count() == 1


def test_several_notices_in_one_request(platform):
    first = notice(platform)
    second = notice(platform, context={"id": "course-3"}, notice=first[CLAIM + "notice"] | {"id": "notice-2"})
    assert send(platform.sign(first), platform.sign(second)).status_code == 200
    assert ContextCopy.objects.count() == 2


def test_a_bad_notice_does_not_keep_a_good_one_from_being_taken(platform):
    answer = send("not.a.token", platform.sign(notice(platform)))
    assert answer.status_code == 400
    assert ContextCopy.objects.count() == 1


def test_a_claim_that_is_null_says_nothing(platform):
    assert tell(platform, azp=None, nbf=None, sub=None).status_code == 200
    assert ContextCopy.objects.count() == 1
    hello = {"id": "n", "timestamp": "2026-11-21T11:24:25Z", "type": "LtiHelloWorldNotice"}
    assert tell(platform, notice=hello, context=None, origin_contexts=None).status_code == 200


@pytest.mark.parametrize("kind", ["LtiHelloWorldNotice", "LtiAssetProcessorSubmissionNotice", "SomethingNew"])
def test_any_other_notice_is_answered_politely(platform, kind):
    about = {"id": "n", "timestamp": "2026-11-21T11:24:25Z", "type": kind}
    assert tell(platform, notice=about, context=REMOVE, origin_contexts=REMOVE).status_code == 200
    assert not ContextCopy.objects.exists()


def test_a_copy_of_a_course_we_never_saw_is_none_of_ours(platform):
    assert tell(platform, origin_contexts=["elsewhere"]).status_code == 200
    assert not ContextCopy.objects.exists()


def test_a_course_is_no_copy_of_itself(platform):
    assert tell(platform, context={"id": "course-1"}).status_code == 200
    assert not ContextCopy.objects.exists()


@pytest.mark.trust("T7")
def test_a_deployment_of_nobody_changes_nothing(platform):
    Deployment.objects.create(platform=Deployment.objects.get().platform, deployment_id="unclaimed")
    for deployment in ("unclaimed", "unheard-of"):
        assert tell(platform, deployment_id=deployment).status_code == 200
    assert not ContextCopy.objects.exists()
    assert not Notice.objects.exists()


@pytest.mark.trust("T7")
def test_another_platforms_notice_reaches_none_of_our_courses(platform):
    other = lti.connected(issuer="https://other.example", key=lti.rsa_key("other"))
    assert tell(other).status_code == 200
    assert not ContextCopy.objects.exists()


# What is not


@pytest.mark.parametrize("body", [b"", b"[", b"[]", b"{}", b"7", b'{"notices": {}}', b'{"notices": [7]}',
                                  b'{"notices": [{}]}', b'{"notices": [{"jwt": 7}]}', b"\xff\xfe"])  # fmt: skip
def test_a_body_that_is_no_list_of_notices(platform, body):
    refused(Client().post("/lti/notices", body, content_type="application/json"))


def test_more_notices_than_one_request_may_hold(platform):
    refused(send(*["x"] * 101))


def test_a_get_is_no_notice(platform):
    assert Client().get("/lti/notices").status_code == 405


@pytest.mark.parametrize("token", ["", "a", "a.b.c", "é.é.é", "e30.e30.", "e30.W10.x", "x" * 100])
def test_a_token_that_is_none(platform, token):
    refused(send(token))


@pytest.mark.database
@pytest.mark.parametrize("name", ["iss", "aud"])
def test_a_sender_whose_name_no_database_keeps(platform, name):
    refused(tell(platform, **{name: "a\x00b"}), 403)


@pytest.mark.trust("T60")
@pytest.mark.parametrize(
    "header",
    [{"kid": REMOVE}, {"kid": "unheard-of"}, {"key": lti.rsa_key("forger")}, {"algorithm": "RS512"},
     {"key": "secret" * 10, "algorithm": "HS256"}],
    ids=["no kid", "unknown kid", "forged", "RS512", "HS256"],
)  # fmt: skip
def test_a_signature_that_does_not_hold(platform, header):
    answer = tell(platform, header=header)
    refused(answer, answer.status_code)
    assert 400 <= answer.status_code < 500


@pytest.mark.trust("T60")
def test_no_signature_at_all(platform):
    refused(send(lti.unsigned(notice(platform), kid=platform.kid)))


NOW = int(time.time())


@pytest.mark.trust("T60")
@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://elsewhere.example"}, {"iss": REMOVE}, {"iss": 7}, {"aud": "another"}, {"aud": []},
        {"aud": 7}, {"aud": REMOVE}, {"azp": "another"}, {"aud": ["client-1", "x"], "azp": REMOVE},
        {"exp": REMOVE}, {"exp": 7}, {"exp": "later"}, {"iat": REMOVE}, {"iat": 7}, {"iat": 1e11},
        {"version": REMOVE}, {"version": "1.1"}, {"deployment_id": REMOVE}, {"deployment_id": 7},
        {"notice": REMOVE}, {"notice": {}}, {"notice": "x"},
        {"notice": {"id": "", "type": "LtiContextCopyNotice", "timestamp": "2026-11-21T11:24:25Z"}},
        {"notice": {"id": "x" * 256, "type": "LtiContextCopyNotice", "timestamp": "2026-11-21T11:24:25Z"}},
        {"notice": {"id": "n", "type": "LtiContextCopyNotice"}},
        {"notice": {"id": "n", "type": "LtiContextCopyNotice", "timestamp": "now"}},
        {"notice": {"id": "n", "type": 7, "timestamp": "2026-11-21T11:24:25Z"}},
        {"context": {}}, {"context": "course-2"}, {"context": {"id": 7}},
        {"origin_contexts": "course-1"}, {"origin_contexts": [7]}, {"origin_contexts": ["x"] * 51},
    ],
    ids=str,
)  # fmt: skip
def test_a_claim_that_is_not_as_it_must_be(platform, changes):
    answer = tell(platform, **changes)
    refused(answer, answer.status_code)
    assert 400 <= answer.status_code < 500


@override_settings(ILP_RATE_NOTICE_PER_MINUTE=2)
def test_notices_sent_too_often_are_told_to_wait(platform):
    answers = [tell(platform) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert int(answers[2]["Retry-After"]) > 0


@pytest.mark.database
@settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True
)
@given(
    changes=st.dictionaries(st.sampled_from(["iss", "aud", "azp", "exp", "iat", "version", "deployment_id", "notice",
                                             "context", "origin_contexts"]), JSON, max_size=3),
    body=JSON,
)  # fmt: skip
def test_any_notice_ends_in_an_answer(platform, changes, body):
    assert tell(platform, **changes).status_code < 500
    sent = Client().post("/lti/notices", json.dumps(body), content_type="application/json")
    assert 400 <= sent.status_code < 500


@pytest.mark.trust("T76")
def test_the_log_says_the_code_and_nothing_of_the_notice(platform, caplog):
    tell(platform, version="1.1", context={"id": "canary-7f3a", "title": "canary-7f3a"})
    assert "version" in caplog.text
    assert "canary" not in caplog.text


def test_notices_taken_are_forgotten_after_a_week(platform):
    tell(platform)
    Notice.objects.update(received_at=timezone.now() - timedelta(days=8))
    api.forget_expired()
    assert not Notice.objects.exists()
    assert ContextCopy.objects.exists()


# What comes of it


def linked(actor, target_id):
    return set(plans.target(actor, target_id).change.activity_ids)


def course_of(id_on_platform):
    context = Context.objects.get(id_on_platform=id_on_platform)
    return context.deployment.school_id, context.course_id


def a_target(platform):
    """A student's target in course-1, linked to its one activity; returns the teacher and the target."""
    platform.launch(Client(), sub="ana")
    school_id, course_id = course_of("course-1")
    reads = [ActivityRead("item-1", "Fractions", 10)]
    activity_id = plans.sync_activities(school_id, course_id, reads)["item-1"]
    people = dict(lti.Deployment.objects.get().users.values_list("sub", "person_id"))
    teacher = plans.actor_for(school_id, people["teacher-1"], course_id)
    change = TargetChange(wording="Halve a cake", activity_ids=(activity_id,))
    return teacher, plans.agree_target(teacher, people["ana"], change), activity_id


def open_copy(platform, **changes):
    """The student opens the copied course, and its gradebook is read."""
    platform.launch(Client(), sub="ana", context={"id": "course-2", "title": "Science 9"}, **changes)
    school_id, course_id = course_of("course-2")
    return plans.sync_activities(school_id, course_id, [ActivityRead("item-77", "Fractions", 10)])["item-77"]


@pytest.mark.requirement("000.2")
def test_after_a_notice_a_students_target_finds_its_activity_in_the_new_course(platform):
    teacher, target_id, old = a_target(platform)
    tell(platform)
    assert api.follow_courses() == 0
    new = open_copy(platform)
    assert api.follow_courses() == 1
    assert linked(teacher, target_id) == {old, new}
    assert api.follow_courses() == 0


@pytest.mark.requirement("000.2")
@pytest.mark.parametrize(
    "history", ["course-1", "unknown,course-1", " course-1 , older", "course%2D1", "course-2,course-1"]
)
def test_the_first_launch_of_a_copy_tells_of_its_origins_too(platform, history):
    teacher, target_id, old = a_target(platform)
    new = open_copy(platform, custom={"context_id_history": history})
    said = StringIO()
    call_command("follow_courses", stdout=said)
    assert said.getvalue() == "1 links made\n"
    assert linked(teacher, target_id) == {old, new}


@pytest.mark.parametrize(
    "history", ["", "$Context.id.history", "unknown", 7, [], None, ",,,", "x" * 20_000, "course-2"]
)
def test_a_history_that_names_no_course_of_ours_carries_nothing(platform, history):
    teacher, target_id, old = a_target(platform)
    open_copy(platform, custom={"context_id_history": history})
    assert api.follow_courses() == 0
    assert linked(teacher, target_id) == {old}


@pytest.mark.trust("T7")
def test_a_history_never_reaches_into_another_school(platform):
    teacher, target_id, old = a_target(platform)
    other = lti.connected(issuer="https://other.example", key=lti.rsa_key("other"))
    other.launch(Client(), context={"id": "course-9"}, custom={"context_id_history": "course-1"})
    assert not ContextCopy.objects.exists()
    assert linked(teacher, target_id) == {old}


# Asking for notices


def test_a_launch_tells_where_notices_are_asked_for_and_only_a_change_is_written(platform):
    claim = {CLAIM + "platformnotificationservice": SERVICE}
    platform.launch(Client(), **claim)
    row = NoticeService.objects.get()
    assert (row.url, row.handler) == (SERVICE["platform_notification_service_url"], "")
    NoticeService.objects.update(handler=notices.handler_url())
    platform.launch(Client(), **claim)
    assert NoticeService.objects.get().handler == notices.handler_url()
    moved = SERVICE | {"platform_notification_service_url": "https://lms.example/notices/2"}
    platform.launch(Client(), **{CLAIM + "platformnotificationservice": moved})
    assert NoticeService.objects.get().handler == ""


SILENT = {name: value for name, value in SERVICE.items() if name != "scope"}


@pytest.mark.parametrize(
    ("registered", "service", "asked"),
    [
        ([], SILENT, True),
        (SERVICE["scope"], SILENT, True),
        (["openid"], SERVICE, True),  # switched on since the registration
        (["openid"], SILENT, False),
        (SERVICE["scope"], SERVICE | {"scope": ["openid"]}, False),
    ],
    ids=["nobody said", "registered", "launched", "not registered", "taken away"],
)
def test_notices_are_asked_for_only_where_their_scope_was_granted(platform, registered, service, asked):
    row = Platform.objects.get()
    row.scopes = registered
    row.save()
    platform.launch(Client(), **{CLAIM + "platformnotificationservice": service})
    assert bool(notices.due()) is asked


def test_notices_whose_scope_was_taken_away_are_no_longer_asked_for(platform):
    platform.launch(Client(), **{CLAIM + "platformnotificationservice": SERVICE})
    platform.launch(Client())  # says nothing of them
    assert notices.due()
    platform.launch(Client(), **{CLAIM + "platformnotificationservice": SERVICE | {"scope": ["openid"]}})
    assert not NoticeService.objects.exists()


@pytest.mark.parametrize(
    "claim",
    [None, 7, "x", [], {}, {"platform_notification_service_url": 7}, SERVICE | {"notice_types_supported": []},
     SERVICE | {"notice_types_supported": 7}, SERVICE | {"platform_notification_service_url": "javascript:1"},
     SERVICE | {"platform_notification_service_url": "/notices"}],
)  # fmt: skip
def test_a_service_that_can_not_be_used_is_left_out_and_the_launch_goes_on(platform, claim):
    assert platform.launch(Client(), **{CLAIM + "platformnotificationservice": claim}).status_code == 303
    assert not NoticeService.objects.exists()
