"""Reviews, and what people said and judged in them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from ..frameworks.data import Field, LevelDef, ReviewKind
from .cycles import CycleView
from .evidence import EvidenceView, Suggestion
from .judgements import AgreementView, AreaView, ClosingView, JudgementView, OpinionView
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
    question: str = ""  # the preparation's field it answers


@dataclass(frozen=True, slots=True)
class ReviewTarget:
    card: TargetCard
    since_last: tuple[EvidenceView, ...]  # every value seen since the last review closed, oldest first
    suggestion: Suggestion | None
    last_judgement: JudgementView | None
    judgement: JudgementView | None  # in this review
    opinions: tuple[OpinionView, ...] = ()  # how each sees it, side by side (001.12)


@dataclass(frozen=True, slots=True)
class Answer:
    """One question of the learner's preparation and what they wrote, if they did (002.6, 002.18)."""

    field: Field
    words: ContributionView | None


@dataclass(frozen=True, slots=True)
class Preparation:
    """What a learner thinks about before their review: the questions, their targets, and what was agreed last."""

    student: PersonRef
    kind: ReviewKind
    answers: tuple[Answer, ...]
    targets: tuple[tuple[UUID, str, OpinionView | None], ...]  # id, wording, how they see it so far
    levels: tuple[LevelDef, ...]
    last_next_steps: str
    last_closed_at: datetime | None
    review_open: bool
    drafts: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PastReview:
    """A closed review in a list."""

    id: UUID
    number: int
    closed_at: datetime
    closed_by: PersonRef | None
    judged: int
    cycle: CycleView | None = None
    next_steps: str = ""


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
    kind: ReviewKind | None = None
    levels: tuple[LevelDef, ...] = ()
    judges_areas: bool = False
    asks_both_kinds: bool = False  # qualitative and quantitative evidence (001.13)
    why: str = ""
    life_event: str = ""  # the framework's key of the event it was held for
    answers: tuple[Answer, ...] = ()  # the learner's preparation, shown first (002.18)
    areas: tuple[AreaView, ...] = ()
    fields: tuple[Field, ...] = ()  # what this kind of review writes down, that this reader may see
    written: Mapping[str, str] = field(default_factory=dict)  # by field key
    agreements: tuple[AgreementView, ...] = ()
    closings: tuple[ClosingView, ...] = ()  # earlier ones, after which it was opened again
    last: PastReview | None = None  # to look back at (002.15)
    earlier: tuple[PastReview, ...] = ()  # the student's other closed reviews, the newest first


@dataclass(frozen=True, slots=True)
class NextSteps:
    """What a review agreed for the time ahead, and the review's version that says so."""

    next_steps: str
    next_review_on: date | None
    version: int


@dataclass(frozen=True, slots=True)
class ClosedReview:
    """That a review closed, of which cycle, and where its student learns now. Nothing of what it says."""

    id: UUID
    student_id: UUID
    closed_at: datetime
    course_ids: frozenset[int]
    cycle: CycleView | None = None
