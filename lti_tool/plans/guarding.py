"""How guarded a field somebody may read of one student (T2, T4): the ceiling of what they are *to that student*.

And which fields the trail names each time they were read (T43).
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, TypeAlias
from uuid import UUID

from django.db.models import Model, Q

from lti_tool.privacy import HANDLING, class_of

from . import audit
from .data import Act, Actor, Role, Sensitivity
from .models import Person
from .permissions import allows, reaches
from .policy import CEILING, may_read

_GUARDED = list(Sensitivity)
Told: TypeAlias = list[tuple[str, Sensitivity]]  # fields that were shown, each with its class


def ceiling(actor: Actor, student_id: UUID) -> Sensitivity:
    """The widest ceiling of the actor's roles that reach this student. Usually no query, one a role otherwise.

    For actors who were found to reach the student in some role: somebody's key worker who also teaches this student's
    class reads of this student what class staff read. Nobody reads restricted fields in a session that is not fresh.
    """
    limit = _ceiling(actor, student_id)
    return limit if actor.fresh else min(limit, Sensitivity.SENSITIVE, key=_GUARDED.index)


def restricted_waits(actor: Actor, student_id: UUID) -> bool:
    """Whether the actor would read restricted fields of this student, had they just come from their LMS (T63)."""
    return not actor.fresh and _ceiling(actor, student_id) is Sensitivity.RESTRICTED


def readable(actor: Actor, limit: Sensitivity, author: str) -> Q:
    """The condition "of a class within the limit, or the actor's own"; `author` is the path to whoever wrote it."""
    own = Q(**{author: actor.person_id})
    return Q(sensitivity__in=within(limit)) | (own if actor.fresh else own & ~Q(sensitivity=Sensitivity.RESTRICTED))


def readable_columns(model: type[Model], limit: Sensitivity) -> frozenset[str]:
    """The columns of the model that somebody with this ceiling may read."""
    told: Any = model
    return frozenset(name for name, field in told.privacy.fields.items() if may_read(limit, field.guarded))


def columns_shown(model: type[Model], shown: Sequence[object], *names: str) -> Told:
    """Those of these columns of the model that say something in what was shown, as `note_shown` takes them."""
    said = (name for name in names if any(getattr(one, name) for one in shown))
    return [(f"{model.__name__}.{name}", class_of(model, name)) for name in said]


def note_shown(actor: Actor, student_id: UUID | None, page: str, shown: Iterable[tuple[str, Sensitivity]]) -> None:
    """What a page showed, each field with its class: the trail names those whose class wants it (T2, T43)."""
    events = told_singly(actor, student_id, page, shown)
    if events:
        audit.record_all(actor.school_id, events, actor=actor)


def told_singly(
    actor: Actor, student_id: UUID | None, page: str, shown: Iterable[tuple[str, Sensitivity]]
) -> list[audit.Entry]:
    """The events of `note_shown`, for a page that leaves them with its own; none for the student themselves.

    No student: the page tells of many.
    """
    if actor.person_id == student_id:
        return []
    told: dict[Sensitivity, set[str]] = {}
    for name, guarded in shown:
        if HANDLING[guarded].told_singly:
            told.setdefault(guarded, set()).add(name)
    subject, subject_id = ("person", student_id) if student_id else ("school", actor.school_id)
    return [
        audit.Entry(f"{page}.shown", subject, subject_id, student_id, {"class": str(one), "fields": sorted(names)})
        for one, names in told.items()
    ]


def _ceiling(actor: Actor, student_id: UUID) -> Sensitivity:
    roles = [role for role in actor.roles if _reading(actor, role)]
    if len(roles) < 2:
        return CEILING[roles[0]] if roles else Sensitivity.ORDINARY
    for role in sorted(roles, key=lambda role: -_GUARDED.index(CEILING[role])):
        if _reaches(_only(actor, role), student_id):
            return CEILING[role]
    return Sensitivity.ORDINARY


def within(limit: Sensitivity) -> list[Sensitivity]:
    """The classes somebody with this ceiling may read."""
    return [one for one in Sensitivity if may_read(limit, one)]


def _only(actor: Actor, role: Role) -> Actor:
    """The actor as if they were nothing else."""
    told = actor.role if role is actor.role else Role.NONE
    return replace(actor, role=told, appointed=actor.appointed & {role})


def _reading(actor: Actor, role: Role) -> bool:
    return any(allows(_only(actor, role), act) for act in (Act.READ_PLAN, Act.READ_SHARED))


def _reaches(actor: Actor, student_id: UUID) -> bool:
    acts = [act for act in (Act.READ_PLAN, Act.READ_SHARED) if allows(actor, act)]
    people = Person.objects.of(actor.school_id).filter(id=student_id)
    return any(people.filter(reaches(actor, act, "id")).exists() for act in acts)
