"""What somebody reported, for the second adult who looks (T41)."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from lti_tool.plans import api as plans

from .pages import render
from .session import ANYONE, Visit, proven, visit


@visit(roles=ANYONE)
def reported(request: HttpRequest, here: Visit) -> HttpResponse:
    """Everything that waits, in words only: nobody has to open a picture to decide."""
    return render(request, "ilp/work/reports.html", {"reported": plans.reported(here.actor)})


@visit(roles=ANYONE, methods=("POST",))
def need(request: HttpRequest, here: Visit, student_id: UUID, statement_id: UUID) -> HttpResponse:
    """One statement about a learner is not right: out of sight at once, and a second adult looks."""
    plans.report_need(here.actor, statement_id)
    return render(request, "ilp/work/reported.html")


@visit(roles=ANYONE, methods=("POST",))
def talk(request: HttpRequest, here: Visit, student_id: UUID, talk_id: UUID) -> HttpResponse:
    """The same of what is kept of a talk."""
    plans.report_talk(here.actor, talk_id)
    return render(request, "ilp/work/reported.html")


@visit(roles=ANYONE, methods=("POST",))
def answers(request: HttpRequest, here: Visit, sheet_id: UUID) -> HttpResponse:
    """The same of what was answered on a sheet."""
    plans.report_answers(here.actor, sheet_id)
    return render(request, "ilp/work/reported.html")


def settle(request: HttpRequest, here: Visit, row_id: UUID, otherwise: str) -> HttpResponse:
    """The second adult's word: show it again, or delete it. Then back to where they were."""
    keep = request.POST.get("go") == "keep"
    if not keep:
        proven(here)
    plans.settle_report(here.actor, row_id, keep=keep)
    return redirect(reverse("reported", args=[here.handle]) if request.POST.get("of") == "reported" else otherwise)
