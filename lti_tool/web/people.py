"""Pages of people beside the class: a family's, and the list of whoever looks after single students."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse

from lti_tool.plans import api as plans
from lti_tool.plans.data import Role
from lti_tool.plans.exceptions import NotFound

from .pages import render
from .session import ANYONE, APPOINTED, Visit, visit

FAMILY = frozenset({Role.FAMILY})


@visit(roles=APPOINTED)
def students(request: HttpRequest, here: Visit) -> HttpResponse:
    """The students somebody was appointed to, and what others shared with them."""
    return students_page(request, here)


def students_page(request: HttpRequest, here: Visit) -> HttpResponse:
    context = {"students": plans.my_students(here.actor), "shared": plans.shared_with_me(here.actor)}
    return render(request, "ilp/people/students.html", context)


@visit(roles=FAMILY)
def family(request: HttpRequest, here: Visit) -> HttpResponse:
    """The family's children; the child's own page where there is one."""
    return family_page(request, here)


def family_page(request: HttpRequest, here: Visit) -> HttpResponse:
    try:
        children = plans.my_children(here.actor)
    except NotFound:
        children = ()
    if len(children) == 1:
        return _child_page(request, here, children[0].id)
    return render(request, "ilp/people/family.html", {"children": children})


@visit(roles=ANYONE)
def child(request: HttpRequest, here: Visit, student_id: UUID) -> HttpResponse:
    """One child's plan, as far as it is shared with home."""
    return _child_page(request, here, student_id)


def _child_page(request: HttpRequest, here: Visit, student_id: UUID) -> HttpResponse:
    return render(request, "ilp/people/child.html", {"page": plans.at_home(here.actor, student_id)})
