"""One round of reviews, as a placement in a course opens it: the class's list, or a student's own review."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from lti_tool.lti import api as lti
from lti_tool.plans import api as plans
from lti_tool.plans.data import Role
from lti_tool.plans.exceptions import NotFound

from .pages import render
from .reviews import show_mine
from .session import LEARNER, STAFF, TEACHER, Visit, visit


@visit(roles=LEARNER | STAFF, methods=("GET", "POST"))
def cycle(request: HttpRequest, here: Visit, cycle_id: UUID) -> HttpResponse:
    """POST is a read too: it brings the secret in its body where no cookie was kept."""
    if here.actor.role is Role.LEARNER:
        return _own(request, here, cycle_id)
    panel = plans.cycle_panel(here.actor, cycle_id)
    columns = _columns(here, cycle_id) if here.actor.roles & TEACHER else []
    return render(request, "ilp/cycle.html", {"panel": panel, "columns": columns})


@visit(roles=TEACHER, methods=("POST",))
def tell(request: HttpRequest, here: Visit, cycle_id: UUID) -> HttpResponse:
    """Switch on or off that this course's gradebook column is told of reviews that are done."""
    plans.cycle_panel(here.actor, cycle_id)  # a teacher of this class, and a round of this school
    column = next((row for row in _columns(here, cycle_id) if str(row.id) == request.POST.get("column")), None)
    if column is None:
        raise NotFound
    lti.switch_placement(
        here.actor.school_id,
        column.id,
        on=request.POST.get("state") == "on",
        actor=here.actor,
        course_id=here.actor.course_id,
    )
    return redirect("cycle", here.handle, cycle_id)


def _own(request: HttpRequest, here: Visit, cycle_id: UUID) -> HttpResponse:
    """A student reads their review once it is closed (001.12). Here, not by a redirect: that would lose a secret."""
    one = plans.cycle(here.actor.school_id, cycle_id)
    review_id = plans.cycle_review(here.actor, here.actor.person_id, one.code)
    if review_id is None:
        return render(request, "ilp/cycle_none.html", {"cycle": one})
    return show_mine(request, plans.review(here.actor, review_id))


def _columns(here: Visit, cycle_id: UUID) -> list[lti.ToldPlacement]:
    """Where this course's gradebook has a column for the round."""
    columns = lti.told_placements(here.actor.school_id, course_id=here.actor.course_id)
    return [column for column in columns if column.cycle_id == cycle_id]
