"""Where a signed launch meets a deployment that is nobody's yet: the school's code makes it the school's."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from . import claiming, pages, ratelimit
from .claims import Launch
from .models import Platform
from .refusals import Refused

WRONG = _("That is not a code that works. Look again: a code works once, and for a week.")
TOO_MANY = _("Too many wrong codes. Wait an hour, then open this page again.")


def ask(request: HttpRequest, launch: Launch, platform: Platform) -> HttpResponse:
    """The page with the code's field, for the person of a verified launch."""
    token = claiming.begin(launch, platform)
    here = claiming.visit(token)
    if here is None:
        raise Refused("state_unknown")
    return _form(request, token, here.frame_ancestors, here.locale, status=403)


def claim(request: HttpRequest) -> HttpResponse:
    """The code, typed. Only the document of a verified launch holds the token that comes with it."""
    if request.method != "POST":
        return _refuse(request, Refused("method"))
    wait = ratelimit.wait_seconds(request, "CODE")
    if wait:
        return _refuse(request, Refused("rate", retry_after=wait))
    token = request.POST.get("token", "")
    here = claiming.visit(token)
    if here is None:
        return _refuse(request, Refused("state_unknown"))
    ancestors = here.frame_ancestors
    try:
        claiming.claim(here, request.POST.get("code", ""))
    except claiming.WrongCode:
        return _form(request, token, ancestors, here.locale, status=422, error=WRONG)
    except claiming.TooManyCodes:
        return _form(request, token, ancestors, here.locale, status=429, error=TOO_MANY)
    return pages.page(request, "claimed.html", {}, ancestors=ancestors.split(), locale=here.locale)


def _form(
    request: HttpRequest, token: str, ancestors: str, locale: str, *, status: int, error: Promise | None = None
) -> HttpResponse:
    context = {"token": token, "claim_url": reverse("lti-claim"), "error": error}
    return pages.page(request, "claim.html", context, ancestors=ancestors.split(), status=status, locale=locale)


def _refuse(request: HttpRequest, refused: Refused) -> HttpResponse:
    refused.record("claim", None)
    return pages.refusal(request, refused)
