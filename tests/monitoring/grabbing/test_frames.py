"""From decoded frames to pictures: grey levels of every pixel format, and key frames in a row."""

import io
from itertools import pairwise

import av
import numpy as np
import pytest

from monitoring.grabbing.decoding import _as_picture, _luma, _pictures
from monitoring.grabbing.network import Deadline
from monitoring.grabbing.pictures import BURST_STEP_SECONDS, KEPT_WIDTH

VIDEO_BLACK, VIDEO_WHITE = 16, 235


def frame(level: int, pixel_format: str, width: int = 322, height: int = 182) -> av.VideoFrame:
    """A flat picture whose luminance is this code; the width is no multiple of a line's size."""
    made = av.VideoFrame(width, height, pixel_format)
    for plane in made.planes:
        plane.update(bytes([level]) * plane.buffer_size)
    return made


@pytest.mark.parametrize("pixel_format", ["yuv420p", "yuv422p", "yuv444p", "nv12"])
@pytest.mark.parametrize(
    ("code", "level"), [(VIDEO_BLACK, 0), (VIDEO_WHITE, 255), (126, 128), (0, 0), (255, 255)]
)
def test_video_levels_are_stretched_to_full_range(pixel_format: str, code: int, level: int) -> None:
    luma = _luma(frame(code, pixel_format))
    assert luma.shape == (182, 322)
    assert (luma == level).all()


@pytest.mark.parametrize("pixel_format", ["yuvj420p", "gray"])
def test_a_picture_in_full_range_stays_as_it_is(pixel_format: str) -> None:
    assert (_luma(frame(VIDEO_BLACK, pixel_format)) == VIDEO_BLACK).all()


def test_a_stream_that_says_it_has_full_range_is_believed() -> None:
    picture = frame(VIDEO_BLACK, "yuv420p")
    picture.color_range = 2
    assert (_luma(picture) == VIDEO_BLACK).all()


@pytest.mark.parametrize("pixel_format", ["yuv420p10le", "rgb24", "bgr24"])
def test_any_other_format_is_converted(pixel_format: str) -> None:
    source = np.full((182, 322, 3), 128, np.uint8)
    picture = av.VideoFrame.from_ndarray(source, "rgb24").reformat(format=pixel_format)
    luma = _luma(picture)
    assert luma.shape == (182, 322)
    assert abs(float(luma.mean()) - 128) < 4


@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (2592, 1944), (704, 576), (64, 48)])
def test_a_picture_is_kept_no_wider_than_it_need_be(width: int, height: int) -> None:
    picture = _as_picture(frame(126, "yuv420p", width, height), 0.5)
    assert (picture.width, picture.height, picture.at_s) == (width, height, 0.5)
    assert picture.bgr.shape[1] == min(width, KEPT_WIDTH)
    assert KEPT_WIDTH // 2 < picture.luma.shape[1] <= KEPT_WIDTH or picture.luma.shape[1] == width
    assert (picture.luma == 128).all()


class Stepping(Deadline):
    """A deadline for which a tenth of a second passes whenever it is looked at."""

    def __init__(self) -> None:
        super().__init__(1000)
        self._looks = 0

    def elapsed_s(self) -> float:
        self._looks += 1
        return self._looks / 10


def test_of_a_stream_of_nothing_but_key_frames_pictures_stand_apart() -> None:
    file = io.BytesIO()
    with av.open(file, "w", format="avi") as made:
        stream = made.add_stream("mjpeg", rate=25)
        stream.width, stream.height, stream.pix_fmt = 320, 180, "yuvj420p"
        for _number in range(100):
            made.mux(stream.encode(frame(126, "yuvj420p", 320, 180)))
        made.mux(stream.encode(None))
    file.seek(0)
    with av.open(file) as container:
        context = container.streams.video[0].codec_context
        packets = (packet for packet in container.demux(video=0) if packet.size)
        times = [each.at_s for each in _pictures(packets, context, Stepping())]
    assert 2 <= len(times) < 20
    assert min(after - before for before, after in pairwise(times)) >= BURST_STEP_SECONDS
