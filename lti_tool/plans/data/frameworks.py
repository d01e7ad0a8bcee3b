"""What pages show of frameworks: the list of them, a draft with what is to be mended, and what an upgrade brings."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from ..exceptions import Problem
from ..frameworks.data import Framework
from .people import PersonRef


@dataclass(frozen=True, slots=True)
class FrameworkLine:
    """A framework a school can choose or work on. `number` 0: none of its versions is published yet."""

    key: str
    name: str
    about: str
    source: str
    built_in: bool
    number: int
    has_draft: bool
    chosen: bool  # new plans begin with it
    plans: int  # that work by one of its versions
    copied_from: str = ""


@dataclass(frozen=True, slots=True)
class FrameworkDraft:
    """The text somebody works on. `framework` stands when nothing is to be mended, `problems` otherwise."""

    key: str
    name: str
    text: str
    saves: int  # send it back with the next save; 0: nothing was saved since the last version
    published: int  # number of the newest published version; 0: none
    framework: Framework | None
    problems: tuple[Problem, ...]


class Changed(StrEnum):
    """What happened to a part of a framework between two versions."""

    ADDED = "added"
    REMOVED = "removed"
    RENAMED = "renamed"
    CHANGED = "changed"  # something else about it: a prompt, a rule


@dataclass(frozen=True, slots=True)
class Difference:
    """One part that differs. `path` names it by keys; `kept`: things of the plan written under a removed part."""

    what: Changed
    path: tuple[str, ...]
    before: str
    after: str
    kept: int = 0


@dataclass(frozen=True, slots=True)
class UpgradeDifference:
    """What moving a plan up would change. Words written under a removed part are kept and stay to be read."""

    plan_id: UUID
    student: PersonRef
    to: str  # names the version; send it back to move the plan up to what was shown
    before_name: str
    before_number: int
    after_name: str
    after_number: int
    before: Framework
    after: Framework
    differences: tuple[Difference, ...]

    @property
    def kept(self) -> int:
        return sum(each.kept for each in self.differences)
