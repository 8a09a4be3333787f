"""Simulated cameras over the clips: what they send, probe after probe, and with which fault."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from monitoring.grabbing import Grab, GrabError, Picture, Source
from monitoring.verdicts import Reason
from tests.farm.canvas import Image, Random
from tests.footage.clips import Clip, available, frames_of
from tests.footage.coding import CODINGS, Coding, Encoder, pictures_of
from tests.footage.faults import ELECTRIC, OPTICAL, VARIANTS
from tests.footage.sensor import LIGHTS, Sensor, in_light, write_clock
from tests.footage.store import kept

__all__ = ["FilmCamera", "cameras"]

PROBE_SECONDS = 300
BURST_STEP_SECONDS = 2
_DENOISE = (0.0, 0.5, 0.85)


@dataclass(frozen=True)
class FilmCamera:
    """One camera: a clip in a light, through a sensor and a codec."""

    clip: Clip
    light: str
    coding: Coding
    denoise: float

    @property
    def name(self) -> str:
        return f"{self.clip.name} {self.light} {self.coding.name} denoise {self.denoise:g}"

    def dice(self, *purpose: object) -> Random:
        return np.random.default_rng(self._seed(*purpose))

    def _seed(self, *purpose: object) -> int:
        return zlib.crc32("/".join(map(str, (self.name, *purpose))).encode())

    @cached_property
    def sensor(self) -> Sensor:
        return Sensor(self.light, self.denoise, self.dice("sensor"))

    def scene(self, probe: int, step: int = 0) -> Image:
        """What the lens sees at a probe; `step` counts the pictures of its burst."""
        picture_of, count = frames_of(self.clip.name, self.light)
        number = int(self.dice("frame", probe).integers(0, count)) if count > 1 else 0
        number += step * max(1, count // 14)
        seconds = probe * PROBE_SECONDS + step * BURST_STEP_SECONDS
        picture = picture_of(number)
        picture = self.sensor.swaying(picture, seconds)
        picture = self.sensor.daytime(picture, seconds / 3600)
        if self.clip.kind != "place" or self.light == "rain":
            picture = in_light(picture, self.light, self._seed("place"))
        return picture

    def shot(self, probe: int, step: int = 0, fault: str = "", variant: str = "") -> Image:
        """What the camera encodes."""
        seconds = probe * PROBE_SECONDS + step * BURST_STEP_SECONDS
        rng = self.dice("shot", probe, step, variant)
        lasting = self.dice("fault", fault, variant)  # a cover does not change from look to look
        if fault == "frozen":
            probe, step = 1000, 0
            rng = self.dice("shot", probe, step, variant)
        picture = self.scene(probe, step)
        if self.light == "rain":
            picture = self.sensor.raining(picture.copy(), rng)
        if variant in OPTICAL.get(fault, {}):
            picture = OPTICAL[fault][variant](picture, lasting)
        dark = fault == "black"
        picture = self.sensor.expose(picture.copy(), rng, 0.7 if dark else 1.0)
        picture = self._write(picture, seconds, fault, variant)
        if variant in ELECTRIC.get(fault, {}) and fault != "frozen":
            picture = ELECTRIC[fault][variant](picture, lasting if fault != "corrupt" else rng)
        return picture

    def _write(self, picture: Image, seconds: float, fault: str, variant: str) -> Image:
        corner = int(self.dice("clock").integers(0, 4))
        if fault == "frozen":
            size = {"still": 1.0, "still-clock": 1.0, "big-clock": 2.2}[variant]
            return write_clock(picture, 0 if variant == "still" else seconds, corner, size)
        has_clock = self.dice("has-clock").uniform() < 0.7
        return write_clock(picture, seconds, corner) if has_clock else picture

    def grabber(self, probe: int, fault: str = "", variant: str = "") -> _Grabber:
        """In the place of the network: the pictures of one probe, encoded and decoded again."""
        return _Grabber(self, probe, fault, variant)


@lru_cache(maxsize=32)
def _encoder(coding: Coding, size: tuple[int, int]) -> Encoder:
    # Each picture is a key frame with a fixed quantiser: nothing is carried from one to the next.
    return Encoder(coding, size)


class _Grabber:
    def __init__(self, camera: FilmCamera, probe: int, fault: str, variant: str) -> None:
        self._camera, self._probe = camera, probe
        self._fault, self._variant = fault, variant
        self.pictures: list[Picture] = []

    def __call__(self, source: Source, timeout_s: float, burst_s: float) -> Grab:
        steps = range(1, 4) if burst_s else range(1)
        pictures = self.shoot(steps)
        if not pictures:
            raise GrabError(Reason.UNDECODABLE, "no picture could be decoded")
        self.pictures += pictures
        return Grab(pictures, source.address, self._camera.coding.codec, {})

    def shoot(self, steps: range) -> list[Picture]:
        """The pictures that could be decoded."""
        return pictures_of(self._camera.coding.codec, [self._coded(step) for step in steps])

    def _coded(self, step: int) -> bytes:
        camera, fault, variant = self._camera, self._fault, self._variant

        def make() -> bytes:
            shot = camera.shot(self._probe, step, fault, variant)
            encoder = _encoder(camera.coding, (shot.shape[1], shot.shape[0]))
            harm = None
            if variant == "lost-bytes":
                harm = camera.dice("harm", self._probe, step)
            return encoder.send(shot, harm)

        return kept(camera.name, f"{self._probe}/{step}/{fault}/{variant}", make)


def cameras(part: str, most: int | None = None) -> list[FilmCamera]:
    """The part's cameras: every clip in every light, codecs and denoising going round."""
    made = []
    for number, clip in enumerate(available(part)):
        for turn, light in enumerate(LIGHTS):
            place = number * len(LIGHTS) + turn
            coding = CODINGS[(place + number) % len(CODINGS)]
            made.append(FilmCamera(clip, light, coding, _DENOISE[(number // 2 + turn) % 3]))
    return made if most is None else made[:: max(1, len(made) // most)][:most]


def variants_of(fault: str) -> tuple[str, ...]:
    return VARIANTS[fault]
