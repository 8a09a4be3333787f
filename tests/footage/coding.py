"""Through a codec and back, as between a camera and the prober: the same decoding as in use."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

import av
import cv2
import numpy as np

from monitoring.grabbing import GrabError, Picture, jpeg
from monitoring.grabbing.decoding import _STRICT, _as_picture, _decode
from tests.farm.canvas import Image, Random

__all__ = ["CODINGS", "Coding", "Encoder", "pictures_of"]


@dataclass(frozen=True)
class Coding:
    """A codec and how coarse it is: the quantiser of H.264 and H.265, the quality of JPEG.

    A rate control that has settled holds the quantiser; one that has not is told of in docs/eye.md.
    """

    codec: str
    quality: int

    @property
    def name(self) -> str:
        return f"{self.codec}/{self.quality}"


CODINGS = (
    Coding("h264", 23),
    Coding("jpeg", 80),
    Coding("h265", 28),
    Coding("h264", 34),
    Coding("jpeg", 40),
    Coding("h265", 36),
)


class Encoder:
    """One camera's encoder: pictures in, pictures as the prober sees them out."""

    def __init__(self, coding: Coding, size: tuple[int, int]) -> None:
        self.coding = coding
        self._context = None if coding.codec == "jpeg" else _context(coding, size)

    def send(self, picture: Image, harm: Random | None = None) -> bytes:
        """One key frame; with `harm`, some of its bytes are lost on the way."""
        if self._context is None:
            options = [cv2.IMWRITE_JPEG_QUALITY, self.coding.quality]
            done, coded = cv2.imencode(".jpg", picture, options)
            assert done
            data = coded.tobytes()
        else:
            planar = cv2.cvtColor(picture, cv2.COLOR_BGR2YUV_I420)
            frame = av.VideoFrame.from_ndarray(planar, format="yuv420p")
            frame.pict_type = av.video.frame.PictureType.I
            data = b"".join(bytes(packet) for packet in self._context.encode(frame))
        return data if harm is None else _lose(data, harm)

    def through(self, picture: Image) -> Picture:
        """One undamaged picture, there and back."""
        return pictures_of(self.coding.codec, [self.send(picture)])[0]


def pictures_of(codec: str, coded: Iterable[bytes]) -> list[Picture]:
    """Decoded as the prober does; what cannot be decoded is left out."""
    decoded = []
    for data in coded:
        with contextlib.suppress(GrabError):
            decoded.append(_picture(codec, data))
    return [picture for picture in decoded if picture is not None]


def _picture(codec: str, data: bytes) -> Picture | None:
    if codec == "jpeg":
        return jpeg.decode(data, 0.0)
    name = "h264" if codec == "h264" else "hevc"
    decoder = av.CodecContext.create(name, "r")
    assert isinstance(decoder, av.VideoCodecContext)
    decoder.thread_count = 1
    if name == "hevc":
        decoder.options = dict(_STRICT)
    frame, _trouble, damaged = _decode(decoder, av.Packet(data))
    return None if frame is None else _as_picture(frame, 0.0, damaged)


def _context(coding: Coding, size: tuple[int, int]) -> av.VideoCodecContext:
    library = "libx264" if coding.codec == "h264" else "libx265"
    context = av.CodecContext.create(library, "w")
    assert isinstance(context, av.VideoCodecContext)
    context.width, context.height = size
    context.pix_fmt = "yuv420p"
    context.time_base = Fraction(1, 25)
    context.gop_size = 1
    context.max_b_frames = 0
    context.thread_count = 1
    context.options = {"preset": "ultrafast", "tune": "zerolatency", "qp": str(coding.quality)}
    if coding.codec == "h265":
        quiet = "keyint=1:log-level=none:pools=none:frame-threads=1:repeat-headers=1"
        context.options |= {"x265-params": f"qp={coding.quality}:{quiet}"}
    return context


def _lose(data: bytes, rng: Random) -> bytes:
    """A tenth of the bytes, in a few pieces, is lost; the first tenth (headers) stands."""
    array = bytearray(data)
    for _ in range(3):
        length = max(len(array) // 30, 8)
        first = max(len(array) // 10, 700)
        start = int(rng.integers(first, max(len(array) - length - 2, first + 1)))
        del array[start : start + length]
    return bytes(np.frombuffer(bytes(array), np.uint8))
