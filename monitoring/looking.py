"""Looking: measurements of a picture, and of what changed between two. Pure NumPy and OpenCV.

The picture is cut into a grid of 16 × 9 tiles, the same in every function. Measurements are
shares of tiles, so that a clock burnt into one edge weighs as little as it should.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from monitoring.grabbing.pictures import Bytes2D

COLUMNS, ROWS = 16, 9
_TILE = 10  # pixels of the small picture along a tile's edge
# Cameras write clock and name along the top and bottom edges: those rows of tiles tell nothing
# of whether there is a picture.
_OVERLAY_ROWS = 1
# The probe after this one needs only a trace of this picture: 4 × 4 pixels a tile.
_TRACE_TILE = 4
TRACE_BYTES = COLUMNS * ROWS * _TRACE_TILE**2

# Grey levels (0 … 255). A tile shows something when its averaged pixels differ by this much;
# noise averages out below it, a lamp, an edge or a wave does not.
STRUCTURE_LEVELS = 14.0
# A tile has changed when its pixels differ by more than this on average. The same still picture
# encoded again stays below, in H.264 beside a running clock too; the noise of a living sensor stays
# above in most tiles, also after encoding. In H.265 of low quality a running clock changes the
# prediction of all that follows it, by 1 to 3 levels: such a frozen picture may be missed, for a
# higher bar would call quiet scenes frozen.
CHANGE_LEVELS = 1.5
# A trace has 16 pixels a tile, so that its averages scatter more; it raises a suspicion, no more.
TRACE_CHANGE_LEVELS = 2.0


@dataclass(frozen=True)
class Look:
    """What one picture shows.

    `brightness` is the mean and `lights` the 99th percentile of the averaged picture in grey
    levels; `structure` the share of tiles, edges left out, in which something can be seen;
    `trace` TRACE_BYTES bytes to compare the next probe's picture with.
    """

    brightness: float
    lights: float
    structure: float
    trace: bytes


def look(luma: Bytes2D) -> Look:
    """Measure one picture: luminance, h × w, uint8, at least COLUMNS × ROWS pixels."""
    small = cv2.resize(luma, (COLUMNS * _TILE, ROWS * _TILE), interpolation=cv2.INTER_AREA)
    tiles = _tiles(np.asarray(small, dtype=np.float32))
    inner = tiles[_OVERLAY_ROWS : ROWS - _OVERLAY_ROWS]
    spread = inner.max(axis=2) - inner.min(axis=2)
    return Look(
        brightness=float(tiles.mean()),
        lights=float(np.percentile(small, 99)),
        structure=float((spread >= STRUCTURE_LEVELS).mean()),
        trace=_trace(luma),
    )


def changed_share(before: Bytes2D, after: Bytes2D) -> float:
    """Share of tiles (0 … 1) in which two pictures of one camera differ; 1.0 if sizes differ."""
    if before.shape != after.shape:
        return 1.0
    difference = cv2.absdiff(before, after)
    # INTER_AREA to the grid's own size is the mean of each tile.
    means = cv2.resize(
        np.asarray(difference, dtype=np.float32), (COLUMNS, ROWS), interpolation=cv2.INTER_AREA
    )
    return float((np.asarray(means) > CHANGE_LEVELS).mean())


def changed_share_of_traces(before: bytes, after: bytes) -> float:
    """The same from two traces: cheap and coarse, good enough for a suspicion."""
    if len(before) != TRACE_BYTES or len(after) != TRACE_BYTES:
        return 1.0
    first, second = (np.frombuffer(trace, np.uint8).astype(np.int16) for trace in (before, after))
    difference = np.abs(first - second).reshape(ROWS, _TRACE_TILE, COLUMNS, _TRACE_TILE)
    means = difference.mean(axis=(1, 3))
    return float((means > TRACE_CHANGE_LEVELS).mean())


def _tiles(small: NDArray[np.float32]) -> NDArray[np.float32]:
    """ROWS × COLUMNS × pixels of the small picture."""
    cut = small.reshape(ROWS, _TILE, COLUMNS, _TILE).transpose(0, 2, 1, 3)
    return cut.reshape(ROWS, COLUMNS, _TILE * _TILE)


def _trace(luma: Bytes2D) -> bytes:
    """Single pixels on a regular lattice, not averages: the sensor's noise must survive."""
    height, width = luma.shape
    rows = (np.arange(ROWS * _TRACE_TILE) * 2 + 1) * height // (2 * ROWS * _TRACE_TILE)
    columns = (np.arange(COLUMNS * _TRACE_TILE) * 2 + 1) * width // (2 * COLUMNS * _TRACE_TILE)
    return luma[np.ix_(rows, columns)].tobytes()
