"""What the tool writes to its logs, where, for whom and for how long (T76, T77, T78).

An error is told by its type and the places it went through, never by its message, its local variables or the
request's body: those may hold a child's name or words. A request is told by its route's name, never by its address.
Every sink is one of `SINKS`; a system check refuses to start with another, and what the web server brings along is
taken over (`take_over`).
"""

import logging
import traceback
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

Trouble = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
PACKAGES = Path(__file__).resolve().parent.parent
MOST_CAUSES = 5
SERVERS = ("gunicorn.error", "gunicorn.access", "uvicorn", "uvicorn.error", "uvicorn.access")


@dataclass(frozen=True, slots=True)
class Sink:
    """One place log lines go to."""

    place: str
    reader: str
    days: str


SINKS: Mapping[str, Sink] = {
    "stderr": Sink(
        "standard error of the process",
        "whoever runs the process (service manager, container)",
        "as the service manager is set; journald: MaxRetentionSec=30day",
    ),
    "file": Sink(
        "the file ILP_LOG_FILE names, off by default",
        "the operator",
        "ILP_LOG_DAYS (30); a new file each midnight, older ones are deleted by the tool",
    ),
}
FIELDS = {
    "time": "when, to the millisecond",
    "level": "how bad",
    "logger": "which part of the tool",
    "message": "a fixed sentence with codes, row numbers, ids, host names and reference numbers",
    "error": "type and places of an error, without its message",
}


class ScrubbedFormatter(logging.Formatter):
    """One line a record, whatever stands in it, with errors told without their words."""

    def format(self, record: logging.LogRecord) -> str:
        record.exc_text = None  # perhaps another handler's, with the error's words
        line = super().format(record)
        return "".join(character if character.isprintable() else _escaped(character) for character in line)

    def formatException(self, ei: Trouble) -> str:  # noqa: N802 (the library's name)
        return places(ei[1]) if ei[1] is not None else ""

    def formatStack(self, stack_info: str) -> str:  # noqa: N802 (the library's name)
        return ""


class Scrub(logging.Filter):
    """Takes out what libraries would tell: addresses from Django's lines, errors' words from Celery's."""

    def filter(self, record: logging.LogRecord) -> bool:
        request = getattr(record, "request", None)
        if record.name.startswith("django.") and request is not None:
            match = getattr(request, "resolver_match", None)
            record.msg, record.args = (
                "%s in %s, reference %s",
                (
                    getattr(record, "status_code", 500),
                    match.view_name if match else "no route",
                    getattr(request, "ilp_reference", "-"),
                ),
            )
        elif record.name.partition(".")[0] in {"gunicorn", "uvicorn"} and record.levelno != logging.INFO:
            # A request that could not be read is quoted, one that failed is told with its address.
            record.msg, record.args = "the web server could not read or answer a request", ()
        elif record.name.startswith("celery.") and isinstance(record.args, Mapping) and "traceback" in record.args:
            record.args = {**record.args, "exc": "see the error", "traceback": "", "args": "-", "kwargs": "-"}
        return True


def take_over() -> None:
    """Let a web server's own lines go where ours go. It made its loggers before it loads the application."""
    for name in SERVERS:
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = not name.endswith(".access")  # addresses name sessions and students


def places(error: BaseException) -> str:
    """`ValueError at plans/people.py:12 people.names < web/panel.py:40 ...`, causes behind it."""
    told: list[str] = []
    current: BaseException | None = error
    while current is not None and len(told) < MOST_CAUSES:
        frames = traceback.extract_tb(current.__traceback__)
        where = " < ".join(f"{_short(frame.filename)}:{frame.lineno} {frame.name}" for frame in reversed(frames))
        told.append(f"{type(current).__module__}.{type(current).__qualname__} at {where or 'no place'}")
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
    return "; because of ".join(told)


def inventory(configuration: Mapping[str, Any]) -> str:
    """The log inventory as a document, from the settings that are in force."""
    rows = [
        f"| {name} | {sink.place} | {sink.reader} | {sink.days} |"
        for name, sink in SINKS.items()
        if name == "file" or name in configuration["handlers"]
    ]
    return "\n".join(
        [
            "# Log inventory",
            "",
            "Made from the logging settings by `ilp-tool log_inventory`; a test compares the two.",
            "",
            "| sink | place | reader | days |",
            "|-|-|-|-|",
            *rows,
            "",
            "Fields of every line:",
            "",
            *(f"- {name}: {meaning}" for name, meaning in FIELDS.items()),
            "",
            "Never in a log: names, words, scores, tokens, messages of an LMS, addresses of pages, local variables.",
            "",
        ]
    )


def unlisted(configuration: Mapping[str, Any]) -> list[str]:
    """Sinks that the settings name and the inventory does not, or that do not scrub what they write."""
    scrubs = "lti_tool.logs.ScrubbedFormatter"
    formatters = {
        name for name, formatter in configuration.get("formatters", {}).items() if formatter.get("()") == scrubs
    }
    return [
        name
        for name, handler in configuration.get("handlers", {}).items()
        if name not in SINKS
        or handler.get("formatter") not in formatters
        or "scrub" not in handler.get("filters", ())
    ]


def _short(filename: str) -> str:
    path = Path(filename)
    if path.is_relative_to(PACKAGES) and "site-packages" not in path.parts:
        return str(path.relative_to(PACKAGES))
    return "/".join(path.parts[-2:])


def _escaped(character: str) -> str:
    return " " if unicodedata.category(character) == "Zs" else character.encode("unicode_escape").decode("ascii")
