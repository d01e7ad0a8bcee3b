"""A job file: one platform and its courses, read once, from anywhere, by the operator's hand.

`prepare` runs before Django does and makes the process stand on the job alone: its database, its folder, its own
secret. No environment file is read. The servers the file names may be plain http or inside a private network,
since the operator wrote them down; those exact origins and no others.
"""

import json
import os
import secrets
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated
from urllib.parse import quote, urlencode, urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError

COMMANDS = frozenset({"sync_evidence", "evidence_count"})
Address = Annotated[str, Field(pattern=r"^https?://[^\s]+$", max_length=1000)]
SpecId = Annotated[str, Field(min_length=1, max_length=255)]


class JobError(Exception):
    """The job file cannot be used; the message is one plain line."""


class JobCourse(BaseModel):
    model_config = ConfigDict(extra="ignore")

    context_id: SpecId
    lineitems_url: Address
    memberships_url: Address


class Job(BaseModel):
    """What the file says. `pg_dsn` is a URL, libpq keywords, or empty: then SQLite in `state_dir`."""

    model_config = ConfigDict(extra="ignore")

    issuer: SpecId
    client_id: SpecId
    deployment_id: SpecId
    token_url: Address
    jwks_url: Address
    auth_url: Address
    key_file: Path
    public_key_file: Path
    state_dir: Path
    pg_dsn: str | None = None
    courses: Annotated[list[JobCourse], Field(min_length=1)]

    def origins(self) -> list[str]:
        """The origins of every address the job's reads go to."""
        urls = [self.token_url]
        for course in self.courses:
            urls += [course.lineitems_url, course.memberships_url]
        return sorted({f"{urlsplit(url).scheme}://{urlsplit(url).netloc}" for url in urls})

    def database_url(self) -> str:
        """The database as Django's settings take it. Raises JobError."""
        if not (self.pg_dsn or "").strip():
            return f"sqlite:///{self.state_dir.resolve() / 'ilp.sqlite3'}"
        try:
            from psycopg import ProgrammingError, conninfo
        except ImportError:
            raise JobError("pg_dsn needs psycopg: pip install 'ilp-panel[grown]'") from None
        try:
            parts = {name: str(value) for name, value in conninfo.conninfo_to_dict(self.pg_dsn or "").items()}
        except ProgrammingError:
            raise JobError("pg_dsn is neither a PostgreSQL URL nor libpq keywords") from None
        user, password = parts.pop("user", ""), parts.pop("password", "")
        host, port = parts.pop("host", ""), parts.pop("port", "")
        name = parts.pop("dbname", user)
        login = quote(user, safe="") + (f":{quote(password, safe='')}" if password else "")
        host = f"[{host}]" if ":" in host and not host.startswith("/") else quote(host, safe="")
        where = (f"{login}@" if login else "") + host + (f":{port}" if port else "")
        return f"postgresql://{where}/{quote(name, safe='')}" + (f"?{urlencode(parts)}" if parts else "")


def read(path: str | Path) -> Job:
    """The job in this file; paths in it are relative to it. Raises JobError."""
    path = Path(path)
    try:
        job = Job.model_validate_json(path.read_bytes())
    except OSError as error:
        raise JobError(f"{path}: {error.strerror}") from None
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        field = ".".join(str(part) for part in first["loc"]) or "the file"
        raise JobError(f"{path}: {field}: {first['msg']}") from None
    for name in ("key_file", "public_key_file", "state_dir"):
        setattr(job, name, path.resolve().parent / getattr(job, name))
    return job


def prepare(arguments: Sequence[str]) -> None:
    """Set the environment from `--job FILE`, where the command is one that takes a job. Exits on a bad file."""
    if not arguments or arguments[0] not in COMMANDS:
        return
    path = _job_path(arguments)
    if path is None:
        return  # the command's own parser says what is missing
    try:
        job = read(path)
        job.state_dir.mkdir(parents=True, exist_ok=True)
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "lti_tool.settings",
            "ILP_ENV_FILE": os.devnull,
            "ILP_VAR_DIR": str(job.state_dir),
            "ILP_SECRET_KEY": _secret(job.state_dir / "secret-key"),
            "ILP_BASE_URL": "https://ilp.invalid",
            "ILP_ALLOWED_HOSTS": "ilp.invalid",
            "ILP_DEVELOPMENT": "",
            "ILP_HTTP_ORIGINS": ",".join(job.origins()),
            "ILP_LOG_LEVEL": os.environ.get("ILP_LOG_LEVEL", "WARNING"),
            "DATABASE_URL": job.database_url(),
        }
    except JobError as error:
        sys.exit(f"ilp-tool: {error}")
    except OSError as error:
        sys.exit(f"ilp-tool: {error.filename}: {error.strerror}")


def _job_path(arguments: Sequence[str]) -> str | None:
    for place, argument in enumerate(arguments):
        if argument.startswith("--job="):
            return argument.removeprefix("--job=")
        if argument == "--job" and place + 1 < len(arguments):
            return arguments[place + 1]
    return None


def _secret(path: Path) -> str:
    """The secret this state folder's keys are encrypted with, made at the first run and readable by its owner."""
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(json.dumps(secrets.token_urlsafe(48)))
    except FileExistsError:
        pass
    try:
        return str(json.loads(path.read_text()))
    except ValueError:
        raise JobError(f"{path}: not a secret this tool wrote") from None
