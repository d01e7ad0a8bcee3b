"""Rows that belong to a row, fetched with it: a list of JSON objects in one column, instead of a statement more."""

from typing import Any

from django.db.models import JSONField, QuerySet, Subquery
from django.db.models.functions import JSONObject

from lti_tool.sealing import Guarded


class _Objects(JSONField):
    """The list as it came, with what was sealed opened. `guarded`: by column, the field it shows."""

    def __init__(self, guarded: dict[str, Guarded]) -> None:
        super().__init__()
        self.guarded = guarded

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        told = super().from_db_value(value, expression, connection)
        for column, field in self.guarded.items():
            for row in told:
                row[column] = field.opened(row[column])
        return told


class Nested(Subquery):
    """The subquery's rows as a list of objects with these columns, in no order. Never None.

    Values come as JSON has them: a UUID or a date is text, on SQLite a UUID without its hyphens. PostgreSQL, SQLite.
    """

    template = (
        "(SELECT COALESCE(JSONB_AGG(nested_rows.nested), '[]'::jsonb) FROM (%(subquery)s) AS nested_rows(nested))"
    )

    def __init__(self, rows: "QuerySet[Any]", *columns: str) -> None:
        told = JSONObject(**{name: name for name in columns})
        super().__init__(rows.order_by().values(nested=told), output_field=_Objects(_guarded(rows, columns)))

    def as_sqlite(self, compiler: Any, connection: Any, **more: Any) -> Any:
        template = "(SELECT JSON_GROUP_ARRAY(JSON(nested_rows.nested)) FROM (%(subquery)s) AS nested_rows)"
        return self.as_sql(compiler, connection, template=template, **more)


def _guarded(rows: "QuerySet[Any]", columns: tuple[str, ...]) -> dict[str, Guarded]:
    found: dict[str, Any] = {}
    for column in columns:
        if column in rows.query.annotations:
            found[column] = rows.query.annotations[column].output_field
            continue
        model: Any = rows.model
        *way, name = column.split("__")
        for step in way:
            model = model._meta.get_field(step).related_model
        found[column] = model._meta.get_field(name)
    return {column: field for column, field in found.items() if isinstance(field, Guarded)}
