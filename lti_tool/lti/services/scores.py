"""Assignment and Grade Services 2.0, scores (3.4): what a tool tells a gradebook of one person.

Numbers only: there is no way to send a comment (T9). A score that would take a grade away is never sent, but to take
back one of our own (`take_back`). Each score of a person in a column has a later time than the one before, whichever
process sends it, so a platform that gets two out of order keeps the newer.
"""

import hashlib
import json
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any, Self

from asgiref.sync import sync_to_async
from django.db import transaction
from django.utils import timezone
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from lti_tool.http import Refused
from lti_tool.lti.models import ScoreTime

from .ags import Figure, Maximum
from .connector import Connector, below
from .course import SCORE
from .families import Family

SCORE_TYPE = "application/vnd.ims.lis.v1.score+json"
STEP = timedelta(seconds=1)  # Moodle compares whole seconds


class ActivityProgress(StrEnum):
    """How far the person is."""

    INITIALIZED = "Initialized"
    STARTED = "Started"
    IN_PROGRESS = "InProgress"
    SUBMITTED = "Submitted"
    COMPLETED = "Completed"


class GradingProgress(StrEnum):
    """How far the marking is."""

    FULLY_GRADED = "FullyGraded"
    PENDING = "Pending"
    PENDING_MANUAL = "PendingManual"
    FAILED = "Failed"
    NOT_READY = "NotReady"


DONE = frozenset({ActivityProgress.SUBMITTED, ActivityProgress.COMPLETED})


class WouldErase(ValueError):
    """This score, sent to this LMS, would take away a grade that stands there."""


class Told(StrEnum):
    """What the platform made of a score."""

    TAKEN = "taken"
    SUPERSEDED = "superseded"  # it has this one already, or a newer


class Score(BaseModel):
    """A score. Its time is given when it is sent."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    user_id: Annotated[str, Field(min_length=1, max_length=255)]
    activity_progress: ActivityProgress
    grading_progress: GradingProgress
    score_given: Annotated[Figure, Field(ge=0)] | None = None
    score_maximum: Maximum | None = None
    started_at: AwareDatetime | None = None
    submitted_at: AwareDatetime | None = None

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        if self.score_given is not None and self.score_maximum is None:
            raise ValueError("a score needs its maximum")
        if self.grading_progress is GradingProgress.FULLY_GRADED and self.activity_progress not in DONE:
            raise ValueError("what is not handed in cannot be fully graded")
        if self.started_at and self.submitted_at and self.submitted_at < self.started_at:
            raise ValueError("handed in before it was started")
        return self

    def to_wire(self, moment: datetime) -> dict[str, Any]:
        """The body as the standard has it, with the time it is given."""
        sent: dict[str, Any] = {
            "userId": self.user_id,
            "activityProgress": self.activity_progress.value,
            "gradingProgress": self.grading_progress.value,
            "timestamp": stamp(moment),
        }
        if self.score_given is not None:
            sent |= {"scoreGiven": _number(self.score_given), "scoreMaximum": _number(self.score_maximum or 0.0)}
        times = {"startedAt": self.started_at, "submittedAt": self.submitted_at}
        submission = {name: stamp(when) for name, when in times.items() if when}
        return sent | ({"submission": submission} if submission else {})


async def post(connector: Connector, line_item: str, score: Score) -> Told:
    """Tell the platform. Raises HttpError, and WouldErase before anything is sent.

    The time is taken when this is called, so a score is not overtaken by one that was sent before it. Trying the very
    same score again is safe: the platform takes one of each time.
    """
    refuse_erasing(score, connector.family)
    moment = await sync_to_async(next_moment)(connector.services.deployment_pk, line_item, score.user_id)
    return await _send(connector, line_item, score.to_wire(moment))


async def take_back(connector: Connector, line_item: str, sub: str, moment: datetime) -> Told:
    """Tell the platform that there is no score: it clears what stood. Raises HttpError.

    Only for a mark that we wrote and that stands as we wrote it: the caller has looked. `moment` is later than any
    given before; it is the caller's, since nothing of the person may be kept here any more.
    """
    score = Score(
        user_id=sub, activity_progress=ActivityProgress.INITIALIZED, grading_progress=GradingProgress.NOT_READY
    )
    return await _send(connector, line_item, {**score.to_wire(moment), **connector.family.with_taking_back})


async def _send(connector: Connector, line_item: str, wire: dict[str, Any]) -> Told:
    body = json.dumps(wire).encode()
    try:
        await connector.send(
            "POST",
            below(line_item, "scores"),
            SCORE_TYPE,
            "score",
            (SCORE,),
            body=body,
            content_type=SCORE_TYPE,
            repeatable=True,
        )
    except Refused as refused:
        if refused.status == 409:
            return Told.SUPERSEDED
        raise
    return Told.TAKEN


def refuse_erasing(score: Score, family: Family) -> None:
    """Raises WouldErase for a score that takes a grade away.

    One without `scoreGiven` says that there is no score, and a platform clears what it had; some clear on
    anything that is not final.
    """
    final = score.grading_progress is GradingProgress.FULLY_GRADED
    if score.score_given is None or (family.only_final_scores and not final):
        raise WouldErase


def next_moment(deployment_pk: int, line_item: str, sub: str, now: datetime | None = None) -> datetime:
    """A time, in whole seconds, later than any given before for this account in this column. It is remembered."""
    moment = (now or timezone.now()).replace(microsecond=0)
    named = {
        "deployment_id": deployment_pk,
        "line_item_hash": hashlib.sha256(line_item.encode()).hexdigest(),
        "sub": sub,
    }
    with transaction.atomic():
        row, new = ScoreTime.objects.select_for_update().get_or_create(**named, defaults={"given_at": moment})
        if not new:
            row.given_at = max(moment, row.given_at + STEP)
            row.save(update_fields=["given_at"])
        return row.given_at


def stamp(moment: datetime) -> str:
    """ISO 8601 with fractions of a second and a zone, as AGS 2.0 asks."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _number(value: float) -> float | int:
    """Whole numbers without a point: some platforms' columns are integers."""
    return int(value) if value.is_integer() else value
