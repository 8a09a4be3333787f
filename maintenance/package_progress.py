"""How far packages are: the stage they are in, who holds it, by how much they are late.

A stage is late by its own doing when it ended, or is still open, after its plan, and everything
that it depends on is done: a stage that waits for a late one is not late itself. A failed tender
is lost from its announcement to its failure, because all of that is done again.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from maintenance.holidays import calendar
from maintenance.models import Outcome, Package, PackageState, Round, Stage
from maintenance.package_plan import forecast_round
from maintenance.procurement_schedule import Edge, Role, Span, working_days_late
from maintenance.waiting_cost import Cost, Window, costs_of
from maintenance.workdays import Calendar

__all__ = ["Progress", "StageProgress", "progress_of", "progress_of_all"]

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class StageProgress:
    """One stage as it looks today. `days_late`: working days, by its own doing."""

    stage: Stage
    expected: Span | None  # None: not part of the plan
    days_late: int
    is_now: bool


@dataclass(frozen=True)
class Progress:
    """One package as it looks today.

    `days_late`: working days by which its next milestone (contract, hand-over, payment) falls
    after the first plan; failed rounds included.
    """

    package: Package
    rounds: list[tuple[Round, list[StageProgress]]] = field(default_factory=list)
    stage_now: Stage | None = None
    days_late: int = 0
    contract_on: date | None = None
    work_ends_on: date | None = None
    paid_on: date | None = None
    cost: Cost = field(default_factory=Cost)

    @property
    def fits_into_year(self) -> bool | None:
        """Whether the money will have left by 31 December; None when nothing is planned yet."""
        if self.paid_on is None:
            return None
        return self.paid_on <= date(self.package.line.year.year, 12, 31)


def progress_of(package: Package, now: datetime | None = None) -> Progress:
    """How far one package is."""
    return progress_of_all([package], now)[package.pk]


def progress_of_all(
    packages: Iterable[Package], now: datetime | None = None
) -> dict[int, Progress]:
    """How far each is, by its id; a fixed number of queries for all of them."""
    now = now or timezone.now()
    days = calendar()
    chosen = list(packages)
    stages: dict[int, list[Stage]] = {}
    rounds: dict[int, list[Round]] = {package.pk: [] for package in chosen}
    for each in Round.objects.filter(package__in=chosen).order_by("number"):
        rounds[each.package_id].append(each)
        stages[each.pk] = []
    for stage in Stage.objects.filter(round__in=list(stages)).order_by("order"):
        stages[stage.round_id].append(stage)
    looks = {
        package.pk: _Look(package, [(each, stages[each.pk]) for each in rounds[package.pk]], days)
        for package in chosen
    }
    late = {pk: look.windows(now) for pk, look in looks.items()}
    costs = costs_of(chosen, late, now)
    return {pk: look.progress(costs[pk], timezone.localdate(now)) for pk, look in looks.items()}


@dataclass(frozen=True)
class _Look:
    package: Package
    rounds: list[tuple[Round, list[Stage]]]
    days: Calendar

    def windows(self, now: datetime) -> list[Window]:
        """The stretches of time by which the package is late."""
        found: list[Window] = []
        for each, stages in self.rounds:
            until = _midnight(each.ended_on + _DAY) if each.ended_on else now
            for stage in stages:
                if stage.planned_end is None or not stage.included or _is_held_up(stage, stages):
                    continue
                ended = _midnight(stage.actual_end + _DAY) if stage.actual_end else until
                found.append((_midnight(stage.planned_end + _DAY), min(ended, now)))
            if each.outcome == Outcome.FAILED:
                announced = _with_role(stages, Role.ANNOUNCEMENT)
                if announced is not None and announced.actual_start is not None:
                    found.append((_midnight(announced.actual_start), min(until, now)))
        return found

    def progress(self, cost: Cost, today: date) -> Progress:
        if not self.rounds:
            return Progress(self.package, cost=cost)
        shown = [(each, self._stages(each, stages, today)) for each, stages in self.rounds]
        _round, stages = shown[-1]
        expected = {each.stage.role: each.expected for each in stages if each.expected}
        ends = {role: span.end for role, span in expected.items() if role}
        if self.package.state == PackageState.CANCELLED:
            ends = {}  # nothing is expected of it any more
        return Progress(
            self.package,
            shown,
            next((each.stage for each in stages if each.is_now), None),
            self._days_late(ends),
            ends.get(Role.CONTRACT),
            ends.get(Role.WORK),
            ends.get(Role.PAYMENT),
            cost,
        )

    def _stages(self, of: Round, stages: list[Stage], today: date) -> list[StageProgress]:
        is_over = of.outcome != Outcome.RUNNING
        last = of.ended_on if is_over and of.ended_on else today
        spans = forecast_round(of, stages, self.package, self.days, last)
        now = None if is_over else _current(stages)
        return [
            StageProgress(
                stage,
                spans.get(stage.code),
                0
                if stage.planned_end is None or not stage.included or _is_held_up(stage, stages)
                else working_days_late(stage.planned_end, stage.actual_end, last, self.days),
                stage is now,
            )
            for stage in stages
        ]

    def _days_late(self, ends: dict[str, date]) -> int:
        milestone = {
            PackageState.RUNNING: Role.CONTRACT,
            PackageState.CONTRACTED: Role.HANDOVER,
        }.get(PackageState(self.package.state), Role.PAYMENT)
        first = _with_role(self.rounds[0][1], milestone)
        expected = ends.get(milestone)
        if first is None or first.baseline_end is None or expected is None:
            return 0
        return max(0, self.days.count(first.baseline_end, expected))


def _current(stages: list[Stage]) -> Stage | None:
    """The first stage that is not done."""
    return next((each for each in stages if each.included and each.actual_end is None), None)


def _is_held_up(stage: Stage, stages: list[Stage]) -> bool:
    """Whether it has to wait for a stage before it; never when it has begun."""
    if stage.actual_start is not None:
        return False
    before = [each for each in stages if each.included and each.order < stage.order]
    if not before:
        return False
    anchor = next((each for each in before if each.code == stage.anchor), before[-1])
    if stage.anchor_edge == Edge.START and anchor.code == stage.anchor:
        return anchor.actual_start is None
    return anchor.actual_end is None


def _with_role(stages: list[Stage], role: Role) -> Stage | None:
    return next((each for each in stages if each.role == role), None)


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))
