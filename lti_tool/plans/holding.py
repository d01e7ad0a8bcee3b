"""Where answers to a framework's fields lie, and of which class each is: for what follows from the class (T2).

A plan's answers lie together in a few columns, under the keys of their fields. A field that an earlier version of
the framework asked for keeps the class it had.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, TypeAlias
from uuid import UUID

from django.apps import apps
from django.db import models

from .former import former_in
from .frameworks.data import Field, Framework, Sensitivity
from .frameworks.keeping import kept_framework, school_framework
from .models import (
    Contribution,
    FrozenTarget,
    LogEntry,
    Plan,
    Review,
    Revision,
    School,
    Sheet,
    SheetAnswer,
    Target,
    TargetStep,
)
from .policy import stricter

Path: TypeAlias = tuple[str, ...]
Classes: TypeAlias = Mapping[Path, Sensitivity]
_TARGETS = (Target, Revision, FrozenTarget)
ROWS = (Contribution, TargetStep)  # each row is an answer, or a part of one, and nothing else
# Who wrote the answers, where rows are one person's.
WRITER: Mapping[type[models.Model], str] = {
    LogEntry: "owner_id",
    Contribution: "author_id",
    SheetAnswer: "by_id",
}


def answer_classes(school_id: UUID, student_ids: Collection[UUID]) -> dict[UUID, Classes]:
    """Of each student the fields their plans and sheets ever asked for. Four queries, more for plans that moved."""
    plans = Plan.objects.of(school_id).filter(student__in=student_ids)
    asked_by = set(plans.values_list("student_id", "framework_id"))
    sheets = Sheet.objects.of(school_id).filter(student__in=student_ids)
    asked_by |= set(sheets.values_list("student_id", "framework_id"))
    found: dict[UUID, dict[Path, Sensitivity]] = {}
    unnamed = school_framework(School.objects.get(pk=school_id))
    for student_id, version_id in asked_by:
        framework = kept_framework(school_id, version_id) if version_id else unnamed
        for path, field in _asked(framework):
            _guard(found.setdefault(student_id, {}), path, field.sensitivity)
    moved = Revision.moves(school_id).filter(plan__student__in=student_ids)
    for student_id, plan_id in set(moved.values_list("plan__student_id", "plan_id")):
        for path, once in former_in(school_id, [plan_id]).items():
            _guard(found.setdefault(student_id, {}), path, once.guarded)
    return dict(found)


def keys_held(model: type[models.Model], classes: Classes, guarded: Collection[Sensitivity]) -> frozenset[str]:
    """The keys under which rows of this model hold answers of these classes; of targets some are columns."""
    return frozenset(filter(None, (_key(model, path) for path, one in classes.items() if one in guarded)))


def answers_in(model: type[models.Model], keys: Collection[str]) -> models.Q:
    """Which rows of one of `ROWS` answer the fields of these keys."""
    return models.Q(question__in=keys) if model is Contribution else models.Q()


def without(value: Any, keys: Collection[str]) -> Any:
    """The same structure with nothing under these keys, wherever they stand in it."""
    if isinstance(value, dict):
        return {key: _nothing(part) if key in keys else without(part, keys) for key, part in value.items()}
    if isinstance(value, list):
        return [without(part, keys) for part in value]
    return value


def history_without(tables: Iterable[Mapping[str, Any]], guarded: Collection[Sensitivity]) -> list[dict[str, Any]]:
    """What was brought from another school, less what is of these classes in the same tables here."""
    kept = []
    for table in tables:
        told: Any = apps.get_model("ilp_plans", table["name"])
        over = told.privacy.of_class(*guarded)
        rows = [{name: text for name, text in one.items() if name not in over} for one in table["rows"]]
        kept.append({**table, "rows": rows})
    return kept


def _nothing(value: Any) -> Any:
    return type(value)() if isinstance(value, str | list | dict) else None


def _guard(found: dict[Path, Sensitivity], path: Path, guarded: Sensitivity) -> None:
    found[path] = stricter(guarded, found.get(path, guarded))


def _key(model: type[models.Model], path: Path) -> str:
    match path:
        case ("plan_sections", section, "fields", key) if model in (Plan, Revision):
            return f"{section}.{key}"
        case ("target_fields", key) | ("target_types", _, "fields", key) if model in _TARGETS:
            return key
        case ("target_fields", "steps") | ("target_types", _, "fields", "steps") if model is TargetStep:
            return "steps"
        case ("review_kinds", _, "fields", key) if model is Review:
            return key
        case ("review_kinds", _, "preparation", key) if model is Contribution:
            return key
        case ("sheets", _, "fields", key) if model is SheetAnswer:
            return key
        case ("log", "prompts", key) if model is LogEntry:
            return key
    return ""


def _asked(framework: Framework) -> Iterator[tuple[Path, Field]]:
    """Every field but those of the needs, whose answers have rows with a class of their own."""
    groups: list[tuple[Path, tuple[Field, ...]]] = [
        (("target_fields",), framework.target_fields),
        (("log", "prompts"), framework.log.prompts),
        *((("plan_sections", one.key, "fields"), one.fields) for one in framework.plan_sections),
        *((("target_types", one.key, "fields"), one.fields) for one in framework.target_types),
        *((("review_kinds", one.key, "fields"), one.fields) for one in framework.review_kinds),
        *((("review_kinds", one.key, "preparation"), one.preparation) for one in framework.review_kinds),
        *((("sheets", one.key, "fields"), one.fields) for one in framework.sheets),
    ]
    for path, fields in groups:
        yield from (((*path, field.key), field) for field in fields)
