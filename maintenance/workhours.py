"""Working hours: the office hours of working days. Pure; as `maintenance.workdays`."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

from maintenance.workdays import Calendar

__all__ = ["WorkingHours"]


@dataclass(frozen=True)
class WorkingHours:
    """From `opens` to `closes` on every working day of the calendar, by the clock of `zone`."""

    calendar: Calendar
    opens: time
    closes: time
    zone: tzinfo

    def __post_init__(self) -> None:
        if self.opens >= self.closes:
            raise ValueError("An office opens before it closes")

    def add(self, moment: datetime, hours: float) -> datetime:
        """The moment by which so many working hours have passed; `moment` may be outside them."""
        left = timedelta(hours=hours)
        day = moment.astimezone(self.zone).date()
        while True:
            begin, end = self._window(day)
            begin = max(begin, moment)
            if self.calendar.is_working_day(day) and begin < end:
                if left <= end - begin:
                    return begin + left
                left -= end - begin
            day += timedelta(days=1)

    def between(self, begin: datetime, end: datetime) -> timedelta:
        """How much working time there is from `begin` to `end`; never negative."""
        total, day = timedelta(), begin.astimezone(self.zone).date()
        while day <= end.astimezone(self.zone).date():
            opens, closes = self._window(day)
            if self.calendar.is_working_day(day):
                total += max(min(closes, end) - max(opens, begin), timedelta())
            day += timedelta(days=1)
        return total

    def _window(self, day: date) -> tuple[datetime, datetime]:
        return (
            datetime.combine(day, self.opens, self.zone),
            datetime.combine(day, self.closes, self.zone),
        )
