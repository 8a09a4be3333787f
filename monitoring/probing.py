"""Probing: a claimed batch of cameras, examined side by side and recorded as they come in."""

import logging
import time
import uuid
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from cameras.models import Camera
from monitoring.examining import Limits, Observation, Target, examine
from monitoring.grabbing import Source
from monitoring.models import CameraHealth
from monitoring.recording import record
from monitoring.verdicts import Verdict

log = logging.getLogger(__name__)

# Results wait at most this long for others, so that a slow camera does not delay a quick one.
_FLUSH_SECONDS = 0.5


def limits() -> Limits:
    """How long a probe may take, by the settings."""
    return Limits(settings.PROBE_TIMEOUT_SECONDS, settings.PROBE_BURST_SECONDS)


def sources_of(camera: Camera) -> tuple[Source, ...]:
    """Where its picture can be had, the cheapest first."""
    return tuple(Source(address, camera.username, camera.password) for address in camera.addresses)


def probe_batch(mark: uuid.UUID, camera_ids: Iterable[int]) -> int:
    """Examine the cameras that the batch still has the claim on; how many were recorded."""
    rows = CameraHealth.objects.filter(pk__in=list(camera_ids), claim=mark).select_related("camera")
    targets = list(_targets(rows))
    if not targets:
        return 0
    recorded = 0
    with ThreadPoolExecutor(len(targets), thread_name_prefix="probe") as pool:
        waiting: set[Future[Observation]] = {
            pool.submit(examine, target, limits()) for target in targets
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
            yield Target(row.pk, sources, Verdict(row.verdict), bytes(row.trace))


def _results(done: Iterable[Future[Observation]]) -> list[Observation]:
    """What was observed. An error of ours is logged, and says nothing about the camera."""
    observations = []
    for future in done:
        try:
            observations.append(future.result())
        except Exception:
            log.exception("A camera could not be examined")
    return observations
