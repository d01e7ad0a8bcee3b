from typing import Any

from django.db import migrations


def give_office(apps: Any, schema_editor: Any) -> None:
    """Who looked after a school's connections by its code before there was an office, is in the office too (T61).

    The same code gives both now, and the trail has that they typed it ("administrator.appointed"). Nobody gets back
    what was taken from them: not an account whose appointment ended, not a person whose office was ever ended.
    """
    alias = schema_editor.connection.alias
    offices = apps.get_model("ilp_plans", "Appointment")._base_manager.using(alias)
    people = apps.get_model("ilp_plans", "Person")._base_manager.using(alias)
    looking_after = apps.get_model("ilp_lti", "Appointment")._base_manager.using(alias)
    for row in looking_after.filter(ended_at=None).select_related("platform_user").order_by("appointed_at", "pk"):
        person = people.filter(
            pk=row.platform_user.person_id, school_id=row.school_id, erased_at=None, joined_into=None
        ).first()
        whole_school = {"role": "administrator", "student": None, "course": None, "phase": ""}
        if person is None or offices.filter(person=person, **whole_school).exists():
            continue
        offices.create(
            school_id=row.school_id, person=person, starts_on=row.appointed_at.date(), made_at=row.appointed_at,
            **whole_school,
        )  # fmt: skip


class Migration(migrations.Migration):

    dependencies = [
        ("ilp_lti", "0008_areas_placed"),
        ("ilp_plans", "0013_privacy_choices"),
    ]

    operations = [
        migrations.RunPython(give_office, migrations.RunPython.noop),
    ]
