"""When which source is read next, by whom, and how it went. The database is the truth, a queue only a hint.

A worker claims a due row for a lease's time and gets a token; only that token may renew, finish or fail it.
A worker that dies lets its lease run out, and the row is due again by itself.
"""

import uuid
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q, Window
from django.db.models.functions import RowNumber
from django.utils import timezone

from lti_tool.prepared import Prepared

from .data import SyncLease, SyncProblem, SyncRef, SyncState
from .models import SourceSync
from .people import check_course


def request_sync(
    school_id: UUID,
    course_id: int,
    source: str,
    *,
    person_id: UUID | None = None,
    not_before: datetime | None = None,
    spacing: timedelta | None = None,
) -> bool:
    """Mark one source of a course (or of one person in it) due. Returns whether that brought a read forward.

    Args:
        not_before: read no earlier than this; None: now.
        spacing: at least so long after the last good read, so that an often reloaded page asks seldom.

    Asking while the row is being read makes it due again after that read.
    """
    now = timezone.now()
    wanted = not_before or now
    rows = SourceSync.objects.of(school_id)
    whose = Q(person_id=person_id) if person_id else Q(person=None)
    row = rows.filter(whose, course_id=course_id, source=source).first()
    if row is None:
        check_course(school_id, course_id)
        row = SourceSync(school_id=school_id, course_id=course_id, source=source, person_id=person_id, due_at=wanted)
        # Somebody else may have asked first: then theirs stands, which is due as well.
        SourceSync.objects.bulk_create([row], ignore_conflicts=True)
        return True
    if spacing and row.read_at:
        wanted = max(wanted, row.read_at + spacing)
    rows = rows.filter(pk=row.pk)
    if row.lease_token:
        later = Q(asked_for=None) | Q(asked_for__gt=wanted)
        if rows.filter(later, lease_token__isnull=False).update(asked_for=wanted):
            return True
    # A claim between these statements begins its read after this asking, which is all that was asked.
    later = Q(due_at=None) | Q(due_at__gt=wanted)
    return bool(rows.filter(later, lease_token=None).update(due_at=wanted))


def due_syncs(*, limit: int, now: datetime) -> list[SyncRef]:
    """What is due and not being read, for the queue: the schools in turns, each one's longest waiting first."""
    turn = Window(RowNumber(), partition_by=F("school_id"), order_by=[F("due_at"), F("id")])
    rows = SourceSync._base_manager.filter(_free(now), due_at__lte=now).annotate(turn=turn)
    return [_ref(row) for row in rows.order_by("turn", "due_at", "id")[:limit]]


def sync_ref(sync_id: int) -> SyncRef | None:
    """The read a queue's message names, or None where it is gone."""
    row = SourceSync._base_manager.filter(pk=sync_id).first()
    return _ref(row) if row else None


def claim_sync(sync_id: int, *, now: datetime, lease: timedelta) -> SyncLease | None:
    """Take a due row for `lease`; None where it is not due or somebody else has it. Atomic."""
    token, until = uuid.uuid4(), now + lease
    with transaction.atomic():
        due = SourceSync._base_manager.select_for_update(no_key=True).filter(_free(now), pk=sync_id, due_at__lte=now)
        row = due.first()
        if row is None:
            return None
        row.lease_token, row.leased_until, row.due_at = token, until, until
        row.asked_for = row.asked_for if row.asked_for and row.asked_for > now else None
        row.attempts = min(row.attempts + 1, 10_000)
        row.save(update_fields=["lease_token", "leased_until", "due_at", "asked_for", "attempts"])
    return SyncLease(row.id, token, row.school_id, row.course_id, row.source, row.person_id, row.attempts)


def renew_sync(sync_id: int, token: UUID, *, now: datetime, lease: timedelta) -> bool:
    """Keep a row longer. False: the lease was lost, and what is being read belongs to somebody else."""
    with transaction.atomic():
        row = _held(sync_id, token)
        if row is None:
            return False
        row.leased_until = row.due_at = now + lease
        row.save(update_fields=["leased_until", "due_at"])
    return True


def finish_sync(sync_id: int, token: UUID, *, now: datetime, next_due: datetime | None) -> bool:
    """The read went well. `next_due` None: not again until somebody asks. False: the lease was lost."""
    return _release(sync_id, token, now, next_due, failure_code="")


def fail_sync(sync_id: int, token: UUID, *, now: datetime, code: str, next_due: datetime | None) -> bool:
    """The read failed for the reason `code`; the page says so until one goes well. False: the lease was lost."""
    return _release(sync_id, token, now, next_due, failure_code=code[:32] or "broken")


_COURSE_READS: Prepared[SourceSync] = Prepared(
    lambda school_id, course_id: SourceSync.objects.of(school_id).filter(person=None, course_id=course_id),
    "school_id", "course_id",
)  # fmt: skip
_PERSON_READS: Prepared[SourceSync] = Prepared(
    lambda school_id, course_id, person_id: SourceSync.objects.of(school_id).filter(
        Q(person_id=None) | Q(person_id=person_id), course_id=course_id
    ),
    "school_id", "course_id", "person_id",
)  # fmt: skip


def sync_state(school_id: UUID, course_id: int, person_id: UUID | None = None) -> SyncState:
    """How fresh the evidence of a course (for one person: theirs too) is, and what stands in the way. One query.

    Of each source the newest good read counts, of the course or of the person; a failure is a problem while
    no such read came after it began. With several problems the oldest is told.
    """
    if person_id is None:
        rows = _COURSE_READS(school_id=school_id, course_id=course_id)
    else:
        rows = _PERSON_READS(school_id=school_id, course_id=course_id, person_id=person_id)
    reads: dict[str, datetime] = {}
    for row in rows:
        if row.read_at:
            reads[row.source] = max(row.read_at, reads.get(row.source, row.read_at))
    problems = [
        SyncProblem(row.source, row.failing_since, row.failure_code)
        for row in rows
        if row.failing_since and (row.source not in reads or reads[row.source] < row.failing_since)
    ]
    return SyncState(
        read_at=max(reads.values(), default=None),
        problem=min(problems, key=lambda problem: problem.since, default=None),
    )


def _ref(row: SourceSync) -> SyncRef:
    return SyncRef(row.id, row.school_id, row.course_id, row.source, row.person_id, row.attempts)


def _free(now: datetime) -> Q:
    return Q(leased_until=None) | Q(leased_until__lte=now)


def _held(sync_id: int, token: UUID) -> SourceSync | None:
    rows = SourceSync._base_manager.select_for_update(no_key=True)
    return rows.filter(pk=sync_id, lease_token=token).first()


def _release(sync_id: int, token: UUID, now: datetime, next_due: datetime | None, *, failure_code: str) -> bool:
    with transaction.atomic():
        row = _held(sync_id, token)
        if row is None:
            return False
        row.due_at = min((at for at in (row.asked_for, next_due) if at), default=None)
        row.lease_token = row.leased_until = row.asked_for = None
        row.failure_code = failure_code
        if failure_code:
            row.failing_since = row.failing_since or now
        else:
            row.failing_since, row.read_at, row.attempts = None, now, 0
        row.save()
    return True
