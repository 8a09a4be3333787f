"""Ways to harm bytes, and good bytes to harm."""

from __future__ import annotations

import random
from collections.abc import Callable
from fractions import Fraction
from functools import cache

import av
import cv2
import numpy as np

__all__ = ["harmed", "jpeg_of", "stream_of"]

_SIZE = (320, 176)


def harmed(data: bytes, dice: random.Random) -> bytes:
    """The data after one to three harms."""
    array = bytearray(data)
    for _ in range(dice.randint(1, 3)):
        if array:
            dice.choice(_HARMS)(array, dice)
    return bytes(array)


def _flip_bits(data: bytearray, dice: random.Random) -> None:
    for _ in range(max(1, int(len(data) * dice.choice((0.0001, 0.001, 0.01, 0.1))))):
        data[dice.randrange(len(data))] ^= 1 << dice.randrange(8)


def _flip_in_header(data: bytearray, dice: random.Random) -> None:
    for _ in range(dice.randint(1, 8)):
        data[dice.randrange(min(len(data), 400))] = dice.randrange(256)


def _cut_out(data: bytearray, dice: random.Random) -> None:
    start = dice.randrange(len(data))
    del data[start : start + dice.randint(1, max(len(data) // 4, 1))]


def _cut_off(data: bytearray, dice: random.Random) -> None:
    del data[dice.randrange(len(data)) :]


def _repeat(data: bytearray, dice: random.Random) -> None:
    start = dice.randrange(len(data))
    piece = data[start : start + dice.randint(1, 2000)]
    data[start:start] = piece * dice.randint(1, 4)


def _garbage(data: bytearray, dice: random.Random) -> None:
    start = dice.randrange(len(data))
    length = dice.randint(1, 3000)
    data[start : start + length] = dice.randbytes(length)


def _extreme(data: bytearray, dice: random.Random) -> None:
    start = dice.randrange(len(data))
    length = dice.randint(1, 64)
    data[start : start + length] = bytes([dice.choice((0, 255, 127, 128))]) * length


def _swap(data: bytearray, dice: random.Random) -> None:
    one, two = sorted(dice.randrange(len(data)) for _ in range(2))
    middle = (one + two) // 2
    data[one:two] = data[middle:two] + data[one:middle]


_HARMS: tuple[Callable[[bytearray, random.Random], None], ...] = (
    _flip_bits,
    _flip_in_header,
    _cut_out,
    _cut_off,
    _repeat,
    _garbage,
    _extreme,
    _swap,
)


@cache
def stream_of(codec: str) -> bytes:
    """A second of video as it comes from a camera: parameter sets, key frames and others."""
    library = "libx264" if codec == "h264" else "libx265"
    context = av.CodecContext.create(library, "w")
    assert isinstance(context, av.VideoCodecContext)
    context.width, context.height = _SIZE
    context.pix_fmt, context.time_base = "yuv420p", Fraction(1, 10)
    context.gop_size, context.max_b_frames, context.thread_count = 4, 0, 1
    context.options = {"preset": "ultrafast", "tune": "zerolatency"}
    if codec == "h265":
        quiet = "keyint=4:log-level=none:pools=none:frame-threads=1:repeat-headers=1"
        context.options |= {"x265-params": quiet}
    packets = []
    for number in range(10):
        frame = av.VideoFrame.from_ndarray(_picture(number), format="bgr24")
        packets += context.encode(frame.reformat(format="yuv420p"))
    packets += context.encode(None)
    return b"".join(bytes(packet) for packet in packets)


@cache
def jpeg_of(quality: int) -> bytes:
    done, data = cv2.imencode(".jpg", _picture(3), [cv2.IMWRITE_JPEG_QUALITY, quality])
    assert done
    return data.tobytes()


def _picture(number: int) -> np.ndarray:
    rng = np.random.default_rng(number)
    coarse = np.random.default_rng(5).integers(20, 235, (11, 20, 3), dtype=np.uint8)
    picture = cv2.resize(coarse, _SIZE, interpolation=cv2.INTER_CUBIC)
    noise = rng.normal(0, 4, picture.shape)
    return np.clip(picture + noise, 0, 255).astype(np.uint8)
