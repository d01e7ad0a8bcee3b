"""The school year around the plan, as data: records to keep, who looks after quality, paper, checks and documents.

Nothing here is needed to write, live with and review a plan; deadlines, notes and oversight read it.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .when import When, Years

if TYPE_CHECKING:
    from .data import Choice, Field


@dataclass(frozen=True, slots=True)
class RequiredRecord:
    """A note, call, plan or document a learner's file (or, `about_school`, the school's) is to hold.

    `required_from` and `optional_from`: the quarters of enrolment (1 to 4) it is asked of, or open to (004.2);
    both empty: of everybody. `attempts`: contact attempts before `unsuccessful` may stand instead (004.4).
    """

    key: str
    name: str
    kind: str  # "note", "call", "plan", "summary", "document"
    about: str = ""
    about_school: bool = False
    fields: "tuple[Field, ...]" = ()
    actions: "tuple[Choice, ...]" = ()  # kinds of action it can tell of (004.7)
    required_from: tuple[int, ...] = ()
    optional_from: tuple[int, ...] = ()
    at_least: int = 1
    by: str = ""  # role that writes it
    attempts: int = 0
    unsuccessful: str = ""
    template: str = ""  # its name where it is filed
    filed_in: str = ""
    approved_by: str = ""  # role that approves the template
    carries_over: bool = False
    applies_to: Years | None = None


@dataclass(frozen=True, slots=True)
class Eligibility:
    """Whose plan is asked for (000.10). `need`: "always" or "where_appropriate"."""

    key: str
    name: str
    need: str = "always"
    applies_to: Years | None = None


@dataclass(frozen=True, slots=True)
class Oversight:
    """Something leaders do about quality (001.14-17, 002.22).

    `kind`: "check", "moderation", "audit", "analysis", "procedure", "report", "observation", "feedback", "sampling".
    """

    key: str
    name: str
    kind: str
    about: str = ""
    by: str = ""
    times_a_year: int | None = None
    due: When | None = None
    other_schools: bool = False


@dataclass(frozen=True, slots=True)
class Paper:
    """A printed form. `prints`: "plan", "sheet" or "review_grid"; `copies`: for whom one is printed."""

    key: str
    name: str
    prints: str
    about: str = ""
    form: str = ""  # the sheet
    copies: "tuple[Choice, ...]" = ()
    columns: "tuple[Choice, ...]" = ()  # of a grid: what it has beside pupils and levels
    areas: tuple[str, ...] = ()
    review_kinds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ChecklistSection:
    key: str
    title: str
    lines: "tuple[Choice, ...]" = ()
    about: str = ""


@dataclass(frozen=True, slots=True)
class Checklist:
    """Lines an organisation asks itself, each with the same answers (002.32)."""

    key: str
    title: str
    about: str = ""
    answers: "tuple[Choice, ...]" = ()
    sections: tuple[ChecklistSection, ...] = ()


@dataclass(frozen=True, slots=True)
class TagSet:
    """Names of an outside scheme that plans, targets and evidence can be marked with (000.3, 002.31)."""

    key: str
    name: str
    about: str = ""
    tags: "tuple[Choice, ...]" = ()
    every_plan: bool = False  # each plan stands under all of them, and says so (000.3)


@dataclass(frozen=True, slots=True)
class Document:
    """`kind`: "policy", "guide", "law", "research", "system", "model", "unit"."""

    key: str
    title: str
    kind: str = "policy"
    about: str = ""
