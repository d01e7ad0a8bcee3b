"""A copied course (000.2): targets find their activities again, the old links stay, a teacher has the last word."""

import pytest

from lti_tool.plans import api
from lti_tool.plans.data import ActivityRead, Actor, Role, TargetChange
from lti_tool.plans.exceptions import NotFound
from tests.factories.plans import Class, make_class

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def enrol(course: Class, person: Actor, role: Role = Role.LEARNER) -> Actor:
    api.set_enrolment(course.school_id, course.course_id, person.person_id, role)
    return api.actor_for(course.school_id, person.person_id, course.course_id)


def copy_of(course: Class, *reads: ActivityRead) -> Class:
    copied = make_class(school_id=course.school_id, title="Maths again")
    copied.activities = api.sync_activities(copied.school_id, copied.course_id, reads)
    return copied


def linked(teacher: Actor, target_id) -> set[int]:
    return set(api.target(teacher, target_id).change.activity_ids)


@pytest.fixture
def old() -> Class:
    return make_class("fractions", "essay")


def test_a_target_keeps_its_activity_and_gains_the_copy_of_it(old):
    teacher, student = old.teacher(), old.learner()
    target_id = old.target(teacher, student, "Explain", "fractions")
    new = copy_of(old, ActivityRead("item-9", " Fractions ", 10), ActivityRead("item-10", "other", 10))
    enrol(new, student)
    assert api.carry_over(old.school_id, old.course_id, new.course_id) == 1
    assert linked(teacher, target_id) == {old.activities["fractions"], new.activities["item-9"]}
    assert api.verify_audit(old.school_id)


def test_the_same_id_counts_more_than_the_same_label(old):
    teacher, student = old.teacher(), old.learner()
    target_id = old.target(teacher, student, "Explain", "fractions")
    new = copy_of(old, ActivityRead("fractions", "Renamed", 10), ActivityRead("item-2", "fractions", 10))
    enrol(new, student)
    api.carry_over(old.school_id, old.course_id, new.course_id)
    assert new.activities["fractions"] in linked(teacher, target_id)
    assert new.activities["item-2"] not in linked(teacher, target_id)


def test_a_block_of_open_edx_is_found_in_the_next_run_of_its_course():
    block = "+type@problem+block@0f3a"
    old = make_class("block-v1:org+maths+2025" + block)
    teacher, student = old.teacher(), old.learner()
    target_id = old.target(teacher, student, "Explain", "block-v1:org+maths+2025" + block)
    new = copy_of(old, ActivityRead("block-v1:org+maths+2026" + block, "Another name", 10))
    enrol(new, student)
    assert api.carry_over(old.school_id, old.course_id, new.course_id) == 1
    assert len(linked(teacher, target_id)) == 2


def test_a_label_that_stands_twice_names_nothing(old):
    teacher, student = old.teacher(), old.learner()
    old.target(teacher, student, "Explain", "fractions")
    new = copy_of(old, ActivityRead("a", "fractions", 10), ActivityRead("b", "fractions", 10))
    enrol(new, student)
    assert api.carry_over(old.school_id, old.course_id, new.course_id) == 0


def test_only_students_of_the_new_course_gain_links_also_those_who_come_later(old):
    teacher, student = old.teacher(), old.learner()
    old.target(teacher, student, "Explain", "fractions")
    new = copy_of(old, ActivityRead("x", "fractions", 10))
    assert api.carry_over(old.school_id, old.course_id, new.course_id) == 0
    enrol(new, student)
    assert api.carry_over(old.school_id, old.course_id, new.course_id) == 1
    assert api.carry_over(old.school_id, old.course_id, new.course_id) == 0


def test_a_link_a_teacher_took_away_does_not_come_back(old):
    teacher, student = old.teacher(), old.learner()
    target_id = old.target(teacher, student, "Explain", "fractions")
    new = copy_of(old, ActivityRead("x", "fractions", 10))
    enrol(new, student)
    api.carry_over(old.school_id, old.course_id, new.course_id)
    there = enrol(new, teacher, Role.TEACHER)
    kept = api.target(there, target_id)
    without = TargetChange(wording="Explain", activity_ids=(old.activities["fractions"],))
    api.change_target(there, target_id, without, version=kept.version)
    assert api.carry_over(old.school_id, old.course_id, new.course_id) == 0
    assert linked(teacher, target_id) == {old.activities["fractions"]}


def test_a_stopped_target_stays_as_it_was(old):
    teacher, student = old.teacher(), old.learner()
    target_id = old.target(teacher, student, "Explain", "fractions")
    new = copy_of(old, ActivityRead("x", "fractions", 10))
    enrol(new, student)
    api.stop_target(teacher, target_id, version=api.target(teacher, target_id).version)
    assert api.carry_over(old.school_id, old.course_id, new.course_id) == 0


@pytest.mark.trust("T7")
def test_nothing_is_carried_between_schools(old):
    elsewhere = make_class("fractions")
    with pytest.raises(NotFound):
        api.carry_over(old.school_id, old.course_id, elsewhere.course_id)
    with pytest.raises(NotFound):
        api.carry_over(old.school_id, elsewhere.course_id, old.course_id)
