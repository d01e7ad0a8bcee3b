"""Who gets in to the operator's pages, and how a page is put together."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.views.decorators.csrf import csrf_protect

View = Callable[..., HttpResponse]


def operator(view: View) -> View:
    """A page for an operator who gave password *and* second factor; everybody else is sent to give both."""

    @wraps(view)
    def page(request: HttpRequest, **ids: Any) -> HttpResponse:
        if not (request.user.is_authenticated and request.user.is_active and request.user.is_verified()):
            return redirect("operator-log-in")
        return view(request, **ids)

    return csrf_protect(page)


def show(
    request: HttpRequest, template: str, context: dict[str, Any] | None = None, *, status: int = 200
) -> HttpResponse:
    """One of `ilp/operators/*.html`, in the language the browser asks for."""
    page = {
        "language": translation.get_language(),
        "direction": "rtl" if translation.get_language_bidi() else "ltr",
        **(context or {}),
    }
    return render(request, f"ilp/operators/{template}", page, status=status)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Nothing there, in the same words and looks as everything here."""
    return show(request, "not_found.html", status=404)


def forged(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form's proof did not fit: an old page, or somebody else's."""
    return show(request, "not_found.html", {"is_old": True}, status=403)
