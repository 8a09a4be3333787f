"""All that a report says, as dataclasses: read from rows, once, and then only shown.

The moment of a report is the end of its week (`as_of`), or now while the week still runs. What was
entered or probed after it does not count, so that a report made later says the same.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from maintenance.absorption import Month
from maintenance.report.weeks import Week
from monitoring.uptime import Uptime
from monitoring.verdicts import Verdict

__all__ = [
    "Area",
    "Budget",
    "BudgetRow",
    "CameraRow",
    "Cause",
    "EyeRow",
    "Figures",
    "FloodgateDown",
    "Outage",
    "PackageRow",
    "TicketRow",
    "Tickets",
    "VerdictCount",
]

_DAY = timedelta(days=1)
MOST_AREAS = 12


@dataclass(frozen=True, slots=True)
class VerdictCount:
    """How many cameras had this verdict at the end of the week, and of the week before."""

    verdict: Verdict
    now: int
    before: int

    @property
    def change(self) -> int:
        return self.now - self.before


@dataclass(frozen=True, slots=True)
class CameraRow:
    """One camera at the end of the week, and how it spent the week."""

    camera_id: int
    code: str
    name: str
    site: str
    area: str
    verdict: Verdict
    in_words: str
    since: datetime | None
    uptime: Uptime


@dataclass(frozen=True, slots=True)
class FloodgateDown:
    """A floodgate's camera that showed a fault at the end of the week."""

    code: str
    name: str
    site: str
    in_words: str
    since: datetime
    ticket: str


@dataclass(frozen=True, slots=True)
class Outage:
    """A fault that ran in the week. `lasted`: since it began, to its end or the week's."""

    code: str
    name: str
    in_words: str
    began: datetime
    ended: datetime | None
    lasted: timedelta
    ticket: str
    cameras: int  # taken by the outage of an uplink; 0 for a camera's own fault
    picture: bytes = b""  # a small JPEG

    @property
    def days(self) -> float:
        return self.lasted / _DAY


@dataclass(frozen=True, slots=True)
class TicketRow:
    """One ticket that the week had to do with."""

    number: str
    subject: str
    site: str
    state: str
    opened: datetime
    recovered: datetime | None
    closed: datetime | None
    is_overdue: bool


@dataclass(frozen=True, slots=True)
class Tickets:
    """How many were opened and closed in the week and in the one before; how many are left."""

    opened: int
    opened_before: int
    closed: int
    closed_before: int
    unclosed: int
    overdue: int
    rows: list[TicketRow]


@dataclass(frozen=True, slots=True)
class Area:
    """The cameras of one area. Shares are 0 … 1, None when nothing is known of the time.

    `repair`: the mean time from a ticket's opening to the recovery of what it is about, of the
    `repairs` that recovered in the week.
    """

    name: str
    cameras: int
    availability: float | None
    availability_before: float | None
    repairs: int
    repair: timedelta | None


@dataclass(frozen=True, slots=True)
class Cause:
    """Faulty time by what it waited for."""

    label: str
    camera_days: float
    is_procurement: bool = False


@dataclass(frozen=True, slots=True)
class BudgetRow:
    """One budget line, in whole rupiah."""

    code: str
    name: str
    ceiling: int
    reserved: int
    outstanding: int
    realised: int
    available: int

    @property
    def absorption_percent(self) -> float:
        return 100 * self.realised / self.ceiling if self.ceiling else 0.0


@dataclass(frozen=True, slots=True)
class Budget:
    """The lines of a year and their sum. `months_seen`: how many have begun."""

    year: int
    rows: list[BudgetRow]
    total: BudgetRow
    months: list[Month]
    months_seen: int
    paid_in_week: int

    @property
    def planned_percent(self) -> float:
        """What the plan wanted absorbed by the end of the present month."""
        planned = self.months[self.months_seen - 1].planned_total_rupiah if self.months_seen else 0
        return 100 * planned / self.total.ceiling if self.total.ceiling else 0.0


@dataclass(frozen=True, slots=True)
class PackageRow:
    """A package that is not finished. `days_late`: working days."""

    code: str
    name: str
    phase: str
    stage: str
    days_late: int
    camera_days: float
    fits_into_year: bool | None


@dataclass(frozen=True, slots=True)
class EyeRow:
    """Faults confirmed in the last four weeks by what the eye said, and those called false."""

    verdict: Verdict
    incidents: int
    false_alarms: int


@dataclass(frozen=True)
class Figures:
    """One report, before it is put into words and pictures."""

    week: Week
    scope_key: str
    scope_title: str
    as_of: datetime
    verdicts: list[VerdictCount]
    cameras: list[CameraRow]
    floodgates: int
    floodgates_down: list[FloodgateDown]
    tickets: Tickets
    outages: list[Outage]
    areas: list[Area]
    total: Area
    uptime: Uptime
    causes: list[Cause]
    budget: Budget | None
    packages: list[PackageRow]
    eye: list[EyeRow]

    @property
    def healthy(self) -> VerdictCount:
        return next(each for each in self.verdicts if each.verdict is Verdict.HEALTHY)

    @property
    def faulty(self) -> int:
        return sum(each.now for each in self.verdicts if each.verdict.is_faulty)

    @property
    def areas_shown(self) -> list[Area]:
        """All areas; of too many, those with the least uptime."""
        if len(self.areas) <= MOST_AREAS:
            return self.areas
        known = [each for each in self.areas if each.availability is not None]
        return sorted(known, key=lambda each: each.availability or 0.0)[:MOST_AREAS]

    @property
    def down_camera_days(self) -> float:
        return self.uptime.down / _DAY

    @property
    def procurement_camera_days(self) -> float:
        return sum(each.camera_days for each in self.causes if each.is_procurement)

    @property
    def is_whole(self) -> bool:
        """Whether its week is over."""
        return self.as_of >= self.week.end
