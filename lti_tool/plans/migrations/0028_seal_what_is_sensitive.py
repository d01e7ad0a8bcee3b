"""What lay plain in columns of sensitive words is sealed. Each batch is kept: an interrupted run goes on where it was."""

from typing import Any

from django.db import migrations

from lti_tool.plans.resealing import reseal

COLUMNS = {  # as they were classed when this was written; `ilp-tool seal` knows how they are classed now
    "BroughtRecord": "told",
    "Closing": "snapshot",
    "Contribution": "text sent_home_because",
    "Discussion": "about note",
    "Draft": "text",
    "FrozenTarget": "snapshot",
    "GuardianLink": "court_order no_contact hidden_address",
    "LifeEvent": "kind text answer",
    "LogEntry": "answers feeling",
    "Person": "looks pronouns told_name",
    "Plan": "details",
    "Review": "why details",
    "Revision": "before after",
    "SheetAnswer": "answers",
    "SheetLink": "address",
    "Statement": "text source_note",
    "StoredFile": "key words",
    "Target": "support_inside support_outside details",
}


def _every(apps: Any, schema_editor: Any, *, seals: bool) -> None:
    for label, names in COLUMNS.items():
        for name in names.split():
            model = apps.get_model("ilp_plans", label)
            place = f"ilp_plans.{label}.{name}"
            reseal(model, name, place, seals=seals, using=schema_editor.connection.alias)


def seal(apps: Any, schema_editor: Any) -> None:
    """A plan's move to another framework gets a subject of its own: what is sealed cannot be searched for it."""
    revisions = apps.get_model("ilp_plans", "Revision")._base_manager.using(schema_editor.connection.alias)
    revisions.filter(subject="plan", after__has_key="framework").update(subject="framework")
    _every(apps, schema_editor, seals=True)


def unseal(apps: Any, schema_editor: Any) -> None:
    _every(apps, schema_editor, seals=False)
    revisions = apps.get_model("ilp_plans", "Revision")._base_manager.using(schema_editor.connection.alias)
    revisions.filter(subject="framework").update(subject="plan")


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("ilp_plans", "0027_room_for_sealed_words"),
    ]

    operations = [migrations.RunPython(seal, unseal)]
