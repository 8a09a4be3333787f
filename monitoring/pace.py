"""Pace: how often a camera is probed, and at which moments. Pure, but for the settings.

Each camera has a place of its own in its interval, the same after every restart, so that probes
are spread evenly without anyone having to spread them. A camera that is confirmed to be dead is
probed more and more rarely, up to a ceiling.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from monitoring.limits import Limits
from monitoring.verdicts import Reason, Verdict

# Importance of a site by name, as settings call it → as the registry keeps it.
IMPORTANCE = {"low": 1, "normal": 2, "high": 3, "critical": 4}

# Nothing speaks at the other end: a connection test tells as much as a probe. A camera that
# refuses a password or has no such stream is up, and is asked as often as the healthy ones.
_DEAD = frozenset({Reason.UNREACHABLE, Reason.REFUSED, Reason.TIMED_OUT})

# Multiples of the golden ratio, modulo 1, fill the interval evenly in any number: each lies in
# the largest gap that the ones before it have left.
_GOLDEN = 0.6180339887498949


@dataclass(frozen=True)
class Pace:
    """Seconds between two probes: as usual, by importance of the site, and of the dead at most."""

    usual_s: int = 300
    by_importance: Mapping[int, int] | None = None
    back_off_s: int = 1800

    def interval_s(self, own_s: int | None, importance: int | None) -> int:
        """Seconds between two probes of a camera that is not dead; its own interval goes first."""
        if own_s:
            return own_s
        return (self.by_importance or {}).get(importance or 0, self.usual_s)

    def turn_s(self, interval_s: int, verdict: str, reason: str, probes: int) -> int:
        """Seconds until its next turn.

        `probes` is how often the confirmed verdict has been seen: with each, the wait of a dead
        camera doubles, up to `back_off_s`.
        """
        if not is_dead(verdict, reason):
            return interval_s
        doublings = min(max(probes - 1, 0), 20)
        return max(interval_s, min(interval_s * 2**doublings, self.back_off_s))


def is_dead(verdict: str, reason: str) -> bool:
    """Whether this confirmed verdict says that nothing speaks at the other end."""
    return verdict == Verdict.OFFLINE and reason in _DEAD


def share_of(key: int) -> float:
    """Where in its interval a camera has its place, 0 … 1."""
    return key * _GOLDEN % 1


def next_turn(key: int, turn_s: int, now: datetime) -> datetime:
    """The next moment at the camera's own place, at least half a turn away.

    Probed at its place, that is one whole turn later; probed at another moment (because it is
    new, was suspected, or everything stood still), it goes back to its place.
    """
    place = share_of(key) * turn_s
    earliest = now.timestamp() + turn_s / 2
    turns = math.ceil((earliest - place) / turn_s)
    return datetime.fromtimestamp(turns * turn_s + place, UTC)


def first_turn(key: int, now: datetime, within_s: float) -> datetime:
    """When a new camera is probed first: soon, but many new ones not at one moment."""
    return now + timedelta(seconds=share_of(key) * within_s)


def by_settings() -> Pace:
    """The pace that the settings ask for."""
    from django.conf import settings

    return Pace(
        usual_s=settings.PROBE_INTERVAL_SECONDS,
        by_importance={
            IMPORTANCE[name]: seconds for name, seconds in settings.PROBE_INTERVALS.items()
        },
        back_off_s=settings.PROBE_BACK_OFF_SECONDS,
    )


def limits() -> Limits:
    """How long a probe may take, by the settings."""
    from django.conf import settings

    return Limits(settings.PROBE_TIMEOUT_SECONDS, settings.PROBE_BURST_SECONDS)


def expect_above_zero(**numbers: float) -> None:
    """Raise ValueError with a sentence when one of these settings is zero or less, or no number."""
    for name, number in numbers.items():
        if not number > 0:
            raise ValueError(f"{name} is {number}. Give a number above zero.")


def parse_intervals(pairs: list[str]) -> dict[str, int]:
    """`["critical:120", "high:180"]` as a dictionary. Raises ValueError with a sentence."""
    intervals = {}
    for pair in pairs:
        name, colon, seconds = (part.strip() for part in pair.partition(":"))
        if not colon or name not in IMPORTANCE or not seconds.isdecimal() or int(seconds) < 10:
            raise ValueError(
                f"PROBE_INTERVALS: “{pair}” cannot be read. Write importance:seconds, separated by "
                f"commas, with {', '.join(IMPORTANCE)} and at least 10 seconds."
            )
        intervals[name] = int(seconds)
    return intervals
