"""Works out the uptime of areas by day ahead of time, a few days a run.

Yesterday's spans may still change: planned work is entered late, an alarm turns out to be false. So
a day is worked out again: today's every ten minutes, each of the last thirty once a day. Which one
is next stands in the rows themselves; a run that dies half-way is completed by the next.
"""

from collections import defaultdict
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from cameras.models import Area, Camera
from cameras.trees import Tree
from monitoring import uptime
from monitoring.models import AreaDay

__all__ = ["DAYS", "cities", "measure", "measure_due"]

DAYS = 30
_TODAY_AGAIN = timedelta(minutes=10)
_PAST_AGAIN = timedelta(days=1)
_MOST_A_RUN = 4  # a day takes about a second with 20,000 cameras


def measure_due(now: datetime) -> int:
    """Work out the days that are missing or out of date, today first; how many it did."""
    today = timezone.localdate(now)
    rows = AreaDay.objects.filter(day__gt=today - timedelta(days=DAYS)).order_by()
    known = dict(rows.values_list("day").annotate(Max("measured_at")))
    due = []
    for number in range(DAYS):
        day = today - timedelta(days=number)
        measured = known.get(day)
        again = _TODAY_AGAIN if number == 0 else _PAST_AGAIN
        # A day that was worked out while it lasted lacks its evening.
        lacks_its_end = measured is not None and number > 0 and measured < _midnight(day, 1)
        if measured is None or now - measured >= again or lacks_its_end:
            due.append(day)
    for day in due[:_MOST_A_RUN]:
        measure(day, now)
    return min(len(due), _MOST_A_RUN)


def measure(day: date, now: datetime) -> None:
    """Write one day's rows anew, as of `now`."""
    begin, end = _midnight(day), min(_midnight(day, 1), now)
    if end <= begin:
        return
    city = cities()
    area_of = dict(Camera.objects.order_by().values_list("pk", "site__area"))
    up: dict[int, timedelta] = defaultdict(timedelta)
    down: dict[int, timedelta] = defaultdict(timedelta)
    for camera, found in uptime.of_cameras(begin, end).items():
        if camera in area_of:
            area = city[area_of[camera]]
            up[area] += found.up
            down[area] += found.down
    with transaction.atomic():
        AreaDay.objects.bulk_create(
            [
                AreaDay(
                    area_id=area,
                    day=day,
                    up_s=round(up[area].total_seconds()),
                    down_s=round(down[area].total_seconds()),
                    measured_at=now,
                )
                for area in sorted(up)
            ],
            update_conflicts=True,
            unique_fields=["area", "day"],
            update_fields=["up_s", "down_s", "measured_at"],
        )
        AreaDay.objects.filter(day=day).exclude(area__in=list(up)).delete()


def cities() -> dict[int, int]:
    """Each area's number → that of the city that it belongs to.

    Cities are what stands at the top; when that is one area only, as the province, what stands
    right under it.
    """
    parents = dict(Area.objects.order_by().values_list("pk", "parent_id"))
    tree = Tree(parents)
    is_one_root = len(tree.roots) == 1
    found: dict[int, int] = {}
    for key in parents:
        way = list(tree.upwards(key))
        is_below_the_only_root = is_one_root and len(way) > 1
        found[key] = way[-2] if is_below_the_only_root else way[-1]
    return found


def _midnight(day: date, days_later: int = 0) -> datetime:
    return timezone.make_aware(datetime.combine(day + timedelta(days=days_later), time()))
