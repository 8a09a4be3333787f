"""What came of the trials."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from monitoring.grabbing import Picture
from monitoring.verdicts import Verdict

__all__ = ["CameraResult", "FaultResult", "HealthyResult"]


@dataclass
class HealthyResult:
    """Of a camera with nothing wrong: false verdicts by probe, and false alarms once confirmed."""

    probes: int = 0
    false_probes: list[tuple[int, Verdict, str]] = field(default_factory=list)
    false_alarms: list[tuple[int, Verdict]] = field(default_factory=list)
    pictures: list[Picture] = field(default_factory=list)

    def add(self, more: HealthyResult) -> None:
        self.probes += more.probes
        self.false_probes += more.false_probes
        self.false_alarms += more.false_alarms
        self.pictures += more.pictures


@dataclass
class FaultResult:
    """Of a camera with one fault: the verdicts of the probes, and what was confirmed in the end."""

    fault: str
    variant: str
    verdicts: list[Verdict]
    confirmed: Verdict
    measurements: dict[str, float | str]
    also: frozenset[Verdict] = frozenset()

    def fits(self, verdict: Verdict) -> bool:
        """Whether a person who looks at the picture would say so too."""
        return verdict == self.fault or verdict in self.also

    @property
    def is_found(self) -> bool:
        return self.fits(self.confirmed)


@dataclass
class CameraResult:
    """All that was tried on one camera; `plain` counts what the plain tools said of healthy
    pictures and of faulty ones."""

    name: str
    healthy: HealthyResult
    faults: list[FaultResult] = field(default_factory=list)
    plain_false: Counter[str] = field(default_factory=Counter)
    plain_alarms: Counter[str] = field(default_factory=Counter)
    plain_found: Counter[tuple[str, str]] = field(default_factory=Counter)
