"""Many people at the ledger at one moment: as if they had come one after the other."""

import threading
from collections.abc import Callable
from datetime import date

import pytest
import time_machine
from django.db import IntegrityError, connection
from django.utils import timezone

from maintenance import ledger
from maintenance.bookkeeping import deed, write
from maintenance.ledger import LedgerError
from maintenance.models import BudgetLine, DocumentKind, EntryKind, LedgerEntry
from tests.concurrency import at_once
from tests.factories import make_line, paper

pytestmark = pytest.mark.django_db(transaction=True)

WRITERS = 20


def outcome(deed: Callable[[], object]) -> Callable[[], str]:
    """ "done", or why not."""

    def run() -> str:
        try:
            deed()
        except (LedgerError, IntegrityError) as error:
            return type(error).__name__
        return "done"

    return run


def test_twenty_who_commit_at_once_never_spend_more_than_there_is() -> None:
    line = make_line(1000)
    papers = [paper() for _each in range(WRITERS)]
    found = at_once(
        *(outcome(lambda each=each: ledger.commit(line, 90, each, None)) for each in papers)
    )
    assert sorted(found) == ["LedgerError"] * 9 + ["done"] * 11
    now = ledger.balance(line)
    assert (now.committed, now.available) == (990, 10)
    assert LedgerEntry.objects.filter(kind=EntryKind.COMMITMENT).count() == 11


def test_twenty_past_the_deeds_meet_the_guards_and_spend_no_more() -> None:
    line = make_line(1000)

    def insert() -> None:
        LedgerEntry.objects.create(
            line=line,
            kind=EntryKind.COMMITMENT,
            amount_rupiah=90,
            committed_rupiah=90,
            document_kind=DocumentKind.OTHER,
            document_number="1",
            document_date=date(2026, 3, 2),
            entered_at=timezone.now(),
        )

    found = at_once(*[outcome(insert)] * WRITERS)
    assert sorted(found) == ["IntegrityError"] * 9 + ["done"] * 11
    assert ledger.balance(line).available == 10


def test_twenty_mixed_deeds_leave_what_their_entries_sum_up_to() -> None:
    line = make_line(10_000)
    contract = ledger.commit(line, 1_000, paper(), None)
    deeds = [
        lambda each: ledger.reserve(line, 500, each, None),
        lambda each: ledger.commit(line, 700, each, None),
        # Of these, three of five fit.
        lambda each: ledger.realise(line, 300, each, None, commitment=contract),
        lambda each: ledger.revise(line, -2_000, each, None, reason="APBD-P"),
    ]
    papers = [paper() for _each in range(WRITERS)]
    found = at_once(
        *(
            outcome(lambda deed=deeds[number % 4], each=each: deed(each))
            for number, each in enumerate(papers)
        )
    )
    now = ledger.balance(line)
    assert now.available >= 0
    assert ledger.standing(contract) == ledger.Standing(1_000, 900)
    assert LedgerEntry.objects.count() == 2 + found.count("done")
    entries = list(LedgerEntry.objects.all())
    assert now.ceiling == sum(entry.ceiling_rupiah for entry in entries)
    assert now.reserved == sum(entry.reserved_rupiah for entry in entries)
    assert now.committed == sum(entry.committed_rupiah for entry in entries)
    assert now.realised == sum(entry.realised_rupiah for entry in entries) == 900


def test_one_deed_pressed_twenty_times_at_once_is_done_once() -> None:
    line = make_line(1000)
    document = paper()
    at_once(*[lambda: ledger.commit(line, 10, document, None, key="satu")] * WRITERS)
    assert ledger.balance(line).committed == 10


def test_one_key_on_two_lines_at_once_serves_one_of_them() -> None:
    lines = [make_line(1000), make_line(1000)]
    found = at_once(
        *(
            outcome(lambda line=line: ledger.commit(line, 10, paper(), None, key="satu"))
            for line in lines
        )
    )
    assert sorted(found) == ["LedgerError", "done"]


def test_one_entry_reversed_by_twenty_at_once_is_reversed_once() -> None:
    line = make_line(1000)
    contract = ledger.commit(line, 100, paper(), None)
    found = at_once(*[outcome(lambda: ledger.reverse(contract, None, reason="Batal"))] * WRITERS)
    assert found.count("done") == 1
    assert ledger.balance(line).available == 1000


@time_machine.travel("2027-01-04 09:00+07:00")
def test_who_writes_while_somebody_closes_the_year_is_told_so() -> None:
    line = make_line(1000)
    closing = threading.Thread(target=lambda: at_once(lambda: ledger.close_year(line.year, None)))

    @deed(kind=EntryKind.REVISION)
    def revise_slowly(on: BudgetLine) -> LedgerEntry:
        closing.start()
        if connection.vendor == "postgresql":  # on SQLite it waits until this has been written
            closing.join()
        given = {"reason": "APBD-P", "key": None, "ceiling_rupiah": 100}
        return write(on, EntryKind.REVISION, 100, paper(), None, **given)

    found = outcome(lambda: revise_slowly(line))()
    closing.join()
    assert found == ("LedgerError" if connection.vendor == "postgresql" else "done")
    with pytest.raises(LedgerError, match="2026"):
        ledger.revise(line, 100, paper(), None, reason="APBD-P")


@time_machine.travel("2027-01-04 09:00+07:00")
def test_no_entry_slips_into_a_year_that_is_being_closed() -> None:
    lines = [make_line(1000) for _each in range(WRITERS - 1)]
    year = lines[0].year
    lapsed: list[int] = []
    found = at_once(
        lambda: lapsed.append(ledger.close_year(year, None)),
        *(outcome(lambda line=line: ledger.realise(line, 100, paper(), None)) for line in lines),
    )
    assert set(found[1:]) <= {"done", "LedgerError"}
    # What lapses was worked out with all entries that were let in, and none came after.
    realised = sum(ledger.balance(line).realised for line in lines)
    assert realised == 100 * found.count("done")
    assert lapsed == [1000 * len(lines) - realised]
