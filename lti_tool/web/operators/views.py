"""The operator's pages. They name schools and their connections, and nothing inside them: no person, no plan."""

from typing import Any
from uuid import UUID

from django.db import IntegrityError
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from lti_tool.lti import api as lti
from lti_tool.lti import connections
from lti_tool.plans import api as plans

from ..setup.words import family_name
from .door import operator, show


@operator
@require_GET
def schools(request: HttpRequest) -> HttpResponse:
    return _schools(request)


@operator
@require_POST
def new_school(request: HttpRequest) -> HttpResponse:
    """A new school, with its first code and registration link, both shown this once."""
    name = " ".join(request.POST.get("name", "").split())
    if not 0 < len(name) <= 200:
        return _schools(request, status=422, name=name, error=_("Give the school a name of 1 to 200 characters."))
    try:
        school_id = plans.create_school(name)
    except IntegrityError:
        return _schools(request, status=422, name=name, error=_("There is a school of that name already."))
    shown = {"code": _code(request, school_id), "link": _link(request, school_id)}
    return _school(request, school_id, status=201, **shown)


@operator
@require_GET
def school(request: HttpRequest, school_id: UUID) -> HttpResponse:
    """One school: its connections, each with a switch."""
    return _school(request, school_id)


@operator
@require_POST
def new_code(request: HttpRequest, school_id: UUID) -> HttpResponse:
    """Another code for a school, shown this once."""
    _name(school_id)
    return _school(request, school_id, code=_code(request, school_id))


@operator
@require_POST
def new_link(request: HttpRequest, school_id: UUID) -> HttpResponse:
    """Another registration link for a school, shown this once."""
    _name(school_id)
    return _school(request, school_id, link=_link(request, school_id))


@operator
@require_POST
def switch_site(request: HttpRequest, school_id: UUID, deployment_pk: int) -> HttpResponse:
    """Shut a learning site out at once, or let it in again. Nothing is deleted."""
    _name(school_id)
    on = request.POST.get("state") == "on"
    if connections.switch(school_id, deployment_pk, on=on):
        verb = "deployment.switched_on" if on else "deployment.switched_off"
        plans.record_event(school_id, verb, "deployment", deployment_pk, detail={"operator": request.user.pk})
    elif deployment_pk not in {site.pk for site in connections.connections(school_id)}:
        raise Http404
    done = _("Switched on again.") if on else _("Switched off. It opens nothing any more; what is stored stays.")
    return _school(request, school_id, done=done)


@operator
@require_POST
def take_back(request: HttpRequest, school_id: UUID, deployment_pk: int) -> HttpResponse:
    """A learning site is to be retired: what was written into its gradebooks is taken back first (T55)."""
    _name(school_id)
    if deployment_pk not in {site.pk for site in connections.connections(school_id) if site.is_on}:
        raise Http404
    number = lti.take_back_site(school_id, deployment_pk)
    plans.record_event(
        school_id, "deployment.marks_taken_back", "deployment", deployment_pk, detail={"operator": request.user.pk}
    )
    return _school(request, school_id, taking=number)


def _code(request: HttpRequest, school_id: UUID) -> str:
    plans.record_event(school_id, "school_code.made", "school", school_id, detail={"operator": request.user.pk})
    return lti.school_code(school_id)


def _link(request: HttpRequest, school_id: UUID) -> str:
    plans.record_event(school_id, "registration_link.made", "school", school_id, detail={"operator": request.user.pk})
    return lti.registration_link(school_id)


def _name(school_id: UUID) -> str:
    name = dict(plans.schools()).get(school_id)
    if name is None:
        raise Http404
    return name


def _schools(request: HttpRequest, *, status: int = 200, **shown: str) -> HttpResponse:
    sites = connections.numbers()
    rows = [(school_id, name, sites.get(school_id, 0)) for school_id, name in plans.schools()]
    return show(request, "schools.html", {"schools": rows, **shown}, status=status)


def _school(request: HttpRequest, school_id: UUID, *, status: int = 200, **shown: Any) -> HttpResponse:
    sites = [(family_name(site.product_family), site) for site in connections.connections(school_id)]
    context = {"id": school_id, "school": _name(school_id), "sites": sites, **shown}
    return show(request, "school.html", context, status=status)
