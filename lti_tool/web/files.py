"""Files of the log and the portfolio, handed out one request at a time, each after its permission check (T68).

Where the operator gave files a host of their own, this one hands out none: it sends the browser on with a pass.
"""

import re
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse

from lti_tool.lti import api as lti
from lti_tool.plans import api as plans
from lti_tool.plans.data import Actor, FileContent, MediaUse
from lti_tool.plans.exceptions import Invalid

from . import media, pages
from .session import ANYONE, LEARNER, Visit, tell_refusal, visit

GOOD_FOR = 3600  # seconds: an address of a file is of one session and does not last
_SALT = "ilp.file"
_LIST = "text/uri-list"  # RFC 2483: what our own script asks for where it has to fetch the file itself


def address(handle: str, file_id: UUID) -> str:
    """Where this session finds the file for the next hour."""
    ticket = signing.dumps([handle, str(file_id)], salt=_SALT)
    return f"{reverse('file', args=[handle, file_id])}?t={ticket}"


@visit(roles=ANYONE)
def file(request: HttpRequest, here: Visit, file_id: UUID) -> HttpResponse:
    """The file, or where to fetch it now: nobody else can, and nobody later (T68)."""
    content = _sought(here.actor, file_id)  # first: what may not be seen does not exist, whatever the address
    try:
        named = signing.loads(request.GET.get("t", ""), salt=_SALT, max_age=GOOD_FOR)
    except signing.BadSignature:
        named = None
    if named != [here.handle, str(file_id)]:
        tell_refusal(request, here.actor, "old_address")
        return pages.refusal(request, "old_address", status=403)
    if content is None:
        there = media.address(lti.give_pass(here.session, file_id))
        by_script = request.headers.get("Accept") == _LIST
        return HttpResponse(there, content_type=_LIST) if by_script else redirect(there)
    response = media.answer(content, request)
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


def _sought(actor: Actor, file_id: UUID) -> FileContent | None:
    """What is in the file; None where another host hands it out."""
    if settings.ILP_MEDIA_URL:
        plans.find_file(actor, file_id)
        return None
    return plans.file(actor, file_id)


@visit(roles=ANYONE, methods=("POST",))
def withdraw(request: HttpRequest, here: Visit, file_id: UUID) -> HttpResponse:
    """Take a picture or recording back, at once and for good (T16)."""
    plans.withdraw_file(here.actor, file_id)
    return redirect(_back(request, here))


@visit(roles=ANYONE, methods=("POST",))
def use(request: HttpRequest, here: Visit, file_id: UUID) -> HttpResponse:
    """What a picture or recording may be used for, use by use (T16)."""
    plans.use_file(here.actor, file_id, uses_of(request.POST))
    return redirect(_back(request, here))


def uses_of(posted: QueryDict) -> frozenset[MediaUse]:
    """The uses that were ticked."""
    ticked = posted.getlist("use")
    return frozenset(use for use in MediaUse if use in ticked)


@visit(roles=ANYONE, methods=("POST",))
def check(request: HttpRequest, here: Visit, file_id: UUID) -> HttpResponse:
    """Staff looked who else is in it."""
    plans.check_others(here.actor, file_id)
    return redirect(_back(request, here))


@visit(roles=ANYONE, methods=("POST",))
def describe(request: HttpRequest, here: Visit, file_id: UUID) -> HttpResponse:
    """What can be seen or heard, for whoever cannot (T84)."""
    words = request.POST.get("words", "").replace("\r\n", "\n")
    try:
        plans.describe_file(here.actor, file_id, words)
    except Invalid:  # more than the field holds
        return pages.refusal(request, "unreadable", status=422)
    return redirect(_back(request, here))


@visit(roles=LEARNER, methods=("POST",))
def keep(request: HttpRequest, here: Visit, file_id: UUID) -> HttpResponse:
    """The child keeps a recording whose words are written down, or lets it go (T27)."""
    plans.keep_sound(here.actor, file_id, keep=request.POST.get("keep") == "1")
    return redirect(_back(request, here))


def _back(request: HttpRequest, here: Visit) -> str:
    """The page of this very session the form stood on; anything else is the panel."""
    home = reverse("panel", args=[here.handle])
    back = request.POST.get("back", "")
    return back if back.startswith(home) and re.fullmatch(r"[\w/-]+", back) else home
