"""Photographs: what is kept is drawn anew and tells nothing; what is hostile is refused."""

import io
import struct
import zlib

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from maintenance import photographs
from maintenance.photographs import PhotographError, develop
from tests.maintenance.repairing import MANGGARAI, photo


def opened(jpeg: bytes) -> Image.Image:
    return Image.open(io.BytesIO(jpeg))


def png_that_claims(width: int, height: int) -> SimpleUploadedFile:
    """A few bytes whose header promises a picture of any size."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + check

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = zlib.compress(b"\0" * 1000)
    body = chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
    return SimpleUploadedFile("bom.png", b"\x89PNG\r\n\x1a\n" + body)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_what_is_kept_is_a_jpeg_without_place_make_or_moment(kind: str) -> None:
    kept = develop(photo(kind, position=MANGGARAI))
    image = opened(kept.jpeg)
    assert image.format == "JPEG" and image.size == (kept.width, kept.height) == (800, 600)
    assert not image.getexif() and kept.position is None
    assert b"Telepon" not in kept.jpeg and b"Exif" not in kept.jpeg
    assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


def test_the_place_is_kept_as_numbers_only_where_it_is_wanted() -> None:
    kept = develop(photo(position=MANGGARAI), keep_position=True)
    assert kept.position == pytest.approx(MANGGARAI, abs=1e-5)
    assert not opened(kept.jpeg).getexif()
    assert develop(photo(), keep_position=True).position is None
    assert develop(photo(position=(999.0, 1.0)), keep_position=True).position is None


def test_a_picture_that_was_taken_sideways_stands_upright() -> None:
    assert opened(develop(photo(turned=6)).jpeg).size == (600, 800)


def test_what_is_larger_than_anybody_looks_at_is_made_smaller() -> None:
    kept = develop(photo(size=(4000, 3000)))
    assert max(kept.width, kept.height) == 2048


@pytest.mark.parametrize("mode", ["L", "RGBA", "CMYK"])
def test_other_kinds_of_colour_are_understood(mode: str) -> None:
    kept = develop(photo("JPEG" if mode == "CMYK" else "PNG", mode=mode))
    assert opened(kept.jpeg).mode == "RGB"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"MZ this is a program",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"\xff\xd8\xff\xe0 half",
        b"GIF89a" + b"\0" * 200,
        b"%!PS-Adobe-3.0 EPSF-3.0",
    ],
)
def test_what_is_no_photograph_is_refused(content: bytes) -> None:
    with pytest.raises(PhotographError):
        develop(SimpleUploadedFile("foto.jpg", content))


def test_half_a_picture_is_refused() -> None:
    whole = photo().read()
    with pytest.raises(PhotographError, match=r"foto\.jpg"):
        develop(SimpleUploadedFile("foto.jpg", whole[: len(whole) // 2]))


@pytest.mark.parametrize(
    ("width", "height"), [(9000, 9000), (60000, 60000), (2**31 - 1, 2**31 - 1)]
)
def test_a_small_file_that_unfolds_to_a_huge_picture_is_refused(width: int, height: int) -> None:
    with pytest.raises(PhotographError):
        develop(png_that_claims(width, height))


def test_too_large_a_file_and_too_small_a_picture_are_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(PhotographError):
        develop(photo(size=(31, 400)))
    monkeypatch.setattr(photographs, "LARGEST_BYTES", 1000)
    with pytest.raises(PhotographError):
        develop(photo())


def test_any_single_byte_may_be_wrong_without_harm() -> None:
    whole = photo(size=(64, 48), position=MANGGARAI).read()
    for at in range(len(whole)):
        spoiled = bytearray(whole)
        spoiled[at] ^= 0xFF
        try:
            kept = develop(SimpleUploadedFile("foto.jpg", bytes(spoiled)), keep_position=True)
        except PhotographError:
            continue
        assert not opened(kept.jpeg).getexif()
