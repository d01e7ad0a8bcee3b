"""What is kept of one person, as they get it; and what became of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from .people import PersonRef
from .sharing import Opening

RECORD_FORMAT = "ilp-record/1"  # of a package, as `web.record_package` writes it
Value = str | int | float | bool | None | list["Value"] | dict[str, "Value"]  # as JSON has them


@dataclass(frozen=True, slots=True)
class RecordTable:
    """One table's rows about the person: what it is for, and each row's fields by name."""

    name: str  # the model's, with its app: "ilp_plans.Target"
    purpose: str
    retention: str
    rows: tuple[Mapping[str, Value], ...]
    held_back: tuple[str, ...] = ()  # fields that are in no export


@dataclass(frozen=True, slots=True)
class Record:
    """Everything that is kept about one person (T52): rows, files, who read it."""

    person: PersonRef
    school: str
    made_at: datetime
    tables: tuple[RecordTable, ...]
    opened: tuple[Opening, ...]
    files: Mapping[str, bytes] = field(default_factory=dict, repr=False)  # by their path in the package


@dataclass(frozen=True, slots=True)
class CorrectionAsked:
    """That something wrong in the school's record of a person be put right."""

    id: UUID
    person: PersonRef
    by: PersonRef | None  # None: they are gone
    asked_at: datetime
    wrong: str
    decided_at: datetime | None = None
    granted: bool | None = None
    answer: str = ""


@dataclass(frozen=True, slots=True)
class ErasureAsked:
    """That the school's record of a person be deleted (T50)."""

    id: UUID
    person: PersonRef
    asked_at: datetime
    why: str
    decided_at: datetime | None = None
    granted: bool | None = None
    answer: str = ""
