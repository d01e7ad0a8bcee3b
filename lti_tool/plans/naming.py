"""How a person is called on a page, also where the LMS withholds the name (T74)."""

from uuid import UUID

from django.utils.translation import gettext as _

from .data import PersonRef
from .models import Person


def student_ref(person_id: UUID, name: str) -> PersonRef:
    """A student; a nameless one is told apart by the end of their id."""
    return PersonRef(person_id, name or _("Student %(code)s") % {"code": person_id.hex[-4:].upper()})


def author_ref(person: Person) -> PersonRef:
    """Whoever wrote or judged something."""
    return PersonRef(person.id, person.display_name or _("Person %(code)s") % {"code": person.id.hex[-4:].upper()})


def by_name(person: PersonRef) -> tuple[str, str]:
    """The order of people on a page."""
    return person.name.casefold(), person.id.hex
