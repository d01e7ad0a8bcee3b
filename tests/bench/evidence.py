"""`python -m tests.bench.evidence`: a school's whole evidence, read from a slow and faulty gradebook.

5 courses x 1,000 members x 40 columns = 200,000 results in pages of 50, 20 ms a request, 1 % answered 429 and 0.5 %
answered 500, at most 16 requests under way. The gradebook is a process of its own. The contender is a bare aiohttp
loop that only fetches and stores the same rows by bulk upsert (tests/bench/bare_evidence.py). Both start from an
empty database each time, take turns, and each run is a whole process, from its start to its answer. Then ours runs
twice more: with nothing changed, and after 1 % of the scores changed. The last line is the figures as JSON.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.factories.lms import FakeLMS, key_pair, write_job

FAULTS = {"delay": 0.02, "throttled": 0.01, "failing": 0.005}
PATIENCE_SECONDS = 300
ADMIN_DSN = os.environ.get("ILP_BENCH_PG", "postgresql:///postgres")


@contextmanager
def lms_process(folder: Path, size: dict[str, int], public: bytes) -> Iterator[FakeLMS]:
    """The gradebook as a process; the value only knows where it is."""
    (folder / "public.pem").write_bytes(public)
    described = {**size, **FAULTS, "public_key_file": str(folder / "public.pem")}
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.factories.lms", json.dumps(described)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        yield FakeLMS(**size, port=json.loads(process.stdout.readline())["port"])
    finally:
        process.terminate()
        process.communicate(timeout=10)


@contextmanager
def databases(kind: str) -> Iterator[Any]:
    """A maker of fresh, empty databases of this kind, dropped in the end: gives a `pg_dsn`, None for SQLite."""
    if kind == "sqlite":
        yield lambda: None
        return
    import psycopg

    made: list[str] = []
    with psycopg.connect(ADMIN_DSN, autocommit=True) as admin:

        def make() -> str:
            name = f"ilp_bench_{uuid.uuid4().hex[:12]}"
            admin.execute(f'CREATE DATABASE "{name}"')
            made.append(name)
            return str(psycopg.conninfo.make_conninfo(ADMIN_DSN, dbname=name))

        try:
            yield make
        finally:
            for name in made:
                admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def run(module: list[str], job: Path) -> tuple[float, dict[str, Any]]:
    """Seconds of wall time, and the last line of its output."""
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", *module, "--job", str(job)],
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    seconds = time.perf_counter() - began
    if done.returncode:
        raise SystemExit(f"{' '.join(module)} ended with {done.returncode}: {done.stderr.strip()[-2000:]}")
    return seconds, json.loads(done.stdout.strip().splitlines()[-1])


def ask(lms: FakeLMS, path: str, *, post: bool = False) -> dict[str, Any]:
    request = urllib.request.Request(lms.base + path, method="POST" if post else "GET")
    with urllib.request.urlopen(request, timeout=30) as answer:
        return dict(json.load(answer))


def measure(kind: str, size: dict[str, int], rounds: int) -> dict[str, Any]:
    """One database kind: medians of alternating runs, and whether everything was complete and right."""
    ours: list[float] = []
    bare: list[float] = []
    most = 0
    expected = size["courses"] * size["members"] * size["items"]
    with tempfile.TemporaryDirectory() as name, databases(kind) as fresh:
        root, pair = Path(name), key_pair()
        with lms_process(root, size, pair[1]) as lms:
            for number in range(rounds):
                for contender, module, times in (
                    ("bare", ["tests.bench.bare_evidence"], bare),
                    ("ours", ["lti_tool", "sync_evidence"], ours),
                ):
                    folder = root / f"{contender}-{number}"
                    folder.mkdir()
                    job = write_job(folder, lms, pg_dsn=fresh(), pair=pair)
                    seconds, said = run(module, job)
                    seen = ask(lms, "/seen")
                    _check(f"{contender} on {kind}", said, seen, expected)
                    most = max(most, seen["most_at_once"])
                    times.append(seconds)
                    print(f"{kind} {contender}: {seconds:.1f} s", file=sys.stderr)
            again, said = run(["lti_tool", "sync_evidence"], job)
            _check("run again", said, ask(lms, "/seen"), expected)
            changed = ask(lms, "/change?share=0.01", post=True)["changed"]
            _, said = run(["lti_tool", "sync_evidence"], job)
            _check("after changes", said, ask(lms, "/seen"), expected)
            _, counted = run(["lti_tool", "evidence_count"], job)
            _check("counted", counted, ask(lms, "/seen"), expected)
    return {
        f"{kind}_ours_seconds": round(statistics.median(ours), 2),
        f"{kind}_bare_seconds": round(statistics.median(bare), 2),
        f"{kind}_ratio": round(statistics.median(ours) / statistics.median(bare), 3),
        f"{kind}_unchanged_seconds": round(again, 2),
        f"{kind}_complete_percent": 100,
        f"{kind}_changed_found": changed,
        f"{kind}_most_at_once": most,
    }


def _check(what: str, said: dict[str, Any], seen: dict[str, Any], expected: int) -> None:
    if said["rows"] != expected or seen["rows"] != expected or abs(said["sum"] - seen["sum"]) > 1e-6:
        raise SystemExit(f"{what}: {said} is not what the gradebook holds: {seen}")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--courses", type=int, default=5)
    parser.add_argument("--members", type=int, default=1000)
    parser.add_argument("--items", type=int, default=40)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], action="append")
    options = parser.parse_args()
    size = {"courses": options.courses, "members": options.members, "items": options.items}
    figures: dict[str, Any] = {}
    for kind in options.database or _kinds():
        figures |= measure(kind, size, options.rounds)
    print(json.dumps(figures))


def _kinds() -> list[str]:
    """SQLite, and PostgreSQL where one answers."""
    import psycopg

    try:
        psycopg.connect(ADMIN_DSN, connect_timeout=2).close()
    except psycopg.OperationalError:
        return ["sqlite"]
    return ["sqlite", "postgresql"]


if __name__ == "__main__":
    main()
