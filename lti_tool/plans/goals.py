"""Goals several students of a class have in common, by a key that says nothing to whoever reads it elsewhere.

A placement in a course may be about one goal. Its address and settings lie in the LMS, so they hold the key, never
the words (T80); and a goal only one student has is never offered, since everybody in the course sees a placement.
"""

import hashlib
from collections import defaultdict
from uuid import UUID

from .data import Actor, SharedGoal, TargetState
from .models import Target
from .people import learners
from .permissions import Act, asking, standing

SHARED_BY = 2  # students at least


def goal_key(school_id: UUID, wording: str) -> str:
    """The same for every plan of the school that words the goal alike, capitals and spaces aside."""
    words = " ".join(wording.casefold().split())
    return hashlib.sha256(f"{school_id}\n{words}".encode()).hexdigest()[:32]


def shared_goals(actor: Actor) -> tuple[SharedGoal, ...]:
    """The goals of the class that at least two students work on now, most students first. Two queries.

    Raises:
        NotFound: the actor may not read the class.
    """
    with asking(actor, "class.read", "course", actor.course_id):
        me = standing(actor, Act.READ_CLASS)
    students = learners(actor.school_id, me.course_id).values("person_id")
    targets = Target.objects.of(actor.school_id).filter(
        plan__student__in=students, state=TargetState.AGREED, goal__isnull=False
    )
    wordings: dict[str, str] = {}
    whose = defaultdict(set)
    for wording, student_id in targets.order_by("created_at").values_list("goal__wording", "plan__student_id"):
        key = goal_key(actor.school_id, wording)
        wordings.setdefault(key, wording)
        whose[key].add(student_id)
    shared = [SharedGoal(key, wordings[key], len(ids)) for key, ids in whose.items() if len(ids) >= SHARED_BY]
    return tuple(sorted(shared, key=lambda goal: (-goal.students, goal.wording.casefold())))
