"""Queries that are written once answer as the ORM would, whoever asks and for whatever values."""

import threading

import pytest
from django.db import connection
from django.db.models import Q

from lti_tool.plans import api
from lti_tool.plans.data import Role
from lti_tool.plans.exceptions import UnscopedQuery
from lti_tool.plans.models import Enrolment, Person
from lti_tool.prepared import Prepared

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def schools() -> list:
    made = [api.create_school(f"School {number}") for number in range(2)]
    for school_id in made:
        course_id = api.ensure_course(school_id, title="Maths")
        for name in ("Ana", "Bo"):
            person_id = api.ensure_person(school_id, name=f"{name} {school_id}")
            api.set_enrolment(school_id, course_id, person_id, Role.LEARNER)
    return made


def test_each_run_answers_for_its_own_values(schools):
    people = Prepared(
        lambda school_id: (
            Person.objects.of(school_id).order_by("display_name").values_list("display_name", flat=True)
        ),
        "school_id",
    )
    for school_id in (*schools, *schools):
        assert people(school_id=school_id) == [f"Ana {school_id}", f"Bo {school_id}"]


def test_it_gives_instances_with_what_they_point_at_in_one_query(schools, django_assert_num_queries):
    pupils = Prepared(
        lambda school_id, role: (
            Enrolment.objects.of(school_id).filter(role=role, active=True).select_related("person", "course")
        ),
        "school_id",
        "role",
    )
    pupils(school_id=schools[0], role=Role.LEARNER)
    with django_assert_num_queries(1):
        found = pupils(school_id=schools[1], role=Role.LEARNER)
        assert {row.person.school_id for row in found} == {schools[1]}
        assert {row.course.title for row in found} == {"Maths"}
    assert pupils(school_id=schools[0], role=Role.TEACHER) == []


def test_values_reach_into_conditions_and_subqueries(schools):
    inside = Prepared(
        lambda school_id, name: Person.objects.of(school_id).filter(
            Q(display_name=name), id__in=Enrolment.objects.of(school_id).values("person_id")
        ),
        "school_id",
        "name",
    )
    wanted = f"Bo {schools[0]}"
    assert [person.display_name for person in inside(school_id=schools[0], name=wanted)] == [wanted]
    assert inside.first(school_id=schools[1], name=wanted) is None


def test_a_query_that_names_no_school_is_still_refused(schools):
    with pytest.raises(UnscopedQuery):
        Prepared(lambda name: Person.objects.filter(display_name=name), "name")(name="Ana")


@pytest.mark.parametrize("values", [{}, {"school_id": None}, {"school_id": 1, "more": 2}])
def test_a_value_that_is_missing_or_nothing_or_not_asked_for_is_an_error(values):
    with pytest.raises(TypeError, match="school_id"):
        Prepared(lambda school_id: Person.objects.of(school_id), "school_id")(**values)


@pytest.mark.django_db(transaction=True)
def test_threads_do_not_meet(schools):
    people = Prepared(lambda school_id: Person.objects.of(school_id).order_by("display_name"), "school_id")
    seen, wrong = [], []

    def ask(school_id):
        try:
            for _ in range(50):
                names = [person.display_name for person in people(school_id=school_id)]
                (seen if names == [f"Ana {school_id}", f"Bo {school_id}"] else wrong).append(names)
        finally:
            connection.close()

    threads = [threading.Thread(target=ask, args=[school_id]) for school_id in (*schools, *schools)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert (len(seen), wrong) == (200, [])
