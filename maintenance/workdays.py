"""Working days: Monday to Friday without holidays. Pure; `maintenance.holidays` says which.

Periods in procurement law count working days and leave out the day on which they begin: three
working days after a Monday end on Thursday.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

__all__ = ["Calendar"]

_DAY = timedelta(days=1)
_SATURDAY = 5


@dataclass(frozen=True)
class Calendar:
    """Which days are worked. `holidays`: each day off, and its name; weekends need not be in it."""

    holidays: Mapping[date, str]

    def is_working_day(self, day: date) -> bool:
        """True for Monday to Friday, unless the day is a holiday."""
        return day.weekday() < _SATURDAY and day not in self.holidays

    def next_working_day(self, day: date) -> date:
        """The day itself when it is worked, else the first worked day after it."""
        while not self.is_working_day(day):
            day += _DAY
        return day

    def add(self, day: date, working_days: int) -> date:
        """The n-th working day after `day`, which need not be a working day itself.

        0 gives the day itself when it is worked, else the next that is. A negative number counts
        backwards: −1 is the last working day before `day`.
        """
        if working_days == 0:
            return self.next_working_day(day)
        step = _DAY if working_days > 0 else -_DAY
        left = abs(working_days)
        while left:
            day += step
            left -= self.is_working_day(day)
        return day

    def count(self, first: date, last: date) -> int:
        """How many working days there are after `first`, up to and including `last`.

        Negative when `last` is before `first`. For any n > 0, `count(day, add(day, n)) == n`.
        """
        if last < first:
            return -self.count(last, first)
        days = (first + number * _DAY for number in range(1, (last - first).days + 1))
        return sum(self.is_working_day(day) for day in days)
