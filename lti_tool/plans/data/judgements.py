"""What people judged, version by version."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from ..frameworks.data import LevelDef
from .people import PersonRef, Role
from .voices import SignedBy, Voice


@dataclass(frozen=True, slots=True)
class StatementView:
    """That somebody sees a judgement differently, and how. It stands with the judgement wherever that goes (T54)."""

    voice: Voice
    author: PersonRef | None  # None: staff kept it for somebody without an account, by `name`
    name: str
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class JudgementView:
    """T48: author, date, reason, version; corrections are new versions."""

    id: UUID
    level: str  # a key of the scale
    comment: str
    author: PersonRef
    made_at: datetime
    version: int
    review_number: int
    reason: str = ""  # why a later version replaced an earlier one
    review_version: int = 0  # the review's version this judgement made
    evidence_seen: tuple[int, ...] = ()  # ids of the values the author had before them
    said: LevelDef | None = None  # the level in the framework's words, as they were when it was read or frozen
    qualitative: str = ""  # what was seen and said (001.13)
    quantitative: str = ""  # what was counted or measured, besides scores seen
    one_kind_because: str = ""  # why it rests on one kind only, where the framework asks for both
    statements: tuple[StatementView, ...] = ()  # who sees it differently


class Ending(StrEnum):
    """What a review agrees for a target from now on."""

    REACHED = "reached"
    CARRIED_ON = "carried_on"
    CHANGED = "changed"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one review agreed for a target: `text` is its new words, why it was dropped, or a note."""

    ending: Ending
    text: str = ""
    author: PersonRef | None = None  # None: as a form says it
    version: int = 0


@dataclass(frozen=True, slots=True)
class Grounds:
    """What a judgement rests on besides scores seen (001.13); `one_kind_because` says why one kind has to do."""

    qualitative: str = ""
    quantitative: str = ""
    one_kind_because: str = ""


@dataclass(frozen=True, slots=True)
class OpinionView:
    """How one person sees one target or area, beside what is agreed."""

    voice: Voice
    author: PersonRef
    level: str
    said: LevelDef | None
    text: str
    given_at: datetime
    differs: bool = False  # from the judgement as it stands
    name: str = ""  # whose it is, where the author wrote it down for them
    peer: bool = False  # a classmate's (002.7)


@dataclass(frozen=True, slots=True)
class OpinionEntry:
    """How somebody else sees a target or an area, written down in a review: family, a classmate (`peer`), others."""

    voice: Voice
    name: str
    level: str = ""
    text: str = ""
    peer: bool = False


@dataclass(frozen=True, slots=True)
class JudgedPart:
    """What a word is about: one judged target, one judged area, or (neither) the review as a whole."""

    target_id: UUID | None = None
    area: str = ""


@dataclass(frozen=True, slots=True)
class AgreementEntry:
    """A named person's word on what the review says, kept by staff who heard or read it."""

    voice: Voice
    name: str
    agrees: bool
    text: str = ""
    way: SignedBy = SignedBy.IN_PERSON
    about: JudgedPart = JudgedPart()


@dataclass(frozen=True, slots=True)
class AgreementView:
    voice: Voice
    name: str
    agrees: bool
    text: str
    way: SignedBy
    recorded_by: PersonRef
    recorded_at: datetime
    closing: int
    mine: bool = False  # said by whoever reads


@dataclass(frozen=True, slots=True)
class ReadingView:
    """That somebody of the other side read what is agreed, the last time."""

    who: PersonRef
    role: Role
    at: datetime


@dataclass(frozen=True, slots=True)
class ClosingView:
    """One time a review was closed, and why it was opened again."""

    number: int
    closed_at: datetime
    closed_by: PersonRef | None
    next_steps: str
    reopened_at: datetime | None
    reopened_by: PersonRef | None
    reason: str


@dataclass(frozen=True, slots=True)
class AreaView:
    """One area in a review: its judgement, the last one, and how each sees it."""

    area: str
    name: str
    judgement: JudgementView | None
    last_judgement: JudgementView | None
    opinions: tuple[OpinionView, ...] = ()
