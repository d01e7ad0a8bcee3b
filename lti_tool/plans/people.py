"""Schools, people, courses, and the enrolments every right rests on."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db import connection, transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from lti_tool.prepared import Prepared
from lti_tool.rows import from_db, insert

from . import audit
from .data import Actor, Look, PersonRef, Role, RosterEntry
from .exceptions import NotFound
from .models import Appointment, AuditHead, Course, Enrolment, GuardianLink, Person, School
from .naming import author_ref, by_name, student_ref
from .permissions import Act, asking
from .permissions import student as reach_student

_NAME_LENGTH = 255
NAMES_KEPT_FOR = timedelta(hours=24)  # after an LMS last told them; they are its to keep, not ours (T74)
# Where two accounts of one person are in a course, the one that teaches counts.
_RANK = [Role.TEACHER, Role.ASSISTANT, Role.ADMINISTRATOR, Role.LEARNER, Role.FAMILY, Role.NONE]
_BY_ENROLMENT, _BY_APPOINTMENT, _LOOKS = range(3)
_APPOINTED = (
    f"SELECT 1, role FROM {Appointment._meta.db_table} "  # noqa: S608 (a table's name, no input)
    "WHERE school_id = %s AND person_id = %s AND ended_at IS NULL AND starts_on <= %s "
    "AND (ends_on IS NULL OR ends_on >= %s) "
    f"UNION ALL SELECT 1, '{Role.FAMILY}' FROM {GuardianLink._meta.db_table} "
    "WHERE school_id = %s AND guardian_id = %s AND ended_at IS NULL AND NOT barred "
    "AND (ends_on IS NULL OR ends_on >= %s) "
    f"UNION ALL SELECT 2, looks FROM {Person._meta.db_table} WHERE school_id = %s AND id = %s AND looks <> ''"
)
_LIVE_ROLES = (
    f"SELECT 0, role FROM {Enrolment._meta.db_table} "  # noqa: S608 (a table's name, no input)
    "WHERE school_id = %s AND person_id = %s AND course_id = %s AND active "
    f"UNION ALL {_APPOINTED}"
)
_COURSE = Prepared(
    lambda school_id, course_id: Course.objects.of(school_id).filter(id=course_id).values_list("id"),
    "school_id", "course_id",
)  # fmt: skip
_STAFF = {Role.TEACHER, Role.ASSISTANT, Role.ADMINISTRATOR}


def create_school(name: str) -> UUID:
    """A new tenant. Raises IntegrityError where the name is taken."""
    with transaction.atomic():
        school = School.objects.create(name=name[:200])
        AuditHead.objects.create(school=school)
        audit.record(school.id, "school.created", "school", school.id)
    return school.id


def schools() -> list[tuple[UUID, str]]:
    """Every school, by name."""
    return list(School.objects.order_by("name").values_list("id", "name"))


def ensure_person(
    school_id: UUID, *, name: str = "", source: str = "launch", course_id: int | None = None, role: Role = Role.NONE
) -> UUID:
    """A new person of the school, and what they are in a course. Whoever calls keeps the id beside the account."""
    person_id = uuid4()
    if course_id is not None:
        check_course(school_id, course_id)
    told = [audit.Entry("people.added", "school", school_id, detail={"count": 1, "source": source})]
    with transaction.atomic(savepoint=False):
        insert(Person, id=person_id, school_id=school_id, display_name=name[:_NAME_LENGTH], source=source)
        if course_id is not None and role is not Role.NONE:
            enrolled: dict[str, Any] = {"course_id": course_id, "person_id": person_id, "role": role.value}
            insert(Enrolment, school_id=school_id, source=source, **enrolled)
            told.append(_enrolled(course_id, person_id, role))
        audit.record_all(school_id, told)
    return person_id


def persons_bulk(school_id: UUID, names: Sequence[str], *, source: str = "roster") -> list[UUID]:
    """New people, in the order of their names ("" where the LMS withholds one)."""
    if not names:
        return []
    people = [Person(school_id=school_id, display_name=name[:_NAME_LENGTH], source=source) for name in names]
    with transaction.atomic():
        Person.objects.bulk_create(people, batch_size=500)
        audit.record(school_id, "people.added", "school", school_id, detail={"count": len(people), "source": source})
    return [person.id for person in people]


def rename_person(school_id: UUID, person_id: UUID, name: str) -> None:
    """Take the name an LMS tells now. The trail keeps that it changed, not the words."""
    tell_names(school_id, {person_id: name})


def tell_names(school_id: UUID, told: Mapping[UUID, str]) -> None:
    """The names an LMS tells now, each kept for `NAMES_KEPT_FOR` after it was last told. Writes what changed or aged.

    A blank name tells nothing: where one account withholds it another may not.
    """
    names = {person_id: name[:_NAME_LENGTH] for person_id, name in told.items() if name}
    now = timezone.now()
    with transaction.atomic():
        for some in _chunks(list(names)):
            stale = Person.objects.of(school_id).filter(id__in=some)
            people = [
                person
                for person in stale.only("id", "school", "display_name", "own_name", "told_name", "received_at")
                if _told(person) != names[person.id] or person.received_at < now - NAMES_KEPT_FOR / 2
            ]
            renamed = [p.id for p in people if _told(p) not in {"", names[p.id]}]
            for person in people:
                setattr(person, "told_name" if person.own_name else "display_name", names[person.id])
                person.received_at = now
            fields = ["display_name", "told_name", "received_at"]
            Person.objects.of(school_id).bulk_update(people, fields, batch_size=200)
            for person_id in renamed:
                audit.record(school_id, "person.renamed", "person", person_id, about_id=person_id)


def forget_names() -> int:
    """Blank every school's names that no LMS told within `NAMES_KEPT_FOR` (T73, T74). Returns how many.

    A name that its bearer gave here stays: no LMS told it.
    """
    old = Person._base_manager.filter(received_at__lt=timezone.now() - NAMES_KEPT_FOR)
    told = ~Q(told_name="") | ~Q(display_name=F("own_name"))
    return old.filter(told).update(told_name="", display_name=F("own_name"))


def _told(person: Person) -> str:
    """What the LMS calls them."""
    return person.told_name if person.own_name else person.display_name


def _chunks(ids: list[UUID], size: int = 500) -> Iterator[list[UUID]]:
    return (ids[start : start + size] for start in range(0, len(ids), size))


def ensure_course(school_id: UUID, *, title: str = "", source: str = "launch") -> int:
    """A new course of the school."""
    with transaction.atomic():
        course = Course.objects.create(school_id=school_id, title=title[:_NAME_LENGTH], source=source)
        audit.record(school_id, "course.added", "course", course.id, detail={"source": source})
    return course.id


def retitle_course(school_id: UUID, course_id: int, title: str) -> None:
    """Take the title an LMS tells now."""
    courses = Course.objects.of(school_id).filter(id=course_id).exclude(title=title[:_NAME_LENGTH])
    with transaction.atomic():
        if courses.update(title=title[:_NAME_LENGTH], received_at=timezone.now()):
            audit.record(school_id, "course.retitled", "course", course_id)


def set_enrolment(school_id: UUID, course_id: int, person_id: UUID, role: Role) -> bool:
    """What the person is in the course from now on; also takes a right away. Returns whether it changed."""
    with transaction.atomic():
        check_course(school_id, course_id)
        known = Enrolment.objects.of(school_id).select_for_update()
        enrolment, created = known.get_or_create(
            school_id=school_id, course_id=course_id, person_id=person_id, defaults={"role": role, "source": "launch"}
        )
        if not created:
            if enrolment.role == role and enrolment.active:
                return False
            enrolment.role, enrolment.active = role, True
            enrolment.source, enrolment.received_at = "launch", timezone.now()
            enrolment.save(update_fields=["role", "active", "source", "received_at"])
        audit.record_all(school_id, [_enrolled(course_id, person_id, role)])
    return True


def _enrolled(course_id: int, person_id: UUID, role: Role) -> audit.Entry:
    return audit.Entry("enrolment.set", "course", course_id, about_id=person_id, detail={"role": str(role)})


def sync_roster(
    school_id: UUID,
    course_id: int,
    entries: Sequence[RosterEntry],
    *,
    complete: bool = True,
    gone: Collection[UUID] = (),
) -> list[UUID]:
    """Make the course's enrolments exactly the roster; whoever is missing has left.

    `complete` False (a page could not be read whole, or only changes were told): nothing is concluded from absence,
    and only those told to be `gone` have left.

    Returns the people whose sessions must end: those who left, and staff who no longer are (T3).
    Writes only what changed.
    """
    wanted: dict[UUID, Role] = {}
    for entry in entries:
        known_role = wanted.get(entry.person_id, Role.NONE)
        wanted[entry.person_id] = min(known_role, entry.role, key=_RANK.index)
    with transaction.atomic():
        check_course(school_id, course_id)
        rows = Enrolment.objects.of(school_id).filter(course_id=course_id).select_for_update()
        known = {row.person_id: row for row in rows.order_by("id")}
        added = [
            Enrolment(school_id=school_id, course_id=course_id, person_id=person_id, role=role, source="roster")
            for person_id, role in wanted.items()
            if person_id not in known
        ]
        changed, left, demoted = [], [], []
        for person_id, row in known.items():
            role = wanted.get(person_id)
            if role is None and row.active and (complete or person_id in gone):
                row.active = False
                left.append(person_id)
                changed.append(row)
            elif role is not None and (row.role != role or not row.active):
                if row.active and row.role in _STAFF and role not in _STAFF:
                    demoted.append(person_id)
                row.role, row.active = role, True
                changed.append(row)
        Enrolment.objects.bulk_create(added, batch_size=500, ignore_conflicts=True)
        for row in changed:
            row.source, row.received_at = "roster", timezone.now()
        fields = ["role", "active", "source", "received_at"]
        Enrolment.objects.of(school_id).bulk_update(changed, fields, batch_size=200)
        if added or changed:
            detail = {
                "added": len(added),
                "changed": len(changed),
                "left": [str(person_id) for person_id in left],
                "demoted": [str(person_id) for person_id in demoted],
            }
            audit.record(school_id, "roster.read", "course", course_id, detail=detail)
    return left + demoted


def absent(school_id: UUID, course_id: int, person_ids: Collection[UUID]) -> int:
    """How many people are in the course now and not among these: who would be a leaver if these were the roster."""
    live = Enrolment.objects.of(school_id).filter(course_id=course_id, active=True)
    return len(set(live.values_list("person_id", flat=True)).difference(person_ids))


def actor_for(school_id: UUID, person_id: UUID, course_id: int | None) -> Actor:
    """Who asks, with the roles that stand now: the live enrolment's (NONE where it ended or never was), and those of
    live appointments and guardian links. One query."""
    ids: list[Any] = [school_id, person_id]
    if not connection.features.has_native_uuid_field:
        ids = [school_id.hex, person_id.hex]
    today = connection.ops.adapt_datefield_value(timezone.localdate())
    appointed = [*ids, today, today, *ids, today, *ids]
    # Every request begins here: the ORM's building of this one statement would be a quarter of a launch's time.
    with connection.cursor() as cursor:
        if course_id is None:
            cursor.execute(_APPOINTED, appointed)
        else:
            cursor.execute(_LIVE_ROLES, [*ids, course_id, *appointed])
        found = cursor.fetchall()
    liked = [told for kind, told in found if kind == _LOOKS]
    return Actor(
        person_id=person_id,
        school_id=school_id,
        role=next((Role(told) for kind, told in found if kind == _BY_ENROLMENT), Role.NONE),
        course_id=course_id,
        appointed=frozenset(Role(told) for kind, told in found if kind == _BY_APPOINTMENT),
        looks=frozenset(Look(look) for told in liked for look in from_db(Person, "looks", told).split()),
    )


def student(actor: Actor, student_id: UUID) -> PersonRef:
    """A student within the actor's reach; themselves for a learner.

    Raises:
        NotFound: everybody else.
    """
    with asking(actor, "student.read", "person", student_id):
        person = reach_student(actor, Act.READ_PLAN, student_id)
    return student_ref(person.id, person.display_name)


def names(school_id: UUID, person_ids: Collection[UUID]) -> dict[UUID, str]:
    """How people who look after the school's connections are called. One query."""
    return {person.id: author_ref(person).name for person in Person.objects.of(school_id).filter(id__in=person_ids)}


def learners(school_id: UUID, course_id: int) -> "QuerySet[Enrolment]":
    """The live learners of a course."""
    return Enrolment.objects.of(school_id).filter(course_id=course_id, role=Role.LEARNER, active=True)


def class_list(school_id: UUID, course_id: int) -> list[PersonRef]:
    """The live learners of a course in the order pages show them. One query."""
    names = learners(school_id, course_id).values_list("person_id", "person__display_name")
    return sorted((student_ref(person_id, name) for person_id, name in names), key=by_name)


def check_course(school_id: UUID, course_id: int) -> None:
    """Raises NotFound for a course that is not the school's."""
    if not _COURSE(school_id=school_id, course_id=course_id):
        raise NotFound
