"""The demo as a newcomer starts it: real processes on free ports, in a directory of their own."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

STARTS_WITHIN = 150.0  # seconds, on a busy machine
STOPS_WITHIN = 30.0


@dataclass
class Demo:
    """A running launcher. `place` is the directory it was started from: its files are in `place`/var."""

    place: Path
    environment: dict[str, str]
    process: subprocess.Popen
    output: Path

    @property
    def var(self) -> Path:
        return self.place / "var"

    @property
    def facts(self) -> dict:
        return json.loads((self.var / "demo.json").read_text())

    def command(self, package: str, *arguments: str, timeout: float = 120) -> subprocess.CompletedProcess:
        """`ilp-tool` or `ilp-lms` as a person types it from the project directory."""
        return subprocess.run(
            [sys.executable, "-m", package, *arguments],
            cwd=self.place,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=timeout,
        )

    def parts(self, holding: str) -> list[int]:
        """Process ids of the launcher's own children whose command line holds the words, each a group's leader."""
        found = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                with contextlib.suppress(OSError):
                    line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                    parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                    if parent == self.process.pid and holding in line:
                        found.append(int(entry.name))
        return found

    def wait_for_end(self) -> int:
        return self.process.wait(STOPS_WITHIN)

    @property
    def said(self) -> str:
        return self.output.read_text()


_given: set[int] = set()


def free_port() -> int:
    """A port nothing listens on, each time another one: two sides must not be given the same."""
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        if port not in _given:
            _given.add(port)
            return port


def environment(tool_port: int, lms_port: int) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ILP_", "DJANGO_", "DATABASE"))}
    return kept | {
        "ILP_TOOL_PORT": str(tool_port),
        "ILP_LMS_PORT": str(lms_port),
        "ILP_HTTP_TIMEOUT_SECONDS": "2",
        "ILP_SYNC_SECONDS": "2",
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }


def launch(place: Path, tool_port: int, lms_port: int) -> Demo:
    """Start the launcher and return at once."""
    output = place / "output.txt"
    surroundings = environment(tool_port, lms_port)
    with output.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "ilp_xblock.workbench", "demo"],
            cwd=place,
            env=surroundings,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    return Demo(place, surroundings, process, output)


@contextlib.contextmanager
def running(place: Path, tool_port: int, lms_port: int) -> Iterator[Demo]:
    """The demo, up and connected; stopped as Ctrl-C stops it."""
    demo = launch(place, tool_port, lms_port)
    try:
        end = time.monotonic() + STARTS_WITHIN
        while "Ctrl-C stops everything" not in demo.said:
            assert demo.process.poll() is None, demo.said
            assert time.monotonic() < end, demo.said
            time.sleep(0.5)
        yield demo
    finally:
        if demo.process.poll() is None:
            demo.process.send_signal(signal.SIGINT)
        demo.wait_for_end()
