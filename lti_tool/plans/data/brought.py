"""What somebody took along from another school, as it crosses the door."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from .people import PersonRef


@dataclass(frozen=True, slots=True)
class BroughtTable:
    """One kind of thing: its model's name ("Target"), and each row's words by field."""

    name: str
    rows: tuple[dict[str, str], ...]


@dataclass(frozen=True, slots=True)
class BroughtView:
    """A record brought along; `tables` only where somebody opened it."""

    id: UUID
    student: PersonRef
    name: str  # whom the package says it is about
    from_school: str
    made_at: datetime
    brought_at: datetime
    tables: tuple[BroughtTable, ...] = ()
    items: int = 0  # pieces of the portfolio that came with it
    refused: int = 0  # files that could not be kept, told once
