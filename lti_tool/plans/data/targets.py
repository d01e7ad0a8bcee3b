"""Goals and targets: as shown, as edited, as sent back by a form."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from .activities import ActivityView
from .evidence import EvidenceView, Track
from .judgements import JudgementView


class TargetState(StrEnum):
    DRAFT = "draft"
    AGREED = "agreed"
    ACHIEVED = "achieved"
    STOPPED = "stopped"


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


@dataclass(frozen=True, slots=True)
class SharedGoal:
    """A goal several students of a class have, by the key a placement names it with."""

    key: str
    wording: str
    students: int


@dataclass(frozen=True, slots=True)
class TargetChange:
    """What a form says of a target; `activity_ids` is the whole set afterwards."""

    wording: str
    success: str = ""
    next_step: str = ""
    goal: str = ""
    due_on: date | None = None
    activity_ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class TargetView:
    """A target as it stands, in the form a page sends it back: for an edit form and for a Conflict."""

    id: UUID
    version: int
    state: TargetState
    change: TargetChange
