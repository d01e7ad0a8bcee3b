"""Saves what one page of a review holds: each changed target by itself, so that one conflict loses nothing else."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from lti_tool.plans import api as plans
from lti_tool.plans.data import Actor, ReviewPage
from lti_tool.plans.exceptions import Conflict, Invalid

from .forms import Entry, area_key, entry_of, lines, next_steps_of, outcome_of, picked, view_of, whole

LEVEL_FIRST = "level_first"


@dataclass(slots=True)
class Saved:
    """What could not be saved, by target, area or field; `next_steps` for the words after the review.

    `changed`: somebody else changed something the page has not shown, so that it cannot be closed from there.
    """

    changed: bool = False
    targets: dict[UUID, dict[str, Any]] = field(default_factory=dict)
    areas: dict[str, dict[str, Any]] = field(default_factory=dict)
    written: dict[str, str] = field(default_factory=dict)
    next_steps: dict[str, Any] = field(default_factory=dict)

    @property
    def whole(self) -> bool:
        return not (self.targets or self.areas or self.written or self.next_steps or self.changed)

    @property
    def conflict(self) -> bool:
        troubles = (*self.targets.values(), *self.areas.values(), self.written.values(), self.next_steps)
        return self.changed or any({"conflict", "ending_conflict"} & set(trouble) for trouble in troubles)


def save(actor: Actor, page: ReviewPage, posted: Mapping[str, str]) -> Saved:
    """Judge every target and area whose fields were touched, then what the review writes down, then the next steps.

    Untouched fields, and those the page did not hold, write nothing.
    """
    saved = Saved()
    for target in page.targets:
        key = target.card.id

        def judge_target(entry: Entry, target_id: UUID = key) -> None:
            plans.judge_target(actor, page.id, target_id, evidence_seen=entry.evidence_seen, **_judged(entry))

        _save_one(entry_of(posted, str(key)), judge_target, saved.targets, key)
        _save_view(actor, page, posted, str(key), saved.targets, key, target_id=key)
        _save_outcome(actor, page, posted, saved, key)
    for area in page.areas:

        def judge_area(entry: Entry, name: str = area.area) -> None:
            plans.judge_area(actor, page.id, name, **_judged(entry))

        _save_one(entry_of(posted, area_key(area.area)), judge_area, saved.areas, area.area)
        _save_view(actor, page, posted, area_key(area.area), saved.areas, area.area, area=area.area)
    _save_written(actor, page, posted, saved)
    _save_next_steps(actor, page, posted, saved)
    return saved


def _save_one(entry: Entry, judge: Callable[[Entry], None], troubles: dict[Any, dict[str, Any]], key: Any) -> None:
    if not entry.touched or (entry.level is None and not entry.comment):
        return
    if entry.level is None:
        troubles[key] = {"error": LEVEL_FIRST}
        return
    try:
        judge(entry)
    except Conflict:
        troubles[key] = {"conflict": True}
    except Invalid as invalid:
        name, code = next(iter(invalid.errors.items()))
        troubles[key] = {"error": "reason_required" if name == "reason" else code}


def _save_view(
    actor: Actor, page: ReviewPage, posted: Mapping[str, str], name: str, troubles: dict[Any, dict[str, Any]],
    key: Any, **about: Any,
) -> None:  # fmt: skip
    """How somebody else sees it, where a person working on the review wrote it down."""
    entry = view_of(posted, name)
    if entry is None:
        return
    try:
        plans.record_opinion(actor, page.id, entry, **about)
    except Invalid as invalid:
        field_name, code = next(iter(invalid.errors.items()))
        troubles[key] = {"error": "whose" if field_name == "name" and code == "required" else code}


def _save_outcome(actor: Actor, page: ReviewPage, posted: Mapping[str, str], saved: Saved, target_id: UUID) -> None:
    """What shall become of the target, where the page says something new."""
    outcome = outcome_of(posted, str(target_id))
    if outcome is None:
        return
    try:
        plans.set_outcome(actor, page.id, target_id, outcome)
    except Conflict:
        saved.targets.setdefault(target_id, {})["ending_conflict"] = True
    except Invalid as invalid:
        code = invalid.errors["text"]
        saved.targets.setdefault(target_id, {})["ending_error"] = "new_words" if code == "required" else code


def _judged(entry: Entry) -> dict[str, Any]:
    return {
        "level": entry.level or "",
        "comment": entry.comment,
        "version": entry.version,
        "reason": entry.reason,
        "grounds": entry.grounds,
    }


def _save_written(actor: Actor, page: ReviewPage, posted: Mapping[str, str], saved: Saved) -> None:
    """The fields of this kind of review: `field:<key>`, and what each showed in `was-field:<key>`."""
    told = {f.key: picked(posted, f"field:{f.key}") for f in page.fields if f"field:{f.key}" in posted}
    shown = {key: lines(posted.get(f"was-field:{key}", "")) for key in told}
    changed = {key: text for key, text in told.items() if text != shown[key]}
    if not changed:
        return
    try:
        plans.write_review(actor, page.id, changed, shown=shown)
    except Conflict as clash:
        saved.written = {key: "conflict" for key, text in clash.current.items() if text != shown[key]}
    except Invalid as invalid:
        saved.written = invalid.errors


def known_version(posted: Mapping[str, str]) -> int:
    """The review's version as the page showed it."""
    return whole(posted.get("review_version", ""))


def _save_next_steps(actor: Actor, page: ReviewPage, posted: Mapping[str, str], saved: Saved) -> None:
    if "next_steps" not in posted and "next_review_on" not in posted:
        return
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
