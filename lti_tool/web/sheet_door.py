"""The one-time way to one sheet, for a family without an account: link, code, form, done (T13, T34).

No session: the page is one form after another, and works without script. The link alone says nothing of the child.
With script, what is typed is kept with the link, and comes back only behind a new code (T83).
"""

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

from django.conf import settings
from django.core.mail import send_mail
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.utils.translation import gettext as _

from lti_tool import glossary
from lti_tool.lti import ratelimit
from lti_tool.plans import api as plans
from lti_tool.plans.exceptions import Conflict, Invalid, NotFound, Refused

from . import sheet_forms
from .forms import whole
from .pages import holds_nul, render


def _door(view: Callable[[HttpRequest, str], HttpResponse]) -> Callable[..., HttpResponse]:
    """A page of a link: not framed, not indexed, in the reader's language, few a minute from one address."""

    @wraps(view)
    def page(request: HttpRequest, token: str) -> HttpResponse:
        if request.method not in ("GET", "HEAD", "POST"):
            return HttpResponseNotAllowed(["GET", "POST"])
        chosen = request.POST.get("language") or request.GET.get("language", "")
        known = {code for code, _name in settings.LANGUAGES}
        language, terms = _asked(token)
        with glossary.speaking(chosen if chosen in known else language, terms):
            response = _answer(view, request, token)
        response["X-Robots-Tag"] = "noindex, nofollow"
        response._csp_replace = {"frame-ancestors": ["'none'"]}
        return response

    return page


def _answer(view: Callable[[HttpRequest, str], HttpResponse], request: HttpRequest, token: str) -> HttpResponse:
    keeps = request.POST.get("go") == "keep"
    wait = ratelimit.wait_seconds(request, "SHEET_WORDS" if keeps else "SHEET")
    if wait:
        response = _say(request, _("Too many tries"), _("Please wait a minute and try again."), status=429)
        response["Retry-After"] = str(wait)
        return response
    if holds_nul(request):
        return _say(request, _("That could not be read"), _("Please check what you wrote."), status=400)
    try:
        return view(request, token)
    except NotFound:
        return _say(
            request,
            _("This link is no longer good"),
            _("Each link is good for one week and one answer. Ask the school for a new one."),
            status=404,
        )


def _asked(token: str) -> tuple[str, str]:
    """The language the school chose for the family, else the tool's own; and the school's words."""
    try:
        link = plans.open_link(token)
    except NotFound:
        return settings.LANGUAGE_CODE, ""
    return link.language or settings.LANGUAGE_CODE, link.terms


@_door
def door(request: HttpRequest, token: str) -> HttpResponse:
    """One address, four steps: what this is; the code; the form, kept while it is written; thank you."""
    go = request.POST.get("go", "")
    if go == "answer":  # before the link is looked at: whoever wrote hears that it was answered meanwhile
        return _take(request, token)
    link = plans.open_link(token)
    if request.method != "POST":
        return _ask_code(request, token)
    if go == "mail" and link.mails:
        _mail(token)
        return _ask_code(request, token, mailed=True)
    if go == "code":
        try:
            ticket = plans.enter_code(token, request.POST.get("code", ""))
        except Refused:
            return _ask_code(request, token, wrong=True, status=422)
        return _form(request, token, ticket)
    if go == "keep":
        return _keep(request, token)
    return _ask_code(request, token)


def _take(request: HttpRequest, token: str) -> HttpResponse:
    ticket, name = request.POST.get("ticket", ""), request.POST.get("name", "")
    answers = sheet_forms.typed(request.POST)
    try:
        plans.answer_by_link(token, ticket, answers, name=name, version=whole(request.POST.get("version", "")))
    except Refused:  # the hour is over; what was typed goes along to the next code
        return _ask_code(request, token, late=True, answers=answers, name=name, status=422)
    except Invalid as invalid:
        errors = sheet_forms.sentences(invalid)
        return _form(request, token, ticket, answers=answers, name=name, errors=errors, status=422)
    except Conflict as clash:  # what was typed comes back, to copy or to tell
        kept = [line for line in sheet_forms.lines(clash.current, answers) if answers.get(line.key, "").strip()]
        title, line = _("This sheet was answered already"), _("The school has an answer.")
        return _say(request, title, line, status=409, kept=kept)
    return _say(request, _("Thank you"), _("The school has your answer. You can close this page."), status=200)


def _keep(request: HttpRequest, token: str) -> HttpResponse:
    """The form's script asks: 204 when what is typed is kept, 409 when its hour is over."""
    ticket, name = request.POST.get("ticket", ""), request.POST.get("name", "")
    try:
        plans.keep_by_link(token, ticket, sheet_forms.typed(request.POST), name=name)
    except Refused:
        return HttpResponse(status=409)
    except Invalid:
        return HttpResponse(status=422)
    return HttpResponse(status=204)


def _mail(token: str) -> None:
    """The code and nothing of the plan (T32)."""
    mailing = plans.mail_code(token)
    with glossary.speaking(mailing.language or settings.LANGUAGE_CODE, mailing.terms):
        send_mail(
            _("Your code for %(school)s") % {"school": mailing.school},
            _("Your code is %(code)s. It is good for ten minutes. If you did not ask for it, do nothing.")
            % {"code": mailing.code},
            None,
            [mailing.address],
        )


def _ask_code(request: HttpRequest, token: str, *, status: int = 200, **more: Any) -> HttpResponse:
    more.setdefault("answers", {})
    context = {"link": plans.open_link(token), "languages": sheet_forms.languages(), **more}
    if more["answers"] == {} and request.method == "POST":
        context["answers"] = sheet_forms.typed(request.POST)
        context["name"] = request.POST.get("name", "")
    return render(request, "ilp/sheets/door.html", context, status=status)


def _form(
    request: HttpRequest, token: str, ticket: str, *, answers: dict[str, str] | None = None, name: str = "",
    errors: list[str] | None = None, status: int = 200,
) -> HttpResponse:  # fmt: skip
    sheet = plans.sheet_by_link(token, ticket)
    typed = answers if answers is not None else (sheet_forms.typed(request.POST) or None)
    begun = plans.begun_by_link(token, ticket)
    if typed is None and begun:
        typed = begun
    context = sheet_forms.context(sheet, typed) | {
        "ticket": ticket,
        "link": plans.open_link(token),
        "name": name or request.POST.get("name", "") or begun.get("name", ""),
        "errors": errors or [],
    }
    return render(request, "ilp/sheets/door_form.html", context, status=status)


def _say(
    request: HttpRequest, title: str, line: str, *, status: int, kept: Sequence[sheet_forms.Line] = ()
) -> HttpResponse:
    return render(request, "ilp/sheets/said.html", {"title": title, "line": line, "kept": kept}, status=status)
