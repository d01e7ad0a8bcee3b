"""Real workers as processes: killed in the middle of a read, brokers that are down, a beat that finds what is due.

The transport is the one the run names (ILP_BROKER_URL: Redis, RabbitMQ), else the filesystem.
"""

import json
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.factories.lms import FakeLMS

NAMED = os.environ.get("ILP_BROKER_URL", "memory:")
BROKER = "filesystem://localhost//" if NAMED.startswith("memory:") else NAMED  # memory reaches no other process
PATIENCE_SECONDS = 90

JOIN = """
import sys, json
from tests.factories.evidence import join
from tests.factories.lms import FakeLMS
from lti_tool.evidence import api as evidence
joined = join(FakeLMS(port={port}))
evidence.request_read(joined.school_id, joined.courses[0])
print(json.dumps({{"school": str(joined.school_id), "course": joined.courses[0]}}))
"""
COUNT = """
import json
from django.db import connection
from lti_tool.plans import api as plans
from uuid import UUID
state = plans.sync_state(UUID("{school}"), {course})
with connection.cursor() as cursor:
    cursor.execute("SELECT count(*) FROM ilp_plans_evidence")
    history = cursor.fetchone()[0]
rows, total = plans.evidence_total(UUID("{school}"))
print(json.dumps({{"rows": rows, "sum": total, "history": history, "read": state.read_at is not None}}))
"""


class Tool:
    """The tool in a folder of its own: its settings, its database, and the processes a test starts."""

    def __init__(self, folder: Path, broker: str) -> None:
        kept = {
            name: value for name, value in os.environ.items() if not name.startswith(("ILP_", "DJANGO_", "PYTEST_"))
        }
        self.env = kept | {
            "DJANGO_SETTINGS_MODULE": "lti_tool.settings",
            "ILP_ENV_FILE": os.devnull,
            "ILP_VAR_DIR": str(folder),
            "ILP_SECRET_KEY": "only-for-tests-" + "0123456789abcdef" * 4,
            "ILP_BASE_URL": "http://127.0.0.1:1",
            "ILP_DEVELOPMENT": "1",
            "ILP_BROKER_URL": broker,
            "ILP_QUEUE": f"ilp-test-{uuid.uuid4().hex}",
            "ILP_SYNC_LEASE_SECONDS": "3",
            "DATABASE_URL": f"sqlite:///{folder / 'tool.sqlite3'}",
        }
        self.log = folder / "celery.log"
        self.processes: list[subprocess.Popen[bytes]] = []

    def migrate(self) -> None:
        subprocess.run(
            [sys.executable, "-m", "lti_tool", "migrate", "--verbosity", "0", "--skip-checks"],
            env=self.env, check=True, timeout=PATIENCE_SECONDS,
        )  # fmt: skip

    def run(self, code: str) -> dict[str, Any]:
        """Run a piece of code inside the tool; its last line is JSON."""
        start = "import django; django.setup(); import lti_tool.celery\n"
        done = subprocess.run(
            [sys.executable, "-c", start + code],
            env=self.env, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return dict(json.loads(done.stdout.strip().splitlines()[-1]))

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "celery", "-A", "lti_tool.celery", *arguments, "--loglevel", "INFO"],
                env=self.env, start_new_session=True, stdout=log, stderr=log,
            )  # fmt: skip
        self.processes.append(process)
        return process

    def worker(self) -> subprocess.Popen[bytes]:
        """A worker that listens."""
        before = self.log.read_text().count(" ready.") if self.log.exists() else 0
        process = self.start("worker", "--pool", "solo", "--without-gossip", "--without-mingle")
        until(lambda: self.log.read_text().count(" ready.") > before)
        return process

    def end(self, process: subprocess.Popen[bytes]) -> None:
        """As a machine that loses power ends it."""
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)


@pytest.fixture
def lms() -> Iterator[FakeLMS]:
    with FakeLMS(members=200, items=6, page=10, delay=0.05, teachers=1) as running:
        yield running


@pytest.fixture
def tool(tmp_path: Path) -> Iterator[Tool]:
    made = Tool(tmp_path, BROKER)
    made.migrate()
    yield made
    for process in made.processes:
        made.end(process)


def until(true: Callable[[], bool], pause: float = 0.05) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not true():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(pause)


@pytest.mark.queue
def test_a_read_whose_worker_was_killed_is_resumed_with_nothing_lost_or_doubled(lms: FakeLMS, tool: Tool) -> None:
    where = tool.run(JOIN.format(port=lms.port))
    tool.start("beat")
    first = tool.worker()
    until(lambda: lms.requests["results"] >= 90)
    tool.end(first)
    cut_off = tool.run(COUNT.format(**where))
    assert not cut_off["read"]
    asked = lms.requests["results"]

    tool.worker()
    until(lambda: bool(tool.run(COUNT.format(**where))["read"]), pause=1)
    held = tool.run(COUNT.format(**where))
    assert lms.requests["results"] > asked
    assert (held["rows"], held["sum"]) == lms.total()
    assert held["history"] == lms.total()[0]


@pytest.mark.queue
def test_a_hint_is_enough_without_beat(lms: FakeLMS, tool: Tool) -> None:
    lms.delay = 0
    tool.worker()
    where = tool.run(JOIN.format(port=lms.port))
    until(lambda: bool(tool.run(COUNT.format(**where))["read"]), pause=1)


@pytest.mark.parametrize(
    "broker", ["redis://127.0.0.1:9/0", "amqp://guest:guest@127.0.0.1:9//", "filesystem://localhost//"]
)
def test_a_broker_that_is_down_stops_no_page_and_the_read_stays_due(
    lms: FakeLMS, tmp_path: Path, broker: str
) -> None:
    tool = Tool(tmp_path, broker)
    tool.migrate()
    spoil = ""
    if broker.startswith("filesystem"):
        spoil = "import shutil; from django.conf import settings; shutil.rmtree(settings.VAR / 'queue')\n"
    timed = (
        "import time; began = time.monotonic()\n"
        + JOIN.format(port=lms.port)
        + "\nprint(json.dumps({'due': len(evidence.due_reads()), 'seconds': time.monotonic() - began}))"
    )
    said = tool.run(spoil + timed)
    assert said["due"] == 1
    assert said["seconds"] < 6
