"""Rosters only where the tool is in use, names for a day at most, and everything works without any (T73, T74)."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.apps import apps
from django.db import models
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from lti_tool.evidence import api as evidence
from lti_tool.lti import api as lti_api
from lti_tool.lti import platform_keys, platforms
from lti_tool.lti.models import Context, Platform, PlatformUser
from lti_tool.plans import api as plans
from lti_tool.plans.data import ActivityRead, Level, Role, TargetChange
from tests.factories import lti
from tests.factories.evidence import Joined, join
from tests.factories.lms import FakeLMS

pytestmark = [pytest.mark.django_db]


@pytest.fixture
def lms() -> Iterator[FakeLMS]:
    with FakeLMS(courses=2, teachers=1) as lms:
        yield lms


@pytest.fixture
def joined(lms: FakeLMS) -> Joined:
    return join(lms)


def names(joined: Joined) -> list[str]:
    people = PlatformUser.objects.order_by("sub").values_list("person_id", flat=True)
    return list(plans.names(joined.school_id, list(people)).values())


@pytest.mark.trust("T73")
def test_no_course_is_asked_in_which_nobody_opened_the_tool_for_a_month(joined: Joined, lms: FakeLMS) -> None:
    dormant, used = joined.courses
    Context.objects.filter(course_id=dormant).update(launched_on=timezone.now().date() - timedelta(days=31))
    for course in joined.courses:
        evidence.request_read(joined.school_id, course)
    outcomes = [evidence.carry_out(sync_id) for sync_id in evidence.due_reads()]
    assert sorted(outcome.code for outcome in outcomes if outcome) == ["", "dormant"]
    assert lms.requests["memberships"] == 1
    assert not PlatformUser.objects.filter(sub__startswith="c0-").exists()
    assert used
    with time_machine.travel(timezone.now() + timedelta(days=2), tick=False):
        assert dormant not in [sync.course_id for sync in plans.due_syncs(limit=9, now=timezone.now())]


@pytest.mark.trust("T73")
def test_a_course_is_asked_again_once_somebody_opens_the_tool_there(joined: Joined, lms: FakeLMS) -> None:
    course = joined.courses[0]
    contexts = Context.objects.filter(course_id=course)
    contexts.update(launched_on=timezone.now().date() - timedelta(days=31))
    assert joined.read().code == "dormant"
    contexts.update(launched_on=timezone.now().date())
    assert joined.read().code == ""
    assert lms.requests["memberships"] == 1


@pytest.mark.trust("T73")
def test_a_launch_writes_down_the_day_and_a_course_never_launched_has_no_row() -> None:
    platform = lti.connected()
    assert not Context.objects.exists()
    platform.launch(Client())
    assert Context.objects.get().launched_on == timezone.now().date()


@pytest.mark.trust("T73")
def test_no_more_of_a_roster_is_kept_than_is_used(joined: Joined, lms: FakeLMS) -> None:
    joined.read()
    assert "@" not in everything_stored()


def everything_stored() -> str:
    labels = ("ilp_lti", "ilp_plans")
    tables = [model for label in labels for model in apps.get_app_config(label).get_models()]
    return str([list(model._base_manager.values()) for model in tables])


@pytest.mark.trust("T73", "T74")
def test_a_name_is_kept_for_a_day_after_it_was_last_told(joined: Joined, lms: FakeLMS) -> None:
    joined.read()
    assert "Person 1 of 0" in names(joined)
    start = timezone.now()
    with time_machine.travel(start + timedelta(hours=20), tick=False):
        joined.read()
    with time_machine.travel(start + timedelta(hours=40), tick=False):
        lti_api.forget_expired()
        assert "Person 1 of 0" in names(joined)
    with time_machine.travel(start + timedelta(hours=45), tick=False):
        lti_api.forget_expired()
        assert all(name.startswith("Person ") and " of " not in name for name in names(joined))
        assert "Person 1 of 0" not in everything_stored()
        joined.read()
        assert "Person 1 of 0" in names(joined)
    assert plans.verify_audit(joined.school_id)


@pytest.mark.trust("T74")
def test_a_launch_tells_a_forgotten_name_again() -> None:
    platform = lti.connected()
    platform.launch(Client(), name="Robin Vale")
    user = PlatformUser.objects.get()
    school_id = platform_school(user)
    later = timezone.now() + timedelta(hours=25)
    with time_machine.travel(later, tick=False):
        lti_api.forget_expired()
        assert plans.names(school_id, [user.person_id]) != {user.person_id: "Robin Vale"}
        Platform.objects.update(jwks_fetched_at=later, jwks_expires_at=later + timedelta(hours=1))
        platforms.forget()
        platform_keys.forget(user.deployment.platform_id)
        platform.launch(Client(), name="Robin Vale")
        assert plans.names(school_id, [user.person_id]) == {user.person_id: "Robin Vale"}


def platform_school(user: PlatformUser):
    return user.deployment.school_id


@pytest.mark.trust("T74")
def test_every_journey_works_where_the_lms_tells_no_name() -> None:
    """Launch, panel, target, review, judgement, words: with `sub` alone, and no name stands in any column."""
    platform = lti.connected()
    nameless = {"name": lti.REMOVE}
    student, teacher = Client(), Client()
    mine = platform.launch(student, sub="s-1", **nameless)["Location"]
    theirs = platform.launch(teacher, sub="t-1", roles=[lti.INSTRUCTOR], **nameless)["Location"]
    person = PlatformUser.objects.get(sub="s-1").person_id
    deployment = PlatformUser.objects.get(sub="s-1").deployment
    course = Context.objects.get().course_id
    actor = plans.actor_for(deployment.school_id, PlatformUser.objects.get(sub="t-1").person_id, course)
    assert actor.role is Role.TEACHER
    activities = plans.sync_activities(deployment.school_id, course, [ActivityRead("essay", "Essay", 10)])
    target = plans.agree_target(
        actor, person, TargetChange(wording="Explain my answer", activity_ids=tuple(activities.values()))
    )
    review = plans.start_review(actor, person)
    plans.judge_target(actor, review, target, level=Level.EXPECTED, comment="", version=0)
    code = f"Student {person.hex[-4:].upper()}"
    assert code in teacher.get(theirs).content.decode()
    handle = theirs.split("/")[2]
    assert code in teacher.get(reverse("review", args=[handle, person])).content.decode()
    assert "Explain my answer" in student.get(mine).content.decode()
    assert student.get(mine + "about").status_code == 200
    plans.close_review(actor, review, version=plans.review(actor, review).version)
    assert student.get(mine).status_code == 200
    named = [
        (model._meta.label, field.name)
        for model in apps.get_app_config("ilp_plans").get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, models.CharField) and "display_name" in field.name
    ]
    assert named == [("ilp_plans.Person", "display_name")]
    people = apps.get_model("ilp_plans", "Person")._base_manager.all()
    assert people.count() == 2
    assert set(people.values_list("display_name", flat=True)) == {""}
    assert set(PlatformUser.objects.values_list("name_digest", flat=True)) == {""}
    assert not [row for row in plans.names(deployment.school_id, [person]).values() if "Robin" in row]
