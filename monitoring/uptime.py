"""Uptime: for how long each verdict held between two moments. Exact arithmetic over spans.

Every moment of a window is one of four: *planned* (work was planned, whatever the camera did),
*up* (healthy), *down* (any fault), or *unmonitored*: nobody knows, because nobody looked, or not
yet. What is unmonitored is never guessed; the time since a camera's last probe is, too.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby

from django.db.models import Q

from cameras.models import Camera
from monitoring import planned
from monitoring.models import HealthSpan
from monitoring.verdicts import Verdict

__all__ = ["Span", "Uptime", "down_windows", "measure", "of_camera", "of_cameras", "total"]

_NONE = timedelta(0)
Window = tuple[datetime, datetime]
Span = tuple[str, datetime, datetime]  # verdict, began, ended


@dataclass(frozen=True)
class Uptime:
    """How a window of time was spent; `up`, `down`, `unmonitored` and `planned` add up to it.

    `by_verdict` has the verdicts that held, outside planned work and without UNMONITORED.
    """

    window: timedelta
    planned: timedelta = _NONE
    by_verdict: Mapping[Verdict, timedelta] = field(default_factory=dict)

    @property
    def up(self) -> timedelta:
        return self.by_verdict.get(Verdict.HEALTHY, _NONE)

    @property
    def down(self) -> timedelta:
        return sum((time for each, time in self.by_verdict.items() if each.is_faulty), _NONE)

    @property
    def unmonitored(self) -> timedelta:
        return self.window - self.planned - self.up - self.down

    @property
    def availability(self) -> float | None:
        """Up as a share (0 … 1) of the time of which we know; None when we know of none."""
        known = self.up + self.down
        return self.up / known if known else None


def measure(
    spans: Iterable[Span], planned_windows: Iterable[Window], begin: datetime, end: datetime
) -> Uptime:
    """How the time from `begin` to `end` was spent, by spans in the order in which they began.

    Where spans overlap, as after a clock was set back, the earlier one counts. Raises ValueError
    when the window ends before it begins.
    """
    if end < begin:
        raise ValueError(f"the window ends ({end}) before it begins ({begin})")
    works = _merged(planned_windows, begin, end)
    by_verdict: dict[Verdict, timedelta] = {}
    at = begin
    for verdict, began, ended in spans:
        since, until = max(began, at), min(ended, end)
        if until <= since:
            continue
        at = until
        kind = Verdict(verdict)
        if kind is Verdict.HEALTHY or kind.is_faulty:
            time = until - since - _shared(works, since, until)
            by_verdict[kind] = by_verdict.get(kind, _NONE) + time
    return Uptime(
        window=end - begin,
        planned=sum((until - since for since, until in works), _NONE),
        by_verdict=by_verdict,
    )


def of_camera(camera_id: int, begin: datetime, end: datetime) -> Uptime:
    """How one camera spent the time from `begin` to `end`."""
    return of_cameras(begin, end, [camera_id])[camera_id]


def of_cameras(
    begin: datetime, end: datetime, cameras: Sequence[int] | None = None
) -> dict[int, Uptime]:
    """The same for many cameras by their numbers, for all without `cameras`.

    Three queries, however many cameras there are; one more or three where work was planned.
    """
    keys: Iterable[int] = (
        Camera.objects.order_by().values_list("pk", flat=True) if cameras is None else cameras
    )
    works = planned.windows(begin, end, cameras)
    found = {
        key: measure(spans, works.get(key, ()), begin, end)
        for key, spans in _spans_of(begin, end, cameras)
    }
    return {
        key: found[key] if key in found else measure((), works.get(key, ()), begin, end)
        for key in keys
    }


def down_windows(
    begin: datetime, end: datetime, cameras: Sequence[int] | None = None
) -> dict[int, list[Window]]:
    """When each camera that was down was so, in order: exactly the time that is `Uptime.down`."""
    works = planned.windows(begin, end, cameras)
    found: dict[int, list[Window]] = {}
    for key, spans in _spans_of(begin, end, cameras):
        down: list[Window] = []
        at = begin
        for verdict, began, ended in spans:
            since, until = max(began, at), min(ended, end)
            if until <= since:
                continue
            at = until
            if Verdict(verdict).is_faulty:
                down += _without(since, until, _merged(works.get(key, ()), begin, end))
        if down:
            found[key] = down
    return found


def total(uptimes: Iterable[Uptime]) -> Uptime:
    """The times of several cameras added up, in camera-time."""
    window = planned_time = _NONE
    by_verdict: dict[Verdict, timedelta] = {}
    for each in uptimes:
        window += each.window
        planned_time += each.planned
        for verdict, time in each.by_verdict.items():
            by_verdict[verdict] = by_verdict.get(verdict, _NONE) + time
    return Uptime(window, planned_time, by_verdict)


def _spans_of(
    begin: datetime, end: datetime, cameras: Sequence[int] | None
) -> Iterator[tuple[int, Iterable[Span]]]:
    """The spans that share some time with the window, in order, camera by camera."""
    spans = HealthSpan.objects.filter(began_at__lt=end)
    spans = spans.filter(Q(ended_at=None) | Q(ended_at__gt=begin))
    if cameras is not None:
        spans = spans.filter(camera__in=cameras)
    rows = spans.order_by("camera_id", "began_at", "pk").values_list(
        "camera_id", "verdict", "began_at", "ended_at", "camera__health__probed_at"
    )
    for key, members in groupby(rows.iterator(), key=lambda row: row[0]):
        yield key, _closed(members)


def _without(since: datetime, until: datetime, works: Iterable[Window]) -> list[Window]:
    """What is left of a stretch when planned work, in order, is taken out of it."""
    left = []
    for began, ended in works:
        if since < min(began, until):
            left.append((since, min(began, until)))
        since = max(since, min(ended, until))
    return [*left, (since, until)] if since < until else left


def _closed(
    rows: Iterable[tuple[int, str, datetime, datetime | None, datetime | None]],
) -> Iterable[Span]:
    """Spans with an end: the open one lasts until the camera's last probe."""
    for _camera_id, verdict, began, ended, probed in rows:
        yield verdict, began, ended or probed or began


def _merged(windows: Iterable[Window], begin: datetime, end: datetime) -> list[Window]:
    """The windows within these bounds, in order, without overlaps."""
    merged: list[Window] = []
    for since, until in sorted((max(since, begin), min(until, end)) for since, until in windows):
        if until <= since:
            continue
        if merged and since <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(until, merged[-1][1]))
        else:
            merged.append((since, until))
    return merged


def _shared(works: list[Window], since: datetime, until: datetime) -> timedelta:
    if not works:
        return _NONE
    return sum((max(_NONE, min(until, ended) - max(since, began)) for began, ended in works), _NONE)
