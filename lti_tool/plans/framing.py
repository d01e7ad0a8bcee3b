"""What the framework a plan stands on knows of a target's fields: whether words fit it, and who may read them."""

from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import Any

from .answering import misfits
from .data import TargetCard, TargetChange
from .frameworks.data import Framework, Sensitivity, named

_TEXTS = ("success", "baseline", "next_step", "support_inside", "support_outside", "resources")
# What a target says in places of its own, and how each is when it says nothing.
_BLANK: dict[str, Any] = dict.fromkeys(_TEXTS, "") | {"due_on": None, "steps": ()}


def target_errors(framework: Framework, change: TargetChange, stands: TargetChange | None) -> dict[str, str]:
    """What the framework does not know, by field. What stands already may stay: frameworks change under plans."""
    errors = {}
    if change.area and change.area != (stands and stands.area) and framework.area(change.area) is None:
        errors["area"] = "unknown"
    if change.type and change.type != (stands and stands.type) and framework.target_type(change.type) is None:
        errors["type"] = "unknown"
    old = set(stands.contexts) if stands else set()
    if any(named(framework.contexts, key) is None for key in set(change.contexts) - old):
        errors["contexts"] = "unknown"
    chosen = framework.target_type(change.type)
    kinds = (*framework.target_types, *((chosen,) if chosen else ()))  # words for another kind stay when it changes
    fields = {
        field.key: field for field in (*framework.target_fields, *(one for kind in kinds for one in kind.fields))
    }
    if set(change.details) - fields.keys() - set(stands.details if stands else ()):
        errors["details"] = "unknown"
    unfit = misfits(fields, change.details, stands.details if stands else {})
    if unfit:
        errors["details"] = next(iter(unfit.values()))
    return errors


def speaks_of_framework(change: TargetChange) -> bool:
    """Whether anything it says has to be known to a framework."""
    return bool(change.area or change.type or change.contexts or change.details)


def field_classes(framework: Framework) -> Iterator[tuple[str, Sensitivity]]:
    """How guarded each target field is, of any type, by its key."""
    fields = (*framework.target_fields, *(field for kind in framework.target_types for field in kind.fields))
    return ((field.key, field.sensitivity) for field in fields)


def prompt_classes(framework: Framework) -> dict[str, Sensitivity]:
    """How guarded the answer to each prompt of the log is, by its key."""
    return {prompt.key: prompt.sensitivity for prompt in framework.log.prompts}


def veiled(change: TargetChange, hidden: Collection[str]) -> TargetChange:
    """What the target says to somebody who may not read these fields."""
    if not hidden:
        return change
    open_ones = {key: words for key, words in change.details.items() if key not in hidden}
    return replace(change, details=open_ones, **{name: value for name, value in _BLANK.items() if name in hidden})


def unveiled(change: TargetChange, stands: TargetChange, hidden: Collection[str]) -> TargetChange:
    """A change by somebody who may not read these fields: they stay as they stand."""
    if not hidden:
        return change
    stay: dict[str, Any] = {name: getattr(stands, name) for name in _BLANK if name in hidden}
    kept = {key: words for key, words in stands.details.items() if key in hidden}
    return replace(change, details=dict(veiled(change, hidden).details) | kept, **stay)


def veiled_card(card: TargetCard, hidden: Collection[str]) -> TargetCard:
    """The target beside the coursework, to somebody who may not read these fields."""
    kept: dict[str, Any] = {name: "" for name in ("success", "next_step") if name in hidden}
    if "steps" in hidden:
        kept["steps"] = ()
    return replace(card, **kept) if kept else card
