"""From the packets of key frames to pictures, by FFmpeg's decoders through PyAV."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

import av
import av.error
import cv2
import numpy as np
from av.packet import Packet
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame

from monitoring.grabbing.network import Deadline
from monitoring.grabbing.pictures import (
    BURST_STEP_SECONDS,
    KEPT_WIDTH,
    Bytes2D,
    Bytes3D,
    GrabError,
    Picture,
    check_size,
    resized,
    thin,
)
from monitoring.grabbing.rtp import Unusual
from monitoring.verdicts import Reason

# What nearly every camera sends; other formats are converted by swscale.
_PLANAR = frozenset({"yuv420p"})


def take(
    packets: Iterable[Packet | None],
    context: VideoCodecContext,
    deadline: Deadline,
    burst_s: float,
    most: int,
    final: bool = True,
) -> list[Picture]:
    """One picture, or up to `most` over `burst_s` seconds.

    `packets` are whole key frames; None stands for whatever else came. Raises GrabError when not
    one picture came, Unusual when the packets say so before one did; and where our word is not to
    be `final`, also for a key frame that cannot be decoded, and when nothing came because the
    camera hung up.
    """
    began_s = deadline.elapsed_s()
    pictures: list[Picture] = []
    for picture in _pictures(packets, context, deadline, final):
        pictures.append(picture)
        if len(pictures) >= most or deadline.elapsed_s() - began_s >= burst_s:
            break
    return pictures


def _pictures(
    packets: Iterable[Packet | None],
    context: VideoCodecContext,
    deadline: Deadline,
    final: bool = True,
) -> Iterator[Picture]:
    """Key frames as they come, BURST_STEP_SECONDS apart, until the stream or the deadline ends.

    Raises GrabError when none has come by then, and Unusual as `take` does.
    """
    context.skip_frame = "NONKEY"
    context.thread_count = 1  # many cameras share the processor; one picture needs no threads
    context.thread_type = "NONE"
    if context.name == "hevc":
        context.options = dict(_STRICT)
    shown = came = 0
    next_s = 0.0
    problem = ended = ""
    coming = iter(packets)
    while not (came and deadline.is_over()):
        try:
            packet = next(coming)
        except StopIteration:
            break
        except av.error.FFmpegError as error:
            problem = error.strerror or type(error).__name__
            break
        except (OSError, GrabError) as error:  # the connection's end, or the deadline's
            ended = str(error)
            if isinstance(error, ConnectionError) and not (came or final):
                raise Unusual(ended) from None
            break
        except Unusual:
            if not shown:
                raise
            break
        came += 1
        if packet is None or deadline.elapsed_s() < next_s:
            continue
        try:
            picture, trouble = _picture(context, packet, deadline)
        except GrabError as error:
            if not shown:
                raise
            picture, trouble = None, error.detail
        if picture is not None:
            shown += 1
            next_s = deadline.elapsed_s() + BURST_STEP_SECONDS
            yield picture
        elif not (final or shown):
            raise Unusual(trouble)
        problem = trouble or problem
    if shown:
        return
    if came == 0:
        why = problem or ended or "the stream ended"
        raise GrabError(Reason.NO_VIDEO, f"the stream opened, and nothing came ({why})")
    if not problem:
        raise GrabError(Reason.NO_VIDEO, f"{came} packets came, and no key frame")
    raise GrabError(Reason.UNDECODABLE, f"{came} packets came, and no picture ({problem})")


def _picture(
    context: VideoCodecContext, packet: Packet, deadline: Deadline
) -> tuple[Picture | None, str]:
    """(the picture in a key frame's packet or None, what was wrong). Raises GrabError where it is
    no camera's."""
    frame, trouble, damaged = _decode(context, packet)
    if frame is None:
        return None, trouble
    try:
        return _as_picture(frame, deadline.elapsed_s(), damaged), trouble
    except av.error.FFmpegError as error:  # of a conversion
        return None, error.strerror or type(error).__name__


def _decode(context: VideoCodecContext, packet: Any) -> tuple[VideoFrame | None, str, bool]:
    """(the frame in a key frame's packet or None, what was wrong with it, whether it is damaged).

    FFmpeg flags damaged H.264 pictures, but not H.265: that one is told to stop at errors, and
    what has them is decoded once more by a patient decoder.
    """
    damaged = False
    try:
        frames = _frames(context, packet)
    except av.error.FFmpegError as error:
        try:
            frames = _frames(_patient(context), packet)
        except av.error.FFmpegError:
            frames = []
        if not frames:
            return None, error.strerror or type(error).__name__, True
        damaged = _is_damaged_without_remarks(context, packet)
    if not frames:
        return None, "the key frame holds no picture", False
    return frames[-1], "", damaged or bool(frames[-1].is_corrupt)


def _frames(context: VideoCodecContext, packet: Any) -> list[VideoFrame]:
    frames = context.decode(packet)
    if not frames:  # kept back for reordering: ask for it now
        frames = context.decode(None)
        context.flush_buffers()
    return frames


def _patient(context: VideoCodecContext, strict: bool = False) -> VideoCodecContext:
    """A second decoder of the same kind, which goes on after errors unless it is `strict`."""
    second = av.CodecContext.create(context.name, "r")
    assert isinstance(second, VideoCodecContext)
    second.extradata = context.extradata
    second.thread_count = 1
    if strict:
        second.options = dict(_STRICT)
    return second


def _is_damaged_without_remarks(context: VideoCodecContext, packet: Any) -> bool:
    """Whether the errors are in the picture, and not in remarks (SEI) that vendors get wrong."""
    plain = _SEI_UNIT.sub(b"", bytes(packet))
    if len(plain) == packet.size:
        return True
    try:
        return not _frames(_patient(context, strict=True), av.Packet(plain))
    except av.error.FFmpegError:
        return True


# H.265 units of types 39 and 40 with their start codes, up to the next start code.
_SEI_UNIT = re.compile(rb"\x00?\x00\x00\x01[\x4e-\x51].*?(?=\x00?\x00\x00\x01|\Z)", re.DOTALL)
_STRICT = {"err_detect": "explode"}


def _as_picture(frame: VideoFrame, at_s: float, damaged: bool = False) -> Picture:
    check_size(frame.width, frame.height)
    if frame.format.name in _PLANAR and not _is_full_range(frame):
        planes = [_plane(frame, number) for number in range(3)]
        luma = _stretched(thin(planes[0]))
        small = _small_planes(planes)
        return Picture(luma, lambda: _as_bgr(small), frame.width, frame.height, at_s, damaged)
    pixels = _converted(frame)
    return Picture(_luma(frame), lambda: pixels, frame.width, frame.height, at_s, damaged)


def _small_planes(planes: list[Bytes2D]) -> Bytes2D:
    """Y, U and V one below the other, as OpenCV has I420, at most KEPT_WIDTH wide.

    Averaging the planes and converting what is left costs a fifth of swscale's conversion.
    """
    height, width = planes[0].shape
    wide = min(width, KEPT_WIDTH) // 2 * 2
    tall = max(2, round(height * wide / width) // 2 * 2)
    small = np.empty(tall * wide * 3 // 2, np.uint8)
    luma, *chroma = np.split(small, [tall * wide, tall * wide * 5 // 4])
    resized(planes[0], wide, tall, into=luma.reshape(tall, wide))
    for plane, part in zip(planes[1:], chroma, strict=True):
        resized(plane, wide // 2, tall // 2, into=part.reshape(tall // 2, wide // 2))
    return small.reshape(-1, wide)


def _as_bgr(small: Bytes2D) -> Bytes3D:
    return np.asarray(cv2.cvtColor(small, cv2.COLOR_YUV2BGR_I420), dtype=np.uint8)


def _converted(frame: VideoFrame) -> Bytes3D:
    """The picture in colour by swscale, which knows every format that a codec may give."""
    width = min(frame.width, KEPT_WIDTH)
    height = max(2, round(frame.height * width / frame.width))
    small = frame.reformat(width=width, height=height, format="bgr24")
    return np.asarray(small.to_ndarray(), dtype=np.uint8)


def _luma(frame: VideoFrame) -> Bytes2D:
    """The luminance plane, thinned, in full range (0 black … 255 white).

    Planar YUV has it ready in the first plane, so nothing is converted but the range.
    """
    if not frame.format.name.startswith(("yuv4", "yuvj4", "nv12", "gray")) or any(
        component.bits != 8 for component in frame.format.components
    ):
        frame = frame.reformat(format="gray")
        return thin(np.asarray(frame.to_ndarray(), dtype=np.uint8))
    luma = thin(_plane(frame, 0))
    return luma if _is_full_range(frame) or frame.format.name == "gray" else _stretched(luma)


def _plane(frame: VideoFrame, number: int) -> Bytes2D:
    """One plane as it lies in the frame's memory; valid as long as the frame is."""
    plane = frame.planes[number]
    rows = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
    return rows[: plane.height, : plane.width]


def _is_full_range(frame: VideoFrame) -> bool:
    return frame.format.name.startswith("yuvj") or int(frame.color_range or 0) == 2


def _stretch_table() -> Bytes2D:
    """Video levels (ITU-R BT.601: black 16, white 235) to 0 … 255."""
    levels = (np.arange(256, dtype=np.float32) - 16) * (255 / 219)
    return np.clip(np.rint(levels), 0, 255).astype(np.uint8)


def _stretched(luma: Bytes2D) -> Bytes2D:
    """In full range, in its own place."""
    cv2.LUT(luma, _STRETCH, dst=luma)  # a third of NumPy's indexing
    return luma


_STRETCH = _stretch_table()
