"""What staff print for a family: its page as paper, with room to answer."""

from dataclasses import dataclass

from ..frameworks.data import Form
from .people import PersonRef
from .sharing import HomePage
from .sheets import SheetView


@dataclass(frozen=True, slots=True)
class HomePack:
    """One child's page for home as paper (T34)."""

    page: HomePage
    sheets: tuple[SheetView, ...]  # as the family's page lists them, the newest first
    reader: PersonRef | None  # whom it is for; None: the family, without anybody's name
    readers: tuple[PersonRef, ...]  # everybody at home it could be for: told to staff, never printed (T28)
    only_sheets: bool  # whom it is for answers the school's questions and reads no plan
    to_send: tuple[Form, ...]  # sheets for the family that are not out now
    links: bool  # the school lets one-time links be printed
    made_by: PersonRef
    school: str
    help_name: str
    help_phone: str

    @property
    def asked(self) -> tuple[SheetView, ...]:
        """The sheets that wait for an answer."""
        return tuple(sheet for sheet in self.sheets if sheet.way is None)
