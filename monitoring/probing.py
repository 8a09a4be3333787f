"""Probing: a claimed batch of cameras, examined side by side and recorded as they come in."""

import logging
import math
import time
import uuid
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import UTC, datetime

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from cameras.models import Camera
from monitoring import isolation, pace
from monitoring.examining import Observation, Target, examine, offline
from monitoring.grabbing import Source
from monitoring.grabbing.knock import knock
from monitoring.models import CameraHealth
from monitoring.recording import record
from monitoring.verdicts import Verdict

log = logging.getLogger(__name__)

# Results wait at most this long for others, so that a slow camera does not delay a quick one.
_FLUSH_SECONDS = 0.5
# For reading and writing rows on a busy machine.
_SLACK_SECONDS = 30


def sources_of(camera: Camera) -> tuple[Source, ...]:
    """Where its picture can be had, the cheapest first."""
    return tuple(Source(address, camera.username, camera.password) for address in camera.addresses)


def longest_s(cameras: int) -> float:
    """Seconds after which a batch of so many cameras hangs, and its process is to be killed."""
    return pace.limits().longest_s * math.ceil(cameras / settings.PROBE_BATCH_SIZE) + _SLACK_SECONDS


def probe_batch(mark: uuid.UUID, camera_ids: Iterable[int], knock_first: bool = False) -> int:
    """Examine the cameras that the batch still has the claim on; how many were recorded.

    With `knock_first`, for cameras that are known to be dead, all are tried with a plain
    connection at once, and only those that answer are examined.
    """
    camera_ids = list(camera_ids)
    if not isolation.begin(mark, camera_ids):
        return 0
    rows = CameraHealth.objects.filter(pk__in=camera_ids, claim=mark).select_related("camera")
    targets = list(_targets(rows))
    silent: list[Observation] = []
    if knock_first:
        targets, silent = _knock(targets)
    recorded = record(mark, silent) if silent else 0
    return recorded + (_examine_all(mark, targets) if targets else 0)


def _knock(targets: list[Target]) -> tuple[list[Target], list[Observation]]:
    """Those that answer at their first address, and what is recorded of the others."""
    at = datetime.now(UTC)
    errors = knock([target.sources[0].address if target.sources else "" for target in targets])
    answering, silent = [], []
    for target, error in zip(targets, errors, strict=True):
        if error is None:
            answering.append(target)
        else:
            silent.append(offline(target, at, error))
    return answering, silent


def _examine_all(mark: uuid.UUID, targets: list[Target]) -> int:
    recorded = 0
    threads = min(len(targets), settings.PROBE_BATCH_SIZE)
    with ThreadPoolExecutor(threads, thread_name_prefix="probe") as pool:
        waiting: set[Future[Observation]] = {
            pool.submit(examine, target, pace.limits()) for target in targets
        }
        ready: list[Observation] = []
        flushed = time.monotonic()
        while waiting:
            done, waiting = wait(waiting, timeout=_FLUSH_SECONDS, return_when=FIRST_COMPLETED)
            ready += _results(done)
            if ready and (not waiting or time.monotonic() - flushed >= _FLUSH_SECONDS):
                recorded += record(mark, ready)
                ready, flushed = [], time.monotonic()
    return recorded


def _targets(rows: Iterable[CameraHealth]) -> Iterator[Target]:
    for row in rows:
        try:
            sources = sources_of(row.camera)
        except ImproperlyConfigured as error:  # its password's key is lost; the others go on
            log.error("Camera %s cannot be probed: %s", row.camera.code, error)
        else:
            yield Target(row.pk, sources, Verdict(row.verdict), bytes(row.trace), row.close_look)


def _results(done: Iterable[Future[Observation]]) -> list[Observation]:
    """What was observed. An error of ours is logged, and says nothing about the camera."""
    observations = []
    for future in done:
        try:
            observations.append(future.result())
        except Exception:
            log.exception("A camera could not be examined")
    return observations
