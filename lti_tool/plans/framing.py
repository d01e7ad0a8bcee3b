"""Whether what a target says fits the framework its plan stands on."""

from .data import TargetChange
from .frameworks.data import Framework, named


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
    asked = {field.key for field in (*framework.target_fields, *(chosen.fields if chosen else ()))}
    if set(change.details) - asked - set(stands.details if stands else ()):
        errors["details"] = "unknown"
    return errors


def speaks_of_framework(change: TargetChange) -> bool:
    """Whether anything it says has to be known to a framework."""
    return bool(change.area or change.type or change.contexts or change.details)
