"""Uplinks' own addresses: tested by a plain connection, as often as the cameras are.

The same stages as for cameras, in small: due ones are claimed and sent, to the worker zone that
can reach them; the holder of the claim knocks and records. What follows from it is outages.py's.
"""

import logging
import uuid
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Greatest
from django.utils import timezone

from cameras.models import Uplink
from monitoring import health, pace
from monitoring.grabbing import GrabError
from monitoring.grabbing.knock import AT_ONCE, knock
from monitoring.marks import new_mark
from monitoring.models import UplinkHealth
from monitoring.models.known import MOST_DETAIL
from monitoring.recording import rules_for
from monitoring.scheduling import LIVE_QUEUE, Batch, queue_in
from monitoring.verdicts import Reason, Verdict

log = logging.getLogger(__name__)

_FIELDS = [*UplinkHealth.KNOWN_FIELDS]


def add_new(now: datetime) -> int:
    """Give every uplink with an address a health row, and take it from those without; how many."""
    UplinkHealth.objects.filter(uplink__address="").delete()
    new = Uplink.objects.exclude(address="").filter(health=None).values_list("pk", flat=True)
    rows = [UplinkHealth(uplink_id=pk, due_at=now) for pk in new]
    UplinkHealth.objects.bulk_create(rows, ignore_conflicts=True, batch_size=1000)
    return len(rows)


def follow_the_clock(now: datetime, set_back: timedelta) -> int:
    """Move the turns of all uplinks by as much as the clock was set back; how many moved."""
    ahead = UplinkHealth.objects.filter(due_at__gt=now)
    return ahead.update(due_at=Greatest(F("due_at") - set_back, now))


def dispatch_due(send: Callable[[Batch], None]) -> int:
    """Claim and send the uplinks that are due, a batch a worker zone; how many were sent.

    When a batch cannot be sent, its uplinks are given back, due at once, and the error is raised.
    """
    now = timezone.now()
    due = list(
        UplinkHealth.objects.filter(due_at__lte=now)
        .order_by("due_at")
        .values_list("pk", flat=True)[:AT_ONCE]
    )
    by_zone: dict[str, list[int]] = defaultdict(list)
    for key, zone in Uplink.objects.zones(due).items():
        by_zone[zone].append(key)
    sent = 0
    every_s = settings.PROBE_INTERVAL_SECONDS
    for zone, keys in by_zone.items():
        mark = new_mark(now)
        free = UplinkHealth.objects.filter(pk__in=keys, due_at__lte=now)
        if claimed := free.update(claim=mark, due_at=now + timedelta(seconds=every_s)):
            try:
                send(Batch(mark, keys, queue_in(zone, LIVE_QUEUE), every_s))
            except Exception:
                UplinkHealth.objects.filter(claim=mark).update(claim=None, due_at=now)
                raise
            sent += claimed
    return sent


def probe(mark: uuid.UUID, uplink_ids: list[int]) -> int:
    """Knock at the uplinks that the batch still has the claim on; how many were recorded."""
    held = UplinkHealth.objects.filter(pk__in=uplink_ids, claim=mark)
    addresses = dict(held.values_list("pk", "uplink__address"))
    at = datetime.now(UTC)
    found = dict(zip(addresses, knock(list(addresses.values())), strict=True))
    with transaction.atomic():
        rows = list(held.select_for_update(of=("self",)).select_related("uplink").order_by("pk"))
        for row in rows:
            _learn(row, found[row.pk], at)
        UplinkHealth.objects.bulk_update(rows, _FIELDS, batch_size=200)
    return len(rows)


def _learn(row: UplinkHealth, error: GrabError | None, at: datetime) -> None:
    verdict = Verdict.OFFLINE if error else Verdict.HEALTHY
    reason = error.reason if error else Reason.NONE
    every_s = settings.PROBE_INTERVAL_SECONDS
    known, events = health.step(row.known(), verdict, reason, at, rules_for(every_s))
    row.learn(known)
    row.claim = None
    row.detail = error.detail[:MOST_DETAIL] if error else ""
    now = timezone.now()
    row.due_at = pace.next_turn(row.pk, every_s, now)
    if known.suspicion:
        retry_s = min(settings.PROBE_RETRY_SECONDS, every_s)
        row.due_at = min(row.due_at, now + timedelta(seconds=retry_s))
    for event in events:
        if isinstance(event, health.Began):
            log.info("Uplink %s is %s %s", row.uplink.code, event.verdict, event.reason)
