"""Everything that is kept about one person, in one package (T52). What it holds, the models' annotations alone say.

A restricted field is in no package, and a restricted statement only in its writer's own; the package says that they
were held back. Words of other people about this person are in it; other people's own records are not.
"""

from collections.abc import Iterable, Iterator
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
from .frameworks.keeping import framework_of
from .models import AuditEvent, Person, Plan, School, StoredFile
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
        tables=tuple(_tables(person)),
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


def _tables(person: Person) -> Iterator[RecordTable]:
    withheld = _restricted_answers(person)
    for model, told in annotated():
        whose = told.whose(person.pk)
        if whose is None or model is AuditEvent:  # the trail has a form of its own: who opened what
            continue
        links = [stored.name for stored in model._meta.concrete_fields if isinstance(stored, models.ForeignKey)]
        rows = model._base_manager.filter(whose, _open_rows(told, person)).select_related(*links).order_by("pk")
        shown = tuple(_row(row, told, withheld) for row in rows.distinct())
        held = [name for name, field in told.fields.items() if field.guarded is Sensitivity.RESTRICTED]
        if shown:
            yield RecordTable(model._meta.label, told.why.purpose, told.why.retention, shown, tuple(held))


def _open_rows(told: Privacy, person: Person) -> Q:
    guarded, author = told.by_row
    if not guarded:
        return Q()
    return ~Q(**{guarded: Sensitivity.RESTRICTED}) | Q(**{author: person})


def _row(row: models.Model, told: Privacy, withheld: frozenset[str]) -> dict[str, Value]:
    shown: dict[str, Value] = {}
    for name, field in told.fields.items():
        if field.guarded is Sensitivity.RESTRICTED or name == "school":
            continue
        value = getattr(row, name)
        if isinstance(value, Person):
            shown[name] = author_ref(value).name
        elif isinstance(value, models.Model):
            shown[name] = next((getattr(value, title) for title in _TITLES if hasattr(value, title)), str(value.pk))
        elif field.kind is Kind.FILE:
            shown[name] = f"files/{value}"
        else:
            shown[name] = _plain(value, withheld)
    return shown


def _restricted_answers(person: Person) -> frozenset[str]:
    """Keys of restricted fields in the frameworks of the person's plans, as answers to them are stored."""
    found = set()
    for plan in Plan.objects.of(person.school_id).filter(student=person).select_related("framework"):
        framework = framework_of(person.school_id, plan)
        asked = {f"{part.key}.{field.key}": field for part in framework.plan_sections for field in part.fields}
        asked |= {field.key: field for field in framework.target_fields}
        asked |= {field.key: field for kind in framework.target_types for field in kind.fields}
        found |= {key for key, field in asked.items() if field.sensitivity is Sensitivity.RESTRICTED}
    return frozenset(found)


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
