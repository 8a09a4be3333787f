"""Probing: a claimed batch of cameras, examined side by side and recorded as they come in."""

import logging
import time
import uuid
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from cameras.models import Camera
from monitoring.daylight import JAKARTA
from monitoring.examining import Limits, Observation, Target, examine
from monitoring.grabbing import Source
from monitoring.memory import Memory
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
    rows = (
        CameraHealth.objects.filter(pk__in=list(camera_ids), claim=mark)
        .select_related("camera__site")
        .prefetch_related("camera__references", "camera__lessons")
    )
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
            yield target_of(row, sources)


def target_of(row: CameraHealth, sources: tuple[Source, ...]) -> Target:
    """What the examination is to know of the camera; with references and lessons prefetched."""
    camera = row.camera
    references = (each.unpacked() for each in camera.references.all())
    accepted: dict[Verdict, float] = {}
    for lesson in camera.lessons.all():
        if lesson.is_heeded:
            verdict = Verdict(lesson.verdict)
            accepted[verdict] = max(accepted.get(verdict, 0.0), lesson.severity)
    site = camera.site
    known = site.latitude is not None and site.longitude is not None
    return Target(
        row.pk,
        sources,
        Verdict(row.verdict),
        Verdict(row.suspected_verdict) if row.suspected_verdict else None,
        bytes(row.trace),
        Memory(tuple(each for each in references if each is not None)),
        accepted,
        (float(site.latitude), float(site.longitude)) if known else JAKARTA,  # type: ignore[arg-type]
        camera.sees_at_night,
    )


def _results(done: Iterable[Future[Observation]]) -> list[Observation]:
    """What was observed. An error of ours is logged, and says nothing about the camera."""
    observations = []
    for future in done:
        try:
            observations.append(future.result())
        except Exception:
            log.exception("A camera could not be examined")
    return observations
