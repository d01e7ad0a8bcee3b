"""Adding and changing a target, and the picker of the course's activities."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from lti_tool.plans import api as plans
from lti_tool.plans.data import Act, ActivityView, Alike, TargetPage, TargetView, Voice
from lti_tool.plans.exceptions import Conflict, Invalid, NotFound

from .forms import whole
from .pages import render
from .session import TEACHER, Visit, visit
from .target_forms import TargetForm, rows_of
from .wording import error_sentence

FOUND_AT_MOST = 50
_FIELD = {"activity_ids": "activities"}  # the domain's names that the form has others for


@visit(roles=TEACHER, methods=("GET", "POST"))
def new(request: HttpRequest, here: Visit, student_id: UUID) -> HttpResponse:
    return _form(request, here, student_id, None, f"target:new:{student_id}")


@visit(roles=TEACHER, methods=("GET", "POST"))
def edit(request: HttpRequest, here: Visit, student_id: UUID, target_id: UUID) -> HttpResponse:
    return _form(request, here, student_id, target_id, f"target:{target_id}")


@visit(roles=TEACHER, methods=("POST",))
def stop(request: HttpRequest, here: Visit, student_id: UUID, target_id: UUID) -> HttpResponse:
    """Stop a target: it stays on record, and no longer stands in the panel."""
    stands = plans.target_page(here.actor, student_id, target_id).stands
    if stands is None:
        raise NotFound
    plans.stop_target(here.actor, target_id, version=stands.version)
    return _back(here, student_id)


@visit(roles=TEACHER)
def activities(request: HttpRequest, here: Visit) -> HttpResponse:
    """The picker's list: what is chosen, and what the search finds."""
    if not _may_pick(here):
        raise NotFound
    text = request.GET.get("find", "").strip()[:100]
    chosen = {whole(number) for number in request.GET.getlist("activities")}
    return render(request, "ilp/picker_list.html", _picker(here, chosen, (), text))


def _back(here: Visit, student_id: UUID) -> HttpResponse:
    """To the review while one is open, else to the plan."""
    try:
        plans.review(here.actor, student_id)
    except NotFound:
        return redirect("plan", here.handle, student_id)
    return redirect("review", here.handle, student_id)


def _form(request: HttpRequest, here: Visit, student_id: UUID, target_id: UUID | None, subject: str) -> HttpResponse:
    page = plans.target_page(here.actor, student_id, target_id)
    linked = page.linked
    known = {a.id: a.label for a in (*_offered(here), *linked)}
    conflict: TargetView | None = None
    searching = request.method == "POST" and "find" in request.POST.getlist("go")
    if request.method == "POST" and not searching:
        form = TargetForm(request.POST, page=page, known=known)
        if form.is_valid():
            try:
                _agree(here, student_id, page, form, request)
            except Invalid as invalid:
                for name, code in invalid.errors.items():
                    name = _FIELD.get(name, name)
                    form.add_error(name if name in form.fields else None, error_sentence(code))
            except Conflict as clash:
                conflict = clash.current
            else:
                plans.clear_drafts(here.actor, subject)
                return _back(here, student_id)
    else:
        initial = TargetForm.initial_of(page, plans.drafts(here.actor, subject))
        if searching:  # without script the search is a submit: everything typed comes back
            posted = request.POST
            initial |= posted.dict() | {"activities": [whole(number) for number in posted.getlist("activities")]}
            initial |= {"contexts": posted.getlist("contexts")}
        form = TargetForm(initial=initial, page=page, known=known)
    chosen = {whole(str(number)) for number in form["activities"].value() or ()}
    status = 200
    if form.is_bound:
        status = 409 if conflict else 422
    return render(
        request,
        "ilp/target.html",
        {
            "form": form,
            "card": page.stands,
            "conflict": conflict,
            "version": conflict.version if conflict else page.stands.version if page.stands else 0,
            "student": page.student,
            "steps": rows_of(page, request.POST if request.method == "POST" else None),
            "asks_steps": "steps" not in page.hidden,
            "voices": list(Voice),
            "areas_told": [area for area in page.framework.areas if area.prompt or area.examples],
            "alike": _alike(here, student_id, form),
            "subject": subject,
            **_picker(here, chosen, linked, request.POST.get("find", "")),
        },
        status=status,
    )


def _agree(here: Visit, student_id: UUID, page: TargetPage, form: TargetForm, request: HttpRequest) -> None:
    if page.stands is None:
        plans.agree_target(here.actor, student_id, form.change())
    else:
        version = whole(request.POST.get("version", "")) or page.stands.version
        plans.change_target(here.actor, page.stands.id, form.change(), version=version)


def _alike(here: Visit, student_id: UUID, form: TargetForm) -> tuple[Alike, ...]:
    """Classmates' targets that say nearly what stands in the form: a warning beside it, never in the way."""
    wording = str(form["wording"].value() or "")
    return plans.alike_in_class(here.actor, student_id, wording) if wording.strip() else ()


def _may_pick(here: Visit) -> bool:
    """A key worker who teaches none of the student's courses has no activities to offer."""
    return plans.allows(here.actor, Act.PICK_ACTIVITIES)


def _offered(here: Visit) -> tuple[ActivityView, ...]:
    return plans.activities(here.actor) if _may_pick(here) else ()


def _picker(here: Visit, chosen: set[int], linked: Iterable[ActivityView], text: str) -> dict[str, Any]:
    """Chosen first, then found; an activity linked from another course stays chosen though no search finds it."""
    every = {activity.id: activity for activity in (*_offered(here), *linked)}
    found = plans.find_activities(here.actor, text, limit=FOUND_AT_MOST) if _may_pick(here) else ()
    return {
        "may_pick": _may_pick(here),
        "find": text,
        "chosen": [every[number] for number in sorted(chosen) if number in every],
        "found": [activity for activity in found if activity.id not in chosen],
        "many": len(found) >= FOUND_AT_MOST,
    }
