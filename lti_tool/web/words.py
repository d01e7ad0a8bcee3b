"""What people said in a review: whether it is for home (T30), and that something in it is not right (T41)."""

from collections.abc import Mapping
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from lti_tool.plans import api as plans
from lti_tool.plans.data import Audience
from lti_tool.plans.exceptions import Invalid

from . import pages, reports
from .pages import render
from .session import ANYONE, LEARNER, TEACHER, Visit, visit


def audience_of(posted: Mapping[str, str]) -> Audience | None:
    """Who the learner's words are for, as a form with the tick says; None where the form did not ask."""
    if "home_asked" not in posted:
        return None
    return Audience.NOT_FOR_HOME if "not_for_home" in posted else Audience.SHARED


@visit(roles=LEARNER, methods=("POST",))
def at_home(request: HttpRequest, here: Visit, student_id: UUID, review_id: UUID) -> HttpResponse:
    """The learner keeps their words in this review from home, or lets them go there, whenever they like."""
    plans.set_at_home(here.actor, review_id, at_home="not_for_home" not in request.POST)
    return redirect("past-review", here.handle, student_id, review_id)


@visit(roles=TEACHER, methods=("POST",))
def send_home(request: HttpRequest, here: Visit, student_id: UUID, words_id: UUID) -> HttpResponse:
    """Staff let the family read what the learner kept from home. Without a reason: 403, and what is missing."""
    try:
        plans.send_home(here.actor, words_id, reason=request.POST.get("reason", ""))
    except Invalid:
        return pages.refusal(request, "reason_first", status=403)
    return redirect("review", here.handle, student_id)


@visit(roles=ANYONE, methods=("POST",))
def report(request: HttpRequest, here: Visit, student_id: UUID, words_id: UUID) -> HttpResponse:
    """Something is not right here: out of sight at once, and a second adult looks."""
    plans.report_words(here.actor, words_id)
    return render(request, "ilp/work/reported.html")


@visit(roles=ANYONE, methods=("POST",))
def report_review(request: HttpRequest, here: Visit, student_id: UUID, review_id: UUID) -> HttpResponse:
    """The same of a review with all that was judged and said in it."""
    plans.report_review(here.actor, review_id)
    return render(request, "ilp/work/reported.html")


@visit(roles=ANYONE, methods=("POST",))
def settle(request: HttpRequest, here: Visit, student_id: UUID, words_id: UUID) -> HttpResponse:
    """The second adult's word: show it again, or delete it."""
    return reports.settle(request, here, words_id, reverse("review", args=[here.handle, student_id]))
