"""What waiting costs: for how long cameras were faulty while their tickets waited for a package.

Exact arithmetic over health spans, as for uptime: time in which a camera was not monitored counts
as neither. The unit is the camera-day, 24 hours of one camera.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F, Q

from cameras.models import SiteKind
from maintenance.models import Package, PackageTicket, RepairWork
from monitoring.verdicts import Verdict

__all__ = ["Cost", "Fault", "Window", "cost", "costs_of", "merged"]

Window = tuple[datetime, datetime]  # from, until (exclusive)
_DAY = timedelta(days=1)
_FAULTY = [str(verdict) for verdict in Verdict if verdict.is_faulty]


@dataclass(frozen=True)
class Fault:
    """A stretch in which one camera was faulty while its ticket waited."""

    camera_id: int
    is_floodgate: bool
    began: datetime
    ended: datetime


@dataclass(frozen=True)
class Cost:
    """Faulty time while waiting, and the part of it by which the procurement was late."""

    waiting: timedelta = timedelta()
    late: timedelta = timedelta()
    floodgates_waiting: timedelta = timedelta()
    floodgates_late: timedelta = timedelta()
    cameras: int = 0
    floodgate_cameras: int = 0

    @property
    def camera_days(self) -> float:
        return self.waiting / _DAY

    @property
    def late_camera_days(self) -> float:
        return self.late / _DAY

    @property
    def floodgate_days(self) -> float:
        return self.floodgates_waiting / _DAY

    @property
    def late_floodgate_days(self) -> float:
        return self.floodgates_late / _DAY


def cost(faults: Iterable[Fault], late: Iterable[Window]) -> Cost:
    """Sum up; a moment counts once per camera, however many of its faults or windows it is in."""
    by_camera: dict[tuple[int, bool], list[Window]] = defaultdict(list)
    for fault in faults:
        by_camera[fault.camera_id, fault.is_floodgate].append((fault.began, fault.ended))
    windows = merged(late)
    late_sums = dict.fromkeys((False, True), timedelta())
    sums = dict.fromkeys((False, True), timedelta())
    cameras = dict.fromkeys((False, True), 0)
    for (_camera, is_floodgate), stretches in by_camera.items():
        down = merged(stretches)
        if not down:
            continue
        cameras[is_floodgate] += 1
        sums[is_floodgate] += sum((end - begin for begin, end in down), timedelta())
        late_sums[is_floodgate] += _overlap(down, windows)
    return Cost(
        waiting=sums[False] + sums[True],
        late=late_sums[False] + late_sums[True],
        floodgates_waiting=sums[True],
        floodgates_late=late_sums[True],
        cameras=cameras[False] + cameras[True],
        floodgate_cameras=cameras[True],
    )


def costs_of(
    packages: Iterable[Package], late: Mapping[int, Sequence[Window]], now: datetime
) -> dict[int, Cost]:
    """The cost of each package by its id, until `now`; three queries for all of them.

    `late`: the windows by which each package is late, by its id. A ticket waits from joining until
    it leaves, or until its camera has recovered, whichever is sooner; for the ticket of an uplink,
    the cameras that its outage took wait. A camera that was replaced has waited as well: its ticket
    went on with the new one, what was recorded of it stayed with the old.
    """
    faults: dict[int, list[Fault]] = {package.pk: [] for package in packages}
    replaced = {"ticket__repairs__work": RepairWork.REPLACEMENT}
    for camera, only in (
        ("ticket__camera", {}),
        ("ticket__repairs__camera", replaced),
        ("ticket__links__incident__parts__camera", {}),
    ):
        for package_id, fault in _faults(list(faults), camera, only, now):
            faults[package_id].append(fault)
    return {pk: cost(faults[pk], late.get(pk, ())) for pk in faults}


def _faults(
    ids: list[int], camera: str, only: Mapping[str, str], now: datetime
) -> Iterator[tuple[int, Fault]]:
    """Faulty time of cameras that wait, each with its package; `camera` is the way to them."""
    spans = f"{camera}__spans__"
    rows = (
        PackageTicket.objects.filter(
            Q(**{f"{spans}ended_at": None}) | Q(**{f"{spans}ended_at__gt": F("joined_at")}),
            **{"package__in": ids, f"{spans}verdict__in": _FAULTY, f"{spans}began_at__lt": now},
            **only,
        )
        .order_by()
        .values_list(
            "package_id",
            "joined_at",
            "left_at",
            "ticket__recovered_at",
            f"{camera}__pk",
            f"{camera}__site__kind",
            f"{spans}began_at",
            f"{spans}ended_at",
            f"{camera}__health__probed_at",
        )
    )
    for package_id, joined, left, recovered, camera_id, kind, began, ended, probed in rows:
        # An open span lasts until the camera's last probe.
        until = min(moment for moment in (left, recovered, ended or probed, now) if moment)
        fault = Fault(camera_id, kind == SiteKind.FLOODGATE, max(began, joined), until)
        if fault.began < fault.ended:
            yield package_id, fault


def merged(windows: Iterable[Window]) -> list[Window]:
    """The same time without overlaps, in order; empty windows left out."""
    result: list[Window] = []
    for begin, end in sorted(windows):
        if begin >= end:
            continue
        if result and begin <= result[-1][1]:
            result[-1] = (result[-1][0], max(end, result[-1][1]))
        else:
            result.append((begin, end))
    return result


def _overlap(left: Sequence[Window], right: Sequence[Window]) -> timedelta:
    """How long both last; each merged."""
    return sum(
        (
            max(min(end, other_end) - max(begin, other_begin), timedelta())
            for begin, end in left
            for other_begin, other_end in right
        ),
        timedelta(),
    )
