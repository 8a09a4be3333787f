"""Recording: what a batch found, written in one transaction.

Only the holder of a camera's claim may record, and the claim is gone afterwards: a batch that is
delivered twice, or that comes back after the cameras were given to another, changes nothing.
Rolling pictures are written before the transaction (they may be newer than the row for a moment),
evidence inside it (a file that no row names is swept up later).
"""

import logging
import uuid
from collections.abc import Iterable
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from cameras.bulk import update_each
from monitoring import flapping, health, isolation, pace, pictures
from monitoring.chronicle import Change, write_incidents, write_spans
from monitoring.examining import Observation
from monitoring.models import CameraHealth
from monitoring.models.health import MOST_DETAIL
from monitoring.references import remember
from monitoring.verdicts import Verdict

log = logging.getLogger(__name__)

_HEALTH_FIELDS = [
    *CameraHealth.KNOWN_FIELDS,
    "attempts",
    "alone_probes",
    "close_look",
    "healthy_in_row",
    "history",
    "is_flapping",
    "span_probes",
    "codec",
    "width",
    "height",
    "duration_ms",
    "measurements",
    "trace",
    "healthy_picture_at",
    "faulty_picture_at",
]


def record(mark: uuid.UUID, observations: Iterable[Observation]) -> int:
    """Write what the batch `mark` found; the number of cameras that it still had the claim on."""
    found = {each.camera_id: each for each in observations}
    held = set(CameraHealth.objects.filter(pk__in=found, claim=mark).values_list("pk", flat=True))
    kept = {pk for pk in held if _keep_picture(found[pk])}
    with transaction.atomic():
        rows = list(
            CameraHealth.objects.select_for_update(of=("self",))
            .filter(pk__in=held, claim=mark)
            .select_related("camera__site")
            .order_by("pk")  # in one order, so that two batches cannot block each other
        )
        before = [_values(row) for row in rows]
        changes: list[Change] = []
        by = pace.by_settings()
        for row in rows:
            changes += _learn(row, found[row.pk], row.pk in kept, by)
        if fields := _changed(rows, before):
            update_each(rows, fields)
        remember((row, found[row.pk]) for row in rows)
        write_spans(changes)
        write_incidents(changes)
    for change in changes:
        if isinstance(change.event, health.Began):
            event = change.event
            log.info("%s is %s %s", change.row.camera.code, event.verdict, event.reason)
    return len(rows)


def _values(row: CameraHealth) -> list[object]:
    return [getattr(row, field) for field in _HEALTH_FIELDS]


def _changed(rows: list[CameraHealth], before: list[list[object]]) -> list[str]:
    """The columns that changed in any of the rows: most do not, and each costs time."""
    pairs = [zip(old, _values(row), strict=True) for row, old in zip(rows, before, strict=True)]
    columns = zip(_HEALTH_FIELDS, zip(*pairs, strict=True), strict=True) if pairs else ()
    return [field for field, values in columns if any(old != new for old, new in values)]


def rules_for(turn_s: int) -> health.Rules:
    """The rules that settings give for what is probed every `turn_s` seconds."""
    return health.Rules(
        confirm_after=settings.CONFIRM_AFTER_PROBES,
        recover_after=settings.RECOVER_AFTER_PROBES,
        # Two turns lost, and a little: from then on we do not know.
        stale_after=timedelta(seconds=3 * turn_s),
    )


def _keep_picture(seen: Observation) -> bool:
    return seen.jpeg is not None and pictures.keep_latest(
        seen.camera_id, seen.verdict is Verdict.HEALTHY, seen.jpeg
    )


def _learn(row: CameraHealth, seen: Observation, picture_kept: bool, by: pace.Pace) -> list[Change]:
    """Change the row by one observation; what follows from it for spans and incidents."""
    interval_s = by.interval_s(row.camera.interval_seconds, row.camera.site.importance)
    turn_s = by.turn_s(interval_s, row.verdict, row.reason, row.span_probes)
    known, events = health.step(row.known(), seen.verdict, seen.reason, seen.at, rules_for(turn_s))
    changes = [Change(row, event, row.span_probes, picture_kept) for event in events]
    row.learn(known)
    row.span_probes = 1 if events else row.span_probes + 1
    row.claim = None
    now_s = by.turn_s(interval_s, row.verdict, row.reason, row.span_probes)
    if now_s < turn_s:  # its next turn was claimed while it still waited longer
        row.due_at = min(row.due_at, pace.next_turn(row.pk, now_s, timezone.now()))
    if known.suspicion:
        retry_s = min(settings.PROBE_RETRY_SECONDS, interval_s)
        row.due_at = min(row.due_at, timezone.now() + timedelta(seconds=retry_s))
    row.history = flapping.add(row.history, seen.verdict.is_faulty)
    row.is_flapping = flapping.is_flapping(row.is_flapping, row.history, _flapping_thresholds())
    _count_healthy(row, seen)
    row.attempts = 0
    row.alone_probes = isolation.alone_after(row.alone_probes, seen.verdict, seen.died)
    row.detail = seen.detail[:MOST_DETAIL]
    row.measurements = seen.measurements
    row.duration_ms = round(seen.timings_ms["total"]) if "total" in seen.timings_ms else None
    if seen.size:
        row.codec, (row.width, row.height), row.trace = seen.codec, seen.size, seen.trace
    if picture_kept and seen.verdict is Verdict.HEALTHY:
        row.healthy_picture_at = seen.at
    elif picture_kept:
        row.faulty_picture_at = seen.at
    return changes


def _count_healthy(row: CameraHealth, seen: Observation) -> None:
    """Count healthy probes in a row; while a close look is awaited, that one is the first."""
    row.close_look = row.close_look and not seen.close_look
    is_counted = seen.verdict is Verdict.HEALTHY and not row.close_look
    row.healthy_in_row = row.healthy_in_row + 1 if is_counted else 0


def _flapping_thresholds() -> flapping.Thresholds:
    return flapping.Thresholds(settings.FLAPPING_HIGH_PERCENT, settings.FLAPPING_LOW_PERCENT)
