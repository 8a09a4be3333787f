"""Weeks as people here count them: Monday to Sunday, by the clock of Jakarta."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext

__all__ = ["Week", "due_weeks"]

_WRITTEN = re.compile(r"(\d{4})-?W(\d{1,2})", re.IGNORECASE)
_WEEK = timedelta(days=7)


@dataclass(frozen=True, order=True)
class Week:
    """One ISO week, named by its Monday."""

    monday: date

    def __post_init__(self) -> None:
        if self.monday.weekday() != 0:
            raise ValueError(f"{self.monday} is no Monday")

    @classmethod
    def of(cls, day: date) -> "Week":
        """The week that a day is in."""
        return cls(day - timedelta(days=day.weekday()))

    @classmethod
    def parse(cls, written: str) -> "Week":
        """From `2026-W47`. Raises ValueError, in words for people, for what is no week."""
        match = _WRITTEN.fullmatch(written.strip())
        try:
            if match is None:
                raise ValueError
            return cls(date.fromisocalendar(int(match[1]), int(match[2]), 1))
        except ValueError:
            raise ValueError(
                gettext("“%(written)s” is no week. Write it as 2026-W47.") % {"written": written}
            ) from None

    def __str__(self) -> str:
        year, number, _day = self.monday.isocalendar()
        return f"{year}-W{number:02}"

    @property
    def number(self) -> int:
        """Its number in the ISO year, 1 to 53."""
        return self.monday.isocalendar()[1]

    @property
    def sunday(self) -> date:
        return self.monday + timedelta(days=6)

    @property
    def begin(self) -> datetime:
        """Monday, 00.00."""
        return _midnight(self.monday)

    @property
    def end(self) -> datetime:
        """The midnight with which it ends; the moment itself belongs to the next week."""
        return _midnight(self.monday + _WEEK)

    @property
    def previous(self) -> "Week":
        return Week(self.monday - _WEEK)

    @property
    def following(self) -> "Week":
        return Week(self.monday + _WEEK)

    @property
    def due_at(self) -> datetime:
        """When its report is sent: on REPORT_WEEKDAY of the week after, at REPORT_TIME."""
        day = self.monday + _WEEK + timedelta(days=settings.REPORT_WEEKDAY - 1)
        return timezone.make_aware(datetime.combine(day, settings.REPORT_TIME))


def due_weeks(now: datetime, at_most: int) -> Iterator[Week]:
    """The weeks whose reports are due, the latest first."""
    week = Week.of(timezone.localdate(now)).previous
    if week.due_at > now:
        week = week.previous
    for _number in range(at_most):
        yield week
        week = week.previous


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))
