"""Light: the same place by day, by night under lamps, and by a camera's own infrared."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from tests.farm.canvas import Image, add_glow, glow, shade

__all__ = ["Lamp", "Light"]

_SODIUM = (110, 190, 255)
_NIGHT_SKY = (255, 215, 190)


@dataclass(frozen=True)
class Lamp:
    """A lamp post's head, in shares of the picture."""

    x: float
    y: float
    power: float


@dataclass(frozen=True)
class Light:
    """How a mode turns colours into what the sensor sees."""

    mode: str

    @property
    def white(self) -> float:
        """How bright something white is that moves through the middle of the picture."""
        return {"day": 1.0, "night": 0.4, "infrared": 0.55}[self.mode]

    @property
    def noise(self) -> float:
        """Sensor noise, as standard deviation in grey levels."""
        return {"day": 2.2, "night": 4.5, "infrared": 3.6}[self.mode]

    def still(self, plate: Image, lamps: list[Lamp]) -> Image:
        """A daylight painting in this light."""
        if self.mode == "day":
            return plate
        height, width = plate.shape[:2]
        y, x = np.mgrid[0:height, 0:width].astype(np.float32)
        if self.mode == "infrared":
            return self._infrared(plate, x / width, y / height)
        gains = np.full((height, width), 0.1, np.float32)
        for lamp in lamps:
            dx, dy = x / width - lamp.x, (y / height - lamp.y) * 0.6
            below = np.where(dy > 0, 1.0, 0.35)  # lamps shine down
            gains += lamp.power * below * 0.62 / (1 + (dx * dx + dy * dy) * 42)
        night = shade(plate, np.minimum(gains, 1.05), _SODIUM)
        # The sky holds little of the lamps' light, only the city's dim glow.
        ambient = shade(plate, np.full((height, width), 0.09, np.float32), _NIGHT_SKY)
        night = cv2.addWeighted(night, 0.78, ambient, 1.0, 0)
        for lamp in lamps:
            halo = glow(int(height * 0.13), (95, 150, 200), 2.6)
            core = glow(max(2, int(height * 0.022)), (235, 250, 255), 0.7)
            add_glow(night, lamp.x * width, lamp.y * height, halo)
            add_glow(night, lamp.x * width, lamp.y * height, core)
        return np.asarray(night, np.uint8)

    def reflections(self, water: Image, lamps: list[Lamp], first_row: int) -> Image:
        """Columns of light under the lamps, in the water."""
        if self.mode != "night":
            return water
        height, width = water.shape[:2]
        columns = np.zeros((height, width), np.float32)
        for lamp in lamps:
            x = int(lamp.x * width)
            half = max(2, int(width * 0.011))
            columns[first_row:, max(x - half, 0) : x + half] += 150 * lamp.power
        fade = np.linspace(1, 0.1, height - first_row, dtype=np.float32)[:, None]
        columns[first_row:] *= fade
        columns = cv2.GaussianBlur(columns, (0, 0), width * 0.011)
        lit = water + columns[..., None] * (np.float32(_SODIUM) / 255)
        return np.asarray(np.clip(lit, 0, 255), np.uint8)

    def _infrared(self, plate: Image, x: Image, y: Image) -> Image:
        # Leaves reflect near infrared strongly, the sky sends none at night.
        blue, green, red = (plate[..., channel].astype(np.float32) for channel in range(3))
        grey = 0.3 * blue + 0.3 * green + 0.4 * red + np.clip(green - blue, 0, 80) * 1.5
        lit = np.exp(-(((x - 0.5) / 0.42) ** 2 + ((y - 0.62) / 0.42) ** 2))
        # Far things get little of the illuminator's light.
        far = np.clip((y - 0.02) / 0.45, 0.12, 1)
        grey = grey * (0.1 + 0.95 * lit) * far + 9
        one = np.clip(grey, 0, 255).astype(np.uint8)
        return np.asarray(cv2.merge([one, one, one]), np.uint8)
