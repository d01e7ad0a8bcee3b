"""The learner's own page before a review: their part comes first (002.18)."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from lti_tool.plans import api as plans
from lti_tool.plans.data import Preparation
from lti_tool.plans.exceptions import Invalid

from .forms import lines
from .pages import render
from .session import LEARNER, Visit, visit
from .words import audience_of

SUBJECT = "preparation"


@visit(roles=LEARNER, methods=("GET", "POST"))
def preparation(request: HttpRequest, here: Visit) -> HttpResponse:
    """GET shows the questions and the targets; POST shares what was written and how each target is seen."""
    page = plans.preparation(here.actor)
    if request.method != "POST":
        return _show(request, page)
    told = {answer.field.key: lines(request.POST.get(f"answer:{answer.field.key}", "")) for answer in page.answers}
    errors: dict[str, str] = {}
    with transaction.atomic():
        try:
            plans.prepare(here.actor, told, audience=audience_of(request.POST))
        except Invalid as invalid:
            errors |= invalid.errors
        for target_id, _wording, seen in page.targets:
            errors |= _see(here, request, target_id, (seen.level, seen.text) if seen else ("", ""))
        transaction.set_rollback(bool(errors))
    if errors:
        return _show(request, page, errors=errors)
    plans.clear_drafts(here.actor, SUBJECT)
    return redirect(reverse("preparation", args=[here.handle]) + "?saved=1")


def _see(here: Visit, request: HttpRequest, target_id: UUID, stands: tuple[str, str]) -> dict[str, str]:
    level, text = request.POST.get(f"level:{target_id}", ""), lines(request.POST.get(f"see:{target_id}", ""))
    if (level, text) == stands or not (level or text):
        return {}
    try:
        plans.say_opinion(here.actor, target_id=target_id, level=level, text=text)
    except Invalid as invalid:
        return {str(target_id): code for code in invalid.errors.values()}
    return {}


def _show(request: HttpRequest, page: Preparation, *, errors: dict[str, str] | None = None) -> HttpResponse:
    typed: Any = request.POST if errors else page.drafts
    answers = [
        {
            "field": answer.field,
            "text": typed.get(f"answer:{answer.field.key}", answer.words.text if answer.words else ""),
            "error": (errors or {}).get(answer.field.key, ""),
        }
        for answer in page.answers
    ]
    targets = [
        {
            "id": target_id,
            "wording": wording,
            "level": typed.get(f"level:{target_id}", seen.level if seen else ""),
            "text": typed.get(f"see:{target_id}", seen.text if seen else ""),
            "error": (errors or {}).get(str(target_id), ""),
        }
        for target_id, wording, seen in page.targets
    ]
    context = {
        "page": page,
        "answers": answers,
        "targets": targets,
        "errors": errors,
        "saved": "saved" in request.GET and not errors,
        "for_home": "not_for_home" not in request.POST if errors else page.at_home,
        "subject": SUBJECT,
        "student_id": page.student.id,
        "own": True,
    }
    return render(request, "ilp/plan/preparation.html", context, status=422 if errors else 200)
