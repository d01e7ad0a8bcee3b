"""What a learner can see, take and delete of what is kept about them (T24, T44, T50, T52)."""

from collections.abc import Mapping
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
    typed: Mapping[str, str] | None = None,
    name_errors: Mapping[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    name = plans.my_name(here.actor)
    context = {
        "name": name,
        "own": typed["own"] if typed else name.own,
        "pronouns": typed["pronouns"] if typed else name.pronouns,
        "name_errors": name_errors or {},
        "student_id": here.actor.person_id,
        "asked": plans.my_erasure(here.actor, here.actor.person_id),
        "deleted": deleted,
    }
    return render(request, "ilp/mine/page.html", context, status=status)


@visit(roles=LEARNER, methods=("POST",))
def my_name(request: HttpRequest, here: Visit) -> HttpResponse:
    """The name the learner uses, and how to speak of them (T93)."""
    typed = {key: request.POST.get(key, "") for key in ("own", "pronouns")}
    try:
        plans.set_my_name(here.actor, **typed)
    except Invalid as invalid:
        return _page(request, here, typed=typed, name_errors=invalid.errors, status=422)
    return redirect("mine", here.handle)


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
