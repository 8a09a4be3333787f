"""How like its own past a picture is: the same view, the same sharpness, nothing in front.

Light changes all day, so brightness is not compared but structure: at each point, in which
direction it gets lighter. Moving things differ from any reference; what counts is how much of
what always stood there is found again.
"""

from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from monitoring.looking.grid import COLUMNS, ROWS, VIEW, Floats, inner, means, middle
from monitoring.looking.measures import Look

__all__ = ["Likeness", "compare"]

# Slopes (grey levels a pixel of the view) below this are noise, haze or compression.
_SLOPE_LEVELS = 3.0
# Wind shakes poles: the view may be off by this many pixels of the view (2 %) and is the same.
_SWAY = 2
# A tile of the reference says something about sharpness when its detail is at least so strong
# (grey levels, root mean square).
DETAIL_LEVELS = 1.2
# … and something about the view when at least so much of its slopes is certain.
_STRUCTURED = 0.06
# Of a tile's structure, usually found again: less is traffic, water, leaves.
_TRUSTED = 0.5
_STEADY = 0.4  # share by which a tile's detail differs from its usual, on average
_MISSING = 0.25  # of a tile's structure, found again: less than this is not there any more
_TAIL = 0.3  # of a tile's detail
_LEAST_CONTRAST = 0.5
_ENOUGH_TILES = 24  # with structure and detail; with fewer it is a surface: asphalt, water, a lawn
# Of the structure of a whole row of tiles:
_IN_PLACE, _ASTRAY = 0.5, 0.25  # found in its place, and not
_TORN_FITS, _TORN_GAIN = 0.45, 0.25  # found after a shift
_KEPT = 0.6  # of a tile's structure: it is where it was
_LEAST_SOUND = 2  # rows of tiles in place, of a damaged picture


@dataclass(frozen=True, eq=False)
class Likeness:
    """A picture beside its camera's reference.

    `found` is the share of the reference's structure that is where it was, `elsewhere` the share
    that is found after shifting the picture by `shift` (share of the width and of the height).
    `sharpness` is the median, over the tiles that used to have detail, of detail now by then,
    where coarse contrast is as it was: a dull day dulls both;
    `hidden` the share of those tiles that kept neither detail nor structure, `kept` the share
    of those with structure that kept it; `typical` the structure found again in half of the tiles;
    `lit` the share of the reference's detail that is left, whichever the tile;
    `is_surface` whether the view is little more than one, so that its detail alone is asked for;
    `alike` the correlation of the light in all tiles now with then;
    `recall` how much of each tile's structure is found, trusted or not;
    `torn` counts the rows of tiles that fit only after a shift sideways, while others are in
    place; `broken` those at the bottom that do not fit though they have detail, while all above
    are in place: where a decoder lost its way, everything after it is wrong.
    """

    found: float
    elsewhere: float
    shift: tuple[float, float]
    sharpness: float
    hidden: float
    typical: float
    kept: float
    lit: float
    is_surface: bool
    alike: float
    detailed_tiles: int
    structured_tiles: int
    torn: int
    broken: int
    recall: Floats = field(repr=False)


def compare(look: Look, view: Floats, detail: Floats, trust: Floats, wander: Floats) -> Likeness:
    """Measure a picture against its camera's reference.

    `view` is the averaged picture and `detail` the usual detail; `trust` how much of each tile's
    structure was found again usually, and `wander` by what share its detail usually differs: where
    things come and go, a tile tells nothing.
    """
    now, then = _slopes(look.view), _slopes(view)
    had = _strength(then)
    structured = (had >= _STRUCTURED) & (trust >= _TRUSTED)
    trusted = np.asarray(then * _enlarged(structured), np.complex64)
    found, sway, elsewhere, shift = _align(now, trusted)
    light_now, light_then = (inner(means(each)) for each in (look.view, view))
    swayed = np.roll(now, sway, axis=(0, 1)) if any(sway) else now
    again = means((swayed * np.conj(then)).real.astype(np.float32))
    recall = np.where(had >= _STRUCTURED, again / np.maximum(had, 1e-6), 1.0)
    detailed = (detail >= DETAIL_LEVELS) & (wander <= _STEADY)
    judged = detailed & structured
    is_surface = int(judged.sum()) < _ENOUGH_TILES
    if is_surface:
        judged = detailed
    ratio = np.minimum(
        look.detail / np.maximum(detail, 1e-3) / _contrast(light_now, light_then), 4.0
    )
    gone = judged & (ratio < _TAIL) & ((recall < _MISSING) | (had < _STRUCTURED))
    count = max(int(judged.sum()), 1)
    lively = (judged & (look.detail >= DETAIL_LEVELS)).sum(axis=1) >= 0.5 * judged.sum(axis=1)
    torn, broken = _rows_astray(now, trusted, np.where(structured, had, 0), structured, lively)
    return Likeness(
        found=found,
        elsewhere=elsewhere,
        shift=(shift[0] / VIEW[0], shift[1] / VIEW[1]),
        sharpness=middle(ratio[judged]) if judged.any() else 1.0,
        hidden=float(gone.sum()) / count,
        typical=middle(recall[structured]) if structured.any() else 1.0,
        kept=float((recall[structured] >= _KEPT).mean()) if structured.any() else 1.0,
        lit=float((look.detail >= DETAIL_LEVELS).sum())
        / max(int((detail >= DETAIL_LEVELS).sum()), 1),
        is_surface=is_surface,
        alike=_alike(light_now, light_then),
        detailed_tiles=int(judged.sum()),
        structured_tiles=int(structured.sum()),
        torn=torn,
        broken=broken,
        recall=np.asarray(np.clip(recall, 0, 1), np.float32),
    )


def _strength(slopes: NDArray[np.complex64]) -> Floats:
    return means(slopes.real**2 + slopes.imag**2)


def _enlarged(grid: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Each tile as the pixels of the view that it covers."""
    return grid.repeat(VIEW[1] // ROWS, axis=0).repeat(VIEW[0] // COLUMNS, axis=1)


def _slopes(view: Floats) -> NDArray[np.complex64]:
    """The direction in which it gets lighter, as a complex number: 1 where certain, 0 where not."""
    # The frame around the picture, and what the camera writes there, tell nothing of the view.
    slopes = np.zeros(view.shape, np.complex64)
    slope = slopes[_EDGE:-_EDGE]
    slope.real = cv2.Sobel(view, cv2.CV_32F, 1, 0, ksize=3, scale=1 / 8)[_EDGE:-_EDGE]
    slope.imag = cv2.Sobel(view, cv2.CV_32F, 0, 1, ksize=3, scale=1 / 8)[_EDGE:-_EDGE]
    size = np.abs(slope)
    slope *= size
    slope /= size * size + np.float32(_SLOPE_LEVELS**2)
    return slopes


def _contrast(now: Floats, then: Floats) -> float:
    """How much of the usual contrast between tiles there is: less under clouds or a short exposure,
    while a lens out of focus changes nothing so coarse.

    Within limits: where little is left, that is not for want of light.
    """
    usual, left = float(then.std()), float(now.std())
    return min(max(left / usual, _LEAST_CONTRAST), 1.0) if usual > 1 else 1.0


def _alike(now: Floats, then: Floats) -> float:
    one, two = now.ravel(), then.ravel()
    one, two = one - one.mean(), two - two.mean()
    size = float(np.linalg.norm(one) * np.linalg.norm(two))
    return float(one @ two) / size if size > 0 else 1.0


_EDGE = VIEW[1] // ROWS  # one row of tiles, as everywhere
# Within sway of its place, upwards and to the left by negative places, which count from the end.
_NEAR = np.ix_(np.arange(-_SWAY, _SWAY + 1), np.arange(-_SWAY, _SWAY + 1))


def _align(
    now: NDArray[np.complex64], then: NDArray[np.complex64]
) -> tuple[float, tuple[int, int], float, tuple[int, int]]:
    """(found in place, the roll that finds it, found at the best other place, its shift)."""
    whole = float((then.real**2 + then.imag**2).sum())
    if whole <= 0:
        return 1.0, (0, 0), 0.0, (0, 0)
    product = cv2.mulSpectrums(_spectrum(now), _spectrum(then), 0, conjB=True)
    likeness = cv2.dft(product, flags=cv2.DFT_INVERSE | cv2.DFT_SCALE)[..., 0] / whole
    height, width = likeness.shape
    place = likeness[_NEAR]
    down, across = divmod(int(place.argmax()), 2 * _SWAY + 1)
    found = float(place.max())
    likeness[_NEAR] = -1.0
    off_down, off_across = divmod(int(likeness.argmax()), width)
    elsewhere = float(likeness[off_down, off_across])
    shift = (
        off_across if off_across <= width // 2 else off_across - width,
        off_down if off_down <= height // 2 else off_down - height,
    )
    return found, (_SWAY - down, _SWAY - across), elsewhere, shift


def _spectrum(slopes: NDArray[np.complex64]) -> Floats:
    """As OpenCV takes and gives it, which is quicker than NumPy: pairs of real numbers."""
    return np.asarray(cv2.dft(slopes.view(np.float32).reshape(*slopes.shape, 2)), np.float32)


def _rows_astray(
    now: NDArray[np.complex64],
    then: NDArray[np.complex64],
    strength: Floats,
    structured: NDArray[np.bool_],
    lively: NDArray[np.bool_],
) -> tuple[int, int]:
    """(rows of tiles that fit after a shift, rows at the bottom that do not fit)."""
    tall, wide = now.shape[0] // ROWS, now.shape[1]
    whole = np.maximum(strength.mean(axis=1) * tall * wide, 1e-6)
    # In the rows at both edges there are no slopes.
    spectrum = np.fft.fft(now[_EDGE:-_EDGE], axis=1) * np.conj(
        np.fft.fft(then[_EDGE:-_EDGE], axis=1)
    )
    by_row = spectrum.reshape(ROWS - 2, -1, wide).sum(axis=1)
    likeness = np.zeros((ROWS, wide), np.float32)
    likeness[1:-1] = np.fft.ifft(by_row, axis=1).real / whole[1:-1, None]
    place = np.maximum(likeness[:, : _SWAY + 1].max(axis=1), likeness[:, -_SWAY:].max(axis=1))
    telling = structured.sum(axis=1) >= COLUMNS // 4
    in_place = telling & (place >= _IN_PLACE)
    if int(in_place.sum()) < _LEAST_SOUND:
        return 0, 0
    far = likeness[:, _SWAY + 1 : -_SWAY].max(axis=1)
    shifted = telling & (far >= _TORN_FITS) & (far >= place + _TORN_GAIN)
    last = int(np.flatnonzero(in_place)[-1])
    above, below = telling[: last + 1], telling.copy()
    below[: last + 1] = False
    astray = below & (place < _ASTRAY) & lively
    sound = bool((in_place[: last + 1] == above).all()) and bool((astray == below).all())
    return int(shifted.sum()), int(astray.sum()) if sound else 0
