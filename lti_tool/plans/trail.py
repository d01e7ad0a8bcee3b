"""Reading the trail of one student: who did or tried what (T42); who opened the plan, in their own eyes (T44)."""

from uuid import UUID

from django.db.models import Q

from . import audit
from .data import Act, Actor, AuditView, Opening, Role
from .models import AuditEvent, Person, School, Share
from .naming import author_ref
from .permissions import asking, student

# How the verbs of reading end. The part of the plan stands before it.
_READS = (".read", ".listed", ".exported", ".printed")


def audit_trail(actor: Actor, student_id: UUID, limit: int = 500) -> tuple[AuditView, ...]:
    """The newest events about a student, the newest first. For those who work on the plan, and for leadership."""
    with asking(actor, "trail.read", "person", student_id):
        student(actor, Act.READ_TRAIL, student_id)
    audit.record_once(actor, "trail.read", "person", student_id, about_id=student_id)
    rows = AuditEvent.objects.of(actor.school_id).filter(about_id=student_id).order_by("-number")[:limit]
    return tuple(
        AuditView(
            number=row.number,
            at=row.at,
            actor_id=row.actor_id,
            role=row.role,
            verb=row.verb,
            subject=row.subject,
            subject_id=row.subject_id,
            detail=row.detail,
            reason=row.reason,
        )
        for row in rows
    )


def who_opened(actor: Actor, student_id: UUID, limit: int = 200) -> tuple[Opening, ...]:
    """Who opened the plan, as what, which part, when and (a share) for what purpose; the newest first. Four queries.

    For the student and their guardians. A guardian is told of no other guardian (T28); names are left out where the
    school chose to tell roles only. Nothing of what was read is in it, nor refused attempts.
    """
    with asking(actor, "openings.list", "person", student_id):
        student(actor, Act.SEE_READERS, student_id)
    return openings(actor.school_id, student_id, asked_by=actor.person_id, limit=limit)


def openings(
    school_id: UUID, student_id: UUID, *, asked_by: UUID | None = None, limit: int = 500
) -> tuple[Opening, ...]:
    """The same for callers that checked: as the student reads it, or whoever of the family is named."""
    ended = Q()
    for ending in _READS:
        ended |= Q(verb__endswith=ending)
    same = Person.objects.of(school_id).filter(Q(pk=student_id) | Q(joined_into=student_id))
    mine = list(same.values_list("pk", flat=True))  # one learner, several accounts
    rows = AuditEvent.objects.of(school_id).filter(ended, about_id__in=mine, actor_id__isnull=False)
    rows = rows.exclude(actor_id__in=mine)
    if asked_by not in (None, student_id):
        rows = rows.filter(~Q(role=Role.FAMILY) | Q(actor_id=asked_by))
    events = list(rows.order_by("-number")[:limit])
    named = School.objects.get(pk=school_id).readers_named
    people = Person.objects.of(school_id).in_bulk({row.actor_id for row in events if row.actor_id})
    shares = [row.subject_id for row in events if row.subject == "share"]
    purposes = {
        str(pk): words for pk, words in Share.objects.of(school_id).filter(pk__in=shares).values_list("pk", "purpose")
    }
    return tuple(
        Opening(
            at=row.at,
            who=author_ref(people[row.actor_id]) if named and row.actor_id in people else None,
            role=Role(row.role) if row.role in set(Role) else Role.NONE,
            part=row.subject if row.verb == "item.read" else row.verb.rpartition(".")[0],
            purpose=purposes.get(row.subject_id, ""),
        )
        for row in events
    )
