"""An operator's own log-in: password and second factor, both given each time, both changed here (T71)."""

import logging

from django.contrib import auth
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_otp import login as otp_login
from django_otp.plugins.otp_totp.models import TOTPDevice

from lti_tool.lti import ratelimit

from . import factors
from .door import operator, show

log = logging.getLogger(__name__)


@csrf_protect
@require_http_methods(["GET", "POST"])
def log_in(request: HttpRequest) -> HttpResponse:
    """Name, password and code at once. What of them was wrong is not said."""
    if request.method == "GET":
        return show(request, "log_in.html")
    if ratelimit.wait_seconds(request, "OPERATOR"):
        return _not_in(request, _("Too many tries. Wait a minute."), 429)
    name = request.POST.get("username", "")
    user = auth.authenticate(request, username=name, password=request.POST.get("password", ""))
    if user is None:
        known = auth.get_user_model().objects.filter(username=name).first()
        if known is not None:
            factors.count_failure(known)
    device = factors.given(user, request.POST.get("otp_token", "")) if user is not None else None
    if device is None:
        log.warning("an operator's log-in was refused")
        return _not_in(request, _("That did not work. Check the name, the password and the code."), 403)
    auth.login(request, user)
    otp_login(request, device)
    log.info("operator %s logged in", user.pk)
    # With a backup code the authenticator is gone, or at home: the next step is a new one.
    return redirect("operator-schools" if isinstance(device, TOTPDevice) else "operator-account")


def _not_in(request: HttpRequest, error: str, status: int) -> HttpResponse:
    context = {"error": error, "username": request.POST.get("username", "")[:150]}
    return show(request, "log_in.html", context, status=status)


@operator
@require_POST
def log_out(request: HttpRequest) -> HttpResponse:
    auth.logout(request)
    return redirect("operator-log-in")


@operator
@require_GET
def account(request: HttpRequest) -> HttpResponse:
    return _account(request)


@operator
@require_POST
def change_password(request: HttpRequest) -> HttpResponse:
    """A new password; every other session of the operator ends."""
    if wrong := _password_trouble(request):
        return _account(request, status=403, wrong={"password": wrong})
    wanted = request.POST.get("new_password", "")
    if wanted != request.POST.get("once_more", ""):
        return _account(request, status=422, wrong={"new": _("The two new passwords differ.")})
    try:
        validate_password(wanted, request.user)
    except ValidationError as error:
        return _account(request, status=422, wrong={"new": " ".join(error.messages)})
    request.user.set_password(wanted)
    request.user.save(update_fields=["password"])
    auth.update_session_auth_hash(request, request.user)
    log.info("operator %s changed the password", request.user.pk)
    return _account(request, done=_("Your password is changed."))


@operator
@require_POST
def backup_codes(request: HttpRequest) -> HttpResponse:
    """Ten new backup codes, shown this once."""
    if wrong := _password_trouble(request):
        return _account(request, status=403, wrong={"codes": wrong})
    log.info("operator %s made new backup codes", request.user.pk)
    return _account(request, codes=factors.new_backup_codes(request.user))


@operator
@require_POST
def new_authenticator(request: HttpRequest) -> HttpResponse:
    """First the secret of a new authenticator, then a code of it: only then does it take the old one's place."""
    if "otp_token" in request.POST:
        device = factors.accept_authenticator(request.user, request.POST["otp_token"])
        if device is None:
            return _account(
                request, status=422, wrong={"authenticator": _("That was not its code. Start again here.")}
            )
        otp_login(request, device)
        log.info("operator %s has a new authenticator", request.user.pk)
        return _account(request, done=_("Your new authenticator is in force. The old one no longer works."))
    if wrong := _password_trouble(request):
        return _account(request, status=403, wrong={"authenticator": wrong})
    device = factors.offer_authenticator(request.user)
    return _account(request, offered={"secret": factors.secret_of(device), "address": device.config_url})


def _password_trouble(request: HttpRequest) -> str:
    """Empty where the password came along: somebody who sat down at an open browser does not know it."""
    if not factors.may_try(request.user):
        return _("There were wrong tries. Wait a little, seventeen minutes at most, then try again.")
    if request.user.check_password(request.POST.get("password", "")):
        return ""
    factors.count_failure(request.user)
    return _("That is not your password.")


def _account(request: HttpRequest, *, status: int = 200, **shown: object) -> HttpResponse:
    context = {"codes_left": factors.codes_left(request.user), "shortest": 15, **shown}
    return show(request, "account.html", context, status=status)
