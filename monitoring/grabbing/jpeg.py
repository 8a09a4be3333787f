"""JPEG: where one begins and ends in a stream of bytes, and decoding it no larger than needed."""

import re
import threading
from collections.abc import Iterator

import cv2
import numpy as np
import simplejpeg
from numpy.typing import NDArray

from monitoring.grabbing.pictures import (
    KEPT_WIDTH,
    GrabError,
    Picture,
    check_size,
    shrink,
    thin,
)
from monitoring.verdicts import Reason

_BEGIN = b"\xff\xd8\xff"
_START_OF_FRAME = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_START_OF_SCAN = 0xDA
_START_OF_IMAGE, _END_OF_IMAGE = 0xD8, 0xD9
_ALONE = frozenset({0x01, *range(0xD0, 0xD8)})  # markers without a length
# In entropy-coded data: not a stuffed 0xFF, not a fill byte, none of _ALONE.
_MARKER_WITH_LENGTH = re.compile(rb"\xff[^\x00\x01\xd0-\xd7\xff]", re.DOTALL)
_FILL = re.compile(rb"\xff+(?=\xff)")  # may stand before any marker
# Progressive pictures have a dozen scans, colour profiles up to 255 pieces.
_MOST_SEGMENTS = 4096
# OpenCV halves in the JPEG's own transform, which saves most of the decoding.
_REDUCED = {1: cv2.IMREAD_COLOR, 2: cv2.IMREAD_REDUCED_COLOR_2, 4: cv2.IMREAD_REDUCED_COLOR_4}
# A camera's own JPEG is kept as it is up to this size and width: better, and cheaper, than one
# made of it.
KEPT_BYTES = 400_000
_KEPT_AS_IT_IS = 1920
# One thread of a process decodes at a time, as one looks at a time: those that did so at once only
# pushed each other's pictures out of the processor's cache, and each took 4 % more. Other processes
# decode meanwhile.
_at_the_decoder = threading.Lock()


class Cutter:
    """Cuts whole JPEGs out of bytes as they come, in whatever pieces; each byte is walked once.

    Segments are walked by their lengths, so the end marker of a thumbnail inside the header is
    not taken for the picture's own.
    """

    def __init__(self) -> None:
        self._data = bytearray()
        self._begin = -1  # where a picture begins; before its beginning has come, -1
        self._at = 0  # up to where the bytes have been walked
        self._in_scan = False
        self._segments = 0

    def feed(self, more: bytes) -> Iterator[bytes]:
        """Each JPEG that has become whole with these. Raises GrabError UNDECODABLE when the one
        that has begun cannot become whole."""
        self._data += more
        return self._whole()

    def _whole(self) -> Iterator[bytes]:
        while (end := self._end()) is not None:
            with memoryview(self._data) as view:
                picture = bytes(view[self._begin : end])  # one copy; slicing would make two
            del self._data[:end]
            self._begin, self._at, self._segments = -1, 0, 0
            yield picture

    @property
    def waiting(self) -> int:
        """How many bytes have come since the last whole picture."""
        return len(self._data)

    @property
    def has_begun(self) -> bool:
        """Whether a picture has begun, and has not become whole."""
        return self._begin >= 0

    def _end(self) -> int | None:
        """Where the picture ends that begins first; None while that has not come."""
        data = self._data
        if self._begin < 0:
            self._begin = data.find(_BEGIN, self._at)
            self._at = max(0, len(data) - 2) if self._begin < 0 else self._begin + 2
        while self._begin >= 0 and self._at + 2 <= len(data):
            if self._in_scan:
                found = _MARKER_WITH_LENGTH.search(data, self._at)
                self._in_scan = found is None
                self._at = found.start() if found else len(data) - 1
            elif data[self._at] != 0xFF:
                raise GrabError(Reason.UNDECODABLE, "the JPEG header is broken")
            elif data[self._at + 1] == _END_OF_IMAGE:
                return self._at + 2
            elif self._at + 4 > len(data):
                return None
            else:
                self._pass_segment(data[self._at + 1])
        return None

    def _pass_segment(self, marker: int) -> None:
        if fill := _FILL.match(self._data, self._at):
            self._at = fill.end()
            return
        self._segments += 1
        if self._segments > _MOST_SEGMENTS:
            raise GrabError(Reason.UNDECODABLE, "the JPEG is nothing but headers")
        if marker in _ALONE:
            self._at += 2
        elif marker == _START_OF_IMAGE:
            raise GrabError(Reason.UNDECODABLE, "the JPEG ends early, where the next one begins")
        else:
            self._at += 2 + int.from_bytes(self._data[self._at + 2 : self._at + 4], "big")
            self._in_scan = marker == _START_OF_SCAN


def size(data: bytes | bytearray) -> tuple[int, int]:
    """(width, height) that the header states. Raises GrabError UNDECODABLE when it states none."""
    at = 2
    while at + 9 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker in _START_OF_FRAME:
            height, width = (int.from_bytes(data[at + i : at + i + 2], "big") for i in (5, 7))
            return width, height
        at += 1 if marker == 0xFF else 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    raise GrabError(Reason.UNDECODABLE, "the JPEG header states no size")


def decode(data: bytes | bytearray, at_s: float) -> Picture:
    """The picture in one whole JPEG. Raises GrabError UNDECODABLE."""
    width, height = size(data)
    check_size(width, height)
    if width * height > 100_000_000:
        raise GrabError(Reason.UNDECODABLE, f"a picture of {width}×{height} is too large")
    own = bytes(data)
    with _at_the_decoder:
        pixels, damaged = _pixels(own, width)
        luma = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY), dtype=np.uint8)
    is_kept = not damaged and len(own) <= KEPT_BYTES and width <= _KEPT_AS_IT_IS
    return Picture(
        thin(luma),
        lambda: shrink(pixels),
        width,
        height,
        at_s,
        damaged,
        jpeg=own if is_kept else None,
    )


def _pixels(data: bytes, width: int) -> tuple[NDArray[np.uint8], bool]:
    """(h × w × 3, whether data were missing). Raises GrabError UNDECODABLE.

    libjpeg fills what is missing without a word through OpenCV; simplejpeg passes its complaints
    on.
    """
    try:
        return _decoded(data, width, strict=True), False
    except ValueError as error:
        damaged = _tells_of_damage(str(error), len(data))
    try:
        return _decoded(data, width, strict=False), damaged
    except ValueError:
        pass
    # What simplejpeg does not know, OpenCV may.
    halved = next((by for by in (4, 2) if width // by >= KEPT_WIDTH), 1)
    bgr = cv2.imdecode(np.frombuffer(data, np.uint8), _REDUCED[halved])
    if bgr is None:
        raise GrabError(Reason.UNDECODABLE, "the JPEG cannot be decoded")
    return np.asarray(bgr, dtype=np.uint8), damaged


def _tells_of_damage(complaint: str, size: int) -> bool:
    """Whether libjpeg's complaint is about the picture. A few bytes too many before the end are
    none: many cheap cameras leave some."""
    extra = re.search(r"(\d+) extraneous bytes", complaint)
    if extra:
        return int(extra[1]) > max(64, size // 100)
    return any(word in complaint.lower() for word in ("premature", "huffman", "corrupt"))


def _decoded(data: bytes, width: int, strict: bool) -> NDArray[np.uint8]:
    # At least so wide: decoded at half or a quarter of the size where that is enough.
    least = min(width, KEPT_WIDTH)
    pixels = simplejpeg.decode_jpeg(data, "BGR", min_width=least, min_height=1, strict=strict)
    return np.asarray(pixels, np.uint8)
