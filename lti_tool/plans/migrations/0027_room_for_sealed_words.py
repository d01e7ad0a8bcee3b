from typing import Any

from django.db import migrations, models

import lti_tool.plans.models.portfolio


def bar(apps: Any, schema_editor: Any) -> None:
    links = apps.get_model("ilp_plans", "GuardianLink")._base_manager.using(schema_editor.connection.alias)
    links.filter(models.Q(court_order=True) | models.Q(no_contact=True)).update(barred=True)


class Migration(migrations.Migration):

    dependencies = [
        ('ilp_plans', '0026_single_entries_reported'),
    ]

    operations = [
        migrations.AddField(
            model_name='guardianlink',
            name='barred',
            field=models.BooleanField(default=False, editable=False),
        ),
        migrations.RunPython(bar, migrations.RunPython.noop),
        migrations.AlterField(
            model_name='guardianlink',
            name='court_order',
            field=models.TextField(default=False),
        ),
        migrations.AlterField(
            model_name='guardianlink',
            name='no_contact',
            field=models.TextField(default=False),
        ),
        migrations.AlterField(
            model_name='guardianlink',
            name='hidden_address',
            field=models.TextField(default=False),
        ),
        migrations.AlterField(
            model_name='lifeevent',
            name='kind',
            field=models.TextField(max_length=64),
        ),
        migrations.AlterField(
            model_name='logentry',
            name='feeling',
            field=models.TextField(blank=True, max_length=16),
        ),
        migrations.AlterField(
            model_name='person',
            name='looks',
            field=models.TextField(blank=True, max_length=64),
        ),
        migrations.AlterField(
            model_name='person',
            name='pronouns',
            field=models.TextField(blank=True, max_length=40),
        ),
        migrations.AlterField(
            model_name='person',
            name='told_name',
            field=models.TextField(blank=True, max_length=255),
        ),
        migrations.AlterField(
            model_name='sheetlink',
            name='address',
            field=models.TextField(blank=True, max_length=254),
        ),
        migrations.AlterField(
            model_name='storedfile',
            name='key',
            field=models.TextField(default=lti_tool.plans.models.portfolio.storage_key, max_length=64),
        ),
    ]
