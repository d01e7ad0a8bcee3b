"""Statements of disagreement: they stand with a judgement wherever it goes, and nothing takes them away (T54)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db.models import OuterRef, Q

from lti_tool.nested import Nested

from .data import PersonRef, StatementView, Voice
from .models import Agreement, Person
from .naming import author_ref

_COLUMNS = ("voice", "person_id", "person__display_name", "name", "text", "agrees", "recorded_at")


def nested_statements(school_id: Any) -> Nested:
    """What was said against each judgement of a query, in a column of it; `statements_in` reads it."""
    same = Q(target=OuterRef("target_id")) | (Q(target=None, area=OuterRef("area")) & ~Q(area=""))
    return Nested(Agreement.objects.of(school_id).filter(same, review=OuterRef("review_id")), *_COLUMNS)


def whole_statements(school_id: UUID, review_ids: Iterable[UUID]) -> Mapping[UUID, tuple[StatementView, ...]]:
    """What was said against each of these reviews as a whole. One query."""
    rows = Agreement.objects.of(school_id).filter(review__in=review_ids, target=None, area="")
    said = defaultdict(list)
    for row in rows.values("review_id", *_COLUMNS):
        said[row["review_id"]].append(row)
    return defaultdict(tuple, {review_id: statements_in(told) for review_id, told in said.items()})


def statements_in(nested: Iterable[Mapping[str, Any]]) -> tuple[StatementView, ...]:
    """The last word of each person, of those who see it differently, the first first."""
    newest: dict[Any, StatementView | None] = {}
    for row in sorted(nested, key=lambda row: _time(row["recorded_at"])):
        key = row["person_id"] or (row["voice"], str(row["name"]).casefold())
        newest.pop(key, None)
        newest[key] = None if row["agrees"] else _view(row)
    return tuple(view for view in newest.values() if view is not None)


def _view(row: Mapping[str, Any]) -> StatementView:
    author = _author(row) if row["person_id"] else None
    return StatementView(
        Voice(row["voice"]), author, "" if author else row["name"], row["text"], _time(row["recorded_at"])
    )


def _author(row: Mapping[str, Any]) -> PersonRef:
    return author_ref(Person(id=UUID(str(row["person_id"])), display_name=row["person__display_name"] or ""))


def _time(when: str | datetime) -> datetime:
    """Nested in JSON a time is text, on SQLite without its zone."""
    read = datetime.fromisoformat(when) if isinstance(when, str) else when
    return read if read.tzinfo else read.replace(tzinfo=UTC)
