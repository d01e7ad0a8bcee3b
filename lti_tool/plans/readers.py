"""What readers choose about pages, and whom they can turn to (T87, T89)."""

from collections.abc import Collection
from contextlib import suppress

from . import audit
from .data import Act, Actor, HelpPage, Look, Role
from .exceptions import Invalid, NotFound
from .models import Enrolment, Person, School
from .naming import author_ref, by_name
from .permissions import changing, live_appointments, office, students

NAME_LENGTH, PHONE_LENGTH = 200, 40  # characters
_TEACHES = [Role.TEACHER, Role.ASSISTANT]


def set_looks(actor: Actor, looks: Collection[Look]) -> None:
    """How the actor likes pages to look, on every device and after every launch."""
    told = " ".join(look for look in Look if look in looks)
    Person.objects.of(actor.school_id).filter(id=actor.person_id).update(looks=told)


def help_page(actor: Actor) -> HelpPage:
    """Whom the actor can ask: who teaches their course, who was named for them or their children, whom the school
    names."""
    school = School.objects.get(pk=actor.school_id)
    teaching = Enrolment.objects.of(actor.school_id).filter(active=True, role__in=_TEACHES, course=actor.course_id)
    named: list[Person] = []
    if actor.course_id is not None:
        named += [row.person for row in teaching.select_related("person")]
    whose = [actor.person_id]
    if Role.FAMILY in actor.roles:
        with suppress(NotFound):  # linked to no child yet
            whose += students(actor, Act.READ_SHARED).values_list("id", flat=True)
    workers = live_appointments(actor.school_id).filter(student_id__in=whose, role=Role.KEY_WORKER)
    named += [row.person for row in workers.select_related("person")]
    people = {person.id: author_ref(person) for person in named if person.id != actor.person_id}
    return HelpPage(
        people=tuple(sorted(people.values(), key=by_name)),
        name=school.help_name,
        phone=school.help_phone,
        may_set=_may_set(actor),
    )


def set_help(actor: Actor, *, name: str, phone: str) -> None:
    """Whom the school names for help, and a number to call for whoever would rather speak. Its administrator says.

    Raises:
        NotFound: the actor is not in that office.
        Invalid: name, phone "too_long"; phone "invalid".
    """
    with changing(actor, "help.set", "school", actor.school_id):
        office(actor, Act.SET_RULES)
        errors = {}
        if len(name) > NAME_LENGTH:
            errors["name"] = "too_long"
        if len(phone) > PHONE_LENGTH:
            errors["phone"] = "too_long"
        elif set(phone) - set("+0123456789 -()/"):
            errors["phone"] = "invalid"
        if errors:
            raise Invalid(errors)
        School.objects.filter(pk=actor.school_id).update(help_name=name.strip(), help_phone=phone.strip())
        audit.record(actor.school_id, "help.set", "school", actor.school_id, actor=actor)


def _may_set(actor: Actor) -> bool:
    return Role.ADMINISTRATOR in actor.appointed
