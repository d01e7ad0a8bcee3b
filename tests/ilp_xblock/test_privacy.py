"""Every stored field of the LMS side is annotated (T96)."""

import pytest
from django.apps import apps
from django.db import models

from ilp_xblock.privacy import unnamed

EVERY = list(apps.get_app_config("ilp_xblock").get_models())


@pytest.mark.trust("T96")
@pytest.mark.parametrize("model", EVERY, ids=lambda model: model.__name__)
def test_every_field_of_every_table_is_declared(model: type[models.Model]) -> None:
    assert unnamed(model) == set(), "name it in the model's `privacy`"
    assert model.privacy.purpose
    assert model.privacy.retention
    assert bool(model.privacy.pii) == bool(model.privacy.account)
