"""Everything that is kept about one person, in one package (T52). What it holds, the models' annotations alone say.

A column whose class does not leave (`privacy.HANDLING`) is in no package, a statement or answer of such a class only
in the one its writer takes themselves. Words of other people about this person are in it; other
people's own records are not.
"""

from collections.abc import Collection, Iterable, Iterator
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.core.files.storage import storages
from django.db import models
from django.db.models import Q
from django.utils import timezone

from lti_tool.privacy import Kind, Privacy, annotated, class_of, handled

from . import audit
from .data import Act, Actor, Record, RecordTable, Role
from .data.records import Value
from .exceptions import NotFound
from .frameworks.data import Sensitivity
from .holding import ROWS, WRITER, answer_classes, answers_in, history_without, keys_held
from .models import AuditEvent, BroughtRecord, Person, School, StoredFile
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


def _stays() -> tuple[Sensitivity, ...]:
    """The classes that leave in no package."""
    return handled(lambda handling: not handling.exported)


def _tables(person: Person, *, own: bool) -> Iterator[RecordTable]:
    stays = _stays()
    classes = answer_classes(person.school_id, [person.pk]).get(person.pk, {})
    for model, told in annotated():
        whose = told.whose(person.pk)
        if whose is None or model is AuditEvent:  # the trail has a form of its own: who opened what
            continue
        links = [stored.name for stored in model._meta.concrete_fields if isinstance(stored, models.ForeignKey)]
        rows = model._base_manager.filter(whose, _open_rows(told, person if own else None, stays)).select_related(
            *links
        )
        held = tuple(name for name, field in told.fields.items() if field.guarded in stays)
        withheld, writer = keys_held(model, classes, stays), WRITER.get(model) if own else None
        shown = []
        if withheld and model in ROWS:
            answers = rows.filter(answers_in(model, withheld))
            rows = rows.exclude(pk__in=(answers.exclude(**{writer: person.pk}) if writer else answers).values("pk"))
        for row in rows.order_by("pk").distinct():
            keys = frozenset() if writer and getattr(row, writer) == person.pk else withheld
            shown.append(_row(row, told, {*held, *keys}))
        if shown:
            yield RecordTable(model._meta.label, told.why.purpose, told.why.retention, tuple(shown), held)


def _open_rows(told: Privacy, writer: Person | None, stays: Iterable[Sensitivity]) -> Q:
    """The rows that leave; `writer`: who takes the package and reads their own words, whatever their class."""
    guarded, author = told.by_row
    if not guarded:
        return Q()
    leaves = ~Q(**{f"{guarded}__in": stays})
    return leaves | Q(**{author: writer}) if writer else leaves


def _row(row: models.Model, told: Privacy, withheld: Collection[str]) -> dict[str, Value]:
    """What of the row leaves: no withheld column, and no answer under a withheld key in another."""
    shown: dict[str, Value] = {}
    for name, field in told.fields.items():
        if name in withheld or name == "school":
            continue
        value = getattr(row, name)
        if isinstance(value, Person):
            shown[name] = author_ref(value).name
        elif isinstance(value, models.Model):
            shown[name] = next((getattr(value, title) for title in _TITLES if hasattr(value, title)), str(value.pk))
        elif field.kind is Kind.FILE:
            shown[name] = f"files/{value}"
        elif isinstance(row, BroughtRecord) and name == "told":
            shown[name] = _plain(history_without(value, _stays()), withheld)
        else:
            shown[name] = _plain(value, withheld)
    return shown


def _plain(value: Any, withheld: Collection[str]) -> Value:
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
    found: dict[str, bytes] = {}
    if class_of(StoredFile, "key") in _stays():
        return found
    for row in StoredFile.objects.of(person.school_id).filter(owner=person, withdrawn_at=None, sound_gone_at=None):
        with storages["files"].open(row.key) as stored:
            found[f"files/{row.key}"] = stored.read()
    return found
