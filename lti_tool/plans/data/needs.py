"""Stage 1 of a plan: who the learner is, in whose words, where it is known from, and who talked with whom."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from ..frameworks.data import Choice, Field, Question, Section, Sensitivity
from .people import PersonRef
from .voices import Voice


@dataclass(frozen=True, slots=True)
class NeedChange:
    """What somebody says of one field of one section of the framework. Blank `text` takes the statement back.

    `voice` is whose words they are. `sensitivity` may only guard more than the field itself does; None: as the field.
    """

    section: str
    field: str
    text: str
    voice: Voice = Voice.LEARNER
    source: str = ""  # one of the framework's `sources`
    source_note: str = ""  # where it came from, in words
    sensitivity: Sensitivity | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement as it stands, or one version of it."""

    id: UUID  # of the statement, the same in every version
    version: int
    section: str
    field: str
    text: str  # "" in a version that takes it back
    voice: Voice
    author: PersonRef  # who wrote it down
    source: str
    source_note: str
    sensitivity: Sensitivity
    made_at: datetime
    own_hand: bool  # written by whose words they are, not written down for them
    hidden: bool = False  # reported, and not looked at yet: only its writer reads it (T41)


@dataclass(frozen=True, slots=True)
class NeedField:
    field: Field
    statements: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class NeedSection:
    """A section with the fields this reader may see at all: a hidden field is not there, not blank (T4)."""

    section: Section
    fields: tuple[NeedField, ...]


@dataclass(frozen=True, slots=True)
class DiscussionEntry:
    """A talk that was held: who took part, when, about what (000.9, 001.18)."""

    held_on: date
    about: str
    note: str = ""
    people: tuple["Participant", ...] = ()
    goal_id: UUID | None = None  # of the plan, that it took up (000.1)
    target_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Participant:
    """Somebody in a talk: a person the tool knows, or a name."""

    name: str
    voice: Voice
    person_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Discussion:
    id: UUID
    held_on: date
    about: str
    note: str
    people: tuple[Participant, ...]
    recorded_by: PersonRef
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class NeedsPage:
    """Everything found out about a learner that this reader may see."""

    student: PersonRef
    questions: tuple[Question, ...]  # the framework's headline questions of this stage (002.10)
    sections: tuple[NeedSection, ...]
    sources: tuple[Choice, ...]  # where information comes from (000.14)
    earlier: tuple[Statement, ...]  # said under another framework, in fields this one does not have
    discussions: tuple[Discussion, ...]
    may_write: bool
    withheld: bool = False  # restricted fields wait for a fresh session (T63)
