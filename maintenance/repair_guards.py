"""What the database itself refuses among repairs, whoever asks; put up by guards.py.

- A repair, its parts and its voiding are never changed nor deleted.
- A repair of a ticket that is closed or cancelled is entered only in place of a voided one.
- A repair has as many parts as it was entered with: none is slipped in afterwards.
"""

__all__ = ["POSTGRESQL", "POSTGRESQL_DOWN", "SQLITE"]

_REPAIR, _PART, _VOID, _TICKET = (
    "maintenance_repair",
    "maintenance_repairpart",
    "maintenance_repairvoid",
    "maintenance_ticket",
)
_NEVER = "repairs are only ever added to"

# Table → what is wrong after a row was added: (what the database says, when it says so).
_WRONG: dict[str, list[tuple[str, str]]] = {
    _REPAIR: [
        (
            "the ticket is closed",
            "NEW.corrects_id IS NULL AND EXISTS (SELECT 1 FROM "
            f"{_TICKET} WHERE id = NEW.ticket_id AND state IN ('closed', 'cancelled'))",
        ),
        (
            "only a voided repair of the same ticket is corrected",
            f"NEW.corrects_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM {_REPAIR} r "
            f"JOIN {_VOID} v ON v.repair_id = r.id "
            "WHERE r.id = NEW.corrects_id AND r.ticket_id = NEW.ticket_id)",
        ),
    ],
    _PART: [
        (
            "the repair has no such line",
            f"NOT EXISTS (SELECT 1 FROM {_REPAIR} "
            "WHERE id = NEW.repair_id AND NEW.line BETWEEN 1 AND part_lines)",
        ),
    ],
    _VOID: [],
}
# Table → what a row is found by, so that INSERT OR REPLACE cannot delete one.
_SAME = {
    _REPAIR: "id = NEW.id OR key = NEW.key OR corrects_id = NEW.corrects_id",
    _PART: "id = NEW.id OR (repair_id = NEW.repair_id AND line = NEW.line)",
    _VOID: "id = NEW.id OR repair_id = NEW.repair_id",
}


def _sqlite(table: str) -> list[str]:
    return [
        *(
            f"CREATE TRIGGER {table}_no_{deed.lower()} BEFORE {deed} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{_NEVER}'); END"
            for deed in ("UPDATE", "DELETE")
        ),
        f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} "
        f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {_SAME[table]}) "
        f"BEGIN SELECT RAISE(ABORT, '{_NEVER}'); END",
        *(
            f"CREATE TRIGGER {table}_right_{number} AFTER INSERT ON {table} WHEN {wrong} "
            f"BEGIN SELECT RAISE(ABORT, 'repair: {words}'); END"
            for number, (words, wrong) in enumerate(_WRONG[table])
        ),
    ]


def _postgresql(table: str) -> list[str]:
    checks = "\n".join(
        f"IF {wrong} THEN RAISE EXCEPTION 'repair: {words}' "
        "USING ERRCODE = 'integrity_constraint_violation'; END IF;"
        for words, wrong in _WRONG[table]
    )
    # Whoever closes the ticket at this moment waits, or is waited for.
    lock = f"PERFORM 1 FROM {_TICKET} WHERE id = NEW.ticket_id FOR SHARE;"
    never = (
        f"CREATE TRIGGER {table}_never BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION repair_never()"
    )
    if not checks:
        return [never]
    return [
        never,
        f"""CREATE FUNCTION {table}_right() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        {lock if table == _REPAIR else ""}
        {checks}
        RETURN NULL;
        END $$""",
        f"CREATE TRIGGER {table}_right AFTER INSERT ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION {table}_right()",
    ]


SQLITE = [statement for table in _WRONG for statement in _sqlite(table)]
POSTGRESQL = [
    f"""CREATE FUNCTION repair_never() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    RAISE EXCEPTION '{_NEVER}' USING ERRCODE = 'integrity_constraint_violation';
    END $$""",
    *(statement for table in _WRONG for statement in _postgresql(table)),
]
POSTGRESQL_DOWN = [
    *(
        f"DROP TRIGGER IF EXISTS {table}_{name} ON {table}"
        for table in _WRONG
        for name in ("never", "right")
    ),
    *(f"DROP FUNCTION IF EXISTS {table}_right()" for table in _WRONG),
    "DROP FUNCTION IF EXISTS repair_never()",
]
