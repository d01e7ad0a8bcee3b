"""A row of every annotated table about one person, each personal field filled with words that can be found again."""

import uuid
from typing import Any

from django.db import models
from django.utils import timezone

from lti_tool.lti.models import ReviewScore
from lti_tool.plans.models import (
    Appointment,
    BroughtRecord,
    GuardianLink,
    Person,
    PortfolioItem,
    Report,
    Review,
    School,
    StoredFile,
)
from lti_tool.privacy import End, annotated

# Where a constraint wants something special.
_SPECIAL: dict[type[models.Model], dict[str, Any]] = {
    BroughtRecord: {"told": lambda: [{"name": "Statement", "rows": [{"text": canary(BroughtRecord, "told")}]}]},
    Appointment: {"course": None, "phase": "", "ends_on": timezone.localdate},
    ReviewScore: {"state": "sent", "next_try_at": None},
    Review: {"state": "closed"},
    StoredFile: {"entry": None, "item": PortfolioItem, "withdrawn_at": None, "sound_gone_at": None},
    Report: {
        "entry": None,
        "item": PortfolioItem,
        "words": None,
        "review": None,
        "need": None,
        "talk": None,
        "answers": None,
    },
}


def canary(model: type[models.Model], name: str) -> str:
    """The words this field is filled with."""
    return f"canary-{model.__name__}-{name}"


class Everywhere:
    """Fills the tables for one person; `rows` are those made, by model."""

    def __init__(self, person: Person, other: Person) -> None:
        self.person, self.other = person, other
        self.rows: dict[type[models.Model], models.Model] = {School: person.school, Person: person}
        for model, told in annotated():
            if told.whose(person.pk) is not None and told.end not in {End.KEEP, End.LATER}:
                self.row(model)

    def row(self, model: type[models.Model]) -> models.Model:
        if model not in self.rows:
            values = {
                field.name: self._value(model, field)
                for field in model._meta.concrete_fields
                if not isinstance(field, models.AutoField)
            }
            for name, special in _SPECIAL.get(model, {}).items():
                if isinstance(special, type):
                    special = self.row(special)
                values[name] = special() if callable(special) else special
            if model is GuardianLink:
                values["guardian"] = self.other
            self.rows[model] = model._base_manager.create(**values)
        return self.rows[model]

    def _value(self, model: type[models.Model], field: Any) -> Any:
        if isinstance(field, models.ForeignKey):
            if field.related_model is model or (field.null and not self._leads_to_person(model, field)):
                return None
            return self.row(field.related_model)
        if field.name == "sub":  # one account, whoever names it
            return "canary-sub"
        if field.choices:
            return field.choices[0][0]
        words = canary(model, field.name)
        made: dict[type[models.Field[Any, Any]], Any] = {
            models.UUIDField: self.person.pk if field.name == "about_id" else uuid.uuid4(),
            models.JSONField: {"said": words},
            models.BooleanField: True,
            models.FloatField: 1.0,
            models.DateTimeField: timezone.now(),
            models.DateField: timezone.localdate(),
            models.URLField: f"https://{words}.example",
            models.CharField: words[: field.max_length or None],
            models.TextField: words,
        }
        return next((value for kind, value in made.items() if isinstance(field, kind)), 1)

    def _leads_to_person(self, model: type[models.Model], field: Any) -> bool:
        told: Any = model
        return any(path.split("__")[0] == field.name for path in told.privacy.about) or field.related_model is Person
