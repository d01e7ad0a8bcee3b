"""Reading the trail of one student: who did or tried what (T42)."""

from uuid import UUID

from .data import Actor, AuditView
from .models import AuditEvent
from .permissions import Act, asking, student


def audit_trail(actor: Actor, student_id: UUID, limit: int = 500) -> tuple[AuditView, ...]:
    """The newest events about a student, the newest first. For their teachers."""
    with asking(actor, "trail.read", "person", student_id):
        student(actor, Act.READ_TRAIL, student_id)
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
