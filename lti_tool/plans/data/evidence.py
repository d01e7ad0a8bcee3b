"""Values seen in gradebooks, what they suggest, and what one reading of them changed."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from ..frameworks.data import LevelDef


class Level(StrEnum):
    """Alfreton Park's judgement scale (001.11)."""

    EMERGING = "emerging"
    EXPECTED = "expected"
    EXCEEDED = "exceeded"


class Track(StrEnum):
    """How the newest figures of a target's activities stand: a hint with reasons, never a judgement (T25)."""

    ON_TRACK = "on_track"
    NEEDS_ATTENTION = "needs_attention"
    NO_EVIDENCE = "no_evidence"


@dataclass(frozen=True, slots=True)
class EvidenceView:
    """One observed value with its provenance (T19): of which activity, from where, seen when."""

    id: int
    activity_id: int
    activity_label: str
    score_given: float | None  # None: the LMS has a result without a score (never zero)
    score_maximum: float
    observed_at: datetime  # the time the platform gives
    received_at: datetime  # when we read it
    source: str  # kind of the source: "ags", ...

    @property
    def percent(self) -> float | None:
        if self.score_given is None or self.score_maximum <= 0:
            return None
        return 100 * self.score_given / self.score_maximum


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A level the figures suggest, with the arithmetic shown. It never becomes a judgement by itself (T25)."""

    level: str  # a key of the scale
    mean_percent: float
    figures: tuple[EvidenceView, ...]  # the newest of each activity, the ones averaged
    emerging_below: float  # percent: below it the lowest level
    exceeded_from: float  # percent: from it on the highest
    steps: tuple[tuple[LevelDef, float], ...] = ()  # each level and the percentage it begins at
    said: LevelDef | None = None  # the level in the framework's words


@dataclass(frozen=True, slots=True)
class ResultRead:
    """One value of one person in one activity as a source tells it."""

    person_id: UUID
    score_given: float | None
    score_maximum: float
    observed_at: datetime | None = None  # None: the source gives no time


@dataclass(frozen=True, slots=True)
class EvidenceWritten:
    """What one call changed: new values, and rows that stood already and were left alone.

    `missing`: activities where somebody else's score stands who was not told of, though several people were.
    `written_in`: new values by activity, those with none left out.
    """

    written: int
    unchanged: int
    missing: tuple[int, ...] = ()
    written_in: dict[int, int] = field(default_factory=dict, compare=False)
