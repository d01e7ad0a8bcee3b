"""Runs sources, each isolated: what one cannot read is that one's failure, with its code, and nobody else's."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from asgiref.sync import sync_to_async

from lti_tool.http import HttpError, Outbound
from lti_tool.plans import api as plans
from lti_tool.plans.data import ActivityRead, ResultRead

from .port import ReadRequest, SourceFailure, source

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one source's read went. `code` is empty when everything was read; the counts hold either way."""

    activities: int = 0
    members: int = 0
    written: int = 0
    unchanged: int = 0
    code: str = ""
    permanent: bool = False
    retry_after: float | None = None


@dataclass(slots=True)
class _Waiting:
    """Results of one activity on their way into the database; `stored` is settled when they stand, or cannot."""

    activity_id: int
    reads: Sequence[ResultRead]
    complete: bool
    stored: asyncio.Future[None]
    done: bool = False
    written: int = 0
    missing: bool = False


class Writer:
    """Writes one school's results of one kind in bulk: whoever comes while a write is under way goes with the next.

    Writes run one at a time in the caller's thread, while the loop's thread goes on fetching. Courses read side by
    side share a writer: few large writes cost half of many small ones. The write is nobody's own, so that a course
    that breaks off takes no other course's results with it.
    """

    def __init__(self, school_id: UUID, kind: str) -> None:
        self._school_id = school_id
        self._kind = kind
        self._waiting: list[_Waiting] = []
        self._storing: asyncio.Task[None] | None = None

    async def write(self, activity_id: int, reads: Sequence[ResultRead], *, complete: bool) -> _Waiting:
        """Returns when they stand in the database. Raises what kept them, and them alone, out of it."""
        mine = _Waiting(activity_id, reads, complete, asyncio.get_running_loop().create_future())
        self._waiting.append(mine)
        if self._storing is None or self._storing.done():
            self._storing = asyncio.create_task(self._store())
        await mine.stored
        return mine

    async def _store(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting, []
            try:
                await sync_to_async(self._write)(batch)
            except Exception:
                # Something in it cannot be written: each goes alone, so that the fault is told to whose it is.
                for waiting in batch:
                    await self._store_alone(waiting)
            for waiting in batch:
                if not waiting.stored.done():  # else nobody waits any more
                    waiting.stored.set_result(None)

    async def _store_alone(self, waiting: _Waiting) -> None:
        if waiting.done:
            return
        try:
            await sync_to_async(self._write)([waiting])
        except Exception as fault:
            if not waiting.stored.done():
                waiting.stored.set_exception(fault)

    def _write(self, batch: Sequence[_Waiting]) -> None:
        for complete in (True, False):
            some = {waiting.activity_id: waiting for waiting in batch if waiting.complete is complete}
            if some:
                reads = {activity_id: waiting.reads for activity_id, waiting in some.items()}
                told = plans.record_results(self._school_id, self._kind, reads, complete=complete)
                for activity_id, waiting in some.items():
                    waiting.done = True
                    waiting.written = told.written_in.get(activity_id, 0)
                    waiting.missing = activity_id in told.missing


class WritingDesk:
    """One course's desk: counts what comes, and hands results to the writer."""

    def __init__(self, request: ReadRequest, writer: Writer) -> None:
        self._request = request
        self._writer = writer
        self.activity_count = self.members = self.written = self.unchanged = 0

    async def activities(self, reads: Sequence[ActivityRead], *, complete: bool = True) -> dict[str, int]:
        self.activity_count = len(reads)
        return await sync_to_async(plans.sync_activities)(
            self._request.school_id, self._request.course_id, reads, complete=complete
        )

    async def results(self, activity_id: int, reads: Sequence[ResultRead], *, complete: bool) -> bool:
        told = await self._writer.write(activity_id, reads, complete=complete)
        self.written += told.written
        self.unchanged += max(0, len(reads) - told.written)
        return told.missing

    def count_members(self, number: int) -> None:
        self.members = number


async def collect(
    request: ReadRequest, kinds: Sequence[str], out: Outbound, writers: Mapping[str, Writer] | None = None
) -> dict[str, Outcome]:
    """Read each kind of source, one after the other; none can spoil another. Never raises for a source."""
    writers = writers or {kind: Writer(request.school_id, kind) for kind in kinds}
    return {kind: await _one(request, kind, out, writers[kind]) for kind in kinds}


async def _one(request: ReadRequest, kind: str, out: Outbound, writer: Writer) -> Outcome:
    desk = WritingDesk(request, writer)
    code, permanent, retry_after = "", False, None
    try:
        await source(kind).read(request, desk, out)
    except (SourceFailure, HttpError) as failure:
        code, permanent, retry_after = failure.code, failure.permanent, failure.retry_after
        log.warning("source %s of course %d could not be read: %s", kind, request.course_id, failure)
    except Exception as fault:  # a fault in one source must not take the others with it, nor pass for "no evidence"
        # The type only: a message may hold a name or a score (T76).
        log.error("source %s of course %d failed: %s", kind, request.course_id, _where(fault))
        code = "broken"
    return Outcome(
        activities=desk.activity_count,
        members=desk.members,
        written=desk.written,
        unchanged=desk.unchanged,
        code=code,
        permanent=permanent,
        retry_after=retry_after,
    )


def _where(fault: BaseException) -> str:
    """Type and place of a fault, without its message."""
    while isinstance(fault, BaseExceptionGroup):
        fault = fault.exceptions[0]
    trace = fault.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    place = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else "?"
    return f"{type(fault).__name__} at {place}"
