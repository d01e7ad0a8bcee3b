"""How far each learner has begun: whether a plan stands, and the first review."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from .people import PersonRef
from .reviews import ReviewState


class Waits(StrEnum):
    """What a learner's beginning waits for; of several, the list says them all."""

    PLAN = "plan"
    REVIEW = "review"
    OVERDUE = "overdue"


@dataclass(frozen=True, slots=True)
class Start:
    """How far one learner has begun. It says nothing of what any plan or review holds."""

    has_plan: bool
    kind: str  # what the framework calls the review that comes first; blank: it may be any
    state: ReviewState | None  # of that review; None: not begun
    due_on: date | None
    overdue: bool

    @property
    def waits(self) -> frozenset[Waits]:
        found = {Waits.PLAN: not self.has_plan, Waits.REVIEW: self.state is not ReviewState.CLOSED}
        return frozenset(one for one, is_so in (found | {Waits.OVERDUE: self.overdue}).items() if is_so)


@dataclass(frozen=True, slots=True)
class StartRow:
    student: PersonRef
    year_group: int | None
    entered_on: date | None
    stages: tuple[str, ...]  # the moves between school years this one lies at, as the framework calls them
    start: Start
    reads: bool  # the plan: whoever sees the list may not
    begins: bool  # plan and reviews
    key_workers: tuple[str, ...] = ()  # who looks after them, by name


@dataclass(frozen=True, slots=True)
class StartList:
    """One page of a list; `counts` are of everybody the filters leave, by what they wait for."""

    rows: tuple[StartRow, ...]
    everybody: int
    counts: dict[Waits, int]
    page: int
    pages: int
    years: tuple[int | None, ...]  # that somebody is in
    courses: tuple[tuple[int, str], ...]
