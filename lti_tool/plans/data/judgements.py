"""What people judged, version by version."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from .evidence import Level
from .people import PersonRef


@dataclass(frozen=True, slots=True)
class JudgementView:
    """T48: author, date, reason, version; corrections are new versions."""

    id: UUID
    level: Level
    comment: str
    author: PersonRef
    made_at: datetime
    version: int
    review_number: int
    reason: str = ""  # why a later version replaced an earlier one
    review_version: int = 0  # the review's version this judgement made
    evidence_seen: tuple[int, ...] = ()  # ids of the values the author had before them
