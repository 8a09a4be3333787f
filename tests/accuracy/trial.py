"""One camera's trial: it is learned while healthy, watched while healthy, and then broken."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from monitoring import health
from monitoring.examining import Limits, Observation, Target, examine
from monitoring.grabbing import Picture, Source
from monitoring.memory import Memory
from monitoring.verdicts import Verdict
from tests.footage.cameras import FilmCamera

__all__ = ["FaultResult", "HealthyResult", "Watch", "watch_fault", "watch_healthy"]

RULES = health.Rules(confirm_after=3, recover_after=2, stale_after=timedelta(days=999))
LEARNED_PROBES = 12
# The hours of a light in Jakarta (UTC): 08.00 to 15.00 by day, 20.00 to 03.00 by night.
_BEGINS = {"day": 1, "rain": 1, "night": 13, "infrared": 13}
_HOURS = 7
_SOURCE = Source("rtsp://192.0.2.1/film")
MOST_FAULT_PROBES = 4


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


@dataclass
class HealthyResult:
    """Of a camera with nothing wrong: false verdicts by probe, and false alarms once confirmed."""

    probes: int = 0
    false_probes: list[tuple[int, Verdict, str]] = field(default_factory=list)
    false_alarms: list[tuple[int, Verdict]] = field(default_factory=list)
    pictures: list[Picture] = field(default_factory=list)


@dataclass
class FaultResult:
    """Of a camera with one fault: the verdicts of the probes, and what was confirmed in the end."""

    fault: str
    variant: str
    verdicts: list[Verdict]
    confirmed: Verdict
    measurements: dict[str, float | str]


def watch_healthy(watch: Watch, probes: int, keep_pictures: bool) -> HealthyResult:
    """Probe on and on. The first LEARNED_PROBES count as well: no alarm then either."""
    result = HealthyResult()
    for number in range(probes):
        seen, pictures, events = watch.probe(number, 300)
        result.probes += 1
        if keep_pictures:
            result.pictures += pictures
        if seen.verdict is not Verdict.HEALTHY:
            result.false_probes.append((number, seen.verdict, str(seen.measurements)))
        for event in events:
            if isinstance(event, health.Began) and event.verdict.is_faulty:
                result.false_alarms.append((number, event.verdict))
    return result


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
    return FaultResult(fault, variant, verdicts, watch.known.verdict, measurements)
