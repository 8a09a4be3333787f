"""Brushes: the textures and shapes from which scenery is painted.

Pictures are BGR, 8 bits. Still parts are painted once per clip at leisure; what is used once per
picture keeps to a few passes over the array.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

__all__ = [
    "Image",
    "add_glow",
    "blocks",
    "cloudy_sky",
    "foliage",
    "glow",
    "grain",
    "poly",
    "ripples",
    "shade",
]

Image = npt.NDArray[np.uint8]
Random = np.random.Generator
Colour = tuple[int, int, int]


def ripples(rng: Random, size: int, roughness: float, stretch: float = 1.0) -> Image:
    """A square texture that repeats without seams; middle grey on average."""
    frequency = np.fft.fftfreq(size)
    fy, fx = np.meshgrid(frequency, frequency * stretch, indexing="ij")
    distance = np.hypot(fy, fx) * size
    spectrum = np.fft.fft2(rng.standard_normal((size, size)))
    spectrum *= np.where(distance > 0, 1 / np.maximum(distance, 1) ** roughness, 0)
    spectrum *= distance > 2  # no swell as wide as the picture
    waves = np.fft.ifft2(spectrum).real
    waves = (waves / waves.std()).astype(np.float32)
    return np.asarray(np.clip(128 + waves * 30, 0, 255), np.uint8)


def grain(image: Image, mask: Image, rng: Random, strength: float, fineness: int) -> None:
    """Weathered surface: patches of all sizes, darker and lighter, where the mask is set.

    ``fineness`` is the number of the finest patches across the whole picture.
    """
    left, top, wide, tall = cv2.boundingRect(mask)
    if not wide or not tall:
        return
    window = (slice(top, top + tall), slice(left, left + wide))
    part, share = image[window], wide / image.shape[1]
    own = _own_dice(rng)
    total = np.zeros((tall, wide), np.float32)
    for octave in range(5):
        cells = max(2, int((fineness >> octave) * share))
        small = own.standard_normal((cells * tall // wide + 2, cells + 2)).astype(np.float32)
        total += cv2.resize(small, (wide, tall), interpolation=cv2.INTER_CUBIC)
    gains = cv2.merge([1 + strength * 0.55 * total] * 3)
    changed = cv2.multiply(part, gains, dtype=cv2.CV_8U)
    cv2.copyTo(changed, mask[window], part)


def poly(image: Image, points: list[tuple[float, float]], colour: Colour) -> Image:
    """A filled polygon in shares of the picture's size; returns its mask."""
    height, width = image.shape[:2]
    corners = np.array([[x * width, y * height] for x, y in points], np.int32)
    cv2.fillPoly(image, [corners], colour, cv2.LINE_AA)
    mask = np.zeros((height, width), np.uint8)
    cv2.fillPoly(mask, [corners], 255)
    return mask


def cloudy_sky(image: Image, rng: Random, horizon: float, top: Colour, bottom: Colour) -> None:
    """An overcast sky down to the horizon."""
    height, width = image.shape[:2]
    rows = int(height * horizon) + 1
    share = np.linspace(0, 1, rows, dtype=np.float32)[:, None, None]
    sky = np.float32(top) * (1 - share) + np.float32(bottom) * share
    sky = np.repeat(sky, width, axis=1)
    clouds = np.zeros((rows, width), np.float32)
    for octave, cells in enumerate((3, 6, 13, 27)):
        small = rng.standard_normal((cells // 2 + 3, cells + 2)).astype(np.float32)
        clouds += cv2.resize(small, (width, rows), interpolation=cv2.INTER_CUBIC) / 1.7**octave
    sky += clouds[..., None] * 9 * (1 - share * 0.7)
    image[:rows] = np.clip(sky, 0, 255).astype(np.uint8)


def blocks(image: Image, rng: Random, horizon: float, haze: Colour, count: int = 14) -> None:
    """A hazy row of buildings that stands on the horizon, the near ones last."""
    height, width = image.shape[:2]
    for number in range(count):
        near = number / count
        wide = int(width * rng.uniform(0.05, 0.13))
        tall = int(height * horizon * rng.uniform(0.12, 0.62 - 0.3 * near))
        left, base = int(rng.uniform(-0.04, 0.98) * width), int(horizon * height)
        own = rng.uniform(70, 165) * (1 - 0.25 * near)
        tint = np.array([own * rng.uniform(0.95, 1.12), own, own * rng.uniform(0.92, 1.1)])
        share = 0.62 - 0.35 * near
        colour = np.float32(haze) * share + tint * (1 - share)
        cv2.rectangle(image, (left, base - tall), (left + wide, base), colour.tolist(), -1)
        side = (colour * 0.86).tolist()
        cv2.rectangle(image, (left + wide * 3 // 4, base - tall), (left + wide, base), side, -1)
        step, panes = max(5, height // rng.integers(55, 90)), _own_dice(rng)
        for y in range(base - tall + step // 2, base - step // 2, step):
            for x in range(left + 3, left + wide * 3 // 4 - 3, step):
                pane = (colour * panes.uniform(0.7, 0.95)).tolist()
                cv2.rectangle(image, (x, y), (x + step // 2, y + step // 2), pane, -1)


def _own_dice(rng: Random) -> Random:
    """For what is drawn more often in a larger picture: the place must stay the same."""
    return np.random.default_rng(rng.integers(1 << 32))


def foliage(
    image: Image, rng: Random, centre: tuple[float, float], size: tuple[float, float], light: float
) -> None:
    """A tree's crown or a hedge: many leaves, lighter on top."""
    height, width = image.shape[:2]
    for number in range(420):
        depth = number / 420
        angle, radius = rng.uniform(0, 2 * np.pi), np.sqrt(rng.uniform(0, 1))
        ragged = 1 + 0.25 * np.sin(angle * 5 + centre[0] * 40)
        x = centre[0] + np.cos(angle) * radius * size[0] * ragged
        y = centre[1] + np.sin(angle) * radius * size[1] * ragged
        sun = (1.1 - 0.75 * (y - centre[1] + size[1]) / (2 * size[1])) * (0.45 + 0.6 * depth)
        value = light * sun * rng.uniform(0.7, 1.2)
        colour = (value * 0.45, value * 0.82, value * rng.uniform(0.5, 0.68))
        spot = (int(x * width), int(y * height))
        axes = (max(1, int(width * rng.uniform(0.003, 0.009))), max(1, int(width * 0.004)))
        cv2.ellipse(image, spot, axes, float(rng.uniform(0, 180)), 0, 360, colour, -1)


def shade(image: Image, gains: npt.NDArray[np.float32], tint: Colour) -> Image:
    """The picture under other light: a gain per pixel and a tint (255 leaves as it is)."""
    factor = gains[..., None] * (np.float32(tint) / 255)
    return np.asarray(np.clip(image * factor, 0, 255), np.uint8)


def glow(radius: int, colour: Colour, sharpness: float = 3.0) -> Image:
    """A round patch of light that fades to black at its rim, to be added with ``add_glow``."""
    axis = np.linspace(-1, 1, radius * 2 + 1, dtype=np.float32)
    distance = np.hypot(axis[:, None], axis[None, :])
    falloff = np.clip(1 - distance, 0, 1) ** sharpness
    return np.asarray(falloff[..., None] * np.float32(colour), np.uint8)


def add_glow(image: Image, x: float, y: float, light: Image) -> None:
    """Add a patch of light around a point, cut off at the picture's edges."""
    height, width = image.shape[:2]
    tall, wide = light.shape[:2]
    left, top = int(x) - wide // 2, int(y) - tall // 2
    x0, y0, x1, y1 = max(left, 0), max(top, 0), min(left + wide, width), min(top + tall, height)
    if x0 < x1 and y0 < y1:
        target = image[y0:y1, x0:x1]
        cv2.add(target, light[y0 - top : y1 - top, x0 - left : x1 - left], dst=target)
