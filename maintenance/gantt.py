"""Where bars and marks of a timeline stand: dates → places on a line from 0 to 1000. Pure.

Numbers are given as text: templates would write them with a decimal comma, which SVG cannot read.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

__all__ = ["Bar", "Mark", "Scale"]

_WIDTH = 1000
_DAY = timedelta(days=1)
_ROOM = 0.88  # of the width: a month named to the right of it would be cut off
_MOST_MARKS = 6  # months are named only as far as their names have room


@dataclass(frozen=True)
class Bar:
    """A rectangle: its left edge and its width."""

    x: str
    width: str


@dataclass(frozen=True)
class Mark:
    """The first day of a month: where it is, and, in per cent, for what is no SVG.

    At the right end there is no room for its name.
    """

    day: date
    x: str
    percent: str
    has_room: bool


@dataclass(frozen=True)
class Scale:
    """Days from `first` to `last`, both shown in full."""

    first: date
    last: date

    @classmethod
    def over(cls, days: Iterable[date | None]) -> "Scale | None":
        """From the earliest to the latest of these; None without any."""
        known = [day for day in days if day is not None]
        return cls(min(known) - 2 * _DAY, max(known) + 3 * _DAY) if known else None

    def bar(self, start: date | None, end: date | None) -> Bar | None:
        """From the morning of `start` to the evening of `end`; None unless both are known."""
        if start is None or end is None:
            return None
        left = self._x(start)
        return Bar(_text(left), _text(max(self._x(end + _DAY) - left, 2)))

    def line(self, day: date) -> str | None:
        """The middle of a day; None outside the scale."""
        if not self.first <= day <= self.last:
            return None
        return _text(self._x(day) + _WIDTH / self._days / 2)

    def months(self) -> list[Mark]:
        """The months that begin within the scale; every second or third when there are many."""
        found: list[date] = []
        day = self.first
        while day <= self.last:
            if day.day == 1:
                found.append(day)
            day += _DAY
        step = -(-len(found) // _MOST_MARKS) or 1
        return [
            Mark(
                day,
                _text(self._x(day)),
                _text(self._x(day) * 100 / _WIDTH),
                self._x(day) < _WIDTH * _ROOM,
            )
            for day in found[::step]
        ]

    @property
    def _days(self) -> int:
        return (self.last - self.first).days + 1

    def _x(self, day: date) -> float:
        return (day - self.first).days * _WIDTH / self._days


def _text(number: float) -> str:
    return f"{number:.2f}"
