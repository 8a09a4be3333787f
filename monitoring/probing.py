"""Probing: a claimed batch of cameras, examined side by side and recorded as they come in."""

import logging
import math
import os
import threading
import uuid
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from cameras.addresses import AddressError, host_and_port
from cameras.models import Camera
from monitoring import heap, isolation, pace
from monitoring.daylight import JAKARTA
from monitoring.examining import Observation, Target, examine, offline
from monitoring.grabbing import GrabError, Source
from monitoring.grabbing.knock import knock
from monitoring.memory import Memory
from monitoring.models import CameraHealth
from monitoring.recording import record
from monitoring.verdicts import Because, Reason, Verdict

log = logging.getLogger(__name__)

# Results wait at most this long for others, so that a slow camera does not delay a quick one.
_FLUSH_SECONDS = 0.5
# A batch lasts as long as the slowest of its cameras, and a burst longer than everything else:
# those that are made to learn from, though nothing is suspected, come in one of so many batches,
# together. At most so many in one, for each holds a decoder (15 MB at 1080p) while it lasts.
_LEARNING_BATCHES, _LEARNERS = 3, 12
_KEYS_TRIED_AT = 100  # cameras
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
    connection at once, and only those that answer are examined. A camera whose password cannot be
    read is recorded as one that lets nobody in.
    """
    camera_ids = list(camera_ids)
    if not isolation.begin(mark, camera_ids):
        return 0
    rows = (
        CameraHealth.objects.filter(pk__in=camera_ids, claim=mark)
        .select_related("camera__site")
        .prefetch_related("camera__references", "camera__lessons")
    )
    may_learn = _allowance(mark)
    locked: list[Observation] = []
    targets = [replace(each, may_learn=may_learn) for each in _targets(rows, locked)]
    silent: list[Observation] = []
    if knock_first:
        targets, silent = _knock(targets)
    if locked and not _keys_fit():
        # It is the worker's keys that are wrong: that says nothing about the cameras.
        isolation.release(mark, [each.camera_id for each in locked], died=False)
        locked = []
    recorded = record(mark, locked + silent) if locked or silent else 0
    return recorded + (_examine_all(mark, targets) if targets else 0)


def _knock(targets: list[Target]) -> tuple[list[Target], list[Observation]]:
    """Those that answer at any of their addresses, and what is recorded of the others."""
    at = datetime.now(UTC)
    doors = [_doors(target) for target in targets]
    errors = iter(knock([door for each in doors for door in each]))
    answering, silent = [], []
    for target, own in zip(targets, doors, strict=True):
        first, *others = [next(errors) for _door in own]
        if first is None or None in others:
            answering.append(target)
        else:
            silent.append(offline(target, at, first))
    return answering, silent


def _doors(target: Target) -> list[str]:
    """An address for each host and port where the camera may be; one at least."""
    doors: dict[object, str] = {}
    for source in target.sources:
        try:
            door: object = host_and_port(source.address)
        except AddressError:  # what is wrong with it is said by whoever knocks
            door = source.address
        doors.setdefault(door, source.address)
    return list(doors.values()) or [""]


def _examine_all(mark: uuid.UUID, targets: list[Target]) -> int:
    recorded = 0
    pool = _threads(os.getpid(), settings.PROBE_BATCH_SIZE)
    waiting: set[Future[Observation]] = {
        pool.submit(examine, target, pace.limits()) for target in targets
    }
    try:
        while waiting:
            done, waiting = wait(waiting, timeout=_FLUSH_SECONDS)
            if ready := _results(done):
                recorded += record(mark, ready)
    finally:
        for each in waiting:  # of an error of ours; the next batch is to find the threads free
            each.cancel()
        wait(waiting)
        heap.give_back()
    return recorded


@lru_cache(maxsize=1)
def _threads(process: int, most: int) -> ThreadPoolExecutor:
    """This process's threads, kept from batch to batch: a new one costs as much as a row, and a
    heap of its own. Those of another process did not come along when it forked."""
    return ThreadPoolExecutor(most, thread_name_prefix="probe")


def _allowance(mark: uuid.UUID) -> Callable[[], bool]:
    """Asked by a camera that would learn from a burst: whether this batch has the time for it."""
    left = threading.Semaphore(0 if mark.int % _LEARNING_BATCHES else _LEARNERS)
    return lambda: left.acquire(blocking=False)


def _targets(rows: Iterable[CameraHealth], locked: list[Observation]) -> Iterator[Target]:
    """What is to be examined; what there is to say of cameras that cannot be goes to `locked`."""
    for row in rows:
        try:
            sources = sources_of(row.camera)
        except ImproperlyConfigured as error:  # its password's key is lost; the others go on
            log.error("Camera %s cannot be probed: %s", row.camera.code, error)
            locked.append(_without_password(row))
        else:
            yield target_of(row, sources)


def _keys_fit() -> bool:
    """Whether the passwords of other cameras can be read."""
    for camera in Camera.objects.exclude(username="").order_by("?")[:_KEYS_TRIED_AT]:
        try:
            if camera.password:
                return True
        except ImproperlyConfigured:
            continue
    return False


def _without_password(row: CameraHealth) -> Observation:
    problem = GrabError(Reason.UNAUTHORISED, "its password is kept under a key that is lost")
    return offline(target_of(row, ()), datetime.now(UTC), problem)


def target_of(row: CameraHealth, sources: tuple[Source, ...]) -> Target:
    """What the examination is to know of the camera; with references and lessons prefetched."""
    camera = row.camera
    references = (each.unpacked() for each in camera.references.all())
    accepted: dict[Because, float] = {}
    for lesson in camera.lessons.all():
        for test in lesson.tests if lesson.is_heeded else ():
            accepted[test] = max(accepted.get(test, 0.0), lesson.severity)
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
        row.close_look,
    )


def target_of_now(camera: Camera) -> Target:
    """The same for a look in between, of which nothing is written.

    A standing picture is looked for in a burst alone, and what is only suspected is left to the
    probes that can confirm it.
    """
    known = getattr(camera, "health", None) or CameraHealth(camera=camera)
    return replace(target_of(known, sources_of(camera)), trace=b"", suspected=None)


def _results(done: Iterable[Future[Observation]]) -> list[Observation]:
    return [found for each in done if (found := result_of(each)) is not None]


def result_of(future: Future[Observation]) -> Observation | None:
    """What was observed; None after an error of ours, which says nothing about the camera."""
    try:
        return future.result()
    except Exception:
        log.exception("A camera could not be examined")
        return None
