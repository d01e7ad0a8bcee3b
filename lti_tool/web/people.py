"""Pages of people beside the class: a family's, and the list of whoever looks after single students."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from lti_tool.plans import api as plans
from lti_tool.plans.data import Role
from lti_tool.plans.exceptions import Invalid, NotFound

from .forms import about_at_home, lines
from .pages import render
from .reviews import where_left
from .session import ANYONE, APPOINTED, Visit, visit

FAMILY = frozenset({Role.FAMILY})


@visit(roles=APPOINTED)
def students(request: HttpRequest, here: Visit) -> HttpResponse:
    """The students somebody was appointed to, and what others shared with them."""
    return students_page(request, here)


def students_page(request: HttpRequest, here: Visit) -> HttpResponse:
    context = {
        "students": plans.my_students(here.actor),
        "shared": plans.shared_with_me(here.actor),
        "provider": Role.PROVIDER in here.actor.roles,
    } | where_left(here)
    return render(request, "ilp/people/students.html", context)


@visit(roles=FAMILY)
def family(request: HttpRequest, here: Visit) -> HttpResponse:
    """The family's children; the child's own page where there is one."""
    return family_page(request, here)


def family_page(request: HttpRequest, here: Visit) -> HttpResponse:
    try:
        children, only_sheets = plans.my_children(here.actor), plans.children_of_sheets(here.actor)
    except NotFound:
        children = only_sheets = ()
    if len(children) == 1 and not only_sheets:
        return _child_page(request, here, children[0].id)
    return render(request, "ilp/people/family.html", {"children": children, "only_sheets": only_sheets})


@visit(roles=ANYONE)
def child(request: HttpRequest, here: Visit, student_id: UUID) -> HttpResponse:
    """One child's plan, as far as it is shared with home, and what the school asks the family."""
    return _child_page(request, here, student_id)


@visit(roles=ANYONE)
def child_story(request: HttpRequest, here: Visit, student_id: UUID) -> HttpResponse:
    """What happened, in order, as far as it is shared with home."""
    student, pieces = plans.home_story(here.actor, student_id)
    return render(request, "ilp/people/story.html", {"student": student, "pieces": pieces})


def _child_page(request: HttpRequest, here: Visit, student_id: UUID) -> HttpResponse:
    page = plans.at_home(here.actor, student_id)
    try:
        sheets = plans.sheets(here.actor, student_id).sheets
    except NotFound:  # who may read the plan at home need not be asked about it
        sheets = ()
    context = {"page": page, "sheets": sheets, "asked": any(sheet.way is None for sheet in sheets)}
    context |= {"missing": request.GET.get("missing", ""), "saved": "saved" in request.GET}
    return render(request, "ilp/people/child.html", context)


@visit(roles=ANYONE)
def home_review(request: HttpRequest, here: Visit, student_id: UUID, review_id: UUID) -> HttpResponse:
    """One agreed review as the family reads it, and where it says whether it agrees."""
    review = plans.home_review(here.actor, review_id)
    if review.student.id != student_id:
        raise NotFound
    context = {
        "review": review,
        "about": about_at_home(review),
        "missing": request.GET.get("missing", ""),
        "saved": "saved" in request.GET,
    }
    return render(request, "ilp/people/review.html", context)


@visit(roles=FAMILY, methods=("POST",))
def home_sign(request: HttpRequest, here: Visit, student_id: UUID) -> HttpResponse:
    """The family signs up to the plan, or says why it does not agree."""
    agrees = request.POST.get("agrees") == "1"
    address = reverse("home", args=[here.handle, student_id])
    text = lines(request.POST.get("agree_text", ""))
    try:
        plans.sign(here.actor, student_id, request.POST.get("signer", ""), agrees=agrees, text=text)
    except Invalid:
        return redirect(f"{address}?missing=sign#signed")
    return redirect(f"{address}?saved=1#signed")
