"""Rows that belong to a row, fetched with it: a list of JSON objects in one column, instead of a statement more."""

from typing import Any

from django.db.models import JSONField, QuerySet, Subquery
from django.db.models.functions import JSONObject


class Nested(Subquery):
    """The subquery's rows as a list of objects with these columns, in no order. Never None.

    Values come as JSON has them: a UUID or a date is text, on SQLite a UUID without its hyphens. PostgreSQL, SQLite.
    """

    template = (
        "(SELECT COALESCE(JSONB_AGG(nested_rows.nested), '[]'::jsonb) FROM (%(subquery)s) AS nested_rows(nested))"
    )

    def __init__(self, rows: "QuerySet[Any]", *columns: str) -> None:
        told = JSONObject(**{name: name for name in columns})
        super().__init__(rows.order_by().values(nested=told), output_field=JSONField())

    def as_sqlite(self, compiler: Any, connection: Any, **more: Any) -> Any:
        template = "(SELECT JSON_GROUP_ARRAY(JSON(nested_rows.nested)) FROM (%(subquery)s) AS nested_rows)"
        return self.as_sql(compiler, connection, template=template, **more)
