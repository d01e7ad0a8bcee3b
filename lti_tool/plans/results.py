"""Taking in what gradebooks say: compared in memory, written in bulk, and only where something is new.

What counts as new is the *value*: another score, another maximum, a score where none was, or none where one
was. A changed time alone is not new evidence (a re-mark with the same figure, or a platform that stamps each
answer with its own clock, would otherwise write every row at every read); the row keeps the time first seen.
A value that went away is a new row without a score, never a zero; the old value stays in the history.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from math import isfinite
from operator import attrgetter
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Count, Sum
from django.utils import timezone

from . import audit
from .data import EvidenceWritten, ResultRead
from .exceptions import Invalid
from .models import Activity, Evidence, Person

_CHUNK = 500  # ids in one IN list, far below every database's bound
NULL = r"\N"  # as COPY writes it
_COLUMNS = (
    "school_id", "activity_id", "person_id", "source", "score_given", "score_maximum", "observed_at", "received_at",
    "latest",
)  # fmt: skip


class _New(NamedTuple):
    activity_id: int
    person_id: UUID
    score_given: float | None
    score_maximum: float
    observed_at: datetime


def record_results(
    school_id: UUID, source: str, batch: Mapping[int, Sequence[ResultRead]], *, complete: bool = False
) -> EvidenceWritten:
    """Take in the results a source tells, by activity. Idempotent: an unchanged re-run writes nothing.

    Args:
        batch: results by activity id. A person told twice in one activity counts once, the last telling.
        complete: each activity's results are all there are, so whoever is missing has none any more. False
            (a page, or one person's results): nothing is concluded from absence.

    Raises:
        Invalid: an activity or person is not the school's, or a figure is no finite number above zero for a
            maximum. Nothing was written.
    """
    received_at = timezone.now()
    with transaction.atomic():
        _lock(school_id, batch)
        standing = _standing(school_id, source, batch, complete=complete)
        new, replaced, unchanged = _compare(batch, standing, received_at, complete=complete)
        missing = (
            ()
            if complete
            else tuple({activity_id for (activity_id, _), row in standing.items() if row[1] is not None})
        )
        if not new:
            return EvidenceWritten(written=0, unchanged=unchanged, missing=missing)
        _check(school_id, new)
        for start in range(0, len(replaced), _CHUNK):
            rows = Evidence.objects.of(school_id).filter(pk__in=replaced[start : start + _CHUNK])
            rows.update(latest=False)
        _insert(school_id, source, new, received_at)
        detail = {"source": source, "written": len(new), "activities": len(batch)}
        people = {row.person_id for row in new}
        about_id = people.pop() if len(people) == 1 else None
        audit.record(school_id, "evidence.read", "school", school_id, about_id=about_id, detail=detail)
    written_in = dict(Counter(row.activity_id for row in new))
    return EvidenceWritten(written=len(new), unchanged=unchanged, missing=missing, written_in=written_in)


def evidence_total(school_id: UUID) -> tuple[int, float]:
    """How many values stand (latest, with a score) and their sum: for comparing with the gradebook."""
    rows = Evidence.objects.of(school_id).filter(latest=True, score_given__isnull=False)
    total = rows.aggregate(rows=Count("id"), sum=Sum("score_given"))
    return total["rows"], total["sum"] or 0.0


def _lock(school_id: UUID, batch: Mapping[int, Sequence[ResultRead]]) -> None:
    """Hold the activities, in one order, so that two reads of the same ones take turns."""
    ids = sorted(batch)
    found = 0
    for start in range(0, len(ids), _CHUNK):
        rows = Activity.objects.of(school_id).filter(pk__in=ids[start : start + _CHUNK]).order_by("id")
        found += len(rows.select_for_update(no_key=True).values_list("id", flat=True))
    if found != len(ids):
        raise Invalid({"activity": "unknown"})


Key = tuple[int, Any]  # activity id, person id as the database tells it
Standing = dict[Key, tuple[int, float | None, float]]  # row id, score, maximum


def _raw_ids() -> Callable[[UUID], Any]:
    """Makes of an id what this database's driver gives: comparing raw saves building 200,000 UUIDs."""
    return (lambda an_id: an_id) if connection.features.has_native_uuid_field else attrgetter("hex")


def _uuid(raw: Any) -> UUID:
    return raw if isinstance(raw, UUID) else UUID(hex=raw)


def _standing(school_id: UUID, source: str, batch: Mapping[int, Sequence[ResultRead]], *, complete: bool) -> Standing:
    people = {result.person_id for results in batch.values() for result in results}
    whole = complete or len(people) > 1  # then also whoever is not told of matters
    standing: Standing = {}
    if not whole and not people:
        return standing  # a person without a result, or results of strangers alone: nothing to compare with
    ids = sorted(batch)
    for start in range(0, len(ids), _CHUNK):
        some = ids[start : start + _CHUNK]
        rows = Evidence.objects.of(school_id).filter(activity__in=some, source=source, latest=True)
        if not whole:
            rows = rows.filter(person__in=people)
        figures = rows.values_list("activity_id", "person_id", "id", "score_given", "score_maximum")
        sql, params = figures.query.sql_with_params()
        with connection.cursor() as cursor:
            cursor.execute(sql, params)
            for activity_id, person_id, row_id, score, maximum in cursor.fetchall():
                standing[activity_id, person_id] = (row_id, score, maximum)
    return standing


def _compare(
    batch: Mapping[int, Sequence[ResultRead]], standing: Standing, received_at: datetime, *, complete: bool
) -> tuple[list[_New], list[int], int]:
    new: list[_New] = []
    replaced: list[int] = []
    unchanged = 0
    raw_id = _raw_ids()
    for activity_id, results in batch.items():
        for raw, result in {raw_id(result.person_id): result for result in results}.items():
            stands = standing.pop((activity_id, raw), None)
            score, maximum = result.score_given, result.score_maximum
            if stands:
                if stands[1] == score and stands[2] == maximum:
                    unchanged += 1
                    continue
                replaced.append(stands[0])
            new.append(_New(activity_id, result.person_id, score, maximum, result.observed_at or received_at))
    if complete:  # whoever still stands was not told of
        for (activity_id, raw), (row_id, score, maximum) in standing.items():
            if score is not None:
                replaced.append(row_id)
                new.append(_New(activity_id, _uuid(raw), None, maximum, received_at))
    return new, replaced, unchanged


def _check(school_id: UUID, new: Iterable[_New]) -> None:
    """Figures and people of what is about to be written; the rest stood this test before."""
    people = set()
    for row in new:
        people.add(row.person_id)
        if not (isfinite(row.score_maximum) and row.score_maximum > 0):
            raise Invalid({"score_maximum": "not_positive"})
        if row.score_given is not None and not isfinite(row.score_given):
            raise Invalid({"score_given": "not_finite"})
    ids = list(people)
    known = 0
    for start in range(0, len(ids), _CHUNK):
        known += Person.objects.of(school_id).filter(pk__in=ids[start : start + _CHUNK]).count()
    if known != len(ids):
        raise Invalid({"person": "unknown"})


def _insert(school_id: UUID, source: str, new: Sequence[_New], received_at: datetime) -> None:
    """The fast way in of each database: COPY where there is one, one prepared INSERT otherwise."""
    table, columns = Evidence._meta.db_table, ", ".join(_COLUMNS)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
                copy.write(_copy_text(school_id, source, new, received_at))
            return
        at, raw_id = cache(connection.ops.adapt_datetimefield_value), _raw_ids()
        school, received = raw_id(school_id), at(received_at)
        places = ", ".join(["%s"] * len(_COLUMNS))
        cursor.executemany(
            f"INSERT INTO {table} ({columns}) VALUES ({places})",  # noqa: S608 - only names of our own
            [(school, n[0], raw_id(n[1]), source, n[2], n[3], at(n[4]), received, True) for n in new],
        )


def _copy_text(school_id: UUID, source: str, new: Iterable[_New], received_at: datetime) -> str:
    """COPY's text format, made here in a fifth of the driver's time: nothing in a row needs escaping."""
    moment = cache(datetime.isoformat)
    head, tail = f"{school_id.hex}\t", f"\t{moment(received_at)}\tt\n"
    return "".join(
        f"{head}{n[0]}\t{n[1].hex}\t{source}\t{NULL if n[2] is None else n[2]}\t{n[3]}\t{moment(n[4])}{tail}"
        for n in new
    )
