"""Graded activities of a course, as shown and as a source tells them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ActivityView:
    id: int
    external_id: str  # the platform's id: AGS resourceId (Open edX usage key) or line item URL
    label: str
    score_maximum: float
    url: str = ""  # where the LMS shows it, when known
    removed: bool = False


@dataclass(frozen=True, slots=True)
class ActivityRead:
    """One activity as a source tells it."""

    external_id: str
    label: str
    score_maximum: float
    url: str = ""
