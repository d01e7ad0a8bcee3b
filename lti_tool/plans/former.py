"""What stands in a plan under fields its framework once had, or guarded more: as guarded as then (T4)."""

from collections.abc import Iterator, Mapping
from uuid import UUID

from .data import Former, FormerField, TargetCard, TargetChange
from .frameworks.data import Framework, Sensitivity
from .frameworks.keeping import former_frameworks
from .frameworks.upgrading import former_fields
from .framing import field_classes
from .models import Plan
from .policy import may_read, stricter

_NAMED = ("areas", "target_types", "contexts", "life_events")
_TARGETS = ("target_fields", "target_types")
Parts = Mapping[tuple[str, ...], FormerField]


def target_classes(framework: Framework, former: Parts) -> dict[str, Sensitivity]:
    """How guarded each target field is, former ones too; of a key that several have, the most."""
    found: dict[str, Sensitivity] = {}
    for key, guarded in (*field_classes(framework), *_former_targets(former)):
        found[key] = stricter(guarded, found.get(key, guarded))
    return found


def above(limit: Sensitivity, classes: Mapping[str, Sensitivity]) -> frozenset[str]:
    """The fields among these that somebody with this ceiling may not read."""
    return frozenset(key for key, guarded in classes.items() if not may_read(limit, guarded))


def target_shown(
    said: TargetChange | TargetCard, classes: Mapping[str, Sensitivity]
) -> Iterator[tuple[str, Sensitivity]]:
    """Which of a target's fields somebody reads, as `guarding.note_shown` takes them."""
    details = said.details if isinstance(said, TargetChange) else {}
    for key, guarded in classes.items():
        if details.get(key) or getattr(said, key, None):
            yield f"target.{key}", guarded


def _former_targets(former: Parts) -> Iterator[tuple[str, Sensitivity]]:
    return ((path[-1], field.guarded) for path, field in former.items() if path[0] in _TARGETS)


def guarded_in(framework: Framework, limit: Sensitivity, former: Parts) -> frozenset[str]:
    """The target fields, also former ones, that somebody with this ceiling may not read."""
    return above(limit, target_classes(framework, former))


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
    return above(limit, plan_keys(former))


def review_keys(former: Parts, kind: str) -> dict[str, Sensitivity]:
    """How guarded what this kind of review writes down and asks was, by the field's key; of several the most."""
    found: dict[str, Sensitivity] = {}
    for path, field in former.items():
        if path[:2] == ("review_kinds", kind):
            found[path[-1]] = stricter(field.guarded, found.get(path[-1], field.guarded))
    return found


def review_hidden(former: Parts, kind: str, limit: Sensitivity) -> frozenset[str]:
    """What of that somebody with this ceiling may not read, since it once was guarded so."""
    return above(limit, review_keys(former, kind))


def standing(former: Parts, details: Mapping[str, str], limit: Sensitivity) -> tuple[Former, ...]:
    """What the plan's own former fields say, under the names they had, as far as this reader may read them."""
    return tuple(
        Former(field.label, details[f"{path[1]}.{path[3]}"], f"{path[1]}.{path[3]}", field.guarded)
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
