"""Who is appointed, linked and let in, and who can see what."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from ..frameworks.data import Sensitivity
from .files import FileView
from .judgements import AgreementView, JudgedPart, ReadingView
from .people import PersonRef, Role
from .planning import Party


class Audience(StrEnum):
    """Who may read somebody's own words, as they chose (T5, T30)."""

    PRIVATE = "private"  # nobody else
    NOT_FOR_HOME = "not_for_home"  # the school people of this student
    SHARED = "shared"  # they and the family


class GuardianEvidence(StrEnum):
    """What a guardian link rests on (T28)."""

    LMS = "lms"  # a signed Mentor launch names the child
    SCHOOL = "school"  # staff saw proof


class GuardianScope(StrEnum):
    """How far a guardian link goes."""

    SHARED = "shared"  # reads what is shared, answers the family's sheets
    SHEETS = "sheets"  # answers the family's sheets only


@dataclass(frozen=True, slots=True)
class Scope:
    """Whom an appointment is about: exactly one of these, or none of them for the whole school."""

    student_id: UUID | None = None
    course_id: int | None = None
    phase: str = ""


@dataclass(frozen=True, slots=True)
class AppointmentView:
    id: UUID
    person: PersonRef
    role: Role
    student: PersonRef | None
    course_id: int | None
    phase: str
    starts_on: date
    ends_on: date | None


@dataclass(frozen=True, slots=True)
class GuardianFlags:
    """What stands against a guardian (T28). Either of the first two, and the link opens nothing."""

    court_order: bool = False
    no_contact: bool = False
    hidden_address: bool = False  # where the child lives, learns off-site or is met is not told

    @property
    def barred(self) -> bool:
        return self.court_order or self.no_contact


@dataclass(frozen=True, slots=True)
class GuardianView:
    id: UUID
    guardian: PersonRef
    child: PersonRef
    evidence: GuardianEvidence
    scope: GuardianScope
    flags: GuardianFlags
    since: datetime
    ends_on: date | None


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that can be shared: its kind ("target", "review", ...) and id."""

    kind: str
    id: UUID


@dataclass(frozen=True, slots=True)
class Piece:
    """One item as a person it is shared with reads it: the same whoever of them reads (T11)."""

    item: Item
    student: PersonRef
    title: str
    lines: tuple[tuple[str, str], ...] = ()  # code of the label, words
    guarded: Sensitivity = Sensitivity.PERSONAL
    at: datetime | None = None
    files: tuple[FileView, ...] = ()  # that may leave the class


@dataclass(frozen=True, slots=True)
class ShareView:
    """Exactly these items, for one person, for a purpose, until a day (T11)."""

    id: UUID
    student: PersonRef
    recipient: PersonRef
    purpose: str
    pieces: tuple[Piece, ...]  # those that still stand
    made_at: datetime
    ends_on: date
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class StandingShare:
    """That a learner lets somebody read something, as the school's office sees it: not what, and not why."""

    id: UUID
    student: PersonRef
    recipient: PersonRef
    items: int
    made_at: datetime
    ends_on: date


@dataclass(frozen=True, slots=True)
class ShareRules:
    """What the school lets its learners do about others' access."""

    may_share: bool
    longest_until: date  # the last day a share may have
    may_end_providers: bool


@dataclass(frozen=True, slots=True)
class Reported:
    """Something somebody reported and nobody has looked at yet (T41). Its pictures are not among it."""

    piece: Piece
    at: datetime
    files: int  # how many pictures and recordings belong to it
    may_settle: bool  # False: the reader wrote or reported it, so somebody else looks


@dataclass(frozen=True, slots=True)
class Reader:
    """One person who can see something, and why: the role that lets them (T6). A share has its purpose."""

    person: PersonRef
    role: Role
    purpose: str = ""


@dataclass(frozen=True, slots=True)
class Opening:
    """That somebody opened a part of the plan (T44): who, as what, which part, when."""

    at: datetime
    who: PersonRef | None  # None: somebody the school does not name here
    role: Role
    part: str  # "plan", "review", "target", "export", ...
    purpose: str = ""


@dataclass(frozen=True, slots=True)
class HomePage:
    """What is shared with home of one child, and nothing else."""

    student: PersonRef
    targets: tuple[Piece, ...]
    reviews: tuple[Piece, ...]  # agreed ones, the newest first
    words: tuple[Piece, ...]  # the family's own and those the learner keeps no secret of, the newest first
    work: tuple[Piece, ...]  # from log and portfolio, what the learner opened to home
    others: int  # how many more children the actor has
    parties: tuple[Party, ...] = ()  # who signs up to the plan, where its framework asks for it (002.14)
    answered: frozenset[UUID] = frozenset()  # the reviews the actor gave their word on


@dataclass(frozen=True, slots=True)
class HomeReview:
    """One agreed review as a family reads it, and what it can say to it."""

    id: UUID
    student: PersonRef
    closed_at: datetime
    review: Piece
    words: tuple[Piece, ...]  # what people said in it, as far as it is for home
    agreements: tuple[AgreementView, ...]
    judged: tuple[tuple[JudgedPart, str], ...]  # what a statement can be about, and what it is called
    readings: tuple[ReadingView, ...] = ()  # the school's, since it closed
