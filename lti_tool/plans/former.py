"""What stands in a plan under parts its framework once had: kept, named as then, and as guarded as then (T4)."""

from collections.abc import Mapping
from uuid import UUID

from .data import Former
from .frameworks.data import Framework, Sensitivity
from .frameworks.keeping import former_frameworks
from .frameworks.upgrading import former_fields
from .framing import guarded_keys
from .models import Plan
from .policy import may_read

_NAMED = ("areas", "target_types", "contexts", "life_events")
_TARGETS = ("target_fields", "target_types")
Parts = Mapping[tuple[str, ...], tuple[str, Sensitivity]]


def guarded_in(framework: Framework, limit: Sensitivity, former: Parts) -> frozenset[str]:
    """The target fields, also former ones, that somebody with this ceiling may not read."""
    gone = {path[-1] for path, (_, guarded) in former.items() if path[0] in _TARGETS and not may_read(limit, guarded)}
    return guarded_keys(framework, limit) | gone


def guarded_of(plan: Plan, framework: Framework, limit: Sensitivity, *, moved: bool = True) -> frozenset[str]:
    """The same of one plan: what was guarded in a version it moved up from stays guarded.

    One query, or five; none of a plan that is known never to have `moved`.
    """
    return guarded_in(framework, limit, former_in(plan.school_id, [plan.id]) if moved else {})


def target_labels(former: Parts) -> dict[str, str]:
    """What fields of targets were called that the framework has no longer, by key."""
    return {path[-1]: label for path, (label, _) in former.items() if path[0] in _TARGETS}


def gone_names(plan: Plan) -> dict[str, str]:
    """What areas, types, contexts and events were called in versions the plan moved up from, as "contexts.barn"."""
    found: dict[str, str] = {}
    for then in reversed(former_frameworks(plan)):
        for part in _NAMED:
            found |= {f"{part}.{one.key}": one.name for one in getattr(then, part)}
    return found


def plan_keys(former: Parts) -> dict[str, Sensitivity]:
    """How guarded the plan's own former fields were, by "section.field"."""
    return {
        f"{path[1]}.{path[3]}": guarded
        for path, (_, guarded) in former.items()
        if path[0] == "plan_sections" and len(path) == 4
    }


def standing(former: Parts, details: Mapping[str, str], limit: Sensitivity) -> tuple[Former, ...]:
    """What the plan's own former fields say, under the names they had, as far as this reader may read them."""
    return tuple(
        Former(label, details[f"{path[1]}.{path[3]}"])
        for path, (label, guarded) in former.items()
        if path[0] == "plan_sections" and len(path) == 4 and may_read(limit, guarded)
        if details.get(f"{path[1]}.{path[3]}")
    )


def former_in(school_id: UUID, plan_ids: list[UUID]) -> Parts:
    """Every former field of these plans. Four queries a plan."""
    found: dict[tuple[str, ...], tuple[str, Sensitivity]] = {}
    for plan_id in plan_ids:
        found |= former_fields(school_id, plan_id)
    return found
