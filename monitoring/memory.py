"""Memory: what a camera usually looks like, by day, by night and in infrared. Pure.

A reference is learned from healthy probes only, a little from each (and from bursts that come out
healthy, which marks in its pictures come and go). The view and the likeness
follow slow changes (seasons, a growing tree); sharpness rises at once and falls very slowly, so
that a lens that slips out of focus over days is not learned as the usual.
"""

import math
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum

import numpy as np

from monitoring.looking.change import Change
from monitoring.looking.grid import COLUMNS, ROWS, VIEW, Floats
from monitoring.looking.likeness import Likeness, compare
from monitoring.looking.measures import Look

__all__ = [
    "ENOUGH_PROBES",
    "Light",
    "Memory",
    "Reference",
    "learn",
    "learn_marks",
    "light_of",
    "wants_burst",
]

# A young reference takes in every healthy probe; afterwards one in half an hour is enough, and
# spares the database the writing.
YOUNG_PROBES = 8
# With fewer, it is not known yet how much of its view a camera usually shows again.
ENOUGH_PROBES = 3
LEARN_EVERY = timedelta(minutes=30)
# Weight of one more probe once grown up: with one each half hour, a change is learned in hours.
_RATE = 1 / 12
# What only a burst shows is learned three times while young, then once in 24 hours of its light.
YOUNG_BURST_EVERY_PROBES, BURST_EVERY_PROBES = 2, 48
ENOUGH_BURSTS = 2
_MARKS_RATE = 1 / 3  # of what looks like damage and comes and goes
_FALLING_RATE = 1 / 240  # for sharpness on its way down: five days

# Grey levels: an infrared picture is exactly grey; compression leaves it within one level.
_GREY_BELOW = 1.5
# A street lit by lamps stays below, an overcast day in the shade above.
_NIGHT_BELOW = 60.0

# Between two lights there is no line: as bright as this (grey levels) and of as much colour, a
# picture is of the same light as another.
_AS_BRIGHT, _AS_COLOURFUL = 15.0, 1.0
_SOFT = 0.6  # of the usual sharpness
_LEAST_FOUND = 0.6  # of what is usually found of the view: what is less is not got used to
# Degrees over the horizon: 40 minutes from sunrise and sunset, and the end of nautical dusk.
_SURELY_DAY, _SURELY_NIGHT = 10.0, -12.0


class Light(StrEnum):
    """Under which light a picture was taken, as the picture itself shows."""

    DAY = "day"
    NIGHT = "night"
    INFRARED = "infrared"


def light_of(look: Look) -> Light:
    """Which of the camera's references this picture belongs to."""
    if look.colour < _GREY_BELOW:
        return Light.INFRARED
    return Light.NIGHT if look.brightness < _NIGHT_BELOW else Light.DAY


@dataclass(frozen=True, eq=False)
class Reference:
    """A camera's usual picture under one light.

    `found` is how much of the view is usually found again, `least_found` and `least_sharpness`
    are the least of it and of its sharpness in a healthy picture; `streaks` and
    `tears` the most of what looked like them; `motion` and `unrest` are the least
    that usually changes between two probes, of Change.motion and Change.level; `echo` is the most
    that the camera repeats itself while it lives (Change.echo), as `bursts` bursts showed, and
    `again` the most of it from one probe to the next; `detail` and `view` are as in Look. `trust`
    says how much of each tile's structure is usually found again, and `wander` by what share its
    detail usually differs from the usual.
    """

    light: Light
    probes: int
    learned_at: datetime
    brightness: float
    colour: float
    found: float
    least_found: float
    least_sharpness: float
    motion: float
    unrest: float
    streaks: float
    tears: float
    again: float
    echo: float
    bursts: int
    detail: Floats = field(repr=False)
    wander: Floats = field(repr=False)
    trust: Floats = field(repr=False)
    view: Floats = field(repr=False)

    @property
    def is_young(self) -> bool:
        return self.probes < YOUNG_PROBES

    @property
    def knows_echo(self) -> bool:
        """Whether enough bursts have shown how much the living camera repeats itself."""
        return self.bursts >= ENOUGH_BURSTS

    def is_near(self, look: Look) -> bool:
        """Whether a picture is of about this light."""
        return (
            abs(self.brightness - look.brightness) <= _AS_BRIGHT
            and abs(self.colour - look.colour) <= _AS_COLOURFUL
        )

    def likeness(self, look: Look) -> Likeness:
        """How like this reference a picture is."""
        return compare(look, self.view, self.detail, self.trust, self.wander)

    def pack(self) -> bytes:
        """For the database: 6.1 kB."""
        head = _HEAD.pack(
            _VERSION,
            min(self.probes, 65535),
            self.learned_at.timestamp(),
            self.brightness,
            self.colour,
            self.found,
            self.least_found,
            self.least_sharpness,
            self.motion,
            self.unrest,
            self.streaks,
            self.tears,
            self.again,
            self.echo,
            min(self.bursts, 65535),
        )
        view = np.clip(np.rint(self.view), 0, 255).astype(np.uint8)
        tiles = np.stack([self.detail, self.wander, self.trust]).astype("<f2")
        return head + tiles.tobytes() + view.tobytes()

    @classmethod
    def unpack(cls, light: Light, data: bytes) -> "Reference | None":
        """The reference that was packed; None when another version of the program packed it, or
        when it was damaged since: then the camera is learned anew."""
        if len(data) != _PACKED_BYTES or data[0] != _VERSION:
            return None
        head = _HEAD.unpack_from(data)
        _, probes, learned_at, brightness, colour, found, least_found, least_sharpness = head[:8]
        motion, unrest, streaks, tears, again, echo, bursts = head[8:]
        tiles = np.frombuffer(data, "<f2", 3 * ROWS * COLUMNS, _HEAD.size)
        view = np.frombuffer(data, np.uint8, offset=_HEAD.size + tiles.nbytes)
        try:
            at = datetime.fromtimestamp(learned_at, UTC)
        except (ValueError, OverflowError, OSError):  # no moment
            return None
        if np.isnan(head[3:14]).any() or not np.isfinite(tiles).all():
            return None
        detail, wander, trust = tiles.astype(np.float32).reshape(3, ROWS, COLUMNS)
        return cls(
            light,
            probes,
            at,
            brightness,
            colour,
            found,
            least_found,
            least_sharpness,
            motion,
            unrest,
            streaks,
            tears,
            again,
            echo,
            bursts,
            detail,
            wander,
            trust,
            view.astype(np.float32).reshape(VIEW[1], VIEW[0]),
        )


_VERSION = 3
_HEAD = struct.Struct("<BHdfffffffffffH")
_PACKED_BYTES = _HEAD.size + 3 * ROWS * COLUMNS * 2 + VIEW[0] * VIEW[1]


@dataclass(frozen=True, eq=False)
class Memory:
    """The references of one camera."""

    references: tuple[Reference, ...] = ()

    def of(self, light: Light) -> Reference | None:
        """What the camera usually looks like under this light, if that is known."""
        return next((each for each in self.references if each.light is light), None)

    def home(self, look: Look) -> Reference | None:
        """The reference that a picture belongs to, if there is one: that of its own light; while
        that has hardly had a picture, one of about the same light."""
        known = self.of(light_of(look))
        if known is not None and known.probes >= ENOUGH_PROBES:
            return known
        near = [each for each in self.references if each is not known and each.is_near(look)]
        return max(near, key=lambda each: each.probes) if near else known

    def recall(
        self, look: Look, sun_at: Callable[[datetime], float], at: datetime
    ) -> "Reference | None":
        """The reference to hold a picture against.

        That which it belongs to. Where the camera has hardly had such a picture, a fault may have
        changed its very light (a hand before the lens makes it dark): then the one that was usual
        while the sun stood so; but near dusk and dawn there is no telling, and none.
        """
        home = self.home(look)
        if home is not None and home.probes >= ENOUGH_PROBES:
            return home
        now = _sun(sun_at(at))
        if now is None:
            return home
        usual = [
            each
            for each in self.references
            if each.probes >= ENOUGH_PROBES and _sun(sun_at(each.learned_at)) is now
        ]
        return max(usual, key=lambda each: each.learned_at) if usual else home


def _sun(elevation: float) -> Light | None:
    """Day or night where the sun leaves no doubt."""
    if elevation > _SURELY_DAY:
        return Light.DAY
    return Light.NIGHT if elevation < _SURELY_NIGHT else None


def wants_burst(memory: Memory, look: Look, at: datetime) -> bool:
    """Whether this healthy camera should show in a burst how much it repeats itself.

    It does until it has: a burst that could not be had this time is owed the next time.
    """
    known = memory.home(look)
    if known is None or known.probes < ENOUGH_PROBES or not _is_due(known, at):
        return False
    young = (min(known.probes, YOUNG_PROBES) - 1) // YOUNG_BURST_EVERY_PROBES
    return known.bursts < young + (known.probes + 1) // BURST_EVERY_PROBES


def learn(
    memory: Memory, look: Look, change: Change | None, at: datetime, burst: Change | None = None
) -> Reference | None:
    """The reference after one more healthy probe; None when there is nothing new to keep.

    `change` is what changed since the probe before, and `burst` what did within seconds; None
    when that is not known.
    """
    known = memory.home(look)
    if known is None:
        return Reference(
            light_of(look),
            1,
            at,
            look.brightness,
            look.colour,
            1.0,
            1.0,
            1.0,
            math.inf if change is None else change.motion,
            math.inf if change is None else change.level,
            look.damage.streaks if look.damage else 0.0,
            look.damage.tears if look.damage else 0.0,
            change.echo if change else 0.0,
            0.0,
            0,
            look.detail,
            np.zeros_like(look.detail),
            np.ones_like(look.detail),
            look.view,
        )
    if not _is_due(known, at):
        return None
    weight = max(1 / (known.probes + 1), _RATE)
    like = known.likeness(look)
    rising = look.detail > known.detail
    off = np.abs(look.detail - known.detail) / np.maximum(known.detail, 1e-3)
    fall = weight if known.is_young else _FALLING_RATE
    return replace(
        known,
        probes=known.probes + 1,
        learned_at=at,
        brightness=_towards(known.brightness, look.brightness, weight),
        colour=_towards(known.colour, look.colour, weight),
        found=_towards(known.found, like.found, weight),
        least_found=_lowest(known.least_found, max(like.found, _LEAST_FOUND * known.found)),
        least_sharpness=_lowest(known.least_sharpness, max(like.sharpness, _SOFT)),
        streaks=max(known.streaks, look.damage.streaks if look.damage else 0.0),
        tears=max(known.tears, look.damage.tears if look.damage else 0.0),
        motion=_lowest(known.motion, change.motion if change else None),
        unrest=_lowest(known.unrest, change.level if change else None),
        again=_highest(known.again, change.echo if change else None),
        echo=_highest(known.echo, burst.echo if burst else None),
        bursts=known.bursts + (burst is not None),
        detail=known.detail + (look.detail - known.detail) * np.where(rising, weight, fall),
        # Where all of a picture is soft, nothing came or went.
        wander=known.wander
        if like.sharpness < _SOFT
        else known.wander + (np.minimum(off, 1) - known.wander) * np.float32(weight),
        trust=known.trust + (like.recall - known.trust) * np.float32(weight),
        view=known.view + (look.view - known.view) * np.float32(weight),
    )


def learn_marks(memory: Memory, looks: Sequence[Look]) -> Reference | None:
    """The reference after pictures that seemed damaged, between others that did not; None when
    there is nothing new to keep.

    They are no view to learn, but streaks and tears that come and go may be part of this one:
    blinds, the water's edge. A third at a time: what was seen once is not yet usual.
    """
    marks = [look.damage for look in looks if look.damage is not None]
    known = memory.home(looks[-1]) if marks else None
    if known is None:
        return None
    streaks = max(known.streaks, *(each.streaks for each in marks))
    tears = max(known.tears, *(each.tears for each in marks))
    if (streaks, tears) == (known.streaks, known.tears):
        return None
    return replace(
        known,
        streaks=_towards(known.streaks, streaks, _MARKS_RATE),
        tears=_towards(known.tears, tears, _MARKS_RATE),
    )


def _towards(usual: float, now: float, weight: float) -> float:
    return usual + (now - usual) * weight


def _is_due(known: Reference, at: datetime) -> bool:
    # Also when it was learned in the future, by a clock that was wrong.
    return known.is_young or abs(at - known.learned_at) >= LEARN_EVERY


def _highest(usual: float, now: float | None) -> float:
    """An upper bound: rises at once, falls slowly."""
    if now is None:
        return usual
    return now if now > usual else _towards(usual, now, _RATE)


def _lowest(usual: float, now: float | None) -> float:
    """A lower bound: falls at once, rises slowly."""
    if now is None:
        return usual
    return now if now < usual else _towards(usual, now, _RATE / 4)
