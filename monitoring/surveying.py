"""Surveying: every monitored camera looked through now, side by side, nothing written.

For a person who wants to know how things stand without waiting for a round, or whether cameras
can be reached from here before they are left to the workers.
"""

import logging
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from itertools import islice

from django.core.exceptions import ImproperlyConfigured
from django.db.models import Q

from cameras.models import Area, Camera
from cameras.trees import Tree
from monitoring.examining import Observation, Target, examine
from monitoring.limits import Limits
from monitoring.probing import result_of, target_of_now

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Survey:
    """One camera and what was seen; None when it could not be probed: the log says why."""

    camera: Camera
    seen: Observation | None


def monitored(area: Area | None = None) -> list[Camera]:
    """The cameras that a survey looks through, those of an area with those of its parts."""
    chosen = (
        Camera.objects.monitored()
        .select_related("site__area", "health")
        .prefetch_related("references", "lessons")
        .order_by("code")
    )
    if area is not None:
        tree = Tree.of(Area.objects.order_by().values_list("pk", "parent"))
        chosen = chosen.filter(site__area__in=tree.below(area.pk))
    return list(chosen)


def find_area(words: str) -> Area | None:
    """The area of this code or name; None when there is none, or more than one."""
    found = Area.objects.filter(Q(code__iexact=words) | Q(name__iexact=words))[:2]
    return found[0] if len(found) == 1 else None


def survey(cameras: Iterable[Camera], limits: Limits, at_once: int) -> Iterator[Survey]:
    """Look through the cameras, at most `at_once` at a time, in the order in which they answer.

    Whoever stops asking for more stops the survey: what is under way ends by its own limits.
    """
    waiting: dict[Future[Observation], Camera] = {}
    rest = iter(cameras)
    pool = ThreadPoolExecutor(at_once, thread_name_prefix="survey")
    try:
        while True:
            for camera in islice(rest, at_once - len(waiting)):
                if (target := _target(camera)) is None:
                    yield Survey(camera, None)
                else:
                    waiting[pool.submit(examine, target, limits)] = camera
            if not waiting:
                return
            done, _pending = wait(waiting, return_when=FIRST_COMPLETED)
            for future in done:
                yield Survey(waiting.pop(future), result_of(future))
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _target(camera: Camera) -> Target | None:
    try:
        return target_of_now(camera)
    except ImproperlyConfigured as error:  # its password's key is lost
        log.error("Camera %s cannot be probed: %s", camera.code, error)
        return None
