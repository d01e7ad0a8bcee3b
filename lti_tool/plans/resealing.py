"""Bringing what lies in a column to how its class wants it: sealed with today's key, or plain (T2, T70).

In batches, each kept as it is done: run again after an interruption, it goes on with what is left.
"""

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db import models, transaction
from django.db.models.functions import Cast

from lti_tool.privacy import annotated
from lti_tool.sealing import NOBODYS, AsItLies, Guarded, Unreadable, is_current, is_sealed, school_of, seal, unseal

BATCH = 500
_EMPTY = frozenset({"", "{}", "[]", "null"})


def seal_anew(told: Callable[[str, int], None] = lambda place, rows: None) -> int:
    """Every column that may seal, as its class says now and with today's key. How many values did not open.

    `told` hears of each column how many values were written. Those that do not open stay as they are.
    """
    broken = 0
    for model, _privacy in annotated():
        for field in model._meta.concrete_fields:
            if isinstance(field, Guarded):
                written, lost = reseal(model, field.name, field.place, seals=field.seals)
                broken += lost
                told(field.place, written)
    return broken


def reseal(
    model: type[models.Model],
    name: str,
    place: str,
    *,
    seals: bool,
    using: str = "default",
    school: str = "school_id",
) -> tuple[int, int]:
    """Write each value that lies otherwise than it should. How many were written, and how many did not open.

    `model` may be a migration's: it asks no annotation.
    """
    written, broken, last = 0, 0, None
    while True:
        with transaction.atomic(using=using):
            rows = _after(model, name, last, using).values_list("pk", "school_id", "lies")
            batch = list(rows.select_for_update(of=("self",))[:BATCH])
            for pk, school_id, lies in batch:
                try:
                    value = _mended(model, name, lies, place, school_id, seals)
                except Unreadable:
                    broken += 1
                    continue
                if value is not None:
                    model._base_manager.using(using).filter(pk=pk).update(**{name: value})
                    written += 1
        if not batch:
            return written, broken
        last = batch[-1][0]


def _after(model: type[models.Model], name: str, last: Any, using: str) -> models.QuerySet[Any]:
    rows: models.QuerySet[Any] = model._base_manager.using(using).order_by("pk")
    rows = rows.annotate(lies=Cast(name, models.TextField()))
    return rows if last is None else rows.filter(pk__gt=last)


def _mended(model: type[models.Model], name: str, lies: str | None, place: str, school_id: UUID, seals: bool) -> Any:
    """The value to write; None where what lies there is right."""
    if lies is None or lies in _EMPTY:
        return None
    structured = isinstance(model._meta.get_field(name), models.JSONField)
    stored = json.loads(lies) if structured else lies
    if not is_sealed(stored):
        words = json.dumps(stored) if structured else stored
        return seal(words, place, school_id) if seals else None
    words = unseal(stored, place)
    if not seals:
        return json.loads(words) if structured else AsItLies(words)
    if school_of(stored) == school_id:
        return None if is_current(stored) else seal(words, place, school_id)
    if school_of(stored) == NOBODYS:
        return seal(words, place, school_id)
    raise Unreadable(place)  # it was moved here from another school's row
