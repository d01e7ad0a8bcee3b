"""Files of the log and the portfolio, handed out one request at a time, each after its permission check (T68)."""

import re
from uuid import UUID

from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from lti_tool.plans import api as plans
from lti_tool.plans.data import FileContent

from . import pages
from .session import ANYONE, Visit, visit

GOOD_FOR = 3600  # seconds: an address of a file is of one session and does not last
_SALT = "ilp.file"
_ENDINGS = {"image/jpeg": "jpg", "image/png": "png", "application/pdf": "pdf", "audio/mpeg": "mp3"}


def address(handle: str, file_id: UUID) -> str:
    """Where this session finds the file for the next hour."""
    ticket = signing.dumps([handle, str(file_id)], salt=_SALT)
    return f"{reverse('file', args=[handle, file_id])}?t={ticket}"


@visit(roles=ANYONE)
def file(request: HttpRequest, here: Visit, file_id: UUID) -> HttpResponse:
    """The bytes, or the part of them a player asks for. Nothing in them can act: the document is a sandbox."""
    content = plans.file(here.actor, file_id)  # first: what may not be seen does not exist, whatever the address
    try:
        named = signing.loads(request.GET.get("t", ""), salt=_SALT, max_age=GOOD_FOR)
    except signing.BadSignature:
        named = None
    if named != [here.handle, str(file_id)]:
        return pages.refusal(request, "old_address", status=403)
    response = _part(content, request.headers.get("Range", ""))
    ending = _ENDINGS.get(content.media_type, content.media_type.partition("/")[2])
    shown = "inline" if content.media_type != "application/pdf" else "attachment"
    response["Content-Disposition"] = f'{shown}; filename="file.{ending}"'
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Accept-Ranges"] = "bytes"
    return response


@visit(roles=ANYONE, methods=("POST",))
def withdraw(request: HttpRequest, here: Visit, file_id: UUID) -> HttpResponse:
    """Take a picture or recording back, at once and for good (T16)."""
    plans.withdraw_file(here.actor, file_id)
    return redirect(_back(request, here))


@visit(roles=ANYONE, methods=("POST",))
def check(request: HttpRequest, here: Visit, file_id: UUID) -> HttpResponse:
    """Staff looked who else is in it."""
    plans.check_others(here.actor, file_id)
    return redirect(_back(request, here))


def _back(request: HttpRequest, here: Visit) -> str:
    """The page of this very session the form stood on; anything else is the panel."""
    home = reverse("panel", args=[here.handle])
    back = request.POST.get("back", "")
    return back if back.startswith(home) and re.fullmatch(r"[\w/-]+", back) else home


def _part(content: FileContent, wanted: str) -> HttpResponse:
    """RFC 9110, 14.2: one range of bytes; anything else asked for gets the whole."""
    size = len(content.data)
    found = re.fullmatch(r"bytes=(\d{0,12})-(\d{0,12})", wanted)
    if not found or not any(found.groups()):
        return HttpResponse(content.data, content_type=content.media_type)
    first, last = found.groups()
    start = int(first) if first else max(0, size - int(last))
    end = min(int(last), size - 1) if first and last else size - 1
    if start > end:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    part = HttpResponse(content.data[start : end + 1], status=206, content_type=content.media_type)
    part["Content-Range"] = f"bytes {start}-{end}/{size}"
    return part
