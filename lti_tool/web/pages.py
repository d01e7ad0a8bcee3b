"""How a page is put together, and the pages that say why there is nothing else to see."""

import secrets
from typing import Any

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render as django_render
from django.utils import translation
from django.utils.translation import gettext as _

from lti_tool.lti import api as lti
from lti_tool.lti.pages import page as protocol_page

from .wording import refusal_sentence


def render(
    request: HttpRequest, template: str, context: dict[str, Any] | None = None, *, status: int = 200
) -> HttpResponse:
    """The whole document, or only the part the page's script swaps in; the same template gives both."""
    visit = getattr(request, "visit", None)
    part = bool(request.htmx) and not request.htmx.history_restore_request
    language = translation.get_language() or "en"
    return django_render(
        request,
        template,
        {
            "layout": "ilp/part.html" if part else "ilp/base.html",
            "visit": visit,
            "language": language,
            "direction": "rtl" if translation.get_language_info(language)["bidi"] else "ltr",
            **(context or {}),
        },
        status=status,
    )


def holds_nul(request: HttpRequest) -> bool:
    """Whether a field holds a NUL: nobody can type it, and not every database keeps it."""
    fields = (*request.GET.lists(), *request.POST.lists())
    return any("\x00" in text for _, texts in fields for text in texts)


def closed_door(request: HttpRequest) -> HttpResponse:
    """A copied address, a cookie that is gone, a foreign handle: nothing to see, and the way in."""
    return _notice(
        request,
        title=_("Open this from your course"),
        lines=[
            _("This page opens only from inside your course."),
            _("Go back to your course and open the page there. What was kept before is still there."),
        ],
        status=401,
    )


def session_ended(request: HttpRequest, *, kept: bool = False) -> HttpResponse:
    words = (
        _("What you wrote is kept. It will be here when you come back.")
        if kept
        else _("Everything that was saved is still there.")
    )
    return _notice(
        request,
        title=_("Your time on this page has ended"),
        lines=[words, _("To go on, open or reload the page of your course.")],
        status=401,
    )


def prove_again(request: HttpRequest) -> HttpResponse:
    """A change that matters, asked for long after the person came from the LMS (T63)."""
    return _notice(
        request,
        title=_("Show again that it is you"),
        lines=[
            _("You opened this page more than 20 minutes ago. Changes here ask for a fresh visit."),
            _("Go back to your course and open the page there once more. Nothing was changed."),
        ],
        status=403,
        back=True,
    )


def refusal(request: HttpRequest, code: str, *, status: int) -> HttpResponse:
    return _notice(
        request, title=_("That could not be done"), lines=[refusal_sentence(code)], status=status, back=True
    )


def not_found(request: HttpRequest) -> HttpResponse:
    return _notice(
        request,
        title=_("Nothing to see here"),
        lines=[_("This page is not there, or it is not yours to see.")],
        status=404,
        back=True,
    )


def unreadable(request: HttpRequest) -> HttpResponse:
    """What lies sealed does not open: the key changed, or somebody changed the row (T70). Nothing of it is shown."""
    return _notice(
        request,
        title=_("Some words cannot be opened"),
        lines=[
            _("Something on this page is locked away and does not open. Nothing was changed."),
            _("Tell the person who looks after your school's learning site. They can see in their log what to do."),
        ],
        status=500,
        back=True,
    )


def server_error(request: HttpRequest) -> HttpResponse:
    """Our own fault: a sentence and a number that the log has too, and nothing of what happened (T77)."""
    request.ilp_reference = secrets.token_hex(4).upper()
    handle = request.resolver_match.kwargs.get("handle", "") if request.resolver_match else ""
    try:
        ancestors = lti.ancestors_of(handle) if handle else ()
    except DatabaseError:  # perhaps that is what went wrong
        ancestors = ()
    return protocol_page(
        request, "broken.html", {"reference": request.ilp_reference}, ancestors=ancestors, status=500
    )


def _notice(request: HttpRequest, *, title: str, lines: list[str], status: int, back: bool = False) -> HttpResponse:
    """A sentence. During work in a page it is put above it, so that what was typed stays on the screen."""
    response = render(request, "ilp/notice.html", {"title": title, "lines": lines, "back": back}, status=status)
    if request.htmx:
        response["HX-Retarget"] = "#notice"
        response["HX-Reswap"] = "innerHTML"
        response["HX-Push-Url"] = "false"
    return response
