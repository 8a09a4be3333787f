"""The encoder's process: reads clip descriptions, one JSON line each, and writes clip files."""

from __future__ import annotations

import json
import os
import random
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import av
import cv2
import numpy as np

from tests.farm.clips import Clip, ClipSpec, Frame
from tests.farm.lens import pictures
from tests.farm.rtp import parameter_sets_of, payloads_of, split_nal_units

__all__ = ["encode", "main"]

_GOP_SECONDS = 2
_LOST_SHARE = 0.25  # of a smeared camera's RTP packets


def encode(spec: ClipSpec) -> Clip:
    """Render and encode a whole clip."""
    if spec.codec == "jpeg":
        frames = tuple(_jpeg_frames(spec))
        return Clip("jpeg", spec.width, spec.height, spec.fps, (), frames)
    pictures_of_units = list(_encoded(spec))
    parameter_sets = parameter_sets_of(pictures_of_units[0][1], spec.codec)
    lost = random.Random(spec.code) if spec.treatment == "smeared" else None
    frames = tuple(
        Frame(is_key, tuple(_lose(payloads_of(units, spec.codec), lost)))
        for is_key, units in pictures_of_units
    )
    return Clip(spec.codec, spec.width, spec.height, spec.fps, parameter_sets, frames)


def _encoded(spec: ClipSpec) -> Iterator[tuple[bool, list[bytes]]]:
    gop = spec.fps * _GOP_SECONDS
    library = "libx264" if spec.codec == "h264" else "libx265"
    context = av.CodecContext.create(library, "w")
    assert isinstance(context, av.VideoCodecContext)
    context.width, context.height = spec.width, spec.height
    context.pix_fmt = "yuv420p"
    context.framerate = spec.fps  # type: ignore[assignment]
    context.gop_size = gop
    context.max_b_frames = 0
    context.thread_count = 1
    parameters = f"keyint={gop}:min-keyint={gop}:scenecut=0:bframes=0:open-gop=0"
    # One quality for all pictures, as from an encoder that has run for days: else the first key
    # frame of a film differs from the others, and a frozen picture seems to move.
    context.options = {"preset": "ultrafast", "tune": "zerolatency"}
    if spec.codec == "h265":
        parameters += ":pools=none:frame-threads=1:log-level=none:repeat-headers=1"
        context.options |= {"x265-params": f"{parameters}:qp=30"}
    else:
        context.options |= {"x264-params": f"{parameters}:qp=28"}
    packets = []
    for number, picture in enumerate(pictures(spec)):
        planar = cv2.cvtColor(picture, cv2.COLOR_BGR2YUV_I420)
        frame = av.VideoFrame.from_ndarray(planar, format="yuv420p")
        frame.pts = number
        packets += context.encode(frame)
    packets += context.encode(None)
    for packet in packets:
        yield packet.is_keyframe, split_nal_units(bytes(packet), spec.codec)


def _lose(payloads: list[bytes], lost: random.Random | None) -> Iterator[bytes | None]:
    """Drop packets as a bad line does; parameter sets (small) come through."""
    for payload in payloads:
        gone = lost is not None and len(payload) > 200 and lost.random() < _LOST_SHARE
        yield None if gone else payload


def _jpeg_frames(spec: ClipSpec) -> Iterator[Frame]:
    smear = random.Random(spec.code) if spec.treatment == "smeared" else None
    for picture in pictures(spec):
        ok, encoded = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, spec.jpeg_quality])
        assert ok
        data = encoded.tobytes()
        if smear is not None:  # bytes lost in the middle; both ends stand
            start = smear.randrange(len(data) // 3, len(data) * 2 // 3)
            data = data[:start] + data[start + len(data) // 9 :]
        yield Frame(True, (data,))


def main(arguments: list[str]) -> None:
    """Work until the farm closes our input."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the farm's to hear
    directory = Path(arguments[0])
    cv2.setNumThreads(1)  # two of us share two processors
    np.seterr(all="ignore")
    for line in sys.stdin:
        spec = ClipSpec(**json.loads(line))
        try:
            encode(spec).write(spec.path_in(directory))
            answer = "done"
        except Exception as problem:  # one clip that fails must not cost the others
            answer = f"{type(problem).__name__}: {problem}".replace("\n", " ")
        try:
            print(answer, flush=True)
        except BrokenPipeError:  # killed while we worked
            os._exit(1)


if __name__ == "__main__":
    main(sys.argv[1:])
