"""How often one address may ask: a window of a minute, counted in this process (a fuse, not a fence).

The limits are settings (`ILP_RATE_*_PER_MINUTE`, 0: none). With several processes each counts for itself, so the
limit in force is at most the setting times the processes; no request waits for a shared counter.
"""

import threading
import time

from django.conf import settings
from django.http import HttpRequest

WINDOW_SECONDS = 60
MOST_ADDRESSES = 50_000  # counted in one window; beyond it the window starts anew rather than filling the memory

_lock = threading.Lock()
_window = 0
_counts: dict[tuple[str, str], int] = {}


def wait_seconds(request: HttpRequest, kind: str) -> int:
    """0 when the request may go on, else how many seconds until the next window. `kind`: LOGIN, LAUNCH, ..."""
    limit: int = getattr(settings, f"ILP_RATE_{kind}_PER_MINUTE")
    if not limit:
        return 0
    global _window
    now = time.time()
    key = (kind, address(request))
    with _lock:
        if _window != int(now) // WINDOW_SECONDS or len(_counts) >= MOST_ADDRESSES:
            _counts.clear()
            _window = int(now) // WINDOW_SECONDS
        _counts[key] = count = _counts.get(key, 0) + 1
    return 0 if count <= limit else WINDOW_SECONDS - int(now) % WINDOW_SECONDS


def address(request: HttpRequest) -> str:
    """Who asks. Behind our own proxy (`ILP_BEHIND_PROXY`) the last hop of X-Forwarded-For, which it wrote."""
    if settings.SECURE_PROXY_SSL_HEADER:
        forwarded = str(request.META.get("HTTP_X_FORWARDED_FOR", "")).rpartition(",")[2].strip()
        if forwarded:
            return forwarded
    return str(request.META.get("REMOTE_ADDR", ""))
