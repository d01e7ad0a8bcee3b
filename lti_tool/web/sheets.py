"""Sheets that go home: staff ask, families answer on the page, staff key in paper, each sees who read it."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.dateparse import parse_date

from lti_tool.plans import api as plans
from lti_tool.plans.data import Role, SheetView
from lti_tool.plans.exceptions import Conflict, Invalid

from . import sheet_forms
from .forms import whole
from .pages import render
from .session import ANYONE, Visit, proven, visit


@visit(roles=ANYONE)
def sheets(request: HttpRequest, here: Visit, student_id: UUID) -> HttpResponse:
    return _list(request, here, student_id)


@visit(roles=ANYONE, methods=("POST",))
def send(request: HttpRequest, here: Visit, student_id: UUID) -> HttpResponse:
    """Ask the family."""
    posted = request.POST
    codes = {code for code, _ in settings.LANGUAGES}
    language = posted.get("language", "")
    try:
        due_on = parse_date(posted["due_on"]) if posted.get("due_on") else None
        sheet_id = plans.send_sheet(
            here.actor, student_id, posted.get("form", ""), language=language if language in codes else "",
            due_on=due_on,
        )  # fmt: skip
    except ValueError:
        return _list(request, here, student_id, Invalid({"due_on": "past"}))
    except Invalid as invalid:
        return _list(request, here, student_id, invalid)
    return redirect("sheet", here.handle, sheet_id)


@visit(roles=ANYONE, methods=("GET", "POST"))
def sheet(request: HttpRequest, here: Visit, sheet_id: UUID) -> HttpResponse:
    """Read it; as family answer it; as staff key in the paper."""
    view = plans.sheet(here.actor, sheet_id)
    if request.method != "POST":
        return _one(request, here, view)
    answers = sheet_forms.typed(request.POST)
    version, name = whole(request.POST.get("version", "")), request.POST.get("name", "")
    try:
        plans.answer_sheet(here.actor, sheet_id, answers, version=version, name=name)
    except Invalid as invalid:
        return _one(request, here, view, answers, sheet_forms.sentences(invalid), name=name, status=422)
    except Conflict as clash:
        return _one(request, here, clash.current, answers, conflict=True, name=name, status=409)
    plans.clear_drafts(here.actor, _subject(sheet_id))
    return redirect("sheet", here.handle, sheet_id)


@visit(roles=ANYONE, methods=("POST",))
def take_back(request: HttpRequest, here: Visit, sheet_id: UUID) -> HttpResponse:
    student_id = plans.sheet(here.actor, sheet_id).student.id
    plans.take_back_sheet(here.actor, sheet_id)
    return redirect("sheets", here.handle, student_id)


@visit(roles=ANYONE, methods=("POST",))
def link(request: HttpRequest, here: Visit, sheet_id: UUID) -> HttpResponse:
    """A one-time link for a family without an account, shown this once."""
    view = plans.sheet(here.actor, sheet_id)
    proven(here)
    address = request.POST.get("address", "") if settings.ILP_MAIL else ""
    try:
        token = plans.make_link(here.actor, sheet_id, address=address)
    except Invalid as invalid:
        return _one(request, here, view, errors=sheet_forms.sentences(invalid), status=422)
    fresh = plans.sheet(here.actor, sheet_id)
    return _one(request, here, fresh, made=settings.ILP_BASE_URL + reverse("sheet-door", args=[token]))


@visit(roles=ANYONE, methods=("POST",))
def code(request: HttpRequest, here: Visit, sheet_id: UUID) -> HttpResponse:
    """A code to tell the family now."""
    proven(here)
    told = plans.tell_code(here.actor, sheet_id)
    return _one(request, here, plans.sheet(here.actor, sheet_id), code=told)


def _subject(sheet_id: UUID) -> str:
    """The name of what is being typed into this sheet, until it is sent."""
    return f"sheet:{sheet_id}"


def _list(request: HttpRequest, here: Visit, student_id: UUID, invalid: Invalid | None = None) -> HttpResponse:
    page = plans.sheets(here.actor, student_id)
    context = {
        "page": page, "student_id": student_id, "languages": sheet_forms.languages(),
        "errors": sheet_forms.sentences(invalid) if invalid else [], "staff": page.may_send,
        "provider": not page.may_send and Role.PROVIDER in here.actor.roles,
        "providers": any(form.audience == "provider" for form in page.to_send),
    }  # fmt: skip
    return render(request, "ilp/sheets/list.html", context, status=422 if invalid else 200)


def _one(
    request: HttpRequest, here: Visit, view: SheetView, answers: dict[str, str] | None = None,
    errors: list[str] | None = None, *, status: int = 200, **more: Any,
) -> HttpResponse:  # fmt: skip
    page = plans.sheets(here.actor, view.student.id)
    begun = {}
    if answers is None and not (page.may_send and view.way):  # staff then read what was answered, and write nothing
        begun = plans.drafts(here.actor, _subject(view.id))
    context = sheet_forms.context(view, answers, begun) | {
        "errors": errors or [],
        "name": begun.get("name", ""),
        "subject": _subject(view.id),
        "staff": page.may_send,
        "mails": settings.ILP_MAIL,
        "student_id": view.student.id,
    }
    return render(request, "ilp/sheets/one.html", context | more, status=status)
