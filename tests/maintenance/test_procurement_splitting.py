"""One need in several small packages is flagged; needs that are apart are not."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maintenance import ledger, procurement
from maintenance.models import BudgetLine, Kind, Method, Package
from maintenance.package_progress import progress_of
from maintenance.package_warnings import warnings_for
from maintenance.splitting import NEAR_DAYS, Part, parts_of_one_need, suspicion
from tests.factories import make_line
from tests.maintenance.packages import MILLION, make_package

DAY = date(2026, 3, 2)


@pytest.fixture
def line(db: None) -> BudgetLine:
    return make_line(2000 * MILLION)


def small(line: BudgetLine, **fields: Any) -> Package:
    given_fields = {
        "method": Method.DIRECT_PROCUREMENT,
        "hps_rupiah": 150 * MILLION,
        "rule_date": DAY,
        **fields,
    }
    return make_package(line=line, **given_fields)


def test_two_of_the_same_kind_on_the_same_line_at_near_dates_are_flagged(line: BudgetLine) -> None:
    first, second = small(line), small(line, rule_date=date(2026, 5, 1))
    found = suspicion(first)
    assert found is not None
    assert found.others == [second.code]
    assert (found.sum_rupiah, found.limit_rupiah) == (300 * MILLION, 200 * MILLION)
    text = " ".join(warnings_for(progress_of(second)))
    assert first.code in text and "Perpres 46/2025" in text and "Rp 300.000.000" in text


@pytest.mark.parametrize(
    "other",
    [
        {"rule_date": date(2026, 9, 1)},  # far away
        {"kind": Kind.GOODS},
        {"hps_rupiah": 50 * MILLION},  # together exactly at the limit
        {"method": Method.TENDER},  # goes by tender: it avoids nothing
    ],
)
def test_what_is_apart_is_not_flagged(line: BudgetLine, other: dict[str, Any]) -> None:
    first = small(line)
    small(line, **other)
    assert suspicion(first) is None


def test_another_line_is_another_need(line: BudgetLine) -> None:
    first = small(line)
    small(make_line(500 * MILLION))
    assert suspicion(first) is None


def test_a_cancelled_package_is_no_part_of_anything(line: BudgetLine) -> None:
    first, second = small(line), small(line)
    procurement.cancel(second, "Digabung", None)
    assert suspicion(first) is None
    second.refresh_from_db()
    assert suspicion(second) is None


@given(
    rupiah=st.integers(1, 200),
    others=st.lists(st.tuples(st.integers(-200, 200), st.integers(1, 200)), max_size=6),
)
def test_parts_are_flagged_exactly_when_the_near_ones_exceed_the_limit(
    rupiah: int, others: list[tuple[int, int]]
) -> None:
    base = DAY.toordinal()
    parts = [
        Part(str(n), date.fromordinal(base + days), sum_) for n, (days, sum_) in enumerate(others)
    ]
    found = parts_of_one_need(Part("x", DAY, rupiah), parts, 200)
    near = [sum_ for days, sum_ in others if abs(days) <= NEAR_DAYS]
    assert bool(found) is (bool(near) and rupiah + sum(near) > 200)
    assert not found or [part.rupiah for part in found] == near


def test_what_was_taken_back_in_the_ledger_is_told_on_the_package(line: BudgetLine) -> None:
    package = small(line)
    assert warnings_for(progress_of(package)) == []
    ledger.release(package.reservation, None, amount_rupiah=100 * MILLION)
    text = " ".join(warnings_for(progress_of(package)))
    assert "Rp 150.000.000" in text and "Rp 50.000.000" in text
