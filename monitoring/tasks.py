"""Celery's side of monitoring: each task is a call of one deed."""

import logging
import math
import uuid
from typing import Any

from billiard.exceptions import TimeLimitExceeded, WorkerLostError
from celery import shared_task
from celery.signals import task_failure
from django.conf import settings
from django.utils import timezone

from cameras.audit.recording import forget_old
from cameras.importing.keeping import sweep as sweep_imports
from monitoring import (
    aftermath,
    alarms,
    area_days,
    isolation,
    outages,
    pulse,
    retention,
    scheduling,
    uplinks,
)
from monitoring.probing import longest_s, probe_batch
from monitoring.scheduling import DEAD_BATCHES, DEAD_QUEUE, Batch, dispatch_due

log = logging.getLogger(__name__)


@shared_task(name="monitoring.dispatch")
def dispatch() -> int:
    """Send out the batches that are due."""
    now = timezone.now()
    pulse.beat(now)
    if set_back := pulse.clock_set_back(now):
        log.warning("The clock has been set back by %s; all turns follow it", set_back)
        scheduling.follow_the_clock(now, set_back)
        uplinks.follow_the_clock(now, set_back)
    return dispatch_due(_send)


@shared_task(name="monitoring.enrol")
def enrol() -> int:
    """Take up new cameras and uplinks; have the uplinks that are due tested."""
    now = timezone.now()
    new = scheduling.add_new(now) + uplinks.add_new(now)
    uplinks.dispatch_due(_send_uplinks)
    return new


@shared_task(name="monitoring.probe")
def probe(mark: str, camera_ids: list[int], knock_first: bool = False) -> int:
    """Probe one batch."""
    return probe_batch(uuid.UUID(mark), camera_ids, knock_first)


@shared_task(name="monitoring.probe_uplinks")
def probe_uplinks(mark: str, uplink_ids: list[int]) -> int:
    """Test one batch of uplinks."""
    return uplinks.probe(uuid.UUID(mark), uplink_ids)


@shared_task(name="monitoring.give_back")
def give_back(mark: str, camera_ids: list[int], problem: str, died: bool) -> int:
    """See to what is left of a batch that did not come to its end."""
    return aftermath.give_back(uuid.UUID(mark), camera_ids, problem, died)


@shared_task(name="monitoring.alarms")
def settle_alarms() -> dict[str, int]:
    """Recognise and end outages; make up for alarms that were held back."""
    now = timezone.now()
    return {
        "outages": outages.recognise(now),
        "over": outages.settle(now),
        "made_up": alarms.make_up(now),
    }


@shared_task(name="monitoring.sweep")
def sweep() -> dict[str, int]:
    """Find what was lost, and throw away what is no longer needed."""
    now = timezone.now()
    longest = longest_s(settings.PROBE_BATCH_SIZE * DEAD_BATCHES)
    return {
        "reclaimed": isolation.reclaim_lost(now, longest),
        "pruned": retention.prune(now),
        "orphans": retention.sweep_orphans(now),
        "forgotten": forget_old(now),
        "imports": sweep_imports(),
    }


@shared_task(name="monitoring.area_days")
def measure_area_days() -> int:
    """Work out the uptime of areas by day, where it is missing or out of date."""
    return area_days.measure_due(timezone.now())


@task_failure.connect(sender=probe)
def _batch_failed(exception: BaseException, args: Any, **_: Any) -> None:
    """A batch ended with an error, or its process died: then this runs in the main process.

    That process must not wait for the database, so it only sends word.
    """
    died = isinstance(exception, WorkerLostError | TimeLimitExceeded)
    mark, camera_ids, *_rest = args
    try:
        give_back.delay(mark, camera_ids, _in_words(exception), died)
    except Exception:
        log.exception("Nobody could be told of a failed batch; its cameras wait for the sweep")


def _in_words(exception: BaseException) -> str:
    if isinstance(exception, TimeLimitExceeded):
        return f"it was killed because it had not ended after {exception.args[0]} s"
    return f"{type(exception).__name__}: {exception}"


def _send(batch: Batch) -> None:
    probe.apply_async(
        (str(batch.mark), batch.camera_ids, batch.queue.startswith(DEAD_QUEUE)),
        queue=batch.queue,
        expires=batch.expires_s,
        # A child that hangs in native code is killed.
        time_limit=math.ceil(longest_s(len(batch.camera_ids))),
    )


def _send_uplinks(batch: Batch) -> None:
    probe_uplinks.apply_async(
        (str(batch.mark), batch.camera_ids), queue=batch.queue, expires=batch.expires_s
    )
