"""The name a learner uses, and how to speak of them (T93).

What an LMS calls somebody may be the name of a register. The name they use stands in its place on every page, list
and copy; the register's stays with them and the school's office.
"""

import unicodedata
from uuid import UUID

from . import audit
from .data import Act, Actor, NameCard, NameReason
from .exceptions import Invalid, NotFound
from .models import AuditEvent, Person
from .permissions import asking, changing, office
from .permissions import student as reach_student

OWN_NAME_LENGTH, PRONOUNS_LENGTH = 80, 40  # characters
_SET, _UNDONE = "person.own_name", "person.own_name_undone"


def my_name(actor: Actor) -> NameCard:
    """What the learner is called here, by whom.

    Raises:
        NotFound: the actor is no learner of the course.
    """
    with asking(actor, "name.read", "person", actor.person_id):
        me = reach_student(actor, Act.KEEP_LOG, actor.person_id)
    listed = me.told_name if me.own_name else me.display_name
    return NameCard(own=me.own_name, listed=listed, pronouns=me.pronouns, taken_back=_taken_back(me))


def undo_own_name(actor: Actor, person_id: UUID, *, reason: str) -> None:
    """The office takes back what a learner wrote about what they are called. They are told why and may write another.

    Raises:
        NotFound: not the office's, or nobody of the school.
        Invalid: reason "required" (none of `NameReason`); person "no_own_name".
    """
    with changing(actor, "name.undo", "person", person_id):
        office(actor, Act.MANAGE_PEOPLE)
        rows = Person.objects.of(actor.school_id).select_for_update(no_key=True)
        row = rows.filter(pk=person_id, erased_at=None).first()
        if row is None:
            raise NotFound
        if reason not in set(NameReason):
            raise Invalid({"reason": "required"})
        if not row.own_name and not row.pronouns:
            raise Invalid({"person": "no_own_name"})
        if row.own_name:
            row.display_name, row.told_name = row.told_name, ""
        row.own_name = row.pronouns = ""
        row.save(update_fields=["own_name", "pronouns", "display_name", "told_name"])
        audit.record(actor.school_id, _UNDONE, "person", row.id, actor=actor, about_id=row.id, reason=reason)


def _taken_back(me: Person) -> str:
    """Why the office took back what they last wrote: the trail knows; "" where they wrote since, or it never did."""
    if me.own_name or me.pronouns:
        return ""
    events = AuditEvent.objects.of(me.school_id).filter(about_id=me.pk, verb__in=[_SET, _UNDONE])
    last = events.order_by("-number").values_list("verb", "reason").first()
    return last[1] if last and last[0] == _UNDONE else ""


def set_my_name(actor: Actor, *, own: str, pronouns: str) -> None:
    """The name the learner uses from now on, of one part or many, in any script; "" is the one the LMS tells.

    Raises:
        NotFound: the actor is no learner of the course.
        Invalid: own, pronouns "too_long"; own "unreadable" (nothing in it can be read).
    """
    with changing(actor, "name.set", "person", actor.person_id):
        me = reach_student(actor, Act.KEEP_LOG, actor.person_id)
        own, pronouns = _plain(own), _plain(pronouns)
        errors = {}
        if len(own) > OWN_NAME_LENGTH:
            errors["own"] = "too_long"
        if len(pronouns) > PRONOUNS_LENGTH:
            errors["pronouns"] = "too_long"
        if own and not any(char.isalnum() for char in own):
            errors["own"] = "unreadable"
        if errors:
            raise Invalid(errors)
        row = Person.objects.of(actor.school_id).select_for_update(no_key=True).get(pk=me.pk)
        listed = row.told_name if row.own_name else row.display_name
        row.own_name, row.pronouns = own, pronouns
        row.display_name, row.told_name = (own, listed) if own else (listed, "")
        row.save(update_fields=["own_name", "pronouns", "display_name", "told_name"])
        audit.record(actor.school_id, _SET, "person", row.id, actor=actor, about_id=row.id)


def _plain(text: str) -> str:
    """Without what nobody sees: control characters and signs that turn the text around them."""
    kept = (char if unicodedata.category(char)[0] != "Z" else " " for char in unicodedata.normalize("NFC", text))
    seen = "".join(
        char for char in kept if unicodedata.category(char) not in {"Cc", "Cf", "Co", "Cn"} or char in _JOINERS
    )
    return " ".join(seen.split())


_UNSEEN = frozenset({"Cc", "Cf", "Co", "Cn"})
_JOINERS = "\u200c\u200d"  # some scripts cannot be written without them
