"""What people wrote in a play of random acts, and who may read it by the table: an oracle that fetches nothing."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from uuid import UUID

from lti_tool.plans.data import Act, Audience, Reach, Role, Sensitivity
from lti_tool.plans.policy import CEILING, includes, may_read, reach


@dataclass
class Word:
    """One word nobody else ever wrote, and what stands around it."""

    text: str
    kind: str  # target, need, log, item, words, comment, next_steps, sheet
    student: str
    author: str
    row: UUID | None = None  # the target, statement, entry, item or review it stands in
    audience: Audience = Audience.SHARED
    guarded: Sensitivity = Sensitivity.PERSONAL
    home: bool = False  # a target's: checked, or named by an agreed review


@dataclass(frozen=True)
class Given:
    """An appointment: exactly one of the three, or none for the whole school."""

    who: str
    role: Role
    student: str = ""
    course: str = ""
    phase: str = ""

    @property
    def width(self) -> Reach:
        widths = {self.student: Reach.APPOINTED, self.course: Reach.COURSE, self.phase: Reach.PHASE}
        return next((width for named, width in widths.items() if named), Reach.SCHOOL)


@dataclass
class Known:
    """Who is what to whom, as it was told."""

    enrolled: dict[tuple[str, str], Role] = field(default_factory=dict)
    given: dict[Given, UUID] = field(default_factory=dict)
    guards: dict[tuple[str, str], bool] = field(default_factory=dict)  # whether nothing stands against them
    phases: dict[str, str] = field(default_factory=dict)
    closed: set[UUID] = field(default_factory=set)  # reviews
    shares: dict[UUID, tuple[str, UUID]] = field(default_factory=dict)  # recipient and row, by share

    def roles(self, who: str, course: str, student: str, act: Act) -> Iterator[Role]:
        """The roles by which somebody who came from this course reaches the student with the act."""
        here = self.enrolled.get((who, course), Role.NONE)
        cell = reach(here, act)
        learns = self.enrolled.get((student, course)) is Role.LEARNER
        if (cell is Reach.COURSE and learns) or (cell is Reach.SELF and who == student):
            yield here
        for given in self.given:
            if given.who == who and includes(reach(given.role, act), given.width) and self._covers(given, student):
                yield given.role
        if reach(Role.FAMILY, act) is Reach.CHILD and self.guards.get((who, student)):
            yield Role.FAMILY

    def _covers(self, given: Given, student: str) -> bool:
        learns = self.enrolled.get((student, given.course)) is Role.LEARNER
        in_phase = bool(given.phase) and self.phases.get(student) == given.phase
        return given.student == student or learns or in_phase or given.width is Reach.SCHOOL

    def may_read(self, who: str, course: str, word: Word) -> bool:
        """Whether the table lets them read it, one way or another."""
        if who == word.author or (who, word.row) in self.shares.values():
            return True
        if word.kind == "sheet":
            acts = (Act.READ_SHEETS, Act.ANSWER_SHEET)
            return any(role for act in acts for role in self.roles(who, course, word.student, act))
        school = list(self.roles(who, course, word.student, Act.READ_PLAN))
        family = any(self.roles(who, course, word.student, Act.READ_SHARED))
        agreed = word.row in self.closed
        if who == word.student:
            return bool(school) and (word.kind not in {"words", "comment", "next_steps"} or agreed)
        if word.kind == "need":
            return any(may_read(CEILING[role], word.guarded) for role in school)
        if word.kind in {"log", "item"}:
            opened = word.audience is not Audience.PRIVATE
            return opened and (bool(school) or (family and word.audience is Audience.SHARED))
        at_home = {
            "target": word.home,
            "words": agreed and word.audience is Audience.SHARED,
            "next_steps": agreed,
        }
        return bool(school) or (family and at_home.get(word.kind, False))
