"""The program's own pulse: does beat tick, are cameras probed in time, does probing stand still?

Questions only, asked of the database, so that any process can ask them: the web pages, the
watcher, the metrics. None of them is answered by the part that may have died.
"""

import socket
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count, Max, Min, Q

from cameras.models import Camera
from monitoring import pace
from monitoring.marks import marked_at, new_mark
from monitoring.models import CameraHealth, Heartbeat
from monitoring.models.health import CameraHealthQuerySet
from monitoring.verdicts import Verdict

# Written by a task that beat sends every two seconds and a worker runs: its age tells of beat,
# broker and worker at once.
DISPATCH = "dispatch"
# Even with intervals of some seconds, so long a silence may be a restart.
LEAST_SILENCE = timedelta(seconds=120)
# What is less than this heals by itself sooner than it is noticed.
_SET_BACK = timedelta(seconds=10)
# A camera is due at a moment; dispatch and worker need some more.
_GRACE = timedelta(seconds=30)
# Two probes of a camera lie at most one and a half intervals apart: so late, it has missed one.
_MISSED_TURNS = 2.5


def beat(now: datetime, name: str = DISPATCH) -> None:
    """Note that this part of the program does its work."""
    if not Heartbeat.objects.filter(pk=name).update(at=now):
        Heartbeat.objects.bulk_create([Heartbeat(name=name, at=now)], ignore_conflicts=True)


def clock_set_back(now: datetime) -> timedelta:
    """By how much this machine's clock has been set back since the last call; usually 0.

    Of several processes that find out at once, one is told.
    """
    name = f"clock:{socket.gethostname()}"[:40]  # each machine has a clock of its own
    last = Heartbeat.objects.filter(pk=name).values_list("at", flat=True).first()
    if last is None:
        beat(now, name)
        gone = Heartbeat.objects.filter(name__startswith="clock:")
        gone.filter(at__lt=now - timedelta(days=7)).delete()  # machines, and containers
        return timedelta(0)
    mine = Heartbeat.objects.filter(pk=name, at=last).update(at=now)
    set_back = last - now
    return set_back if mine and set_back > _SET_BACK else timedelta(0)


def beat_age(now: datetime, name: str = DISPATCH) -> timedelta | None:
    """How long ago it did; None when it never has."""
    at = Heartbeat.objects.filter(pk=name).values_list("at", flat=True).first()
    return None if at is None else max(now - at, timedelta(0))


@dataclass(frozen=True)
class Backlog:
    """Monitored cameras that are not known to be offline, against their turns.

    `overdue` of the `cameras` have missed a whole turn; `lag_s` is for how long the one that
    waits longest for its probe has been waiting, 0 when none waits.
    """

    cameras: int
    overdue: int
    lag_s: float


def backlog(now: datetime) -> Backlog:
    """How far probing is behind. Cameras known to be offline are probed more rarely on purpose."""
    cameras = overdue = 0
    # A group an interval, of which there are few: the database need not calculate with them.
    for interval_s, group in _by_interval():
        missed = now - timedelta(seconds=_MISSED_TURNS * interval_s)
        # One that is new has no last probe, but a moment at which its first one is due.
        is_overdue = Q(probed_at__lt=missed) | Q(probed_at=None, due_at__lt=missed)
        facts = group.aggregate(all=Count("pk"), late=Count("pk", filter=is_overdue))
        cameras += facts["all"]
        overdue += facts["late"]
    return Backlog(cameras, overdue, _lag(now).total_seconds())


def _lag(now: datetime) -> timedelta:
    """Until it is claimed a camera waits since its turn, and then since its claim."""
    first_due = _live().aggregate(first=Min("due_at"))["first"]
    waits_since = [first_due] if first_due is not None else []
    oldest = _live().exclude(claim=None).order_by("claim").values_list("claim", flat=True).first()
    if oldest is not None:
        waits_since.append(marked_at(oldest))
    return max((now - since for since in waits_since if since < now), default=timedelta(0))


def stands_still_since(now: datetime) -> datetime | None:
    """Since when nothing has been probed although cameras are due; None while all is well.

    One cheap question in the usual case: every page of the admin asks it.
    """
    silence = _silence(settings.PROBE_INTERVAL_SECONDS)
    monitored = CameraHealth.objects.filter(camera__is_monitored=True)
    if monitored.filter(probed_at__gt=now - silence).exists():
        return None
    return _standstill(now)


def _standstill(now: datetime) -> datetime | None:
    """The same in full, for when the last probe is long ago."""
    monitored = CameraHealth.objects.filter(camera__is_monitored=True)
    facts = monitored.aggregate(last=Max("probed_at"), first_due=Min("due_at"))
    if facts["first_due"] is None:
        return _never_scheduled(now)
    last: datetime = facts["last"] or facts["first_due"]
    if now - last <= _longest_silence():
        return None
    is_due = facts["first_due"] < now - _GRACE
    # A claim whose batch brings nothing back is no probe either.
    is_out = monitored.filter(claim__lt=new_mark(now - _GRACE)).exists()
    return last if is_due or is_out else None


def _longest_silence() -> timedelta:
    """For how long nothing at all need be probed, by the intervals that the cameras have."""
    seconds = [interval_s for interval_s, _group in _by_interval()]
    # Where every camera is known to be dead, that is how rarely one may be probed.
    return (
        _silence(min(seconds))
        if seconds
        else 2 * timedelta(seconds=settings.PROBE_BACK_OFF_SECONDS)
    )


def _never_scheduled(now: datetime) -> datetime | None:
    """Cameras that nobody has ever taken up: the part that does so has never run, or has died."""
    if not Camera.objects.monitored().exists():
        return None
    age = beat_age(now)
    return now - age if age is not None and age > LEAST_SILENCE else None


def _silence(interval_s: int) -> timedelta:
    return max(timedelta(seconds=3 * interval_s), LEAST_SILENCE)


def _by_interval() -> list[tuple[int, CameraHealthQuerySet]]:
    """Live cameras by the seconds between their probes."""
    by = pace.by_settings()
    kinds = _live().values_list("camera__interval_seconds", "camera__site__importance").distinct()
    return [
        (
            by.interval_s(own_s, importance),
            _live().filter(camera__interval_seconds=own_s, camera__site__importance=importance),
        )
        for own_s, importance in kinds.order_by()
    ]


def _live() -> CameraHealthQuerySet:
    return CameraHealth.objects.filter(camera__is_monitored=True).exclude(verdict=Verdict.OFFLINE)
