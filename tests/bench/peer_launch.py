"""`python -m tests.bench.peer_launch`: whole launches a second, against a plain PyLTI1p3 Django app (issue 3).

Both are served by gunicorn with the same workers and threads, behind a proxy's headers on a Unix socket, on the same
kind of database (SQLite; PostgreSQL where DATABASE_URL names a server on which two databases may be made), and store
the same rows. One launch is what a browser does: login, the redirect, the signed message, the first page, cookies
and all. Returning people come in a browser that was here before; new ones are in no table yet and their browser
knows nobody. The tool keeps every check; its rate limits count but do not stop one address from sending everybody.

There are two peers: one as its README shows, and one tuned as far as it goes (`tests.bench.pylti_app`), with Redis
for its states where one answers; `IS` says what each contender does. Ratios say how many times as fast ours is.

An LMS is a server on the internet: its key set takes a new HTTPS connection (name, TCP, TLS, request: four ways
there and back), here 100 ms. Only a tool that asks for it at each launch notices. At the levels named "keys_at_once"
the key set costs no time at all, as no LMS's does: they show what the processors alone do.

Rounds take turns; what is compared is a ratio of medians taken in one run. CPU is that of gunicorn's workers. The
last line is the figures as JSON.
"""

import argparse
import asyncio
import itertools
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit, urlunsplit

if TYPE_CHECKING:
    from .browsing import Lms

ROOT = Path(__file__).parents[2]
STARTS_WITHIN = 60  # seconds
PEOPLE = 160  # returning ones
KEYS_TAKE_MS = 100
REDIS = os.environ.get("ILP_BENCH_REDIS", "redis://127.0.0.1:6379/9")
PREFIX = f"ilp-bench-{uuid.uuid4().hex[:8]}"  # of what the peer keeps there
PEER, TUNED = "peer", "tuned_peer"
IS = {
    "ours": "every check; one-time state and nonce in the database; login, 303, page, 3 requests",
    PEER: "PyLTI1p3's README: states, nonces, launches in Django's sessions; key set asked for at each launch; "
    "4 rows by update_or_create; page of one heading in the launch's answer: 2 requests",
    TUNED: "the same with the key set kept two hours, states in Redis where there is one, one transaction",
}
SECRET = "only-for-benchmarks-" + "0123456789abcdef" * 4


class Level(NamedTuple):
    """What is asked of a contender at once."""

    name: str
    clients: int
    new: bool = False  # people never seen before, else returning ones
    keys_take_ms: int = KEYS_TAKE_MS
    to_page: bool = True  # else only up to the tool's answer to the message, which is a page or leads to one


class Round(NamedTuple):
    """One contender under load for a while."""

    per_second: float
    p95_ms: float
    cpu_ms: float  # of all workers, per launch
    failed: int


@dataclass
class Contender:
    """A tool as it is served: where it answers, and the process that owns its workers."""

    name: str
    application: str
    environment: dict[str, str]
    socket: Path
    process: subprocess.Popen[bytes] | None = None
    rounds: dict[str, list[Round]] = field(default_factory=dict)

    @contextmanager
    def serving(self, workers: int, threads: int) -> Iterator[None]:
        log = self.socket.with_suffix(".log")
        command = [
            sys.executable, "-m", "gunicorn", self.application, "--bind", f"unix:{self.socket}",
            "--log-level", "error", "--workers", str(workers), "--threads", str(threads),
        ]  # fmt: skip
        with (
            log.open("wb") as out,
            subprocess.Popen(command, cwd=ROOT, env=self.environment, stdout=out, stderr=out) as process,
        ):
            self.process = process
            try:
                until = time.monotonic() + STARTS_WITHIN
                while len(self.workers()) < workers or not self.socket.exists():
                    if process.poll() is not None or time.monotonic() > until:
                        raise SystemExit(f"{self.name} does not start: {log.read_text()[-2000:]}")
                    time.sleep(0.1)
                yield
            finally:
                process.terminate()
                process.wait(timeout=30)

    def workers(self) -> list[str]:
        assert self.process is not None
        return Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()

    def cpu_seconds(self) -> float:
        """User and system time its workers have used so far."""
        ticks = 0
        for worker in self.workers():
            fields = Path(f"/proc/{worker}/stat").read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")


@contextmanager
def databases(folder: Path, names: list[str]) -> Iterator[tuple[str, list[str]]]:
    """The kind, and an empty database for each name."""
    given = os.environ.get("DATABASE_URL", "")
    if not given.startswith("postgres"):
        yield "sqlite", [f"sqlite:///{folder}/{name}.sqlite3" for name in names]
        return
    import psycopg

    parts = urlsplit(given)
    made = [f"ilp_bench_{name}_{uuid.uuid4().hex[:8]}" for name in names]
    with psycopg.connect(given, autocommit=True) as admin:
        try:
            for name in made:
                admin.execute(f'CREATE DATABASE "{name}"')
            # Written by hand: urlunsplit drops the empty host of a local socket.
            yield (
                "postgresql",
                [urlunsplit(parts._replace(path=f"/{name}")).replace(":/ilp", ":///ilp") for name in made],
            )
        finally:
            for name in made:
                admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def make_ours(folder: Path, database: str, lms: "Lms") -> Contender:
    """The tool as a school runs it, the LMS connected by hand. Nothing but its address is for this benchmark only."""
    from .browsing import HOST

    origin = lms.jwks_url.removesuffix("/jwks")
    environment = clean() | {
        "DATABASE_URL": database,
        "ILP_ENV_FILE": os.devnull,
        "ILP_VAR_DIR": str(folder / "ours"),
        "ILP_SECRET_KEY": SECRET,
        "ILP_BASE_URL": f"https://{HOST}",
        "ILP_BEHIND_PROXY": "1",
        "ILP_HTTP_ORIGINS": origin,  # the LMS's keys are on loopback
        "ILP_BROKER_URL": "memory://",
        "ILP_LOG_LEVEL": "WARNING",
        "ILP_RATE_LOGIN_PER_MINUTE": "10000000",
        "ILP_RATE_LAUNCH_PER_MINUTE": "10000000",
    }
    platform = lms.platform
    values = {
        "--issuer": platform.issuer, "--client-id": platform.client_id, "--deployment-id": platform.deployment_id,
        "--auth-url": platform.auth_url, "--token-url": f"{platform.issuer}/token", "--jwks-url": lms.jwks_url,
    }  # fmt: skip
    for command in (
        ["migrate", "-v0"],
        ["collectstatic", "--noinput", "-v0"],
        ["create_school", "Alder School"],
        ["add_platform", *itertools.chain.from_iterable(values.items())],
    ):
        run(["-m", "lti_tool", *command], environment | {"ILP_DEVELOPMENT": "1"})  # by hand only https is taken
    return Contender("ours", "lti_tool.wsgi", environment, folder / "ours.sock")


def make_peer(name: str, folder: Path, database: str, lms: "Lms") -> Contender:
    """The plain app of `tests.bench.pylti_app`, with the same platform."""
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

    from tests.factories.lti import rsa_key

    environment = clean() | {
        "DATABASE_URL": database,
        "PEER_TUNED": "1" if name == TUNED else "",
        "PEER_STORAGE": "redis" if name == TUNED and redis_answers() else "session",
        "PEER_REDIS": REDIS,
        "PEER_PREFIX": PREFIX,
        "DJANGO_SETTINGS_MODULE": "tests.bench.pylti_app.settings",
    }
    platform, key = lms.platform, rsa_key("peer's")
    described = {
        "platform": {
            "issuer": platform.issuer,
            "client_id": platform.client_id,
            "deployment_id": platform.deployment_id,
            "auth_login_url": platform.auth_url,
            "auth_token_url": f"{platform.issuer}/token",
            "key_set_url": lms.jwks_url,
        },
        "private": key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode(),
        "public": key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode(),
    }
    run(["-m", "tests.bench.pylti_app.connect", json.dumps(described)], environment)
    return Contender(name, "tests.bench.pylti_app.wsgi", environment, folder / f"{name}.sock")


def sweep_redis() -> None:
    """Leave nothing of the peer's behind: it would stay there a day."""
    import redis

    if redis_answers():
        store = redis.Redis.from_url(REDIS)
        for key in store.scan_iter(f"{PREFIX}:*", count=1000):
            store.delete(key)


def redis_answers() -> bool:
    import redis

    try:
        return bool(redis.Redis.from_url(REDIS, socket_connect_timeout=1).ping())
    except redis.RedisError:
        return False


def clean() -> dict[str, str]:
    """This process's environment without what would set either contender up."""
    return {
        name: value for name, value in os.environ.items() if not name.startswith(("ILP_", "DJANGO_", "DATABASE_"))
    }


def run(command: list[str], environment: dict[str, str]) -> None:
    done = subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(command)[:200]} ended with {done.returncode}: {done.stderr.strip()[-2000:]}")


async def load(contender: Contender, lms: "Lms", people: Iterator[int], level: Level, seconds: float) -> Round:
    """As many launches as the level's clients, each one after the other, get through in that time."""
    from .browsing import KEPT, PEOPLE_OF_OLD, Browser, Failed

    took: list[float] = []
    failed = 0

    async def client() -> None:
        nonlocal failed
        while time.perf_counter() < until:
            person = next(people)
            browser = Browser(contender.socket, KEPT if person < PEOPLE_OF_OLD else None)
            begun = time.perf_counter()
            try:
                await lms.launch(browser, person, to_page=level.to_page)
            except (Failed, OSError) as error:
                failed += 1
                print(f"{contender.name}: {error}", file=sys.stderr)
            else:
                took.append(time.perf_counter() - begun)

    spent, begun = contender.cpu_seconds(), time.perf_counter()
    until = begun + seconds
    await asyncio.gather(*(client() for _ in range(level.clients)))
    lasted, spent = time.perf_counter() - begun, contender.cpu_seconds() - spent
    if len(took) < 2:
        raise SystemExit(f"{contender.name}: no launch went well")
    return Round(
        len(took) / lasted, statistics.quantiles(took, n=20)[-1] * 1000, spent * 1000 / (len(took) + failed), failed
    )


async def measure(options: argparse.Namespace) -> dict[str, object]:
    from .bad_launches import refusals
    from .browsing import PEOPLE_OF_OLD, Lms

    lms = Lms()
    server = await lms.publish()
    fresh = itertools.count(PEOPLE_OF_OLD)  # nobody is new twice
    with ExitStack() as stack:
        stack.callback(sweep_redis)
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ilp-peer-")))
        kind, urls = stack.enter_context(databases(folder, ["ours", PEER, TUNED]))
        contenders = [make_ours(folder, urls[0], lms)]
        contenders += [make_peer(name, folder, url, lms) for name, url in zip((PEER, TUNED), urls[1:], strict=True)]
        for contender in contenders:
            stack.enter_context(contender.serving(options.workers, options.threads))
        refused = {contender.name: await refusals(lms, contender.socket) for contender in contenders}
        for contender in contenders:  # everybody has been here once
            everybody = iter(range(PEOPLE))
            await asyncio.gather(*(_each(contender, lms, everybody) for _ in range(8)))
        levels = [
            level
            for clients in options.clients
            for level in (
                Level(f"{clients}_clients", clients),
                Level(f"{clients}_clients_message_only", clients, to_page=False),
                Level(f"{clients}_clients_new_people", clients, new=True),
                Level(f"{clients}_clients_keys_at_once", clients, keys_take_ms=0),
                Level(f"{clients}_clients_keys_at_once_message_only", clients, keys_take_ms=0, to_page=False),
                Level(f"{clients}_clients_keys_at_once_new_people", clients, keys_take_ms=0, new=True),
            )
        ]
        for number in range(options.rounds):
            for level in levels:
                for contender in contenders if number % 2 else reversed(contenders):
                    people = fresh if level.new else itertools.cycle(range(PEOPLE))
                    lms.keys_take_ms = level.keys_take_ms
                    done = await load(contender, lms, people, level, options.seconds)
                    contender.rounds.setdefault(level.name, []).append(done)
                    print(f"{level.name} {contender.name}: {done}", file=sys.stderr)
    server.close()
    told = {f"{name}_is": what for name, what in IS.items()}
    return {"database": kind} | told | _figures(contenders) | _row(refused)


async def _each(contender: Contender, lms: "Lms", people: Iterator[int]) -> None:
    from .browsing import Browser

    for person in people:
        await lms.launch(Browser(contender.socket), person)


def _figures(contenders: list[Contender]) -> dict[str, object]:
    """Medians of the rounds, and the ratios: how many times ours is as fast, and how many times less CPU it takes."""
    figures: dict[str, object] = {}
    for level in contenders[0].rounds:
        medians = {}
        for contender in contenders:
            rounds = contender.rounds[level]
            rate, p95, cpu = (statistics.median(each[part] for each in rounds) for part in range(3))
            medians[contender.name] = rate, cpu
            prefix = f"{level}_{contender.name}"
            figures |= {
                f"{prefix}_per_second": round(rate, 1),
                f"{prefix}_p95_ms": round(p95, 1),
                f"{prefix}_cpu_ms": round(cpu, 2),
            }
            if failed := sum(each.failed for each in rounds):
                figures[f"{prefix}_failed"] = failed
        for name in (PEER, TUNED):
            figures[f"{level}_ratio_to_{name}"] = round(medians["ours"][0] / medians[name][0], 2)
            figures[f"{level}_cpu_ratio_to_{name}"] = round(medians[name][1] / medians["ours"][1], 2)
    return figures | {"ratio_bound": 3}


def _row(refused: dict[str, dict[str, bool]]) -> dict[str, object]:
    """The correctness row: a faster contender that lets these in would not be the same thing."""
    row: dict[str, object] = {}
    for name, results in refused.items():
        row[f"{name}_refuses"] = f"{sum(results.values())} of {len(results)}"
        if let_in := [bad for bad, well in results.items() if not well]:
            row[f"{name}_lets_in"] = let_in
    return row


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 8, 32])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--threads", type=int, default=4)
    options = parser.parse_args()
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"  # for the factories of this process
    import django

    django.setup()
    print(json.dumps(asyncio.run(measure(options))))


if __name__ == "__main__":
    main()
