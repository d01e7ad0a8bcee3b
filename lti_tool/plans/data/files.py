"""Files of the log and the portfolio, as they come and as they are shown."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from ..media.checking import MediaKind


class MediaUse(StrEnum):
    """What a picture or recording may be used for: each is its own permission (T16).

    It only narrows: who may not read what the file belongs to does not open the file either.
    """

    SCHOOL = "school"  # the school people of this student
    HOME = "home"  # the family
    SHARE = "share"  # whoever it is shared with by name


@dataclass(frozen=True, slots=True)
class NewFile:
    """An upload as it came, and what its sender says of it."""

    data: bytes
    words: str = ""  # what can be seen or heard
    shows_others: bool = False
    uses: frozenset[MediaUse] = frozenset(MediaUse)


@dataclass(frozen=True, slots=True)
class FileView:
    id: UUID
    kind: MediaKind
    media_type: str
    width: int
    height: int
    seconds: float
    words: str
    shows_others: bool
    checked: bool  # nobody else is in it, or staff looked
    uses: frozenset[MediaUse] = frozenset(MediaUse)
    gone: bool = False  # a recording whose bytes were deleted; its words stay
    kept: bool = False  # by its child, for good
    goes_at: datetime | None = None  # when a recording whose words are written down is deleted


@dataclass(frozen=True, slots=True)
class FileContent:
    """The bytes of a file this reader may open, and what to serve them as."""

    media_type: str
    data: bytes
    digest: str
