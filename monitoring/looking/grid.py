"""The grid that every measurement shares: 16 × 9 tiles, whatever the picture's size.

Measurements are shares of tiles, so that a clock burnt into one edge weighs as little as it
should, and so that a camera that changes its resolution is still compared with its own past.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from monitoring.grabbing.pictures import Bytes2D

__all__ = [
    "COLUMNS",
    "ROWS",
    "SMALL",
    "VIEW",
    "Floats",
    "colourfulness",
    "compared",
    "inner",
    "means",
    "middle",
    "neighbours",
    "percentile",
    "share_of",
    "shares",
    "shrink_to",
    "small_of",
    "tiles",
]

Floats = NDArray[np.float32]

COLUMNS, ROWS = 16, 9
# Width and height of the picture that is measured: fine enough that a defocused lens shows
# (a blur of half a per cent of the width), coarse enough that sensor noise averages out.
SMALL = (320, 180)
# Of the picture that a camera is remembered by: six pixels along a tile's edge.
VIEW = (96, 54)
# Cameras write clock and name along the top and bottom edges: those rows of tiles tell nothing
# of whether there is a picture.
_OVERLAY_ROWS = 1


def shrink_to(plane: NDArray[np.uint8] | Floats, size: tuple[int, int]) -> Floats:
    """A plane averaged to width × height, as float32. Sizes that do not divide are averaged too."""
    return np.asarray(cv2.resize(plane, size, interpolation=cv2.INTER_AREA), dtype=np.float32)


def small_of(luma: Bytes2D) -> Floats:
    """The picture that is measured, SMALL."""
    if luma.shape != (3 * SMALL[1], 3 * SMALL[0]):
        return shrink_to(luma, SMALL)
    # What nearly every camera comes to. The middles of a running mean are the same to the bit, at a
    # third of the price.
    return np.asarray(cv2.blur(luma, (3, 3))[1::3, 1::3], np.float32)


def tiles(plane: Floats) -> Floats:
    """ROWS × COLUMNS × pixels, of a plane whose sides are multiples of the grid's."""
    tall, wide = plane.shape[0] // ROWS, plane.shape[1] // COLUMNS
    cut = plane.reshape(ROWS, tall, COLUMNS, wide).transpose(0, 2, 1, 3)
    return cut.reshape(ROWS, COLUMNS, tall * wide)


def means(plane: Floats, size: tuple[int, int] = (COLUMNS, ROWS)) -> Floats:
    """The mean in each tile, or in each cell of another grid."""
    return shrink_to(plane, size)


def colourfulness(cells: Floats) -> Floats:
    """Of each cell's colour: levels between the strongest of its parts and the weakest."""
    blue, green, red = cv2.split(cells)
    most, least = cv2.max(cv2.max(blue, green), red), cv2.min(cv2.min(blue, green), red)
    return np.asarray(cv2.subtract(most, least), np.float32)


def percentile(values: Floats, percent: float) -> float:
    """As NumPy has it, without what that takes to be ready for everything: ten times as long."""
    ranked = np.sort(values, axis=None)
    at = (ranked.size - 1) * (percent / 100)
    below, part = int(at), at - int(at)
    low, high = ranked[below], ranked[min(below + 1, ranked.size - 1)]
    step = np.float64(high - low)
    return float(np.float32(high - step * (1 - part) if part >= 0.5 else low + step * part))


def middle(values: Floats) -> float:
    """The median, likewise."""
    ranked, half = np.sort(values, axis=None), values.size // 2
    if values.size % 2:
        return float(ranked[half])
    return float((ranked[half - 1] + ranked[half]) / np.float32(2))


def neighbours(luma: Bytes2D) -> tuple[Bytes2D, Bytes2D]:
    """How much a pixel differs from the one to its left, and from the one below.

    Of every other row: the rest would tell the same, at twice the price.
    """
    height = luma.shape[0] // 2 * 2
    upper, lower = luma[0:height:2], luma[1:height:2]
    across = np.zeros(upper.shape, np.uint8)
    cv2.absdiff(upper[:, 1:], upper[:, :-1], dst=across[:, 1:])
    return across, np.asarray(cv2.absdiff(upper, lower), np.uint8)


def shares(
    levels: Bytes2D, comparison: int, limit: int, size: tuple[int, int] = (COLUMNS, ROWS)
) -> Floats:
    """The share of pixels in each cell that compare so with `limit`, 0 … 1."""
    return share_of(compared(levels, comparison, limit), size)


def compared(levels: Bytes2D, comparison: int, limit: int) -> Bytes2D:
    """255 where pixels compare so with `limit`, 0 elsewhere."""
    return np.asarray(cv2.compare(levels, limit, comparison), np.uint8)  # type: ignore[call-overload]


def share_of(mask: Bytes2D, size: tuple[int, int] = (COLUMNS, ROWS)) -> Floats:
    """The share of a mask's pixels in each cell, 0 … 1, in steps of 1/255."""
    (height, width), (columns, rows) = mask.shape, size
    tall, wide = height // rows, width // columns
    if (tall * rows, wide * columns) != mask.shape or not 16 <= tall <= 256:
        return shrink_to(mask, size) / np.float32(255)
    # Large cells of whole pixels: the same, but for a tie now and then, at a third of the price.
    by_row = np.add.reduce(mask.reshape(rows, tall, width), axis=1, dtype=np.uint16)
    mean = by_row.reshape(rows, columns, wide).sum(axis=2) / np.float32(tall * wide)
    return np.asarray(np.rint(mean), np.float32) / np.float32(255)


def inner(grid: Floats) -> Floats:
    """The rows of tiles in which cameras write nothing."""
    return grid[_OVERLAY_ROWS : ROWS - _OVERLAY_ROWS]
