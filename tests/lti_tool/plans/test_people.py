"""Schools, people and rosters: written only where something changed."""

import logging
from uuid import UUID

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from lti_tool.plans import api, append_only
from lti_tool.plans.data import Role, RosterEntry, TargetChange
from lti_tool.plans.exceptions import NotFound
from lti_tool.plans.models import AuditEvent, Enrolment, Person
from tests.factories.plans import make_cast, make_class

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def test_an_actor_is_known_by_one_query_and_by_the_live_enrolment_alone() -> None:
    maths = make_class("fractions")
    teacher = maths.teacher()
    with CaptureQueriesContext(connection) as queries:
        assert api.actor_for(maths.school_id, teacher.person_id, maths.course_id).role is Role.TEACHER
    assert len(queries) == 1
    for school_id, person_id, course_id in (
        (maths.school_id, teacher.person_id, None),
        (maths.school_id, teacher.person_id, maths.course_id + 999),
        (maths.school_id, UUID(int=7), maths.course_id),
        (UUID(int=7), teacher.person_id, maths.course_id),
    ):
        assert api.actor_for(school_id, person_id, course_id).role is Role.NONE


def test_an_unchanged_enrolment_or_roster_writes_nothing() -> None:
    maths = make_class("fractions")
    people = api.persons_bulk(maths.school_id, ["Ana", "", "Ben"])
    entries = [RosterEntry(person_id, Role.LEARNER) for person_id in people]
    assert api.sync_roster(maths.school_id, maths.course_id, entries) == []
    with CaptureQueriesContext(connection) as queries:
        assert api.sync_roster(maths.school_id, maths.course_id, entries) == []
        assert not api.set_enrolment(maths.school_id, maths.course_id, people[0], Role.LEARNER)
    assert not [q for q in queries if q["sql"].startswith(("INSERT", "UPDATE"))]


def test_people_made_in_bulk_come_back_in_the_order_of_their_names() -> None:
    maths = make_class("fractions")
    names = [f"Person {n}" for n in range(700)]
    people = api.persons_bulk(maths.school_id, names)
    known = Person.objects.of(maths.school_id).in_bulk(people)
    assert [known[person_id].display_name for person_id in people] == names
    assert api.persons_bulk(maths.school_id, []) == []


def test_a_new_person_is_in_the_course_they_come_by_and_the_trail_tells_both() -> None:
    maths, elsewhere = make_class("fractions"), make_class("letters")
    before = AuditEvent.objects.of(maths.school_id).count()
    person_id = api.ensure_person(maths.school_id, name="Ana", course_id=maths.course_id, role=Role.LEARNER)
    assert api.actor_for(maths.school_id, person_id, maths.course_id).role is Role.LEARNER
    events = AuditEvent.objects.of(maths.school_id).order_by("number")[before:]
    assert [event.verb for event in events] == ["people.added", "enrolment.set"]
    assert events[1].about_id == person_id
    assert api.verify_audit(maths.school_id)
    people = Person.objects.of(maths.school_id).count()
    with pytest.raises(NotFound):
        api.ensure_person(maths.school_id, course_id=elsewhere.course_id, role=Role.LEARNER)
    assert Person.objects.of(maths.school_id).count() == people


@pytest.mark.trust("T3")
def test_a_roster_that_was_not_read_whole_takes_nobody_off() -> None:
    cast = make_cast()
    maths = cast.maths
    entries = [RosterEntry(cast.student.person_id, Role.LEARNER)]
    assert api.sync_roster(maths.school_id, maths.course_id, entries, complete=False) == []
    assert api.actor_for(maths.school_id, cast.teacher.person_id, maths.course_id).role is Role.TEACHER
    assert cast.teacher.person_id in api.sync_roster(maths.school_id, maths.course_id, entries)


def test_whoever_comes_back_is_enrolled_again() -> None:
    cast = make_cast()
    maths = cast.maths
    api.sync_roster(maths.school_id, maths.course_id, [])
    assert api.set_enrolment(maths.school_id, maths.course_id, cast.teacher.person_id, Role.TEACHER)
    assert api.actor_for(maths.school_id, cast.teacher.person_id, maths.course_id).role is Role.TEACHER


def test_two_accounts_of_one_person_in_a_roster_are_one_and_the_one_that_teaches_counts() -> None:
    maths = make_class("fractions")
    person_id = api.ensure_person(maths.school_id)
    twice = [RosterEntry(person_id, role) for role in (Role.LEARNER, Role.TEACHER, Role.NONE)]
    api.sync_roster(maths.school_id, maths.course_id, twice)
    assert api.actor_for(maths.school_id, person_id, maths.course_id).role is Role.TEACHER


@pytest.mark.trust("T19")
def test_every_imported_row_says_where_it_came_from_and_when() -> None:
    maths = make_class("fractions")
    teacher = maths.teacher()
    (told,) = Enrolment.objects.of(maths.school_id)
    api.sync_roster(maths.school_id, maths.course_id, [RosterEntry(teacher.person_id, Role.ASSISTANT)])
    (now,) = Enrolment.objects.of(maths.school_id)
    assert (told.source, now.source) == ("launch", "roster")
    assert told.received_at < now.received_at


def test_two_schools_cannot_have_one_name() -> None:
    school_id = api.create_school("Kowhai")
    assert (school_id, "Kowhai") in api.schools()
    with pytest.raises(IntegrityError), transaction.atomic():
        api.create_school("Kowhai")


@pytest.mark.trust("T76")
def test_nothing_the_domain_does_puts_a_name_or_a_word_into_the_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    connection.force_debug_cursor = False
    cast = make_cast()
    canary = "canary"
    student = cast.maths.learner(canary)
    target_id = api.agree_target(cast.teacher, student.person_id, TargetChange(wording=canary))
    assert canary not in repr(Person.objects.of(cast.maths.school_id).get(pk=student.person_id))
    assert canary not in caplog.text
    assert target_id


@pytest.mark.django_db(transaction=True)
def test_the_migration_goes_back_and_forth_with_its_triggers() -> None:
    call_command("migrate", "ilp_lti", "zero", verbosity=0)
    call_command("migrate", "ilp_plans", "zero", verbosity=0)
    assert append_only.TABLE not in connection.introspection.table_names()
    call_command("migrate", verbosity=0)
    cast = make_cast()
    assert api.verify_audit(cast.maths.school_id)


def test_the_models_and_the_migration_agree() -> None:
    call_command("makemigrations", "ilp_plans", check=True, dry_run=True, verbosity=0)
