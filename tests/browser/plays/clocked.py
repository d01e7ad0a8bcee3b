"""The tool as it is run, under a clock that a test moves: gunicorn serves `clocked:application`.

Whatever reads the time in the process reads the moved one, the libraries too: nothing in the tool knows of it.
"""

import os
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import time_machine

WHERE = "ILP_TEST_CLOCK"  # a file that holds by how many seconds the clock is moved


class Clock:
    """By how much the play's time is moved, in a file that the served tool reads before every request."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.moved(0)

    def moved(self, seconds: float) -> None:
        whole = self.path.with_suffix(".new")
        whole.write_text(str(seconds))
        whole.replace(self.path)

    def move_to(self, moment: datetime) -> None:
        self.moved((moment - datetime.now(UTC)).total_seconds())

    @property
    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=float(self.path.read_text()))

    @contextmanager
    def here(self) -> Iterator[None]:
        """Within, this process is at the same time as the tool."""
        with time_machine.travel(self.now, tick=True):
            yield


class _Moved:
    """The served process's clock. Requests of several threads move it one at a time, and only when it changed."""

    def __init__(self, path: Path) -> None:
        self._path, self._said, self._lock = path, "0", threading.Lock()
        self._travel: Any = None

    def follow(self) -> None:
        with self._lock:
            said = self._path.read_text()
            if said == self._said:
                return
            if self._travel is not None:
                self._travel.stop()
            self._travel = time_machine.travel(datetime.now(UTC) + timedelta(seconds=float(said)), tick=True)
            self._travel.start()
            self._said = said


def _serve() -> Any:
    from lti_tool.wsgi import application as tool

    moved = _Moved(Path(os.environ[WHERE]))

    def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        moved.follow()
        return tool(environ, start_response)

    return application


if WHERE in os.environ:
    application = _serve()
