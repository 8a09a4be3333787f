"""Flapping: a camera that goes and comes back too often to be worth an alarm each time. Pure.

Nagios' measure: of the last 21 probes, the changes between neighbouring ones are counted, the
newest with a weight of 1.25, the oldest with 0.75, evenly in between, and divided by the 20 that
are possible (base/flapping.c, check_for_service_flapping; “Detection and Handling of State
Flapping” in its manual). Above the high threshold flapping begins, below the low one it ends.

Nagios compiles in 30 and 20 %, ships a sample configuration with 20 and 5 %, and explains itself
with 50 and 25 %. Ours are the last: two short faults within 21 probes are 20 %, and holding back
the alarm about a floodgate for so little would cost more than it saves.
"""

from dataclasses import dataclass

PROBES = 21
_ALL = (1 << PROBES) - 1
_CHANGES = PROBES - 1
_LEAST_WEIGHT, _MOST_WEIGHT = 0.75, 1.25


@dataclass(frozen=True)
class Thresholds:
    """Percent of possible changes, weighted: flapping begins above `high`, ends below `low`."""

    high: float = 50.0
    low: float = 25.0

    def __post_init__(self) -> None:
        if not 0 <= self.low <= self.high <= 100:
            raise ValueError("0 ≤ FLAPPING_LOW_PERCENT ≤ FLAPPING_HIGH_PERCENT ≤ 100 must hold")


def add(history: int, is_faulty: bool) -> int:
    """The history with one more probe: a bit each, the newest lowest, 1 for a fault.

    A new camera's history is 0: 21 good probes.
    """
    return (history << 1 | is_faulty) & _ALL


def change_percent(history: int) -> float:
    """The weighted share of changes among the last probes, 0 … 100."""
    changes = history ^ (history >> 1)  # bit i: probe i differs from the one before it
    weights = (
        _MOST_WEIGHT - (_MOST_WEIGHT - _LEAST_WEIGHT) * age / (_CHANGES - 1)
        for age in range(_CHANGES)
        if changes >> age & 1
    )
    return sum(weights) * 100 / _CHANGES


def is_flapping(was: bool, history: int, thresholds: Thresholds) -> bool:
    """Whether the camera flaps now, when `was` says whether it did before this probe."""
    percent = change_percent(history)
    return percent >= thresholds.low if was else percent > thresholds.high
