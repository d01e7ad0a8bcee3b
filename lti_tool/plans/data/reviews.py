"""Reviews, and what people said and judged in them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from ..frameworks.data import Field, LevelDef, Question, ReviewKind
from .cycles import CycleView
from .evidence import EvidenceView, Suggestion
from .judgements import AgreementView, AreaView, ClosingView, JudgementView, OpinionView, Outcome, ReadingView
from .people import PersonRef
from .planning import LifeEventView
from .sharing import HomeReview
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
    id: UUID | None = None
    at_home: bool = True  # once the review is closed; False: the learner keeps them from home (T30)
    sent_home_because: str = ""  # why staff let the family read them all the same
    hidden: bool = False  # reported: only their writer and whoever settles it still read them (T41)


@dataclass(frozen=True, slots=True)
class ReviewTarget:
    card: TargetCard
    since_last: tuple[EvidenceView, ...]  # every value seen since the last review closed, oldest first
    suggestion: Suggestion | None
    last_judgement: JudgementView | None
    judgement: JudgementView | None  # in this review
    opinions: tuple[OpinionView, ...] = ()  # how each sees it, side by side (001.12)
    outcome: Outcome | None = None  # what this review agrees for it from now on


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
    questions: tuple[Question, ...] = ()  # the framework's headline questions (002.10)
    at_home: bool = True  # False: the learner keeps what they say here from home (T30)


@dataclass(frozen=True, slots=True)
class KindChoice:
    """A kind of review that can be begun; `occasion` is what the calendar calls it, if anything asks for it."""

    kind: ReviewKind
    occasion: str = ""
    due_on: date | None = None
    due: bool = False  # its first day has come
    overdue: bool = False


@dataclass(frozen=True, slots=True)
class OpenReview:
    """A review of the student that is open already."""

    id: UUID
    number: int
    kind: str  # what the framework calls it
    cycle: str  # the round's name, or blank


@dataclass(frozen=True, slots=True)
class ReviewChoices:
    """What a review can be begun as. `chosen` is the kind one press begins."""

    student: PersonRef
    regular: tuple[KindChoice, ...]  # of the framework's calendar
    at_need: tuple[ReviewKind, ...]
    events: tuple[LifeEventView, ...]  # nobody looked at them yet
    event_names: Mapping[str, str]
    chosen: str
    open: tuple[OpenReview, ...]


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
    hidden: bool = False  # reported: only whoever settles it still reads it (T41)


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
    life_event: str = ""  # what the framework calls the event it was held for
    answers: tuple[Answer, ...] = ()  # the learner's preparation, shown first (002.18)
    areas: tuple[AreaView, ...] = ()
    questions: tuple[Question, ...] = ()
    fields: tuple[Field, ...] = ()  # what this kind of review writes down, that this reader may see
    written: Mapping[str, str] = field(default_factory=dict)  # by field key
    agreements: tuple[AgreementView, ...] = ()
    readings: tuple[ReadingView, ...] = ()  # of a closed one by the other side: who read it since, and when
    closings: tuple[ClosingView, ...] = ()  # earlier ones, after which it was opened again
    last: PastReview | None = None  # to look back at (002.15)
    earlier: tuple[PastReview, ...] = ()  # the student's other closed reviews, the newest first
    hidden: bool = False  # reported: only whoever settles it still reads it (T41)

    @property
    def judges_targets(self) -> bool:
        """Whether this kind judges single targets; an initial review, say, judges nothing (002.9)."""
        return self.kind is None or self.kind.judges in ("targets", "both")


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


@dataclass(frozen=True, slots=True)
class ClosingPreview:
    """What closing a review would show the student and the family. None: nobody could open it as the student."""

    student: PersonRef
    to_student: ReviewPage | None
    to_home: HomeReview


@dataclass(frozen=True, slots=True)
class Left:
    """What somebody began and did not finish: a "review", or a learner's "preparation" or "log"."""

    what: str
    at: datetime
    review_id: UUID | None = None
    student: PersonRef | None = None
    screen: int = 0  # which target was on the screen, where there was one a screen; 0: everything on one page
    target: str = ""  # the target last typed at, by its id


@dataclass(frozen=True, slots=True)
class Begun:
    """A learner's unsaved words of one form, by field, and the other form they left in the middle."""

    words: Mapping[str, str]
    left: Left | None
