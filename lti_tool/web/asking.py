"""Asking the school to put something right, or to delete its record: for a learner and their family (T50, T54).

Nothing is changed or deleted by asking. The school's office reads it and answers, and the answer stands here.
"""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from lti_tool.plans import api as plans
from lti_tool.plans.exceptions import Invalid

from .pages import render
from .session import ANYONE, Visit, visit


@visit(roles=ANYONE)
def ask(request: HttpRequest, here: Visit, student_id: UUID) -> HttpResponse:
    """What was asked, what the school answered, and a form for each."""
    return _page(request, here, student_id)


@visit(roles=ANYONE, methods=("POST",))
def ask_correction(request: HttpRequest, here: Visit, student_id: UUID) -> HttpResponse:
    """Something in the record is wrong: a question that somebody answers."""
    wrong = request.POST.get("wrong", "")
    try:
        plans.ask_correction(here.actor, student_id, wrong=wrong)
    except Invalid as invalid:
        return _page(request, here, student_id, errors=invalid.errors, wrong=wrong, status=422)
    return redirect("ask", here.handle, student_id)


@visit(roles=ANYONE, methods=("POST",))
def ask_erasure(request: HttpRequest, here: Visit, student_id: UUID) -> HttpResponse:
    """The school's record: a request that somebody decides."""
    why = request.POST.get("why", "")
    try:
        plans.ask_erasure(here.actor, student_id, why=why)
    except Invalid as invalid:
        return _page(request, here, student_id, errors=invalid.errors, why=why, status=422)
    return redirect("ask", here.handle, student_id)


def _page(
    request: HttpRequest,
    here: Visit,
    student_id: UUID,
    *,
    errors: dict[str, str] | None = None,
    wrong: str = "",
    why: str = "",
    status: int = 200,
) -> HttpResponse:
    context = {
        "student_id": student_id,
        "own": student_id == here.actor.person_id,
        "correction": plans.my_correction(here.actor, student_id),
        "asked": plans.my_erasure(here.actor, student_id),
        "errors": errors or {},
        "wrong": wrong,
        "why": why,
    }
    return render(request, "ilp/mine/ask.html", context, status=status)
