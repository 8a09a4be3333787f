"""Alarms that were held back: made up for when the reason to hold them back is gone.

While a camera flaps, or while work on it is planned, no incident of it is begun (chronicle.py).
Once it has settled, or the work is over, what is still bad begins its incident here, and what
recovered while it flapped ends. Rows are all that this remembers: it asks for faulty cameras
without an incident, and for incidents of healthy cameras.
"""

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef

from monitoring import planned
from monitoring.chronicle import after, before, begun, fault, held_back, keep
from monitoring.models import CameraHealth, Incident
from monitoring.verdicts import Verdict

# A run does at most so much; the next one goes on.
_MOST_AT_ONCE = 500


def make_up(now: datetime) -> int:
    """Begin and end the incidents that were held back and no longer are; how many."""
    return _begin(now) + _end()


def _begin(now: datetime) -> int:
    running = Incident.objects.running().filter(camera=OuterRef("pk"))
    waiting = (
        CameraHealth.objects.faulty()
        .filter(~Exists(running), is_flapping=False, camera__is_monitored=True)
        .exclude(since=None)
    )
    if covered := planned.cover(now):
        waiting = waiting.exclude(camera__in=covered.cameras)
        waiting = waiting.exclude(camera__site__in=covered.sites)
        waiting = waiting.exclude(camera__uplink__isnull=False, camera__uplink__in=covered.uplinks)
        waiting = waiting.exclude(camera__site__area__in=covered.areas)
    keys = list(waiting.order_by("since").values_list("pk", flat=True)[:_MOST_AT_ONCE])
    if not keys:
        return 0
    with transaction.atomic():
        rows = list(
            # Asked again under the lock that recording takes, too.
            CameraHealth.objects.faulty()
            .select_for_update(of=("self",))
            .filter(~Exists(running), pk__in=keys, is_flapping=False, camera__is_monitored=True)
            .select_related("camera__site")
            .order_by("pk")
        )
        held = held_back(rows)
        rows = [row for row in rows if row.pk not in held]
        starts = _starts(rows, now)
        new = [begun(row, starts[row.pk]) for row in rows]
        Incident.objects.bulk_create(new, batch_size=200)
        evidence = []
        for row, incident in zip(rows, new, strict=True):
            at, since = row.faulty_picture_at, row.since
            evidence += before(incident, row)
            evidence += fault(incident, row, bool(at and since and at >= since))
        keep(evidence)
    return len(new)


def _starts(rows: list[CameraHealth], now: datetime) -> dict[int, datetime]:
    """When each incident began: with its fault, but not before planned work on it was over."""
    since = {row.pk: row.since for row in rows if row.since}
    if not since:
        return {}
    starts = dict(since)
    for key, windows in planned.windows(min(since.values()), now, list(since)).items():
        ends = [end for _begin, end in windows if end > since[key]]
        starts[key] = max([since[key], *ends])
    return starts


def _end() -> int:
    with transaction.atomic():
        over = {
            row.pk: row
            for row in CameraHealth.objects.select_for_update(of=("self",))
            .filter(verdict=Verdict.HEALTHY, is_flapping=False)
            .filter(Exists(Incident.objects.running().filter(camera=OuterRef("pk"))))
            .order_by("pk")[:_MOST_AT_ONCE]
        }
        if not over:
            return 0
        ended = list(Incident.objects.running().filter(camera__in=over))
        evidence = []
        for incident in ended:
            assert incident.camera_id is not None
            row = over[incident.camera_id]
            incident.ended_at = max(row.since or incident.began_at, incident.began_at)
            at = row.healthy_picture_at
            evidence += after(incident, row, bool(at and at >= incident.ended_at))
        Incident.objects.bulk_update(ended, ["ended_at"], batch_size=200)
        keep(evidence)
    return len(ended)
