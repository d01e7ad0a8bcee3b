"""Rounds of reviews."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID


@dataclass(frozen=True, slots=True)
class CycleView:
    """A round of reviews the school holds in one school year."""

    id: UUID
    key: str  # a slug, unique in its school year
    name: str
    year: int  # the calendar year the school year began in
    opens_on: date | None
    due_on: date | None  # its last day
    kind: str  # a slug: "interim", ...

    @property
    def code(self) -> str:
        """What a link or gradebook column names it with, "2026-autumn": the same everywhere in the school."""
        return f"{self.year}-{self.key}"
