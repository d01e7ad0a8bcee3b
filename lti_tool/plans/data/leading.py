"""Who leads what around a plan (002.21), and when somebody began at the school."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from .people import PersonRef


class Job(StrEnum):
    """What somebody does for a learner's plan. One leads each; any number support."""

    NEEDS = "needs"  # leads finding out what the learner needs
    PLAN = "plan"  # negotiates the plan
    REVIEWS = "reviews"  # leads the reviews
    CONTACT = "contact"  # the one adult to turn to
    SUPPORT = "support"  # mentor, adviser, somebody off site


@dataclass(frozen=True, slots=True)
class LeadEntry:
    """Blank name: whoever says so. `role` is one of the framework's, or blank."""

    job: Job
    name: str = ""
    role: str = ""


@dataclass(frozen=True, slots=True)
class LeadView:
    """`appointed`: nobody was named for the job, and it falls to the learner's key worker."""

    id: UUID | None
    job: Job
    name: str
    role: str  # what the framework calls what they are
    appointed: bool = False


@dataclass(frozen=True, slots=True)
class Schooling:
    """Where a student stands in the school: its own word for the phase, the school year, their first day."""

    student: PersonRef
    phase: str
    year_group: int | None
    entered_on: date | None
