"""What changed between two pictures of one camera, and whether only a clock did."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from monitoring.grabbing.pictures import Bytes2D
from monitoring.looking.grid import (
    COLUMNS,
    ROWS,
    Floats,
    inner,
    middle,
    percentile,
    shrink_to,
    small_of,
)

__all__ = [
    "JPEG_LEVELS",
    "TRACE_BYTES",
    "Change",
    "change_in",
    "change_of_traces",
    "trace_of",
]

# The probe after this one needs only a trace of this picture: 4 × 4 pixels a tile, and the tiles'
# means in sixteenths of a grey level.
_TRACE_TILE = 4
_PIXEL_BYTES = COLUMNS * ROWS * _TRACE_TILE**2
_MEAN_STEP = 1 / 16
TRACE_BYTES = _PIXEL_BYTES + COLUMNS * ROWS * 2

# A tile has changed when its pixels differ by more than this on average. A still picture that is
# encoded again by a rate control that has settled stays below; the noise of a living sensor stays
# above, unless the camera filters it out. In between (H.265 beside a running clock: up to 1.4)
# only the camera's own past can tell.
CHANGE_LEVELS = 0.5
# JPEG has no rate control, and nothing is carried from block to block: beside the clock, a still
# picture comes out the same to the last bit, so that even the weakest life shows.
JPEG_LEVELS = 0.05
# A tile bears witness when its pixels differ among each other: in the even ones (clipped black,
# clipped white, fog) encoders leave out a living sensor's noise as well.
_WITNESS_LEVELS = 1.5
# Motion is the change of the tile that changed third most: a lamp that blinks is no motion.
_MOTION_RANK = 3
_DRIFT_PERCENTILE = 75
# A clock: at most so many tiles tall, and at most so many of them in the picture.
_CLOCK_ROWS, _CLOCKS = 2, 2
_SAME_LEVELS = 0.02
# An echo: a block with something in it that comes out the same to the last bit in two pictures.
# Of a living picture, noise and the blocks that others were predicted from forbid it.
_ECHO_BLOCK = 8
_ECHO_LEVELS = 1.5  # standard deviation in such a block
_ECHO_BLOCKS = 0.05  # of a tile that bears witness
_ECHO_TILES = 12  # that bear witness
# In a trace, the same of squares of four neighbouring pixels (of those that are not even).
_UNEVEN_LEVELS = 4  # between the lightest and the darkest of the four
_UNEVEN_SQUARES = 40


@dataclass(frozen=True)
class Change:
    """What is different between two pictures, or at most between neighbours in a burst.

    `share` of all tiles that changed; `scene` the share of those `witnesses` that changed which
    no clock explains, `stillest` the same between the two neighbours that differ least, and
    `same` the share of witnesses that are the same to the last bit between those that do so most;
    `echo` the share of small blocks that come out the same to the last bit in any two of the
    pictures, on average over the tiles where cameras write nothing;
    `level` by how many grey levels pixels differ in half of the tiles, when their light is made
    equal: sensor noise and compression; `motion` how much light moved about, in grey levels of a
    tile's mean: noise and compression average out in it, a passing car does not; `drift` the
    same in the quarter of the tiles that changed most: light wanders everywhere within minutes.
    """

    share: float
    scene: float
    level: float
    motion: float
    witnesses: int
    stillest: float = 1.0
    same: float = 0.0
    drift: float = 0.0
    echo: float = 0.0


_ALL_CHANGED = Change(share=1.0, scene=1.0, level=255.0, motion=255.0, witnesses=COLUMNS * ROWS)


def change_in(
    lumas: list[Bytes2D], levels: float = CHANGE_LEVELS, before: Sequence[Bytes2D] = ()
) -> Change | None:
    """What changed over a burst of pictures, the largest step counting; None for a single one.

    A tile has changed when it differs by more than `levels`. A picture of another size counts as
    changed altogether. What was seen just `before` the burst can only be repeated in it (`echo`).
    """
    if len(lumas) < 2:
        return None
    if len({luma.shape for luma in lumas}) > 1:
        return _ALL_CHANGED
    means = [_tile_means(small_of(luma)) for luma in lumas]
    differences = [_differences(*pair) for pair in itertools.pairwise(lumas)]
    steps = [difference > levels for difference in differences]
    # What moves does so in every step of the burst somewhere else; a clock stays in its place.
    clock = _clock_tiles(np.logical_or.reduce(steps), np.maximum.reduce(differences))
    witness = (_spread(lumas[0]) >= _WITNESS_LEVELS) & ~clock
    count = max(int(witness.sum()), 1)
    scene = [float((step & witness).sum()) / count for step in steps]
    same = [float((each[witness] <= _SAME_LEVELS).sum()) / count for each in differences]
    return Change(
        share=max(float(step.mean()) for step in steps),
        scene=max(scene),
        level=max(middle(_ripple(*pair)) for pair in itertools.pairwise(lumas)),
        motion=max(_motion(*pair, clock) for pair in itertools.pairwise(means)),
        witnesses=int(witness.sum()),
        stillest=min(scene),
        same=max(same),
        echo=_echo([*(one for one in before if one.shape == lumas[0].shape), *lumas], clock),
    )


def change_of_traces(before: bytes, after: bytes) -> Change | None:
    """The same from two traces: cheap and coarse, enough for a suspicion; None without traces."""
    if len(before) != TRACE_BYTES or len(after) != TRACE_BYTES:
        return None
    first, second = (np.frombuffer(each, np.uint8, _PIXEL_BYTES) for each in (before, after))
    apart = (first.astype(np.float32) - second).reshape(ROWS, _TRACE_TILE, COLUMNS, _TRACE_TILE)
    difference = np.abs(apart).mean(axis=(1, 3))
    ripple = np.abs(apart - apart.mean(axis=(1, 3), keepdims=True)).mean(axis=(1, 3))
    changed = difference > CHANGE_LEVELS
    clock = _clock_tiles(changed, difference)
    means = [
        np.frombuffer(each, "<u2", offset=_PIXEL_BYTES).reshape(ROWS, COLUMNS)
        * np.float32(_MEAN_STEP)
        for each in (before, after)
    ]
    rest = max(int((~clock).sum()), 1)
    return Change(
        share=float(changed.mean()),
        scene=float((changed & ~clock).sum()) / rest,
        level=middle(ripple),
        motion=_motion(means[0], means[1], clock),
        witnesses=rest,
        same=_same_of_traces(first, difference),
        drift=percentile(np.abs(means[0] - means[1]), _DRIFT_PERCENTILE),
        echo=_echo_of_traces(before, after),
    )


def _same_of_traces(pixels: NDArray[np.uint8], difference: Floats) -> float:
    """The share of tiles that are the same to the last bit, of those that are not even."""
    if not (difference <= _SAME_LEVELS).any():  # as nearly always
        return 0.0
    cut = pixels.reshape(ROWS, _TRACE_TILE, COLUMNS, _TRACE_TILE).astype(np.float32)
    uneven = cut.std(axis=(1, 3)) >= _WITNESS_LEVELS
    return float((difference[uneven] <= _SAME_LEVELS).sum()) / max(int(uneven.sum()), 1)


def _echo_of_traces(before: bytes, after: bytes) -> float:
    """The share of squares of the lattice that are the same to the last bit, edges left out."""
    one, two = (_lattice(each) for each in (before, after))
    uneven = _by_square(np.maximum, one) - _by_square(np.minimum, one) >= _UNEVEN_LEVELS
    repeated = uneven & _by_square(np.logical_and, one == two)
    # Of a few, a share tells nothing.
    return float(repeated.sum()) / max(int(uneven.sum()), _UNEVEN_SQUARES)


def _lattice(trace: bytes) -> NDArray[np.uint8]:
    """A trace's pixels but for a row of tiles at the edges, where cameras write."""
    pixels = np.frombuffer(trace, np.uint8, _PIXEL_BYTES)
    return pixels.reshape(ROWS * _TRACE_TILE, -1)[_TRACE_TILE:-_TRACE_TILE]


def _by_square(join: np.ufunc, lattice: NDArray[Any]) -> NDArray[Any]:
    """What `join` makes of each square of four."""
    upper, lower = lattice[::2], lattice[1::2]
    return np.asarray(
        join(join(upper[:, ::2], upper[:, 1::2]), join(lower[:, ::2], lower[:, 1::2]))
    )


def trace_of(luma: Bytes2D, small: Floats) -> bytes:
    """Single pixels on a regular lattice, for the sensor's noise must survive; and the means."""
    means = np.rint(_tile_means(small) / _MEAN_STEP).astype("<u2")
    return luma.take(_lattice_of(*luma.shape)).tobytes() + means.tobytes()


@lru_cache(maxsize=16)
def _lattice_of(height: int, width: int) -> NDArray[np.int64]:
    """The lattice's pixels in a picture of this size, counted row by row."""
    rows = (np.arange(ROWS * _TRACE_TILE) * 2 + 1) * height // (2 * ROWS * _TRACE_TILE)
    columns = (np.arange(COLUMNS * _TRACE_TILE) * 2 + 1) * width // (2 * COLUMNS * _TRACE_TILE)
    return np.asarray(rows[:, None] * width + columns, np.int64)


def _tile_means(small: Floats) -> Floats:
    return shrink_to(small, (COLUMNS, ROWS))


def _differences(before: Bytes2D, after: Bytes2D) -> Floats:
    """Mean difference of the pixels in each tile."""
    apart = np.asarray(cv2.absdiff(before, after), dtype=np.float32)
    # INTER_AREA to the grid's own size is the mean of each tile.
    return shrink_to(apart, (COLUMNS, ROWS))


def _ripple(before: Bytes2D, after: Bytes2D) -> Floats:
    """The same, when each tile's light is made equal before: what noise alone does."""
    apart = np.asarray(cv2.subtract(after, before, dtype=cv2.CV_32F), np.float32)
    light = cv2.resize(
        shrink_to(apart, (COLUMNS, ROWS)), apart.shape[::-1], interpolation=cv2.INTER_NEAREST
    )
    return shrink_to(np.asarray(cv2.absdiff(apart, light), np.float32), (COLUMNS, ROWS))


def _echo(lumas: list[Bytes2D], clock: NDArray[np.bool_]) -> float:
    """Beside a clock an encoder changes all that it predicts from what has changed, and yet its
    choices are few: of a standing picture, many small blocks come out as they did before."""
    height, width = (side // _ECHO_BLOCK * _ECHO_BLOCK for side in lumas[0].shape)
    size = (width // _ECHO_BLOCK, height // _ECHO_BLOCK)
    cut = [np.ascontiguousarray(luma[:height, :width]) for luma in lumas]
    plane = cut[0].astype(np.float32)
    mean = shrink_to(plane, size)
    textured = shrink_to(plane * plane, size) - mean * mean >= _ECHO_LEVELS**2
    repeated = np.zeros_like(textured)
    for one, two in itertools.combinations(cut, 2):
        equal = np.asarray(cv2.compare(one, two, cv2.CMP_EQ), np.uint8)
        repeated |= shrink_to(equal, size) == 255
    # What cameras write along the edges is the same in each picture, living or not.
    blocks, echoes, written = (
        inner(shrink_to(each.astype(np.float32), (COLUMNS, ROWS)))
        for each in (textured, repeated & textured, clock)
    )
    witness = (blocks >= _ECHO_BLOCKS) & (written == 0)
    if witness.sum() < _ECHO_TILES:
        return 0.0
    return float((echoes[witness] / blocks[witness]).mean())


def _motion(before: Floats, after: Floats, clock: NDArray[np.bool_]) -> float:
    apart = np.abs(before - after)[~clock]
    return float(np.sort(apart)[-min(_MOTION_RANK, apart.size)]) if apart.size else 0.0


def _spread(luma: Bytes2D) -> Floats:
    """Standard deviation within each tile."""
    plane = luma.astype(np.float32)
    mean = shrink_to(plane, (COLUMNS, ROWS))
    return np.sqrt(np.maximum(shrink_to(plane * plane, (COLUMNS, ROWS)) - mean * mean, 0))


def _clock_tiles(changed: NDArray[np.bool_], difference: Floats) -> NDArray[np.bool_]:
    """Those changed tiles that a running clock explains: low, wide patches, two at most.

    Digits change strongly; around them, codecs let weak changes run on to the right and down.
    """
    clock = np.zeros_like(changed)
    if not changed.any():
        return clock
    # Only what changes about as strongly as the strongest: digits are white on dark.
    strong = changed & (difference >= max(CHANGE_LEVELS, 0.25 * float(difference.max())))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(strong.astype(np.uint8))
    low = [number for number in range(1, count) if stats[number, cv2.CC_STAT_HEIGHT] <= _CLOCK_ROWS]
    low.sort(key=lambda number: -int(stats[number, cv2.CC_STAT_AREA]))
    return np.asarray(np.isin(labels, low[:_CLOCKS]))
