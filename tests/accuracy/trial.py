"""One camera's trial: it is learned while healthy, watched while healthy, and then broken."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import cv2
import numpy as np

from monitoring import health
from monitoring.examining import Observation, Target, examine
from monitoring.grabbing import Picture, Source
from monitoring.limits import Limits
from monitoring.memory import Memory
from monitoring.verdicts import Verdict
from tests.accuracy import plain
from tests.accuracy.results import CameraResult, FaultResult, HealthyResult
from tests.footage.cameras import FilmCamera
from tests.footage.faults import VARIANTS

__all__ = ["Watch", "try_camera", "watch_fault", "watch_healthy"]

RULES = health.Rules(confirm_after=3, recover_after=2, stale_after=timedelta(days=999))
LEARNED_PROBES = 12
# The hours of a light in Jakarta (UTC): 08.00 to 15.00 by day, 20.00 to 03.00 by night.
_BEGINS = {"day": 1, "rain": 1, "night": 13, "infrared": 13}
_HOURS = 7
_SOURCE = Source("rtsp://192.0.2.1/film")
MOST_FAULT_PROBES = 6  # at one a minute, as suspicions are probed


@dataclass
class Watch:
    """A camera as the database would remember it between probes."""

    camera: FilmCamera
    known: health.Health = field(default_factory=health.Health)
    memory: Memory = field(default_factory=Memory)
    trace: bytes = b""
    at: datetime | None = None

    def probe(
        self, number: int, seconds: float, fault: str = "", variant: str = ""
    ) -> tuple[Observation, list[Picture], list[health.Event]]:
        """One probe: what was found, the pictures it saw, and what followed."""
        self.at = self._next(seconds)
        suspicion = self.known.suspicion
        target = Target(
            1,
            (_SOURCE,),
            self.known.verdict,
            suspicion.verdict if suspicion else None,
            self.trace,
            self.memory,
        )
        grabber = self.camera.grabber(number, fault, variant)
        seen = examine(target, Limits(), grabber=grabber, at=self.at)
        self.known, events = health.step(self.known, seen.verdict, seen.reason, self.at, RULES)
        self.trace = seen.trace or self.trace
        if seen.learned is not None and self.known.suspicion is None:
            others = [one for one in self.memory.references if one.light != seen.learned.light]
            self.memory = Memory((*others, seen.learned))
        return seen, grabber.pictures[:1], events

    def _next(self, seconds: float) -> datetime:
        begins = _BEGINS[self.camera.light]
        if self.at is None:
            return datetime(2026, 11, 24, begins, tzinfo=UTC)
        at = self.at + timedelta(seconds=seconds)
        hour = (at.hour - begins) % 24
        return at if hour < _HOURS else at + timedelta(hours=24 - _HOURS)

    def copy(self) -> Watch:
        return replace(self)


def watch_healthy(watch: Watch, probes: int, keep_pictures: bool, first: int = 0) -> HealthyResult:
    """Probe on and on. The first LEARNED_PROBES count as well: no alarm then either."""
    result = HealthyResult()
    for number in range(first, first + probes):
        seen, pictures, events = watch.probe(number, 300)
        result.probes += 1
        if keep_pictures:
            result.pictures += [_small(picture) for picture in pictures]
        if seen.verdict is not Verdict.HEALTHY:
            result.false_probes.append((number, seen.verdict, str(seen.measurements)))
        for event in events:
            if isinstance(event, health.Began) and event.verdict.is_faulty:
                result.false_alarms.append((number, event.verdict))
    return result


def _small(picture: Picture) -> Picture:
    """Enough for the plain tools; a thousand whole ones would not fit into memory."""
    small = cv2.resize(picture.bgr, plain.SIZE, interpolation=cv2.INTER_AREA)
    bgr = np.asarray(small, np.uint8)
    return replace(picture, colour=lambda: bgr, luma=picture.luma[:1, :1].copy(), jpeg=None)


def watch_fault(learned: Watch, fault: str, variant: str, probes: int) -> FaultResult:
    """Break a camera that has been learned, and probe until something is confirmed."""
    watch = learned.copy()
    verdicts: list[Verdict] = []
    measurements: dict[str, float | str] = {}
    for number in range(MOST_FAULT_PROBES):
        seen, _pictures, _events = watch.probe(probes + number, 60, fault, variant)
        verdicts.append(seen.verdict)
        measurements = seen.measurements
        if watch.known.verdict.is_faulty:
            break
    also = _ALSO.get((fault, variant), frozenset())
    if fault == "covered" and learned.camera.light in ("night", "infrared"):
        also |= {Verdict.BLACK}  # at night little light comes past what covers a lens
    return FaultResult(fault, variant, verdicts, watch.known.verdict, measurements, also)


# A key frame that lost a tenth of its bytes may have nothing left that decodes.
_ALSO = {("corrupt", "lost-bytes"): frozenset({Verdict.OFFLINE})}
_STANDING_ONLY = ("moved", "defocused", "covered", "frozen")


def try_camera(job: tuple[FilmCamera, int, bool]) -> CameraResult:
    """The whole trial of one camera: (camera, healthy probes, with the plain tools)."""
    camera, probes, with_plain = job
    learned = Watch(camera)
    healthy = watch_healthy(learned, LEARNED_PROBES, with_plain)
    result = CameraResult(camera.name, healthy)
    if not camera.clip.stands:  # moved about from the first, it may have been called moved
        learned.known = health.Health(Verdict.HEALTHY, since=learned.at, probed_at=learned.at)
    for fault, variants in VARIANTS.items():
        if fault in _STANDING_ONLY and not camera.clip.stands:
            continue
        for variant in variants:
            result.faults.append(watch_fault(learned, fault, variant, LEARNED_PROBES))
            if with_plain:
                _count_found(result, learned, fault, variant, healthy.pictures[-3:])
    if camera.clip.stands:
        more = watch_healthy(learned, probes - LEARNED_PROBES, with_plain, LEARNED_PROBES)
        healthy.add(more)
    else:  # it has no view of its own: its being moved about is no false alarm
        healthy = result.healthy = HealthyResult()
    if with_plain:
        for tool, wrong in plain.alarms(healthy.pictures).items():
            result.plain_false[tool] += sum(wrong)
            result.plain_alarms[tool] += _confirmed(wrong)
    healthy.pictures = []
    return result


def _count_found(
    result: CameraResult, learned: Watch, fault: str, variant: str, before: list[Picture]
) -> None:
    grabbed = [
        learned.camera.grabber(LEARNED_PROBES + number, fault, variant).shoot(range(1))
        for number in range(3)
    ]
    pictures = [one[0] for one in grabbed if one]
    for tool, wrong in plain.alarms(before + pictures).items():
        result.plain_found[tool, fault] += len(pictures) == 3 and all(wrong[-2:])


def _confirmed(wrong: list[bool]) -> int:
    """How often an alarm would have been raised: at the third wrong picture in a row."""
    alarms = run = 0
    for each in wrong:
        run = run + 1 if each else 0
        alarms += run == RULES.confirm_after
    return alarms
