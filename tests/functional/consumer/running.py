"""The tool and the consumer side by side on loopback, each in processes of its own, connected by hand."""

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import requests

from ilp_xblock.workbench.launcher import gunicorn_options
from tests.functional.demo import free_port

ROOT = Path(__file__).parents[3]
SCHOOL = "Riverbank School"
STARTS_WITHIN = 90.0  # seconds, on a busy machine
GUNICORN = ("gunicorn", "--workers", "1", "--access-logfile", "-", *gunicorn_options())


@dataclass
class Pair:
    """Both sides while they run."""

    place: Path
    tool: str
    consumer: str

    @property
    def environment(self) -> dict[str, str]:
        kept = {n: v for n, v in os.environ.items() if not n.startswith(("ILP_", "DJANGO_", "DATABASE"))}
        return kept | {
            "PYTHONPATH": str(ROOT),
            "ILP_ENV_FILE": os.devnull,
            "ILP_VAR_DIR": str(self.place / "var"),
            "ILP_DEVELOPMENT": "1",
            "ILP_BASE_URL": self.tool,
            "ILP_ALLOWED_HOSTS": "127.0.0.1",
            "ILP_SECRET_KEY": "only-for-tests-" + "0123456789abcdef" * 4,
            "ILP_SYNC_SECONDS": "2",
            "CONSUMER_URL": self.consumer,
            "CONSUMER_DATABASE": str(self.place / "consumer.sqlite3"),
        }

    def run(self, *arguments: str, consumer: bool = False, feed: str | None = None) -> str:
        """A command of the tool (`ilp-tool`), or of the consumer; what it printed."""
        environment = self.environment
        module = ["lti_tool"]
        if consumer:
            module, environment["DJANGO_SETTINGS_MODULE"] = ["django"], "tests.functional.consumer.settings"
        done = subprocess.run(
            [sys.executable, "-m", *module, *arguments],
            cwd=self.place,
            env=environment,
            capture_output=True,
            input=feed,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    @contextlib.contextmanager
    def part(self, name: str, *arguments: str) -> Iterator[subprocess.Popen]:
        """A process, stopped at the end by its own id."""
        log = (self.place / f"{name}.log").open("wb")
        process = subprocess.Popen(
            [sys.executable, "-m", *arguments], cwd=self.place, env=self.environment, stdout=log, stderr=log
        )
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(20)
            log.close()

    def wait_for(self, url: str, process: subprocess.Popen) -> None:
        end = time.monotonic() + STARTS_WITHIN
        while True:
            with contextlib.suppress(requests.ConnectionError, requests.Timeout):
                requests.get(url, timeout=10)
                return
            assert process.poll() is None, self.logs()
            assert time.monotonic() < end, self.logs()
            time.sleep(0.3)

    def logs(self) -> str:
        return "\n".join(path.read_text(errors="replace")[-4000:] for path in sorted(self.place.glob("*.log")))


@contextlib.contextmanager
def running(place: Path, mode: str) -> Iterator[Pair]:
    """Both sides up and connected; `mode` is the consumer's of the gradebook service."""
    pair = Pair(place, f"http://127.0.0.1:{free_port()}", f"http://localhost:{free_port()}")
    (place / "var").mkdir()
    pair.run("migrate", "--noinput", "-v0")
    pair.run("collectstatic", "--noinput", "-v0")
    pair.run("create_school", SCHOOL)
    pair.run("migrate", "--run-syncdb", "-v0", consumer=True)
    told = json.loads(pair.run("open_course", pair.tool, mode, consumer=True).splitlines()[-1])
    pair.run(
        "add_platform",
        f"--issuer={pair.consumer}",
        f"--client-id={told['client_id']}",
        f"--deployment-id={told['deployment_id']}",
        f"--auth-url={told['oidc_callback']}",
        f"--token-url={told['token_url']}",
        f"--jwks-url={told['keyset_url']}",
        "--product-family=open-edx",
    )
    binding = ("--bind", pair.tool.removeprefix("http://"))
    other = ("--bind", f"127.0.0.1:{pair.consumer.rpartition(':')[2]}")
    worker = ("celery", "-A", "lti_tool.celery", "worker", "--beat", "--concurrency", "1", "--schedule", "var/beat")
    with (
        pair.part("tool", *GUNICORN, "lti_tool.wsgi:application", *binding) as tool,
        pair.part("consumer", *GUNICORN, "tests.functional.consumer.wsgi:application", *other) as consumer,
        pair.part("worker", *worker),
    ):
        pair.wait_for(f"{pair.tool}/lti/jwks", tool)
        pair.wait_for(f"{pair.consumer}/held", consumer)
        yield pair
