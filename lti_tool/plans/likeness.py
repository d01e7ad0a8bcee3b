"""Targets that say the same as a classmate's: a copy is nobody's next step, so whoever writes it is told (003.5)."""

import re
import unicodedata
from collections.abc import Iterable
from difflib import SequenceMatcher
from uuid import UUID

from .data import Act, Actor, Alike, Reach, TargetState
from .frameworks.keeping import framework_for
from .models import Target
from .naming import by_name, student_ref
from .people import learners
from .permissions import asking, reaches
from .permissions import student as reach_student
from .policy import reach

NEARLY = 0.9  # of the letters in the same order
MOST = 5  # named at once
_MARKS = re.compile(r"[\W_]+")


def alike_in_class(actor: Actor, student_id: UUID, wording: str) -> tuple[Alike, ...]:
    """Live targets of other students of the actor's class that say this, or nearly. Warns, never blocks.

    None where the framework wants no such warning.
    """
    with asking(actor, "target.compare", "person", student_id):
        student = reach_student(actor, Act.CHANGE_PLAN, student_id)
    if not framework_for(student).rules.clone_warning:
        return ()
    return alike(wording, others(actor, student_id))


def others(actor: Actor, student_id: UUID) -> list[tuple[UUID, str, str]]:
    """The class's live targets but this student's: whose, their name, the wording. One query, none for whoever
    does not teach the class: their student's key worker reads none of the others' (T1)."""
    if actor.course_id is None or reach(actor.role, Act.READ_PLAN) is not Reach.COURSE:
        return []
    students = learners(actor.school_id, actor.course_id).exclude(person_id=student_id).values("person_id")
    within = reaches(actor, Act.READ_PLAN, "plan__student_id")
    rows = Target.objects.of(actor.school_id).filter(within, plan__student__in=students, state=TargetState.AGREED)
    return list(rows.values_list("plan__student_id", "plan__student__display_name", "wording"))


def alike(wording: str, rows: Iterable[tuple[UUID, str, str]]) -> tuple[Alike, ...]:
    """Of these, the first few that say the same or nearly, by name."""
    mine = _plain(wording)
    if not mine:
        return ()
    compared = SequenceMatcher(autojunk=False)
    compared.set_seq2(mine)
    found: dict[UUID, Alike] = {}  # each student once, word for word before nearly
    for person_id, name, other in rows:
        theirs = _plain(other)
        if theirs != mine:
            compared.set_seq1(theirs)
            if compared.real_quick_ratio() < NEARLY or compared.quick_ratio() < NEARLY or compared.ratio() < NEARLY:
                continue
        if person_id not in found or not found[person_id].same:
            found[person_id] = Alike(student_ref(person_id, name), other, same=theirs == mine)
    return tuple(sorted(found.values(), key=lambda one: (not one.same, by_name(one.student)))[:MOST])


def _plain(wording: str) -> str:
    """The words alone: capitals, marks, spaces and accents aside."""
    folded = unicodedata.normalize("NFKD", wording.casefold())
    return " ".join(_MARKS.split("".join(c for c in folded if not unicodedata.combining(c)))).strip()
