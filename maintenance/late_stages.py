"""Packages that are behind their plan today: asked of the database, for a number and its list."""

from datetime import date

from django.db.models import BooleanField, CharField, Exists, F, IntegerField, OuterRef, QuerySet
from django.db.models import Value as V

from maintenance.holidays import calendar, calendar_of
from maintenance.models import Holiday, Outcome, Package, Stage
from maintenance.workdays import Calendar

__all__ = ["count_late", "with_a_late_stage"]


def with_a_late_stage(packages: QuerySet[Package], today: date) -> QuerySet[Package]:
    """Those under way of which a stage is open, a working day or more after its planned end."""
    late = _open_stages(_last_worked(calendar(), today)).filter(round__package=OuterRef("pk"))
    return packages.filter(Exists(late), pk__in=Package.objects.live().values("pk"))


def count_late(packages: QuerySet[Package], today: date) -> int:
    """How many these are. One query: the first page has few to spare."""
    holidays = Holiday.objects.order_by().values_list(
        "day", "name", "is_working", V(0, output_field=IntegerField())
    )
    live = packages.filter(pk__in=Package.objects.live().values("pk")).order_by()
    stages = (
        _open_stages(today)
        .filter(round__package__in=live.values("pk"))
        .order_by()
        .values_list(
            "planned_end",
            V("", output_field=CharField()),
            V(False, output_field=BooleanField()),
            F("round__package"),
        )
    )
    rows = list(holidays.union(stages, all=True))
    last_worked = _last_worked(calendar_of(row[:3] for row in rows if not row[3]), today)
    return len({package for day, _name, _works, package in rows if package and day < last_worked})


def _last_worked(days: Calendar, today: date) -> date:
    """Today, or the last working day before: what was to end then is not late yet."""
    return today if days.is_working_day(today) else days.add(today, -1)


def _open_stages(before: date) -> QuerySet[Stage]:
    """That run, and were planned to end before that day."""
    return Stage.objects.filter(
        round__outcome=Outcome.RUNNING, included=True, actual_end=None, planned_end__lt=before
    )
