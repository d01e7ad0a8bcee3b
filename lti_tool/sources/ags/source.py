"""One read over AGS and NRPS: roster, columns, results, overlapping as far as they can.

Where one thing cannot be read, the rest still is, and the failure is told at the end. Only what makes every further
request pointless (no connection, no right to ask) ends the read early. Nobody counts as a leaver, and no score as
taken back, because of a list that changed while its pages were read: such a list is read a second time first.
"""

import asyncio
import hashlib
import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, ClassVar
from uuid import UUID

from asgiref.sync import sync_to_async

from lti_tool.evidence.port import Desk, Dormant, NotConnected, ReadRequest
from lti_tool.http import Broken, Forbidden, HttpError, Outbound, Slow, Throttled, Unauthorised, Unreachable
from lti_tool.lti.api import end_sessions
from lti_tool.lti.connections import is_placed
from lti_tool.lti.services import ags, groups, nrps, rosters
from lti_tool.lti.services.connector import Connector
from lti_tool.lti.services.course import course_services
from lti_tool.lti.services.people import persons_of, subs_of, take_roster
from lti_tool.lti.shapes import tidy
from lti_tool.plans import api as plans
from lti_tool.plans.data import ActivityRead, ResultRead

log = logging.getLogger(__name__)

POINTLESS = (Unreachable, Slow, Throttled, Unauthorised, Forbidden)  # the next request would end the same
MOST_FAILURES = 5  # columns that may fail, each after its tries, before the rest is left for the next read
EXTERNAL_ID = 255
FIRST_MOMENT = datetime(1970, 1, 2, tzinfo=UTC)  # some platforms write 1 January 1970, or year 1, for "no time"


class AgsSource:
    kind: ClassVar[str] = "ags"

    async def read(self, request: ReadRequest, desk: Desk, out: Outbound) -> None:
        services = await sync_to_async(course_services)(request.course_id)
        if services is None or services.school_id != request.school_id:
            raise NotConnected
        if not (services.lineitems_url or services.memberships_url):
            raise NotConnected
        if not await sync_to_async(is_placed)(request.course_id):
            raise Dormant
        reading = _Reading(Connector(out, services), desk, out.walks)
        if request.person_id is None:
            await reading.course()
        else:
            await reading.person(request.person_id)
        if reading.failures:
            raise reading.failures[0]
        if not services.lineitems_url:  # a class list without a gradebook: there are leavers, and no evidence
            raise NotConnected


class _Reading:
    """One read under way and what went wrong in it so far."""

    def __init__(self, connector: Connector, desk: Desk, walks: asyncio.Semaphore) -> None:
        self._connector = connector
        self._services = connector.services
        self._desk = desk
        self._walks = walks
        self._persons: dict[str, UUID] = {}
        self.failures: list[HttpError] = []

    async def course(self) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(self._roster())
            listing = group.create_task(self._listing())
        await self._walk(listing.result(), None)

    async def person(self, person_id: UUID) -> None:
        """Only the columns this person's targets are linked to: a live page asks every few seconds."""
        subs = await sync_to_async(subs_of)(self._services.deployment_pk, person_id)
        wanted = await sync_to_async(plans.linked_activities)(
            self._services.school_id, self._services.course_id, person_id
        )
        if not subs or not wanted:
            return
        self._persons = dict.fromkeys(subs, person_id)
        columns = [column for column in await self._listing() if column[0] in wanted]
        for sub in subs:
            await self._walk(columns, sub)

    async def _roster(self) -> None:
        if not self._services.memberships_url:
            return
        try:
            changed = await rosters.changes(self._connector)
            found = changed or await self._whole()
        except HttpError as failure:
            self.failures.append(failure)
            return
        if changed is None and (found.refused or not found.members):
            self.failures.append(Broken("rows of the roster could not be read"))
        if found.members or found.gone:
            await self._take(found, whole=changed is None)
        self._desk.count_members(await self._present() if changed else len(found.members))
        if groups.is_due(self._services) and changed is None and not found.refused:
            await self._groups(found)

    async def _whole(self) -> nrps.Roster:
        found = await nrps.roster(self._connector)
        return await self._confirmed(found) if found.pages > 1 and not found.refused else found

    async def _take(self, found: nrps.Roster, *, whole: bool) -> None:
        complete = whole and bool(found.members) and not found.refused
        self._persons, ended = await sync_to_async(take_roster)(
            self._services, found.members, complete=complete, gone=found.gone
        )
        if ended:
            await sync_to_async(end_sessions)(self._services.school_id, self._services.course_id, ended)
        await sync_to_async(rosters.keep)(self._services, found, whole=whole)

    async def _present(self) -> int:
        return await sync_to_async(plans.absent)(self._services.school_id, self._services.course_id, ())

    async def _groups(self, found: nrps.Roster) -> None:
        """Groups are an extra: that they cannot be read is nothing evidence hangs on."""
        try:
            told = await groups.read(self._connector, found.members)
        except HttpError as failure:
            log.info("groups of course %d could not be read: %s", self._services.course_id, failure)
            return
        await sync_to_async(groups.take)(self._services, told)

    async def _confirmed(self, found: nrps.Roster) -> nrps.Roster:
        """The roster, read again where it would make leavers: pages shift when somebody goes meanwhile."""

        def absent() -> int:
            persons = persons_of(self._services.deployment_pk, (member.sub for member in found.members))
            return plans.absent(self._services.school_id, self._services.course_id, persons.values())

        if not await sync_to_async(absent)():
            return found
        again = await nrps.roster(self._connector)
        members = {member.sub: member for member in (*found.members, *again.members)}
        return replace(again, members=tuple(members.values()))

    async def _listing(self) -> list[tuple[str, int, ags.LineItemRow]]:
        """External id, our activity and the row of each column, all of them taken in; none where that failed."""
        if not self._services.lineitems_url:
            return []
        try:
            rows, refused = await ags.line_items(self._connector)
        except HttpError as failure:
            self.failures.append(failure)
            return []
        if refused:
            self.failures.append(Broken("rows of the columns could not be read"))
        named = dict(_named(rows))
        reads = [
            ActivityRead(external_id, tidy(row.get("label")), row["scoreMaximum"])
            for external_id, row in named.items()
        ]
        ids = await self._desk.activities(reads, complete=not refused)
        return [(external_id, ids[external_id], row) for external_id, row in named.items()]

    async def _walk(self, columns: list[tuple[str, int, ags.LineItemRow]], sub: str | None) -> None:
        """Read all columns' results, several at once, until done or pointless."""
        over = False

        async def walk(activity_id: int, row: ags.LineItemRow) -> None:
            nonlocal over
            async with self._walks:
                if over:
                    return
                try:
                    await self._column(activity_id, row, sub)
                except HttpError as failure:
                    self.failures.append(failure)
                    over = over or isinstance(failure, POINTLESS) or len(self.failures) >= MOST_FAILURES

        async with asyncio.TaskGroup() as group:
            for _, activity_id, row in columns:
                group.create_task(walk(activity_id, row))

    async def _column(self, activity_id: int, row: ags.LineItemRow, sub: str | None) -> None:
        reads, pages, refused = await self._results(row, sub)
        sure = sub is None and refused == 0
        missing = await self._desk.results(activity_id, reads, complete=sure and pages == 1)
        if missing and sure and pages > 1:
            again, _, refused = await self._results(row, sub)
            together = {read.person_id: read for read in (*reads, *again)}
            await self._desk.results(activity_id, list(together.values()), complete=refused == 0)
        if refused:
            self.failures.append(Broken("rows of a column's results could not be read"))

    async def _results(self, row: ags.LineItemRow, sub: str | None) -> tuple[list[ResultRead], int, int]:
        """The results of people we know, how many pages they came on, and how many rows were refused."""
        maximum = row["scoreMaximum"]
        reads: list[ResultRead] = []
        pages = refused = 0
        async for rows, bad in ags.results(self._connector, row["id"], user_id=sub):
            pages += 1
            refused += bad
            persons = await self._known(rows)
            reads += [
                ResultRead(
                    persons[result["userId"]],
                    result.get("resultScore"),
                    _above_zero(result.get("resultMaximum")) or maximum,
                    _moment(result["timestamp"]) if "timestamp" in result else None,
                )
                for result in rows
                if result["userId"] in persons
            ]
        return reads, pages, refused

    async def _known(self, rows: list[ags.ResultRow]) -> dict[str, UUID]:
        """Persons by account. An account outside the roster is looked up once; an unknown one has no plan here."""
        persons = self._persons
        strange = {row["userId"] for row in rows if row["userId"] not in persons}
        if strange:
            persons |= await sync_to_async(persons_of)(self._services.deployment_pk, strange)
        return persons


def _named(rows: list[ags.LineItemRow]) -> Iterator[tuple[str, ags.LineItemRow]]:
    """Each column under its resource id; under its address where it has none or shares it (AGS 2.0, 3.2.9).

    A column out of no points says nothing of anybody, and is not taken in.
    """
    taken: set[str] = set()
    for row in rows:
        if not _above_zero(row["scoreMaximum"]):
            continue
        resource = row.get("resourceId") or ""
        external_id = row["id"] if not resource or resource in taken else resource
        taken.add(external_id)
        if len(external_id) > EXTERNAL_ID:
            external_id = "sha256:" + hashlib.sha256(external_id.encode()).hexdigest()
        yield external_id, row


def _above_zero(maximum: float | None) -> float | None:
    return maximum if maximum is not None and maximum > 0 else None


def _moment(value: Any) -> datetime | None:
    """A time as a platform tells it, aware, or None. One that cannot be would stand before all later scores."""
    try:
        moment = datetime.fromisoformat(value)
        moment = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        return None
    return moment if FIRST_MOMENT <= moment <= datetime.now(UTC) else None
