"""How a person is called on a page, also where the LMS withholds the name (T74)."""

import unicodedata
from uuid import UUID

from django.utils.translation import gettext as _

from .data import PersonRef
from .models import Person


def student_ref(person_id: UUID, name: str, pronouns: str = "") -> PersonRef:
    """A student; a nameless one is told apart by the end of their id."""
    return PersonRef(person_id, name or _("Student %(code)s") % {"code": person_id.hex[-4:].upper()}, pronouns)


def author_ref(person: Person) -> PersonRef:
    """Whoever wrote or judged something."""
    return PersonRef(person.id, person.display_name or _("Person %(code)s") % {"code": person.id.hex[-4:].upper()})


def by_name(person: PersonRef) -> tuple[str, str, str]:
    """The order of people on a page: by letters, whatever marks, apostrophes or hyphens stand on or between them."""
    name = person.name.casefold()
    letters = (char for char in unicodedata.normalize("NFKD", name) if char.isalnum() or char.isspace())
    return "".join(letters), name, person.id.hex
