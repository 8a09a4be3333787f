"""JPEG in a stream of bytes: its end is found, its size read, and nothing crashes on rubbish."""

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


def claiming(width: int, height: int) -> bytes:
    """The picture with another size in its header."""
    at = WHOLE.index(b"\xff\xc0") + 5
    size = height.to_bytes(2, "big") + width.to_bytes(2, "big")
    return WHOLE[:at] + size + WHOLE[at + 4 :]


def progressive() -> bytes:
    grey = np.arange(180 * 320, dtype=np.uint32).reshape(180, 320).astype(np.uint8)
    return cv2.imencode(".jpg", grey, [cv2.IMWRITE_JPEG_PROGRESSIVE, 1])[1].tobytes()


def cut(data: bytes, size: int = 1 << 30) -> list[bytes]:
    """The whole pictures in bytes that come in pieces of this size."""
    cutter = jpeg.Cutter()
    pieces = (data[at : at + size] for at in range(0, len(data), size))
    return [picture for piece in pieces for picture in cutter.feed(piece)]


def test_a_whole_picture_is_found_between_other_bytes() -> None:
    assert cut(b"--part\r\n\r\n" + WHOLE + b"\r\n--part") == [WHOLE]


def test_pictures_are_found_one_after_the_other() -> None:
    assert cut(WHOLE * 3) == [WHOLE] * 3


def test_a_picture_is_found_with_its_last_byte_and_not_before() -> None:
    cutter = jpeg.Cutter()
    for at in range(len(WHOLE) - 1):
        assert list(cutter.feed(WHOLE[at : at + 1])) == []
    assert cutter.has_begun and cutter.waiting == len(WHOLE) - 1
    assert list(cutter.feed(WHOLE[-1:])) == [WHOLE]
    assert not cutter.has_begun and cutter.waiting == 0


def test_a_thumbnail_in_the_header_is_not_taken_for_the_picture() -> None:
    thumbnail = scripted.jpeg(64, 48)
    picture = with_segment(WHOLE, 0xE1, b"Exif\x00\x00" + thumbnail)
    assert cut(picture) == cut(picture, size=7) == [picture]
    assert jpeg.size(picture) == (320, 180)


def test_a_progressive_picture_has_many_scans_and_one_end() -> None:
    picture = progressive()
    assert cut(picture + b"more") == [picture]
    assert jpeg.decode(picture, 0).width == 320


@pytest.mark.parametrize("size", [1, 2, 3, 1000])
def test_fill_bytes_and_restart_markers_are_passed_over(size: int) -> None:
    for more in (2, 10_000):
        filled = WHOLE[:2] + b"\xff" * more + WHOLE[2:]
        assert cut(filled, size) == [filled]
    scan = b"\xff\xd8\xff\xda\x00\x02" + b"\x12\xff\x00\x34\xff\xd0\x56\xff\xff\xd9"
    assert cut(scan, size) == [scan]


@pytest.mark.parametrize(
    "data",
    [
        b"\xff\xd8\xff\xe0\x00\x04abXXXX",
        WHOLE[: len(WHOLE) // 2] + WHOLE,
        b"\xff\xd8" + b"\xff\xe0\x00\x02" * 10_000,
    ],
    ids=["broken header", "ends where the next one begins", "only segments"],
)
def test_what_cannot_become_whole_is_undecodable(data: bytes) -> None:
    with pytest.raises(GrabError) as caught:
        cut(data)
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
        claiming(12_000, 12_000),
        claiming(65_535, 65_535),
        WHOLE[:2] + WHOLE[2:].replace(b"\xff\xda", b"\xff\xfe"),  # no scan
    ],
    ids=["tiny", "empty", "no size", "nothing", "large", "huge", "no scan"],
)
def test_what_is_no_camera_picture_is_undecodable(picture: bytes) -> None:
    with pytest.raises(GrabError) as caught:
        jpeg.decode(picture, 0)
    assert caught.value.reason is Reason.UNDECODABLE


def take(data: bytes) -> None:
    """What grabbing does with bytes that came: a picture or a GrabError, and nothing else."""
    try:
        for picture in cut(data):
            jpeg.decode(picture, 0)
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


_MARKS = [b"\xff", b"\xd8", b"\xd9", b"\xda", b"\xe0", b"\x00", b"\x02", b"\x12"]


@given(st.lists(st.sampled_from(_MARKS), max_size=60).map(b"".join), st.integers(1, 9))
@example(b"\xff\xd8\xff\xda\x00\x02\x12\xff\xd9", 1)
def test_it_does_not_matter_where_the_network_cuts(data: bytes, size: int) -> None:
    def outcome(size: int) -> tuple[list[bytes], object]:
        cutter, pictures = jpeg.Cutter(), []
        try:
            for at in range(0, len(data), size):
                pictures.extend(cutter.feed(data[at : at + size]))
        except GrabError as error:
            return pictures, error.detail
        return pictures, (cutter.has_begun, cutter.waiting)

    assert outcome(size) == outcome(1 << 30)


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
