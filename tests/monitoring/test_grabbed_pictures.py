"""What a grab makes of what came: whole JPEGs however they are cut, true colours, small enough."""

from typing import Any

import av
import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitoring.examining import encode
from monitoring.grabbing import GrabError, decoding, http, jpeg
from monitoring.grabbing.pictures import KEPT_WIDTH
from monitoring.verdicts import Reason


def scene(width: int, height: int) -> Any:
    """Coloured, with soft edges: what a camera may see."""
    across = np.linspace(0, 255, width, dtype=np.float32)[None, :]
    down = np.linspace(0, 255, height, dtype=np.float32)[:, None]
    blue, green, red = across + 0 * down, down + 0 * across, 255 - (across + down) / 2
    return np.dstack([blue, green, red]).astype(np.uint8)


def as_jpeg(pixels: Any, quality: int = 80) -> bytes:
    return cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes()


SMALL = as_jpeg(scene(160, 120))
# A thumbnail in the header has an end marker of its own.
THUMBNAIL = b"\xff\xe1" + (len(SMALL) + 2).to_bytes(2, "big") + SMALL
WITH_THUMBNAIL = SMALL[:2] + THUMBNAIL + SMALL[2:]


class Answer:
    """An HTTP answer that comes in pieces of this size; `length`: what its head states, if any."""

    def __init__(self, body: bytes, size: int, length: int | None = None) -> None:
        self._pieces = [body[at : at + size] for at in range(0, len(body), size)]
        self.length = length

    def read1(self, _most: int) -> bytes:
        return self._pieces.pop(0) if self._pieces else b""


def jpegs(body: bytes, size: int, length: int | None = None) -> list[bytes]:
    answer: Any = Answer(body, size, length)
    return list(http._jpegs(answer))


@settings(deadline=None, max_examples=60)
@given(size=st.integers(1, 4000))
def test_every_jpeg_is_found_wherever_the_network_cuts(size: int) -> None:
    parts = [SMALL, WITH_THUMBNAIL, SMALL]
    body = b"".join(
        b"--next\r\nContent-Type: image/jpeg\r\n\r\n" + part + b"\r\n" for part in parts
    )
    assert jpegs(body, size) == parts


@settings(deadline=None, max_examples=60)
@given(size=st.integers(1, 4000), behind=st.sampled_from([b"", b"\r\n", bytes(16)]))
def test_a_picture_of_a_stated_length_is_found_in_whatever_pieces(size: int, behind: bytes) -> None:
    body = WITH_THUMBNAIL + behind
    assert jpegs(body, size, len(body)) == [WITH_THUMBNAIL]


def test_pictures_are_found_as_they_come_whatever_length_an_endless_answer_states() -> None:
    part = b"--next\r\n\r\n" + SMALL + b"\r\n"
    before = b"\r\n" * (len(part) // 4)  # so that every piece ends in the middle of a picture
    answer: Any = Answer(before + 20 * part, len(part), length=10**7)
    assert next(http._jpegs(answer)) == SMALL
    assert answer._pieces


def test_a_jpeg_that_stops_half_way_is_undecodable() -> None:
    for body in (SMALL[:-2], WITH_THUMBNAIL[: len(THUMBNAIL) + 200]):
        with pytest.raises(GrabError) as error:
            jpegs(body, 500)
        assert error.value.reason is Reason.UNDECODABLE


def test_a_snapshot_is_kept_as_the_camera_sent_it() -> None:
    data = as_jpeg(scene(1920, 1080))
    picture = jpeg.decode(data, 0.0)
    assert encode(picture) == data
    assert (picture.width, picture.height) == (1920, 1080)
    assert picture.luma.shape == (540, KEPT_WIDTH)


def test_a_snapshot_that_is_too_large_is_made_smaller() -> None:
    for size in ((3840, 2160), (2560, 1440)):
        picture = jpeg.decode(as_jpeg(scene(*size)), 0.0)
        kept = cv2.imdecode(np.frombuffer(encode(picture), np.uint8), cv2.IMREAD_COLOR)
        assert kept is not None and kept.shape == (540, KEPT_WIDTH, 3)
    noise = np.random.default_rng(1).integers(0, 255, (1080, 1920, 3), np.uint8)
    heavy = as_jpeg(noise, quality=95)
    assert len(heavy) > jpeg.KEPT_BYTES
    assert len(encode(jpeg.decode(heavy, 0.0))) < len(heavy) / 3


@pytest.mark.parametrize("size", [(1920, 1080), (640, 360), (704, 576), (1280, 962), (352, 288)])
@pytest.mark.parametrize("pixel_format", ["yuv420p", "yuvj420p", "yuv422p", "yuv420p10le"])
def test_colours_and_brightness_of_a_stream_are_true(
    size: tuple[int, int], pixel_format: str
) -> None:
    meant = scene(*size)
    frame = av.VideoFrame.from_ndarray(meant, format="bgr24").reformat(format=pixel_format)
    picture = decoding._as_picture(frame, 0.0)
    height, width = picture.bgr.shape[:2]
    assert width <= KEPT_WIDTH and abs(height / width - size[1] / size[0]) < 0.01
    wanted = cv2.resize(meant, (width, height), interpolation=cv2.INTER_AREA)
    assert np.abs(picture.bgr.astype(int) - wanted.astype(int)).mean() < 4
    grey = cv2.cvtColor(meant, cv2.COLOR_BGR2GRAY)
    assert abs(float(picture.luma.mean()) - float(grey.mean())) < 3
