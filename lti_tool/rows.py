"""Rows read and written by our own SQL where a launch must be cheap, their values as the ORM would have them."""

from collections.abc import Callable
from functools import cache
from typing import Any

from django.db import connection, models

from lti_tool.sealing import Guarded, Owned

_AS_IT_IS = frozenset({str, int, bool, type(None)})  # no database wants these turned into anything else


def from_db(model: type[models.Model], name: str, value: Any) -> Any:
    """What the ORM makes of a column's raw value: a UUID, a time, JSON."""
    column, converters = _reading(model, name)
    for convert in converters:
        value = convert(value, column, connection)
    return value


def to_db(model: type[models.Model], name: str, value: Any) -> Any:
    """The value as a statement takes it for that column."""
    field: Any = model._meta.get_field(name)
    return field.get_db_prep_save(value, connection)


def insert(model: type[models.Model], *, returning: str = "", **values: Any) -> Any:
    """One INSERT of a new row: a third of what `create` costs. Gives the column named by `returning`, else None.

    Columns not named get their field's default. Raises IntegrityError.
    """
    statement, row = _insertion(model)[1], _row(model, values)
    with connection.cursor() as cursor:
        cursor.execute(f"{statement} RETURNING {returning}" if returning else statement, row)
        return cursor.fetchone()[0] if returning else None


def insert_all(model: type[models.Model], rows: list[dict[str, Any]]) -> None:
    """New rows in one INSERT, in this order. As `insert`; few enough for one statement are the caller's business."""
    head, places = _insertion(model)[1].split(" VALUES ")
    told = [value for row in rows for value in _row(model, dict(row))]
    with connection.cursor() as cursor:
        cursor.execute(f"{head} VALUES {', '.join([places] * len(rows))}", told)


def insert_where(model: type[models.Model], update: str, told: list[Any], rows: list[dict[str, Any]]) -> bool:
    """Each row's INSERT in one statement with an UPDATE of one row, and only if that found its row. PostgreSQL.

    An INSERT for each, since that is what tells the database of which type each value is.
    """
    head, places = _insertion(model)[1].split(" VALUES ")
    one = f"{head} SELECT {places.strip('()')} FROM moved"  # noqa: S608 (no input)
    before = "".join(f", row{number} AS ({one})" for number in range(len(rows) - 1))
    values = [value for row in rows for value in _row(model, dict(row))]
    with connection.cursor() as cursor:
        cursor.execute(f"WITH moved AS ({update} RETURNING 1){before} {one}", [*told, *values])
        return bool(cursor.rowcount)


def _row(model: type[models.Model], values: dict[str, Any]) -> list[Any]:
    row, school_id = [], values.get("school_id")
    for name, default, takes_as_is, prepare in _insertion(model)[0]:
        value = values.pop(name) if name in values else default()
        if takes_as_is is None:
            value = Owned(value, school_id)
        row.append(value if takes_as_is and type(value) in _AS_IT_IS else prepare(value, connection))
    if values:
        raise TypeError(f"no such columns: {', '.join(values)}")
    return row


@cache
def _insertion(model: type[models.Model]) -> tuple[list[tuple[str, Callable[[], Any], bool | None, Any]], str]:
    fields: list[Any] = [field for field in model._meta.concrete_fields if not isinstance(field, models.AutoField)]
    columns = ", ".join(field.column for field in fields)
    places = ", ".join(["%s"] * len(fields))
    told = [(field.attname, field.get_default, _takes_as_is(field), field.get_db_prep_save) for field in fields]
    return told, f"INSERT INTO {model._meta.db_table} ({columns}) VALUES ({places})"  # noqa: S608 (no input in it)


def _takes_as_is(field: Any) -> bool | None:
    """None: a field that may seal, and wants to know whose the value is."""
    return None if isinstance(field, Guarded) else not isinstance(field, models.JSONField)


@cache
def _reading(model: type[models.Model], name: str) -> tuple[Any, list[Any]]:
    field: Any = model._meta.get_field(name)
    column = field.get_col(model._meta.db_table)
    return column, [*connection.ops.get_db_converters(column), *field.get_db_converters(connection)]
