"""Sheets that go home, and what comes back."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from ..frameworks.data import Form
from .people import PersonRef, Role


class SheetWay(StrEnum):
    """How an answer came."""

    PAGE = "page"  # the family, from their LMS
    LINK = "link"  # the family, by a one-time link
    PAPER = "paper"  # on paper; staff keyed it in


@dataclass(frozen=True, slots=True)
class SheetReading:
    """That somebody of the other side read it, and when last."""

    who: PersonRef
    role: Role
    at: datetime


@dataclass(frozen=True, slots=True)
class SheetView:
    id: UUID
    form: Form
    student: PersonRef
    language: str
    sent_at: datetime
    sent_by: PersonRef | None
    due_on: date | None
    version: int
    way: SheetWay | None  # None: not answered yet
    answered_at: datetime | None
    answered_by: str  # a name, or ""
    keyed_by: PersonRef | None
    answers: tuple[tuple[str, str], ...]  # field, words; in the form's order
    readings: tuple[SheetReading, ...]
    link_until: datetime | None  # a one-time link is out and good until then
    hidden: bool = False  # the answers were reported and not looked at yet: only who gave them reads them (T41)
    may_report: bool = False


@dataclass(frozen=True, slots=True)
class SheetsPage:
    student: PersonRef
    may_send: bool
    to_send: tuple[Form, ...]  # forms for the family that are not out now
    sheets: tuple[SheetView, ...]  # the newest first


@dataclass(frozen=True, slots=True)
class LinkView:
    """What a one-time link says before its code is given: nothing about the child."""

    school: str
    language: str
    mails: bool  # codes go to an address; else staff tell them
    expires_at: datetime
    help_name: str  # whom the school names for help, with a number to call
    help_phone: str
    terms: str = ""  # what the school calls things (`glossary.written`)


@dataclass(frozen=True, slots=True)
class Mailing:
    """A code on its way to an address, once."""

    address: str
    code: str
    school: str
    language: str
    terms: str = ""
