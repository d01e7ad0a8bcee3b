"""How guarded a field somebody may read of one student (T2, T4): the ceiling of what they are *to that student*."""

from dataclasses import replace
from uuid import UUID

from django.db.models import Q

from .data import Act, Actor, Role, Sensitivity
from .models import Person
from .permissions import allows, reaches
from .policy import CEILING, may_read

_GUARDED = list(Sensitivity)


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
