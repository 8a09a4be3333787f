"""All figures of one report, read in one go."""

from datetime import datetime, timedelta

from maintenance.report import health_figures, money_figures, work_figures
from maintenance.report.figures import Figures
from maintenance.report.scopes import Scope
from maintenance.report.weeks import Week

__all__ = ["collect"]

# What people call false, they do not call so within the week.
_EYE_BEFORE = timedelta(weeks=3)


def collect(week: Week, scope: Scope, now: datetime) -> Figures:
    """The figures of a week; of its part that has passed, while it still runs."""
    as_of = max(week.begin, min(week.end, now))
    before = week.previous
    cameras = health_figures.places(scope)
    held = health_figures.held_at(as_of)
    spent = health_figures.uptimes(cameras, week.begin, as_of)
    areas, total, all_time = health_figures.areas(
        cameras,
        spent,
        health_figures.uptimes(cameras, before.begin, before.end),
        work_figures.repair_times(scope, week.begin, as_of),
    )
    return Figures(
        week=week,
        scope_key=scope.key,
        scope_title=scope.title,
        as_of=as_of,
        verdicts=health_figures.verdict_counts(cameras, held, health_figures.held_at(week.begin)),
        cameras=health_figures.camera_rows(cameras, held, spent),
        floodgates=health_figures.floodgates(cameras),
        floodgates_down=health_figures.floodgates_down(cameras, held, as_of),
        tickets=work_figures.tickets(scope, week, as_of),
        outages=health_figures.outages(scope, week.begin, as_of),
        areas=areas,
        total=total,
        uptime=all_time,
        causes=work_figures.causes(cameras, week.begin, as_of),
        budget=money_figures.budget(scope, week.begin, as_of),
        packages=money_figures.packages(scope, as_of),
        eye=work_figures.eye(scope, week.begin - _EYE_BEFORE, as_of),
    )
