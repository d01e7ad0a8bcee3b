"""How long what is kept about people who left stays, by class: the school's rules within the table's bounds (T2).

Years count from the day somebody is in no course and no office; coming back stops them. Whose request is not decided
yet waits for it. The record of a person goes as a whole; what its class keeps less long goes before, field by field.
"""

from collections import Counter, defaultdict
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import models, transaction
from django.db.models import Count, Exists, OuterRef, Q
from django.utils import timezone

from lti_tool.privacy import HANDLING, End, Privacy, annotated

from . import audit
from .erasing import retire_person
from .files import drop
from .frameworks.data import Sensitivity
from .holding import ROWS, Classes, answer_classes, answers_in, history_without, keys_held, without
from .models import (
    BroughtRecord,
    CorrectionRequest,
    Enrolment,
    ErasureRequest,
    GuardianLink,
    Person,
    School,
    StoredFile,
    Target,
)
from .models.base import SchoolQuerySet
from .permissions import live_appointments

_Gone = defaultdict[UUID, Counter[str]]  # how many values of each table went, by person


def keep_to_retention() -> int:
    """Note who left, erase those whose time is over and empty what is kept less long, in every school.

    How many people were erased.
    """
    erased = 0
    for school in School.objects.all():
        _note_leavers(school.id)
        for person_id in list(people_over(school.id, school.keep_years).values_list("pk", flat=True)):
            erased += retire_person(school.id, person_id)
        for guarded, handling in HANDLING.items():
            if getattr(school, handling.rule) < school.keep_years:
                _end_of_class(school, guarded)
    return erased


def people_over(school_id: UUID, years: int) -> SchoolQuerySet[Person]:
    """Whose record is over today if it is kept so long after leaving."""
    ends = timezone.localdate() - timedelta(days=round(365.25 * years))
    waiting = ErasureRequest.objects.of(school_id).filter(person=OuterRef("pk"), decided_at=None)
    wrong = CorrectionRequest.objects.of(school_id).filter(person=OuterRef("pk"), decided_at=None)
    left = Person.objects.of(school_id).filter(left_on__lte=ends, erased_at=None)
    return left.filter(~Exists(waiting), ~Exists(wrong))


def _end_of_class(school: School, guarded: Sensitivity) -> None:
    """What people who left long enough ago have of this class goes; an event of each tells how much of what."""
    people = list(people_over(school.id, getattr(school, HANDLING[guarded].rule)).values_list("pk", flat=True))
    if not people:
        return
    with transaction.atomic():
        gone: _Gone = defaultdict(Counter)
        for model, told in annotated():
            if told.why.by_class:
                _end_rows(model, told, guarded, people, gone)
                _end_columns(model, told, guarded, people, gone)
        for person_id, classes in answer_classes(school.id, people).items():
            _end_answers(person_id, classes, guarded, gone)
        _end_history(guarded, people, gone)
        told_of = [
            audit.Entry("retention.ended", "person", person_id, person_id, {"class": str(guarded), **counts})
            for person_id, counts in gone.items()
        ]
        if told_of:
            audit.record_all(school.id, told_of)


def _end_rows(
    model: type[models.Model], told: Privacy, guarded: Sensitivity, people: list[UUID], gone: _Gone
) -> None:
    """Rows with a class of their own."""
    column, _ = told.by_row
    if column:
        _end(model, told, Q(**{column: guarded}), people, gone)


def _end_columns(
    model: type[models.Model], told: Privacy, guarded: Sensitivity, people: list[UUID], gone: _Gone
) -> None:
    """Columns of the class: emptied where they may be empty, else their rows go."""
    for name in told.of_class(guarded):
        field: Any = model._meta.get_field(name)
        if field.null or field.blank or told.end is End.BLANK:
            _end(model, told, _filled(field), people, gone, **{name: _emptiness(field)})
        else:
            _end(model, told, _filled(field), people, gone)


def _filled(field: Any) -> Q:
    if field.null:
        return Q(**{f"{field.name}__isnull": False})
    if isinstance(field, models.CharField | models.TextField | models.JSONField):
        return ~Q(**{field.name: _emptiness(field)})
    return Q()


def _emptiness(field: Any) -> Any:
    if field.null:
        return None
    return field.get_default() if isinstance(field, models.JSONField) else ""


def _end(model: type[models.Model], told: Privacy, which: Q, people: list[UUID], gone: _Gone, **emptied: Any) -> None:
    for path in told.about:
        rows = model._base_manager.filter(which, **{f"{path}__in": people})
        for person_id, count in rows.values_list(path).annotate(n=Count("pk")).order_by(path):
            gone[person_id][model.__name__] += count
        if emptied:
            rows.update(**emptied)
        elif model is StoredFile:
            drop(StoredFile._base_manager.filter(pk__in=rows.values("pk")))
        else:
            rows.delete()


def _end_answers(person_id: UUID, classes: Classes, guarded: Sensitivity, gone: _Gone) -> None:
    """Answers in columns that hold those of several fields."""
    for model, told in annotated():
        keys = keys_held(model, classes, [guarded])
        whose = told.whose(person_id)
        if not keys or whose is None:
            continue
        if model in ROWS:
            count = model._base_manager.filter(whose, answers_in(model, keys)).delete()[0]
            gone[person_id].update({model.__name__: count} if count else {})
            continue
        columns = [field for field in model._meta.concrete_fields if isinstance(field, models.JSONField)]
        placed = [field for field in model._meta.concrete_fields if model is Target and field.name in keys]
        for row in model._base_manager.filter(whose):
            kept = {field.name: without(getattr(row, field.name), keys) for field in columns}
            kept |= {field.name: _emptiness(field) for field in placed}
            changed = [name for name, value in kept.items() if value != getattr(row, name)]
            for name in changed:
                setattr(row, name, kept[name])
            if changed:
                row.save(update_fields=changed)
                gone[person_id][model.__name__] += 1


def _end_history(guarded: Sensitivity, people: list[UUID], gone: _Gone) -> None:
    """What was brought along from another school, by the class of the same field here."""
    for row in BroughtRecord._base_manager.filter(student__in=people):
        kept = history_without(row.told, [guarded])
        if kept != row.told:
            row.told = kept
            row.save(update_fields=["told"])
            gone[row.student_id]["BroughtRecord"] += 1


def _note_leavers(school_id: UUID) -> None:
    here = Enrolment.objects.of(school_id).filter(person=OuterRef("pk"), active=True)
    office_of = live_appointments(school_id).filter(person=OuterRef("pk"))
    children = GuardianLink.objects.of(school_id).filter(guardian=OuterRef("pk"), child__left_on=None, ended_at=None)
    stays = Q(Exists(here)) | Q(Exists(office_of)) | Q(Exists(children))
    people = Person.objects.of(school_id).filter(erased_at=None)
    people.filter(stays, left_on__isnull=False).update(left_on=None)
    people.filter(~stays, left_on=None).update(left_on=timezone.localdate())
