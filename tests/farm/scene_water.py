"""Water: floodgates and river gauges, and the basins of pump houses."""

from __future__ import annotations

import cv2
import numpy as np

from tests.farm.canvas import (
    Image,
    Random,
    add_glow,
    blocks,
    cloudy_sky,
    foliage,
    grain,
    poly,
    ripples,
)
from tests.farm.light import Lamp, Light

__all__ = ["WaterScene"]

_TEXTURE = 512
_HORIZON = 0.24
_HAZE = (196, 190, 184)
_CONCRETE = (134, 142, 146)


class WaterScene:
    """A canal that runs towards the camera, with a floodgate or a pump house at its head."""

    def __init__(self, rng: Random, width: int, height: int, frames: int, light: Light) -> None:
        self._rng, self._light, self._frames = rng, light, frames
        self._width, self._height = width, height
        self._top = float(rng.uniform(0.47, 0.53))  # where the water begins below the gate
        self._left, self._right = float(rng.uniform(-0.05, 0.06)), float(rng.uniform(0.9, 0.98))
        self._lamps: list[Lamp] = []

    def paint(self, pump: bool) -> None:
        """Everything that stands still; done once, at twice the size so that edges are smooth."""
        plate = np.zeros((self._height * 2, self._width * 2, 3), np.uint8)
        rng = self._rng
        cloudy_sky(plate, rng, _HORIZON + 0.1, (188, 176, 166), (222, 217, 212))
        blocks(plate, rng, _HORIZON + 0.02, _HAZE)
        for x in np.arange(-0.02, 1.05, 0.09):
            spot = (float(x + rng.uniform(-0.02, 0.02)), _HORIZON + float(rng.uniform(-0.02, 0.03)))
            foliage(plate, rng, spot, (0.07, float(rng.uniform(0.05, 0.11))), 115)
        self._banks(plate)
        if pump:
            self._pump_house(plate)
        else:
            self._floodgate(plate)
        water = self._water_plate(plate)
        mask = poly(plate, self._water_outline(), (90, 110, 112))
        self._details(plate, pump)
        reached = np.where(np.any(plate != (90, 110, 112), axis=2), 0, mask).astype(np.uint8)
        size = (self._width, self._height)
        small = cv2.resize(plate, size, interpolation=cv2.INTER_AREA)
        small = cv2.GaussianBlur(small, (0, 0), 0.45 * self._height / 360)
        self._plate = self._light.still(small, self._lamps)
        first = int(self._top * self._height) - 2
        self._first_row = max(first, 0)
        mask = cv2.resize(reached, size, interpolation=cv2.INTER_AREA)[self._first_row :]
        self._mask = np.asarray(mask, np.uint8)
        water = cv2.resize(water, size, interpolation=cv2.INTER_AREA)
        water = self._light.still(water, self._lamps)
        water = self._light.reflections(water, self._lamps, self._first_row)
        self._water = np.ascontiguousarray(water[self._first_row :])
        self._waves()
        self._foam = self._foam_patches() if pump else []
        self._drift = [
            (float(rng.uniform(0.25, 0.75)), float(rng.uniform(0, 1)), int(rng.integers(2, 5)))
            for _ in range(5)
        ]

    def frame(self, number: int) -> Image:
        """The scene at one instant; the last one runs into the first."""
        share = number / self._frames
        picture = self._plate.copy()
        slow = int(share * _TEXTURE * 2) % _TEXTURE
        fast = int(share * _TEXTURE * 3) % _TEXTURE
        near = cv2.remap(
            self._texture[_TEXTURE - slow : _TEXTURE * 2 - slow], *self._map, cv2.INTER_LINEAR
        )
        cross = cv2.remap(
            self._texture[_TEXTURE - fast : _TEXTURE * 2 - fast], *self._cross_map, cv2.INTER_LINEAR
        )
        waves = cv2.addWeighted(near, 0.62, cross, 0.62, -31)
        surface = cv2.multiply(self._water, cv2.merge([waves, waves, waves]), scale=1 / 128)
        self._float_by(surface, share)
        cv2.copyTo(surface, self._mask, picture[self._first_row :])
        dice = np.random.default_rng(number)  # the same instant looks the same
        for foam, x, y in self._foam:
            at = int(dice.integers(0, foam.shape[1] // 2))
            add_glow(picture, x, y, foam[:, at : at + foam.shape[1] // 2])
        return picture

    def _water_outline(self) -> list[tuple[float, float]]:
        inset = 0.13
        return [
            (self._left + inset, self._top),
            (self._right - inset, self._top),
            (self._right + 0.04, 1.0),
            (self._left - 0.08, 1.0),
        ]

    def _banks(self, plate: Image) -> None:
        inset, top = 0.13, self._top
        for side in (
            [(-0.01, 0.3), (self._left + inset, top), (self._left - 0.08, 1.01), (-0.01, 1.01)],
            [(1.01, 0.3), (self._right - inset, top), (self._right + 0.04, 1.01), (1.01, 1.01)],
            [(-0.01, 0.29), (1.01, 0.29), (1.01, top), (-0.01, top)],
        ):
            mask = poly(plate, side, (112, 122, 126))
            grain(plate, mask, self._rng, 0.09, 40)
        for share in (0.28, 0.52, 0.78):  # joints between the slabs
            x = self._left + inset - (inset + 0.08) * share
            y = top + (1 - top) * share
            self._line(plate, (x, y), (x - 0.5, y - 0.02), (84, 90, 92), 2)
            x = self._right - inset + (inset + 0.04) * share
            self._line(plate, (x, y), (x + 0.5, y - 0.02), (84, 90, 92), 2)

    def _floodgate(self, plate: Image) -> None:
        rng, top = self._rng, self._top
        gates = int(rng.integers(2, 5))
        left, right = self._left + 0.1, self._right - 0.1
        wide = (right - left) / gates
        leaf = [(62, 84, 52), (96, 70, 46), (60, 66, 92)][int(rng.integers(0, 3))]
        for number in range(gates):
            x = left + number * wide
            lift = float(rng.uniform(0.0, 0.09))
            poly(plate, [(x, 0.3), (x + wide, 0.3), (x + wide, top), (x, top)], (38, 42, 42))
            door = [(x, 0.31), (x + wide, 0.31), (x + wide, top - lift), (x, top - lift)]
            mask = poly(plate, door, leaf)
            for y in np.arange(0.33, top - lift, 0.035):
                self._line(plate, (x, y), (x + wide, y), tuple(int(c * 0.72) for c in leaf), 3)
            grain(plate, mask, rng, 0.12, 60)
        for number in range(gates + 1):
            x = left + number * wide
            pier = [(x - 0.018, 0.15), (x + 0.018, 0.15), (x + 0.02, top + 0.025)]
            mask = poly(plate, [*pier, (x - 0.02, top + 0.025)], _CONCRETE)
            grain(plate, mask, rng, 0.1, 70)
            self._line(plate, (x + 0.016, 0.15), (x + 0.018, top + 0.02), (92, 98, 100), 4)
        deck = [(left - 0.05, 0.15), (right + 0.05, 0.15), (right + 0.05, 0.2), (left - 0.05, 0.2)]
        grain(plate, poly(plate, deck, (150, 156, 158)), rng, 0.07, 60)
        self._line(plate, (left - 0.05, 0.2), (right + 0.05, 0.2), (78, 82, 84), 4)
        for y in (0.1, 0.125):
            self._line(plate, (left - 0.05, y), (right + 0.05, y), (70, 120, 150), 2)
        for x in np.arange(left - 0.05, right + 0.06, 0.03):
            self._line(plate, (x, 0.1), (x, 0.15), (70, 120, 150), 2)
        for number in range(gates):  # hoists above the leaves
            x = left + (number + 0.5) * wide
            box = [(x - 0.02, 0.085), (x + 0.02, 0.085), (x + 0.02, 0.15), (x - 0.02, 0.15)]
            grain(plate, poly(plate, box, (58, 96, 128)), rng, 0.08, 80)
            self._line(plate, (x, 0.2), (x, 0.32), (44, 46, 48), 2)
        for x in (left - 0.03, (left + right) / 2, right + 0.03):
            self._line(plate, (x, 0.15), (x, 0.02), (90, 92, 92), 3)
            self._line(plate, (x, 0.02), (x + 0.025, 0.015), (90, 92, 92), 3)
            self._lamps.append(Lamp(x + 0.025, 0.025, 1.0))

    def _pump_house(self, plate: Image) -> None:
        rng, top = self._rng, self._top
        left, right = self._left + 0.08, self._right - 0.14
        wall = [(190, 200, 204), (176, 196, 190), (168, 184, 204)][int(rng.integers(0, 3))]
        front = [(left, 0.1), (right, 0.06), (right, top - 0.05), (left, top - 0.05)]
        grain(plate, poly(plate, front, wall), rng, 0.06, 40)
        roof = [(left - 0.03, 0.11), (right + 0.04, 0.065), (right + 0.01, 0.0), (left, 0.05)]
        grain(plate, poly(plate, roof, (62, 66, 118)), rng, 0.08, 60)
        for x in np.arange(left + 0.05, right - 0.06, 0.13):
            pane = [(x, 0.16), (x + 0.07, 0.158), (x + 0.07, 0.26), (x, 0.262)]
            poly(plate, pane, (74, 70, 62))
            self._line(plate, (x + 0.035, 0.16), (x + 0.035, 0.26), (150, 150, 148), 3)
            self._lamps.append(Lamp(x + 0.1, 0.14, 0.45))
        sill = [(left - 0.08, top - 0.06), (right + 0.1, top - 0.06), (right + 0.1, top + 0.03)]
        grain(plate, poly(plate, [*sill, (left - 0.08, top + 0.03)], _CONCRETE), rng, 0.1, 60)
        self._outlets = []
        for x in np.linspace(left + 0.1, right - 0.08, 3):
            for width, value in ((0.034, 0.6), (0.026, 0.85), (0.016, 1.05), (0.007, 1.3)):
                colour = tuple(int(c * value) for c in (150, 108, 52))
                pipe = [(x - width, 0.3), (x + width, 0.3), (x + width, top), (x - width, top)]
                poly(plate, pipe, colour)
            for y in (0.32, 0.4):
                self._line(plate, (x - 0.042, y), (x + 0.042, y), (110, 84, 46), 8)
            mouth = (int(x * plate.shape[1]), int(top * plate.shape[0]))
            cv2.ellipse(
                plate, mouth, (int(0.036 * plate.shape[1]), 14), 0, 0, 360, (26, 28, 30), -1
            )
            self._outlets.append(float(x))

    def _details(self, plate: Image, pump: bool) -> None:
        """What stands in front of the water: the gauge board, the railing, a trash rack."""
        rng, height, width = self._rng, plate.shape[0], plate.shape[1]
        x = float(rng.uniform(0.74, 0.82)) if not pump else float(rng.uniform(0.12, 0.2))
        top, bottom, half = 0.36, 0.86, 0.017
        post = [(x - half * 1.7, top - 0.02), (x + half * 1.7, top - 0.02)]
        post += [(x + half * 1.7, bottom + 0.03), (x - half * 1.7, bottom + 0.03)]
        grain(plate, poly(plate, post, (104, 110, 112)), rng, 0.08, 80)
        board = [(x - half, top), (x + half, top), (x + half, bottom), (x - half, bottom)]
        poly(plate, board, (226, 232, 232))
        for number in range(25):
            y = top + (bottom - top) * number / 25
            next_y = y + (bottom - top) / 50
            long = number % 5 == 0
            ink = (40, 40, 190) if number < 10 else (30, 30, 30)
            end = x + half if long else x + half * 0.1
            poly(plate, [(x - half, y), (end, y), (end, next_y), (x - half, next_y)], ink)
            if long:
                text, spot = str(250 - number * 10), (int((x + 0.03) * width), int(y * height) + 16)
                cv2.putText(plate, text, spot, 0, height / 1300, (60, 60, 60), 5, cv2.LINE_AA)
                cv2.putText(plate, text, spot, 0, height / 1300, (240, 240, 240), 2, cv2.LINE_AA)
        for y, thick in ((0.84, 7), (0.93, 7)):  # the railing that the camera looks across
            self._line(plate, (-0.01, y + 0.07), (0.33, y + 0.13), (60, 150, 190), thick)
        self._line(plate, (0.06, 0.88), (0.05, 1.01), (60, 150, 190), 9)
        self._line(plate, (0.22, 0.92), (0.215, 1.01), (60, 150, 190), 9)

    def _water_plate(self, plate: Image) -> Image:
        """Calm water: its own brown, and the head of the canal upside down in it."""
        height = plate.shape[0]
        start = int(self._top * height)
        rows = height - start
        mirrored = plate[max(0, start - rows) : start][::-1]
        mirrored = cv2.resize(mirrored, (plate.shape[1], rows))
        mirrored = cv2.GaussianBlur(mirrored, (0, 0), 9, sigmaY=22)
        depth = np.linspace(0, 1, rows, dtype=np.float32)[:, None, None]
        mud = np.float32([(86, 112, 122), (78, 116, 108), (70, 98, 108)][self._rng.integers(0, 3)])
        mixed = mud * (0.62 + 0.2 * depth) + mirrored * (0.42 - 0.22 * depth)
        water = np.zeros_like(plate)
        water[start:] = np.clip(mixed, 0, 255).astype(np.uint8)
        water[:start] = mud.astype(np.uint8)
        return water

    def _waves(self) -> None:
        texture = ripples(self._rng, _TEXTURE, 1.25, 0.45)
        self._texture = np.ascontiguousarray(np.vstack([texture, texture]))
        rows = self._height - self._first_row
        y = np.arange(rows, dtype=np.float32)[:, None] / rows
        x = np.arange(self._width, dtype=np.float32)[None, :] / self._width - 0.5
        distance = 1 / (y + 0.16)  # perspective: far waves lie close together
        across = x * distance * 150 + 256
        along = np.repeat(-distance * 78, self._width, axis=1)

        def maps(u: Image, v: Image) -> tuple[Image, Image]:
            u, v = np.mod(u, _TEXTURE - 1), np.mod(v, _TEXTURE - 1)
            return cv2.convertMaps(
                np.float32(u), np.float32(v), cv2.CV_16SC2, nninterpolation=False
            )

        self._map = maps(across, along)
        self._cross_map = maps(across * 0.83 + along * 0.31 + 90, along * 1.21 - across * 0.12)

    def _foam_patches(self) -> list[tuple[Image, float, float]]:
        patches = []
        for x in self._outlets:
            tall, wide = int(self._height * 0.11), int(self._width * 0.13)
            noise = ripples(self._rng, 256, 0.9)[:tall, : wide * 2].astype(np.float32)
            noise = np.clip((noise - 118) * 3.2, 0, 255)
            yy = np.linspace(-1, 1, noise.shape[0], dtype=np.float32)[:, None]
            xx = np.tile(np.linspace(-1, 1, max(noise.shape[1] // 2, 1), dtype=np.float32), 2)
            fade = np.clip(1.1 - yy**2 - xx[None, : noise.shape[1]] ** 2, 0, 1)
            white = (noise * fade * self._light.white)[..., None]
            patch = np.repeat(white, 3, axis=2).astype(np.uint8)
            patches.append((patch, x * self._width, (self._top + 0.055) * self._height))
        return patches

    def _float_by(self, surface: Image, share: float) -> None:
        """Rubbish and water hyacinths on their way."""
        rows = surface.shape[0]
        for x, phase, size in self._drift:
            way = (phase + share) % 1
            y = way**1.8
            spot = (int((0.5 + (x - 0.5) * (0.6 + way * 0.7)) * self._width), int(y * rows))
            scale = size * (0.3 + way) * self._height / 360
            leaves = (80, 80, 80) if self._light.mode == "infrared" else (52, 104, 78)
            colour = tuple(float(c * self._light.white) for c in leaves)
            cv2.ellipse(surface, spot, (int(scale * 3), int(scale)), 8, 0, 360, colour, -1)
            dot = (spot[0] + int(scale), spot[1] - int(scale / 2))
            bright = tuple(float(c * self._light.white) for c in (176, 186, 182))
            cv2.circle(surface, dot, max(1, int(scale * 0.6)), bright, -1)

    @staticmethod
    def _line(
        plate: Image,
        start: tuple[float, float],
        end: tuple[float, float],
        colour: tuple[int, ...],
        thickness: int,
    ) -> None:
        height, width = plate.shape[:2]
        scaled = max(1, round(thickness * height / 720))
        a = (int(start[0] * width), int(start[1] * height))
        b = (int(end[0] * width), int(end[1] * height))
        cv2.line(plate, a, b, colour, scaled, cv2.LINE_AA)
