"""What a report says of money: budget lines, absorption, and packages by stage."""

from datetime import datetime, timedelta

from django.db.models import Q, QuerySet, Sum
from django.db.models.functions import ExtractMonth
from django.utils import timezone
from django.utils.translation import gettext

from maintenance.absorption import by_month
from maintenance.models import (
    BudgetLine,
    LedgerEntry,
    MonthlyPlan,
    Package,
    PackageState,
    Phase,
    Ticket,
)
from maintenance.package_progress import Progress, progress_of_all
from maintenance.report.figures import Budget, BudgetRow, PackageRow
from maintenance.report.scopes import Scope

__all__ = ["budget", "packages"]

_COLUMNS = ("ceiling", "reserved", "committed", "realised")
_INSTANT = timedelta(microseconds=1)  # a week ends with the midnight of the day after it
_PHASES = [phase.value for phase in Phase]


def budget(scope: Scope, begin: datetime, as_of: datetime) -> Budget | None:
    """The lines of the year that `begin` is in, by what was entered before `as_of`.

    An area has no budget of its own: its report shows that of the whole city. None without lines.
    """
    day = timezone.localdate(begin)
    lines = BudgetLine.objects.filter(year__year=day.year)
    if scope.agency is not None:
        lines = lines.filter(agency=scope.agency)
    lines = lines.order_by("code", "pk")
    entries = LedgerEntry.objects.filter(line__in=lines, entered_at__lt=as_of).order_by()
    sums = {
        line: values
        for line, *values in entries.values_list("line").annotate(
            *(Sum(f"{column}_rupiah") for column in _COLUMNS),
            directly=Sum("realised_rupiah", filter=Q(commitment=None)),
        )
    }
    rows = [_row(line, *sums.get(line.pk, (0, 0, 0, 0, 0))) for line in lines]
    if not rows:
        return None
    planned = _by_month(MonthlyPlan.objects.filter(line__in=lines), "month", "planned_rupiah")
    dated = entries.annotate(month=ExtractMonth("document_date"))
    realised = _by_month(dated, "month", "realised_rupiah")
    paid = entries.filter(entered_at__gte=begin).aggregate(sum=Sum("realised_rupiah"))["sum"]
    last = timezone.localdate(max(begin, as_of - _INSTANT))
    return Budget(
        year=day.year,
        rows=rows,
        total=_total(rows),
        months=by_month(planned, realised),
        months_seen=12 if last.year > day.year else last.month,
        paid_in_week=paid or 0,
    )


def packages(scope: Scope, as_of: datetime) -> list[PackageRow]:
    """Packages that are not finished, by phase, the latest first within it.

    An area's are those that its tickets wait for. Where they stand is read as it is entered now.
    """
    live = Package.objects.live().select_related("line__year", "rule_set")
    if scope.agency is not None:
        live = live.filter(line__agency=scope.agency)
    elif scope.area is not None:
        waiting = Ticket.objects.filter(scope.of_incidents()).values("pk")
        live = live.filter(links__ticket__in=waiting).distinct()
    found = progress_of_all(live.order_by("rule_date", "pk"), as_of).values()
    return [_package(each) for each in sorted(found, key=_place)]


def _place(progress: Progress) -> tuple[int, int, str]:
    stage = progress.stage_now
    phase = _PHASES.index(stage.phase) if stage is not None else _last_or_none(progress)
    return phase, -progress.days_late, progress.package.code


def _last_or_none(progress: Progress) -> int:
    """Before all phases while nothing has begun, else the last."""
    return -1 if progress.package.state == PackageState.PLANNED else len(_PHASES)


def _package(progress: Progress) -> PackageRow:
    stage, package = progress.stage_now, progress.package
    if stage is not None:
        phase = str(Phase(stage.phase).label)
    else:
        planned = package.state == PackageState.PLANNED
        phase = gettext("not started") if planned else str(Phase.IMPLEMENTATION.label)
    return PackageRow(
        package.code,
        package.name,
        phase,
        str(stage.name) if stage is not None else package.get_state_display(),
        progress.days_late,
        progress.cost.camera_days,
        progress.fits_into_year,
    )


def _row(
    line: BudgetLine,
    ceiling: int,
    reserved: int,
    committed: int,
    realised: int,
    directly: int | None,
) -> BudgetRow:
    available = ceiling - reserved - committed - (directly or 0)
    outstanding = ceiling - reserved - realised - available
    return BudgetRow(line.code, line.name, ceiling, reserved, outstanding, realised, available)


def _total(rows: list[BudgetRow]) -> BudgetRow:
    names = ("ceiling", "reserved", "outstanding", "realised", "available")
    sums = [sum(getattr(row, name) for row in rows) for name in names]
    return BudgetRow("", gettext("all lines"), *sums)


def _by_month(rows: QuerySet, month: str, amount: str) -> dict[int, int]:
    found: dict[int, int] = dict(rows.order_by().values_list(month).annotate(Sum(amount)))
    return found
