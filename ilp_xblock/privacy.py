"""What each stored field of this app holds of people, and for how long (OEP-30): the model's own `privacy`.

An account is a learner's id in this LMS. Rows with one are deleted when the learner is retired, or when they expire.
"""

from dataclasses import dataclass

from django.db import models


@dataclass(frozen=True)
class Privacy:
    """`no_pii` and `pii` name the fields, parted by blanks. `account`: the field that holds the learner's id."""

    purpose: str
    retention: str
    no_pii: str
    pii: str = ""
    account: str = ""
    sensitivity: str = "ordinary"
    basis: str = "public task: the school's record of education"
    retirement: str = "local_api: rows are deleted"


def unnamed(model: type[models.Model]) -> set[str]:
    """Fields the annotation does not name, and names in it that are no field."""
    told: Privacy = model.privacy  # type: ignore[attr-defined]
    return {field.name for field in model._meta.concrete_fields} ^ set(f"{told.no_pii} {told.pii}".split())
