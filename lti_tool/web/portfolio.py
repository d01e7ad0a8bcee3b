"""The portfolio: what a learner made, and what others saw them do."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from lti_tool.plans import api as plans
from lti_tool.plans.data import Act, ItemView
from lti_tool.plans.exceptions import Conflict, Invalid, NotFound

from . import reports
from .forms import whole
from .pages import render
from .session import ANYONE, Visit, proven, visit
from .work_forms import ItemForm, files_of, once_of
from .work_words import work_error


@visit(roles=ANYONE)
def portfolio(request: HttpRequest, here: Visit, student_id: UUID) -> HttpResponse:
    page = plans.portfolio(here.actor, student_id)
    may_check = not page.own and plans.allows(here.actor, Act.CHECK_OTHERS)
    context = {"page": page, "student_id": student_id, "own": page.own, "may_check": may_check}
    return render(request, "ilp/work/page.html", context)


@visit(roles=ANYONE, methods=("GET", "POST"))
def new(request: HttpRequest, here: Visit, student_id: UUID) -> HttpResponse:
    return _form(request, here, student_id, None)


@visit(roles=ANYONE, methods=("GET", "POST"))
def edit(request: HttpRequest, here: Visit, student_id: UUID, item_id: UUID) -> HttpResponse:
    item = plans.item(here.actor, item_id)
    if not item.mine:
        raise NotFound
    return _form(request, here, student_id, item)


@visit(roles=ANYONE, methods=("POST",))
def delete(request: HttpRequest, here: Visit, student_id: UUID, item_id: UUID) -> HttpResponse:
    """Gone, with its files (T50)."""
    if student_id != here.actor.person_id:
        proven(here)
    plans.delete_item(here.actor, item_id)
    return redirect("portfolio", here.handle, student_id)


@visit(roles=ANYONE, methods=("POST",))
def report(request: HttpRequest, here: Visit, student_id: UUID, item_id: UUID) -> HttpResponse:
    """Something is not right here: out of sight at once, and a second adult looks (T41)."""
    plans.report_item(here.actor, item_id)
    return render(request, "ilp/work/reported.html")


@visit(roles=ANYONE, methods=("POST",))
def settle(request: HttpRequest, here: Visit, student_id: UUID, row_id: UUID) -> HttpResponse:
    """The second adult's word: show it again, or delete it."""
    page = "log" if request.POST.get("of") == "log" else "portfolio"
    return reports.settle(request, here, row_id, reverse(page, args=[here.handle, student_id]))


def _form(request: HttpRequest, here: Visit, student_id: UUID, item: ItemView | None) -> HttpResponse:
    page = plans.portfolio(here.actor, student_id)
    if not page.may_add:
        raise NotFound
    subject = f"item:{item.id}" if item else f"item:new:{student_id}"
    initial = _initial(item) | plans.drafts(here.actor, subject)
    form, conflict = ItemForm(request.POST or None, page=page, initial=initial), None
    if request.method == "POST" and form.is_valid():
        try:
            if item is None:
                plans.add_item(here.actor, student_id, form.change(), files_of(request), once=once_of(request.POST))
            else:
                version = whole(request.POST.get("version", ""))
                plans.change_item(here.actor, item.id, form.change(), files_of(request), version=version)
        except Invalid as invalid:
            for name, code in invalid.errors.items():
                form.add_error(name if name in form.fields else None, work_error(code))
        except Conflict as clash:
            conflict = item = clash.current
        else:
            plans.clear_drafts(here.actor, subject)
            return redirect("portfolio", here.handle, student_id)
    status = 409 if conflict else 422 if form.is_bound else 200
    context = {
        "form": form, "page": page, "item": item, "conflict": conflict, "student_id": student_id, "subject": subject,
        "own": page.own, "once": once_of(request.POST),
    }  # fmt: skip
    return render(request, "ilp/work/form.html", context, status=status)


def _initial(item: ItemView | None) -> dict[str, object]:
    if item is None:
        return {}
    return {
        "title": item.title, "kind": item.kind, "about": item.about, "made_on": item.made_on,
        "contexts": list(item.contexts), "targets": [str(one) for one in item.target_ids], "audience": item.audience,
    }  # fmt: skip
