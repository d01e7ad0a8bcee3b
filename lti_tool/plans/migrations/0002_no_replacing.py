"""A database made before gets every trigger of the trail anew: SQLite's REPLACE went round the first two (T42)."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from lti_tool.plans import append_only


def _again(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    append_only.remove(editor.connection)
    append_only.install(editor.connection)


class Migration(migrations.Migration):
    dependencies = [("ilp_plans", "0001_initial")]

    operations = [migrations.RunPython(_again, migrations.RunPython.noop)]
