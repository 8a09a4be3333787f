"""Photographs that people upload: told by their content, drawn anew, stripped of what they tell.

What is stored is never what was sent: the picture is decoded and encoded again, so that nothing
hides in it; turned upright; made smaller where it is larger than anybody looks at; and without
EXIF, which names the place, the moment and the telephone. Only where somebody asks for it, the
position is kept, as two numbers beside the picture.
"""

import io
import struct
import warnings
from dataclasses import dataclass
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext
from PIL import ExifTags, Image, ImageOps

__all__ = ["LARGEST_BYTES", "MOST_PHOTOS", "Photograph", "PhotographError", "develop"]

LARGEST_BYTES = 12 * 1024 * 1024
MOST_PHOTOS = 6  # at once
# More than any telephone takes; a small file that unfolds to more is meant to fill our memory.
_MOST_PIXELS = 60_000_000
_LONGEST_SIDE = 2048
_SHORTEST_SIDE = 32
_QUALITY = 85
_FORMATS = ("JPEG", "PNG", "WEBP")
# What Pillow's decoders raise for what is broken, or made to break them.
_BROKEN = (OSError, SyntaxError, ValueError, EOFError, struct.error, IndexError)


class PhotographError(Exception):
    """What was uploaded is not kept; the message says why, in words for people."""


@dataclass(frozen=True)
class Photograph:
    """A picture fit to be kept. `position`: latitude and longitude in degrees, where wanted."""

    jpeg: bytes
    width: int
    height: int
    position: tuple[float, float] | None = None


def develop(upload: UploadedFile, keep_position: bool = False) -> Photograph:
    """The photograph in an upload. Raises PhotographError for all that is none."""
    name = (upload.name or "")[-80:]
    if not upload.size or upload.size > LARGEST_BYTES:
        raise PhotographError(
            gettext("“%(name)s” is empty or larger than %(most)s MB.")
            % {"name": name, "most": LARGEST_BYTES // 1024**2}
        )
    upload.seek(0)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow's about size; ours is an error
            with Image.open(upload, formats=_FORMATS) as image:
                _expect_size(image, name)
                return _drawn_anew(image, keep_position)
    except Image.DecompressionBombError:
        raise _too_many_pixels(name) from None
    except _BROKEN:
        raise PhotographError(
            gettext("“%(name)s” is no picture that can be read. Send a JPEG, PNG or WebP file.")
            % {"name": name}
        ) from None


def _expect_size(image: Image.Image, name: str) -> None:
    """By what the header says, before anything is unfolded."""
    if image.width * image.height > _MOST_PIXELS:
        raise _too_many_pixels(name)
    if min(image.size) < _SHORTEST_SIDE:
        raise PhotographError(
            gettext(
                "“%(name)s” is too small: nothing can be seen on %(width)s × %(height)s pixels."
            )
            % {"name": name, "width": image.width, "height": image.height}
        )


def _drawn_anew(image: Image.Image, keep_position: bool) -> Photograph:
    position = _position(image.getexif()) if keep_position else None
    image.draft("RGB", (_LONGEST_SIDE, _LONGEST_SIDE))  # a JPEG is decoded smaller at once
    image.load()
    upright = ImageOps.exif_transpose(image)
    if upright.mode in ("RGBA", "LA", "PA") or "transparency" in upright.info:
        layer = upright.convert("RGBA")
        plain = Image.new("RGB", layer.size, "white")
        plain.paste(layer, mask=layer.getchannel("A"))
    else:
        plain = upright.convert("RGB")
    plain.thumbnail((_LONGEST_SIDE, _LONGEST_SIDE))
    # Pasted onto a picture of its own, it has no notes that encoding could carry along.
    bare = Image.new("RGB", plain.size)
    bare.paste(plain)
    out = io.BytesIO()
    bare.save(out, "JPEG", quality=_QUALITY, optimize=True)
    return Photograph(out.getvalue(), bare.width, bare.height, position)


def _position(exif: Image.Exif) -> tuple[float, float] | None:
    """Where it was taken, if it says so in numbers that make sense."""
    try:
        gps: dict[int, Any] = exif.get_ifd(ExifTags.IFD.GPSInfo)
        latitude = _degrees(gps[ExifTags.GPS.GPSLatitude])
        longitude = _degrees(gps[ExifTags.GPS.GPSLongitude])
        if str(gps.get(ExifTags.GPS.GPSLatitudeRef, "N")).upper().startswith("S"):
            latitude = -latitude
        if str(gps.get(ExifTags.GPS.GPSLongitudeRef, "E")).upper().startswith("W"):
            longitude = -longitude
    except (*_BROKEN, KeyError, TypeError, ZeroDivisionError, AttributeError):
        return None
    is_there = abs(latitude) <= 90 and abs(longitude) <= 180  # false for what is not a number
    return (latitude, longitude) if is_there else None


def _degrees(given: Any) -> float:
    degrees, minutes, seconds = (float(each) for each in given)
    return round(degrees + minutes / 60 + seconds / 3600, 6)


def _too_many_pixels(name: str) -> PhotographError:
    return PhotographError(
        gettext("“%(name)s” has more than %(most)s million pixels.")
        % {"name": name, "most": _MOST_PIXELS // 1_000_000}
    )
