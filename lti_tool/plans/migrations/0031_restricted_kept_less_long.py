from typing import Any

from django.db import migrations, models
from django.db.models import Q
from django.db.models.functions import Least


def as_long_as_before(apps: Any, _schema_editor: Any) -> None:
    """Nothing goes tonight because the tool was updated: what schools keep now they keep, as far as may be."""
    schools = apps.get_model("ilp_plans", "School")._base_manager
    schools.update(keep_restricted_years=Least(models.F("keep_years"), models.Value(7)))


class Migration(migrations.Migration):
    dependencies = [("ilp_plans", "0030_words_begun_by_link")]

    operations = [
        migrations.AddField(
            model_name="school",
            name="keep_restricted_years",
            field=models.PositiveSmallIntegerField(default=1),
        ),
        migrations.RunPython(as_long_as_before, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="school",
            constraint=models.CheckConstraint(
                condition=Q(keep_restricted_years__gte=1, keep_restricted_years__lte=7),
                name="ilp_school_keeps_restricted_less",
            ),
        ),
    ]
