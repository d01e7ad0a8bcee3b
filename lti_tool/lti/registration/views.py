"""The registration link in a browser: an LMS opens it in a frame or a window with its own address in the query."""

import logging

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from lti_tool.lti import pages, ratelimit
from lti_tool.lti.models import RegistrationLink
from lti_tool.lti.refusals import Refused
from lti_tool.lti.sessions import frame_ancestors, origin

from . import links
from . import register as registration
from .documents import canvas_configuration
from .register import Failed
from .steps import steps_after

log = logging.getLogger(__name__)

_NEW_LINK = _("Ask the person who runs this tool for a new registration link.")
_LATER = _("The link still works: wait a minute, then open it from your learning site again.")
_CHECK = _("The link still works: ask the makers of your learning site what is wrong, then open it again.")

# By code, the longest beginning counts: what happened, what to do.
_FAILURES: dict[str, tuple[Promise, Promise]] = {
    "link_unknown": (_("This registration link is not one of ours."), _("Check that the whole link was copied.")),
    "link_used": (_("This registration link was used already. Each link works once."), _NEW_LINK),
    "link_expired": (_("This registration link is too old."), _NEW_LINK),
    "token_malformed": (_("Your learning site sent a registration token that cannot be right."), _CHECK),
    "configuration": (_("The address your learning site gave does not answer with its LTI settings."), _CHECK),
    "configuration_unreachable": (_("Your learning site could not be reached."), _LATER),
    "configuration_slow": (_("Your learning site did not answer in time."), _LATER),
    "configuration_failing": (_("Your learning site answered that it has a problem of its own."), _LATER),
    "configuration_throttled": (_("Your learning site says that we asked too often."), _LATER),
    "configuration_refused": (
        _("Your learning site's address was refused. It must begin with https:// and answer our request."), _CHECK,
    ),
    "configuration_private_address": (
        _("Your learning site's address lies inside a private network, where we do not look."), _CHECK,
    ),
    "configuration_shape": (_("Your learning site's LTI settings are incomplete."), _CHECK),
    "issuer_elsewhere": (
        _("Your learning site's settings name another site as their source, so they cannot be trusted."), _CHECK,
    ),
    "registration": (_("Your learning site did not accept the registration."), _CHECK),
    "registration_unauthorised": (
        _("Your learning site did not accept its own registration token; perhaps it ran out."),
        _("The link still works: start again in your learning site."),
    ),
    "registration_unreachable": (_("Your learning site could not be reached."), _LATER),
    "registration_slow": (_("Your learning site did not answer in time."), _LATER),
    "registration_failing": (_("Your learning site answered that it has a problem of its own."), _LATER),
    "client_of_others": (
        _("This learning site's connection is in use by another school."),
        _("Ask the person who runs this tool to connect your school."),
    ),
}  # fmt: skip


@require_GET
def register(request: HttpRequest, token: str) -> HttpResponse:
    """Without `openid_configuration`: what the link is for. With it: register, then close the LMS's window."""
    wait = ratelimit.wait_seconds(request, "REGISTRATION")
    if wait:
        return pages.refusal(request, Refused("rate", retry_after=wait))
    link = links.find(token)
    configuration = request.GET.get("openid_configuration", "")
    if link is links.Unusable.UNKNOWN:
        return _failed(request, Failed(link.value, 404), "")
    if not isinstance(link, RegistrationLink):
        return _failed(request, Failed(link.value, 410), configuration)
    if not configuration:
        return pages.page(request, "register.html", {})
    try:
        platform = registration.register(link, configuration, request.GET.get("registration_token", ""))
    except Failed as failed:
        return _failed(request, failed, configuration)
    context = {"steps": steps_after(platform.product_family, waits_for_launch=platform.claim_for_id is not None)}
    return pages.page(request, "registered.html", context, ancestors=frame_ancestors(platform))


@require_GET
def canvas(request: HttpRequest) -> HttpResponse:
    """The tool's configuration as Canvas's developer keys take it. It holds addresses only."""
    response = JsonResponse(canvas_configuration())
    response["Cache-Control"] = "public, max-age=600"
    return response


def _failed(request: HttpRequest, failed: Failed, configuration: str) -> HttpResponse:
    """A page the LMS that opened a real link can show in its frame, whatever went wrong."""
    refused = Refused(failed.code)
    refused.status = failed.status
    refused.what, refused.next = _FAILURES.get(failed.code) or _FAILURES[failed.code.partition("_")[0]]
    log.warning("registration refused: %s, reference %s", failed.code, refused.reference)
    told = (origin(configuration), *failed.shown_at)
    return pages.refusal(request, refused, ancestors=list(dict.fromkeys(filter(None, told))))
