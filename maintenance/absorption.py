"""Absorption (serapan): what was paid by month against the plan, and where the year will end.

The forecast is a straight line: the pace of the last three calendar months, the running one
included, goes on to 31 December. It knows nothing of contracts about to be paid; those are shown
beside it. What is not realised by 31 December lapses.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import Sum
from django.db.models.functions import ExtractMonth
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext

from maintenance.ledger import Balance, balance
from maintenance.models import BudgetLine, EntryKind
from maintenance.rupiah import format_rupiah

__all__ = [
    "PACE_MONTHS",
    "Absorption",
    "Forecast",
    "Month",
    "absorption_of",
    "by_month",
    "forecast",
    "warnings",
]

PACE_MONTHS = 3


@dataclass(frozen=True)
class Month:
    """One month, in whole rupiah; the totals are those from January to its end."""

    month: int
    planned_rupiah: int
    realised_rupiah: int
    planned_total_rupiah: int
    realised_total_rupiah: int


@dataclass(frozen=True)
class Forecast:
    """Where the year ends if the pace holds, in whole rupiah."""

    pace_a_day_rupiah: int
    realised_rupiah: int  # on 31 December; never more than the ceiling
    lapses_rupiah: int


@dataclass(frozen=True)
class Absorption:
    """All that a line's page shows of its absorption."""

    balance: Balance
    months: list[Month]
    forecast: Forecast
    warnings: list[str]


def by_month(planned: Mapping[int, int], realised: Mapping[int, int]) -> list[Month]:
    """January to December, from rupiah by month; months that are not given had none."""
    months, planned_total, realised_total = [], 0, 0
    for month in range(1, 13):
        planned_total += planned.get(month, 0)
        realised_total += realised.get(month, 0)
        months.append(
            Month(
                month,
                planned.get(month, 0),
                realised.get(month, 0),
                planned_total,
                realised_total,
            )
        )
    return months


def forecast(ceiling_rupiah: int, realised: Mapping[int, int], year: int, today: date) -> Forecast:
    """Carry the pace of the last `PACE_MONTHS` calendar months on to 31 December.

    `realised`: rupiah by month. Before the year there is no pace yet; after it nothing is to come.
    """
    last = date(year, 12, 31)
    seen = min(today, last)
    total = sum(realised.values())
    if seen < date(year, 1, 1):
        return Forecast(0, total, ceiling_rupiah - total)
    first_month = max(1, seen.month - PACE_MONTHS + 1)
    days = (seen - date(year, first_month, 1)).days + 1
    recent = sum(realised.get(month, 0) for month in range(first_month, seen.month + 1))
    to_come = max(0, recent) * (last - seen).days // days
    at_end = max(total, min(total + to_come, ceiling_rupiah))
    return Forecast(max(0, recent) // days, at_end, ceiling_rupiah - at_end)


def warnings(
    now: Balance,
    year: int,
    planned_rupiah: int = 0,
    contract_ends: Iterable[tuple[str, date]] = (),
) -> list[str]:
    """What should worry whoever keeps the line, as sentences.

    `planned_rupiah`: HPS of planned repairs that are not reserved yet. `contract_ends`: contracts
    that are not fully paid, and their last days.
    """
    found = []
    if planned_rupiah > now.available:
        found.append(
            gettext(
                "Planned repairs of %(planned)s are not reserved yet, but only %(available)s is "
                "available: %(missing)s is missing."
            )
            % {
                "planned": format_rupiah(planned_rupiah),
                "available": format_rupiah(now.available),
                "missing": format_rupiah(planned_rupiah - now.available),
            }
        )
    found += [
        gettext(
            "Contract %(number)s ends on %(day)s, after the budget year: what is not paid by "
            "31 December %(year)s lapses."
        )
        % {"number": number, "day": date_format(day, "DATE_FORMAT"), "year": year}
        for number, day in contract_ends
        if day.year > year
    ]
    return found


def absorption_of(
    line: BudgetLine, today: date | None = None, planned_rupiah: int = 0
) -> Absorption:
    """A line's absorption as of `today`, Jakarta's date unless told."""
    now = balance(line)
    year = line.year.year
    planned = dict(line.plan.values_list("month", "planned_rupiah"))
    realised = dict(
        line.entries.exclude(realised_rupiah=0)
        .order_by()
        .annotate(month=ExtractMonth("document_date"))
        .values_list("month")
        .annotate(Sum("realised_rupiah"))
    )
    return Absorption(
        now,
        by_month(planned, realised),
        forecast(now.ceiling, realised, year, today or timezone.localdate()),
        warnings(now, year, planned_rupiah, _contract_ends(line)),
    )


def _contract_ends(line: BudgetLine) -> list[tuple[str, date]]:
    """Number and last day of each contract with something left to pay; an addendum may move it."""
    left: dict[int, int] = {}
    ends: dict[int, tuple[str, date]] = {}
    for entry in line.entries.exclude(kind=EntryKind.RESERVATION).order_by("pk"):
        contract = entry.pk if entry.kind == EntryKind.COMMITMENT else entry.commitment_id
        if contract is None:
            continue
        left[contract] = left.get(contract, 0) + entry.committed_rupiah - entry.realised_rupiah
        if entry.ends_on is not None:
            number = ends[contract][0] if contract in ends else entry.document_number
            ends[contract] = (number, entry.ends_on)
    return [end for contract, end in ends.items() if left[contract] > 0]
