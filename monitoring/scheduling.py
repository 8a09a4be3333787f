"""Scheduling: which cameras are due, cut into batches, each claimed before it is sent.

1. Every monitored camera without a health row gets one; its first probe is due at once, new
   cameras spread over a few seconds.
2. Due cameras are taken, the longest overdue first; known-dead ones apart from live ones, those
   of each worker zone apart, and those whose probing process died in small batches (isolation.py).
3. A batch is claimed by one conditional UPDATE: its cameras get the batch's mark, and their next
   turn, each at its own place in its interval (pace.py). Two schedulers cannot both get a camera.
4. The batch is sent as one message that expires before the first of its cameras is due again. If
   it is lost anywhere on its way, that next turn makes up for it.

What one dispatch does depends on how many cameras are due, not on how many there are.
"""

import logging
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import DateTimeField, F
from django.db.models.expressions import RawSQL
from django.db.models.functions import Greatest
from django.utils import timezone

from cameras.models import Camera, Uplink
from monitoring import pace
from monitoring.isolation import batch_size
from monitoring.marks import new_mark
from monitoring.models import CameraHealth

log = logging.getLogger(__name__)

LIVE_QUEUE = "probe"
DEAD_QUEUE = "probe-dead"
# A connection test is so cheap that more of the dead fit into one message.
DEAD_BATCHES = 4
# One dispatch claims at most so many; after a standstill the next ones go on.
MOST_AT_ONCE = 2000
# The first probes of many new cameras do not start at one moment.
_SPREAD_SECONDS = 10


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
    sent = 0
    for batch in _claimed(_due(now), now):
        try:
            send(batch)
        except Exception:
            CameraHealth.objects.filter(pk__in=batch.camera_ids, claim=batch.mark).update(
                claim=None, due_at=now
            )
            raise
        sent += len(batch.camera_ids)
    return sent


def add_new(now: datetime) -> int:
    """Give every monitored camera a health row; the number of those that had none."""
    new = Camera.objects.monitored().filter(health=None).values_list("pk", flat=True)
    rows = [
        CameraHealth(camera_id=pk, due_at=pace.first_turn(pk, now, _SPREAD_SECONDS)) for pk in new
    ]
    CameraHealth.objects.bulk_create(rows, ignore_conflicts=True, batch_size=1000)
    return len(rows)


def make_due(camera_ids: list[int]) -> int:
    """Have these cameras probed at the next dispatch; how many of them are monitored."""
    return CameraHealth.objects.filter(pk__in=camera_ids, camera__is_monitored=True).update(
        due_at=timezone.now()
    )


def look_closely(camera_ids: Iterable[int]) -> int:
    """Have these cameras probed by a burst at the next dispatch; how many of them are monitored.

    Their healthy probes in a row are counted from that one on. Runs in the caller's transaction.
    """
    with transaction.atomic():
        rows = CameraHealth.objects.filter(pk__in=camera_ids, camera__is_monitored=True)
        # In the order in which recording locks them, so that neither blocks the other for good.
        rows = rows.select_for_update(of=("self",)).order_by("pk")
        keys = [row.pk for row in rows.only("pk")]
        return CameraHealth.objects.filter(pk__in=keys).update(
            close_look=True, healthy_in_row=0, due_at=timezone.now()
        )


def follow_the_clock(now: datetime, set_back: timedelta) -> int:
    """Move the turns of all cameras by as much as the clock was set back; how many moved.

    Without that, nobody would be probed until the clock is again where it was.
    """
    ahead = CameraHealth.objects.filter(due_at__gt=now)
    return ahead.update(due_at=Greatest(F("due_at") - set_back, now))


def queue_in(zone: str, queue: str) -> str:
    """The queue of a lane in a worker zone; "" is the zone of everything that has none."""
    return f"{queue}.{zone}" if zone else queue


@dataclass(frozen=True)
class _Due:
    """A camera whose turn it is: where it travels, in batches of which size, and its next turn."""

    camera_id: int
    queue: str
    size: int
    next_at: datetime


def _due(now: datetime) -> list[_Due]:
    rows = list(
        CameraHealth.objects.due(now, pace.limits().longest_s).values_list(
            "camera_id",
            "verdict",
            "reason",
            "suspected_probes",
            "span_probes",
            "attempts",
            "alone_probes",
            "camera__interval_seconds",
            "camera__site__importance",
            "camera__uplink_id",
        )[:MOST_AT_ONCE]
    )
    zones = Uplink.objects.zones({row[-1] for row in rows if row[-1] is not None})
    by = pace.by_settings()
    due = []
    for pk, verdict, reason, suspected, probes, attempts, alone, own_s, importance, uplink in rows:
        turn_s = by.turn_s(by.interval_s(own_s, importance), verdict, reason, probes)
        # One that may be coming back is looked at among the living; one that kills the process
        # that probes it, or keeps it busy until it is killed, is not.
        is_dead = bool(alone) or (pace.is_dead(verdict, reason) and not suspected)
        usual = settings.PROBE_BATCH_SIZE * (DEAD_BATCHES if is_dead else 1)
        queue = queue_in(zones.get(uplink, ""), DEAD_QUEUE if is_dead else LIVE_QUEUE)
        size = batch_size(usual, attempts, alone)
        due.append(_Due(pk, queue, size, pace.next_turn(pk, turn_s, now)))
    return due


def _claimed(due: list[_Due], now: datetime) -> Iterator[Batch]:
    lanes: dict[tuple[str, int], list[_Due]] = defaultdict(list)
    for each in due:  # the longest overdue stay first
        lanes[each.queue, each.size].append(each)
    for (queue, size), members in lanes.items():
        for start in range(0, len(members), size):
            if batch := _claim(members[start : start + size], queue, now):
                yield batch


def _next_turns(members: list[_Due]) -> RawSQL:
    """A value of its own for each row; Django's Case and When would cost ten times as much."""
    adapt = connection.ops.adapt_datetimefield_value
    values = [value for each in members for value in (each.camera_id, adapt(each.next_at))]
    choices = "WHEN %s THEN %s " * len(members)
    return RawSQL(f"CASE camera_id {choices} END", values, DateTimeField())  # noqa: S611


def _claim(members: list[_Due], queue: str, now: datetime) -> Batch | None:
    """The batch of those that no other scheduler has taken; None when there are none."""
    mark = new_mark(now)
    ids = [each.camera_id for each in members]
    claimed = CameraHealth.objects.filter(pk__in=ids, due_at__lte=now).update(
        claim=mark, due_at=_next_turns(members)
    )
    if claimed < len(ids):  # another scheduler was quicker with some of them
        ours = CameraHealth.objects.filter(pk__in=ids, claim=mark)
        held = set(ours.values_list("pk", flat=True))
        ids = [pk for pk in ids if pk in held]
    if not ids:
        return None
    soonest = min(each.next_at for each in members)
    return Batch(mark, ids, queue, max(1, int((soonest - now).total_seconds())))
