"""When each stage of a procurement is due: pure arithmetic over steps, dates and working days.

A stage occupies whole days, from its start to its end inclusive. One of three working days that
begins on Monday ends on Wednesday, and the next begins on Thursday. A stage without an anchor
follows the one before it; one with an anchor is reckoned from that stage's start or end, as the
law does ("the explanation at the earliest three working days after the announcement").
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from maintenance.workdays import Calendar

__all__ = [
    "Actual",
    "Edge",
    "Pace",
    "Role",
    "Span",
    "Step",
    "Unit",
    "forecast",
    "plan",
    "working_days_late",
]

_DAY = timedelta(days=1)


class Unit(StrEnum):
    WORKING = "working"
    CALENDAR = "calendar"


class Edge(StrEnum):
    START = "start"
    END = "end"


class Pace(StrEnum):
    """TYPICAL: as it usually goes. FASTEST: the shortest that the law and the work allow."""

    TYPICAL = "typical"
    FASTEST = "fastest"


class Role(StrEnum):
    """What a stage means to the program; most stages mean nothing special."""

    ORDINARY = ""
    DOCUMENTS = "documents"  # a new round may begin here, with changed documents
    ANNOUNCEMENT = "announcement"  # a new round begins here; also an invitation
    OBJECTION = "objection"
    CONTRACT = "contract"
    WORK = "work"  # lasts as long as the package says
    HANDOVER = "handover"
    PAYMENT = "payment"


@dataclass(frozen=True)
class Step:
    """One stage as a template gives it; days in its unit."""

    code: str
    typical_days: int
    minimum_days: int
    unit: Unit = Unit.WORKING
    anchor: str = ""
    anchor_edge: Edge = Edge.END
    gap_days: int = 1
    role: Role = Role.ORDINARY
    optional: bool = False
    not_before: date | None = None  # put off by hand to this day


@dataclass(frozen=True)
class Span:
    """First and last day of a stage, both inclusive."""

    start: date
    end: date


@dataclass(frozen=True)
class Actual:
    """What has happened of a stage so far."""

    start: date | None = None
    end: date | None = None


def plan(
    steps: Iterable[Step],
    start: date,
    calendar: Calendar,
    *,
    work_days: int,
    pace: Pace = Pace.TYPICAL,
) -> dict[str, Span]:
    """The first and last day of every step, by code, when the first begins on `start` or the next
    working day after it.

    `work_days`: calendar days that the work itself takes. Steps that are optional are left out;
    pass those that are needed as not optional. A step whose anchor is not in the plan (in a later
    round, or left out) follows the one before it.
    """
    return forecast(steps, start, calendar, {}, work_days=work_days, pace=pace)


def forecast(
    steps: Iterable[Step],
    start: date,
    calendar: Calendar,
    actual: Mapping[str, Actual],
    *,
    work_days: int,
    pace: Pace = Pace.TYPICAL,
    not_before: date | None = None,
) -> dict[str, Span]:
    """As `plan`, with what has happened put in its place: moving one step moves those after it.

    A step that has ended keeps its days; one that has begun keeps its start. With `not_before`
    (today), what has not ended yet cannot end in the past, nor begin there.
    """
    spans: dict[str, Span] = {}
    previous: str | None = None
    for step in steps:
        if step.optional:
            continue
        happened = actual.get(step.code, Actual())
        begins = happened.start or _begins(step, previous, spans, start, calendar)
        if happened.start is None and step.not_before is not None:
            begins = _worked(step, max(begins, step.not_before), calendar)
        if happened.start is None and happened.end is not None:
            begins = min(begins, happened.end)
        elif happened.start is None and not_before is not None:
            begins = _worked(step, max(begins, not_before), calendar)
        ends = happened.end or _ends(step, begins, calendar, work_days, pace)
        if happened.end is None and not_before is not None and ends < not_before:
            ends = _worked(step, not_before, calendar)
        spans[step.code] = Span(begins, ends)
        previous = step.code
    return spans


def working_days_late(due: date, ended: date | None, today: date, calendar: Calendar) -> int:
    """By how many working days something ended after `due`, or is late today; 0 when in time."""
    return max(0, calendar.count(due, ended or today))


def _begins(
    step: Step, previous: str | None, spans: Mapping[str, Span], start: date, calendar: Calendar
) -> date:
    if previous is None:
        return _worked(step, start, calendar)
    if step.anchor and step.anchor not in spans:
        return _later(step, spans[previous].end, 1, calendar)
    anchor = spans[step.anchor or previous]
    base = anchor.start if step.anchor_edge is Edge.START else anchor.end
    return _later(step, base, step.gap_days, calendar)


def _ends(step: Step, begins: date, calendar: Calendar, work_days: int, pace: Pace) -> date:
    if step.role is Role.WORK:
        days = work_days
    else:
        days = step.typical_days if pace is Pace.TYPICAL else step.minimum_days
    if days <= 1:
        return begins
    # A day off on which it began is none of its working days.
    return _later(step, _worked(step, begins, calendar), days - 1, calendar)


def _later(step: Step, day: date, days: int, calendar: Calendar) -> date:
    if step.unit is Unit.CALENDAR:
        return day + days * _DAY
    return calendar.add(day, days)


def _worked(step: Step, day: date, calendar: Calendar) -> date:
    return day if step.unit is Unit.CALENDAR else calendar.next_working_day(day)
