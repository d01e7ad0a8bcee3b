"""`python -m tests.bench.panel`: what a first load of each page costs over the wire, and how many statements it asks.

The page, and every style and script it names, as a browser that has nothing yet would load them, headers included
and compressed as the tool serves them. The class has 30 students; the statements are counted again in one of 120.
The last line is the figures as JSON.
"""

import json
import os
import re
import tempfile
from collections.abc import Mapping

BOUND_BYTES, BOUND_SQL = 40_000, 10  # issue 2
ASSET = re.compile(rb'(?:href|src)="(/static/[^"#?]+)"')


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="ilp-bench-") as folder:
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "lti_tool.settings",
            "DATABASE_URL": f"sqlite:///{folder}/bench.sqlite3",
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
        print(json.dumps(measure()))


def measure() -> dict[str, object]:
    from django.core.management import call_command

    from lti_tool.plans import api as plans
    from tests.factories.web import make_story, open_door

    call_command("migrate", verbosity=0)
    call_command("collectstatic", "--noinput", verbosity=0)
    story = make_story()
    plans.start_review(story.teacher, story.aroha.person_id)
    pages = {
        "student": (open_door(story.aroha), ""),
        "teacher": (open_door(story.teacher), ""),
        "review": (open_door(story.teacher), f"students/{story.aroha.person_id}/review/"),
    }
    figures: dict[str, object] = {"bytes_bound": BOUND_BYTES, "panel_sql_bound": BOUND_SQL}
    for students in (30, 120):
        for number in range(students - 9):
            story.maths.learner(f"Student number {students} {number}")
        for name, (door, path) in pages.items():
            weight, statements = load(door.path + path, {door.cookie: door.secret})
            figures[f"{name}_sql_in_class_of_{students}"] = statements
            if students == 30:
                figures[f"{name}_bytes"] = weight
    return figures


def load(address: str, cookies: Mapping[str, str]) -> tuple[int, int]:
    """Bytes over the wire of the page with all it names, and the SQL statements of the page itself."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    browser = Client(headers={"Accept-Encoding": "gzip"})
    for name, value in cookies.items():
        browser.cookies[name] = value
    ask(browser, address)  # what a process does only once is not the page's
    with CaptureQueriesContext(connection) as queries:
        page, weight = ask(browser, address)
    statements = len(queries)  # read now: the next request empties the log
    return weight + sum(ask(browser, asset)[1] for asset in assets(page)), statements


def ask(browser: "object", address: str) -> tuple[bytes, int]:
    """The answer's body, unpacked, and what it weighs packed, with its headers."""
    import gzip

    answer = browser.get(address)  # type: ignore[attr-defined]
    assert answer.status_code == 200, (address, answer.status_code)
    body = b"".join(answer) if answer.streaming else answer.content
    head = sum(len(f"{name}: {value}\r\n") for name, value in answer.items())
    packed = answer.headers.get("Content-Encoding") == "gzip"
    return gzip.decompress(body) if packed else body, len(body) + head + len("HTTP/1.1 200 OK\r\n\r\n")


def assets(page: bytes) -> list[str]:
    return sorted({found.decode() for found in ASSET.findall(page)})


if __name__ == "__main__":
    main()
