"""`python -m tests.bench.scale`: what the pages cost a school of 2,000 students with three years of plans.

On PostgreSQL where ILP_BENCH_PG or DATABASE_URL names one (in a database of its own, dropped afterwards), else on
SQLite. Each page is asked of Django in this process, as a worker would be, for students all over the school, and
counted once. The last line is the figures as JSON: medians and 95th percentiles in milliseconds, SQL statements.

Environment: ILP_BENCH_STUDENTS (2000), ILP_BENCH_ROUNDS (40) requests a page.
"""

import json
import os
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager

STUDENTS, ROUNDS = int(os.environ.get("ILP_BENCH_STUDENTS", "2000")), int(os.environ.get("ILP_BENCH_ROUNDS", "40"))
BOUND_MS, BOUND_SQL = 150, 15  # issue 4


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="ilp-bench-") as folder, database(folder) as url:
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "lti_tool.settings",
            "DATABASE_URL": url,
            "ILP_ENV_FILE": os.devnull,
            "ILP_VAR_DIR": folder,
            "ILP_SECRET_KEY": "only-for-benchmarks-" + "0123456789abcdef" * 4,
            "ILP_BASE_URL": "http://testserver",
            "ILP_DEVELOPMENT": "1",
            "ILP_BROKER_URL": "memory://",
            "ILP_LOG_LEVEL": "WARNING",
        }
        import django

        django.setup()
        from django.db import connection

        try:
            print(json.dumps(measure()))
        finally:
            connection.close()


@contextmanager
def database(folder: str) -> Iterator[str]:
    """An empty database to measure on, gone afterwards."""
    server = os.environ.get("ILP_BENCH_PG") or os.environ.get("DATABASE_URL", "")
    if not server.startswith("postgres"):
        yield f"sqlite:///{folder}/bench.sqlite3"
        return
    import psycopg

    name = f"ilp_bench_{os.getpid()}"
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}")
        try:
            yield f"{server.rpartition('/')[0]}/{name}"
        finally:
            admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


def measure() -> dict[str, object]:
    from django.core.management import call_command
    from django.db import connection

    from tests.factories.big_school import make_big_school

    call_command("migrate", verbosity=0)
    call_command("collectstatic", "--noinput", verbosity=0)
    began = time.perf_counter()
    school = make_big_school(students=STUDENTS)
    made = time.perf_counter() - began
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    figures: dict[str, object] = {
        "database": connection.vendor,
        "students": STUDENTS,
        "rows": school.rows,
        "rows_written_in_s": round(made, 1),
        "median_bound_ms": BOUND_MS,
        "sql_bound": BOUND_SQL,
    }
    from tests.factories.pages_at_scale import doors, statements

    for name, asked in doors(school, rounds=ROUNDS).items():
        asked[0].ask()  # what a process does only once is no page's
        figures[f"{name}_sql"] = statements(asked[0])
        times = []
        for page in asked:
            start = time.perf_counter()
            page.ask()
            times.append((time.perf_counter() - start) * 1000)
        figures[f"{name}_median_ms"] = round(statistics.median(times), 1)
        figures[f"{name}_p95_ms"] = round(statistics.quantiles(times, n=20)[-1], 1)
    return figures


if __name__ == "__main__":
    main()
