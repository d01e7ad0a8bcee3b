"""Review cycles: the rounds of reviews a school holds in a school year, found again by year and key.

A cycle is the school's, not a course's: the same round can stand in many courses, and a student has one review of it.
What a course keeps of it (a link, a gradebook column) is its `CycleView.code`, which says nothing of anybody.
"""

import hashlib
import re
from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils.text import slugify

from lti_tool.prepared import Prepared

from . import audit
from .data import Actor, CycleView
from .exceptions import Invalid, NotFound
from .models import ReviewCycle, School
from .opening import school_year

KEY_LENGTH = 64
KIND_LENGTH = 32
NAME_LENGTH = 255
YEARS = range(1970, 2200)
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_CODE = re.compile(r"(\d{4})-(.+)")


def cycle_key(name: str) -> str:
    """The key a new cycle of this name gets. The same for names that differ in capitals, spaces or marks alone."""
    words = " ".join(name.casefold().split())
    key = slugify(words).replace("_", "-").strip("-")
    if not _SLUG.fullmatch(key) or len(key) > KEY_LENGTH or _CODE.fullmatch(key):
        key = "cycle-" + hashlib.sha256(words.encode()).hexdigest()[:16]  # other scripts, long names, "2026-autumn"
    return key


def cycle_year(school_id: UUID, day: date | None = None) -> int:
    """The school year this day (None: today) is in, by the calendar year it began in. Raises NotFound."""
    starts_month = School.objects.filter(id=school_id).values_list("year_starts_month", flat=True).first()
    if starts_month is None:
        raise NotFound
    return school_year(starts_month) if day is None else day.year - (day.month < starts_month)


def cycles(school_id: UUID, *, year: int | None = None, since_year: int | None = None) -> tuple[CycleView, ...]:
    """The school's cycles, the newest school year first, each year's in the order of its days. One query."""
    rows = ReviewCycle.objects.of(school_id)
    if year is not None:
        rows = rows.filter(year=year)
    if since_year is not None:
        rows = rows.filter(year__gte=since_year)
    return tuple(sorted(map(view, rows), key=_order))


def cycles_of_year(school_id: UUID, year: int) -> tuple[CycleView, ...]:
    """The rounds of one school year in the order of their days: for pages that are asked for all the time."""
    return tuple(sorted(map(view, _OF_YEAR(school_id=school_id, year=year)), key=_order))


_OF_YEAR = Prepared(lambda school_id, year: ReviewCycle.objects.of(school_id).filter(year=year), "school_id", "year")


def ensure_cycle(
    school_id: UUID,
    key: str,
    name: str,
    year: int | None = None,
    *,
    opens_on: date | None = None,
    due_on: date | None = None,
    kind: str = "interim",
    actor: Actor | None = None,
) -> CycleView:
    """The cycle of this school year and key, made if there is none; one that stands is left as it is.

    `year` is the calendar year the school year began in; None: that of its days, or the present one.

    Raises:
        Invalid: key, kind "unknown" (no slug) or "too_long"; name "required" or "too_long"; year "unknown";
            due_on "before" opens_on.
    """
    name = " ".join(name.split())
    year = cycle_year(school_id, opens_on or due_on) if year is None else year
    errors = _errors(key, name, year, opens_on, due_on, kind)
    if errors:
        raise Invalid(errors)
    with transaction.atomic():
        row, made = ReviewCycle.objects.of(school_id).get_or_create(
            school_id=school_id,
            year=year,
            key=key,
            defaults={"name": name, "opens_on": opens_on, "due_on": due_on, "kind": kind},
        )
        if made:
            audit.record(school_id, "cycle.added", "cycle", row.id, actor=actor, detail={"code": view(row).code})
    return view(row)


def find_cycle(school_id: UUID, code: str, *, renewed: bool = False) -> CycleView:
    """The cycle a link or caller names: by its code "2026-autumn", or by its key alone in this school year.

    `renewed`: the link came with a copied course, so it means this school year's cycle of that key, where the
    school has one. Raises NotFound.
    """
    named = _CODE.fullmatch(code)
    key = named[2] if named else code
    year = int(named[1]) if named else None
    if not _SLUG.fullmatch(key) or len(key) > KEY_LENGTH:
        raise NotFound
    years = {year} if year is not None else set()
    if renewed or year is None:
        years.add(cycle_year(school_id))
    rows = ReviewCycle.objects.of(school_id).filter(key=key, year__in=years).order_by("-year")
    row = rows.first()
    if row is None:
        raise NotFound
    return view(row)


def cycle(school_id: UUID, cycle_id: UUID) -> CycleView:
    """One of the school's cycles. Raises NotFound."""
    row = ReviewCycle.objects.of(school_id).filter(id=cycle_id).first()
    if row is None:
        raise NotFound
    return view(row)


def view(row: ReviewCycle) -> CycleView:
    return CycleView(row.id, row.key, row.name, row.year, row.opens_on, row.due_on, row.kind)


def _order(cycle: CycleView) -> tuple[int, date, str]:
    return -cycle.year, cycle.opens_on or cycle.due_on or date.max, cycle.name.casefold()


def _errors(key: str, name: str, year: int, opens_on: date | None, due_on: date | None, kind: str) -> dict[str, str]:
    errors = {}
    for field, slug, most in (("key", key, KEY_LENGTH), ("kind", kind, KIND_LENGTH)):
        if len(slug) > most:
            errors[field] = "too_long"
        elif not _SLUG.fullmatch(slug) or _CODE.fullmatch(slug):
            errors[field] = "unknown"
    if not name:
        errors["name"] = "required"
    elif len(name) > NAME_LENGTH:
        errors["name"] = "too_long"
    if year not in YEARS:
        errors["year"] = "unknown"
    if opens_on and due_on and due_on < opens_on:
        errors["due_on"] = "before"
    return errors
