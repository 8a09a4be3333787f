"""Uptime by day: the small strip beside a camera in the list, and the large one on its page.

A few queries, however many cameras are asked for. Days are Jakarta's; the last one is today, as far
as it has come.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.db.models import Q
from django.utils import timezone

from monitoring import planned
from monitoring.models import HealthSpan
from monitoring.uptime import Span, Uptime, Window, measure, total

__all__ = ["DAYS", "Day", "Strip", "begins", "strips"]

DAYS = 30
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Day:
    """One day of one camera, with the spans that touch it."""

    begin: datetime
    uptime: Uptime
    spans: Sequence[Span]


@dataclass(frozen=True)
class Strip:
    """The last days of one camera, the oldest first."""

    days: Sequence[Day]

    def over(self, days: int) -> Uptime:
        """How the last so many days were spent."""
        return total(day.uptime for day in self.days[-days:])


def begins(now: datetime, days: int = DAYS) -> datetime:
    """When a strip begins."""
    today = timezone.make_aware(datetime.combine(timezone.localdate(now), time()))
    return today - (days - 1) * _DAY


def strips(
    cameras: Sequence[int],
    now: datetime,
    days: int = DAYS,
    works: Mapping[int, Sequence[Window]] | None = None,
) -> dict[int, Strip]:
    """The strip of each of these cameras by its number. `works`: their planned times, if known."""
    begin = begins(now, days)
    rows = (
        HealthSpan.objects.filter(camera__in=cameras, began_at__lt=now)
        .filter(Q(ended_at=None) | Q(ended_at__gt=begin))
        .order_by("camera_id", "began_at", "pk")
        .values_list("camera_id", "verdict", "began_at", "ended_at", "camera__health__probed_at")
    )
    spans: dict[int, list[Span]] = {camera: [] for camera in cameras}
    for camera, verdict, began, ended, probed in rows:
        # The open span lasts until the camera's last probe.
        spans[camera].append((verdict, began, ended or probed or began))
    if works is None:
        works = planned.windows(begin, now, cameras)
    return {
        camera: Strip(_by_day(found, works.get(camera, ()), begin, now, days))
        for camera, found in spans.items()
    }


def _by_day(
    spans: Sequence[Span], works: Sequence[Window], begin: datetime, now: datetime, days: int
) -> list[Day]:
    touched: list[list[Span]] = [[] for _day in range(days)]
    for span in spans:
        _verdict, began, ended = span
        first = max(0, (began - begin) // _DAY)
        for number in range(first, min(days - 1, (ended - begin) // _DAY) + 1):
            touched[number].append(span)
    return [
        Day(
            since := begin + number * _DAY,
            measure(touched[number], works, since, max(since, min(since + _DAY, now))),
            touched[number],
        )
        for number in range(days)
    ]
