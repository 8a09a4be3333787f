"""Measurements of one picture by itself."""

from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from monitoring.grabbing.pictures import Bytes2D
from monitoring.looking.change import trace_of
from monitoring.looking.damage import Damage, look_for_damage
from monitoring.looking.grid import (
    VIEW,
    Floats,
    colourfulness,
    compared,
    inner,
    means,
    neighbours,
    percentile,
    shrink_to,
    small_of,
    tiles,
)
from monitoring.looking.synthetic import CELLS, Drawing, even_cells, look_for_drawing

__all__ = ["Look", "look"]

# Grey levels (0 … 255). A tile shows something when its averaged pixels differ by this much;
# noise averages out below it, a lamp, an edge or a wave does not.
STRUCTURE_LEVELS = 14.0
# Fine detail is what a blur of about one pixel of the small picture takes away.
_FINE_SIGMA = 1.0
# The flattest tiles show noise and nothing else; the fifth of them that does is plenty.
_FLAT_PERCENTILE = 20
# Noise differs between light and dark tiles: only what clearly exceeds it counts as detail.
_NOISE_MARGIN = 1.6
# Where even the flattest tiles have more than this (grey levels), it is texture: bricks, grass.
_MOST_NOISE = 2.5
_STRUCTURE_SIZE = (160, 90)
_SAMPLE = (2 * CELLS[0], 2 * CELLS[1])  # pixels whose colour is looked at


@dataclass(frozen=True, eq=False)
class Look:
    """What one picture shows. Levels are grey levels 0 … 255, shares 0 … 1.

    `brightness` is the mean and `lights` the 99th percentile of the averaged picture, `low` and
    `high` its 5th and 95th; `clipped` the share of it that is white; `structure` the share of
    tiles, edges left out, in which something can be seen; `colour` how far it is from grey.
    `detail` (9 × 16) is the fine detail of each tile, noise taken off, `noise` what was taken.
    `view` (54 × 96) is the picture itself, for comparing; `trace` TRACE_BYTES bytes for the next
    probe. Without colours there is neither `drawing` nor `damage`.
    """

    brightness: float
    lights: float
    structure: float
    trace: bytes
    low: float
    high: float
    clipped: float
    colour: float
    noise: float
    detail: Floats = field(repr=False)
    view: Floats = field(repr=False)
    drawing: Drawing | None = None
    damage: Damage | None = None


def look(luma: Bytes2D, bgr: NDArray[np.uint8] | None = None, width: int | None = None) -> Look:
    """Measure one picture: luminance h × w, colours, and the camera's own width in pixels."""
    small = small_of(luma)
    half = shrink_to(small, _STRUCTURE_SIZE)
    spread = inner(tiles(half))
    ranked = np.sort(half, axis=None)
    low, high, lights = (ranked[int(share * (ranked.size - 1))] for share in (0.05, 0.95, 0.99))
    detail, noise = _detail(small)
    drawing = damage = None
    colour = 0.0
    if bgr is not None:
        steps = neighbours(luma)
        across, down = steps
        # Where a pixel repeats its neighbour, within one grey level.
        same = compared(across, cv2.CMP_LE, 1), compared(down, cv2.CMP_LE, 1)
        even = even_cells(*same)
        sample = np.asarray(cv2.resize(bgr, _SAMPLE, interpolation=cv2.INTER_NEAREST), np.uint8)
        cells = shrink_to(sample, CELLS)
        colours = colourfulness(cells)
        drawing = look_for_drawing(luma, sample, cells, colours, even)
        # By how much the picture is smaller than the camera's own.
        scale = luma.shape[1] / width if width else 1.0
        damage = look_for_damage(luma, steps, same, cells, colours, even, small, scale)
        # A camera in infrared gives exactly grey pixels.
        colour = float(colours.mean())
    return Look(
        brightness=float(half.mean()),
        lights=float(lights),
        structure=float((spread.max(axis=2) - spread.min(axis=2) >= STRUCTURE_LEVELS).mean()),
        trace=trace_of(luma, small),
        low=float(low),
        high=float(high),
        clipped=float((half >= 248).mean()),
        colour=colour,
        noise=noise,
        detail=detail,
        view=shrink_to(small, VIEW),
        drawing=drawing,
        damage=damage,
    )


def _detail(small: Floats) -> tuple[Floats, float]:
    """Root mean square of the fine detail in each tile, without noise; and the noise."""
    fine = small - cv2.GaussianBlur(small, (0, 0), _FINE_SIGMA)
    energy = means(np.asarray(fine * fine, np.float32))
    noise = min(percentile(energy, _FLAT_PERCENTILE), _MOST_NOISE**2)
    clean = np.sqrt(np.maximum(energy - _NOISE_MARGIN * noise, 0))
    return np.asarray(clean, np.float32), float(np.sqrt(noise))
