"""The operator's pages. They name schools and nothing inside them: no person, no plan."""

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib import auth
from django.db import IntegrityError, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_otp import login as otp_login
from django_otp.plugins.otp_totp.models import TOTPDevice

from lti_tool.lti import api as lti
from lti_tool.lti import ratelimit
from lti_tool.plans import api as plans

log = logging.getLogger(__name__)
View = Callable[..., HttpResponse]


def operator(view: View) -> View:
    """A page for an operator who gave password *and* second factor; everybody else is sent to give both."""

    @wraps(view)
    def page(request: HttpRequest, **ids: Any) -> HttpResponse:
        if not (request.user.is_authenticated and request.user.is_active and request.user.is_verified()):
            return redirect("operator-log-in")
        return view(request, **ids)

    return csrf_protect(page)


@csrf_protect
@require_http_methods(["GET", "POST"])
def log_in(request: HttpRequest) -> HttpResponse:
    """Name, password and code at once. What of them was wrong is not said."""
    if request.method == "GET":
        return render(request, "ilp/operators/log_in.html")
    if ratelimit.wait_seconds(request, "OPERATOR"):
        return _not_in(request, _("Too many tries. Wait a minute."), 429)
    user = auth.authenticate(
        request, username=request.POST.get("username", ""), password=request.POST.get("password", "")
    )
    device = _second_factor(user, request.POST.get("otp_token", "")) if user is not None else None
    if device is None:
        log.warning("an operator's log-in was refused")
        return _not_in(request, _("That did not work. Check the name, the password and the code."), 403)
    auth.login(request, user)
    otp_login(request, device)
    log.info("operator %s logged in", user.pk)
    return redirect("operator-schools")


@transaction.atomic
def _second_factor(user: Any, code: str) -> TOTPDevice | None:
    """The user's authenticator when the code is its own, was not used before, and not too many were wrong."""
    device = TOTPDevice.objects.select_for_update().filter(user=user, confirmed=True).first()
    if device is None or not device.verify_is_allowed()[0]:
        return None
    return device if device.verify_token(code) else None


def _not_in(request: HttpRequest, error: str, status: int) -> HttpResponse:
    return render(request, "ilp/operators/log_in.html", {"error": error}, status=status)


@operator
@require_POST
def log_out(request: HttpRequest) -> HttpResponse:
    auth.logout(request)
    return redirect("operator-log-in")


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
        return _schools(request, status=422, error=_("Give the school a name of 1 to 200 characters."))
    try:
        school_id = plans.create_school(name)
    except IntegrityError:
        return _schools(request, status=422, error=_("There is a school of that name already."))
    return _schools(
        request, school=name, code=_code(request, school_id), link=lti.registration_link(school_id), status=201
    )


@operator
@require_POST
def new_code(request: HttpRequest, school_id: UUID) -> HttpResponse:
    """Another code for a school, shown this once."""
    name = dict(plans.schools()).get(school_id)
    if name is None:
        raise Http404
    return _schools(request, school=name, code=_code(request, school_id))


def _code(request: HttpRequest, school_id: UUID) -> str:
    plans.record_event(school_id, "school_code.made", "school", school_id, detail={"operator": request.user.pk})
    return lti.school_code(school_id)


def _schools(request: HttpRequest, *, status: int = 200, **shown: str) -> HttpResponse:
    return render(request, "ilp/operators/schools.html", {"schools": plans.schools(), **shown}, status=status)
