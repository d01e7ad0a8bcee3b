"""The few pages of the protocol itself: a refusal, a browser without cookies, the end of a registration.

Each brings its own Content-Security-Policy: nothing runs but its own script, and only the platform's origins may show
it in a frame (T64, T65).
"""

import secrets
from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import translation

from .refusals import Refused


def page(
    request: HttpRequest,
    template: str,
    context: dict[str, Any],
    *,
    ancestors: Iterable[str] = (),
    status: int = 200,
    locale: str = "",
) -> HttpResponse:
    """Render one of `lti/*.html` in the person's language, framed only by `ancestors` (none: by nobody)."""
    nonce = secrets.token_urlsafe(16)
    origins = list(ancestors)
    framed_by = " ".join(origins) or "'none'"
    with translation.override(_language(request, locale)):
        language = translation.get_language() or "en"
        text = render_to_string(
            f"lti/{template}",
            {
                "nonce": nonce,
                "origins": origins,
                "language": language,
                "direction": "rtl" if translation.get_language_bidi() else "ltr",
                **context,
            },
        )
    response = HttpResponse(text, status=status)
    response["Content-Security-Policy"] = (
        f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; base-uri 'none'; "
        f"frame-ancestors {framed_by}"
    )
    response["Cache-Control"] = "no-store"
    response["Content-Language"] = language
    return response


def refusal(request: HttpRequest, refused: Refused, *, ancestors: Iterable[str] = ()) -> HttpResponse:
    """What happened, what to do, a reference number, and the way back when a signed message named it."""
    response = page(request, "refused.html", {"refused": refused}, ancestors=ancestors, status=refused.status)
    if refused.retry_after:
        response["Retry-After"] = str(refused.retry_after)
    # The refusal logged itself. Django would log the address too, and that of a registration holds its token (T76).
    response._has_been_logged = True  # type: ignore[attr-defined]
    return response


def _language(request: HttpRequest, locale: str) -> str:
    try:
        return translation.get_supported_language_variant(locale)
    except LookupError:
        return translation.get_language_from_request(request)
