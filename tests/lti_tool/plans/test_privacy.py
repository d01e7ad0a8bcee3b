"""Every stored field says what it is, why it is kept and what erasing a person does to it (T96, T2)."""

import pytest
from django.db import models

from lti_tool.plans.data import Sensitivity
from lti_tool.plans.models import Person
from lti_tool.privacy import End, Kind, Privacy, annotated, unnamed

LABELS = ("ilp_plans", "ilp_lti")
EVERY = list(annotated(*LABELS))
NAMES = [model.__name__ for model, _ in EVERY]


@pytest.mark.trust("T96")
@pytest.mark.parametrize(("model", "told"), EVERY, ids=NAMES)
def test_every_field_of_every_table_is_declared(model: type[models.Model], told: Privacy) -> None:
    assert unnamed(model) == set(), "name it in the model's `privacy`"
    assert told.why.purpose
    assert told.why.basis
    assert told.why.retention


@pytest.mark.trust("T96")
@pytest.mark.parametrize(("model", "told"), EVERY, ids=NAMES)
def test_who_has_personal_fields_says_whom_they_are_about(model: type[models.Model], told: Privacy) -> None:
    kinds = {field.kind for field in told.fields.values() if field.kind}
    about_staff_only = kinds <= {Kind.PERSON}  # who published or opened something that is nobody's
    assert told.about or told.find or about_staff_only, model
    for path in told.about:
        assert model._base_manager.filter(**{path: Person().pk}).query is not None


@pytest.mark.trust("T2", "T96")
@pytest.mark.parametrize(("model", "told"), EVERY, ids=NAMES)
def test_links_to_people_and_free_text_are_never_declared_to_be_nothing(
    model: type[models.Model], told: Privacy
) -> None:
    for field in model._meta.concrete_fields:
        if isinstance(field, models.ForeignKey) and field.related_model is Person and field.name != "joined_into":
            assert told.fields[field.name].kind is Kind.PERSON, field.name
        if told.end is End.KEEP and told.fields[field.name].kind:
            assert told.fields[field.name].kind in {Kind.PERSON, Kind.TIME, Kind.STATUS}, field.name
        if told.end is End.LATER and told.fields[field.name].kind:
            assert told.fields[field.name].kind in {Kind.ACCOUNT, Kind.TIME, Kind.STATUS}, field.name


@pytest.mark.trust("T2", "T96")
def test_a_new_field_nobody_declared_is_found() -> None:
    class Growing(models.Model):
        told = models.TextField()
        secret_hope = models.TextField()
        privacy = Privacy(EVERY[0][1].why, plain="id", personal={Kind.WORDS: "told gone"})

        class Meta:
            app_label = "nowhere"

    assert unnamed(Growing) == {"secret_hope", "gone"}
    assert Growing.privacy.fields["told"].guarded is Sensitivity.PERSONAL
