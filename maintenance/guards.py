"""What the database itself refuses in the ledger and in histories: triggers of both databases.

Those of repairs stand in repair_guards.py, and are put up together with these.

- An entry of the ledger is never changed nor deleted; nor is what happened to a ticket.
- No entry may leave less than nothing available, pay more than its contract is worth, use more of
  a reservation than is left, refer to an entry of another line, or enter a closed year.

On PostgreSQL the trigger locks the budget line before it sums up, so that of two transactions
the second sees what the first has written, even if neither came through `maintenance.ledger`; and
it holds the year open until the transaction ends. SQLite has one writer at a time anyhow.

A migration that changes one of these tables has to end with `put_up` again: SQLite makes a new
table then, without triggers.
"""

from cameras.triggers import Triggers
from maintenance import repair_guards

__all__ = ["lifted", "put_up", "take_down"]

_ENTRY, _LINE, _YEAR = (
    "maintenance_ledgerentry",
    "maintenance_budgetline",
    "maintenance_fiscalyear",
)

# Histories that are only ever added to: table → the name of its triggers.
_HISTORIES = {"maintenance_ticketevent": "ticket_history"}

# What is wrong after an entry was added: (what the database says, when it says so).
_WRONG = (
    (
        "the budget year is closed",
        f"EXISTS (SELECT 1 FROM {_LINE} l JOIN {_YEAR} y ON y.id = l.year_id "
        "WHERE l.id = NEW.line_id AND y.closed_at IS NOT NULL)",
    ),
    (
        "less than nothing would be available",
        "(SELECT COALESCE(SUM(ceiling_rupiah - reserved_rupiah - committed_rupiah - CASE WHEN "
        f"commitment_id IS NULL THEN realised_rupiah ELSE 0 END), 0) FROM {_ENTRY} "
        "WHERE line_id = NEW.line_id) < 0",
    ),
    (
        "more would be paid than the contract is worth",
        "NEW.commitment_id IS NOT NULL AND (SELECT SUM(committed_rupiah - realised_rupiah) "
        f"FROM {_ENTRY} WHERE id = NEW.commitment_id OR commitment_id = NEW.commitment_id) < 0",
    ),
    (
        "more would be used than is reserved",
        "NEW.reservation_id IS NOT NULL AND (SELECT SUM(reserved_rupiah) "
        f"FROM {_ENTRY} WHERE id = NEW.reservation_id OR reservation_id = NEW.reservation_id) < 0",
    ),
    (
        "the entry refers to another line",
        f"EXISTS (SELECT 1 FROM {_ENTRY} WHERE id IN (NEW.commitment_id, NEW.reservation_id, "
        "NEW.reverses_id) AND line_id <> NEW.line_id)",
    ),
    (
        "a reversal is not the opposite of what it reverses",
        f"EXISTS (SELECT 1 FROM {_ENTRY} WHERE id = NEW.reverses_id AND NOT ("
        "ceiling_rupiah = -NEW.ceiling_rupiah AND reserved_rupiah = -NEW.reserved_rupiah AND "
        "committed_rupiah = -NEW.committed_rupiah AND realised_rupiah = -NEW.realised_rupiah))",
    ),
)
_NEVER = "the ledger is only ever added to"
_NEVER_HISTORY = "history is only ever added to"

_SQLITE = [
    *(
        f"CREATE TRIGGER ledger_no_{deed.lower()} BEFORE {deed} ON {_ENTRY} "
        f"BEGIN SELECT RAISE(ABORT, '{_NEVER}'); END"
        for deed in ("UPDATE", "DELETE")
    ),
    # INSERT OR REPLACE deletes without asking the trigger for deletion.
    f"CREATE TRIGGER ledger_no_replace BEFORE INSERT ON {_ENTRY} "
    f"WHEN EXISTS (SELECT 1 FROM {_ENTRY} WHERE id = NEW.id OR key = NEW.key "
    "OR reverses_id = NEW.reverses_id) "
    f"BEGIN SELECT RAISE(ABORT, '{_NEVER}'); END",
    *(
        f"CREATE TRIGGER ledger_right_{number} AFTER INSERT ON {_ENTRY} WHEN {wrong} "
        f"BEGIN SELECT RAISE(ABORT, 'ledger: {words}'); END"
        for number, (words, wrong) in enumerate(_WRONG)
    ),
    *(
        f"CREATE TRIGGER {name}_no_{deed.lower()} BEFORE {deed} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{_NEVER_HISTORY}'); END"
        for table, name in _HISTORIES.items()
        for deed in ("UPDATE", "DELETE")
    ),
    *(
        f"CREATE TRIGGER {name}_no_replace BEFORE INSERT ON {table} "
        f"WHEN EXISTS (SELECT 1 FROM {table} WHERE id = NEW.id) "
        f"BEGIN SELECT RAISE(ABORT, '{_NEVER_HISTORY}'); END"
        for table, name in _HISTORIES.items()
    ),
]
_SQLITE += repair_guards.SQLITE

_CHECKS = "\n".join(
    f"IF {wrong} THEN RAISE EXCEPTION 'ledger: {words}' "
    "USING ERRCODE = 'integrity_constraint_violation'; END IF;"
    for words, wrong in _WRONG
)
_POSTGRESQL = [
    f"""CREATE FUNCTION ledger_never() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    RAISE EXCEPTION '{_NEVER}' USING ERRCODE = 'integrity_constraint_violation';
    END $$""",
    f"""CREATE FUNCTION ledger_right() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    PERFORM 1 FROM {_LINE} WHERE id = NEW.line_id FOR UPDATE;
    PERFORM 1 FROM {_YEAR} WHERE id = (SELECT year_id FROM {_LINE} WHERE id = NEW.line_id)
        FOR SHARE;
    {_CHECKS}
    RETURN NULL;
    END $$""",
    f"CREATE TRIGGER ledger_never BEFORE UPDATE OR DELETE OR TRUNCATE ON {_ENTRY} "
    "FOR EACH STATEMENT EXECUTE FUNCTION ledger_never()",
    f"CREATE TRIGGER ledger_right AFTER INSERT ON {_ENTRY} "
    "FOR EACH ROW EXECUTE FUNCTION ledger_right()",
    f"""CREATE FUNCTION history_never() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    RAISE EXCEPTION '{_NEVER_HISTORY}' USING ERRCODE = 'integrity_constraint_violation';
    END $$""",
    *(
        f"CREATE TRIGGER {name}_never BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION history_never()"
        for table, name in _HISTORIES.items()
    ),
]
_POSTGRESQL += repair_guards.POSTGRESQL
_POSTGRESQL_DOWN = [
    *repair_guards.POSTGRESQL_DOWN,
    *(f"DROP TRIGGER IF EXISTS {name}_never ON {table}" for table, name in _HISTORIES.items()),
    "DROP FUNCTION IF EXISTS history_never()",
    f"DROP TRIGGER IF EXISTS ledger_never ON {_ENTRY}",
    f"DROP TRIGGER IF EXISTS ledger_right ON {_ENTRY}",
    "DROP FUNCTION IF EXISTS ledger_never()",
    "DROP FUNCTION IF EXISTS ledger_right()",
]

_TRIGGERS = Triggers(_SQLITE, _POSTGRESQL, _POSTGRESQL_DOWN)
put_up, take_down, lifted = _TRIGGERS.put_up, _TRIGGERS.take_down, _TRIGGERS.lifted
