"""Takes in what a student brings along from another school: a package that `records` made elsewhere (T52).

Nothing in it is trusted. Only tables and fields named here are read, ids only to see what belongs together inside
the package, and the student is whom the office says, never whom the package names. What others wrote becomes history
that nobody here changes, each field as guarded as the same field of our own; what was restricted, private to the
learner or out of sight there stays out. Pieces of the portfolio that the learner had opened become their own again,
with their files made anew. The same package comes in once.
"""

import hashlib
import io
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal
from uuid import UUID

from django.apps import apps
from django.conf import settings
from django.db import transaction
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue, ValidationError

from lti_tool.privacy import class_of

from . import audit
from .data import (
    RECORD_FORMAT,
    Act,
    Actor,
    Audience,
    BroughtTable,
    BroughtView,
    NewFile,
    PersonRef,
    Role,
    Sensitivity,
    Voice,
)
from .exceptions import Invalid, NotFound
from .files import attach, forget
from .frameworks.keeping import framework_for
from .guarding import ceiling, note_shown, readable_columns
from .models import BroughtRecord, Person, PortfolioItem
from .naming import by_name, student_ref
from .permissions import asking, changing, office
from .permissions import student as reach_student
from .work import opened_until

UPLOADS = 4  # a package, packed or not, weighs no more than so many uploads
MOST_PARTS = 2000  # of a package, its files included
MOST_BYTES = 20_000_000  # of record.json, unpacked
MOST_ROWS = 2000  # of one table
TEXT_LENGTH = 20_000
TITLE_LENGTH = 200
# What a receiving school needs, in the order it reads it; the fields are our own models'.
HISTORY: Mapping[str, str] = {
    "Statement": "text source_note voice made_at",
    "Discussion": "held_on about note",
    "Goal": "wording strategies resources",
    "ProgrammePart": "title provider days_times qualification level about",
    "Target": "wording success baseline next_step resources support_inside support_outside state due_on",
    "TargetStep": "target what by_on done_on",
    "CurriculumTarget": "subject strand wording progress",
    "Review": "number closed_at why next_steps next_review_on",
    "Judgement": "review target level comment qualitative quantitative reason author made_at",
    "Opinion": "review target level text voice author given_at",
    "Contribution": "review text voice author written_at",
    "Agreement": "review target name agrees text voice recorded_at",
    "LifeEvent": "happened_on text answer",
    "LogEntry": "answers written_at",
    "SheetAnswer": "answers at",
}
_LABEL = "ilp_plans."
Row = dict[str, JsonValue]


class _Told(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class _Table(_Told):
    name: str = Field(max_length=64)
    rows: Annotated[tuple[Row, ...], Field(max_length=MOST_ROWS)] = ()


class _Person(_Told):
    name: str = Field("", max_length=255)


class _Package(_Told):
    format: Literal[RECORD_FORMAT]  # type: ignore[valid-type]
    school: str = Field(min_length=1, max_length=200)
    person: _Person
    made_at: AwareDatetime
    tables: Annotated[tuple[_Table, ...], Field(max_length=200)]


def bring_record(actor: Actor, student_id: UUID, data: bytes) -> BroughtView:
    """Take a package in for this student. What came in before is answered as it stands.

    Raises:
        NotFound: not the office's, or nobody of the school.
        Invalid: file "empty", "too_large", "unreadable" (no package of ours), "other_format" or "broken" (by what
            is written in it). Nothing was taken in.
    """
    with changing(actor, "record.bring", "person", student_id):
        office(actor, Act.MANAGE_PEOPLE)
        return _bring(actor.school_id, student_id, data, actor)


def bring_record_as_operator(school_id: UUID, student_id: UUID, data: bytes) -> BroughtView:
    """The same for whoever runs the tool."""
    with transaction.atomic():
        return _bring(school_id, student_id, data, None)


def _bring(school_id: UUID, student_id: UUID, data: bytes, actor: Actor | None) -> BroughtView:
    people = Person.objects.of(school_id).select_for_update(no_key=True).filter(joined_into=None, erased_at=None)
    student = people.filter(pk=student_id).first()
    if student is None:
        raise NotFound
    told, files = _read(data)
    digest = hashlib.sha256(data).hexdigest()
    known = BroughtRecord.objects.of(school_id).filter(student=student, digest=digest).first()
    if known is not None:
        return _view(known)
    tables = {table.name.removeprefix(_LABEL): table.rows for table in told.tables if table.name.startswith(_LABEL)}
    row = BroughtRecord.objects.create(
        school_id=school_id,
        student=student,
        from_school=_clean(told.school)[:TITLE_LENGTH],
        name=_clean(told.person.name),
        made_at=told.made_at,
        brought_by_id=actor.person_id if actor else None,
        digest=digest,
        told=list(_history(tables)),
    )
    refused = _portfolio(row, tables, files)
    made = _view(row, refused=refused)
    detail = {"items": made.items, "refused": refused, "tables": len(row.told)}
    audit.record(school_id, "record.brought", "person", student_id, actor=actor, about_id=student_id, detail=detail)
    return made


def _read(data: bytes) -> tuple[_Package, dict[str, bytes]]:
    """The package's words and its files by name, each no larger than it may be."""
    if not data:
        raise Invalid({"file": "empty"})
    room = settings.ILP_UPLOAD_BYTES * UPLOADS
    if len(data) > room:
        raise Invalid({"file": "too_large"})
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as parts:
            names = parts.namelist()
            if len(names) > MOST_PARTS:
                raise Invalid({"file": "too_large"})
            text = _part(parts, "record.json", MOST_BYTES)
            told = _Package.model_validate_json(text)
            files = {}
            for name in names:
                if name.startswith("files/"):
                    files[name] = _part(parts, name, min(settings.ILP_UPLOAD_BYTES, room))
                    room -= len(files[name])
    except ValidationError as error:
        wrong_format = any(problem["loc"] == ("format",) for problem in error.errors(include_input=False))
        raise Invalid({"file": "other_format" if wrong_format else "broken"}) from None
    except (zipfile.BadZipFile, zlib.error, KeyError, EOFError, OSError, RuntimeError, ValueError):
        raise Invalid({"file": "unreadable"}) from None  # no zip, half a zip, one with a password or of another kind
    return told, files


def _part(parts: zipfile.ZipFile, name: str, most: int) -> bytes:
    """One part, unpacked no further than it may be: what a zip says of its own sizes is not believed."""
    with parts.open(name) as part:
        unpacked = part.read(most + 1)
    if len(unpacked) > most:
        raise Invalid({"file": "too_large"})
    return unpacked


def _history(tables: Mapping[str, tuple[Row, ...]]) -> Iterator[dict[str, Any]]:
    numbers = {str(row.get("id")): row.get("number") for row in tables.get("Review", ())}
    for name, fields in HISTORY.items():
        kept = []
        for row in tables.get(name, ()):
            if not _open(row):
                continue
            of_review = numbers.get(str(row.get("review")))
            words = {field: _words(of_review if field == "review" else row.get(field)) for field in fields.split()}
            if any(text for field, text in words.items() if field not in ("review", "voice", "state")):
                kept.append({field: text for field, text in words.items() if text})
        if kept:
            yield {"name": name, "rows": kept}


def _open(row: Row) -> bool:
    """Whether a row may be read by more people than its writer, and stands there still."""
    out = (
        row.get("sensitivity") == Sensitivity.RESTRICTED,
        row.get("audience") == Audience.PRIVATE,
        row.get("hidden_at") is not None,
        row.get("latest") is False,
    )
    return not any(out)


def _words(value: JsonValue) -> str:
    """Any value as words to read; no markup is ever made of them."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict | list):
        parts = value.values() if isinstance(value, dict) else value
        return "\n".join(filter(None, map(_words, parts)))[:TEXT_LENGTH]
    return _clean(str(value))[:TEXT_LENGTH]


def _clean(text: str) -> str:
    """Without what a database cannot keep."""
    return text.replace("\x00", "").encode("utf-8", "ignore").decode().strip()


def _portfolio(record: BroughtRecord, tables: Mapping[str, tuple[Row, ...]], files: Mapping[str, bytes]) -> int:
    """The opened pieces with their files, as the learner's own again. Returns how many files were refused."""
    owner, refused = record.student, 0
    framework = framework_for(owner)
    kinds = [kind.key for kind in framework.evidence_kinds]
    me = Actor(owner.pk, record.school_id, Role.LEARNER, None)
    for row in tables.get("PortfolioItem", ()):
        audience, title = row.get("audience"), _words(row.get("title"))[:TITLE_LENGTH]
        if not _open(row) or audience not in set(Audience) or not title or not kinds:
            continue
        opened = Audience(str(audience))
        made = PortfolioItem.objects.create(
            school_id=record.school_id,
            owner=owner,
            added_by=owner,
            voice=Voice.LEARNER,
            kind=str(row.get("kind")) if row.get("kind") in kinds else kinds[0],
            title=title,
            about=_words(row.get("about")),
            audience=opened,
            private_again_on=opened_until(framework, opened, owner.school.year_starts_month),
            brought=record,
        )
        for file in tables.get("StoredFile", ()):
            data = files.get(str(file.get("key")))
            if file.get("item") == row.get("title") and data is not None and file.get("withdrawn_at") is None:
                new = NewFile(data, _words(file.get("words")), shows_others=file.get("shows_others") is not False)
                refused += not _kept(me, owner, made, new)
    return refused


def _kept(me: Actor, owner: Person, item: PortfolioItem, new: NewFile) -> bool:
    try:
        with transaction.atomic():
            attach(me, owner, item, [new])
    except Invalid:  # no picture, recording or paper we keep, or no room: the rest comes in without it
        return False
    return True


def brought_records(actor: Actor) -> tuple[BroughtView, ...]:
    """Every record that was brought along, by student: for the school's office. It reads none of them here."""
    with asking(actor, "record.list_brought", "school", actor.school_id):
        office(actor, Act.MANAGE_PEOPLE)
    rows = BroughtRecord.objects.of(actor.school_id).select_related("student").defer("told")
    return tuple(sorted(map(_view, rows), key=lambda view: (by_name(view.student), view.brought_at)))


def take_out_record(actor: Actor, record_id: UUID) -> None:
    """It came in for the wrong student, or is not wanted: history, pieces and files go."""
    with changing(actor, "record.take_out", "brought", record_id):
        office(actor, Act.MANAGE_PEOPLE)
        row = BroughtRecord.objects.of(actor.school_id).filter(pk=record_id).first()
        if row is None:
            raise NotFound
        for item in PortfolioItem.objects.of(actor.school_id).filter(brought=row):
            forget(item)
        row.delete()
        audit.record(
            actor.school_id, "record.taken_out", "person", row.student_id, actor=actor, about_id=row.student_id
        )


def brought(actor: Actor, student_id: UUID) -> tuple[BroughtView, ...]:
    """What the student brought along, the newest first, as far as this reader may read fields of each class.

    Raises:
        NotFound: not the actor's to read.
    """
    with asking(actor, "brought.read", "person", student_id):
        student = reach_student(actor, Act.READ_PLAN, student_id)
    if student_id != actor.person_id:
        audit.record_once(actor, "brought.read", "person", student_id, about_id=student_id)
    limit = ceiling(actor, student_id)
    rows = BroughtRecord.objects.of(actor.school_id).filter(student=student).select_related("student")
    found = tuple(_view(row, tables=tuple(_readable(row, limit))) for row in rows.order_by("-made_at", "-brought_at"))
    columns = {(table.name, name) for view in found for table in view.tables for row in table.rows for name in row}
    shown = ((f"{name}.{one}", class_of(apps.get_model("ilp_plans", name), one)) for name, one in columns)
    note_shown(actor, student_id, "brought", shown)
    return found


def _readable(row: BroughtRecord, limit: Sensitivity) -> Iterator[BroughtTable]:
    for table in row.told:
        told: Any = apps.get_model("ilp_plans", table["name"])
        fields = readable_columns(told, limit)
        rows = [{name: text for name, text in one.items() if name in fields} for one in table["rows"]]
        if any(rows):
            yield BroughtTable(table["name"], tuple(filter(None, rows)))


def _view(row: BroughtRecord, *, tables: tuple[BroughtTable, ...] = (), refused: int = 0) -> BroughtView:
    student: PersonRef = student_ref(row.student.pk, row.student.display_name)
    items = PortfolioItem.objects.of(row.school_id).filter(brought=row).count()
    return BroughtView(
        row.pk, student, row.name, row.from_school, row.made_at, row.brought_at, tables, items, refused
    )
