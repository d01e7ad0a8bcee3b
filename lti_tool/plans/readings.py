"""Who read a closed review, the last time of each: each side sees that the other has, and when (001.24).

From the trail of readings, so that nothing can be claimed.
"""

from .data import Actor, ReadingView, Role
from .guardians import may_know_guardians
from .models import AuditEvent, Person, Review
from .naming import author_ref

_HOME = frozenset({Role.LEARNER, Role.FAMILY})


def readings_of(actor: Actor, review: Review) -> tuple[ReadingView, ...]:
    """Those of the other side since it closed, the first first: to staff the learner's and the family's, to these
    the school's. Two queries. A guardian is told of no other guardian (T28)."""
    student_id = review.plan.student_id
    home = actor.person_id == student_id or not may_know_guardians(actor, student_id)
    events = AuditEvent.objects.of(review.school_id).filter(
        about_id=student_id, subject="review", subject_id=str(review.id), verb="review.read",
        at__gt=review.closed_at or review.opened_at, actor_id__isnull=False,
    ).exclude(actor_id=actor.person_id)  # fmt: skip
    last = {event.actor_id: event for event in events.order_by("number") if (Role(event.role) in _HOME) is not home}
    people = Person.objects.of(review.school_id).in_bulk(set(last))
    known = ((people[who], event) for who, event in last.items() if who in people)
    return tuple(ReadingView(author_ref(person), Role(event.role), event.at) for person, event in known)
