"""No query of school data forgets which school (T7)."""

from uuid import UUID

import pytest
from django.apps import apps
from django.db.models import Count, Exists, OuterRef, Q

from lti_tool.plans import api
from lti_tool.plans.data import Actor
from lti_tool.plans.exceptions import NotFound, UnscopedQuery
from lti_tool.plans.models import Enrolment, Person, Plan, Review, Target
from lti_tool.plans.models.base import SchoolOwned
from tests.factories.plans import make_cast, make_class

pytestmark = [pytest.mark.django_db, pytest.mark.trust("T7")]

OWNED = [model for model in apps.get_app_config("ilp_plans").get_models() if issubclass(model, SchoolOwned)]
SCHOOL = UUID(int=1)


@pytest.mark.parametrize("model", OWNED, ids=lambda model: model.__name__)
def test_every_table_but_the_schools_refuses_a_query_that_names_no_school(model: type[SchoolOwned]) -> None:
    for ask in (list, lambda rows: rows.count(), lambda rows: rows.exists(), lambda rows: rows.first()):
        with pytest.raises(UnscopedQuery):
            ask(model.objects.all())
        ask(model.objects.filter(school_id=SCHOOL))


def test_every_table_of_the_domain_belongs_to_a_school() -> None:
    models = {model.__name__ for model in apps.get_app_config("ilp_plans").get_models()}
    assert models - {model.__name__ for model in OWNED} == {"School"}


@pytest.mark.parametrize(
    "ask",
    [
        lambda: Person.objects.get(pk=SCHOOL),
        lambda: Person.objects.update(display_name=""),
        lambda: Person.objects.all().delete(),
        lambda: Person.objects.aggregate(Count("id")),
        lambda: list(Person.objects.values_list("id").iterator()),
        lambda: Person.objects.in_bulk([SCHOOL]),
        lambda: list(Person.objects.filter(Q(school_id=SCHOOL) | Q(display_name="x"))),
        lambda: list(Person.objects.exclude(school_id=SCHOOL)),
        lambda: list(Person.objects.filter(school_id__isnull=False)),
        lambda: list(Target.objects.filter(plan__school_id=SCHOOL)),
        lambda: list(Plan.objects.filter(student__in=Person.objects.filter(display_name="x"), school_id=SCHOOL)),
        lambda: list(Plan.objects.filter(Exists(Review.objects.filter(plan=OuterRef("pk"))), school_id=SCHOOL)),
        lambda: list(Person.objects.filter(school_id=SCHOOL).union(Person.objects.all())),
        lambda: Enrolment.objects.bulk_update([Enrolment(id=1)], ["active"]),
    ],
)
def test_no_shape_of_query_gets_around_the_guard(ask) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(UnscopedQuery):
        ask()


@pytest.mark.parametrize(
    "ask",
    [
        lambda: list(Person.objects.filter(Q(school_id=SCHOOL) & Q(display_name="x"))),
        lambda: list(Person.objects.filter(school_id__in=[SCHOOL])),
        lambda: Person.objects.filter(school_id=SCHOOL).update(display_name=""),
        lambda: Person.objects.filter(school_id=SCHOOL).delete(),
        lambda: list(Person.objects.none()),
        lambda: Person.objects.filter(school_id=SCHOOL).aggregate(n=Count("id")),
    ],
)
def test_a_query_within_one_school_is_answered(ask) -> None:  # type: ignore[no-untyped-def]
    ask()


@pytest.mark.database
def test_a_teacher_of_one_school_finds_nothing_of_another_by_its_ids() -> None:
    cast = make_cast()
    theirs = make_class("fractions")
    teacher = theirs.teacher()
    forged = Actor(teacher.person_id, teacher.school_id, teacher.role, cast.maths.course_id)
    crossed = Actor(teacher.person_id, cast.maths.school_id, teacher.role, cast.maths.course_id)
    for actor in (teacher, forged, crossed):
        with pytest.raises(NotFound):
            api.start_review(actor, cast.student.person_id)
        with pytest.raises(NotFound):
            api.target(actor, cast.target_id)
    for write in (
        lambda: api.set_enrolment(theirs.school_id, cast.maths.course_id, teacher.person_id, teacher.role),
        lambda: api.sync_roster(theirs.school_id, cast.maths.course_id, []),
        lambda: api.sync_activities(theirs.school_id, cast.maths.course_id, []),
        lambda: api.request_sync(theirs.school_id, cast.maths.course_id, "ags"),
    ):
        with pytest.raises(NotFound):
            write()
