"""Reviews, and what people said and judged in them."""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from .cycles import CycleView
from .evidence import EvidenceView, Suggestion
from .judgements import JudgementView
from .people import PersonRef
from .syncs import SyncProblem
from .targets import TargetCard
from .voices import Voice


class ReviewState(StrEnum):
    OPEN = "open"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class ContributionView:
    voice: Voice
    author: PersonRef
    text: str
    written_at: datetime
    version: int


@dataclass(frozen=True, slots=True)
class ReviewTarget:
    card: TargetCard
    since_last: tuple[EvidenceView, ...]  # every value seen since the last review closed, oldest first
    suggestion: Suggestion | None
    last_judgement: JudgementView | None
    judgement: JudgementView | None  # in this review


@dataclass(frozen=True, slots=True)
class ReviewPage:
    """Everything one screen of a review needs. Closed: what it rested on is frozen and shown from the freeze."""

    id: UUID
    version: int  # send it back with next steps and closing; a judgement sends its own version (0: none yet)
    number: int
    state: ReviewState
    student: PersonRef
    plan_id: UUID
    opened_at: datetime
    closed_at: datetime | None
    closed_by: PersonRef | None
    since: datetime | None  # when the last review closed
    targets: tuple[ReviewTarget, ...]
    contributions: tuple[ContributionView, ...]  # the newest of everybody who spoke
    next_steps: str
    next_review_on: date | None
    problem: SyncProblem | None
    previous_student: PersonRef | None
    next_student: PersonRef | None
    position: int  # 1-based place of the student in the class list
    class_size: int
    drafts: dict[str, str] = field(default_factory=dict)  # unsaved words of this actor, by field name
    cycle: CycleView | None = None


@dataclass(frozen=True, slots=True)
class NextSteps:
    """What a review agreed for the time ahead, and the review's version that says so."""

    next_steps: str
    next_review_on: date | None
    version: int


@dataclass(frozen=True, slots=True)
class PastReview:
    """A closed review in a list."""

    id: UUID
    number: int
    closed_at: datetime
    closed_by: PersonRef | None
    judged: int
    cycle: CycleView | None = None


@dataclass(frozen=True, slots=True)
class ClosedReview:
    """That a review closed, of which cycle, and where its student learns now. Nothing of what it says."""

    id: UUID
    student_id: UUID
    closed_at: datetime
    course_ids: frozenset[int]
    cycle: CycleView | None = None
