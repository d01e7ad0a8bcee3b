"""The append-only trail (T42): each school's events are one chain of hashes, numbered without gaps.

Every change, every refused attempt and every reading of a plan by staff leaves an event. It holds ids and
codes, never names or words. Within a transaction it is written last: the chain's end is one locked row per
school, and whoever holds it must wait for nobody else.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Exists
from django.utils import timezone

from lti_tool.prepared import Prepared
from lti_tool.rows import insert_all, insert_where, to_db

from .data import Actor
from .models import AuditEvent, AuditHead

# A reload or a live page asks for the same again and again; the trail tells of it once in this time.
REPEAT_WITHIN = timedelta(minutes=15)
_AT_ONCE = 25  # rows of one INSERT

_END_OF_CHAIN: Prepared[tuple[int, str]] = Prepared(
    lambda school_id: AuditHead.objects.of(school_id).select_for_update(no_key=True).values_list("number", "hash"),
    "school_id",
)
_MOVE_END = (
    f"UPDATE {AuditHead._meta.db_table} SET number = %s, hash = %s "  # noqa: S608 (a table's name, no input)
    "WHERE school_id = %s"
)


def _digest(event: AuditEvent) -> str:
    content = [
        str(event.school_id),
        event.number,
        event.at.astimezone(UTC).isoformat(timespec="microseconds"),
        str(event.actor_id or ""),
        event.role,
        event.verb,
        event.subject,
        event.subject_id,
        str(event.about_id or ""),
        event.detail,
        event.reason,
        event.previous_hash,
    ]
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(canonical.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Entry:
    """What an event tells; where it stands in the chain, and when it happened, is found out as it is written."""

    verb: str
    subject: str
    subject_id: object
    about_id: UUID | None = None
    detail: Mapping[str, Any] | None = None
    reason: str = ""  # a code


def record(
    school_id: UUID,
    verb: str,
    subject: str,
    subject_id: object,
    *,
    actor: Actor | None = None,
    about_id: UUID | None = None,
    detail: Mapping[str, Any] | None = None,
    reason: str = "",
) -> None:
    """Append one event. `actor` None: the tool itself (a roster or gradebook was read). `reason` is a code."""
    record_all(school_id, [Entry(verb, subject, subject_id, about_id, detail, reason)], actor=actor)


def record_all(school_id: UUID, entries: Iterable[Entry], *, actor: Actor | None = None) -> None:
    """Append events in this order. The chain's end is taken once and moved once, however many there are."""
    with transaction.atomic(savepoint=False):
        head = _END_OF_CHAIN.first(school_id=school_id)
        if head is None:
            AuditHead.objects.bulk_create([AuditHead(school_id=school_id)], ignore_conflicts=True)
            head = _END_OF_CHAIN(school_id=school_id)[0]
        events = _links(school_id, entries, *head, actor)
        number, last_hash = (events[-1]["number"], events[-1]["hash"]) if events else head
        for some in range(0, len(events), _AT_ONCE):
            insert_all(AuditEvent, events[some : some + _AT_ONCE])
        with connection.cursor() as cursor:
            cursor.execute(_MOVE_END, [number, last_hash, to_db(AuditHead, "school_id", school_id)])


def _links(
    school_id: UUID, entries: Iterable[Entry], number: int, last_hash: str, actor: Actor | None
) -> list[dict[str, Any]]:
    """The chain's next links, after the one of this number and hash."""
    events: list[dict[str, Any]] = []
    for at, entry in enumerate(entries, number + 1):
        events.append(_event(school_id, entry, at, last_hash, actor))
        last_hash = events[-1]["hash"]
    return events


def _event(school_id: UUID, entry: Entry, number: int, last_hash: str, actor: Actor | None) -> dict[str, Any]:
    """The columns of the chain's next link."""
    event: dict[str, Any] = {
        "school_id": school_id,
        "number": number,
        "at": timezone.now(),
        "actor_id": actor.person_id if actor else None,
        "role": str(actor.acts_as) if actor else "tool",
        "verb": entry.verb,
        "subject": entry.subject,
        "subject_id": str(entry.subject_id),
        "about_id": entry.about_id,
        "detail": dict(entry.detail or {}),
        "reason": entry.reason,
        "previous_hash": last_hash,
    }
    return event | {"hash": _digest(AuditEvent(**event))}


def record_once(
    actor: Actor,
    verb: str,
    subject: str,
    subject_id: object,
    *,
    about_id: UUID | None = None,
    reason: str = "",
    also: Sequence[Entry] = (),
) -> None:
    """Append an event unless this actor left the same one within `REPEAT_WITHIN`; what is `also` told is each time.

    Pages are read far more often than changed, so this waits for nobody's lock: the chain's end is read with the
    question whether there is such an event, and the event stands if that is its end still.
    """
    recent = AuditEvent.objects.of(actor.school_id).filter(
        actor_id=actor.person_id,
        at__gte=timezone.now() - REPEAT_WITHIN,
        verb=verb,
        subject=subject,
        subject_id=str(subject_id),
        reason=reason,
    )
    end = AuditHead.objects.of(actor.school_id).annotate(told=Exists(recent)).values_list("number", "hash", "told")
    number, last_hash, told = end.first() or (0, "", False)
    entries = [*(() if told else (Entry(verb, subject, subject_id, about_id, None, reason),)), *also]
    if not entries:
        return
    if not number or not _appended(_links(actor.school_id, entries, number, last_hash, actor)):
        record_all(actor.school_id, entries, actor=actor)


def _appended(events: list[dict[str, Any]]) -> bool:
    """Whether the events are the next links of their school's chain; else others' are, and nothing was written."""
    first, last = events[0], events[-1]
    moved = [last["number"], last["hash"], to_db(AuditHead, "school_id", first["school_id"]), first["number"] - 1]
    if connection.vendor == "postgresql":
        return insert_where(AuditEvent, f"{_MOVE_END} AND number = %s", moved, events)
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        cursor.execute(f"{_MOVE_END} AND number = %s", moved)
        if not cursor.rowcount:
            return False
        insert_all(AuditEvent, events)
        return True


def verify_audit(school_id: UUID) -> bool:
    """Whether the school's chain is whole: nothing altered, left out, added or cut off at its end."""
    number, previous = 0, ""
    with transaction.atomic():  # nobody appends meanwhile
        head = AuditHead.objects.of(school_id).select_for_update(no_key=True).first()
        events = AuditEvent.objects.of(school_id).order_by("number")
        for event in events.iterator(chunk_size=2000):
            number += 1
            if event.number != number or event.previous_hash != previous or event.hash != _digest(event):
                return False
            previous = event.hash
    return (head.number, head.hash) == (number, previous) if head else number == 0
