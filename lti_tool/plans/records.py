"""Everything that is kept about one person, in one package (T52). What it holds, the models' annotations alone say.

A restricted field is in no package. Restricted words of one's own are in the package one takes oneself, and not in
the one the office takes. Words of other people about this person are in it; other people's own records are not.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.core.files.storage import storages
from django.db import models
from django.db.models import Q
from django.utils import timezone

from lti_tool.privacy import Kind, Privacy, annotated

from . import audit
from .data import Act, Actor, Record, RecordTable, Role, Sensitivity
from .data.records import Value
from .exceptions import NotFound
from .former import former_in
from .frameworks.comparing import Path, parts_of
from .frameworks.keeping import current_version
from .models import (
    AuditEvent,
    Contribution,
    FrameworkVersion,
    LogEntry,
    Person,
    Plan,
    Review,
    School,
    Sheet,
    SheetAnswer,
    StoredFile,
    Target,
    TargetStep,
)
from .naming import author_ref
from .permissions import asking, office
from .permissions import student as reach_student
from .trail import openings

_TITLES = ("wording", "label", "title", "name")  # by which a row that is pointed to can be recognised


def export_record(actor: Actor, person_id: UUID) -> Record:
    """The person's whole record: their own for a learner, anybody's of the school for its office.

    Raises:
        NotFound: everybody else.
    """
    with asking(actor, "record.export", "person", person_id):
        person = _whose(actor, person_id, Act.EXPORT)
    record = Record(
        person=author_ref(person),
        school=School.objects.get(pk=actor.school_id).name,
        made_at=timezone.now(),
        tables=tuple(_tables(person, own=person.pk == actor.person_id)),
        opened=openings(actor.school_id, person_id),
        files=_files(person),
    )
    audit.record(actor.school_id, "record.exported", "person", person_id, actor=actor, about_id=person_id)
    return record


def _whose(actor: Actor, person_id: UUID, act: Act) -> Person:
    """The actor themselves as a learner, or anybody of the school for its office."""
    if person_id == actor.person_id and actor.role is Role.LEARNER:
        return reach_student(actor, act, person_id)
    office(actor, act)
    person = Person.objects.of(actor.school_id).filter(pk=person_id, erased_at=None, joined_into=None).first()
    if person is None:
        raise NotFound
    return person


def _tables(person: Person, *, own: bool) -> Iterator[RecordTable]:
    withheld = _restricted_answers(person, own=own)
    for model, told in annotated():
        whose = told.whose(person.pk)
        if whose is None or model is AuditEvent:  # the trail has a form of its own: who opened what
            continue
        links = [stored.name for stored in model._meta.concrete_fields if isinstance(stored, models.ForeignKey)]
        rows = model._base_manager.filter(whose, _open_rows(model, told, withheld, person if own else None))
        rows = rows.select_related(*links).order_by("pk").distinct()
        shown = tuple(_row(row, told, withheld) for row in rows)
        held = [name for name, field in told.fields.items() if field.guarded is Sensitivity.RESTRICTED]
        if shown:
            yield RecordTable(model._meta.label, told.why.purpose, told.why.retention, shown, tuple(held))


def _open_rows(model: type[models.Model], told: Privacy, withheld: "_Withheld", writer: Person | None) -> Q:
    """The rows that are in the package; `writer`: who takes it and reads their own words, whatever their class."""
    guarded, author = told.by_row
    if guarded:
        restricted = Q(**{guarded: Sensitivity.RESTRICTED})
        return ~restricted | Q(**{author: writer}) if writer else ~restricted
    if model is Contribution:
        return ~Q(question__in=withheld[model])
    return Q(pk__in=[]) if model is TargetStep and "steps" in withheld[Target] else Q()


def _row(row: models.Model, told: Privacy, withheld: "_Withheld") -> dict[str, Value]:
    shown: dict[str, Value] = {}
    answers = withheld.get(type(row), withheld[Target])
    columns = answers if isinstance(row, Target) else ()
    for name, field in told.fields.items():
        if field.guarded is Sensitivity.RESTRICTED or name == "school" or name in columns:
            continue
        value = getattr(row, name)
        if isinstance(value, Person):
            shown[name] = author_ref(value).name
        elif isinstance(value, models.Model):
            shown[name] = next((getattr(value, title) for title in _TITLES if hasattr(value, title)), str(value.pk))
        elif field.kind is Kind.FILE:
            shown[name] = f"files/{value}"
        else:
            shown[name] = _plain(value, answers)
    return shown


_Withheld = Mapping[type[models.Model], frozenset[str]]


def _restricted_answers(person: Person, *, own: bool) -> _Withheld:
    """Keys of restricted fields, former ones too, by the table that holds the answers; plans and targets are one."""
    plans = Plan.objects.of(person.school_id).filter(student=person)
    sheets = Sheet.objects.of(person.school_id).filter(student=person)
    versions = FrameworkVersion.objects.of(person.school_id).filter(
        Q(pk__in=plans.values("framework")) | Q(pk__in=sheets.values("framework"))
    )
    documents = list(versions) or [current_version(person.school_id, person.school.framework_key)]
    restricted = {
        path
        for version in documents
        for path, part in parts_of(version.document).items()
        if isinstance(part, dict) and part.get("sensitivity") == Sensitivity.RESTRICTED
    }
    former = former_in(person.school_id, list(plans.values_list("pk", flat=True)))
    restricted |= {path for path, field in former.items() if field.guarded is Sensitivity.RESTRICTED}
    found: dict[type[models.Model] | None, set[str]] = defaultdict(set)
    for path in restricted:
        found[_answered_in(path)].add(f"{path[1]}.{path[-1]}" if path[0] == "plan_sections" else path[-1])
    if own:
        found[LogEntry] = found[Contribution] = set()
    return {table: frozenset(found[table]) for table in (Target, Review, SheetAnswer, LogEntry, Contribution)}


def _answered_in(path: Path) -> type[models.Model] | None:
    if path[0] == "review_kinds":
        return Contribution if "preparation" in path else Review
    return _ANSWERED_IN.get(path[0])


_ANSWERED_IN: Mapping[str, type[models.Model]] = {
    "plan_sections": Target, "target_fields": Target, "target_types": Target, "sheets": SheetAnswer, "log": LogEntry,
}  # fmt: skip


def _plain(value: Any, withheld: frozenset[str] = frozenset()) -> Value:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, str | int | float | bool | None):
        return value
    if isinstance(value, dict):
        return {str(key): _plain(part, withheld) for key, part in value.items() if key not in withheld}
    if isinstance(value, Iterable):
        return [_plain(part, withheld) for part in value]
    return str(value)


def _files(person: Person) -> dict[str, bytes]:
    """What was uploaded of this person and not withdrawn."""
    found = {}
    for row in StoredFile.objects.of(person.school_id).filter(owner=person, withdrawn_at=None, sound_gone_at=None):
        with storages["files"].open(row.key) as stored:
            found[f"files/{row.key}"] = stored.read()
    return found
