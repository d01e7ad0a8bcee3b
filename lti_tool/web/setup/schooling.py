"""The office's page of a class: each student's school year, phase and first day, from which much of a plan follows.

Areas and rules of some years, transitions, phase leaders and deadlines after entry all read these three.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.dateparse import parse_date

from lti_tool.plans import api as plans
from lti_tool.plans.exceptions import Invalid, NotFound

from ..pages import render
from ..session import Visit
from .access import administrator


@dataclass(frozen=True, slots=True)
class _Row:
    """One student's three fields, as they stand or as they were typed."""

    id: UUID
    name: str
    year: str
    phase: str
    entered: str


@administrator(methods=("GET", "POST"))
def schooling(request: HttpRequest, here: Visit) -> HttpResponse:
    """GET shows one class (`?course=`), POST keeps the whole of it. What cannot be taken comes back as typed."""
    courses = plans.courses(here.actor)
    asked = request.POST.get("course") or request.GET.get("course") or (str(courses[0][0]) if courses else "")
    course_id = next((key for key, _ in courses if str(key) == asked), None)
    if course_id is None and courses:
        raise NotFound
    rows = _standing(here, course_id)
    errors: Mapping[str, str] = {}
    if request.method == "POST":
        rows = [_typed(request.POST, row) for row in rows]
        try:
            entered = {row.id: _day(row.entered) for row in rows}
            told = {row.id: (row.phase, _year(row.year)) for row in rows}
            plans.set_schooling(here.actor, told, entered=entered)
        except Invalid as invalid:
            errors = invalid.errors
        else:
            return redirect(f"{reverse('office-years', args=[here.handle])}?course={course_id}&saved=1")
    context = {
        "courses": courses, "course_id": course_id, "rows": rows, "errors": errors,
        "saved": bool(request.GET.get("saved")) and not errors,
    }  # fmt: skip
    return render(request, "ilp/setup/schooling.html", context, status=422 if errors else 200)


def _standing(here: Visit, course_id: int | None) -> list[_Row]:
    if course_id is None:
        return []
    return [
        _Row(
            row.student.id,
            row.student.name,
            "" if row.year_group is None else str(row.year_group),
            row.phase,
            row.entered_on.isoformat() if row.entered_on else "",
        )
        for row in plans.schooling(here.actor, course_id)
    ]


def _typed(sent: QueryDict, row: _Row) -> _Row:
    """What was typed for the student; what was typed for all goes where nothing else was."""
    year = sent.get(f"year:{row.id}", row.year).strip() or sent.get("all_year", "").strip()
    phase = sent.get(f"phase:{row.id}", row.phase).strip() or sent.get("all_phase", "").strip()
    return _Row(row.id, row.name, year, phase, sent.get(f"entered:{row.id}", row.entered).strip())


def _year(text: str) -> int | None:
    if text and not (text.isascii() and text.isdigit() and len(text) <= 2):
        raise Invalid({"year_group": "unknown"})
    return int(text) if text else None


def _day(text: str) -> date | None:
    try:
        day = parse_date(text) if text else None
    except ValueError:
        day = None
    if text and day is None:
        raise Invalid({"entered_on": "invalid"})
    return day
