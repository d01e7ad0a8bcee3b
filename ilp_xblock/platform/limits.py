"""How often one address may ask: counted by the minute in each process, a fuse rather than a fence.

The setting ILP_LTI_RATE_LIMITS changes the limits below by endpoint (0: none); several processes count each for
themselves. The limits let a whole school behind one address open its lessons, and a tool read a large course.
"""

import threading
import time
from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Any, cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.module_loading import import_string

WINDOW_SECONDS = 60
MOST_ADDRESSES = 50_000  # counted in one window; beyond it the window starts anew rather than filling the memory
PER_MINUTE = {"register": 20, "token": 300, "launch": 3000, "auth": 3000, "content": 300, "services": 6000}

_lock = threading.Lock()
_window = 0
_counts: dict[tuple[str, str], int] = {}
View = Callable[..., HttpResponseBase]


def limited(kind: str) -> Callable[[View], View]:
    """A view that answers 429 with Retry-After when its address asked too often."""

    def decorate(view: View) -> View:
        @wraps(view)
        def counted(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            wait = _wait(kind, request)
            if wait:
                return HttpResponse(status=429, headers={"Retry-After": str(wait)})
            return view(request, *args, **kwargs)

        return counted

    return decorate


def forget() -> None:
    """Start counting anew."""
    with _lock:
        _counts.clear()


def remote_address(request: HttpRequest) -> str:
    """The address that is connected: right where no proxy stands in front."""
    return str(request.META.get("REMOTE_ADDR", ""))


def _wait(kind: str, request: HttpRequest) -> int:
    """0 when the request may go on, else the seconds until it may."""
    given = getattr(settings, "ILP_LTI_RATE_LIMITS", None) or {}
    limit = int(given.get(kind, PER_MINUTE[kind]))
    if not limit:
        return 0
    global _window
    now = int(time.time())
    key = (kind, _address_of()(request))
    with _lock:
        if _window != now // WINDOW_SECONDS or len(_counts) >= MOST_ADDRESSES:
            _counts.clear()
            _window = now // WINDOW_SECONDS
        _counts[key] = count = _counts.get(key, 0) + 1
    return 0 if count <= limit else WINDOW_SECONDS - now % WINDOW_SECONDS


def _address_of() -> Callable[[HttpRequest], str]:
    return _loaded(getattr(settings, "ILP_LTI_CLIENT_ADDRESS", "") or "")


@lru_cache(maxsize=4)
def _loaded(path: str) -> Callable[[HttpRequest], str]:
    return cast("Callable[[HttpRequest], str]", import_string(path)) if path else remote_address
