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
from monitoring.looking.grid import COLUMNS, ROWS, Floats, means, middle, share_of, shares

__all__ = ["Damage", "look_for_damage"]

_BLOCK = 16  # pixels of a macroblock in H.264; H.265 and JPEG cut on multiples or halves of it
_LEAST_BLOCK = 8  # pixels that are left of it: in fewer there is no telling
_STEP_LEVELS = 22.0  # a block's edge that the eye sees as an edge
_LEAST_EDGES = 0.005  # of the borders: with fewer, no noticeable share of blocks has three
_STREAK_ALONG, _STREAK_ACROSS = 0.9, 0.08
_STREAK_LEVELS = 1.2  # between the rows at both ends of a streak
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
    same: tuple[Bytes2D, Bytes2D],
    cells: Floats,
    colours: Floats,
    even: NDArray[np.bool_],
    small: Floats,
    scale: float,
) -> Damage:
    """Measure one picture.

    `steps` come from `neighbours`, and `same` are masks of where they are one at most; `cells` are
    the colours in the fine grid, `colours` their `colourfulness` and `even` those of them without
    shading; `scale` is the width of `luma` by that of the camera's own picture.
    """
    block = round(_BLOCK * scale)
    # A width that does not divide is rounded up, which is less than a pixel for all blocks.
    whole = abs(_BLOCK * scale - block) * luma.shape[1] < block
    return Damage(
        streaks=_streaks(steps, same, small),
        filled=_filled(cells, colours, even),
        misfits=_misfits(luma, steps[0], block)
        if whole and block >= _LEAST_BLOCK and block % 2 == 0
        else 0.0,
        tears=_tears(small),
    )


def _streaks(
    steps: tuple[Bytes2D, Bytes2D], repeats: tuple[Bytes2D, Bytes2D], small: Floats
) -> float:
    """Stacks of tiles in which every row repeats the one above (or every column the one beside).

    A coarse codec repeats rows within a block; only damage repeats them over several tiles, and
    leaves the same row at both ends.
    """
    streaks = np.zeros((ROWS, COLUMNS), bool)
    across, down = steps
    for along, cross, axis in ((repeats[1], across, 0), (repeats[0], down, 1)):
        same = share_of(along) >= _STREAK_ALONG
        # Even areas are common, stacks of tiles that look alike are not: the dearest comes last.
        if not _stacked(same, axis).any():
            continue
        same &= means(_from_tile_to_tile(small, axis)) <= _STREAK_LEVELS
        if _stacked(same, axis).any():
            same &= shares(cross, cv2.CMP_GE, 3) >= _STREAK_ACROSS
            streaks |= _stacked(same, axis)
    return float(streaks.mean())


def _from_tile_to_tile(small: Floats, axis: int) -> Floats:
    """How much each pixel differs from the one a tile above it, or a tile to its left."""
    far = np.empty_like(small)
    tall, wide = small.shape[0] // ROWS, small.shape[1] // COLUMNS
    if axis == 0:
        far[:tall] = 255
        cv2.absdiff(small[tall:], small[:-tall], dst=far[tall:])
    else:
        far[:, :wide] = 255
        cv2.absdiff(small[:, wide:], small[:, :-wide], dst=far[:, wide:])
    return far


def _stacked(grid: NDArray[np.bool_], axis: int) -> NDArray[np.bool_]:
    """Those cells that stand in a run of two or more: with the first, a third of the height."""
    cells = grid if axis == 0 else grid.T
    stacked = np.zeros_like(cells)
    pairs = cells[1:] & cells[:-1]
    stacked[1:] = pairs
    stacked[:-1] |= pairs
    return stacked if axis == 0 else stacked.T


def _filled(cells: Floats, colours: Floats, even: NDArray[np.bool_]) -> float:
    """Even cells in the grey (128) or the green (all planes 0) that decoders begin from."""
    if not even.any():
        return 0.0
    blue, green, red = cells[..., 0], cells[..., 1], cells[..., 2]
    # Middle grey is 128, or 130 once video levels are stretched. Grey things have shades.
    grey = even & (colours <= 4) & (np.abs(green - 129) <= 4)
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


def _misfits(luma: Bytes2D, beside: Bytes2D, size: int) -> float:
    """Blocks of the codec's grid with a visible edge on three sides or four.

    `beside` is how much a pixel differs from the one to its left, of every other row.
    """
    down, across = luma.shape[0] // size, luma.shape[1] // size
    if down < 4 or across < 4:
        return 0.0
    half = size // 2  # every other pixel along a border tells enough of it

    def upright_steps(off: int) -> Floats:
        steps = beside[: down * half, size + off : (across - 1) * size + off + 1 : size]
        return _mean([steps[row::half] for row in range(half)])

    def level_steps(off: int) -> Floats:
        above, below = (
            luma[size + at : (down - 1) * size + at + 1 : size, : across * size]
            for at in (off - 1, off)
        )
        steps = np.asarray(cv2.absdiff(above, below), np.uint8)
        return _mean([steps[:, column::size] for column in range(0, size, 2)])

    upright, level = _edges(upright_steps), _edges(level_steps)
    sides = upright[1:-1, :-1] + upright[1:-1, 1:] + level[:-1, 1:-1] + level[1:, 1:-1]
    return float((sides >= 3).mean())


def _mean(parts: list[Bytes2D]) -> Floats:
    total = np.zeros(parts[0].shape, np.uint16)
    for part in parts:
        total += part
    return total * np.float32(1 / len(parts))


def _edges(steps: Callable[[int], Floats]) -> NDArray[np.int8]:
    """Per block: whether its border is an edge that the pixels beside the border are not.

    `steps` gives how much the two pixels differ, on average, between which a border lies, or the
    place so many pixels behind it.
    """
    step = steps(0)
    if float((step >= _STEP_LEVELS).mean()) < _LEAST_EDGES:
        return np.zeros(step.shape, np.int8)
    near = np.maximum(steps(-1), steps(1))
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
    return middle(around) >= _TEAR_USUAL


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
