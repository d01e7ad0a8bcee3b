"""The media host: a name of its own on which the tool answers with files and nothing else (T68).

No cookie of the tool arrives here, so that nothing a file might hold can act as the person who looks at it. A browser
brings a pass that the tool's own address of the file gave it a moment before; whether its person may still open the
file is asked anew for every part. A page's script reads a file here where the browser keeps no cookie for players.
"""

import re
from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.request import split_domain_port
from django.urls import is_valid_path, path, reverse
from django.utils import translation
from django.utils.translation import gettext as _

from lti_tool.lti import api as lti
from lti_tool.plans import api as plans
from lti_tool.plans.data import FileContent
from lti_tool.plans.exceptions import Ended, NotFound

from .session import actor_of, tell_refusal
from .wording import refusal_sentence

_ENDINGS = {"image/jpeg": "jpg", "image/png": "png", "application/pdf": "pdf", "audio/mpeg": "mp3"}
_PLAYED = ("audio/", "video/")


class MediaHost:
    """Keeps files and everything else apart by host name."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        if not settings.ILP_MEDIA_URL:
            raise MiddlewareNotUsed
        self.get_response = get_response
        self.host = urlsplit(settings.ILP_MEDIA_URL).hostname

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if split_domain_port(request.get_host().lower())[0] != self.host:
            return self.get_response(request)
        request.urlconf = __name__
        with translation.override(translation.get_language_from_request(request)):
            found = is_valid_path(request.path_info, __name__)
            response = self.get_response(request) if found else _not_found()
        # Another site than the tool's as far as a browser knows: it has to be told who may read along.
        response["Access-Control-Allow-Origin"] = settings.ILP_BASE_URL
        response["Cross-Origin-Resource-Policy"] = "cross-origin"
        return response


def address(token: str) -> str:
    """Where the pass opens its file."""
    return settings.ILP_MEDIA_URL + reverse("media", args=[token], urlconf=__name__)


def file(request: HttpRequest, token: str) -> HttpResponse:
    """The file, or a part of it, for a good pass while its session goes on and its person may see it."""
    if request.method != "GET":
        return HttpResponseNotAllowed(["GET"])
    # "none" is somebody who typed or pasted the address; a page of ours that shows a file is never that.
    pasted = request.headers.get("Sec-Fetch-Site") == "none"
    taken = None if pasted else lti.take_pass(token, lti.media_proof(request, token))
    if taken is None:
        return _told(403, refusal_sentence("old_address"))
    actor = actor_of(taken.session)
    try:
        content = plans.file(actor, taken.file_id)
    except NotFound as refusal:
        if not refusal.recorded:
            tell_refusal(request, actor, "not_found")
        return _told(410, refusal_sentence("ended")) if isinstance(refusal, Ended) else _not_found()
    response = answer(content, request)
    if content.media_type.startswith(_PLAYED):
        lti.keep_media_proof(response, token, taken.proof, int(lti.PLAYS_FOR.total_seconds()))
    return response


def answer(content: FileContent, request: HttpRequest) -> HttpResponse:
    """The bytes, or the part of them a player asks for. Nothing in them can act: the document is a sandbox."""
    response = _part(content, request.headers.get("Range", ""))
    ending = _ENDINGS.get(content.media_type, content.media_type.partition("/")[2])
    shown = "inline" if content.media_type != "application/pdf" else "attachment"
    response["Content-Disposition"] = f'{shown}; filename="file.{ending}"'
    response["Accept-Ranges"] = "bytes"
    return _shut(response)


def _told(status: int, words: str) -> HttpResponse:
    """A sentence for somebody who came by a copied address; a page that shows files reads none."""
    return _shut(HttpResponse(words, status=status, content_type="text/plain; charset=utf-8"))


def _not_found() -> HttpResponse:
    return _told(404, _("This page is not there, or it is not yours to see."))


def _shut(response: HttpResponse) -> HttpResponse:
    response["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'none'; sandbox"
    response["Cache-Control"] = "no-store"
    return response


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


urlpatterns = [path("<slug:token>", file, name="media")]
handler500 = "lti_tool.web.pages.server_error"
