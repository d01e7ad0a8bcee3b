"""A framework as the rest of the tool reads it: what a school's plans are made of, as frozen values.

Written by people as YAML (`schema`, `loading`); the terms are the source documents' own (shared/requirements.md).
Every key is a slug, unique in its list, and is what rows in the database refer to; every other text is shown to
people through `wording.shown`. Voices are the values of `plans.data.Voice`; roles those of `plans.data.Role`.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol, TypeVar

from lti_tool.glossary import PlanWords

from .around import Checklist, Document, Eligibility, Oversight, Paper, RequiredRecord, TagSet
from .when import SchoolYear, When, Years


class Keyed(Protocol):
    """Anything with a key."""

    @property
    def key(self) -> str: ...


K = TypeVar("K", bound=Keyed)


class Sensitivity(StrEnum):
    """Who may see a field, from least to most guarded (T2)."""

    ORDINARY = "ordinary"
    PERSONAL = "personal"
    SENSITIVE = "sensitive"
    RESTRICTED = "restricted"


class FieldKind(StrEnum):
    """How a field is filled in."""

    LINE = "line"
    TEXT = "text"
    DATE = "date"
    NUMBER = "number"
    CHOICE = "choice"
    CHOICES = "choices"
    STEPS = "steps"  # what, who, by when, done
    PEOPLE = "people"


class Stage(StrEnum):
    """The three stages a plan goes through (002.9)."""

    NEEDS = "needs"
    PLAN = "plan"
    REVIEW = "review"


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing to pick, or one named thing in a list."""

    key: str
    name: str
    about: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """One thing a form asks for. `area`: the answer speaks of this area. `filled_by`: voices that may answer."""

    key: str
    label: str
    prompt: str = ""
    kind: FieldKind = FieldKind.TEXT
    choices: tuple[Choice, ...] = ()
    sensitivity: Sensitivity = Sensitivity.PERSONAL
    filled_by: tuple[str, ...] = ("learner", "school")
    required: bool = False
    area: str = ""


@dataclass(frozen=True, slots=True)
class Area:
    """A part of a learner's life that targets are set in. `short`: its letter on paper."""

    key: str
    name: str
    prompt: str = ""
    examples: tuple[str, ...] = ()
    optional: bool = False
    short: str = ""
    years: Years | None = None  # only in these school years (000.7)


@dataclass(frozen=True, slots=True)
class LevelDef:
    """One level of a scale, lowest first. `shape` stands beside the words, so that colour is never alone."""

    key: str
    name: str
    meaning: str = ""
    shape: str = "circle"


@dataclass(frozen=True, slots=True)
class Suggests:
    """From which mean percentage on the figures suggest a level: (level key, percent), rising. Never a judgement."""

    levels: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Scale:
    key: str
    name: str
    levels: tuple[LevelDef, ...]
    suggests: Suggests | None = None


@dataclass(frozen=True, slots=True)
class TargetType:
    """A way to write a target. Not `measurable`: nothing ever asks for a number (001.7)."""

    key: str
    name: str
    about: str = ""
    measurable: bool = True
    fields: tuple[Field, ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """A headline question, asked at a stage (002.10)."""

    key: str
    text: str
    stage: Stage = Stage.NEEDS


@dataclass(frozen=True, slots=True)
class Section:
    """Fields that belong together: of what is found out first, or of the plan itself."""

    key: str
    title: str
    stage: Stage = Stage.NEEDS
    about: str = ""
    fields: tuple[Field, ...] = ()
    years: Years | None = None  # only in these school years (000.7)


@dataclass(frozen=True, slots=True)
class Form:
    """A sheet for one audience (learner, family, staff, provider). `reply_to`: the role it goes back to."""

    key: str
    title: str
    audience: str = "family"
    about: str = ""
    fields: tuple[Field, ...] = ()
    reply_to: str = ""


@dataclass(frozen=True, slots=True)
class ReviewKind:
    """A kind of review. `preparation`: what the learner thinks about first; `fields`: what the review writes down.

    `judges`: "targets", "areas", "both" or "none", on the scale `scale` names. `starts_with_learner`: nobody else
    writes before the learner's part was offered. `may_change_targets`: targets may be modified (001.9).
    """

    key: str
    name: str
    about: str = ""
    preparation: tuple[Field, ...] = ()
    fields: tuple[Field, ...] = ()
    voices: tuple[str, ...] = ("learner", "family", "school")
    judges: str = "targets"
    scale: str = ""
    both_evidence_kinds: bool = False
    learner_first: bool = True
    may_change_targets: bool = True
    unplanned: bool = False  # also at need, outside the calendar


@dataclass(frozen=True, slots=True)
class Cadence:
    """How often reviews may come round (002.17). Neither weeks nor every: when it is needed."""

    key: str
    name: str
    weeks: int | None = None
    every: str = ""  # "half_term", "term", "half_year", "quarter", "year"
    minimum: bool = False


@dataclass(frozen=True, slots=True)
class CalendarItem:
    """Something the school year brings round: a review, a sheet, a record, or (none of them named) something to do.

    `learners`: "all", "new" or "returning"; `by`: the role that sees to it.
    """

    key: str
    name: str
    due: When
    about: str = ""
    opens: When | None = None
    review_kind: str = ""
    form: str = ""
    record: str = ""
    by: str = ""
    learners: str = "all"
    applies_to: Years | None = None


@dataclass(frozen=True, slots=True)
class LogRules:
    """The learner's own log: forms it may take and what it asks (002.29)."""

    name: str = ""
    about: str = ""
    forms: tuple[Choice, ...] = ()
    prompts: tuple[Field, ...] = ()
    filed_at_review: bool = False


@dataclass(frozen=True, slots=True)
class EvidenceKind:
    """`nature`: "qualitative", "quantitative" or "either" (001.13). `from_home`: families send it too."""

    key: str
    name: str
    about: str = ""
    nature: str = "either"
    from_home: bool = False


@dataclass(frozen=True, slots=True)
class Signer:
    """Somebody who signs up to the plan (002.14). `role` is one of the framework's `roles`."""

    key: str
    name: str
    role: str
    required: bool = True
    about: str = ""


@dataclass(frozen=True, slots=True)
class RoleName:
    """What this school calls a role, and which right-giving role it acts as ("none": named, sees nothing)."""

    key: str
    name: str
    acts_as: str
    about: str = ""


@dataclass(frozen=True, slots=True)
class YearBand:
    """What plans put first in some years (000.7)."""

    key: str
    name: str
    years: Years
    focus: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class Transition:
    """A move that asks for a new look at the plan, and what to look at (003.10)."""

    key: str
    name: str
    from_year: int | None
    to_year: int | None
    focus: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class Rules:
    """What must hold. None or False: the framework does not ask for it."""

    career_goal_from_year: int | None = None  # 000.8
    quality_check_before_family: bool = False  # 001.15
    quality_checker_role: str = ""
    both_evidence_kinds: bool = False  # 001.13
    agreed_by: tuple[str, ...] = ("learner", "school")  # voices an agreed judgement is discussed with (001.12)
    written_with: tuple[str, ...] = ()  # voices that took part in a talk before the year's plan is whole (001.8)
    clone_warning: bool = True
    log_block_weeks: int | None = None  # 002.29
    contract: bool = False  # 002.14
    goals_need_targets: bool = False  # long-term goals with short-term stepping stones (002.16)
    annual_targets: bool = False  # curriculum targets of the year (001.22)
    linked_activities: bool = True
    learner_grants_access: bool = False  # 002.34
    needs_within_weeks: int | None = None  # 002.36
    named_leads: bool = False  # 002.21
    reviews_per_year: int | None = None  # at least so many (003.9)
    cadence: str = ""  # of `cadences`, the one in use
    carries_over: bool = False  # what the last year ended with begins the next (004.8)


@dataclass(frozen=True, slots=True)
class Framework:
    """A whole framework. Immutable; `version` is 0 for one not yet published by a school."""

    key: str
    name: str
    version: int = 0
    about: str = ""
    source: str = ""
    words: dict[str, str] = field(default_factory=dict)
    terms: PlanWords = ()  # what stands for our words in English sentences
    roles: tuple[RoleName, ...] = ()
    areas: tuple[Area, ...] = ()
    scales: tuple[Scale, ...] = ()
    target_types: tuple[TargetType, ...] = ()
    target_fields: tuple[Field, ...] = ()
    questions: tuple[Question, ...] = ()
    sources: tuple[Choice, ...] = ()  # where information comes from (000.14, 002.12)
    needs: tuple[Section, ...] = ()
    plan_sections: tuple[Section, ...] = ()
    sheets: tuple[Form, ...] = ()
    review_kinds: tuple[ReviewKind, ...] = ()
    cadences: tuple[Cadence, ...] = ()
    school_year: SchoolYear = field(default_factory=SchoolYear)
    calendar: tuple[CalendarItem, ...] = ()
    log: LogRules = field(default_factory=LogRules)
    evidence_kinds: tuple[EvidenceKind, ...] = ()
    contexts: tuple[Choice, ...] = ()
    signers: tuple[Signer, ...] = ()
    life_events: tuple[Choice, ...] = ()  # key life events that ask for a new look (001.5)
    rules: Rules = field(default_factory=Rules)
    year_bands: tuple[YearBand, ...] = ()
    transitions: tuple[Transition, ...] = ()
    # the school year around the plan
    records: tuple[RequiredRecord, ...] = ()
    eligibility: tuple[Eligibility, ...] = ()
    oversight: tuple[Oversight, ...] = ()
    papers: tuple[Paper, ...] = ()
    checklists: tuple[Checklist, ...] = ()
    tag_sets: tuple[TagSet, ...] = ()
    library: tuple[Document, ...] = ()
    indicators: tuple[Choice, ...] = ()

    def area(self, key: str) -> Area | None:
        return named(self.areas, key)

    def scale(self, key: str) -> Scale | None:
        return named(self.scales, key)

    def target_type(self, key: str) -> TargetType | None:
        return named(self.target_types, key)

    def review_kind(self, key: str) -> ReviewKind | None:
        return named(self.review_kinds, key)

    def sheet(self, key: str) -> Form | None:
        return named(self.sheets, key)

    def word(self, key: str) -> str:
        """What this framework calls something, or "" where it keeps the tool's own word."""
        return self.words.get(key, "")


def named(items: tuple[K, ...], key: str) -> K | None:
    """The item with this key."""
    return next((item for item in items if item.key == key), None)
