"""What the database itself refuses in the audit trail: triggers of both databases.

No entry is changed or replaced, and none is deleted within a year, whoever asks.
"""

from cameras.triggers import Triggers

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

_TRIGGERS = Triggers(_SQLITE, _POSTGRESQL, _POSTGRESQL_DOWN)
put_up, take_down, lifted = _TRIGGERS.put_up, _TRIGGERS.take_down, _TRIGGERS.lifted
