"""JPEG in a stream of bytes: its end is found, its size read, and nothing crashes on rubbish."""

from itertools import pairwise

import cv2
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from monitoring.grabbing import GrabError, jpeg
from monitoring.grabbing.pictures import KEPT_WIDTH
from monitoring.verdicts import Reason
from tests.monitoring.grabbing import scripted

WHOLE = scripted.jpeg()


def with_segment(picture: bytes, marker: int, body: bytes) -> bytes:
    """The picture with one more segment in its header."""
    size = (len(body) + 2).to_bytes(2, "big")
    return picture[:2] + bytes([0xFF, marker]) + size + body + picture[2:]


def progressive() -> bytes:
    grey = np.arange(180 * 320, dtype=np.uint32).reshape(180, 320).astype(np.uint8)
    return cv2.imencode(".jpg", grey, [cv2.IMWRITE_JPEG_PROGRESSIVE, 1])[1].tobytes()


def test_a_whole_picture_is_found_between_other_bytes() -> None:
    stream = b"--part\r\n\r\n" + WHOLE + b"\r\n--part"
    begin, end = jpeg.find(stream) or (0, 0)
    assert stream[begin:end] == WHOLE


def test_pictures_are_found_one_after_the_other() -> None:
    stream = WHOLE * 3
    found = [0]
    while (place := jpeg.find(stream, found[-1])) is not None:
        found.append(place[1])
    assert [after - before for before, after in pairwise(found)] == [len(WHOLE)] * 3


def test_a_picture_is_not_found_before_its_last_byte_has_come() -> None:
    for length in range(len(WHOLE)):
        assert jpeg.find(WHOLE[:length]) is None
    assert jpeg.find(WHOLE) == (0, len(WHOLE))


def test_a_thumbnail_in_the_header_is_not_taken_for_the_picture() -> None:
    thumbnail = scripted.jpeg(64, 48)
    picture = with_segment(WHOLE, 0xE1, b"Exif\x00\x00" + thumbnail)
    assert jpeg.find(picture) == (0, len(picture))
    assert jpeg.size(picture) == (320, 180)


def test_a_progressive_picture_has_many_scans_and_one_end() -> None:
    picture = progressive()
    assert jpeg.find(picture + b"more") == (0, len(picture))
    assert jpeg.decode(picture, 0).width == 320


def test_fill_bytes_and_restart_markers_are_passed_over() -> None:
    filled = WHOLE[:2] + b"\xff\xff" + WHOLE[2:]
    assert jpeg.find(filled) == (0, len(filled))
    scan = b"\xff\xd8\xff\xda\x00\x02" + b"\x12\xff\x00\x34\xff\xd0\x56\xff\xff\xd9"
    assert jpeg.find(scan) == (0, len(scan))


@pytest.mark.parametrize(
    "data",
    [b"\xff\xd8\xff\xe0\x00\x04abXXXX", WHOLE[: len(WHOLE) // 2] + WHOLE],
    ids=["broken header", "ends where the next one begins"],
)
def test_what_cannot_become_whole_is_undecodable(data: bytes) -> None:
    with pytest.raises(GrabError) as caught:
        jpeg.find(data)
    assert caught.value.reason is Reason.UNDECODABLE


@pytest.mark.parametrize(
    ("width", "height"), [(320, 180), (960, 540), (1920, 1080), (2560, 1440), (3840, 2160)]
)
def test_a_picture_is_decoded_no_larger_than_it_is_kept(width: int, height: int) -> None:
    picture = jpeg.decode(scripted.jpeg(width, height), 1.5)
    assert (picture.width, picture.height, picture.at_s) == (width, height, 1.5)
    for kept in (picture.luma, picture.bgr):
        assert KEPT_WIDTH // 2 < kept.shape[1] <= KEPT_WIDTH or kept.shape[1] == width
        assert kept.shape[0] == pytest.approx(kept.shape[1] * 9 / 16, abs=1)


@pytest.mark.parametrize(
    "picture",
    [
        scripted.jpeg(16, 16),
        b"\xff\xd8\xff\xd9",
        b"\xff\xd8\xff\xe0\x00\x02\xff\xd9",
        b"",
        with_segment(WHOLE, 0xC0, b"\x08\xff\xff\xff\xff\x01\x01\x11\x00"),  # 65535 × 65535
        WHOLE[:2] + WHOLE[2:].replace(b"\xff\xda", b"\xff\xfe"),  # no scan
    ],
    ids=["tiny", "empty", "no size", "nothing", "huge", "no scan"],
)
def test_what_is_no_camera_picture_is_undecodable(picture: bytes) -> None:
    with pytest.raises(GrabError) as caught:
        jpeg.decode(picture, 0)
    assert caught.value.reason is Reason.UNDECODABLE


def take(data: bytes) -> None:
    """What grabbing does with bytes that came: a picture or a GrabError, and nothing else."""
    try:
        found = jpeg.find(data)
        if found is not None:
            jpeg.decode(data[found[0] : found[1]], 0)
        jpeg.decode(data, 0)
    except GrabError as error:
        assert error.reason is Reason.UNDECODABLE


@given(st.binary(max_size=3000))
@example(b"\xff" * 3000)
@example(b"\xff\xd8" * 1500)
@example(b"\xff\xd8\xff\xda\x00\x00" + b"\xff\x00" * 1400)
def test_random_bytes_do_no_harm(data: bytes) -> None:
    take(data)
    take(b"\xff\xd8\xff" + data)


@given(st.integers(0, len(WHOLE)), st.integers(0, len(WHOLE)))
def test_a_picture_with_a_part_cut_out_does_no_harm(begin: int, end: int) -> None:
    take(WHOLE[:begin] + WHOLE[end:])


@given(st.lists(st.tuples(st.integers(0, len(WHOLE) - 1), st.integers(0, 255)), max_size=30))
def test_a_picture_with_damaged_bytes_does_no_harm(damage: list[tuple[int, int]]) -> None:
    data = bytearray(WHOLE)
    for at, value in damage:
        data[at] = value
    take(bytes(data))


@given(st.lists(st.tuples(st.integers(2, 700), st.integers(0, 7)), min_size=1, max_size=8))
def test_a_picture_with_flipped_bits_in_its_header_does_no_harm(
    flips: list[tuple[int, int]],
) -> None:
    data = bytearray(WHOLE)
    for at, bit in flips:
        data[at] ^= 1 << bit
    take(bytes(data))
