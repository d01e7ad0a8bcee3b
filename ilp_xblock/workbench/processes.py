"""The demo's processes: started each in a process group of its own, watched, and stopped together."""

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import requests

STOP_SECONDS = 10.0
LOG_BYTES = 20_000


class Failed(Exception):
    """The demo cannot go on. The message is the one line its user reads."""


@dataclass(frozen=True)
class Part:
    """A running part of the demo."""

    name: str
    process: subprocess.Popen
    log: Path

    def ended(self) -> str | None:
        """The line that says how it ended, None while it runs."""
        code = self.process.poll()
        if code is None:
            return None
        how = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"stopped with exit code {code}"
        return f"{self.name} {how}; its log is {self.log}"


class Parts:
    """All started processes. Leaving the `with` block stops them, last started first."""

    def __init__(self, log_dir: Path, env: Mapping[str, str]) -> None:
        self.log_dir = log_dir
        self.env = dict(env)
        self.parts: list[Part] = []

    def __enter__(self) -> "Parts":
        self.log_dir.mkdir(parents=True, exist_ok=True)
        return self

    def __exit__(self, *exc: object) -> None:
        self.stop()

    def start(self, name: str, *arguments: str) -> Part:
        """Start `python ARGUMENTS` in its own process group, its output in a log file."""
        log = self.log_dir / f"{name.removeprefix('the ').replace(' ', '-')}.log"
        with log.open("wb") as out:
            process = self._popen(arguments, stdout=out, stderr=subprocess.STDOUT)
        part = Part(name, process, log)
        self.parts.append(part)
        return part

    def run(self, what: str, *arguments: str, timeout: float = 300) -> str:
        """Run `python ARGUMENTS` to its end and give what it printed; Failed with its last line when it fails."""
        process = self._popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        try:
            out, err = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired as error:
            raise Failed(f"{what} took longer than {timeout:.0f} s") from error
        finally:
            _kill(process, signal.SIGKILL)
        if process.returncode != 0:
            raise Failed(f"{what} failed: {_last_line(err) or _last_line(out) or process.returncode}")
        return out.decode(errors="replace")

    def _popen(self, arguments: Sequence[str], **streams: object) -> subprocess.Popen:
        return subprocess.Popen(  # noqa: S603 our own modules only
            [sys.executable, "-m", *arguments],
            stdin=subprocess.DEVNULL,
            env=self.env,
            start_new_session=True,
            preexec_fn=_end_with_parent if sys.platform == "linux" else None,
            **streams,
        )

    def check(self) -> None:
        """Failed when any part has ended."""
        for part in self.parts:
            line = part.ended()
            if line:
                raise Failed(line)

    def wait_for_url(self, part: Part, url: str, seconds: float = 60) -> None:
        """Until the address answers 200."""
        for _ in self._patiently(part, seconds):
            with contextlib.suppress(requests.RequestException):
                if requests.get(url, timeout=2).status_code == 200:
                    return

    def wait_for_log(self, part: Part, text: str, seconds: float = 60) -> None:
        """Until the part's log says `text`."""
        for _ in self._patiently(part, seconds):
            if text.encode() in part.log.read_bytes()[-LOG_BYTES:]:
                return

    def _patiently(self, part: Part, seconds: float):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            yield
            self.check()
            time.sleep(0.25)
        raise Failed(f"{part.name} did not answer within {seconds:.0f} s; its log is {part.log}")

    def stop(self) -> None:
        """End every part: asked first, its whole process group killed after a while."""
        for part in reversed(self.parts):
            part.process.terminate()  # its leader alone: that ends its own workers in order
        end = time.monotonic() + STOP_SECONDS
        for part in reversed(self.parts):
            with contextlib.suppress(subprocess.TimeoutExpired):
                part.process.wait(max(0.1, end - time.monotonic()))
            _kill(part.process, signal.SIGKILL)  # also what the part left behind in its group
            part.process.wait()
        self.parts.clear()


def free_or_failed(port: int, option: str) -> None:
    """Failed when another program holds the port."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise Failed(
                f"port {port} is taken by another program: stop it, or choose another port: make demo {option}=NUMBER"
            ) from error


def _kill(process: subprocess.Popen, sign: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, sign)


def _end_with_parent() -> None:
    """Linux: the kernel ends a part whose launcher was killed outright."""
    ctypes.CDLL(None, use_errno=True).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG


def _last_line(output: bytes) -> str:
    lines = [line.strip() for line in output.decode(errors="replace").splitlines() if line.strip()]
    return lines[-1] if lines else ""
