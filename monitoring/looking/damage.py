"""Damage to a picture after it was taken: what lost packets and bad lines leave.

Every test looks for something that a lens cannot throw on a sensor: streaks without any noise
along them, even areas of the decoder's own grey or green, blocks on the codec's grid that fit
none of their neighbours, rows that fit the rows above only after being shifted sideways.
"""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from monitoring.grabbing.pictures import Bytes2D
from monitoring.looking.grid import COLUMNS, ROWS, Floats, colourfulness, means, shares, shrink_to

__all__ = ["Damage", "look_for_damage"]

_BLOCK = 16  # pixels of a macroblock in H.264; H.265 and JPEG cut on multiples or halves of it
_STEP_LEVELS = 22.0  # a block's edge that the eye sees as an edge
_LEAST_EDGES = 0.005  # of the borders: with fewer, no noticeable share of blocks has three
_STREAK_ALONG, _STREAK_ACROSS = 0.9, 0.08
_STREAK_LEVELS = 1.2  # between the rows at both ends of a streak
_STACK = 2  # tiles beyond the first: a third of the picture's height
_FILL_SPREAD = 1.0  # levels by which a decoder's own colour varies after encoding
_FILL_ALIKE, _FILL_ACROSS = 0.8, 0.75
# A row tells whether it continues when it varies by this much (grey levels).
_TEAR_LEVELS = 5.0
_TEAR_USUAL, _TEAR_MENDED = 0.75, 0.8  # correlations


@dataclass(frozen=True)
class Damage:
    """Shares of the picture: `streaks` (16 × 9 tiles), `filled` with a decoder's own colour
    (64 × 45 cells), `misfits` (blocks on the codec's grid); `tears` counts torn rows."""

    streaks: float
    filled: float
    misfits: float
    tears: int


def look_for_damage(
    luma: Bytes2D,
    steps: tuple[Bytes2D, Bytes2D],
    cells: Floats,
    even: NDArray[np.bool_],
    small: Floats,
    every: int,
) -> Damage:
    """Measure one picture.

    `steps` come from `neighbours`, `cells` are the colours in the fine grid and `even` those of
    them without shading; `every` is how many pixels of the camera's one of `luma` stands for.
    """
    return Damage(
        streaks=_streaks(*steps, small),
        filled=_filled(cells, even),
        misfits=_misfits(luma, _BLOCK // every) if every <= 2 else 0.0,
        tears=_tears(small),
    )


def _streaks(across: Bytes2D, down: Bytes2D, small: Floats) -> float:
    """Stacks of tiles in which every row repeats the one above (or every column the one beside).

    A coarse codec repeats rows within a block; only damage repeats them over several tiles, and
    leaves the same row at both ends.
    """
    streaks = np.zeros((ROWS, COLUMNS), bool)
    for along, cross, axis in ((down, across, 0), (across, down, 1)):
        same = shares(along, cv2.CMP_LE, 1) >= _STREAK_ALONG
        if same.any():
            striped = shares(cross, cv2.CMP_GE, 3) >= _STREAK_ACROSS
            alike = means(_from_tile_to_tile(small, axis)) <= _STREAK_LEVELS
            streaks |= _stacked(same & striped & alike, axis)
    return float(streaks.mean())


def _from_tile_to_tile(small: Floats, axis: int) -> Floats:
    """How much each pixel differs from the one a tile above it, or a tile to its left."""
    far = np.full_like(small, 255)
    if axis == 0:
        tall = small.shape[0] // ROWS
        far[tall:] = np.abs(small[tall:] - small[:-tall])
    else:
        wide = small.shape[1] // COLUMNS
        far[:, wide:] = np.abs(small[:, wide:] - small[:, :-wide])
    return far


def _stacked(grid: NDArray[np.bool_], axis: int) -> NDArray[np.bool_]:
    """Those cells that stand in a run of _STACK or more."""
    kernel = np.ones((_STACK, 1) if axis == 0 else (1, _STACK), np.uint8)
    opened = cv2.morphologyEx(
        grid.astype(np.uint8), cv2.MORPH_OPEN, kernel, borderType=cv2.BORDER_CONSTANT, borderValue=0
    )
    return np.asarray(opened > 0)


def _filled(cells: Floats, even: NDArray[np.bool_]) -> float:
    """Even cells in the grey (128) or the green (all planes 0) that decoders begin from."""
    if not even.any():
        return 0.0
    blue, green, red = cells[..., 0], cells[..., 1], cells[..., 2]
    spread = colourfulness(cells)
    # Middle grey is 128, or 130 once video levels are stretched. Grey things have shades.
    grey = even & (spread <= 4) & (np.abs(green - 129) <= 4)
    # Video levels give (0, 135, 0), full range (0, 154, 0); encoders move them a little.
    green_filled = even & (green >= 100) & (green <= 185) & (blue <= 50) & (red <= 50)
    return max(_of_one_level(green, each) for each in (grey, green_filled))


def _of_one_level(levels: Floats, cells: NDArray[np.bool_]) -> float:
    """The share of the picture that those cells take which are of their commonest level."""
    if not cells.any():
        return 0.0
    alike = np.abs(levels - np.median(levels[cells])) <= _FILL_SPREAD
    # A grey thing has many shades: then few of its cells are of one level.
    if float(alike[cells].mean()) < _FILL_ALIKE:
        return 0.0
    filled = cells & alike
    # Data are lost from one side of the picture to the other; a grey thing seldom spans it.
    rows = filled.mean(axis=1) >= _FILL_ACROSS
    return float(filled[rows].sum()) / cells.size


def _misfits(luma: Bytes2D, size: int) -> float:
    """Blocks of the codec's grid with a visible edge on three sides or four."""
    down, across = luma.shape[0] // size, luma.shape[1] // size
    if down < 4 or across < 4:
        return 0.0
    cut = luma[: down * size, : across * size]
    # Every other pixel along a border tells enough of it.
    upright = _edges(
        lambda off: cut[::2, size + off : (across - 1) * size + off + 1 : size], (across - 1, down)
    )
    level = _edges(
        lambda off: cut[size + off : (down - 1) * size + off + 1 : size, ::2], (across, down - 1)
    )
    sides = upright[1:-1, :-1] + upright[1:-1, 1:] + level[:-1, 1:-1] + level[1:, 1:-1]
    return float((sides >= 3).mean())


def _edges(line: Callable[[int], Bytes2D], blocks: tuple[int, int]) -> NDArray[np.int8]:
    """Per block: whether its border is an edge that the pixels beside the border are not.

    `line` gives the pixels that lie so far behind each border, before it where negative.
    """

    def by_block(one: int, two: int) -> Floats:
        apart = cv2.absdiff(np.ascontiguousarray(line(one)), np.ascontiguousarray(line(two)))
        return shrink_to(np.asarray(apart, np.float32), blocks)

    step = by_block(-1, 0)
    if float((step >= _STEP_LEVELS).mean()) < _LEAST_EDGES:
        return np.zeros(step.shape, np.int8)
    near = np.maximum(by_block(-2, -1), by_block(0, 1))
    return ((step >= _STEP_LEVELS) & (step >= 2.5 * near)).astype(np.int8)


def _tears(small: Floats) -> int:
    """Rows that continue the row above only when shifted sideways.

    A real edge across the picture (a kerb, a horizon) is as sharp, but no shift mends it.
    """
    level = small - small.mean(axis=1, keepdims=True)
    size = np.sqrt(np.einsum("ij,ij->i", level, level)) + 1e-3
    alike = np.einsum("ij,ij->i", level[1:], level[:-1]) / (size[1:] * size[:-1])
    strong = np.minimum(size[1:], size[:-1]) >= _TEAR_LEVELS * np.sqrt(level.shape[1])
    at = [
        int(row)
        for row in np.argsort(alike)[:6]
        if strong[row] and 4 <= row < len(alike) - 4 and _breaks(alike, int(row))
    ]
    return sum(_fits_after_shift(level, row) for row in at)


def _breaks(alike: Floats, row: int) -> bool:
    """Whether rows are alike above and below, and not here."""
    if alike[row] > _TEAR_USUAL - 0.25:
        return False
    around = np.concatenate([alike[row - 4 : row - 1], alike[row + 2 : row + 5]])
    return float(np.median(around)) >= _TEAR_USUAL


def _fits_after_shift(level: Floats, row: int) -> bool:
    above, below = level[row], level[row + 1]
    width = len(above)
    likeness = np.fft.irfft(np.fft.rfft(above) * np.conj(np.fft.rfft(below)), width)
    likeness[:3] = likeness[-2:] = -np.inf
    shift = int(likeness.argmax())
    # What comes in at the side may be anything: only the part that both rows hold is compared.
    moved = np.roll(below, shift)
    part = slice(shift, None) if shift <= width // 2 else slice(None, shift)
    one, two = above[part] - above[part].mean(), moved[part] - moved[part].mean()
    size = float(np.linalg.norm(one) * np.linalg.norm(two))
    return size > 0 and float(one @ two) / size >= _TEAR_MENDED
