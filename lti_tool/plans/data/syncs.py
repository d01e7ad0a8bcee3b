"""How fresh a course's evidence is, and whose turn it is to read it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class SyncProblem:
    """Why evidence could not be read: shown as a sentence, never as "no evidence"."""

    source: str
    since: datetime
    code: str  # "unreachable", "slow", "refused", "throttled", "broken", "too_large", ...


@dataclass(frozen=True, slots=True)
class SyncRef:
    """One due read: which source of which course, and of one person or (None) of everybody."""

    id: int
    school_id: UUID
    course_id: int
    source: str
    person_id: UUID | None
    attempts: int


@dataclass(frozen=True, slots=True)
class SyncLease:
    """A due read that is now the caller's, by its token. `attempts` counts this one, also of killed workers."""

    sync_id: int
    token: UUID
    school_id: UUID
    course_id: int
    source: str
    person_id: UUID | None
    attempts: int


@dataclass(frozen=True, slots=True)
class SyncState:
    """How fresh a course's evidence is. A problem stands while nothing was read since it began."""

    read_at: datetime | None
    problem: SyncProblem | None
