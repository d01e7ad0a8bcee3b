"""The learner's own log: written by them alone, read by whom they let."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from lti_tool.plans import api as plans
from lti_tool.plans.data import Act, LogView
from lti_tool.plans.exceptions import Conflict, Invalid, NotFound

from .forms import whole
from .pages import render
from .session import ANYONE, LEARNER, Visit, visit
from .work_forms import LogForm, activities_of, activity_of, files_of, once_of
from .work_words import work_error

DRAFT = "log:new"


@visit(roles=ANYONE)
def log(request: HttpRequest, here: Visit, student_id: UUID) -> HttpResponse:
    """Every entry the reader may see; for the learner also the form of the next one."""
    return _page(request, here, student_id)


@visit(roles=LEARNER, methods=("POST",))
def write(request: HttpRequest, here: Visit, student_id: UUID) -> HttpResponse:
    """A new entry. What was typed stays on the page when something is wrong, and as a draft until it is saved."""
    if student_id != here.actor.person_id:
        raise NotFound
    page = plans.log(here.actor, student_id)
    form = LogForm(request.POST, rules=page.rules)
    if form.is_valid():
        try:
            change, once = form.change(activity_of(request.POST)), once_of(request.POST)
            plans.write_log(here.actor, change, files_of(request), once=once)
        except Invalid as invalid:
            _tell(form, invalid)
        else:
            plans.clear_drafts(here.actor, DRAFT)
            return redirect("log", here.handle, student_id)
    return _page(request, here, student_id, form=form, status=422)


@visit(roles=LEARNER, methods=("GET", "POST"))
def entry(request: HttpRequest, here: Visit, entry_id: UUID) -> HttpResponse:
    """Change an entry, or who may read it."""
    stands = plans.log_entry(here.actor, entry_id)
    page = plans.log(here.actor, here.actor.person_id)
    subject = f"log:{entry_id}"
    drafts = plans.drafts(here.actor, subject)
    form, conflict = LogForm(request.POST or None, rules=page.rules, initial=_initial(stands) | drafts), None
    if request.method == "POST" and form.is_valid():
        version = whole(request.POST.get("version", ""))
        try:
            plans.change_log(
                here.actor, entry_id, form.change(activity_of(request.POST)), files_of(request), version=version
            )
        except Invalid as invalid:
            _tell(form, invalid)
        except Conflict as clash:
            conflict = stands = clash.current
        else:
            plans.clear_drafts(here.actor, subject)
            return redirect("log", here.handle, here.actor.person_id)
    status = 409 if conflict else 422 if form.is_bound else 200
    typed = request.POST if form.is_bound else drafts
    chosen = activity_of(typed) or 0 if form.is_bound or "activity" in drafts else stands.activity_id or 0
    context = {
        "form": form,
        "entry": stands,
        "conflict": conflict,
        "subject": subject,
        "drafted": bool(drafts),
        "student_id": here.actor.person_id,
        "activities": activities_of(page, here.session.activity_ids, chosen=chosen, called=stands.activity),
    }
    return render(request, "ilp/log/entry.html", context, status=status)


@visit(roles=LEARNER, methods=("POST",))
def delete(request: HttpRequest, here: Visit, entry_id: UUID) -> HttpResponse:
    """Gone, with its pictures and recordings (T50)."""
    plans.delete_log(here.actor, entry_id)
    return redirect("log", here.handle, here.actor.person_id)


@visit(roles=ANYONE, methods=("POST",))
def report(request: HttpRequest, here: Visit, entry_id: UUID) -> HttpResponse:
    """Something is not right here: out of sight at once, and a second adult looks (T41)."""
    plans.report_log(here.actor, entry_id)
    return render(request, "ilp/work/reported.html")


def _page(
    request: HttpRequest, here: Visit, student_id: UUID, *, form: LogForm | None = None, status: int = 200
) -> HttpResponse:
    page = plans.log(here.actor, student_id)
    context: dict[str, Any] = {"page": page, "student_id": student_id, "own": page.own}
    context["may_check"] = not page.own and plans.allows(here.actor, Act.CHECK_OTHERS)
    if page.own:
        context["form"] = form or LogForm(rules=page.rules, initial=page.drafts)
        context["once"] = once_of(request.POST)
        context["drafted"] = bool(page.drafts)
        posted = request.POST if form is not None else page.drafts
        chosen = activity_of(posted) or 0 if "activity" in posted else None
        context["activities"] = activities_of(page, here.session.activity_ids, chosen=chosen)
    return render(request, "ilp/log/page.html", context, status=status)


def _initial(stands: LogView) -> dict[str, str]:
    answers = {f"answer_{key}": text for key, text in stands.answers.items()}
    return {**answers, "feeling": stands.feeling, "audience": stands.audience}


def _tell(form: LogForm, invalid: Invalid) -> None:
    for code in invalid.errors.values():
        form.add_error(None, work_error(code))
