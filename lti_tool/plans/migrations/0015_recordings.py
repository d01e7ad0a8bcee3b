"""When the words of a file were written, whether its child keeps a recording, and when a recording went (T27)."""

from typing import Any

from django.db import migrations, models
from django.db.models import F


def words_stand_since_they_came(apps: Any, schema_editor: Any) -> None:
    apps.get_model("ilp_plans", "StoredFile")._base_manager.exclude(words="").update(words_at=F("added_at"))


class Migration(migrations.Migration):
    dependencies = [("ilp_plans", "0014_programme")]

    operations = [
        migrations.AddField("storedfile", "kept", models.BooleanField(default=False)),
        migrations.AddField("storedfile", "sound_gone_at", models.DateTimeField(blank=True, null=True)),
        migrations.AddField("storedfile", "words_at", models.DateTimeField(blank=True, null=True)),
        migrations.RunPython(words_stand_since_they_came, migrations.RunPython.noop),
    ]
