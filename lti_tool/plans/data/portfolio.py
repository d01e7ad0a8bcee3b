"""The learner's log and portfolio, as pages see them."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from ..frameworks.data import Choice, EvidenceKind, LogRules
from .activities import ActivityView
from .files import FileView
from .people import PersonRef
from .sharing import Audience
from .voices import Voice


@dataclass(frozen=True, slots=True)
class LogChange:
    """What a learner writes in the log. `answers` by the framework's prompt; "" for the free words."""

    answers: dict[str, str]
    feeling: str = ""
    activity_id: int | None = None
    audience: Audience = Audience.PRIVATE


@dataclass(frozen=True, slots=True)
class LogView:
    id: UUID
    version: int
    answers: dict[str, str]
    feeling: str
    activity: str  # its label
    activity_id: int | None
    audience: Audience
    written_at: datetime
    files: tuple[FileView, ...]
    hidden: bool  # reported: only its writer and whoever settles it still see it


@dataclass(frozen=True, slots=True)
class LogBlock:
    """The entries of one block of weeks (002.29); a block without one says so."""

    number: int  # 1 is the first of the school year
    first_day: date
    last_day: date
    current: bool
    entries: tuple[LogView, ...]


@dataclass(frozen=True, slots=True)
class LogPage:
    student: PersonRef
    own: bool
    rules: LogRules
    blocks: tuple[LogBlock, ...]  # the newest first
    weeks: int  # of a block
    drafts: dict[str, str]
    activities: tuple[ActivityView, ...] = ()  # of the course they came from, for the learner's next entry


@dataclass(frozen=True, slots=True)
class ItemChange:
    """What is said of a portfolio item; `target_ids` is the whole set afterwards."""

    kind: str
    title: str
    about: str = ""
    made_on: date | None = None
    contexts: tuple[str, ...] = ()
    target_ids: tuple[UUID, ...] = ()
    audience: Audience = Audience.PRIVATE


@dataclass(frozen=True, slots=True)
class ItemView:
    id: UUID
    version: int
    kind: str
    title: str
    about: str
    made_on: date | None
    contexts: tuple[str, ...]
    target_ids: tuple[UUID, ...]
    audience: Audience
    added_by: PersonRef
    voice: Voice
    added_at: datetime
    files: tuple[FileView, ...]
    mine: bool  # the reader added it
    hidden: bool


@dataclass(frozen=True, slots=True)
class TargetName:
    id: UUID
    wording: str


@dataclass(frozen=True, slots=True)
class PortfolioPage:
    student: PersonRef
    own: bool
    kinds: tuple[EvidenceKind, ...]  # those this reader may add
    contexts: tuple[Choice, ...]
    targets: tuple[TargetName, ...]
    items: tuple[ItemView, ...]  # the newest first
    room_left: int  # bytes
    may_add: bool
