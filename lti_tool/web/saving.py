"""Saves what one page of a review holds: each changed target by itself, so that one conflict loses nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from lti_tool.plans import api as plans
from lti_tool.plans.data import Actor, ReviewPage
from lti_tool.plans.exceptions import Conflict, Invalid

from .forms import entry_of, next_steps_of, whole

LEVEL_FIRST = "level_first"


@dataclass(slots=True)
class Saved:
    """What could not be saved, by target; `next_steps` for the words after the review.

    `changed`: somebody else changed something the page has not shown, so that it cannot be closed from there.
    """

    changed: bool = False
    targets: dict[UUID, dict[str, Any]] = field(default_factory=dict)
    next_steps: dict[str, Any] = field(default_factory=dict)

    @property
    def whole(self) -> bool:
        return not self.targets and not self.next_steps and not self.changed

    @property
    def conflict(self) -> bool:
        return self.changed or any("conflict" in trouble for trouble in (*self.targets.values(), self.next_steps))


def save(actor: Actor, page: ReviewPage, posted: Mapping[str, str]) -> Saved:
    """Judge every target whose fields were touched, then the next steps. Untouched fields write nothing."""
    saved = Saved()
    for target in page.targets:
        entry = entry_of(posted, target)
        if not entry.touched or (entry.level is None and not entry.comment):
            continue
        if entry.level is None:
            saved.targets[target.card.id] = {"error": LEVEL_FIRST}
            continue
        try:
            plans.judge_target(
                actor,
                page.id,
                target.card.id,
                level=entry.level,
                comment=entry.comment,
                version=entry.version,
                evidence_seen=entry.evidence_seen,
                reason=entry.reason,
                grounds=entry.grounds,
            )
        except Conflict:
            saved.targets[target.card.id] = {"conflict": True}
        except Invalid as invalid:
            name, code = next(iter(invalid.errors.items()))
            saved.targets[target.card.id] = {"error": "reason_required" if name == "reason" else code}
    _save_next_steps(actor, page, posted, saved)
    return saved


def known_version(posted: Mapping[str, str]) -> int:
    """The review's version as the page showed it."""
    return whole(posted.get("review_version", ""))


def _save_next_steps(actor: Actor, page: ReviewPage, posted: Mapping[str, str], saved: Saved) -> None:
    try:
        entry = next_steps_of(posted)
    except ValueError:
        saved.next_steps = {"error": "invalid"}
        return
    if not entry.touched:
        return
    try:
        version = known_version(posted)
        plans.set_next_steps(actor, page.id, next_steps=entry.text, next_review_on=entry.on, version=version)
    except Conflict:
        saved.next_steps = {"conflict": True}
    except Invalid as invalid:
        saved.next_steps = {"error": next(iter(invalid.errors.values()))}
