"""What grows around targets: goals, curriculum targets, checks, signatures, events; and the plan as one page."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from ..frameworks.around import TagSet
from ..frameworks.data import Field, Form, Framework, Section, Sensitivity, Signer, Transition, YearBand
from .activities import ActivityView
from .judgements import JudgementView
from .leading import LeadView
from .people import PersonRef
from .targets import TargetCard, TargetChange, TargetView
from .voices import SignedBy, Voice


class GoalPurpose(StrEnum):
    """What a long-term goal is for, where a framework asks for one of these (000.8)."""

    ANY = ""
    CAREER = "career"
    PLANNING = "planning"


@dataclass(frozen=True, slots=True)
class GoalChange:
    """`strategies` and `resources`: what the toolbox has for this goal (000.6)."""

    wording: str
    area: str = ""
    purpose: GoalPurpose = GoalPurpose.ANY
    strategies: str = ""
    resources: str = ""


@dataclass(frozen=True, slots=True)
class GoalView:
    """A long-term goal; `targets` of it are being worked on."""

    id: UUID
    wording: str
    area: str
    purpose: GoalPurpose
    version: int
    targets: int
    strategies: str = ""
    resources: str = ""
    talks: tuple["Talk", ...] = ()  # about it, the newest first (000.1)


@dataclass(frozen=True, slots=True)
class Talk:
    """That somebody talked with the learner about a goal or target. `about` is blank for whoever may not read it."""

    held_on: date
    about: str


class Setting(StrEnum):
    """Where a part of a programme is learned (002.5)."""

    SCHOOL = "school"
    PROVIDER = "provider"
    PLACEMENT = "placement"
    PROJECT = "project"  # enterprise and community projects (002.7)
    HOME = "home"


@dataclass(frozen=True, slots=True)
class ProgrammeChange:
    """A part of the learner's programme as a form says it. No `qualification`: learning without one (002.8)."""

    title: str
    setting: Setting = Setting.SCHOOL
    provider: str = ""  # where and with whom
    days_times: str = ""
    qualification: str = ""
    level: str = ""
    about: str = ""  # how it takes its goals up
    areas: tuple[str, ...] = ()  # keys of the areas (strands) it serves
    goals: tuple[UUID, ...] = ()  # of the plan, that inform it


@dataclass(frozen=True, slots=True)
class ProgrammeView:
    id: UUID
    said: ProgrammeChange
    version: int


@dataclass(frozen=True, slots=True)
class CurriculumChange:
    subject: str
    wording: str
    strand: str = ""
    progress: str = ""


@dataclass(frozen=True, slots=True)
class CurriculumView:
    """One of the year's curriculum targets and the overview of progress on it (001.22)."""

    id: UUID
    subject: str
    strand: str
    wording: str
    progress: str
    version: int


@dataclass(frozen=True, slots=True)
class QualityView:
    """A check of one version of a target's words."""

    target_version: int
    passed: bool
    note: str
    checked_by: PersonRef
    checked_at: datetime


@dataclass(frozen=True, slots=True)
class SignatureEntry:
    """What somebody signed outside the page. `signer` is the framework's key for them."""

    signer: str
    way: SignedBy
    name: str
    signed_on: date


@dataclass(frozen=True, slots=True)
class SignatureView:
    signer: str
    voice: Voice
    way: SignedBy
    name: str
    signed_on: date
    recorded_by: PersonRef
    plan_version: int
    current: bool  # they agree, and the plan has not changed since
    agrees: bool = True
    text: str = ""  # why not


@dataclass(frozen=True, slots=True)
class Party:
    """One who signs up to the plan, and their newest signature."""

    signer: Signer
    voice: Voice
    signature: SignatureView | None
    mine: bool  # whoever reads may sign as this party, by the page


@dataclass(frozen=True, slots=True)
class LifeEventEntry:
    """`kind` is one of the framework's life events, or "" with words of one's own."""

    kind: str
    happened_on: date
    text: str = ""
    sensitivity: Sensitivity = Sensitivity.SENSITIVE


@dataclass(frozen=True, slots=True)
class LifeEventView:
    id: UUID
    kind: str
    text: str
    happened_on: date
    sensitivity: Sensitivity
    recorded_by: PersonRef
    recorded_at: datetime
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class Alike:
    """Another student's target worded the same, or nearly: nobody's next step is a copy (003.5)."""

    student: PersonRef
    wording: str
    same: bool  # word for word, capitals, spaces and marks aside


@dataclass(frozen=True, slots=True)
class PlanTarget:
    """A target on the plan page. `asks` are codes of what its type would like to know and nobody has said (001.7)."""

    card: TargetCard
    words: TargetChange
    asks: tuple[str, ...]
    habits: tuple[str, ...]  # codes of what the FAST habit asks for now (003.5)
    alike: tuple[Alike, ...]
    quality: QualityView | None
    checked: bool  # as it is worded now
    with_family: bool  # the family has these very words
    shown_in: Mapping[str, int] = field(default_factory=dict)  # pieces of work by the context they show it in (001.6)
    talks: tuple[Talk, ...] = ()
    travelled: tuple[JudgementView, ...] = ()  # what each closed review agreed, the first first (002.4)


@dataclass(frozen=True, slots=True)
class Reached:
    """A target that was reached: something to be glad of (001.2, 003.6)."""

    id: UUID
    wording: str
    area: str
    shown_in: tuple[str, ...]  # contexts it was shown in


@dataclass(frozen=True, slots=True)
class PlanSection:
    """A section of the framework's plan with what stands in the fields this reader may see, by field key."""

    section: Section
    fields: tuple[Field, ...]
    answers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Former:
    """Words under a part the plan's framework has no longer, and what that part was called."""

    label: str
    words: str
    key: str  # "section.field"
    guarded: Sensitivity


@dataclass(frozen=True, slots=True)
class FormerField:
    """A field of a framework a plan stood on once, and the most guarded class it ever had there."""

    label: str
    guarded: Sensitivity
    stands: bool  # the plan's framework still has it, guarded less


@dataclass(frozen=True, slots=True)
class PlanPage:
    """The whole plan as this reader may see it (001.22, 002.13)."""

    student: PersonRef
    id: UUID | None  # None: there is no plan yet
    version: int
    year: int
    framework: Framework
    sections: tuple[PlanSection, ...] = ()
    goals: tuple[GoalView, ...] = ()
    targets: tuple[PlanTarget, ...] = ()
    proposed: tuple[PlanTarget, ...] = ()  # by the learner, not agreed yet
    hidden: frozenset[str] = frozenset()  # a target's fields that this reader may not read, and so is not asked
    curriculum: tuple[CurriculumView, ...] = ()
    parties: tuple[Party, ...] = ()
    programme: tuple[ProgrammeView, ...] = ()
    area_ways: Mapping[str, tuple[JudgementView, ...]] = field(default_factory=dict)  # of areas judged as a whole
    providers: tuple[tuple[Form, Mapping[str, str], date], ...] = ()  # what other providers answered last (002.20)
    reached: tuple[Reached, ...] = ()  # of whatever school year, the newest first
    events: tuple[LifeEventView, ...] = ()  # not answered yet
    former: tuple[Former, ...] = ()  # what stands under parts of the plan that are gone
    former_labels: Mapping[str, str] = field(
        default_factory=dict
    )  # of what is gone: targets' fields by key, "contexts.barn"
    leads: tuple[LeadView, ...] = ()  # who leads what, by name (002.21)
    needs_by: date | None = None  # while nobody has said what the learner needs: the day it is to be known by
    missing: tuple[str, ...] = ()  # codes of what a complete plan has and this one does not
    band: YearBand | None = None  # what counts most in the student's school year (000.7)
    moves: tuple[Transition, ...] = ()  # that this school year lies before or after (002.19)
    stands_under: tuple[TagSet, ...] = ()  # outside schemes and policies each plan is tied to (000.3)
    may_change: bool = False
    may_check: bool = False
    may_contribute: bool = False
    drafts: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TargetPage:
    """A target as the page holds it on which it is written; `stands` None: a new one.

    `hidden`: fields the framework asks that whoever writes here may not read, and so is not asked.
    """

    student: PersonRef
    framework: Framework
    stands: TargetView | None
    linked: tuple[ActivityView, ...]
    hidden: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class TimelineItem:
    """One thing that happened to the plan. `kind` is a code; `before` and `after` are words by field."""

    at: datetime
    kind: str
    who: PersonRef | None
    before: Mapping[str, str] = field(default_factory=dict)
    after: Mapping[str, str] = field(default_factory=dict)
    review_id: UUID | None = None
