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
    "inner",
    "means",
    "neighbours",
    "shares",
    "shrink_to",
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


def neighbours(luma: Bytes2D) -> tuple[Bytes2D, Bytes2D]:
    """How much a pixel differs from the one to its left, and from the one below.

    Of every other row: the rest would tell the same, at twice the price.
    """
    height = luma.shape[0] // 2 * 2
    upper, lower = np.ascontiguousarray(luma[0:height:2]), np.ascontiguousarray(luma[1:height:2])
    across = np.zeros_like(upper)
    cv2.absdiff(upper[:, 1:], upper[:, :-1], dst=across[:, 1:])
    return across, np.asarray(cv2.absdiff(upper, lower), np.uint8)


def shares(
    levels: Bytes2D, comparison: int, limit: int, size: tuple[int, int] = (COLUMNS, ROWS)
) -> Floats:
    """The share of pixels in each cell that compare so with `limit`, 0 … 1."""
    mask = cv2.compare(levels, limit, comparison)  # type: ignore[call-overload]
    return shrink_to(np.asarray(mask, np.uint8), size) / np.float32(255)


def inner(grid: Floats) -> Floats:
    """The rows of tiles in which cameras write nothing."""
    return grid[_OVERLAY_ROWS : ROWS - _OVERLAY_ROWS]
