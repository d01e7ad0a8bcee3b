"""Goals and targets: as shown, as edited, as sent back by a form."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from uuid import UUID

from .activities import ActivityView
from .evidence import EvidenceView, Track
from .judgements import JudgementView
from .voices import Voice


class TargetState(StrEnum):
    DRAFT = "draft"
    AGREED = "agreed"
    ACHIEVED = "achieved"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Step:
    """Who does what by when, and whether it is done (001.4)."""

    id: UUID
    what: str
    who: Voice
    who_name: str
    by_on: date | None
    done_on: date | None


@dataclass(frozen=True, slots=True)
class StepChange:
    """A step as a form says it; `id` None is a new one."""

    what: str
    who: Voice = Voice.LEARNER
    who_name: str = ""
    by_on: date | None = None
    done_on: date | None = None
    id: UUID | None = None


@dataclass(frozen=True, slots=True)
class TargetCard:
    """A target as student and teacher see it beside the coursework."""

    id: UUID
    wording: str
    success: str
    next_step: str
    due_on: date | None
    state: TargetState
    goal: str
    version: int
    activities: tuple[ActivityView, ...]
    here: bool  # one of its activities is in this unit
    newest: EvidenceView | None
    attempted: int  # of `activities`, how many have a score
    mean_percent: float | None  # of the newest score of each attempted activity
    track: Track
    judgement: JudgementView | None  # of the last closed review
    area: str = ""  # the framework's key, as the type's
    type: str = ""
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class SharedGoal:
    """A goal several students of a class have, by the key a placement names it with."""

    key: str
    wording: str
    students: int


@dataclass(frozen=True, slots=True)
class TargetChange:
    """What a form says of a target; `activity_ids` is the whole set afterwards.

    `details` answers what else the framework and the target's type ask, by field key. `steps` None: as they are.
    """

    wording: str
    success: str = ""
    next_step: str = ""
    goal: str = ""
    due_on: date | None = None
    activity_ids: tuple[int, ...] = ()
    area: str = ""
    type: str = ""
    baseline: str = ""  # where the learner is now with this
    support_inside: str = ""  # in class
    support_outside: str = ""
    resources: str = ""
    contexts: tuple[str, ...] = ()  # where it is to be shown: home, class, community (001.6)
    details: Mapping[str, str] = field(default_factory=dict)
    steps: tuple[StepChange, ...] | None = None


@dataclass(frozen=True, slots=True)
class TargetView:
    """A target as it stands, in the form a page sends it back: for an edit form and for a Conflict."""

    id: UUID
    version: int
    state: TargetState
    change: TargetChange
