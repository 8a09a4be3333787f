"""From light to what a camera sends: weather, sensor noise, denoising, the writing on top."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache

import cv2
import numpy as np

from tests.farm.canvas import Image, Random, add_glow, glow

__all__ = ["CLOCK", "Sensor", "in_light", "write_clock"]

CLOCK = datetime(2026, 11, 24, 14, 26, 5)
_SPARE = 160  # pixels by which a window of noise can lie elsewhere: 25,600 different ones
LIGHTS = ("day", "night", "infrared", "rain")


def in_light(picture: Image, light: str, place: int) -> Image:
    """A picture taken by day, as the same place (a seed) would look in another light."""
    height, width = picture.shape[:2]
    if light == "night":
        spots, gains = _lamps(height, width, place)
        night = np.asarray(np.clip(picture * gains, 0, 255), np.uint8)
        for across, down in spots:
            add_glow(night, across * width, down * height, glow(height // 9, (90, 150, 200), 2.6))
            add_glow(night, across * width, down * height, glow(height // 60 + 2, (235,) * 3, 0.7))
        return night
    if light == "infrared":
        grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY).astype(np.float32)
        one = np.clip(grey * _infrared(height, width) + 8, 0, 255).astype(np.uint8)
        return np.asarray(cv2.merge([one, one, one]), np.uint8)
    if light == "rain":
        veil = cv2.convertScaleAbs(picture, alpha=0.72, beta=38)
        return np.asarray(cv2.GaussianBlur(veil, (0, 0), 0.7), np.uint8)
    return picture


@lru_cache(maxsize=4)
def _lamps(height: int, width: int, seed: int) -> tuple[list[tuple[float, float]], np.ndarray]:
    """Where the lamps are, and how they light the place: parts of it, the rest lies in the dark."""
    dice = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    gains = np.full((height, width), 0.09, np.float32)
    spots = [(dice.uniform(0, 1), dice.uniform(0.1, 0.7)) for _ in range(4)]
    for across, down in spots:
        far = ((x / width - across) ** 2 + (y / height - down) ** 2 * 0.5) * 30
        gains += 0.42 / (1 + far)
    return spots, gains[..., None] * np.float32((0.62, 0.85, 1.0))


@lru_cache(maxsize=4)
def _infrared(height: int, width: int) -> np.ndarray:
    """The camera's own lamp: a cone before it."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    lit = np.exp(-(((x / width - 0.5) / 0.45) ** 2 + ((y / height - 0.58) / 0.5) ** 2))
    return np.asarray(0.15 + 0.85 * lit, np.float32)


class Sensor:
    """A camera's sensor and its signal processor.

    `gain` grows in the dark; `denoise` 0 … 1 is how much of the noise the camera's own filter
    takes out, over time and over neighbours; `drift` how far light wanders within hours.
    """

    def __init__(self, light: str, denoise: float, rng: Random) -> None:
        self.light, self.denoise = light, denoise
        self.gain = {"day": 1.0, "rain": 1.4, "night": 3.0, "infrared": 2.4}[light]
        self._phase = rng.uniform(0, 2 * np.pi, 3)
        self._sway = rng.uniform(0, 0.8) if light in ("day", "rain") else rng.uniform(0, 0.3)

    def daytime(self, picture: Image, hours: float) -> Image:
        """The light wanders: the sun, clouds, the exposure; a shadow moves through."""
        bright = 1 + 0.12 * np.sin(hours / 3 + self._phase[0]) + 0.04 * np.sin(hours * 2)
        if self.light not in ("day", "rain"):
            return np.asarray(cv2.convertScaleAbs(picture, alpha=1 + (bright - 1) * 0.3), np.uint8)
        height, width = picture.shape[:2]
        ramp = np.linspace(-1, 1, width, dtype=np.float32)
        edge = np.sin(hours / 2 + self._phase[1]) * 1.2
        shadow = 1 - 0.22 / (1 + np.exp(-(ramp - edge) * 9))
        gains = np.repeat((bright * shadow)[None, :, None], 3, axis=2).astype(np.float32)
        gains = np.repeat(gains, height, axis=0)
        return np.asarray(cv2.multiply(picture, gains, dtype=cv2.CV_8U), np.uint8)

    def swaying(self, picture: Image, seconds: float) -> Image:
        """Wind: leaves in a part of the picture, and the pole by a fraction of a pixel."""
        if self._sway < 0.15:
            return picture
        height, width = picture.shape[:2]
        y, x = np.mgrid[0:height, 0:width].astype(np.float32)
        wind = np.sin(seconds * 1.7 + self._phase[2]) + 0.5 * np.sin(seconds * 4.1)
        leaves = np.clip(0.35 - y / height, 0, 1) * 9 * self._sway
        x += leaves * wind * np.sin(y / 11 + x / 17) + 0.4 * self._sway * wind
        y += leaves * 0.4 * np.cos(x / 13) * wind
        moved = cv2.remap(picture, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
        return np.asarray(moved, np.uint8)

    def expose(self, picture: Image, rng: Random, strength: float = 1.0) -> Image:
        """What the sensor makes of it: photon noise grows with light, read-out noise does not."""
        height, width = picture.shape[:2]
        grey, colour = _noise(height, width, self.denoise)
        read, photon = 0.8 * self.gain * strength, 0.14 * self.gain * strength
        levels = np.arange(256, dtype=np.float32)
        deviation = np.sqrt(read**2 + photon**2 * levels) * (1 - self.denoise)
        size = cv2.LUT(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), deviation)
        one = cv2.multiply(_window(grey, height, width, rng), size)
        noise = cv2.merge([one, one, one])
        if self.light != "infrared":
            more = _window(colour, height, width, rng)
            noise = cv2.add(noise, cv2.multiply(more, cv2.merge([size] * 3), scale=0.4))
        exposed = cv2.add(picture, noise, dtype=cv2.CV_8U)
        if self.denoise > 0.6:
            exposed = cv2.bilateralFilter(exposed, 5, 14, 3)
        return np.asarray(exposed, np.uint8)

    def raining(self, picture: Image, rng: Random) -> Image:
        """Streaks that differ in each picture."""
        height, width = picture.shape[:2]
        for _ in range(90):
            x, y = rng.uniform(0, width), rng.uniform(0, height)
            fall = rng.uniform(0.02, 0.08) * height
            end = (int(x - fall * 0.16), int(y + fall))
            cv2.line(picture, (int(x), int(y)), end, (205, 205, 202), 1, cv2.LINE_AA)
        return picture


@lru_cache(maxsize=8)
def _noise(height: int, width: int, denoise: float) -> tuple[np.ndarray, np.ndarray]:
    """More noise than a picture needs, in grey and in colour: each picture takes its window."""
    rng = np.random.default_rng(height * 10_000 + width)
    grey = rng.standard_normal((height + _SPARE, width + _SPARE), np.float32)
    if denoise:
        # Filtering over neighbours and time leaves weak, soft noise.
        grey = cv2.GaussianBlur(grey, (0, 0), 0.4 + denoise) * (1 + denoise)
    half = rng.standard_normal((height // 2 + _SPARE, width // 2 + _SPARE, 3), np.float32)
    return grey, cv2.resize(half, None, fx=2, fy=2)


def _window(field: np.ndarray, height: int, width: int, rng: Random) -> np.ndarray:
    top, left = (int(rng.integers(0, _SPARE)) for _ in range(2))
    return field[top : top + height, left : left + width]


def write_clock(picture: Image, seconds: float, corner: int = 0, size: float = 1.0) -> Image:
    """A running clock in one of the four corners; `size` 1 is usual, 3 fills a third of it."""
    height, width = picture.shape[:2]
    scale = height / 360 * 0.55 * size
    thick = max(1, round(height / 360 * size))
    text = f"{CLOCK + timedelta(seconds=seconds):%Y-%m-%d %H:%M:%S}"
    (wide, tall), below = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, scale, thick)
    left = width // 60 if corner % 2 == 0 else width - wide - width // 60
    base = tall + height // 40 if corner < 2 else height - below - height // 60
    spot = (max(left, 0), base)
    for colour, stroke in (((0, 0, 0), thick + 2), ((255, 255, 255), thick)):
        font = cv2.FONT_HERSHEY_SIMPLEX
        cv2.putText(picture, text, spot, font, scale, colour, stroke, cv2.LINE_AA)
    return picture
