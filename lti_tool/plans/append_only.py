"""Triggers by which the database itself refuses to change or remove an audit event (T42).

They hold for every role, the tables' owner included; taking them away is a migration's act.
"""

from django.db.backends.base.base import BaseDatabaseWrapper

TABLE = "ilp_plans_auditevent"

_INSTALL = {
    "sqlite": [
        f"CREATE TRIGGER ilp_audit_no_{verb} BEFORE {verb.upper()} ON {TABLE} "
        "BEGIN SELECT RAISE(ABORT, 'audit events are append-only'); END"
        for verb in ("update", "delete")
    ]
    + [  # REPLACE removes the row in its way without asking a DELETE trigger
        f"CREATE TRIGGER ilp_audit_no_replace BEFORE INSERT ON {TABLE} WHEN EXISTS (SELECT 1 FROM {TABLE} "  # noqa: S608
        "WHERE id = NEW.id OR (school_id = NEW.school_id AND number = NEW.number)) "
        "BEGIN SELECT RAISE(ABORT, 'audit events are append-only'); END"
    ],
    "postgresql": [
        "CREATE OR REPLACE FUNCTION ilp_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'audit events are append-only' USING ERRCODE = 'restrict_violation'; END $$",
        f"CREATE TRIGGER ilp_audit_no_change BEFORE UPDATE OR DELETE ON {TABLE} "
        "FOR EACH ROW EXECUTE FUNCTION ilp_append_only()",
        f"CREATE TRIGGER ilp_audit_no_truncate BEFORE TRUNCATE ON {TABLE} "
        "FOR EACH STATEMENT EXECUTE FUNCTION ilp_append_only()",
    ],
}
_REMOVE = {
    "sqlite": [f"DROP TRIGGER IF EXISTS ilp_audit_no_{verb}" for verb in ("update", "delete", "replace")],
    "postgresql": [
        f"DROP TRIGGER IF EXISTS ilp_audit_no_change ON {TABLE}",
        f"DROP TRIGGER IF EXISTS ilp_audit_no_truncate ON {TABLE}",
        "DROP FUNCTION IF EXISTS ilp_append_only()",
    ],
}


def _run(connection: BaseDatabaseWrapper, statements: dict[str, list[str]]) -> None:
    with connection.cursor() as cursor:
        for statement in statements.get(connection.vendor, []):
            cursor.execute(statement)


def install(connection: BaseDatabaseWrapper) -> None:
    """Put the triggers in place. The table must stand."""
    _run(connection, _INSTALL)


def remove(connection: BaseDatabaseWrapper) -> None:
    """Take the triggers away, for a migration backwards."""
    _run(connection, _REMOVE)
