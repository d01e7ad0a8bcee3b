"""Programmes and sites compared, for leaders (002.8)."""

from django.http import HttpRequest, HttpResponse

from lti_tool.plans import api as plans
from lti_tool.plans.data import Role

from .pages import render
from .session import Visit, visit


@visit(roles=frozenset({Role.PHASE_LEADER, Role.LEADERSHIP}))
def programmes(request: HttpRequest, here: Visit) -> HttpResponse:
    """What plans say of each programme and each place of learning, in figures alone."""
    return render(request, "ilp/programmes.html", {"compared": plans.compare_programmes(here.actor)})
