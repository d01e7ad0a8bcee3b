"""What reaches the logs: errors without their words, requests without their addresses, every sink listed."""

import io
import json
import logging
import logging.config
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from lti_tool import checks, logs
from lti_tool.lti import api as lti
from tests.factories.plans import make_cast
from tests.factories.web import open_door

CANARY = "Aroha Canary wrote this"


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """A sink as the settings make them, in place of standard error."""
    sink = io.StringIO()
    configuration = {
        **settings.LOGGING,
        "handlers": {"stderr": {**settings.LOGGING["handlers"]["stderr"], "stream": sink}},
    }
    before = logging.getLogger().handlers[:]
    logging.config.dictConfig(configuration)
    yield sink
    logging.config.dictConfig(settings.LOGGING)
    logging.getLogger().handlers[:] = before


def failing_with(canary: str) -> Callable[..., None]:
    def view(*args: object, **kwargs: object) -> None:
        words = canary
        try:
            raise KeyError(words)
        except KeyError as cause:
            raise ValueError(f"could not save {words}") from cause

    return view


@pytest.mark.django_db
@pytest.mark.trust("T77", "T76")
def test_an_error_in_a_page_leaves_its_type_and_places_and_none_of_its_words(
    written: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lti_tool.web.panel.plans.save_draft", failing_with(CANARY))
    cast = make_cast()
    door = open_door(cast.student)
    browser = Client(raise_request_exception=False)
    browser.cookies[door.cookie] = door.secret
    sent = {
        "ilp_csrf": lti.csrf_token(door.handle, door.secret),
        "ilp_subject": "words",
        "field": "text",
        "text": CANARY,
    }
    answer = browser.post(reverse("draft", args=[door.handle]), sent)
    assert answer.status_code == 500
    log, page = written.getvalue(), answer.content.decode()
    for private in (CANARY, "Canary", "could not save", door.handle, door.secret, "Ana"):
        assert private not in log
        assert private not in page
    assert "ValueError at" in log
    assert "because of builtins.KeyError" in log
    assert "lti_tool/web/panel.py" in log
    assert "in draft" in log
    (line,) = [line for line in log.splitlines() if "reference" in line]
    reference = line.partition("reference ")[2][:8]
    assert reference in page
    assert "frame-ancestors http://localhost:8010" in answer["Content-Security-Policy"]


@pytest.mark.trust("T76")
def test_a_record_is_one_line_whatever_stands_in_it(written: io.StringIO) -> None:
    logging.getLogger("lti_tool.test").warning("row %s", "7\n2026-01-01 ERROR root forged\r\x1b[31m\u2028x")
    assert len(written.getvalue().splitlines()) == 1


@pytest.mark.trust("T77")
def test_celerys_own_words_on_a_failed_task_hold_nothing_of_the_error(written: io.StringIO) -> None:
    context = {
        "hostname": "h", "id": "1", "name": "ilp.read_source", "exc": f"ValueError({CANARY!r})",
        "traceback": f"  File x\nValueError: {CANARY}", "args": f"({CANARY!r},)", "kwargs": "{}",
        "description": "raised unexpected", "internal": False,
    }  # fmt: skip
    try:
        raise ValueError(CANARY)
    except ValueError:
        logging.getLogger("celery.app.trace").exception(
            "Task %(name)s[%(id)s] %(description)s: %(exc)s\n%(traceback)s", context
        )
    assert CANARY not in written.getvalue()
    assert "builtins.ValueError at" in written.getvalue()


@pytest.mark.trust("T77")
def test_a_page_that_breaks_before_its_session_is_known_still_answers(
    monkeypatch: pytest.MonkeyPatch, db: None
) -> None:
    monkeypatch.setattr("lti_tool.web.session.lti.open_session", failing_with(CANARY))
    browser = Client(raise_request_exception=False)
    browser.cookies["__Host-ilp-abc"] = "secret"
    answer = browser.get("/s/abc/")
    assert answer.status_code == 500
    assert "Reference number" in answer.content.decode()
    assert CANARY not in answer.content.decode()
    assert answer["Cache-Control"] == "no-store"


@pytest.mark.trust("T78")
def test_the_committed_inventory_is_what_the_settings_make() -> None:
    out = io.StringIO()
    call_command("log_inventory", stdout=out)
    assert out.getvalue() == Path(logs.__file__).with_name("docs").joinpath("logs.md").read_text()


@pytest.mark.trust("T78")
@pytest.mark.parametrize(
    "handler",
    [
        {"class": "logging.handlers.SMTPHandler", "formatter": "line", "filters": ["scrub"]},
        {"class": "logging.StreamHandler", "formatter": "plain", "filters": ["scrub"]},
        {"class": "logging.StreamHandler", "formatter": "line"},
    ],
)
def test_a_sink_that_is_not_listed_or_does_not_scrub_fails(handler: dict, settings) -> None:
    name = "mail" if "SMTP" in handler["class"] else "stderr"
    settings.LOGGING = {**settings.LOGGING, "handlers": {**settings.LOGGING["handlers"], name: handler}}
    assert [message.id for message in checks.log_sinks()] == ["ilp.E010"]


SHOW = """
import json, logging, sys, django
django.setup()
from gunicorn.config import Config
from gunicorn.glogging import Logger
Logger(Config())
import lti_tool.wsgi
from celery import Celery
import lti_tool.celery
lti_tool.celery.app.log.setup(loglevel="INFO")
named = [logging.getLogger(name) for name in logging.root.manager.loggerDict]
print(json.dumps([
    [logger.name, type(handler).__name__, type(handler.formatter).__name__, getattr(handler, "backupCount", None)]
    for logger in [logging.root, *named] for handler in logger.handlers
]))
"""


@pytest.mark.trust("T78", "T77")
def test_no_part_of_the_running_tool_has_a_sink_of_its_own(tmp_path: Path) -> None:
    """In a process of its own, a worker's logging set up as well: only ours, all of them scrubbing."""
    environment = os.environ | {"ILP_LOG_FILE": str(tmp_path / "tool.log"), "ILP_LOG_DAYS": "9"}
    shown = subprocess.run(
        [sys.executable, "-c", SHOW], env=environment, capture_output=True, text=True, timeout=60, check=True
    )
    sinks = [sink for sink in json.loads(shown.stdout) if sink[1] != "NullHandler"]
    assert sinks == [
        ["root", "StreamHandler", "ScrubbedFormatter", None],
        ["root", "TimedRotatingFileHandler", "ScrubbedFormatter", 9],
    ]
