"""All lines of a budget year together: their balance, and payments by month against the plan."""

from dataclasses import dataclass
from datetime import date

from django.db.models import BigIntegerField, Q, QuerySet, Sum, Value
from django.db.models.functions import Coalesce, ExtractMonth

from maintenance.absorption import Absorption, by_month, forecast
from maintenance.ledger import Balance
from maintenance.models import BudgetLine, LedgerEntry, MonthlyPlan

__all__ = ["YearBudget", "budget_of"]


@dataclass(frozen=True)
class YearBudget:
    """What the first page draws of a year."""

    year: int
    absorption: Absorption

    @property
    def balance(self) -> Balance:
        return self.absorption.balance


def budget_of(
    year: int, today: date, lines: QuerySet[BudgetLine] | None = None
) -> YearBudget | None:
    """The year's budget, of these lines or of all; None when nothing was ever allocated to them.

    One query for all lines.
    """
    entries: dict[int, tuple[int, ...]] = {}
    plan: dict[int, int] = {}
    chosen = BudgetLine.objects.order_by() if lines is None else lines
    for is_plan, month, *amounts in _rows(chosen, year):
        if is_plan:
            plan[month] = amounts[0]
        else:
            entries[month] = tuple(amounts)
    if not entries:
        return None
    ceiling, reserved, committed, realised, directly = (
        sum(column) for column in zip(*entries.values(), strict=True)
    )
    now = Balance(ceiling, reserved, committed, realised, ceiling - reserved - committed - directly)
    paid = {month: amounts[3] for month, amounts in entries.items()}
    return YearBudget(
        year,
        Absorption(
            now, by_month(plan, paid), forecast(now.ceiling, paid, year, today), warnings=[]
        ),
    )


def _rows(lines: QuerySet[BudgetLine], year: int) -> list[tuple[int, ...]]:
    """(1 for the plan, month, four sums, what was paid without a contract); one query for both."""
    of_year = lines.filter(year__year=year).values("pk")
    entries = (
        LedgerEntry.objects.filter(line__in=of_year)
        .order_by()
        .annotate(is_plan=_whole(0), of_month=ExtractMonth("document_date"))
        .values_list("is_plan", "of_month")
        .annotate(
            a=Sum("ceiling_rupiah"),
            b=Sum("reserved_rupiah"),
            c=Sum("committed_rupiah"),
            d=Sum("realised_rupiah"),
            e=Coalesce(Sum("realised_rupiah", filter=Q(commitment=None)), _whole(0)),
        )
    )
    plan = (
        MonthlyPlan.objects.filter(line__in=of_year)
        .order_by()
        .annotate(is_plan=_whole(1))
        .values_list("is_plan", "month")
        .annotate(
            a=Sum("planned_rupiah"),
            b=Sum(_whole(0)),
            c=Sum(_whole(0)),
            d=Sum(_whole(0)),
            e=Sum(_whole(0)),
        )
    )
    return [tuple(map(int, row)) for row in entries.union(plan, all=True)]


def _whole(number: int) -> Value:
    return Value(number, output_field=BigIntegerField())
