"""Servers that just did not answer are left alone for a while, by every read of this process.

Each course and each person is a read of its own, and a panel in use asks again every few seconds. Without this, a
platform that takes every request and answers none would hold all of a worker's places, and one that asked us to wait
would be asked on. When a rest is over one read looks whether the server is back; the others go on failing at once,
for the reason the server rests for, until it is.
"""

import threading
import time
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from lti_tool.http import HttpError, Outbound, Response, Slow, Throttled, Unreachable, origin

LONGEST_SECONDS = 3_600.0


@dataclass(slots=True)
class _Rest:
    until: float  # monotonic
    reason: type[HttpError]
    looking: object = None  # the read that looks whether the server is back


_resting: dict[str, _Rest] = {}
_lock = threading.Lock()


class Wary(Outbound):
    """One read's way out that does not ask a server at rest. What it learns, every other read knows."""

    async def request(self, method: str, url: str, **options: Any) -> Response:
        server = origin(url)
        self._check(server)
        try:
            answer = await super().request(method, url, **options)
        except (Slow, Unreachable) as failure:
            _rest(server, failure, float(settings.ILP_HTTP_TIMEOUT_SECONDS))
            raise
        except Throttled as failure:
            _rest(server, failure, min(failure.retry_after or 0.0, LONGEST_SECONDS))
            raise
        except HttpError:
            _resting.pop(server, None)  # an answer, though not a good one
            raise
        _resting.pop(server, None)
        return answer

    def _check(self, server: str) -> None:
        """Raises what the server rests for, unless it is this read's turn to look."""
        with _lock:
            rest = _resting.get(server)
            if rest is None or rest.looking is self:
                return
            left = rest.until - time.monotonic()
            if left <= 0:
                rest.looking, rest.until = self, time.monotonic() + settings.ILP_HTTP_TIMEOUT_SECONDS
                return
        failure = rest.reason("resting", retry_after=left)
        failure.most_tries = 1
        raise failure


def _rest(server: str, failure: HttpError, seconds: float) -> None:
    if seconds > 0:
        with _lock:
            _resting[server] = _Rest(time.monotonic() + seconds, type(failure))


def forget() -> None:
    """Ask every server again."""
    _resting.clear()
