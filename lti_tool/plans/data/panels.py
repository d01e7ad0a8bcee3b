"""The two panels beside the coursework: one student's, one class's."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from .cycles import CycleView
from .evidence import Track
from .people import PersonRef
from .reviews import ReviewState
from .starting import Start
from .syncs import SyncProblem
from .targets import TargetCard


@dataclass(frozen=True, slots=True)
class StudentPanel:
    student: PersonRef
    plan_id: UUID | None
    here: tuple[TargetCard, ...]
    elsewhere: int  # targets this unit does not serve
    problem: SyncProblem | None
    read_at: datetime | None  # when evidence was last read without failure
    next_steps: str  # of the last closed review
    last_closed_on: date | None
    review_open: bool
    review_due_on: date | None
    own_words: str  # what the student wrote for the coming review
    own_at_home: bool  # False: they keep it from home (T30)
    area: str = ""  # name of the one area these targets are of
    area_is_gone: bool = False  # the placement names an area nobody knows, so that it shows everything


@dataclass(frozen=True, slots=True)
class ClassRow:
    student: PersonRef
    targets: int
    targets_here: int
    track: Track
    review_due_on: date | None
    review_due: bool
    review_open: bool
    judged: int  # targets judged in the open review
    start: Start  # whether a plan stands, and the review that comes first (002.19)


@dataclass(frozen=True, slots=True)
class ClassListRow:
    """A student in the class list that staff take along."""

    row: ClassRow
    pronouns: str
    last_review_on: date | None
    written_on: date | None  # when the student last wrote for the coming review
    asked_home_on: date | None  # the newest sheet for home
    answered_home_on: date | None


@dataclass(frozen=True, slots=True)
class ClassList:
    rows: tuple[ClassListRow, ...]
    tells_pronouns: bool  # False: the reader may not know them, so none are in it
    tells_home: bool  # the same of what went home and came back


@dataclass(frozen=True, slots=True)
class ClassPanel:
    course_title: str
    rows: tuple[ClassRow, ...]
    problem: SyncProblem | None
    read_at: datetime | None
    cycles: tuple[CycleView, ...] = ()  # this school year's rounds of reviews
    area: str = ""  # as of a student's panel
    area_is_gone: bool = False


@dataclass(frozen=True, slots=True)
class CycleRow:
    """A student of the class in a round of reviews."""

    student: PersonRef
    review_id: UUID | None  # None: not started
    state: ReviewState | None
    targets: int
    judged: int


@dataclass(frozen=True, slots=True)
class CyclePanel:
    cycle: CycleView
    course_title: str
    rows: tuple[CycleRow, ...]
