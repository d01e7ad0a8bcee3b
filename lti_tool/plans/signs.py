"""Which adults can open a student's own pages: the sign on each of them (T22)."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils import timezone

from .data import Act, Actor, Reach, Reader, Role
from .items import guardians_who_reach, width
from .models import Appointment, Enrolment, Person
from .naming import author_ref, by_name
from .policy import includes, reach

# The sign stands on the panel, which opens with every launch: one statement, written once.
_MINE = (
    f"(SELECT course_id FROM {Enrolment._meta.db_table} "  # noqa: S608 (tables' names, no input)
    f"WHERE school_id = %s AND person_id = %s AND role = '{Role.LEARNER}' AND active)"
)
_LIVES = "p.joined_into_id IS NULL AND p.erased_at IS NULL AND p.id <> %s"


def adults_who_read(actor: Actor, *, at_home: bool = False) -> tuple[Reader, ...]:
    """Everybody but the student who can open the student's plan now, each in their nearest role, by role and name.

    `at_home`: a page whose words go home too, so that the family is among them. For the student about themselves;
    whoever learns nothing is told nobody. One query; three for a page that goes home.
    """
    if actor.role is not Role.LEARNER:
        return ()
    found: dict[UUID, Reader] = {}
    ranked = sorted(_staff(actor), key=lambda one: list(Role).index(one[1]))
    if at_home:
        guardians = guardians_who_reach(actor.school_id, actor.person_id)
        people = Person.objects.of(actor.school_id).filter(id__in=guardians, joined_into=None, erased_at=None)
        ranked += [(person, Role.FAMILY) for person in people]
    for person, role in ranked:
        found.setdefault(person.id, Reader(author_ref(person), role))
    return tuple(sorted(found.values(), key=lambda reader: (list(Role).index(reader.role), by_name(reader.person))))


def _staff(actor: Actor) -> Iterator[tuple[Person, Role]]:
    """What `items.staff_who_reach` says of the student themselves, with everybody's name."""
    teaching = [role.value for role in Role if reach(role, Act.READ_PLAN) is Reach.COURSE]
    appointed = [role.value for role in Role if includes(reach(role, Act.READ_PLAN), Reach.APPOINTED)]
    ids: list[Any] = [actor.school_id, actor.person_id]
    if not connection.features.has_native_uuid_field:
        ids = [actor.school_id.hex, actor.person_id.hex]
    school, me = ids
    today = connection.ops.adapt_datefield_value(timezone.localdate())
    person = Person._meta.db_table
    statement = (
        "SELECT p.id, p.display_name, e.role, NULL, NULL, '' "  # noqa: S608 (tables' names and places, no input)
        f"FROM {Enrolment._meta.db_table} e JOIN {person} p ON p.id = e.person_id "
        f"WHERE e.school_id = %s AND e.active AND e.role IN ({_places(teaching)}) AND e.course_id IN {_MINE} "
        f"AND {_LIVES} "
        "UNION ALL SELECT p.id, p.display_name, a.role, a.student_id, a.course_id, a.phase "
        f"FROM {Appointment._meta.db_table} a JOIN {person} p ON p.id = a.person_id "
        f"WHERE a.school_id = %s AND a.role IN ({_places(appointed)}) AND a.ended_at IS NULL AND a.starts_on <= %s "
        f"AND (a.ends_on IS NULL OR a.ends_on >= %s) AND (a.student_id = %s OR a.course_id IN {_MINE} "
        "OR (a.student_id IS NULL AND a.course_id IS NULL AND (a.phase = '' "
        f"OR a.phase = (SELECT phase FROM {person} WHERE school_id = %s AND id = %s)))) AND {_LIVES}"
    )
    told = [school, *teaching, *ids, me, school, *appointed, today, today, me, *ids, *ids, me]
    with connection.cursor() as cursor:
        cursor.execute(statement, told)
        rows = cursor.fetchall()
    for person_id, name, role, student_id, course_id, phase in rows:
        wide = Appointment(student_id=student_id, course_id=course_id, phase=phase)
        if role in teaching or includes(reach(Role(role), Act.READ_PLAN), width(wide)):
            yield Person(id=UUID(str(person_id)), display_name=name), Role(role)


def _places(values: list[str]) -> str:
    return ", ".join(["%s"] * len(values))
