"""Faults as they come about: in front of the lens, in it, on the sensor, on the line.

`OPTICAL` change what falls on the sensor, before its noise; `ELECTRIC` what the camera sends.
Each takes the picture, how strong (0 … 1, a variant) and dice.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from tests.farm.canvas import Image, Random

__all__ = ["ELECTRIC", "OPTICAL", "VARIANTS"]

Fault = Callable[[Image, Random], Image]


def _lens_cap(picture: Image, rng: Random) -> Image:
    """Nothing but a little stray light from one side."""
    height, width = picture.shape[:2]
    ramp = np.linspace(0, rng.uniform(0, 9), width, dtype=np.float32)
    level = np.repeat(np.repeat(ramp[None, :, None], height, 0), 3, 2) + rng.uniform(0, 9)
    return np.asarray(level, np.uint8)


def _no_light(picture: Image, rng: Random) -> Image:
    return np.full_like(picture, int(rng.integers(0, 7)))


def _cloth(picture: Image, rng: Random) -> Image:
    """Folds close to the lens; light comes past at one corner."""
    height, width = picture.shape[:2]
    folds = _soft(rng, (height, width), 7) * 0.5 + 0.75
    tint = np.float32(rng.uniform(25, 90, 3)) * _ambient(picture)
    if _is_grey(picture):
        tint[:] = tint.mean()
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    past = x / width * rng.choice([-1, 1]) + y / height * rng.choice([-1, 1])
    past -= past.min()
    open_share = 1 / (1 + np.exp(-(past - rng.uniform(1.45, 1.75)) * 22))[..., None]
    soft = cv2.GaussianBlur(picture, (0, 0), 4)
    return _mix(soft, folds[..., None] * tint, open_share)


def _hand(picture: Image, rng: Random) -> Image:
    """Skin, out of focus, over 65 to 95 per cent of the view."""
    height, width = picture.shape[:2]
    mask = _blob(rng, (height, width), rng.uniform(0.65, 0.95), 12)
    skin = np.float32((70, 95, 140)) * rng.uniform(0.4, 1.3) * _ambient(picture)
    if _is_grey(picture):
        skin[:] = skin.mean()
    shade = (_soft(rng, (height, width), 5) * 0.35 + 0.85)[..., None]
    return _mix(picture, shade * skin, 1 - mask[..., None])


def _leaf(picture: Image, rng: Random) -> Image:
    """A leaf against the lens: green, with light through it, over most of the view."""
    height, width = picture.shape[:2]
    mask = _blob(rng, (height, width), rng.uniform(0.7, 0.9), 9)
    green = np.float32((40, 120, 70)) * rng.uniform(0.4, 1.2) * _ambient(picture)
    if _is_grey(picture):
        green[:] = green.mean()
    shade = (_soft(rng, (height, width), 9) * 0.4 + 0.8)[..., None]
    return _mix(picture, shade * green, 1 - mask[..., None])


def _paint(picture: Image, rng: Random) -> Image:
    """Spray paint on the glass: one colour, thinner towards one edge."""
    height, width = picture.shape[:2]
    mask = _blob(rng, (height, width), rng.uniform(0.85, 1.0), 30)
    colour = np.float32(rng.uniform(15, 150, 3)) * _ambient(picture)
    if _is_grey(picture):
        colour[:] = colour.mean()
    speckle = (_soft(rng, (height, width), 16) * 0.2 + 0.9)[..., None]
    soft = cv2.GaussianBlur(picture, (0, 0), 3)
    return _mix(soft, speckle * colour, 1 - np.clip(mask * 1.05, 0, 1)[..., None])


def _blur(picture: Image, rng: Random) -> Image:
    """A lens out of focus: 0.7 to 2 per cent of the width."""
    sigma = picture.shape[1] * rng.uniform(0.007, 0.02)
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma), np.uint8)


def _disc(picture: Image, rng: Random) -> Image:
    """The same as a real aperture does it: points become discs."""
    radius = max(3, int(picture.shape[1] * rng.uniform(0.012, 0.03)))
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1,) * 2).astype(np.float32)
    return np.asarray(cv2.filter2D(picture, -1, disc / disc.sum()), np.uint8)


def _turned(picture: Image, rng: Random) -> Image:
    """Turned by a tenth to a half of the view, and tilted."""
    height, width = picture.shape[:2]
    across = rng.choice([-1, 1]) * rng.uniform(0.1, 0.5) * width
    down = rng.uniform(-0.15, 0.15) * height
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), float(rng.uniform(-6, 6)), 1.06)
    turn[:, 2] += (across, down)
    mode = cv2.BORDER_REFLECT
    return np.asarray(cv2.warpAffine(picture, turn, (width, height), borderMode=mode), np.uint8)


def _sagged(picture: Image, rng: Random) -> Image:
    """The bracket gave way: hangs down at an angle."""
    height, width = picture.shape[:2]
    angle = float(rng.choice([-1, 1]) * rng.uniform(12, 35))
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1.1)
    turn[:, 2] += (0, -rng.uniform(0.15, 0.4) * height)
    mode = cv2.BORDER_REFLECT
    return np.asarray(cv2.warpAffine(picture, turn, (width, height), borderMode=mode), np.uint8)


def _overexposed(picture: Image, rng: Random) -> Image:
    """The exposure runs away: everything but the darkest parts is white."""
    lift = rng.uniform(90, 150)
    gain = rng.uniform(2.5, 5.0) * (90 / max(float(picture.mean()), 12))
    return np.asarray(np.clip(picture * max(gain, 1.5) + lift, 0, 255), np.uint8)


def _veiled(picture: Image, rng: Random) -> Image:
    """Light straight into the lens: a bright veil that leaves little contrast."""
    alpha, beta = rng.uniform(0.12, 0.32), rng.uniform(172, 205)
    soft = cv2.GaussianBlur(picture, (0, 0), picture.shape[1] / 640)
    return np.asarray(np.clip(soft * alpha + beta, 0, 255), np.uint8)


def _blue(picture: Image, rng: Random) -> Image:
    colour = [(178, 34, 12), (255, 0, 0), (130, 20, 0), (200, 60, 40)][int(rng.integers(4))]
    return _banner(np.full_like(picture, colour), rng, ["NO SIGNAL", "NO VIDEO", ""])


def _dark_banner(picture: Image, rng: Random) -> Image:
    level = int(rng.choice([0, 16, 60, 110]))
    return _banner(np.full_like(picture, level), rng, ["VIDEO LOSS", "NO SIGNAL", "CAM 04 OFFLINE"])


def _bars(picture: Image, rng: Random) -> Image:
    """SMPTE's bars at 75 or 100 per cent, with an analogue line's noise or without."""
    height, width = picture.shape[:2]
    high = int(rng.choice([191, 255]))
    colours = [(1, 1, 1), (0, 1, 1), (1, 1, 0), (0, 1, 0), (1, 0, 1), (0, 0, 1), (1, 0, 0)]
    bars = np.zeros_like(picture)
    for number, colour in enumerate(colours):
        left, right = number * width // 7, (number + 1) * width // 7
        bars[:, left:right] = np.array(colour) * high
    if rng.uniform() < 0.5:
        below = np.array([[1, 0, 0], [0, 0, 0], [1, 0, 1], [0, 0, 0], [1, 1, 0], [0, 0, 0]]) * high
        for number, colour in enumerate(below):
            left, right = number * width // 6, (number + 1) * width // 6
            bars[height * 2 // 3 :, left:right] = colour
    if rng.uniform() < 0.5:
        noise = rng.normal(0, rng.uniform(2, 7), bars.shape)
        bars = np.clip(bars + noise, 0, 255).astype(np.uint8)
    return bars


def _snow(picture: Image, rng: Random) -> Image:
    height, width = picture.shape[:2]
    grey = np.clip(rng.normal(110, 60, (height, width)), 0, 255).astype(np.uint8)
    return np.asarray(cv2.merge([grey, grey, grey]), np.uint8)


def _grey_below(picture: Image, rng: Random) -> Image:
    """The rest of the picture never came: the decoder's grey or green."""
    height = picture.shape[0]
    start = int(height * rng.uniform(0.25, 0.8)) // 16 * 16
    colour = (128, 128, 128) if rng.uniform() < 0.5 else (0, 135, 0)
    harmed = picture.copy()
    harmed[start:] = colour
    return harmed


def _smeared(picture: Image, rng: Random) -> Image:
    """The last good row, repeated down."""
    height, width = picture.shape[:2]
    start = int(height * rng.uniform(0.3, 0.75)) // 16 * 16
    left = int(rng.integers(0, width // 3)) // 16 * 16
    harmed = picture.copy()
    harmed[start:, left:] = harmed[start - 1, left:]
    return harmed


def _scrambled(picture: Image, rng: Random) -> Image:
    """Macroblocks that landed elsewhere, or came out in a wrong colour."""
    height, width = picture.shape[:2]
    harmed = picture.copy()
    down, across = height // 16, width // 16
    for _ in range(int(down * across * rng.uniform(0.12, 0.3))):
        y, x = int(rng.integers(0, down)) * 16, int(rng.integers(0, across)) * 16
        if rng.uniform() < 0.5:
            harmed[y : y + 16, x : x + 16] = rng.integers(0, 256, 3)
        else:
            v, u = int(rng.integers(0, down)) * 16, int(rng.integers(0, across)) * 16
            harmed[y : y + 16, x : x + 16] = picture[v : v + 16, u : u + 16]
    return harmed


def _torn(picture: Image, rng: Random) -> Image:
    """Strips that slipped sideways: lost synchronisation."""
    height, width = picture.shape[:2]
    harmed = picture.copy()
    cuts = np.sort(rng.integers(height // 6, height * 5 // 6, int(rng.integers(1, 4))))
    for number, cut in enumerate(cuts):
        end = cuts[number + 1] if number + 1 < len(cuts) else height
        shift = int(rng.choice([-1, 1]) * rng.uniform(0.06, 0.45) * width)
        harmed[cut:end] = np.roll(picture[cut:end], shift, axis=1)
    return harmed


OPTICAL: dict[str, dict[str, Fault]] = {
    "black": {"lens-cap": _lens_cap, "no-light": _no_light},
    "covered": {"cloth": _cloth, "hand": _hand, "leaf": _leaf, "paint": _paint},
    "defocused": {"blur": _blur, "disc": _disc},
    "moved": {"turned": _turned, "sagged": _sagged},
    "washed_out": {"overexposed": _overexposed, "veiled": _veiled},
}
ELECTRIC: dict[str, dict[str, Fault]] = {
    "signal_lost": {"blue": _blue, "banner": _dark_banner, "bars": _bars, "snow": _snow},
    "corrupt": {
        "filled": _grey_below,
        "smeared": _smeared,
        "scrambled": _scrambled,
        "torn": _torn,
        "lost-bytes": lambda picture, rng: picture,  # harmed in the coded data: see cameras.py
    },
    # Standing pictures: see cameras.py.
    "frozen": {
        name: lambda picture, rng: picture for name in ("still", "still-clock", "big-clock")
    },
}
VARIANTS = {verdict: tuple(variants) for verdict, variants in {**OPTICAL, **ELECTRIC}.items()}


def _banner(picture: Image, rng: Random, texts: list[str]) -> Image:
    height, width = picture.shape[:2]
    text = texts[int(rng.integers(len(texts)))]
    scale = height / 360 * rng.uniform(0.9, 1.8)
    font, thick = cv2.FONT_HERSHEY_SIMPLEX, max(2, height // 180)
    (wide, tall), _ = cv2.getTextSize(text, font, scale, thick)
    if wide > width * 0.9:
        scale *= width * 0.9 / wide
        (wide, tall), _ = cv2.getTextSize(text, font, scale, thick)
    spot = ((width - wide) // 2, (height + tall) // 2)
    cv2.putText(picture, text, spot, font, scale, (235, 235, 235), thick, cv2.LINE_AA)
    return picture


def _ambient(picture: Image) -> float:
    """What covers a lens is as lit as its surroundings; a camera's own infrared lights it up."""
    return 1.0 if _is_grey(picture) else float(np.clip(picture.mean() / 95, 0.15, 1))


def _is_grey(picture: Image) -> bool:
    return bool(np.ptp(picture.reshape(-1, 3).astype(np.int16), axis=1).max() < 4)


def _soft(rng: Random, shape: tuple[int, int], cells: int) -> np.ndarray:
    small = rng.uniform(0, 1, (cells * 9 // 16 + 2, cells + 2)).astype(np.float32)
    return cv2.resize(small, shape[::-1], interpolation=cv2.INTER_CUBIC)


def _blob(rng: Random, shape: tuple[int, int], share: float, softness: float) -> np.ndarray:
    """A soft-edged mask (0 … 1) that covers about `share` of the picture, from one side in."""
    height, width = shape
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    angle = rng.uniform(0, 2 * np.pi)
    along = np.cos(angle) * x / width + np.sin(angle) * y / height
    wavy = along + (_soft(rng, shape, 4) - 0.5) * 0.25
    limit = np.quantile(wavy, share)
    edge = softness / width
    return np.asarray(1 / (1 + np.exp((wavy - limit) / edge)), np.float32)


def _mix(picture: Image, cover: np.ndarray, open_share: np.ndarray) -> Image:
    mixed = picture * open_share + cover * (1 - open_share)
    return np.asarray(np.clip(mixed, 0, 255), np.uint8)
