"""What stands in a plan under fields its framework once had, or guarded more: as guarded as then (T4)."""

from collections.abc import Mapping
from uuid import UUID

from .data import Former, FormerField
from .frameworks.data import Framework, Sensitivity
from .frameworks.keeping import former_frameworks
from .frameworks.upgrading import former_fields
from .framing import guarded_keys
from .models import Plan
from .policy import may_read

_NAMED = ("areas", "target_types", "contexts", "life_events")
_TARGETS = ("target_fields", "target_types")
Parts = Mapping[tuple[str, ...], FormerField]


def guarded_in(framework: Framework, limit: Sensitivity, former: Parts) -> frozenset[str]:
    """The target fields, also former ones, that somebody with this ceiling may not read."""
    fields = ((path[-1], field.guarded) for path, field in former.items() if path[0] in _TARGETS)
    return guarded_keys(framework, limit) | {key for key, guarded in fields if not may_read(limit, guarded)}


def guarded_of(plan: Plan, framework: Framework, limit: Sensitivity, *, moved: bool = True) -> frozenset[str]:
    """The same of one plan: what was guarded in a version it moved up from stays guarded.

    One query, or five; none of a plan that is known never to have `moved`.
    """
    return guarded_in(framework, limit, former_in(plan.school_id, [plan.id]) if moved else {})


def target_labels(former: Parts) -> dict[str, str]:
    """What fields of targets were called that the framework has no longer, by key."""
    return {path[-1]: field.label for path, field in former.items() if path[0] in _TARGETS and not field.stands}


def gone_names(plan: Plan) -> dict[str, str]:
    """What areas, types, contexts and events were called in versions the plan moved up from, as "contexts.barn"."""
    found: dict[str, str] = {}
    for then in reversed(former_frameworks(plan)):
        for part in _NAMED:
            found |= {f"{part}.{one.key}": one.name for one in getattr(then, part)}
    return found


def plan_keys(former: Parts) -> dict[str, Sensitivity]:
    """How guarded the plan's own fields were, by "section.field"."""
    return {f"{path[1]}.{path[3]}": field.guarded for path, field in former.items() if _of_plan(path)}


def plan_hidden(former: Parts, limit: Sensitivity) -> frozenset[str]:
    """The plan's own fields that somebody with this ceiling may not read, since they once were guarded so."""
    return frozenset(key for key, guarded in plan_keys(former).items() if not may_read(limit, guarded))


def review_hidden(former: Parts, kind: str, limit: Sensitivity) -> frozenset[str]:
    """The same of what this kind of review writes down and asks."""
    of_kind = ((path, field) for path, field in former.items() if path[:2] == ("review_kinds", kind))
    return frozenset(path[-1] for path, field in of_kind if not may_read(limit, field.guarded))


def standing(former: Parts, details: Mapping[str, str], limit: Sensitivity) -> tuple[Former, ...]:
    """What the plan's own former fields say, under the names they had, as far as this reader may read them."""
    return tuple(
        Former(field.label, details[f"{path[1]}.{path[3]}"])
        for path, field in former.items()
        if _of_plan(path) and not field.stands and may_read(limit, field.guarded)
        if details.get(f"{path[1]}.{path[3]}")
    )


def _of_plan(path: tuple[str, ...]) -> bool:
    return path[0] == "plan_sections" and len(path) == 4


def former_in(school_id: UUID, plan_ids: list[UUID]) -> Parts:
    """Every former field of these plans. Four queries a plan."""
    found: dict[tuple[str, ...], FormerField] = {}
    for plan_id in plan_ids:
        found |= former_fields(school_id, plan_id)
    return found
