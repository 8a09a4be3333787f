"""The camera itself: lens, sensor, on-screen text – and what can be wrong with those."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import cv2
import numpy as np

from tests.farm.canvas import Image, Random
from tests.farm.clips import ClipSpec
from tests.farm.light import Light
from tests.farm.scene_road import RoadScene
from tests.farm.scene_water import WaterScene

__all__ = ["pictures"]

_CLOCKS = {
    "day": datetime(2026, 11, 24, 14, 26, 5),
    "night": datetime(2026, 11, 24, 21, 40, 12),
    "infrared": datetime(2026, 11, 25, 2, 3, 44),
}
_MOVED_SCALE = 1.9


def pictures(spec: ClipSpec) -> Iterator[Image]:
    """Every picture of a clip, in order."""
    treatment = spec.treatment
    if treatment == "no-signal":
        yield from [_no_signal(spec)] * spec.frame_count
        return
    light = Light(spec.mode)
    view = _view(spec, light)
    noise = Noise(_random(spec, "noise"), spec, light.noise * (0.6 if "black" in treatment else 1))
    display, clock = Display(spec), _CLOCKS[spec.mode]
    standing: Image | None = None
    for number in range(spec.frame_count):
        now = clock + timedelta(seconds=number / spec.fps)
        if treatment in ("frozen", "frozen-clock"):
            if standing is None:
                standing = view(spec.frame_count // 3)
                noise.add(standing, 0)
            picture = standing.copy()
            if treatment == "frozen":
                now = clock
        else:
            picture = view(number)
            noise.add(picture, number)
        if treatment != "black":
            display.write(picture, now)
        yield picture


def _view(spec: ClipSpec, light: Light) -> Callable[[int], Image]:
    """What the lens throws on the sensor at a given picture's time."""
    size = (spec.width, spec.height)
    treatment = spec.treatment
    if treatment in ("black", "black-clock"):
        dark = np.full((spec.height, spec.width, 3), (5, 4, 4), np.uint8)
        return lambda number: dark.copy()
    if treatment == "moved":
        # Painted larger and cut out askew, so that the new view is as sharp as the old one.
        wide = (int(spec.width * _MOVED_SCALE) // 2 * 2, int(spec.height * _MOVED_SCALE) // 2 * 2)
        scene = _scene(spec, wide, light)
        turn = cv2.getRotationMatrix2D((wide[0] * 0.34, wide[1] * 0.34), -11, 1.0)
        turn[:, 2] += (size[0] / 2 - wide[0] * 0.34, size[1] / 2 - wide[1] * 0.34)
        return lambda number: np.asarray(
            cv2.warpAffine(scene(number), turn, size, borderMode=cv2.BORDER_REFLECT), np.uint8
        )
    scene = _scene(spec, size, light)
    if treatment == "defocused":
        sigma = spec.height / 360 * 8
        return lambda number: np.asarray(cv2.GaussianBlur(scene(number), (0, 0), sigma), np.uint8)
    if treatment == "washed-out":
        return lambda number: np.asarray(
            cv2.convertScaleAbs(
                cv2.GaussianBlur(scene(number), (0, 0), spec.height / 360), alpha=0.5, beta=172
            ),
            np.uint8,
        )
    if treatment == "covered":
        cloth, light_in = _cover(spec)
        return lambda number: np.asarray(
            cv2.add(
                cv2.multiply(cv2.GaussianBlur(scene(number), (0, 0), 4), light_in, scale=1 / 255),
                cloth,
            ),
            np.uint8,
        )
    return scene


def _scene(spec: ClipSpec, size: tuple[int, int], light: Light) -> Callable[[int], Image]:
    rng = _random(spec, "place")
    if spec.kind == "road":
        road = RoadScene(rng, *size, spec.frame_count, light)
        road.paint()
        return road.frame
    water = WaterScene(rng, *size, spec.frame_count, light)
    water.paint(pump=spec.kind == "pump")
    rain = Rain(rng, size) if spec.mode == "day" and rng.uniform() < 0.4 else None
    if rain is None:
        return water.frame
    return lambda number: rain.over(water.frame(number))


class Rain:
    """Streaks that differ in each picture."""

    def __init__(self, rng: Random, size: tuple[int, int]) -> None:
        self._rng, self._size = rng, size

    def over(self, picture: Image) -> Image:
        width, height = self._size
        for _ in range(70):
            x, y = self._rng.uniform(0, width), self._rng.uniform(0, height)
            fall = self._rng.uniform(0.02, 0.07) * height
            end = (int(x - fall * 0.16), int(y + fall))
            cv2.line(picture, (int(x), int(y)), end, (205, 205, 202), 1, cv2.LINE_AA)
        return picture


class Noise:
    """Sensor noise that is never the same twice within a clip."""

    def __init__(self, rng: Random, spec: ClipSpec, deviation: float) -> None:
        self._height, self._width = spec.height, spec.width
        shape = (spec.height + 64, spec.width + 64)
        grey = rng.standard_normal(shape, np.float32) * deviation
        colour = 0.0 if spec.mode == "infrared" else 0.6
        channels = [
            grey + rng.standard_normal(shape, np.float32) * deviation * colour for _ in range(3)
        ]
        noise = cv2.merge(channels)
        self._more = np.clip(noise, 0, 255).round().astype(np.uint8)
        self._less = np.clip(-noise, 0, 255).round().astype(np.uint8)
        self._order = rng.permutation(64 * 64)

    def add(self, picture: Image, number: int) -> None:
        top, left = divmod(int(self._order[number % len(self._order)]), 64)
        window = (slice(top, top + self._height), slice(left, left + self._width))
        cv2.add(picture, self._more[window], dst=picture)
        cv2.subtract(picture, self._less[window], dst=picture)


class Display:
    """What the camera writes into its picture: time at the upper left, name at the lower right."""

    def __init__(self, spec: ClipSpec) -> None:
        self._spec = spec
        self._scale = spec.height / 360 * 0.55
        self._thick = max(1, round(spec.height / 360))
        # OpenCV's stroke fonts know ASCII only.
        self._title = spec.title.replace("–", "-").encode("ascii", "replace").decode()
        self._written: dict[str, tuple[Image, Image]] = {}  # text → letters, their surroundings

    def write(self, picture: Image, now: datetime) -> None:
        height, width = picture.shape[:2]
        edge = width // 60
        self._put(picture, f"{now:%Y-%m-%d %H:%M:%S}", edge, height // 40)
        letters, _ = self._letters(self._title)
        tall, wide = letters.shape[:2]
        self._put(picture, self._title, width - wide - edge, height - tall - height // 60)

    def _put(self, picture: Image, text: str, left: int, top: int) -> None:
        letters, surroundings = self._letters(text)
        left, top = max(left, 0), max(top, 0)
        target = picture[top : top + letters.shape[0], left : left + letters.shape[1]]
        part = (slice(target.shape[0]), slice(target.shape[1]))
        cv2.subtract(target, surroundings[part], dst=target)
        cv2.add(target, letters[part], dst=target)

    def _letters(self, text: str) -> tuple[Image, Image]:
        """White letters and the rim that is darkened around them; drawn once a text."""
        if text not in self._written:
            font, rim = cv2.FONT_HERSHEY_SIMPLEX, 2 * self._thick
            (wide, tall), below = cv2.getTextSize(text, font, self._scale, self._thick)
            letters = np.zeros((tall + below + 2 * rim, wide + 2 * rim, 3), np.uint8)
            white, spot = (255, 255, 255), (rim, tall + rim)
            cv2.putText(letters, text, spot, font, self._scale, white, self._thick, cv2.LINE_AA)
            surroundings = cv2.dilate(letters, np.ones((rim + 1, rim + 1), np.uint8))
            self._written[text] = letters, np.asarray(surroundings, np.uint8)
        return self._written[text]


def _no_signal(spec: ClipSpec) -> Image:
    picture = np.full((spec.height, spec.width, 3), (178, 34, 12), np.uint8)
    text, scale = "NO SIGNAL", spec.height / 360 * 1.3
    (wide, tall), _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, scale, 2)
    spot = ((spec.width - wide) // 2, (spec.height + tall) // 2)
    white = (235, 235, 235)
    cv2.putText(picture, text, spot, cv2.FONT_HERSHEY_SIMPLEX, scale, white, 2, cv2.LINE_AA)
    return picture


def _cover(spec: ClipSpec) -> tuple[Image, Image]:
    """Cloth close to the lens, and where light still comes past it."""
    rng = _random(spec, "cover")
    small = rng.uniform(0.6, 1.0, (7, 11)).astype(np.float32)
    folds = cv2.resize(small, (spec.width, spec.height), interpolation=cv2.INTER_CUBIC)
    strength = {"day": 1.0, "night": 0.5, "infrared": 1.5}[spec.mode]
    tint = (46, 46, 46) if spec.mode == "infrared" else (38, 48, 58)
    cloth = folds[..., None] * np.float32(tint) * strength
    y, x = np.mgrid[0 : spec.height, 0 : spec.width].astype(np.float32)
    gap = x / spec.width * 1.1 + (1 - y / spec.height) * 0.8
    open_share = 1 / (1 + np.exp(-(gap - 1.66) * 26))[..., None]
    cloth = cloth * (1 - open_share * 0.9)
    light_in = np.repeat(open_share * 255, 3, axis=2)
    return np.asarray(np.clip(cloth, 0, 255), np.uint8), np.asarray(light_in, np.uint8)


def _random(spec: ClipSpec, purpose: str) -> Random:
    """The same camera always looks at the same place, whatever the codec, size and fault."""
    return np.random.default_rng(zlib.crc32(f"{spec.code}/{purpose}".encode()))
