"""What binds a login and a session to one browser: cookies that are kept inside another site's frame.

Measured in Chromium with third-party cookies blocked: only `Secure; SameSite=None; Partitioned` is kept there, set on
a redirect too. Their names begin with `__Host-`, so no other site and no sub-domain can plant one.
"""

import hashlib
import hmac
from http.cookies import Morsel

from django.conf import settings
from django.http import HttpRequest, HttpResponse

# Python 3.11 to 3.13 know no Partitioned attribute, and Django 5.2 has no argument for it.
Morsel._reserved.setdefault("partitioned", "Partitioned")  # type: ignore[attr-defined]
Morsel._flags.add("partitioned")  # type: ignore[attr-defined]

KEPT = "__Host-ilp-kept"  # says that this browser keeps our cookies here; holds nothing else
LOGIN = "__Host-ilp-login-"
SESSION = "__Host-ilp-"
MEDIA = "__Host-ilp-media-"  # on the media host only
MOST_COOKIES = 20  # sessions one browser keeps; the oldest make room
HALF_A_YEAR = 180 * 24 * 3600
WORDS_KEPT_SECONDS = 24 * 3600


def keeps_cookies(request: HttpRequest) -> bool:
    """Whether this browser has shown that it keeps our cookies where it is now."""
    return any(name.startswith(SESSION) for name in request.COOKIES)


def may_be_framed(request: HttpRequest) -> bool:
    """Whether the page will stand in a frame, as far as the browser says.

    Fetch Metadata says it. Safari before 16.4 and an LMS app's web view before iOS 16.4 are silent; a web view's name
    holds no "Safari/".
    """
    destination = request.META.get("HTTP_SEC_FETCH_DEST")
    if destination is None:
        silent = "AppleWebKit/" in request.META.get("HTTP_USER_AGENT", "")
        return silent and "lti_storage_target" in (request.GET.keys() | request.POST.keys())
    return destination in {"iframe", "frame", "embed", "object"}


def remember_kept(response: HttpResponse) -> None:
    _set(response, KEPT, "1", HALF_A_YEAR)


def bind_login(request: HttpRequest, response: HttpResponse, state: str, binding: str) -> None:
    _make_room(request, response, LOGIN)
    _set(response, login_cookie(state), binding, settings.ILP_LOGIN_MINUTES * 60)


def is_bound(request: HttpRequest, state: str, binding: str) -> bool:
    """Whether this is the browser that began the login."""
    sent = request.COOKIES.get(login_cookie(state), "")
    return hmac.compare_digest(sent.encode("utf-8", "replace"), binding.encode("ascii"))


def forget_login(response: HttpResponse, state: str) -> None:
    _set(response, login_cookie(state), "", 0)


def keep_session(request: HttpRequest, response: HttpResponse, handle: str, secret: str) -> None:
    """The session's secret, in a cookie named by its handle; the browser's oldest make room."""
    _make_room(request, response, SESSION)
    _set(response, SESSION + handle, secret, settings.ILP_SESSION_MINUTES * 60 + WORDS_KEPT_SECONDS)


def forget_session(response: HttpResponse, handle: str) -> None:
    _set(response, SESSION + handle, "", 0)


def media_proof(request: HttpRequest, token: str) -> str:
    """What this browser got with a file's first part, on the media host."""
    return request.COOKIES.get(_media_cookie(token), "")


def keep_media_proof(response: HttpResponse, token: str, proof: str, seconds: int) -> None:
    """Let this browser, and no other, ask for the next parts of the file."""
    _set(response, _media_cookie(token), proof, seconds)


def _media_cookie(token: str) -> str:
    return f"{MEDIA}{hashlib.sha256(token.encode()).hexdigest()[:16]}"


def login_cookie(state: str) -> str:
    """The cookie's name: the time the state begins with, so that names sort by age, and a digest of the state."""
    begun = state.partition(".")[0]
    begun = begun if len(begun) <= 8 and begun.isalnum() and begun.isascii() else "0"
    return f"{LOGIN}{begun}-{hashlib.sha256(state.encode('utf-8', 'replace')).hexdigest()[:16]}"


def _make_room(request: HttpRequest, response: HttpResponse, prefix: str) -> None:
    def counts(name: str) -> bool:
        return name.startswith(prefix) and name != KEPT and (prefix == LOGIN or not name.startswith(LOGIN))

    held = sorted(filter(counts, request.COOKIES))
    for name in held[: max(0, len(held) + 1 - MOST_COOKIES)]:
        _set(response, name, "", 0)


def _set(response: HttpResponse, name: str, value: str, seconds: int) -> None:
    response.set_cookie(name, value, max_age=seconds, path="/", secure=True, httponly=True, samesite="None")
    if seconds == 0:
        response.cookies[name]["expires"] = "Thu, 01 Jan 1970 00:00:00 GMT"
    response.cookies[name]["partitioned"] = True
