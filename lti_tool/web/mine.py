"""What a learner can see, take and delete of what is kept about them (T24, T44, T50, T52)."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from lti_tool.plans import api as plans
from lti_tool.plans.exceptions import Invalid

from .pages import render
from .record_package import package
from .session import ANYONE, LEARNER, Visit, visit


@visit(roles=ANYONE)
def opened(request: HttpRequest, here: Visit, student_id: UUID) -> HttpResponse:
    """Who opened the plan: for its learner and their family."""
    context = {
        "openings": plans.who_opened(here.actor, student_id),
        "own": student_id == here.actor.person_id,
        "student_id": student_id,
    }
    return render(request, "ilp/mine/opened.html", context)


@visit(roles=LEARNER)
def mine(request: HttpRequest, here: Visit) -> HttpResponse:
    """Everything a learner can do with their own data, on one page."""
    return _page(request, here)


def _page(
    request: HttpRequest,
    here: Visit,
    *,
    deleted: int | None = None,
    error: str = "",
    why: str = "",
    status: int = 200,
) -> HttpResponse:
    context = {
        "student_id": here.actor.person_id,
        "asked": plans.my_erasure(here.actor, here.actor.person_id),
        "deleted": deleted,
        "error": error,
        "why": why,
    }
    return render(request, "ilp/mine/page.html", context, status=status)


@visit(roles=LEARNER, methods=("POST",))
def record(request: HttpRequest, here: Visit) -> HttpResponse:
    """The whole record as one package. POST, since taking it leaves an event."""
    response = HttpResponse(
        package(plans.export_record(here.actor, here.actor.person_id)), content_type="application/zip"
    )
    response["Content-Disposition"] = 'attachment; filename="my-learning-plan.zip"'
    return response


@visit(roles=LEARNER, methods=("POST",))
def delete(request: HttpRequest, here: Visit) -> HttpResponse:
    """What is only the learner's goes now."""
    return _page(request, here, deleted=plans.delete_mine(here.actor))


@visit(roles=ANYONE, methods=("POST",))
def ask_erasure(request: HttpRequest, here: Visit, student_id: UUID) -> HttpResponse:
    """The school's record: a request that somebody decides."""
    why = request.POST.get("why", "")
    try:
        plans.ask_erasure(here.actor, student_id, why=why)
    except Invalid as invalid:
        return _page(request, here, error=invalid.errors["why"], why=why, status=422)
    own = student_id == here.actor.person_id
    return redirect("mine", here.handle) if own else redirect("home", here.handle, student_id)
