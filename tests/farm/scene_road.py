"""Roads: a junction seen from a pole, with traffic in both directions."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from tests.farm.canvas import (
    Image,
    Random,
    add_glow,
    blocks,
    cloudy_sky,
    foliage,
    glow,
    grain,
    poly,
)
from tests.farm.light import Lamp, Light

__all__ = ["RoadScene"]

_HORIZON = 0.27
_PAINT = [
    (212, 214, 216),
    (46, 44, 42),
    (150, 152, 154),
    (52, 40, 128),
    (124, 78, 40),
    (206, 208, 204),
    (70, 74, 78),
    (84, 168, 190),
]


@dataclass(frozen=True)
class _Vehicle:
    lane: float  # across the road, −1 … 1
    phase: float
    rounds: int  # how often it passes within one clip
    coming: bool
    sprite: Image
    mask: Image
    length: float  # its height in the picture over its width


class RoadScene:
    """A road that runs away from the camera, lanes on both sides of a median."""

    def __init__(self, rng: Random, width: int, height: int, frames: int, light: Light) -> None:
        self._rng, self._light, self._frames = rng, light, frames
        self._width, self._height = width, height
        self._vanish = float(rng.uniform(0.42, 0.58))
        self._near = (float(rng.uniform(-0.28, -0.18)), float(rng.uniform(1.15, 1.28)))
        self._lanes = int(rng.integers(2, 4))

    def paint(self) -> None:
        """Everything that stands still, at twice the size; and the vehicles."""
        plate = np.zeros((self._height * 2, self._width * 2, 3), np.uint8)
        rng = self._rng
        cloudy_sky(plate, rng, _HORIZON + 0.08, (196, 184, 170), (226, 222, 218))
        blocks(plate, rng, _HORIZON + 0.03, (200, 194, 188), 22)
        ground = [(-0.01, _HORIZON), (1.01, _HORIZON), (1.01, 1.01), (-0.01, 1.01)]
        grain(plate, poly(plate, ground, (138, 146, 150)), rng, 0.06, 60)
        lamps = self._roadside(plate)
        far = 0.03
        road = [
            (self._vanish - far, _HORIZON + 0.01),
            (self._vanish + far, _HORIZON + 0.01),
            (self._near[1], 1.01),
            (self._near[0], 1.01),
        ]
        grain(plate, poly(plate, road, (96, 98, 100)), rng, 0.055, 90)
        self._markings(plate)
        small = cv2.resize(plate, (self._width, self._height), interpolation=cv2.INTER_AREA)
        small = cv2.GaussianBlur(small, (0, 0), 0.45 * self._height / 360)
        self._plate = self._light.still(np.asarray(small, np.uint8), lamps)
        self._vehicles = [self._vehicle(number) for number in range(11)]
        white, red = (225, 245, 255), (30, 30, 220)
        if self._light.mode == "infrared":
            white, red = (235, 235, 235), (120, 120, 120)
        self._headlight = {r: glow(r, white, 1.6) for r in range(1, 70)}
        self._taillight = {r: glow(r, red, 1.4) for r in range(1, 70)}

    def frame(self, number: int) -> Image:
        """The scene at one instant; the last one runs into the first."""
        share = number / self._frames
        picture = self._plate.copy()
        placed = []
        for vehicle in self._vehicles:
            way = (vehicle.phase + vehicle.rounds * share) % 1
            placed.append((way if vehicle.coming else 1 - way, vehicle))
        for way, vehicle in sorted(placed, key=lambda one: one[0]):
            self._draw(picture, way, vehicle)
        return picture

    def _ground(self, across: float, depth: float) -> tuple[float, float]:
        """A point on the road: across −1 … 1, depth 0 (far) … 1 (near), in picture shares."""
        left = self._vanish - 0.03 + (self._near[0] - self._vanish + 0.03) * depth
        right = self._vanish + 0.03 + (self._near[1] - self._vanish - 0.03) * depth
        return left + (right - left) * (across + 1) / 2, _HORIZON + (1 - _HORIZON) * depth

    def _markings(self, plate: Image) -> None:
        median = [self._ground(-0.035, 0), self._ground(0.035, 0)]
        median += [self._ground(0.045, 1.02), self._ground(-0.045, 1.02)]
        grain(plate, poly(plate, median, (150, 156, 158)), self._rng, 0.07, 80)
        for side in (-1, 1):
            for lane in range(1, self._lanes):
                x = side * lane / self._lanes
                for start in np.linspace(0.02, 1, 12) ** 2:
                    end = start + 0.03 + start * 0.05
                    self._stripe(plate, x, float(start), float(end), 0.012)
            self._stripe(plate, side * 0.96, 0.0, 1.02, 0.012)
        stop = 0.46
        for x in np.arange(-0.93, 0.95, 0.075):  # the crossing
            if abs(x) > 0.05:
                self._stripe(plate, float(x), stop, stop + 0.085, 0.024)

    def _stripe(self, plate: Image, x: float, start: float, end: float, half: float) -> None:
        corners = [self._ground(x - half, start), self._ground(x + half, start)]
        corners += [self._ground(x + half, end), self._ground(x - half, end)]
        poly(plate, corners, (204, 208, 208))

    def _roadside(self, plate: Image) -> list[Lamp]:
        rng, lamps = self._rng, []
        height, width = plate.shape[:2]
        for side in (-1, 1):
            for depth in (0.06, 0.12, 0.22, 0.4):
                x, y = self._ground(side * 1.35, depth)
                tall = 0.09 + depth * 0.75
                if rng.uniform() < 0.55:
                    wall = float(rng.uniform(120, 196))
                    colour = (int(wall), int(wall * 1.02), int(wall * rng.uniform(0.95, 1.08)))
                    outer = x + side * (0.1 + depth * 0.5)
                    face = [
                        (x, y),
                        (x, y - tall),
                        (outer, y - tall * 1.25),
                        (outer, y + depth * 0.1),
                    ]
                    grain(plate, poly(plate, face, colour), rng, 0.05, 40)
                    for row in (0.3, 0.6):
                        for column in (0.15, 0.4, 0.65):
                            wx = x + (outer - x) * column
                            wy = y - tall * (row + 0.2 * column)
                            w, h = (outer - x) * 0.14, tall * 0.16
                            pane = [
                                (wx, wy),
                                (wx + w, wy - h * 0.1),
                                (wx + w, wy + h),
                                (wx, wy + h),
                            ]
                            poly(plate, pane, (92, 84, 74))
                else:
                    spot = (x + side * 0.03, y - tall * 0.6)
                    foliage(plate, rng, spot, (0.035 + depth * 0.14, tall * 0.45), 120)
                x, y = self._ground(side * 1.06, depth)
                top = y - 0.16 - depth * 0.62
                inner = x - side * (0.03 + depth * 0.1)
                thick = max(1, int(height * (0.002 + depth * 0.006)))
                base, head = (int(x * width), int(y * height)), (int(x * width), int(top * height))
                cv2.line(plate, base, head, (98, 100, 100), thick, cv2.LINE_AA)
                tip = (int(inner * width), int((top - 0.01) * height))
                cv2.line(plate, head, tip, (98, 100, 100), thick, cv2.LINE_AA)
                lamps.append(Lamp(inner, top, 0.3 + depth))
        return lamps

    def _vehicle(self, number: int) -> _Vehicle:
        rng = self._rng
        coming = number % 2 == 0
        lane_width = 1 / self._lanes
        lane = (int(rng.integers(0, self._lanes)) + 0.5) * lane_width
        # Traffic keeps to the left in Indonesia: what comes towards us is on our right.
        across = lane if coming else -lane
        motorcycle = rng.uniform() < 0.4
        if motorcycle:
            across += float(rng.uniform(-0.5, 0.5)) * lane_width
        sprite, mask = _motorcycle(rng) if motorcycle else _car(rng, coming)
        gain = {"day": 1.0, "night": 0.3, "infrared": 0.6}[self._light.mode]
        sprite = np.asarray(sprite * gain, np.uint8)
        if self._light.mode == "infrared":
            sprite = np.asarray(cv2.cvtColor(cv2.cvtColor(sprite, 6), 8), np.uint8)
        width_share = 0.34 if motorcycle else 1.0
        length = sprite.shape[0] / sprite.shape[1]
        phase = float(rng.uniform(0, 1))
        rounds = int(rng.integers(1, 4)) if not motorcycle else int(rng.integers(2, 4))
        return _Vehicle(across * 0.94, phase, rounds, coming, sprite, mask, length * width_share)

    def _draw(self, picture: Image, way: float, vehicle: _Vehicle) -> None:
        depth = way**2.2 * 1.35  # even speed on the road is uneven speed in the picture
        x, y = self._ground(vehicle.lane, depth)
        lane = self._ground(vehicle.lane + 0.5 / self._lanes, depth)[0] - x
        narrow = vehicle.length / (vehicle.sprite.shape[0] / vehicle.sprite.shape[1])
        wide = int(lane * 1.25 * narrow * self._width)
        tall = int(wide * vehicle.sprite.shape[0] / vehicle.sprite.shape[1])
        left, top = int(x * self._width) - wide // 2, int(y * self._height) - tall
        if wide < 3 or tall < 3 or top >= self._height:
            return
        ground = picture[top + tall * 5 // 6 : top + tall + tall // 10]
        if ground.size:
            shadow = np.zeros(ground.shape[:2], np.uint8)
            middle = (left + wide // 2, tall // 6)
            cv2.ellipse(shadow, middle, (wide * 3 // 5, tall // 10 + 1), 0, 0, 360, 255, -1)
            cv2.copyTo(ground // 2, shadow, ground)
        x0, y0 = max(left, 0), max(top, 0)
        x1, y1 = min(left + wide, self._width), min(top + tall, self._height)
        if x0 >= x1 or y0 >= y1:
            return
        sprite = cv2.resize(vehicle.sprite, (wide, tall), interpolation=cv2.INTER_AREA)
        mask = cv2.resize(vehicle.mask, (wide, tall), interpolation=cv2.INTER_AREA)
        cut = (slice(y0 - top, y1 - top), slice(x0 - left, x1 - left))
        cv2.copyTo(sprite[cut], np.asarray(mask[cut] > 127, np.uint8), picture[y0:y1, x0:x1])
        if self._light.mode != "day":
            self._shine(picture, (left, top, wide, tall), vehicle, narrow < 0.5)

    def _shine(
        self, picture: Image, box: tuple[int, int, int, int], vehicle: _Vehicle, single: bool
    ) -> None:
        left, top, wide, tall = box
        patches = self._headlight if vehicle.coming else self._taillight
        radius = int(wide * (0.55 if vehicle.coming else 0.22)) + 2
        patch = patches[min(max(radius, 1), 69)]
        y = top + tall * 0.66
        for share in (0.5,) if single else (0.17, 0.83):
            add_glow(picture, left + wide * share, y, patch)
        if vehicle.coming:  # light on the wet road
            add_glow(picture, left + wide / 2, top + tall * 1.25, patch // 4)


def _car(rng: Random, coming: bool) -> tuple[Image, Image]:
    """A car from the front or from behind, 96 wide."""
    paint = _PAINT[int(rng.integers(0, len(_PAINT)))]
    tall = int(rng.integers(78, 104))
    sprite = np.zeros((tall, 96, 3), np.uint8)
    mask = np.zeros((tall, 96), np.uint8)
    body = np.array([[4, tall * 5 // 10], [92, tall * 5 // 10], [95, tall - 8], [1, tall - 8]])
    cabin = np.array([[20, 2], [76, 2], [88, tall * 52 // 100], [8, tall * 52 // 100]])
    dark = tuple(int(c * 0.8) for c in paint)
    for target, colours in ((sprite, (paint, dark)), (mask, (255, 255))):
        cv2.fillPoly(target, [cabin], colours[0], cv2.LINE_AA)
        cv2.fillPoly(target, [body], colours[1], cv2.LINE_AA)
        for x in (6, 74):
            wheel = 255 if target is mask else (22, 22, 22)
            cv2.rectangle(target, (x, tall - 14), (x + 16, tall - 1), wheel, -1)
    glass = np.array([[24, 8], [72, 8], [80, tall * 46 // 100], [16, tall * 46 // 100]])
    cv2.fillPoly(sprite, [glass], (70, 62, 54), cv2.LINE_AA)
    cv2.line(sprite, (28, 10), (60, tall * 42 // 100), (116, 110, 104), 5, cv2.LINE_AA)
    lamp = (225, 235, 238) if coming else (40, 36, 170)
    for x in (8, 72):
        cv2.rectangle(sprite, (x, tall * 60 // 100), (x + 16, tall * 70 // 100), lamp, -1)
    cv2.rectangle(sprite, (36, tall * 72 // 100), (60, tall * 82 // 100), (34, 34, 34), -1)
    cv2.line(sprite, (4, tall * 86 // 100), (92, tall * 86 // 100), (48, 48, 50), 4)
    return np.asarray(cv2.GaussianBlur(sprite, (0, 0), 1.0), np.uint8), mask


def _motorcycle(rng: Random) -> tuple[Image, Image]:
    """A motorcycle with its rider, 48 wide."""
    sprite, mask = np.zeros((104, 48, 3), np.uint8), np.zeros((104, 48), np.uint8)
    shirt = _PAINT[int(rng.integers(0, len(_PAINT)))]
    helmet = _PAINT[int(rng.integers(0, len(_PAINT)))]
    for target in (sprite, mask):
        flat = target is mask
        cv2.rectangle(target, (18, 66), (30, 102), 255 if flat else (28, 28, 28), -1)
        cv2.ellipse(target, (24, 46), (19, 26), 0, 0, 360, 255 if flat else shirt, -1)
        cv2.rectangle(target, (12, 60), (36, 78), 255 if flat else (60, 58, 62), -1)
        cv2.circle(target, (24, 14), 12, 255 if flat else helmet, -1)
        cv2.line(target, (4, 56), (44, 56), 255 if flat else (40, 40, 40), 4)
    return np.asarray(cv2.GaussianBlur(sprite, (0, 0), 1.0), np.uint8), mask
