"""Roles a school gives: who acts as key worker, subject teacher, phase leader ... for whom, and until when."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from . import audit
from .data import Act, Actor, AppointmentView, PersonRef, Reach, Role, Schooling, Scope
from .exceptions import Invalid, NotFound
from .guarding import columns_shown, note_shown
from .models import Appointment, Course, Enrolment, Person
from .naming import author_ref, by_name, student_ref
from .permissions import asking, changing, live_appointments, office, students
from .policy import includes, widest

PHASE_LENGTH = 64
# An LMS tells who learns; guardian links tell whose family somebody is.
APPOINTED = tuple(role for role in Role if role not in (Role.LEARNER, Role.FAMILY, Role.ASSISTANT, Role.NONE))


def appoint(
    actor: Actor,
    person_id: UUID,
    role: Role,
    scope: Scope,
    *,
    ends_on: date | None = None,
    starts_on: date | None = None,
) -> UUID:
    """The person acts as `role` within `scope` from `starts_on` (today) to `ends_on`, its last day.

    The same once more changes only the last day.

    Raises:
        NotFound: the actor manages no people, or person, student or course is not of their school.
        Invalid: role "unknown" (nobody is appointed to it); scope "too_wide" for the role or "unknown" (several at
            once); person "own_plan" (nobody is staff for themselves); ends_on "required" (providers) or "past".
    """
    with changing(actor, "appointment.make", "person", person_id):
        office(actor, Act.MANAGE_PEOPLE)
        person = _person(actor, person_id)
        _check(actor, person, role, scope, ends_on)
        row = _appoint(actor.school_id, person, role, scope, starts_on=starts_on, ends_on=ends_on, actor=actor)
        return row.id


def _check(actor: Actor, person: Person, role: Role, scope: Scope, ends_on: date | None) -> None:
    errors = {}
    if role not in APPOINTED:
        errors["role"] = "unknown"
    elif sum((scope.student_id is not None, scope.course_id is not None, bool(scope.phase))) > 1:
        errors["scope"] = "unknown"
    elif not includes(widest(role), _width(scope)):
        errors["scope"] = "too_wide"
    if person.id == scope.student_id:
        errors["person"] = "own_plan"
    if len(scope.phase) > PHASE_LENGTH:
        errors["phase"] = "too_long"
    if ends_on is None and role is Role.PROVIDER:
        errors["ends_on"] = "required"
    elif ends_on is not None and ends_on < timezone.localdate():
        errors["ends_on"] = "past"
    if errors:
        raise Invalid(errors)
    if scope.student_id is not None:
        _person(actor, scope.student_id)
    if scope.course_id is not None and not Course.objects.of(actor.school_id).filter(pk=scope.course_id).exists():
        raise NotFound


def _width(scope: Scope) -> Reach:
    if scope.student_id is not None:
        return Reach.APPOINTED
    if scope.course_id is not None:
        return Reach.COURSE
    return Reach.PHASE if scope.phase else Reach.SCHOOL


def _person(actor: Actor, person_id: UUID) -> Person:
    """Anybody of the school: who manages people reaches all of them, though none of their plans."""
    found = Person.objects.of(actor.school_id).filter(pk=person_id, joined_into=None, erased_at=None).first()
    if found is None:
        raise NotFound
    return found


def _appoint(
    school_id: UUID,
    person: Person,
    role: Role,
    scope: Scope,
    *,
    starts_on: date | None = None,
    ends_on: date | None = None,
    actor: Actor | None,
) -> Appointment:
    same = Appointment.objects.of(school_id).filter(
        person=person, role=role, ended_at=None, student=scope.student_id, course=scope.course_id,
        phase=scope.phase,
    )  # fmt: skip
    row = same.filter(Q(ends_on=None) | Q(ends_on__gte=timezone.localdate())).select_for_update().first()
    if row is None:
        row = Appointment(
            school_id=school_id,
            person=person,
            role=role,
            student_id=scope.student_id,
            course_id=scope.course_id,
            phase=scope.phase,
            starts_on=starts_on or timezone.localdate(),
            made_by_id=actor.person_id if actor else None,
        )
    row.ends_on = ends_on
    row.save()
    detail = {"role": str(role), "person": str(person.id), "course": scope.course_id, "ends_on": str(ends_on or "")}
    audit.record(
        school_id, "appointment.made", "appointment", row.id, actor=actor, about_id=scope.student_id, detail=detail
    )
    return row


def end_appointment(actor: Actor, appointment_id: UUID) -> None:
    """It opens nothing from the next request on. Ended before, it stays so."""
    with changing(actor, "appointment.end", "appointment", appointment_id):
        office(actor, Act.MANAGE_PEOPLE)
        row = Appointment.objects.of(actor.school_id).select_for_update().filter(pk=appointment_id).first()
        if row is None:
            raise NotFound
        if row.ended_at is None:
            row.ended_at = timezone.now()
            row.save(update_fields=["ended_at"])
            audit.record(
                actor.school_id, "appointment.ended", "appointment", row.id, actor=actor, about_id=row.student_id
            )


def appointments(actor: Actor) -> tuple[AppointmentView, ...]:
    """The school's live appointments, by role and name."""
    with asking(actor, "appointment.list", "school", actor.school_id):
        office(actor, Act.MANAGE_PEOPLE)
    rows = live_appointments(actor.school_id).select_related("person", "student")
    views = map(appointment_view, rows)
    return tuple(sorted(views, key=lambda view: (list(Role).index(view.role), by_name(view.person))))


def appointment_view(row: Appointment) -> AppointmentView:
    """The appointment as it crosses the door."""
    return AppointmentView(
        id=row.id,
        person=author_ref(row.person),
        role=Role(row.role),
        student=student_ref(row.student.id, row.student.display_name) if row.student else None,
        course_id=row.course_id,
        phase=row.phase,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
    )


def make_administrator(school_id: UUID, person_id: UUID) -> None:
    """Somebody proved by the school's own code that they look after it (T61). For the launch's side."""
    with transaction.atomic():
        person = Person.objects.of(school_id).get(pk=person_id)
        _appoint(school_id, person, Role.ADMINISTRATOR, Scope(), actor=None)


def end_administrator(school_id: UUID, person_id: UUID) -> None:
    """They look after it no more."""
    whole_school = {"student": None, "course": None, "phase": ""}
    rows = Appointment.objects.of(school_id).filter(person_id=person_id, role=Role.ADMINISTRATOR, **whole_school)
    with transaction.atomic():
        for row in rows.filter(ended_at=None):
            row.ended_at = timezone.now()
            row.save(update_fields=["ended_at"])
            audit.record(school_id, "appointment.ended", "appointment", row.id, about_id=person_id)


def set_schooling(
    actor: Actor, told: Mapping[UUID, tuple[str, int | None]], *, entered: Mapping[UUID, date | None] | None = None
) -> int:
    """Each student's phase (the school's own word) and year group. Returns how many changed.

    `entered` are first days at the school, which deadlines of a framework count from. All or nothing is written.

    Raises:
        NotFound: somebody is not of the school.
        Invalid: phase "too_long", year_group "unknown" (0 to 15), entered_on "future".
    """
    with changing(actor, "schooling.set", "school", actor.school_id):
        office(actor, Act.MANAGE_PEOPLE)
        days, changed = entered or {}, 0
        for person_id, (phase, year_group) in told.items():
            if len(phase) > PHASE_LENGTH:
                raise Invalid({"phase": "too_long"})
            if year_group is not None and not 0 <= year_group <= 15:
                raise Invalid({"year_group": "unknown"})
            person = _person(actor, person_id)
            day = days.get(person_id, person.entered_on)
            if day is not None and day > timezone.localdate():
                raise Invalid({"entered_on": "future"})
            new = (phase.strip(), year_group, day)
            if (person.phase, person.year_group, person.entered_on) != new:
                person.phase, person.year_group, person.entered_on = new
                person.save(update_fields=["phase", "year_group", "entered_on"])
                audit.record(
                    actor.school_id, "person.schooling_set", "person", person.id, actor=actor, about_id=person.id
                )
                changed += 1
        return changed


def schooling(actor: Actor, course_id: int) -> tuple[Schooling, ...]:
    """The learners of a course with phase, school year and first day, by name; none for a course of another school.

    Raises:
        NotFound: the actor manages no people.
    """
    with asking(actor, "schooling.read", "school", actor.school_id):
        office(actor, Act.MANAGE_PEOPLE)
    learns = Enrolment.objects.of(actor.school_id).filter(course_id=course_id, role=Role.LEARNER, active=True)
    people = Person.objects.of(actor.school_id).filter(pk__in=learns.values("person"))
    rows = [
        Schooling(student_ref(row.id, row.display_name), row.phase, row.year_group, row.entered_on) for row in people
    ]
    return tuple(sorted(rows, key=lambda row: by_name(row.student)))


def courses(actor: Actor) -> tuple[tuple[int, str], ...]:
    """The school's courses that somebody learns in, by title.

    Raises:
        NotFound: the actor manages no people.
    """
    with asking(actor, "courses.read", "school", actor.school_id):
        office(actor, Act.MANAGE_PEOPLE)
    learns = Enrolment.objects.of(actor.school_id).filter(role=Role.LEARNER, active=True)
    rows = Course.objects.of(actor.school_id).filter(pk__in=learns.values("course"))
    return tuple(rows.order_by("title", "id").values_list("id", "title"))


def my_students(actor: Actor) -> tuple[PersonRef, ...]:
    """The students within reach of the actor's appointments, by name. One query.

    Raises:
        NotFound: nobody appointed them to anything that reads plans.
    """
    with asking(actor, "students.read", "school", actor.school_id):
        rows = students(actor, Act.READ_PLAN)
    return tuple(sorted((student_ref(*row) for row in rows.values_list("id", "display_name")), key=by_name))


def find_people(actor: Actor, wanted: str) -> tuple[PersonRef, ...]:
    """People of the school by a part of their name or the code shown instead of one, several parted by commas.

    Names and nothing else, at most fifty.
    """
    with asking(actor, "people.find", "school", actor.school_id):
        office(actor, Act.MANAGE_PEOPLE)
    asked, listed = Q(), _listed_names(actor.school_id)
    for part in filter(None, (word.strip()[:PHASE_LENGTH] for word in wanted.split(",")[:10])):
        so_called = [person_id for person_id, name in listed if part.casefold() in name.casefold()]
        asked |= Q(display_name__icontains=part) | Q(id__in=so_called)
        code = part.rpartition(" ")[2].lower()
        if re.fullmatch(r"[0-9a-f]{4}", code):
            asked |= Q(id__endswith=code)
    if not asked:
        return ()
    people = Person.objects.of(actor.school_id).filter(asked, joined_into=None, erased_at=None)
    found = list(people.order_by("display_name", "id")[:50])
    note_shown(actor, None, "people", columns_shown(Person, found, "told_name"))
    return tuple(sorted(map(_listed, found), key=by_name))


def _listed_names(school_id: UUID) -> list[tuple[UUID, str]]:
    """What the LMS calls those who use another name. It lies sealed, so that SQL cannot look for a part of it."""
    return list(Person.objects.of(school_id).exclude(told_name="").values_list("id", "told_name"))


def _listed(person: Person) -> PersonRef:
    """As the office sees it: who uses another name is found by both (T93)."""
    ref = author_ref(person)
    return replace(ref, name=f"{ref.name} ({person.told_name})") if person.told_name else ref
