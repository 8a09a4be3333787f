"""Packages that are behind their plan today: asked of the database, for a number and its list."""

from datetime import date

from django.db.models import Exists, OuterRef, QuerySet

from maintenance.holidays import calendar
from maintenance.models import Outcome, Package, Stage

__all__ = ["with_a_late_stage"]


def with_a_late_stage(packages: QuerySet[Package], today: date) -> QuerySet[Package]:
    """Those under way of which a stage is open, a working day or more after its planned end."""
    days = calendar()
    last_worked = today if days.is_working_day(today) else days.add(today, -1)
    late = Stage.objects.filter(
        round__package=OuterRef("pk"),
        round__outcome=Outcome.RUNNING,
        included=True,
        actual_end=None,
        planned_end__lt=last_worked,
    )
    return packages.filter(Exists(late), pk__in=Package.objects.live().values("pk"))
