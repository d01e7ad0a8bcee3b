"""Which deployments an operator switched off, and whose they are."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("ilp_lti", "0005_looked_until"), ("ilp_plans", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="deployment",
            name="held_for",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="ilp_plans.school",
            ),
        ),
        migrations.AddConstraint(
            model_name="deployment",
            constraint=models.CheckConstraint(
                condition=models.Q(school=None) | models.Q(held_for=None), name="ilp_deployment_on_or_held"
            ),
        ),
    ]
