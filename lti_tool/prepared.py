"""Queries whose SQL is written once in a process: for what every page of a session asks.

The ORM takes ten times as long to put such a statement together as the database to answer it. The query stays an
ordinary queryset, its guards included; only the values are filled in at each run.
"""

import datetime
import enum
import threading
import uuid
from collections.abc import Callable, Iterable
from typing import Any, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Expression, QuerySet

Row = TypeVar("Row")


class Given(Expression):
    """A value named now and given at each run. It stands where a lookup takes one value (`exact`, `gte`, ...)."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        return "%s", (self,)


class Prepared(Generic[Row]):
    """A queryset as a function of its values: `Prepared(build, "school_id")`, run as `(school_id=...)`.

    `build` gets a `Given` for each name and returns the queryset. A run is one query and gives what iterating the
    queryset would: instances, dicts or tuples. Values are never None: no row equals NULL.
    """

    def __init__(self, build: Callable[..., "QuerySet[Any, Row]"], *names: str) -> None:
        self._build = build
        self._names = names
        self._held = threading.local()  # a compiler belongs to its thread's connection

    def __call__(self, **values: object) -> list[Row]:
        if values.keys() != set(self._names) or None in values.values():
            raise TypeError(f"give values for exactly: {', '.join(self._names)}")
        connection = connections[DEFAULT_DB_ALIAS]
        if getattr(self._held, "connection", None) is not connection:
            self._write(connection)
        held = self._held
        held.bound = tuple(
            _adapted(values[part.name], connection) if isinstance(part, Given) else part for part in held.params
        )
        rows: list[Row] = list(held.rows._iterable_class(held.rows))
        return rows

    def first(self, **values: object) -> Row | None:
        """The first row of a run. The queryset itself should take no more."""
        return next(iter(self(**values)), None)

    def _write(self, connection: BaseDatabaseWrapper) -> None:
        held = self._held
        rows = self._build(*map(Given, self._names))
        compiler = rows.query.get_compiler(connection=connection)
        held.sql, held.params = compiler.as_sql()
        converters = compiler.get_converters(column for column, *_ in compiler.select)

        # What the queryset's own iterator asks its compiler for: raw rows, then rows as Python has them.
        def execute_sql(*_args: Any, **_options: Any) -> list[Any]:
            with connection.cursor() as cursor:
                cursor.execute(held.sql, held.bound)
                return list(cursor.fetchall())

        def results_iter(results: list[Any] | None = None, tuple_expected: bool = False, **_: Any) -> Iterable[Any]:
            found = compiler.apply_converters(execute_sql() if results is None else results, converters)
            return map(tuple, found) if tuple_expected else found

        compiler.execute_sql, compiler.results_iter = execute_sql, results_iter
        rows.query.get_compiler = lambda *_args, **_options: compiler  # type: ignore[method-assign]
        held.rows, held.connection = rows, connection


def _adapted(value: object, connection: BaseDatabaseWrapper) -> object:
    """The value as this database takes it in a statement."""
    if isinstance(value, uuid.UUID):
        return value if connection.features.has_native_uuid_field else value.hex
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, datetime.datetime):
        return connection.ops.adapt_datetimefield_value(value)
    if isinstance(value, datetime.date):
        return connection.ops.adapt_datefield_value(value)
    return value
