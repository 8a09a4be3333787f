"""The ledger's deeds: what they do to a line's balance, and what they refuse."""

from datetime import date
from typing import Any

import pytest
import time_machine

from maintenance import ledger
from maintenance.ledger import Balance, LedgerError
from maintenance.models import BudgetLine, DocumentKind, EntryKind, LedgerEntry
from tests.factories import make_line, make_user, make_year, paper

pytestmark = pytest.mark.django_db

MILLION = 1_000_000


@pytest.fixture
def line() -> BudgetLine:
    return make_line(750 * MILLION)


def millions(line: BudgetLine) -> tuple[int, ...]:
    """(ceiling, reserved, committed, realised, available), in millions."""
    now = ledger.balance(line)
    sums = (now.ceiling, now.reserved, now.committed, now.realised, now.available)
    return tuple(amount // MILLION for amount in sums)


def sp2d(**fields: Any) -> ledger.Document:
    return paper(DocumentKind.SP2D, **fields)


def test_money_goes_from_allocation_to_payment(line: BudgetLine) -> None:
    held = ledger.reserve(line, 300 * MILLION, paper(DocumentKind.HPS), None)
    assert millions(line) == (750, 300, 0, 0, 450)
    contract = ledger.commit(line, 280 * MILLION, paper(), None, reservation=held)
    assert millions(line) == (750, 0, 280, 0, 470)  # 20 fell back
    ledger.realise(line, 100 * MILLION, sp2d(), None, commitment=contract)
    assert millions(line) == (750, 0, 280, 100, 470)
    assert ledger.standing(contract) == ledger.Standing(280 * MILLION, 100 * MILLION)
    ledger.realise(line, 180 * MILLION, sp2d(), None, commitment=contract)
    assert millions(line) == (750, 0, 280, 280, 470)
    ledger.realise(line, 5 * MILLION, paper(DocumentKind.RECEIPT), None)  # petty cash
    assert millions(line) == (750, 0, 280, 285, 465)


def test_a_balance_says_what_is_bound_and_what_is_absorbed(line: BudgetLine) -> None:
    contract = ledger.commit(line, 300 * MILLION, paper(), None)
    ledger.realise(line, 75 * MILLION, sp2d(), None, commitment=contract)
    now = ledger.balance(line)
    assert now.outstanding == 225 * MILLION
    assert now.absorption_percent == 10
    assert Balance(0, 0, 0, 0, 0).absorption_percent == 0


def test_an_entry_keeps_its_document_its_author_and_why(line: BudgetLine) -> None:
    officer = make_user()
    document = ledger.Document(
        DocumentKind.CONTRACT,
        " 027/SPK/2026 ",
        date(2026, 5, 4),
        ppn_rupiah=11 * MILLION,
        pph_rupiah=2 * MILLION,
        ends_on=date(2026, 8, 1),
    )
    entry = ledger.commit(line, 111 * MILLION, document, officer, reason="Lensa pecah")
    entry.refresh_from_db()
    assert (entry.document_number, entry.document_date) == ("027/SPK/2026", date(2026, 5, 4))
    assert (entry.ppn_rupiah, entry.pph_rupiah) == (11 * MILLION, 2 * MILLION)
    assert (entry.ends_on, entry.reason) == (date(2026, 8, 1), "Lensa pecah")
    assert entry.entered_by == officer and entry.entered_at is not None
    assert entry.number == f"BK-{entry.pk:05d}"


def test_more_than_is_available_is_refused_and_says_what_there_is(line: BudgetLine) -> None:
    ledger.reserve(line, 700 * MILLION, paper(DocumentKind.HPS), None)
    for deed in (ledger.reserve, ledger.commit, ledger.realise):
        with pytest.raises(LedgerError, match=r"Rp 60\.000\.000.*Rp 50\.000\.000"):
            deed(line, 60 * MILLION, paper(), None)
    assert millions(line) == (750, 700, 0, 0, 50)


def test_a_contract_may_not_exceed_its_reservation(line: BudgetLine) -> None:
    held = ledger.reserve(line, 200 * MILLION, paper(DocumentKind.HPS), None)
    with pytest.raises(LedgerError, match=r"Rp 200\.000\.001.*Rp 200\.000\.000"):
        ledger.commit(line, 200 * MILLION + 1, paper(), None, reservation=held)
    ledger.commit(line, 200 * MILLION, paper(), None, reservation=held)
    with pytest.raises(LedgerError):  # used up
        ledger.commit(line, 1, paper(), None, reservation=held)


def test_a_payment_may_not_exceed_its_contract(line: BudgetLine) -> None:
    contract = ledger.commit(line, 100 * MILLION, paper(), None)
    ledger.realise(line, 60 * MILLION, sp2d(), None, commitment=contract)
    with pytest.raises(LedgerError, match=r"Rp 40\.000\.000"):
        ledger.realise(line, 41 * MILLION, sp2d(), None, commitment=contract)


def test_a_payment_outside_the_budget_year_is_refused(line: BudgetLine) -> None:
    with pytest.raises(LedgerError, match="2 Januari 2027"):
        ledger.realise(line, MILLION, sp2d(day=date(2027, 1, 2)), None)


def test_a_ceiling_is_revised_up_and_down_but_not_below_what_is_in_use(line: BudgetLine) -> None:
    shift = paper(DocumentKind.SHIFT)
    ledger.revise(line, 50 * MILLION, shift, None, reason="Pergeseran")
    ledger.commit(line, 600 * MILLION, paper(), None)
    ledger.revise(line, -150 * MILLION, shift, None, reason="APBD-P")
    assert millions(line) == (650, 0, 600, 0, 50)
    with pytest.raises(LedgerError, match=r"Rp 50\.000\.000"):
        ledger.revise(line, -51 * MILLION, shift, None, reason="APBD-P")


def test_addenda_stay_within_the_limit_of_the_year_and_above_what_is_paid(
    line: BudgetLine,
) -> None:
    contract = ledger.commit(line, 100 * MILLION, paper(), None)
    adendum = paper(DocumentKind.ADDENDUM)
    ledger.amend(contract, 6 * MILLION, adendum, None, reason="Tambah 2 kamera")
    with pytest.raises(LedgerError, match=r"Rp 4\.000\.000"):
        ledger.amend(contract, 5 * MILLION, adendum, None, reason="Tambah lagi")
    ledger.amend(contract, 4 * MILLION, adendum, None, reason="Tambah lagi")
    assert millions(line) == (750, 0, 110, 0, 640)
    ledger.realise(line, 90 * MILLION, sp2d(), None, commitment=contract)
    with pytest.raises(LedgerError, match=r"Rp 20\.000\.000"):
        ledger.amend(contract, -21 * MILLION, adendum, None, reason="CCO")
    ledger.amend(contract, -20 * MILLION, adendum, None, reason="CCO")
    assert ledger.standing(contract).left == 0


def test_a_reversed_addendum_makes_room_for_another(line: BudgetLine) -> None:
    contract = ledger.commit(line, 100 * MILLION, paper(), None)
    wrong = ledger.amend(contract, 10 * MILLION, paper(), None, reason="Salah ketik")
    ledger.reverse(wrong, None, reason="Salah ketik")
    ledger.amend(contract, 10 * MILLION, paper(), None, reason="Tambah 2 kamera")
    assert millions(line) == (750, 0, 110, 0, 640)


def test_what_is_not_needed_is_released_in_part_or_whole(line: BudgetLine) -> None:
    held = ledger.reserve(line, 300 * MILLION, paper(DocumentKind.HPS), None)
    ledger.release(held, None, amount_rupiah=100 * MILLION)
    assert millions(line) == (750, 200, 0, 0, 550)
    ledger.release(held, None)
    assert millions(line) == (750, 0, 0, 0, 750)
    with pytest.raises(LedgerError):
        ledger.release(held, None)
    contract = ledger.commit(line, 300 * MILLION, paper(), None)
    ledger.realise(line, 120 * MILLION, sp2d(), None, commitment=contract)
    with pytest.raises(LedgerError):
        ledger.release(contract, None, amount_rupiah=181 * MILLION)
    ledger.release(contract, None, reason="Kontrak diputus")
    assert millions(line) == (750, 0, 120, 120, 630)


def test_a_reversal_is_the_exact_opposite_and_both_stay(line: BudgetLine) -> None:
    held = ledger.reserve(line, 300 * MILLION, paper(DocumentKind.HPS), None)
    contract = ledger.commit(line, 280 * MILLION, paper(), None, reservation=held)
    payment = ledger.realise(line, 280 * MILLION, sp2d(), None, commitment=contract)
    undone = ledger.reverse(payment, None, reason="SP2D dibatalkan bank")
    assert millions(line) == (750, 0, 280, 0, 470)
    assert undone.reverses == payment and undone.document_number == payment.document_number
    ledger.reverse(contract, None, reason="Kontrak batal")
    assert millions(line) == (750, 300, 0, 0, 450)  # reserved as it was
    ledger.reverse(held, None, reason="Paket batal")
    assert millions(line) == (750, 0, 0, 0, 750)
    assert LedgerEntry.objects.filter(line=line).count() == 7


def test_what_others_rest_on_or_is_undone_already_is_not_reversed(line: BudgetLine) -> None:
    held = ledger.reserve(line, 300 * MILLION, paper(DocumentKind.HPS), None)
    contract = ledger.commit(line, 280 * MILLION, paper(), None, reservation=held)
    payment = ledger.realise(line, 80 * MILLION, sp2d(), None, commitment=contract)
    with pytest.raises(LedgerError, match=contract.number):
        ledger.reverse(held, None, reason="Salah")
    with pytest.raises(LedgerError, match=payment.number):
        ledger.reverse(contract, None, reason="Salah")
    undone = ledger.reverse(payment, None, reason="Salah")
    for entry in (payment, undone):
        with pytest.raises(LedgerError, match=entry.number):
            ledger.reverse(entry, None, reason="Salah")


def test_money_that_is_in_use_is_not_taken_back_by_a_reversal(line: BudgetLine) -> None:
    held = ledger.reserve(line, 300 * MILLION, paper(DocumentKind.HPS), None)
    contract = ledger.commit(line, 200 * MILLION, paper(), None, reservation=held)
    ledger.commit(line, 500 * MILLION, paper(), None)
    with pytest.raises(LedgerError, match=r"Rp 50\.000\.000"):
        ledger.reverse(contract, None, reason="Salah")  # would reserve 300 again
    allocation = LedgerEntry.objects.get(line=line, kind=EntryKind.ALLOCATION)
    with pytest.raises(LedgerError):
        ledger.reverse(allocation, None, reason="Salah")
    lowered = ledger.amend(contract, -100 * MILLION, paper(), None, reason="CCO")
    ledger.release(contract, None)
    ledger.reverse(lowered, None, reason="Salah")
    assert ledger.standing(contract).left == 100 * MILLION


def test_a_repeated_deed_with_the_same_key_is_done_once(line: BudgetLine) -> None:
    first = ledger.reserve(line, MILLION, paper(), None, key="paket-7")
    assert ledger.reserve(line, MILLION, paper(), None, key="paket-7") == first
    assert millions(line) == (750, 1, 0, 0, 749)
    ledger.release(first, None, key="lepas-7")
    ledger.release(first, None, key="lepas-7")  # nothing left, and no complaint
    assert millions(line) == (750, 0, 0, 0, 750)


def test_a_key_of_another_deed_is_refused(line: BudgetLine) -> None:
    ledger.reserve(line, MILLION, paper(), None, key="paket-7")
    with pytest.raises(LedgerError, match="paket-7"):
        ledger.commit(line, MILLION, paper(), None, key="paket-7")
    with pytest.raises(LedgerError, match="paket-7"):
        ledger.reserve(make_line(MILLION), MILLION, paper(), None, key="paket-7")


@pytest.mark.parametrize("amount", [0, -5, 10**16])
def test_amounts_that_cannot_be_are_refused(line: BudgetLine, amount: int) -> None:
    for deed in (ledger.allocate, ledger.reserve, ledger.commit, ledger.realise):
        with pytest.raises(LedgerError):
            deed(line, amount, paper(), None)


def test_a_document_needs_its_number_and_taxes_within_the_amount(line: BudgetLine) -> None:
    with pytest.raises(LedgerError):
        ledger.commit(line, 100, paper(ppn_rupiah=99, pph_rupiah=2), None)
    with pytest.raises(LedgerError):
        unnumbered = ledger.Document(DocumentKind.CONTRACT, "  ", date(2026, 3, 2))
        ledger.commit(line, 100, unnumbered, None)


def test_an_entry_of_another_line_or_kind_does_not_serve(line: BudgetLine) -> None:
    elsewhere = ledger.reserve(make_line(9 * MILLION), MILLION, paper(), None)
    contract = ledger.commit(line, MILLION, paper(), None)
    for wrong in (elsewhere, contract):
        with pytest.raises(LedgerError, match=wrong.number):
            ledger.commit(line, 1, paper(), None, reservation=wrong)
    held = ledger.reserve(line, MILLION, paper(), None)
    with pytest.raises(LedgerError, match=held.number):
        ledger.realise(line, 1, sp2d(), None, commitment=held)
    with pytest.raises(LedgerError):
        ledger.release(LedgerEntry.objects.get(line=line, kind=EntryKind.ALLOCATION), None)
    with pytest.raises(ValueError, match="neither"):
        ledger.standing(LedgerEntry.objects.get(line=line, kind=EntryKind.ALLOCATION))


@time_machine.travel("2027-01-04 09:00+07:00")
def test_a_closed_year_takes_no_entry_and_says_what_lapsed(line: BudgetLine) -> None:
    contract = ledger.commit(line, 100 * MILLION, paper(), None)
    payment = ledger.realise(line, 80 * MILLION, sp2d(), None, commitment=contract)
    treasurer = make_user()
    assert ledger.close_year(line.year, treasurer) == 670 * MILLION
    year = make_year(2026)
    assert year.is_closed and year.closed_by == treasurer
    deeds = (
        lambda: ledger.allocate(line, 1, paper(), None),
        lambda: ledger.reserve(line, 1, paper(), None),
        lambda: ledger.realise(line, 1, sp2d(), None, commitment=contract),
        lambda: ledger.release(contract, None),
        lambda: ledger.reverse(payment, None, reason="Terlambat"),
    )
    for deed in deeds:
        with pytest.raises(LedgerError, match="2026"):
            deed()
    with pytest.raises(LedgerError, match="2026"):
        ledger.close_year(line.year, treasurer)
    assert millions(line) == (750, 0, 100, 80, 650)


@time_machine.travel("2026-12-30 23:00+07:00")
def test_a_year_is_not_closed_before_its_last_day(line: BudgetLine) -> None:
    with pytest.raises(LedgerError, match="31"):
        ledger.close_year(line.year, None)
    with time_machine.travel("2026-12-31 00:10+07:00"):
        ledger.close_year(line.year, None)


def test_lines_are_listed_with_their_balances_in_one_query(
    django_assert_num_queries: Any,
) -> None:
    lines = [make_line(number * MILLION) for number in range(1, 8)]
    held = ledger.reserve(lines[0], MILLION, paper(), None)
    ledger.commit(lines[0], MILLION // 2, paper(), None, reservation=held)
    with django_assert_num_queries(1):
        listed = list(BudgetLine.objects.with_balance())
    for found in listed:
        now = ledger.balance(found)
        assert (found.ceiling, found.reserved, found.committed, found.realised) == (
            now.ceiling,
            now.reserved,
            now.committed,
            now.realised,
        )
        assert found.available == now.available
