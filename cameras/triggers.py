"""What the database itself refuses: triggers of either database, put up and taken down."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import connection

__all__ = ["Triggers"]


@dataclass(frozen=True)
class Triggers:
    """Statements that create them, and on PostgreSQL those that drop them and their functions.

    On SQLite a trigger is dropped by its name, the third word of the statement that creates it.
    """

    sqlite: Sequence[str]
    postgresql: Sequence[str]
    postgresql_down: Sequence[str]

    def put_up(self, apps: Any = None, schema_editor: Any = None) -> None:
        """Create them; those that stand are made anew. Fit for a migration's RunPython."""
        self.take_down(apps, schema_editor)
        _run(schema_editor, {"sqlite": self.sqlite, "postgresql": self.postgresql})

    def take_down(self, apps: Any = None, schema_editor: Any = None) -> None:
        """Drop them."""
        sqlite = [f"DROP TRIGGER IF EXISTS {statement.split()[2]}" for statement in self.sqlite]
        _run(schema_editor, {"sqlite": sqlite, "postgresql": self.postgresql_down})

    @contextmanager
    def lifted(self) -> Iterator[None]:
        """No guard for a moment, for tests that empty the whole database after themselves."""
        self.take_down()
        try:
            yield
        finally:
            self.put_up()


def _run(schema_editor: Any, statements: dict[str, Sequence[str]]) -> None:
    db = schema_editor.connection if schema_editor else connection
    with db.cursor() as cursor:
        for statement in statements[db.vendor]:
            cursor.execute(statement)
