"""The tool as it is run, in a process of its own with its own database, for a real browser to visit."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from django.conf import settings
from django.db import connections
from django.db.backends.sqlite3.base import DatabaseWrapper

ROOT = Path(__file__).parents[2]
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
# As root and offline: no sandbox, no look-ups of the maker's hosts, third-party cookies blocked as Debian ships it.
# Sites share a process: a frame that changes process while its requests are held up is now and then lost from sight.
CHROMIUM_FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--use-fake-device-for-media-stream",
    "--disable-site-isolation-trials",
]  # fmt: skip
OPERATOR_HOST = "localhost"
MEDIA_HOST = "media.localhost"  # browsers look for such names on this very machine
STARTS_WITHIN = 180  # seconds


@dataclass(frozen=True)
class Tool:
    url: str
    database: Path
    environment: dict[str, str]

    @property
    def operator_url(self) -> str:
        """The operator's pages: the same process under a host name of their own."""
        return self.url.replace("127.0.0.1", OPERATOR_HOST)

    @property
    def media_url(self) -> str:
        """The same process again, where it hands out files."""
        return self.url.replace("127.0.0.1", MEDIA_HOST)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def serving(
    folder: Path, application: str = "lti_tool.wsgi", more: Mapping[str, str] | None = None
) -> Iterator[Tool]:
    """Start the tool over an empty SQLite file and wait until it answers. `more` environment is for `application`."""
    port, database = free_port(), folder / "tool.sqlite3"
    url = f"http://127.0.0.1:{port}"
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "lti_tool.settings",
        "DATABASE_URL": f"sqlite:///{database}",
        "ILP_ENV_FILE": os.devnull,
        "ILP_VAR_DIR": str(folder),
        "ILP_FILES_DIR": settings.STORAGES["files"]["OPTIONS"]["location"],  # what tests upload, the tool shows
        "ILP_SECRET_KEY": "only-for-tests-" + "0123456789abcdef" * 4,
        "ILP_BASE_URL": url,
        "ILP_MEDIA_URL": url.replace("127.0.0.1", MEDIA_HOST),
        "ILP_DEVELOPMENT": "1",
        "ILP_BROKER_URL": "memory://",
        "ILP_LIVE_SECONDS": "1",
        "ILP_OPERATOR_HOST": OPERATOR_HOST,
        "ILP_RATE_OPERATOR_PER_MINUTE": "0",
        **(more or {}),
    }
    for command in (["migrate", "-v0"], ["collectstatic", "--noinput", "-v0"]):
        subprocess.run(
            [sys.executable, "-m", "lti_tool", *command], cwd=ROOT, env=environment, check=True, timeout=600
        )
    server = [sys.executable, "-m", "gunicorn", application, "-b", f"127.0.0.1:{port}", "--threads", "4"]
    log = (folder / "tool.log").open("wb")
    with log, subprocess.Popen(server, cwd=ROOT, env=environment, stdout=log, stderr=log) as process:
        try:
            _wait(url, process)
            yield Tool(url, database, environment)
        finally:
            process.terminate()
            process.wait(timeout=20)


def _wait(url: str, process: subprocess.Popen) -> None:
    until = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < until:
        if process.poll() is not None:
            raise RuntimeError(f"the tool ended with {process.returncode} before it answered; see tool.log")
        try:
            urlopen(url + "/lti/jwks", timeout=20).close()
            return
        except (URLError, TimeoutError):  # a machine with much to do takes its time over the first answer
            time.sleep(0.2)
    raise RuntimeError(f"the tool did not answer within {STARTS_WITHIN} s")


@contextmanager
def looking_into(tool: Tool) -> Iterator[None]:
    """Within, this process's ORM reads and writes the served tool's database.

    The settings change, not only the connection at hand: Playwright runs a loop of its own, in which Django opens
    another connection.
    """
    settings, usual = connections.databases["default"], connections["default"]
    kept = dict(settings)
    settings |= {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(tool.database),
        "OPTIONS": {"timeout": 30, "transaction_mode": "IMMEDIATE"},
    }
    there = DatabaseWrapper(settings, "default")
    connections["default"] = there
    try:
        yield
    finally:
        there.close()
        settings.clear()
        settings.update(kept)
        connections["default"] = usual
