"""On each page of a student's own a sign says which adults can read it, by name (T22)."""

import re
from datetime import timedelta
from uuid import UUID

import pytest
from django.utils import timezone

from lti_tool.plans import api as plans
from lti_tool.plans.data import Role, Scope
from lti_tool.plans.exceptions import NotFound
from tests.factories.plans import Cast, administrator_of, make_cast
from tests.factories.web import open_door
from tests.lti_tool.web.test_people import Browser, mother, somebody

pytestmark = [pytest.mark.django_db]


def sign(page: str) -> str:
    found = re.search(r'<div class="[^"]*\bsign\b[^"]*">.*?</div>', page, re.S)
    assert found
    return found.group()


def pages(cast: Cast) -> list[str]:
    student = f"students/{cast.student.person_id}/"
    return ["", *(student + name for name in ("plan", "needs", "story", "log", "work"))]


@pytest.mark.trust("T22")
def test_every_page_of_a_students_plan_names_the_adults_who_can_read_it() -> None:
    cast = make_cast()
    somebody(cast, Role.KEY_WORKER, "Mr Key")
    somebody(cast, Role.PROVIDER, "The workshop")
    browser = Browser(cast.student)
    for path in pages(cast):
        said = sign(browser.get(path).content.decode())
        for name in ("Ms Hill", "Mr Key", "The workshop"):
            assert name in said, path
        for name in ("Mr Gone", "Ben", "Office"):
            assert name not in said, path


@pytest.mark.trust("T22")
def test_beside_what_is_only_the_students_the_sign_does_not_say_that_everybody_reads_it() -> None:
    cast = make_cast()
    browser, student = Browser(cast.student), f"students/{cast.student.person_id}/"
    for name, shared in (("log", True), ("work", True), ("plan", False), ("needs", False)):
        assert ("what you share" in sign(browser.get(student + name).content.decode())) is shared, name


def test_names_in_a_row_are_parted_as_the_readers_language_parts_them() -> None:
    cast = make_cast()
    somebody(cast, Role.KEY_WORKER, "Mr Key")
    said = sign(Browser(cast.student, open_door(cast.student, locale="ar")).get().content.decode())
    assert "، " in said
    assert ", " not in said


@pytest.mark.trust("T22", "T6")
def test_the_names_on_the_sign_are_exactly_those_who_can_open_the_plan() -> None:
    cast = make_cast()
    office = administrator_of(cast.maths)
    people = cast.everybody() | {"office": office, "mother": mother(cast)}
    today = timezone.localdate()
    for role, scope in (
        (Role.KEY_WORKER, Scope(student_id=cast.student.person_id)),
        (Role.KEY_WORKER, Scope(student_id=cast.classmate.person_id)),
        (Role.SUBJECT_TEACHER, Scope(course_id=cast.maths.course_id)),
        (Role.PHASE_LEADER, Scope(phase="Upper")),
        (Role.PHASE_LEADER, Scope(phase="Lower")),
        (Role.LEADERSHIP, Scope()),
        (Role.PROVIDER, Scope(student_id=cast.student.person_id)),
    ):
        person_id = plans.ensure_person(cast.maths.school_id, name=f"{role} {len(people)}")
        plans.appoint(office, person_id, role, scope, ends_on=today + timedelta(days=1))
        people[str(len(people))] = plans.actor_for(cast.maths.school_id, person_id, None)
    plans.set_schooling(office, {cast.student.person_id: ("Upper", 8)})
    told = {reader.person.id for reader in plans.adults_who_read(cast.student)}
    opened: set[UUID] = set()
    for actor in people.values():
        try:
            plans.plan_page(actor, cast.student.person_id)
        except NotFound:
            continue
        opened.add(actor.person_id)
    assert told == opened - {cast.student.person_id}


@pytest.mark.trust("T22")
def test_a_page_whose_words_go_home_names_the_family_and_one_that_nobody_reads_says_so() -> None:
    cast = make_cast()
    family = mother(cast)
    review_id = plans.start_review(cast.teacher, cast.student.person_id)
    plans.judge_target(cast.teacher, review_id, cast.target_id, level="expected", comment="", version=0)
    plans.close_review(cast.teacher, review_id, version=99)
    path = f"students/{cast.student.person_id}/reviews/{review_id}"
    browser = Browser(cast.student)
    assert "Mrs Ana" in sign(browser.get(path).content.decode())
    assert "Mrs Ana" not in sign(browser.get().content.decode())
    for actor in (cast.teacher, cast.assistant, cast.administrator, family):
        plans.set_enrolment(cast.maths.school_id, cast.maths.course_id, actor.person_id, Role.NONE)
    assert "no adult can read this" in sign(browser.get().content.decode())


@pytest.mark.trust("T22")
def test_adults_get_no_sign_and_nobody_can_be_inside_as_somebody_else() -> None:
    cast = make_cast()
    assert plans.adults_who_read(cast.teacher) == ()
    page = Browser(cast.teacher).get(f"students/{cast.student.person_id}/plan").content.decode()
    assert not re.search(r'class="[^"]*\bsign\b', page)
    mine, theirs = Browser(cast.teacher), Browser(cast.student)
    theirs.client.cookies = mine.client.cookies
    assert theirs.get().status_code == 401
