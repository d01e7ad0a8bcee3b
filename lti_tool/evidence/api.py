"""The door of `evidence`: ask for a read, carry one out, read courses now."""

import asyncio
import logging
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from asgiref.sync import async_to_sync, sync_to_async
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from lti_tool.http import Outbound
from lti_tool.plans import api as plans
from lti_tool.plans.data import SyncLease

from .collect import Outcome, Writer, collect
from .hint import hint
from .port import Dormant, ReadRequest, kinds
from .resting import Wary

log = logging.getLogger(__name__)

FIRST_RETRY_SECONDS = 15  # doubled with each failure in a row
LONGEST_RETRY_SECONDS = 3_600
PERSON_ATTEMPTS = 4  # then one person's read waits until somebody asks again


def request_read(school_id: UUID, course_id: int, *, person_id: UUID | None = None) -> None:
    """Mark every source of the course (or of one person in it) due and hint the queue after the commit.

    Asked often, it reads seldom: a course every ILP_SYNC_SECONDS, one person every ILP_LIVE_SECONDS.
    """
    seconds = settings.ILP_LIVE_SECONDS if person_id else settings.ILP_SYNC_SECONDS
    due = [
        plans.request_sync(school_id, course_id, kind, person_id=person_id, spacing=timedelta(seconds=seconds))
        for kind in kinds()
    ]
    if any(due):
        transaction.on_commit(hint)


def due_reads(limit: int = 100) -> list[int]:
    """Ids of the reads that are due and nobody is at: the schools in turns, each one's longest waiting first."""
    return [ref.id for ref in plans.due_syncs(limit=limit, now=timezone.now())]


def carry_out(sync_id: int) -> Outcome | None:
    """Do one due read, under a lease that is renewed while it goes on, and note how it went and when the next is.

    None: it is not due, gone, or another worker's. Idempotent: done twice, it changes nothing the second time.
    """
    lease = timedelta(seconds=settings.ILP_SYNC_LEASE_SECONDS)
    held = plans.claim_sync(sync_id, now=timezone.now(), lease=lease)
    if held is None:
        return None
    outcome = async_to_sync(_leased)(held, lease)
    if held.person_id:  # whose course may never have been read whole: roster, activities, everybody's results
        spacing = timedelta(seconds=settings.ILP_SYNC_SECONDS)
        plans.request_sync(held.school_id, held.course_id, held.source, spacing=spacing)
    if outcome is None:
        log.warning("read %d: the lease was lost, another worker goes on", sync_id)
    elif outcome.code:
        next_due = _next_try(held, outcome)
        plans.fail_sync(sync_id, held.token, now=timezone.now(), code=outcome.code, next_due=next_due)
    else:
        next_due = None if held.person_id else _next_read()
        plans.finish_sync(sync_id, held.token, now=timezone.now(), next_due=next_due)
    return outcome


@dataclass(frozen=True, slots=True)
class CourseRead:
    """How the sources of one course went."""

    course_id: int
    outcomes: dict[str, Outcome]


def read_courses(school_id: UUID, course_ids: Sequence[int]) -> list[CourseRead]:
    """Read whole courses now, all at once, sharing one bound on the requests under way."""

    writers = {kind: Writer(school_id, kind) for kind in kinds()}

    async def all_of_them() -> list[CourseRead]:
        async with Outbound() as out, asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(collect(ReadRequest(school_id, course_id), kinds(), out, writers))
                for course_id in course_ids
            ]
        return [CourseRead(course_id, task.result()) for course_id, task in zip(course_ids, tasks, strict=True)]

    return async_to_sync(all_of_them)()


async def _leased(held: SyncLease, lease: timedelta) -> Outcome | None:
    """Read while renewing the lease; None when it was lost, and what was under way is stopped."""

    async def read() -> Outcome:
        async with Wary() as out:
            request = ReadRequest(held.school_id, held.course_id, held.person_id)
            return (await collect(request, [held.source], out))[held.source]

    reading = asyncio.create_task(read())
    while True:
        done, _ = await asyncio.wait({reading}, timeout=lease.total_seconds() / 3)
        if done:
            return reading.result()
        if not await sync_to_async(plans.renew_sync)(held.sync_id, held.token, now=timezone.now(), lease=lease):
            reading.cancel()
            await asyncio.wait({reading})
            return None


def _next_read() -> datetime:
    """The next read of a whole course, spread out so that courses read together do not stay together."""
    seconds = settings.ILP_SYNC_SECONDS
    return timezone.now() + timedelta(seconds=seconds * random.uniform(0.9, 1.1))  # noqa: S311


def _next_try(held: SyncLease, outcome: Outcome) -> datetime | None:
    """When a failed read is tried again; None: not by itself."""
    if outcome.code == Dormant().code:
        return None
    if held.person_id and (outcome.permanent or held.attempts >= PERSON_ATTEMPTS):
        return None
    wait = min(FIRST_RETRY_SECONDS * 2.0 ** min(held.attempts - 1, 16), LONGEST_RETRY_SECONDS)
    if outcome.permanent:
        wait = max(wait, float(settings.ILP_SYNC_SECONDS))
    wait = max(wait, min(outcome.retry_after or 0.0, LONGEST_RETRY_SECONDS))
    return timezone.now() + timedelta(seconds=wait)
