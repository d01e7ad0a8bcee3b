"""An update spares administrators to type their code again, and gives nobody an office that was taken from them."""

from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection
from django.utils import timezone

from lti_tool.lti import claiming
from lti_tool.lti.models import Appointment as LooksAfter
from lti_tool.plans import api as plans
from lti_tool.plans.data import Act, Actor
from lti_tool.plans.models import Appointment
from tests.factories.plans import Cast, make_cast
from tests.factories.setup import appointed
from tests.lti_tool.web.test_people import Browser

pytestmark = [pytest.mark.django_db]
give_office = import_module("lti_tool.lti.migrations.0009_offices_of_administrators").give_office


def migrate() -> None:
    with connection.schema_editor() as editor:
        give_office(apps, editor)


def appointed_before_the_update(cast: Cast) -> Browser:
    """By code, when there was no office yet."""
    browser = Browser(cast.administrator, appointed(cast.administrator))
    Appointment.objects.of(cast.maths.school_id).filter(role="administrator").delete()
    return browser


def actor(cast: Cast) -> Actor:
    return plans.actor_for(cast.maths.school_id, cast.administrator.person_id, cast.maths.course_id)


@pytest.mark.trust("T61")
@pytest.mark.django_db(transaction=True)
def test_who_was_appointed_by_code_opens_the_offices_pages_after_the_update() -> None:
    cast = make_cast()
    browser = appointed_before_the_update(cast)
    assert browser.get("setup/people/").status_code == 404
    migrate()
    migrate()
    assert browser.get("setup/people/").status_code == 200
    assert browser.get("setup/rules").status_code == 200
    assert Appointment.objects.of(cast.maths.school_id).filter(role="administrator").count() == 1
    for other in (cast.teacher, cast.other_teacher, cast.stranger):
        assert not plans.allows(plans.actor_for(other.school_id, other.person_id, other.course_id), Act.SET_RULES)


@pytest.mark.trust("T61")
@pytest.mark.django_db(transaction=True)
def test_whoever_looks_after_it_no_more_gets_nothing_back() -> None:
    cast = make_cast()
    appointed_before_the_update(cast)
    LooksAfter.objects.update(ended_at=timezone.now())
    migrate()
    assert not plans.allows(actor(cast), Act.SET_RULES)
    appointed(cast.administrator)
    Appointment.objects.of(cast.maths.school_id).filter(role="administrator").update(ended_at=timezone.now())
    migrate()
    assert not plans.allows(actor(cast), Act.SET_RULES)
    assert claiming.administrators(cast.maths.school_id)


@pytest.mark.trust("T61")
@pytest.mark.django_db(transaction=True)
def test_an_erased_person_is_given_no_office() -> None:
    cast = make_cast()
    appointed_before_the_update(cast)
    person = apps.get_model("ilp_plans", "Person").objects.of(cast.maths.school_id)
    person.filter(pk=cast.administrator.person_id).update(erased_at=timezone.now())
    migrate()
    assert not Appointment.objects.of(cast.maths.school_id).filter(role="administrator").exists()
