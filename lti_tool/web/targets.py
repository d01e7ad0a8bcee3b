"""Adding and changing a target, and the picker of the course's activities."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from lti_tool.plans import api as plans
from lti_tool.plans.data import ActivityView, TargetCard, TargetView
from lti_tool.plans.exceptions import Conflict, Invalid, NotFound

from .forms import TargetForm, whole
from .pages import render
from .session import TEACHER, Visit, visit
from .wording import error_sentence

FOUND_AT_MOST = 50
_FIELD = {"activity_ids": "activities"}  # the domain's names that the form has others for


@visit(roles=TEACHER, methods=("GET", "POST"))
def new(request: HttpRequest, here: Visit, student_id: UUID) -> HttpResponse:
    return _form(request, here, student_id, None, f"target:new:{student_id}")


@visit(roles=TEACHER, methods=("GET", "POST"))
def edit(request: HttpRequest, here: Visit, student_id: UUID, target_id: UUID) -> HttpResponse:
    card = _card(here, student_id, target_id)
    return _form(request, here, student_id, card, f"target:{target_id}")


@visit(roles=TEACHER, methods=("POST",))
def stop(request: HttpRequest, here: Visit, student_id: UUID, target_id: UUID) -> HttpResponse:
    """Stop a target: it stays on record, and no longer stands in the panel."""
    card = _card(here, student_id, target_id)
    plans.stop_target(here.actor, target_id, version=card.version)
    return redirect("review", here.handle, student_id)


@visit(roles=TEACHER)
def activities(request: HttpRequest, here: Visit) -> HttpResponse:
    """The picker's list: what is chosen, and what the search finds."""
    text = request.GET.get("find", "").strip()[:100]
    chosen = {whole(number) for number in request.GET.getlist("activities")}
    return render(request, "ilp/picker_list.html", _picker(here, chosen, (), text))


def _form(request: HttpRequest, here: Visit, student_id: UUID, card: TargetCard | None, subject: str) -> HttpResponse:
    student = plans.student(here.actor, student_id)
    linked = card.activities if card else ()
    known = {a.id: a.label for a in (*plans.activities(here.actor), *linked)}
    conflict: TargetView | None = None
    if request.method == "POST" and "find" not in request.POST.getlist("go"):
        form = TargetForm(request.POST, known=known)
        if form.is_valid():
            try:
                _agree(here, student_id, card, form, request)
            except Invalid as invalid:
                for name, code in invalid.errors.items():
                    form.add_error(_FIELD.get(name, name), error_sentence(code))
            except Conflict as clash:
                conflict = clash.current
            else:
                plans.clear_drafts(here.actor, subject)
                return redirect("review", here.handle, student_id)
    else:
        posted = request.POST if request.method == "POST" else None
        initial = TargetForm.initial_of(card, plans.drafts(here.actor, subject))
        if posted is not None:  # without script the search is a submit: everything typed comes back
            initial |= posted.dict() | {"activities": [whole(number) for number in posted.getlist("activities")]}
        form = TargetForm(initial=initial, known=known)
    chosen = {whole(str(number)) for number in form["activities"].value() or ()}
    status = 200
    if form.is_bound:
        status = 409 if conflict else 422
    return render(
        request,
        "ilp/target.html",
        {
            "form": form,
            "card": card,
            "conflict": conflict,
            "version": conflict.version if conflict else card.version if card else 0,
            "student": student,
            "subject": subject,
            **_picker(here, chosen, linked, request.POST.get("find", "")),
        },
        status=status,
    )


def _agree(here: Visit, student_id: UUID, card: TargetCard | None, form: TargetForm, request: HttpRequest) -> None:
    if card is None:
        plans.agree_target(here.actor, student_id, form.change())
    else:
        version = whole(request.POST.get("version", "")) or card.version
        plans.change_target(here.actor, card.id, form.change(), version=version)


def _card(here: Visit, student_id: UUID, target_id: UUID) -> TargetCard:
    for target in plans.review(here.actor, student_id).targets:
        if target.card.id == target_id:
            return target.card
    raise NotFound


def _picker(here: Visit, chosen: set[int], linked: Iterable[ActivityView], text: str) -> dict[str, Any]:
    """Chosen first, then found; an activity linked from another course stays chosen though no search finds it."""
    every = {activity.id: activity for activity in (*plans.activities(here.actor), *linked)}
    found = plans.find_activities(here.actor, text, limit=FOUND_AT_MOST)
    return {
        "find": text,
        "chosen": [every[number] for number in sorted(chosen) if number in every],
        "found": [activity for activity in found if activity.id not in chosen],
        "many": len(found) >= FOUND_AT_MOST,
    }
