"""Processor time of looking and judging, beside that of decoding the same picture.

All comparisons are made: with the last probe's trace, and with a grown reference. The least of
many rounds, as whatever else runs only adds to it (it takes away caches and shares cores), of a
1080p and a 4K H.264 key frame of a road by day with its sensor's noise; `make bench-look`.
"""

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import av
import cv2
import numpy as np

from monitoring.examining import look_at
from monitoring.grabbing.decoding import _as_picture
from monitoring.judging import Context, judge
from monitoring.looking import change_of_traces
from monitoring.memory import Memory, learn
from tests.bench.results import Options, Result, at_most, stated
from tests.farm.canvas import Image
from tests.farm.light import Light
from tests.farm.scene_road import RoadScene

BAR_MS = 5.0  # for 1080p
_SIZES = {"1080p": (1920, 1080), "4K": (3840, 2160)}
_ROUNDS = 60


def run(options: Options) -> list[Result]:
    rounds = 6 if options.quick else _ROUNDS
    results = []
    for name, size in _SIZES.items():
        decode, convert, look, judging = measure(size, rounds)
        both = look + judging
        figure = f"{name}, look + judge"
        results += [
            stated("look", f"{name}, decode", decode, "ms"),
            stated("look", f"{name}, luminance and small colour", convert, "ms"),
            stated("look", f"{name}, look", look, "ms"),
            stated("look", f"{name}, judge", judging, "ms"),
            at_most("look", figure, both, BAR_MS, "ms")
            if name == "1080p"
            else stated("look", figure, both, "ms"),
            stated("look", f"{figure} : decode", both / decode),
        ]
    return results


def measure(size: tuple[int, int], rounds: int) -> tuple[float, float, float, float]:
    """Milliseconds: decoding, making the picture, looking, judging."""
    packet = encoded(street(size))
    frame = decoded(packet)
    picture = _as_picture(frame, 0.0, False)
    seen = look_at(picture)
    reference = learn(Memory(), seen, None, datetime.now(UTC))
    assert reference is not None
    context = Context(replace(reference, probes=100, motion=12.0, unrest=3.0))

    def judged() -> object:
        return judge(seen, change_of_traces(seen.trace, seen.trace), context)

    return (
        least_ms(lambda: decoded(packet), rounds),
        least_ms(lambda: _as_picture(frame, 0.0, False).bgr, rounds),
        least_ms(lambda: look_at(picture), rounds),
        least_ms(judged, rounds),
    )


def least_ms(deed: Callable[[], object], rounds: int) -> float:
    took = []
    for _ in range(rounds):
        began = time.process_time()
        deed()
        took.append(time.process_time() - began)
    return min(took) * 1000


def street(size: tuple[int, int]) -> Image:
    """A road by day with its sensor's noise."""
    rng = np.random.default_rng(8)
    road = RoadScene(rng, *size, 30, Light("day"))
    road.paint()
    noise = rng.normal(0, 2, (size[1], size[0], 1)).astype(np.float32)
    return np.asarray(np.clip(road.frame(7) + noise, 0, 255), np.uint8)


def encoded(picture: Image) -> bytes:
    height, width = picture.shape[:2]
    context = av.CodecContext.create("libx264", "w")
    assert isinstance(context, av.VideoCodecContext)
    context.width, context.height, context.pix_fmt = width, height, "yuv420p"
    context.framerate = 25  # type: ignore[assignment]
    context.options = {"preset": "veryfast", "tune": "zerolatency", "crf": "25"}
    planar = cv2.cvtColor(picture, cv2.COLOR_BGR2YUV_I420)
    frame = av.VideoFrame.from_ndarray(planar, format="yuv420p")
    return b"".join(bytes(each) for each in [*context.encode(frame), *context.encode(None)])


def decoded(packet: bytes) -> av.VideoFrame:
    context = av.CodecContext.create("h264", "r")
    assert isinstance(context, av.VideoCodecContext)
    context.thread_count = 1
    return [*context.decode(av.Packet(packet)), *context.decode(None)][0]
