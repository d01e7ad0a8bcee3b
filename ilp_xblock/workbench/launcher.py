"""`ilp-lms demo`: the LMS and the tool side by side, connected the way a school connects them.

The launcher never imports the tool: it speaks to it by its commands and over HTTP, as anyone outside does.
"""

import fcntl
import json
import os
import secrets
import shutil
import signal
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from .check import Missed, Panel
from .plans import written_plans
from .processes import Failed, Parts, free_or_failed
from .visitor import Unvisitable

SCHOOL = "Riverbank School"
TOOL = "lti_tool"
LMS = "ilp_xblock.workbench"
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
READ_SECONDS = 90  # for the first evidence read
FORGETTABLE = ("ilp-*.sqlite3*", "ilp-*.env", "demo*.json", "celerybeat*", "demo.lock")
FORGETTABLE_DIRECTORIES = ("queue", "queue-control", "log", "static", "djpyfs")


class Stopped(Exception):
    """The user asked the demo to stop."""


@dataclass(frozen=True)
class Places:
    """Where the demo lives. The tool and the LMS are two sites to a browser: 127.0.0.1 and localhost."""

    var: Path
    tool_port: int
    lms_port: int

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> "Places":
        tool, lms = _port(environ, "ILP_TOOL_PORT", 8020), _port(environ, "ILP_LMS_PORT", 8010)
        if tool == lms:
            raise Failed(f"the tool and the LMS cannot share port {tool}: choose two")
        return cls(var=Path(environ.get("ILP_VAR_DIR", "var")).resolve(), tool_port=tool, lms_port=lms)

    @property
    def tool(self) -> str:
        return f"http://127.0.0.1:{self.tool_port}"

    @property
    def media(self) -> str:
        """The tool again, by the name under which it hands out files."""
        return f"http://localhost:{self.tool_port}"

    @property
    def lms(self) -> str:
        return f"http://localhost:{self.lms_port}"

    @property
    def demo_file(self) -> Path:
        return self.var / "demo.json"

    @property
    def state_file(self) -> Path:
        """What a later start must know: never read by others."""
        return self.var / "demo-connection.json"


def main() -> int:
    """Run until asked to stop. 0 after that, 1 with one line on what went wrong."""
    for sign in SIGNALS:
        signal.signal(sign, _stop)
    try:
        places = Places.from_environment(os.environ)
        with _only_one(places.var):
            _run(places)
    except Stopped:
        return 0
    except (Failed, Unvisitable) as error:
        print(f"The demo stopped: {error}.", file=sys.stderr)  # noqa: T201
        return 1
    except OSError as error:
        print(f"The demo stopped: {error.strerror or error} ({error.filename}).", file=sys.stderr)  # noqa: T201
        return 1
    return 0


def reset() -> int:
    """`ilp-lms demo_reset`: forget what was done in the demo; refused while it runs."""
    places = Places.from_environment(os.environ)
    try:
        with _only_one(places.var):
            for pattern in FORGETTABLE:
                for path in places.var.glob(pattern):
                    path.unlink()
            for name in FORGETTABLE_DIRECTORIES:
                shutil.rmtree(places.var / name, ignore_errors=True)
    except Failed as error:
        print(f"Nothing was forgotten: {error}.", file=sys.stderr)  # noqa: T201
        return 1
    _say("The demo is as new: make demo starts over.")
    return 0


def _run(places: Places) -> None:
    free_or_failed(places.lms_port, "LMS_PORT")
    free_or_failed(places.tool_port, "TOOL_PORT")
    known = _known_connection(places.state_file)
    places.demo_file.unlink(missing_ok=True)
    env = _environment(places)
    with _stopping(Parts(places.var / "log", env), places.demo_file) as parts:
        with _step("Preparing both databases"):
            parts.run("preparing the tool's database", TOOL, "migrate", "--noinput", "--verbosity", "0")
            parts.run("preparing the LMS's database", LMS, "migrate", "--run-syncdb", "--noinput", "--verbosity", "0")
            parts.run("filling the demo school", LMS, "seed_course")
        with _step("Collecting styles and scripts"):
            parts.run("collecting styles and scripts", TOOL, "collectstatic", "--noinput", "--verbosity", "0")
        with _step("Starting the tool, its worker and beat, and the LMS"):
            _start(places, parts)
        lms = json.loads(parts.run("reading the courses", LMS, "describe_courses"))
        with _step("Connecting the LMS and the tool by Dynamic Registration"):
            connection = _connect(places, parts, known)
        with _step("Reading the first evidence and filling the school's plans"):
            _fill(places, parts, connection, lms["courses"])
        _describe(places, parts, connection, lms)
        _say(_where_to_go(places, lms["courses"]))
        while True:
            time.sleep(0.5)
            parts.check()


def _start(places: Places, parts: Parts) -> None:
    gunicorn = ("gunicorn", *gunicorn_options())
    tool = parts.start(
        "the tool", *gunicorn, f"{TOOL}.wsgi:application", "--bind", f"127.0.0.1:{places.tool_port}", "--workers", "2"
    )
    celery = ("celery", "-A", f"{TOOL}.celery")
    worker = parts.start("the Celery worker", *celery, "worker", "--loglevel", "INFO")
    beat = parts.start(
        "Celery beat",
        *celery,
        "beat",
        "--loglevel",
        "INFO",
        "--schedule",
        str(places.var / "celerybeat"),
        "--pidfile=",
    )
    # The workbench keeps its usages in memory: one process, many threads.
    lms = parts.start(
        "the LMS", *gunicorn, f"{LMS}.wsgi:application", "--bind", f"127.0.0.1:{places.lms_port}", "--workers", "1"
    )
    parts.wait_for_url(tool, f"{places.tool}/lti/jwks")
    parts.wait_for_url(lms, f"{places.lms}/ilp/.well-known/openid-configuration")
    parts.wait_for_log(worker, " ready.")
    parts.wait_for_log(beat, "beat: Starting")


def gunicorn_options() -> list[str]:
    """A threaded server that leaves nothing outside its directory and takes long addresses: login hints are."""
    from gunicorn.config import KNOWN_SETTINGS

    flags = {flag for setting in KNOWN_SETTINGS for flag in setting.cli or []}
    # Newer releases open a control socket in the user's home.
    quiet = ["--no-control-socket"] if "--no-control-socket" in flags else []
    return [
        "--worker-class", "gthread", "--threads", "8", "--graceful-timeout", "5", "--limit-request-line", "8190",
        *quiet,
    ]  # fmt: skip


def _connect(places: Places, parts: Parts, known: dict) -> dict:
    """The connection of the two, made by Dynamic Registration unless an earlier start made it for these addresses."""
    if (known.get("tool"), known.get("issuer")) == (places.tool, places.lms):
        return known
    if known.get("client_id"):  # the ports changed: for both sides that is another tool and another LMS
        parts.run("forgetting the old connection", LMS, "forget_tool", known["client_id"])
    else:
        parts.run("making the school", TOOL, "create_school", SCHOOL)
    link = _registration_link(parts)
    connected = json.loads(parts.run("connecting the LMS and the tool", LMS, "connect_tool", link))
    connection = {"tool": places.tool, "issuer": places.lms, "plans_filled": False} | {
        name: connected[name] for name in ("client_id", "deployment_id")
    }
    _write(places.state_file, connection)
    return connection


def _known_connection(path: Path) -> dict:
    if not path.exists():
        return {}
    try:
        return dict(json.loads(path.read_text()))
    except (ValueError, TypeError) as error:
        raise Failed(f"{path} cannot be read any more: make demo-reset starts over") from error


def _registration_link(parts: Parts) -> str:
    return parts.run("making a registration link", TOOL, "registration_link").strip().splitlines()[-1]


def _fill(places: Places, parts: Parts, connection: dict, courses: list[dict]) -> None:
    """Launch once as teacher, so that the tool knows the course and reads it, then import the school's plans."""
    if connection["plans_filled"]:
        return
    course = courses[0]
    teacher = next(person for person in course["people"] if person["roles"][0].endswith("#Instructor"))
    try:
        panel = Panel.opened(teacher)
        panel.wait_until(lambda live: "Scores read" in live.text_content(), READ_SECONDS, "the first evidence")
    except Missed as error:
        parts.check()
        raise Failed(str(error)) from error
    path = places.var / "demo-plans.json"
    _write(path, written_plans(connection, course))
    parts.run("filling the school's plans", TOOL, "import_plans", str(path))
    connection["plans_filled"] = True
    _write(places.state_file, connection)


def _describe(places: Places, parts: Parts, connection: dict, lms: dict) -> None:
    """Write var/demo.json, for programs that drive both sides."""
    facts = {
        "tool": {
            "base_url": places.tool,
            "jwks_url": f"{places.tool}/lti/jwks",
            "login_url": f"{places.tool}/lti/login",
            "launch_url": f"{places.tool}/lti/launch",
            "registration_url": _registration_link(parts),
        },
        "lms": lms["lms"] | {name: connection[name] for name in ("client_id", "deployment_id")},
        "courses": lms["courses"],
    }
    order = (
        "issuer",
        "openid_configuration_url",
        "client_id",
        "deployment_id",
        "auth_url",
        "token_url",
        "jwks_url",
    )
    facts["lms"] = {name: facts["lms"][name] for name in order}
    _write(places.demo_file, facts)


def _where_to_go(places: Places, courses: list[dict]) -> str:
    people = courses[0]["people"]
    teacher = next(person for person in people if person["roles"][0].endswith("#Instructor"))
    student = next(person for person in people if person["roles"][0].endswith("#Learner"))
    return (
        f"\nThe demo school is open: {places.lms}\n"
        f"  {student['name']}, a student:  {student['unit_url']}\n"
        f"  {teacher['name']}, the teacher: {teacher['unit_url']}\n"
        f"The tool is at {places.tool}. For programs: {places.demo_file}\n"
        "Ctrl-C stops everything."
    )


def _environment(places: Places) -> dict[str, str]:
    """The processes' environment, and the files that let `ilp-tool` and `ilp-lms` join in from the project directory.

    A secret is made once and kept.
    """
    places.var.mkdir(parents=True, exist_ok=True)
    common = {"ILP_VAR_DIR": str(places.var), "ILP_DEVELOPMENT": "1"}
    tool = common | {
        "ILP_BASE_URL": places.tool,
        "ILP_ALLOWED_HOSTS": "127.0.0.1",
        "ILP_MEDIA_URL": places.media,
        "ILP_SECRET_KEY": _kept_secret(places.var / "ilp-tool.env", "ILP_SECRET_KEY"),
        # Everybody comes from one address here, load tests too.
        "ILP_RATE_LOGIN_PER_MINUTE": "0",
        "ILP_RATE_LAUNCH_PER_MINUTE": "0",
        "ILP_RATE_REGISTRATION_PER_MINUTE": "0",
    }
    lms = common | {
        "ILP_LTI_ISSUER": places.lms,
        "ILP_LMS_SECRET_KEY": _kept_secret(places.var / "ilp-lms.env", "ILP_LMS_SECRET_KEY"),
    }
    for name, values in (("ilp-tool.env", tool), ("ilp-lms.env", lms)):
        _write_private(places.var / name, "".join(f"{key}={value}\n" for key, value in values.items()))
    # The files decide: a stray variable of the user's shell must not give the two sides different ideas.
    stray = {*tool, *lms, "DJANGO_SETTINGS_MODULE", "GUNICORN_CMD_ARGS"}
    return {key: value for key, value in os.environ.items() if key not in stray} | {
        "ILP_ENV_FILE": str(places.var / "ilp-tool.env"),
        "ILP_LMS_ENV_FILE": str(places.var / "ilp-lms.env"),
        "PYTHONUNBUFFERED": "1",
    }


def _kept_secret(path: Path, name: str) -> str:
    lines = path.read_text().splitlines() if path.exists() else []
    known = next((line.partition("=")[2] for line in lines if line.startswith(f"{name}=")), "")
    return known or secrets.token_urlsafe(48)


def _write(path: Path, value: dict) -> None:
    _write_private(path, json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def _write_private(path: Path, text: str) -> None:
    """Whole or not at all, readable by its owner only: registration links and secrets stand in these files."""
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
        out.write(text)
    fresh.replace(path)


def _port(environ: Mapping[str, str], name: str, default: int) -> int:
    text = environ.get(name) or str(default)
    if not (text.isascii() and text.isdigit() and len(text) < 6 and 0 < int(text) < 65536):
        raise Failed(f"{name} must be a port number, not {text!r}")
    return int(text)


@contextmanager
def _only_one(var: Path) -> Iterator[None]:
    var.mkdir(parents=True, exist_ok=True)
    with (var / "demo.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Failed(f"a demo is running already in {var}: stop it first (Ctrl-C where it runs)") from error
        yield


@contextmanager
def _stopping(parts: Parts, demo_file: Path) -> Iterator[Parts]:
    """Stop every part however the block ends; a second Ctrl-C must not leave parts behind."""
    with parts:
        try:
            yield parts
        finally:
            for sign in SIGNALS:
                signal.signal(sign, signal.SIG_IGN)
            demo_file.unlink(missing_ok=True)
            if parts.parts:
                _say("\nStopping everything ...")


@contextmanager
def _step(what: str) -> Iterator[None]:
    started = time.monotonic()
    print(f"{what} ...", end="", flush=True)  # noqa: T201
    try:
        yield
    except BaseException:
        print(flush=True)  # noqa: T201
        raise
    print(f" done ({time.monotonic() - started:.0f} s)", flush=True)  # noqa: T201


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201


def _stop(number: int, frame: object) -> None:
    raise Stopped
