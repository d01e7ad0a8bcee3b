"""The two job commands as an operator runs them: whole processes, from another folder, with nothing set up."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from lti_tool.tasks.job import Job, JobError, read
from tests.factories.lms import FakeLMS, write_job


@pytest.fixture
def lms() -> Iterator[FakeLMS]:
    with FakeLMS(courses=2, members=60, items=4, page=25, teachers=1, throttled=0.02, failing=0.01) as running:
        yield running


def tool(command: str, job: Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("ILP_", "DJANGO_", "DATABASE_", "PYTEST_"))
    }
    return subprocess.run(
        [sys.executable, "-m", "lti_tool", command, "--job", str(job)],
        capture_output=True, text=True, timeout=120, cwd=cwd, env=environment, check=False,
    )  # fmt: skip


def last_line(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout.strip().splitlines()[-1]))


def expected(lms: FakeLMS) -> dict[str, Any]:
    rows, total = lms.total()
    return {"rows": rows, "members": lms.courses * lms.members, "items": lms.courses * lms.items, "sum": total}


def test_a_job_reads_everything_and_counts_it_back(lms: FakeLMS, tmp_path: Path) -> None:
    job = write_job(tmp_path, lms)
    assert last_line(tool("sync_evidence", job, tmp_path)) == expected(lms)
    rows, total = lms.total()
    assert last_line(tool("evidence_count", job, tmp_path)) == {"rows": rows, "sum": total}


def test_a_second_run_writes_nothing_and_a_third_exactly_what_changed(lms: FakeLMS, tmp_path: Path) -> None:
    job = write_job(tmp_path, lms)
    tool("sync_evidence", job, tmp_path)
    held = history(tmp_path)
    assert held == lms.total()[0]
    tool("sync_evidence", job, tmp_path)
    assert history(tmp_path) == held
    changed = lms.change(0.01)
    assert last_line(tool("sync_evidence", job, tmp_path)) == expected(lms)
    assert history(tmp_path) == held + changed


def history(folder: Path) -> int:
    """All values ever stored, by a program that knows nothing of the tool."""
    import sqlite3

    with sqlite3.connect(folder / "state" / "ilp.sqlite3") as database:
        return int(database.execute("SELECT count(*) FROM ilp_plans_evidence").fetchone()[0])


@pytest.mark.trust("T69")
def test_the_job_s_secret_is_its_owner_s_alone_and_stays(lms: FakeLMS, tmp_path: Path) -> None:
    job = write_job(tmp_path, lms)
    tool("sync_evidence", job, tmp_path)
    secret = tmp_path / "state" / "secret-key"
    before = secret.read_text()
    assert secret.stat().st_mode & 0o077 == 0
    tool("sync_evidence", job, tmp_path)
    assert secret.read_text() == before


def test_the_token_of_the_run_before_is_used_again(lms: FakeLMS, tmp_path: Path) -> None:
    job = write_job(tmp_path, lms)
    tool("sync_evidence", job, tmp_path)
    tool("sync_evidence", job, tmp_path)
    assert len(lms.tokens) == 1


@pytest.fixture
def dsns() -> Iterator[list[str | None]]:
    """Where this run's jobs store: SQLite, or a fresh PostgreSQL database, named by URL and by libpq keywords."""
    server = os.environ.get("DATABASE_URL", "")
    if not server.startswith("postgres"):
        yield [None]
        return
    name = f"ilp_job_{os.getpid()}"
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}"')
        try:
            keywords = psycopg.conninfo.make_conninfo(server, dbname=name)
            parts = psycopg.conninfo.conninfo_to_dict(keywords)
            url = f"postgresql://{parts['user']}:{parts.get('password', '')}@{parts['host']}:{parts['port']}/{name}"
            yield [url, keywords]
        finally:
            admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.mark.database
def test_a_job_stores_where_it_is_told_to(lms: FakeLMS, tmp_path: Path, dsns: list[str | None]) -> None:
    for dsn in dsns:
        job = write_job(tmp_path, lms, pg_dsn=dsn)
        assert last_line(tool("sync_evidence", job, tmp_path)) == expected(lms)
        assert last_line(tool("evidence_count", job, tmp_path))["rows"] == lms.total()[0]


@pytest.mark.parametrize(
    ("dsn", "url"),
    [
        ("postgresql://u:p%40w@db.example:5433/school?sslmode=require",
         "postgresql://u:p%40w@db.example:5433/school?sslmode=require"),
        ("postgres://u@[::1]/school", "postgresql://u@[::1]/school"),
        ("host=db.example port=5433 dbname=school user=u password='p w'", "postgresql://u:p%20w@db.example:5433/school"),
        ("host=/var/run/postgresql dbname=school", "postgresql://%2Fvar%2Frun%2Fpostgresql/school"),
        ("dbname=school", "postgresql:///school"),
    ],
)  # fmt: skip
def test_a_dsn_is_understood_as_libpq_understands_it(tmp_path: Path, dsn: str, url: str) -> None:
    job = read(write_job(tmp_path, FakeLMS(), pg_dsn=dsn))
    assert job.database_url() == url


@pytest.mark.parametrize("dsn", [None, "", "  "])
def test_no_dsn_is_sqlite_in_the_state_folder(tmp_path: Path, dsn: str | None) -> None:
    job = read(write_job(tmp_path, FakeLMS(), pg_dsn=dsn))
    assert job.database_url() == f"sqlite:///{tmp_path / 'state' / 'ilp.sqlite3'}"


def test_a_dsn_that_is_none_is_told(tmp_path: Path) -> None:
    with pytest.raises(JobError, match="pg_dsn"):
        read(write_job(tmp_path, FakeLMS(), pg_dsn="not a dsn")).database_url()


def test_only_the_origins_the_file_names_are_trusted(tmp_path: Path) -> None:
    job = Job.model_validate_json(
        write_job(tmp_path, FakeLMS(port=8123), token_url="https://auth.example/token").read_bytes()
    )
    assert job.origins() == ["http://127.0.0.1:8123", "https://auth.example"]


def refused(done: subprocess.CompletedProcess[str], *words: str) -> None:
    """One plain line, exit code 1, and nothing that looks like an answer."""
    assert done.returncode == 1
    assert done.stdout == ""
    lines = [line for line in done.stderr.splitlines() if " WARNING " not in line]
    assert len(lines) == 1, done.stderr
    assert "Traceback" not in done.stderr
    for word in words:
        assert word in lines[0]


def test_a_platform_that_refuses_gives_one_line_and_no_answer(lms: FakeLMS, tmp_path: Path) -> None:
    job = write_job(tmp_path, lms)
    lms.client_id = "somebody-else"
    refused(tool("sync_evidence", job, tmp_path), "course-0", "refused")


def test_a_platform_that_is_down_gives_one_line_and_no_answer(tmp_path: Path) -> None:
    refused(tool("sync_evidence", write_job(tmp_path, FakeLMS(port=9)), tmp_path), "unreachable")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"courses": []}, ["courses"]),
        ({"token_url": "nowhere"}, ["token_url"]),
        ({"key_file": "absent.pem"}, ["absent.pem"]),
        ({"key_file": "public.pem"}, ["key_file"]),
        ({"pg_dsn": "postgresql://nobody@127.0.0.1:9/none"}, ["database"]),
    ],
)
def test_a_job_that_cannot_be_used_gives_one_line(tmp_path: Path, changes: dict[str, Any], words: list[str]) -> None:
    refused(tool("sync_evidence", write_job(tmp_path, FakeLMS(port=9), **changes), tmp_path), *words)


@pytest.mark.parametrize("content", ["", "{", "[]", "null"])
def test_a_file_that_is_no_job_gives_one_line(tmp_path: Path, content: str) -> None:
    path = tmp_path / "job.json"
    path.write_text(content)
    refused(tool("sync_evidence", path, tmp_path), "job.json")


def test_a_file_that_is_not_there_gives_one_line(tmp_path: Path) -> None:
    refused(tool("evidence_count", tmp_path / "absent.json", tmp_path), "absent.json")


def test_a_platform_nobody_has_read_yet_counts_nothing(tmp_path: Path) -> None:
    assert last_line(tool("evidence_count", write_job(tmp_path, FakeLMS()), tmp_path)) == {"rows": 0, "sum": 0.0}


def test_the_benchmark_holds_at_a_small_size() -> None:
    done = subprocess.run(
        [
            sys.executable, "-m", "tests.bench.evidence", "--database", "sqlite", "--rounds", "1",
            "--courses", "2", "--members", "60", "--items", "3",
        ],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    figures = last_line(done)
    assert figures["sqlite_complete_percent"] == 100
    assert figures["sqlite_most_at_once"] <= 16
