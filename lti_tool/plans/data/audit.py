"""The trail as it is read."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class AuditView:
    """One event of the trail (T42): who, acting as what, did what, when. Ids and codes only."""

    number: int
    at: datetime
    actor_id: UUID | None
    role: str
    verb: str
    subject: str
    subject_id: str
    detail: dict[str, object]
    reason: str
