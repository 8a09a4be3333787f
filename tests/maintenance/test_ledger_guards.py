"""What the database itself refuses in the ledger, by whatever way it is asked."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from maintenance import ledger
from maintenance.models import BudgetLine, DocumentKind, EntryKind, FiscalYear, LedgerEntry
from tests.factories import make_line, paper

pytestmark = pytest.mark.django_db

TABLE = LedgerEntry._meta.db_table


def sql(statement: str, *values: Any) -> Callable[[], None]:
    def run() -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement, values)

    return run


def refused(deed: Callable[[], Any]) -> bool:
    before = list(LedgerEntry.objects.order_by("pk").values())
    with pytest.raises(IntegrityError), transaction.atomic():
        deed()
    return list(LedgerEntry.objects.order_by("pk").values()) == before


def add(line: BudgetLine, kind: EntryKind, amount: int, **fields: Any) -> LedgerEntry:
    """Past the deeds, straight into the table."""
    return LedgerEntry.objects.create(
        line=line,
        kind=kind,
        amount_rupiah=amount,
        document_kind=DocumentKind.OTHER,
        document_number="1",
        document_date=date(2026, 3, 2),
        entered_at=timezone.now(),
        **fields,
    )


def test_an_entry_is_neither_changed_nor_deleted() -> None:
    line = make_line(1000)
    entry = LedgerEntry.objects.get()
    assert refused(sql(f"UPDATE {TABLE} SET amount_rupiah = 5"))
    assert refused(sql(f"UPDATE {TABLE} SET reason = 'lain' WHERE id = %s", entry.pk))
    assert refused(sql(f"DELETE FROM {TABLE}"))
    assert refused(sql(f"DELETE FROM {TABLE} WHERE id = %s", entry.pk))
    assert refused(lambda: LedgerEntry.objects.update(amount_rupiah=5))
    assert refused(lambda: LedgerEntry.objects.all().delete())
    assert ledger.balance(line).available == 1000


def test_objects_refuse_before_the_database_has_to() -> None:
    make_line(1000)
    entry = LedgerEntry.objects.get()
    for deed in (entry.save, entry.delete):
        with pytest.raises(TypeError):
            deed()


def test_the_ways_around_a_deletion_are_closed_too() -> None:
    make_line(1000)
    columns = [field.column for field in LedgerEntry._meta.concrete_fields]
    chosen = ", ".join("5" if name == "amount_rupiah" else name for name in columns)
    around = {
        "sqlite": f"INSERT OR REPLACE INTO {TABLE} ({', '.join(columns)}) "
        f"SELECT {chosen} FROM {TABLE}",
        "postgresql": f"TRUNCATE {TABLE} CASCADE",
    }
    connection.check_constraints()  # else PostgreSQL still waits to check them
    assert refused(sql(around[connection.vendor]))


def test_no_insert_spends_more_than_there_is() -> None:
    line = make_line(1000)
    assert refused(lambda: add(line, EntryKind.RESERVATION, 1001, reserved_rupiah=1001))
    assert refused(lambda: add(line, EntryKind.COMMITMENT, 1001, committed_rupiah=1001))
    assert refused(lambda: add(line, EntryKind.REALISATION, 1001, realised_rupiah=1001))
    assert refused(lambda: add(line, EntryKind.REVISION, -1001, ceiling_rupiah=-1001))
    add(line, EntryKind.COMMITMENT, 1000, committed_rupiah=1000)
    assert refused(lambda: add(line, EntryKind.RESERVATION, 1, reserved_rupiah=1))


def test_no_insert_pays_more_than_its_contract_or_uses_more_than_is_reserved() -> None:
    line = make_line(1000)
    held = ledger.reserve(line, 100, paper(), None)
    contract = ledger.commit(line, 100, paper(), None)
    assert refused(
        lambda: add(line, EntryKind.REALISATION, 101, realised_rupiah=101, commitment=contract)
    )
    assert refused(
        lambda: add(line, EntryKind.RELEASE, 101, reserved_rupiah=-101, reservation=held)
    )


def test_no_insert_refers_to_another_line_or_reverses_by_halves() -> None:
    line, other = make_line(1000), make_line(1000)
    contract = ledger.commit(line, 100, paper(), None)
    assert refused(
        lambda: add(other, EntryKind.REALISATION, 1, realised_rupiah=1, commitment=contract)
    )
    half = {"committed_rupiah": -50, "reverses": contract, "commitment": contract}
    assert refused(lambda: add(line, EntryKind.REVERSAL, 100, **half))


def test_no_insert_enters_a_closed_year() -> None:
    line = make_line(1000)
    FiscalYear.objects.update(closed_at=timezone.now())
    assert refused(lambda: add(line, EntryKind.ALLOCATION, 1, ceiling_rupiah=1))


def test_an_entry_moves_what_its_kind_says_and_nothing_else() -> None:
    line = make_line(1000)
    for kind, moves in (
        (EntryKind.ALLOCATION, {"ceiling_rupiah": 2}),
        (EntryKind.ALLOCATION, {}),
        (EntryKind.RESERVATION, {"ceiling_rupiah": 1}),
        (EntryKind.COMMITMENT, {"committed_rupiah": 1, "reserved_rupiah": -1}),
        (EntryKind.REALISATION, {"realised_rupiah": 1, "ceiling_rupiah": 1}),
        (EntryKind.RELEASE, {"reserved_rupiah": -1}),
        (EntryKind.ADDENDUM, {"committed_rupiah": 1}),
        (EntryKind.REVERSAL, {"ceiling_rupiah": -1}),
    ):
        assert refused(lambda kind=kind, moves=moves: add(line, kind, 1, **moves)), kind
