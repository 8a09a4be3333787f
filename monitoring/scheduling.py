"""Scheduling: which cameras are due, cut into batches, each claimed before it is sent.

1. Every monitored camera without a health row gets one; its first probe is due at once, new
   cameras spread over a few seconds.
2. Due cameras are taken, the longest overdue first; known-dead ones apart from live ones.
3. A batch is claimed by one conditional UPDATE: its cameras get the batch's mark, and their next
   probe becomes due one interval later. Two schedulers cannot both get a camera.
4. The batch is sent as one message that expires before those cameras are due again. If it is
   lost anywhere on its way, that next turn makes up for it.
"""

import logging
import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from django.conf import settings
from django.utils import timezone

from cameras.models import Camera
from monitoring.marks import new_mark
from monitoring.models import CameraHealth
from monitoring.verdicts import Verdict

log = logging.getLogger(__name__)

LIVE_QUEUE = "probe"
DEAD_QUEUE = "probe-dead"
# The first probes of many new cameras do not start at one moment.
_SPREAD_SECONDS = 10
_GOLDEN = 0.6180339887  # multiples of it, modulo 1, fill the spread evenly in any number


@dataclass(frozen=True)
class Batch:
    """Cameras claimed together; `mark` is the claim, `queue` the lane."""

    mark: uuid.UUID
    camera_ids: list[int]
    queue: str
    expires_s: int


Send = Callable[[Batch], None]


def dispatch_due(send: Send) -> int:
    """Claim and send every batch that is due; the number of cameras sent.

    When a batch cannot be sent, its cameras are given back, due at once, and the error is raised.
    """
    now = timezone.now()
    add_new(now)
    sent = 0
    for lane in _lanes(now):
        for batch in _claimed(lane, now):
            try:
                send(batch)
            except Exception:
                CameraHealth.objects.filter(claim=batch.mark).update(claim=None, due_at=now)
                raise
            sent += len(batch.camera_ids)
    return sent


def add_new(now: datetime) -> int:
    """Give every monitored camera a health row; the number of those that had none."""
    new = Camera.objects.monitored().filter(health=None).values_list("pk", flat=True)
    rows = [
        CameraHealth(
            camera_id=pk, due_at=now + timedelta(seconds=pk * _GOLDEN % 1 * _SPREAD_SECONDS)
        )
        for pk in new
    ]
    CameraHealth.objects.bulk_create(rows, ignore_conflicts=True, batch_size=1000)
    return len(rows)


def make_due(camera_ids: list[int]) -> int:
    """Have these cameras probed at the next dispatch; how many of them are monitored."""
    return CameraHealth.objects.filter(pk__in=camera_ids, camera__is_monitored=True).update(
        due_at=timezone.now()
    )


@dataclass(frozen=True)
class _Lane:
    """Due cameras that may share a batch."""

    queue: str
    interval_s: int
    camera_ids: list[int]


def _lanes(now: datetime) -> Iterator[_Lane]:
    due = CameraHealth.objects.due(now).values_list(
        "camera_id", "verdict", "camera__interval_seconds"
    )

    def lane(row: tuple[int, str, int | None]) -> tuple[str, int]:
        _, verdict, interval_s = row
        queue = DEAD_QUEUE if verdict == Verdict.OFFLINE else LIVE_QUEUE
        return queue, interval_s or settings.PROBE_INTERVAL_SECONDS

    # Sorting is stable: within a lane the longest overdue stay first.
    for (queue, interval_s), rows in groupby(sorted(due, key=lane, reverse=True), key=lane):
        yield _Lane(queue, interval_s, [row[0] for row in rows])


def _claimed(lane: _Lane, now: datetime) -> Iterator[Batch]:
    for camera_ids in _cut(lane.camera_ids, settings.PROBE_BATCH_SIZE):
        mark = new_mark(now)
        claimed = CameraHealth.objects.filter(pk__in=camera_ids, due_at__lte=now).update(
            claim=mark, due_at=now + timedelta(seconds=lane.interval_s)
        )
        if claimed < len(camera_ids):  # another scheduler was quicker with some of them
            ours = set(
                CameraHealth.objects.filter(pk__in=camera_ids, claim=mark).values_list(
                    "pk", flat=True
                )
            )
            camera_ids = [pk for pk in camera_ids if pk in ours]
        if camera_ids:
            yield Batch(mark, camera_ids, lane.queue, lane.interval_s)


def _cut(ids: list[int], size: int) -> Iterable[list[int]]:
    return (ids[start : start + size] for start in range(0, len(ids), size))
