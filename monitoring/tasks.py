"""Celery's side of monitoring: each task is a call of one deed."""

import uuid

from celery import shared_task
from django.utils import timezone

from monitoring import pulse
from monitoring.probing import probe_batch
from monitoring.scheduling import Batch, dispatch_due

# A batch ends by itself within a probe's limits; a child that hangs in native code is killed.
_BATCH_SECONDS = 90


@shared_task(name="monitoring.dispatch")
def dispatch() -> int:
    """Send out the batches that are due."""
    pulse.beat(timezone.now())
    return dispatch_due(_send)


@shared_task(name="monitoring.probe", time_limit=_BATCH_SECONDS)
def probe(mark: str, camera_ids: list[int]) -> int:
    """Probe one batch."""
    return probe_batch(uuid.UUID(mark), camera_ids)


def _send(batch: Batch) -> None:
    probe.apply_async(
        (str(batch.mark), batch.camera_ids), queue=batch.queue, expires=batch.expires_s
    )
