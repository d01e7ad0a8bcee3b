"""The name somebody uses, the LMS's where another stands in its place, and pronouns (T93)."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("ilp_plans", "0019_brought_records")]

    operations = [
        migrations.AddField("person", "own_name", models.CharField(blank=True, max_length=80)),
        migrations.AddField("person", "told_name", models.CharField(blank=True, max_length=255)),
        migrations.AddField("person", "pronouns", models.CharField(blank=True, max_length=40)),
    ]
