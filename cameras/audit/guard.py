"""What the database itself refuses in the audit trail: triggers of both databases.

No entry is changed or replaced, and none is deleted within a year, whoever asks.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

__all__ = ["lifted", "put_up", "take_down"]

_TABLE = "audit_auditentry"
_NEVER = "the audit trail is only ever added to"
_SQLITE = [
    f"CREATE TRIGGER audit_no_update BEFORE UPDATE ON {_TABLE} "
    f"BEGIN SELECT RAISE(ABORT, '{_NEVER}'); END",
    f"CREATE TRIGGER audit_no_delete BEFORE DELETE ON {_TABLE} "
    "WHEN OLD.at > datetime('now', '-365 days') "
    f"BEGIN SELECT RAISE(ABORT, '{_NEVER}'); END",
    f"CREATE TRIGGER audit_no_replace BEFORE INSERT ON {_TABLE} "
    f"WHEN EXISTS (SELECT 1 FROM {_TABLE} WHERE id = NEW.id) "
    f"BEGIN SELECT RAISE(ABORT, '{_NEVER}'); END",
]
_SQLITE_DOWN = [f"DROP TRIGGER IF EXISTS {statement.split()[2]}" for statement in _SQLITE]
_POSTGRESQL = [
    f"""CREATE FUNCTION audit_never() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF TG_OP = 'DELETE' THEN
        IF OLD.at <= now() - interval '365 days' THEN RETURN OLD; END IF;
    END IF;
    RAISE EXCEPTION '{_NEVER}' USING ERRCODE = 'integrity_constraint_violation';
    END $$""",
    f"CREATE TRIGGER audit_never BEFORE UPDATE OR DELETE ON {_TABLE} "
    "FOR EACH ROW EXECUTE FUNCTION audit_never()",
    f"CREATE TRIGGER audit_never_emptied BEFORE TRUNCATE ON {_TABLE} "
    "FOR EACH STATEMENT EXECUTE FUNCTION audit_never()",
]
_POSTGRESQL_DOWN = [
    f"DROP TRIGGER IF EXISTS audit_never ON {_TABLE}",
    f"DROP TRIGGER IF EXISTS audit_never_emptied ON {_TABLE}",
    "DROP FUNCTION IF EXISTS audit_never()",
]


def put_up(apps: Any = None, schema_editor: Any = None) -> None:
    """Create the triggers; those that stand are made anew. Fit for a migration's RunPython."""
    take_down(apps, schema_editor)
    _run(schema_editor, {"sqlite": _SQLITE, "postgresql": _POSTGRESQL})


def take_down(apps: Any = None, schema_editor: Any = None) -> None:
    """Drop the triggers."""
    _run(schema_editor, {"sqlite": _SQLITE_DOWN, "postgresql": _POSTGRESQL_DOWN})


@contextmanager
def lifted() -> Iterator[None]:
    """No guard for a moment, for tests that empty the whole database after themselves."""
    take_down()
    try:
        yield
    finally:
        put_up()


def _run(schema_editor: Any, statements: dict[str, list[str]]) -> None:
    db = schema_editor.connection if schema_editor else connection
    with db.cursor() as cursor:
        for statement in statements[db.vendor]:
            cursor.execute(statement)
