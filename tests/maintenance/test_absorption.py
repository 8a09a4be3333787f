"""Absorption by month, and where the year will end."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maintenance import ledger
from maintenance.absorption import absorption_of, by_month, forecast, warnings
from maintenance.ledger import Balance
from maintenance.models import BudgetLine, DocumentKind, MonthlyPlan
from tests.factories import make_line, paper

MILLION = 1_000_000


def test_months_carry_their_totals() -> None:
    months = by_month({1: 100, 3: 50}, {2: 80, 3: 40})
    assert [month.planned_total_rupiah for month in months[:4]] == [100, 100, 150, 150]
    assert [month.realised_total_rupiah for month in months[:4]] == [0, 80, 120, 120]
    assert len(months) == 12


def test_a_steady_pace_goes_on_to_the_end_of_the_year() -> None:
    # 92 days from August to October at 1 million a day; 61 are to come.
    found = forecast(
        750 * MILLION,
        {8: 31 * MILLION, 9: 30 * MILLION, 10: 31 * MILLION},
        2013,
        date(2013, 10, 31),
    )
    assert found.pace_a_day_rupiah == MILLION
    assert found.realised_rupiah == (92 + 61) * MILLION
    assert found.lapses_rupiah == (750 - 153) * MILLION


def test_what_was_paid_long_ago_is_no_pace() -> None:
    found = forecast(750, {1: 300}, 2013, date(2013, 10, 25))
    assert (found.pace_a_day_rupiah, found.realised_rupiah, found.lapses_rupiah) == (0, 300, 450)


def test_no_more_than_the_ceiling_is_forecast() -> None:
    assert forecast(500, {1: 400}, 2026, date(2026, 1, 31)).lapses_rupiah == 0


def test_before_the_year_nothing_is_known_and_after_it_nothing_is_to_come() -> None:
    assert forecast(500, {}, 2026, date(2025, 12, 1)).lapses_rupiah == 500
    assert forecast(500, {11: 100, 12: 100}, 2026, date(2027, 3, 1)).realised_rupiah == 200


@given(
    st.integers(0, 10**12),
    st.dictionaries(st.integers(1, 12), st.integers(0, 10**11)),
    st.dates(date(2025, 6, 1), date(2027, 6, 30)),
)
def test_a_forecast_is_at_least_what_was_paid_and_adds_up(
    ceiling: int, realised: dict[int, int], today: date
) -> None:
    found = forecast(ceiling, realised, 2026, today)
    assert found.realised_rupiah >= sum(realised.values())
    assert found.realised_rupiah + found.lapses_rupiah == ceiling


def test_planned_repairs_beyond_what_is_left_are_warned_of() -> None:
    now = Balance(ceiling=750, reserved=200, committed=300, realised=0, available=250)
    assert warnings(now, 2026, planned_rupiah=250) == []
    (warning,) = warnings(now, 2026, planned_rupiah=251)
    assert "Rp 251" in warning and "Rp 250" in warning and "Rp 1" in warning


@pytest.fixture
def line(db: None) -> BudgetLine:
    return make_line(750 * MILLION)


def test_a_line_shows_plan_payments_and_reversals_by_month(line: BudgetLine) -> None:
    MonthlyPlan.objects.create(line=line, month=2, planned_rupiah=100 * MILLION)
    for month in (2, 3, 3):
        document = paper(DocumentKind.SP2D, date(2026, month, 10))
        wrong = ledger.realise(line, 10 * MILLION, document, None)
    ledger.reverse(wrong, None, reason="Dobel")
    found = absorption_of(line, date(2026, 3, 31))
    assert [month.realised_rupiah // MILLION for month in found.months[:4]] == [0, 10, 10, 0]
    assert found.months[11].planned_total_rupiah == 100 * MILLION
    assert found.forecast.realised_rupiah + found.forecast.lapses_rupiah == 750 * MILLION
    assert found.warnings == []


def test_a_contract_that_ends_after_the_year_is_warned_of_until_it_is_paid(
    line: BudgetLine,
) -> None:
    late = paper(ends_on=date(2027, 1, 15))
    contract = ledger.commit(line, 100 * MILLION, late, None)
    ledger.commit(line, 100 * MILLION, paper(ends_on=date(2026, 12, 15)), None)
    (warning,) = absorption_of(line).warnings
    assert late.number in warning and "15 Januari 2027" in warning
    ledger.realise(line, 100 * MILLION, paper(DocumentKind.SP2D), None, commitment=contract)
    assert absorption_of(line).warnings == []


def test_an_addendum_that_prolongs_a_contract_past_the_year_is_warned_of(
    line: BudgetLine,
) -> None:
    contract = ledger.commit(line, 100 * MILLION, paper(ends_on=date(2026, 12, 1)), None)
    longer = paper(DocumentKind.ADDENDUM, ends_on=date(2027, 2, 1))
    ledger.amend(contract, MILLION, longer, None, reason="Tambah waktu")
    (warning,) = absorption_of(line).warnings
    assert contract.document_number in warning
