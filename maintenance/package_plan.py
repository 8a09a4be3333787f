"""The plan of a package in rows: stages copied from templates, planned, and planned anew.

The arithmetic is `procurement_schedule`'s; this module reads the rows that it needs, and writes
back what it says. The caller holds the package's lock.
"""

from collections.abc import Iterable
from datetime import date

from maintenance.models import Package, Round, Stage, StageTemplateItem
from maintenance.models.procurement_rules import StepFields
from maintenance.procurement_schedule import Role, Span, forecast
from maintenance.workdays import Calendar

__all__ = ["begin_round", "forecast_round", "replan", "running_round", "stage_with_role"]

_COPIED = [field.name for field in StepFields._meta.get_fields()]


def begin_round(
    package: Package,
    number: int,
    items: Iterable[StageTemplateItem | Stage],
    on: date,
    calendar: Calendar,
) -> Round:
    """A new round whose stages are copies of the items, planned from `on`; the plan is also the
    baseline.
    """
    begun = Round.objects.create(package=package, number=number, started_on=on)
    stages = [
        Stage(
            round=begun,
            included=not item.optional,
            **{name: getattr(item, name) for name in _COPIED},
        )
        for item in items
    ]
    spans = _spans(begun, stages, package, calendar)
    for stage in stages:
        if span := spans.get(stage.code):
            _plan_for(stage, span)
            _baseline_for(stage, span)
    Stage.objects.bulk_create(stages)
    return begun


def replan(of: Round, package: Package, calendar: Calendar) -> None:
    """Move the plan of the stages that have not begun to where the others now put it.

    Those that have begun or ended keep their plan: what they are late by is their own.
    """
    stages = list(of.stages.all())
    spans = _spans(of, stages, package, calendar)
    for stage in stages:
        if stage.actual_start is None and (span := spans.get(stage.code)):
            _plan_for(stage, span)
            if stage.baseline_start is None:  # it was not foreseen: its first plan is this one
                _baseline_for(stage, span)
    Stage.objects.bulk_update(
        stages, ["planned_start", "planned_end", "baseline_start", "baseline_end"]
    )


def forecast_round(
    of: Round, stages: list[Stage], package: Package, calendar: Calendar, today: date
) -> dict[str, Span]:
    """When each stage will be, as it looks today: what is late now pushes what comes after it."""
    return _spans(of, stages, package, calendar, not_before=today)


def running_round(package: Package) -> Round | None:
    """The round that is under way, with nothing prefetched."""
    return package.rounds.order_by("-number").first()


def _spans(
    of: Round,
    stages: list[Stage],
    package: Package,
    calendar: Calendar,
    not_before: date | None = None,
) -> dict[str, Span]:
    return forecast(
        [stage.step() for stage in stages],
        of.started_on,
        calendar,
        {stage.code: stage.actual() for stage in stages},
        work_days=package.work_days,
        not_before=not_before,
    )


def _plan_for(stage: Stage, span: Span) -> None:
    stage.planned_start, stage.planned_end = span.start, span.end


def _baseline_for(stage: Stage, span: Span) -> None:
    stage.baseline_start, stage.baseline_end = span.start, span.end


def stage_with_role(of: Round, role: Role) -> Stage | None:
    """The stage of a round that has this role, the first if there are several."""
    return of.stages.filter(role=role.value).order_by("order").first()
