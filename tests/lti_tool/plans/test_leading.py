"""Who leads what by name (002.21), and what a student's school year and first day bring about (002.36, 003.10)."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
import time_machine
from django.utils import timezone

from lti_tool.plans import api
from lti_tool.plans.data import Actor, Job, LeadEntry, NeedChange, Role, Scope, Voice
from lti_tool.plans.exceptions import Invalid, NotFound
from lti_tool.plans.models import Lead, School
from tests.factories.plans import Cast, administrator_of, make_cast

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def on(cast: Cast, key: str) -> Cast:
    """A fresh student of a school that works by this framework."""
    School.objects.filter(pk=cast.maths.school_id).update(framework_key=key)
    student = cast.maths.learner("Noor")
    return replace(cast, student=student, target_id=cast.maths.target(cast.teacher, student, "Ask for help"))


def leads(cast: Cast, who: Actor) -> list[tuple[Job, str, str]]:
    return [(lead.job, lead.name, lead.role) for lead in api.plan_page(who, cast.student.person_id).leads]


@pytest.mark.requirement("002.21")
def test_each_job_has_a_name_that_everybody_who_reads_the_plan_can_read(cast: Cast) -> None:
    cast, office = on(cast, "foundation_learning"), administrator_of(cast.maths)
    about = cast.student.person_id
    for entry in (
        LeadEntry(Job.SUPPORT, "Jo Reed", "iag"), LeadEntry(Job.NEEDS, "Ms Senco", "senco"), LeadEntry(Job.PLAN),
        LeadEntry(Job.REVIEWS, "Mr Okafor", "tutor"), LeadEntry(Job.SUPPORT, "Sam, garage", "off_site_provider"),
        LeadEntry(Job.CONTACT, "Mr Okafor", "tutor"),
    ):  # fmt: skip
        api.name_lead(cast.teacher, about, entry)
    named = [
        (Job.CONTACT, "Mr Okafor", "Tutor"),
        (Job.NEEDS, "Ms Senco", "Special educational needs coordinator (SENCO)"),
        (Job.PLAN, "Ms Hill", ""),
        (Job.REVIEWS, "Mr Okafor", "Tutor"),
        (Job.SUPPORT, "Jo Reed", "Connexions: information, advice and guidance (IAG)"),
        (Job.SUPPORT, "Sam, garage", "Off-site provider"),
    ]
    leader = api.ensure_person(cast.maths.school_id, name="Head")
    api.appoint(office, leader, Role.LEADERSHIP, Scope())
    readers = (cast.student, cast.teacher, cast.assistant, api.actor_for(cast.maths.school_id, leader, None))
    assert [leads(cast, who) for who in readers] == [named] * 4


def test_one_leads_each_job_the_former_stays_on_record_and_whoever_supports_may_be_many(cast: Cast) -> None:
    about = cast.student.person_id
    first = api.name_lead(cast.teacher, about, LeadEntry(Job.PLAN, "Ms Ray"))
    assert api.name_lead(cast.teacher, about, LeadEntry(Job.PLAN, "Ms Ray")) == first
    api.name_lead(cast.teacher, about, LeadEntry(Job.PLAN, "Mr Low"))
    assert leads(cast, cast.student) == [(Job.PLAN, "Mr Low", "")]
    rows = Lead.objects.of(cast.maths.school_id)
    assert [(row.name, row.ended_at is None) for row in rows.order_by("named_at")] == [
        ("Ms Ray", False),
        ("Mr Low", True),
    ]
    api.end_lead(cast.teacher, rows.get(name="Mr Low").id)
    assert leads(cast, cast.student) == []


def test_only_whoever_changes_the_plan_names_somebody(cast: Cast) -> None:
    about = cast.student.person_id
    lead = api.name_lead(cast.teacher, about, LeadEntry(Job.NEEDS, "Ms Ray"))
    for who in (cast.student, cast.classmate, cast.assistant, cast.other_teacher, cast.stranger, cast.parent):
        with pytest.raises(NotFound):
            api.name_lead(who, about, LeadEntry(Job.PLAN, "Me"))
        with pytest.raises(NotFound):
            api.end_lead(who, lead)
    with pytest.raises(Invalid, match="role: unknown"):
        api.name_lead(cast.teacher, about, LeadEntry(Job.PLAN, "Me", "wizard"))
    with pytest.raises(Invalid, match="name: too_long"):
        api.name_lead(cast.teacher, about, LeadEntry(Job.PLAN, "x" * 256))


@pytest.mark.requirement("002.21")
def test_jobs_nobody_was_named_for_fall_to_the_key_worker_and_the_plan_asks_while_there_is_none(cast: Cast) -> None:
    cast = on(cast, "foundation_learning")
    about = cast.student.person_id
    assert "leads" in api.plan_page(cast.teacher, about).missing
    tutor = api.ensure_person(cast.maths.school_id, name="Kim Key")
    api.appoint(administrator_of(cast.maths), tutor, Role.KEY_WORKER, Scope(student_id=about))
    api.name_lead(cast.teacher, about, LeadEntry(Job.REVIEWS, "Mr Okafor"))
    assert leads(cast, cast.student) == [
        (Job.CONTACT, "Kim Key", "Tutor"), (Job.NEEDS, "Kim Key", "Tutor"), (Job.PLAN, "Kim Key", "Tutor"),
        (Job.REVIEWS, "Mr Okafor", ""),
    ]  # fmt: skip
    assert "leads" not in api.plan_page(cast.teacher, about).missing


@pytest.mark.requirement("002.36")
def test_what_a_learner_needs_is_asked_for_within_six_weeks_of_their_first_day(cast: Cast) -> None:
    cast = on(cast, "foundation_learning")
    about, today = cast.student.person_id, timezone.localdate()
    page = api.plan_page(cast.teacher, about)
    assert (page.needs_by, "needs" in page.missing) == (today + timedelta(weeks=6), True)
    entered = {about: today - timedelta(weeks=5)}
    api.set_schooling(administrator_of(cast.maths), {about: ("", 9)}, entered=entered)
    assert api.plan_page(cast.teacher, about).needs_by == today + timedelta(weeks=1)
    choice = next(c for c in api.review_choices(cast.teacher, about).regular if c.kind.key == "initial")
    assert (choice.due_on, choice.overdue) == (today + timedelta(weeks=1), False)
    with time_machine.travel(timezone.now() + timedelta(days=8), tick=True):
        choice = next(c for c in api.review_choices(cast.teacher, about).regular if c.kind.key == "initial")
        assert choice.overdue
    section = api.needs(cast.teacher, about).sections[0]
    change = NeedChange(section.section.key, section.fields[0].field.key, "Numbers", Voice.SCHOOL)
    api.say_need(cast.teacher, about, change)
    page = api.plan_page(cast.teacher, about)
    assert (page.needs_by, "needs" in page.missing) == (None, False)


def test_the_office_sets_school_year_phase_and_first_day_of_its_own_students(cast: Cast) -> None:
    office, about = administrator_of(cast.maths), cast.student.person_id
    api.set_schooling(office, {about: ("Upper", 9)}, entered={about: date(2026, 2, 3)})
    rows = {row.student.id: row for row in api.schooling(office, cast.maths.course_id)}
    assert (rows[about].phase, rows[about].year_group, rows[about].entered_on) == ("Upper", 9, date(2026, 2, 3))
    assert cast.teacher.person_id not in rows
    assert [title for _, title in api.courses(office)] == ["Maths"]
    with pytest.raises(Invalid, match="future"):
        api.set_schooling(office, {about: ("", 3)}, entered={about: timezone.localdate() + timedelta(days=1)})
    assert api.schooling(office, cast.maths.course_id)[0].phase in ("", "Upper")
    for who in (cast.teacher, cast.student, cast.stranger):
        with pytest.raises(NotFound):
            api.schooling(who, cast.maths.course_id)
