"""Key frames out of RTP packets: H.264 (RFC 6184) and H.265 (RFC 7798). Nothing is decoded.

What lies between key frames is passed over by its time stamp. Missing packets are not noticed
here: whoever decodes meets the gap, and says so.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from monitoring.grabbing.pictures import GrabError
from monitoring.grabbing.sdp import START_CODE

# No camera's key frame is so large; without a bound a peer could fill the memory.
MOST_BYTES = 16 * 1024 * 1024
_SEI, _RECOVERY_POINT = 6, 6


class Unusual(Exception):
    """Something that is not known here, and may be to FFmpeg."""


class _Piece(NamedTuple):
    """Of a unit of this `kind`; `begins` is a picture's first slice, from its first byte on."""

    kind: int
    begins: bool
    data: bytes


class _Packing(NamedTuple):
    """How a codec's units lie in packets: `kind` of the first in a payload, without taking it
    apart, and all `pieces`. Which of them are slices of any picture and of key frames, and which
    are parameter sets."""

    kind: Callable[[bytes | bytearray, int], int]
    pieces: Callable[[bytes], Iterator[_Piece]]
    slices: range
    keys: range
    sets: range

    def goes_by(self, packet: bytes | bytearray) -> bool:
        """Whether a packet is of a picture that is no key frame, at first sight."""
        if packet[0] != 0x80 or len(packet) < 16:
            return False
        kind = self.kind(packet, 12)
        return kind in self.slices and kind not in self.keys

    def begins_key(self, payload: bytes) -> bool:
        """Whether a key frame, or the parameter sets before one, begin in here."""
        return any(
            piece.kind in self.sets or (piece.kind in self.keys and piece.begins)
            for piece in self.pieces(payload)
        )

    def goes_on(self, payload: bytes) -> bool:
        """Whether the first slice in here is not the first of its picture."""
        return next(
            (not piece.begins for piece in self.pieces(payload) if piece.kind in self.slices), False
        )


def key_frames(
    packets: Iterable[bytes | bytearray], payload_type: int, codec: str
) -> Iterator[bytes | None]:
    """Each whole key frame, with start codes; None for each picture that is none.

    A picture lasts as long as its time stamp: the marker of its last packet is set by some cameras
    on each slice. Raises Unusual where time stamps do not part pictures either, and whatever
    `packets` raises.
    """
    packing = _PACKINGS[codec]
    picture = _KeyFrame(packing, whole=False)
    stamp = passed = None
    try:
        for packet in packets:
            if packet[1] & 0x7F != payload_type:
                continue
            now = packet[4:8]
            if now == passed:
                if not packing.goes_by(packet) and packing.begins_key(_payload(packet)):
                    raise Unusual("a key frame bears the time of the picture before it")
                continue
            payload = _payload(packet)
            if now != stamp:
                if picture.holds:
                    if packing.goes_on(payload):
                        raise Unusual("a picture bears several times")
                    yield bytes(picture.data)
                    picture = _KeyFrame(packing, given=True)
                picture.whole, stamp = stamp is not None, now
            if not picture.take(payload):
                picture, passed = _KeyFrame(packing, given=picture.given), now
                yield None
            picture.ended = bool(packet[1] & 0x80)
    except (OSError, GrabError):  # the end; what came before it is not lost
        if picture.holds and picture.ended:
            yield bytes(picture.data)
        raise


class _KeyFrame:
    """A key frame as it comes; parameter sets and remarks before it belong to it."""

    def __init__(self, packing: _Packing, whole: bool = True, given: bool = False) -> None:
        self._packing = packing
        self._recovers = False
        self._begun = 0
        self.whole = whole  # it was waited for from its beginning
        self.given = given  # there was one before it
        self.holds = False
        self.ended = False  # its last packet was marked as such
        self.data = bytearray()

    def take(self, payload: bytes) -> bool:
        """False when it is no key frame, one whose beginning came before we did, or too large."""
        packing = self._packing
        for piece in packing.pieces(payload):
            if piece.kind in packing.slices:
                if not self.holds and not (
                    piece.kind in packing.keys and (piece.begins or self.whole)
                ):
                    if self._recovers and not self.given:
                        raise Unusual("pictures are refreshed bit by bit, without key frames")
                    return False
                self._begun += piece.begins
                if self._begun > 2:  # the second may be a second field
                    raise Unusual("several pictures bear one time")
                self.holds = True
            elif b"\0\0\1" in piece.data[len(START_CODE) :]:
                raise Unusual("several units in one, with start codes between them")
            elif packing is _H264:
                self._recovers |= piece.kind == _SEI and _names_recovery(piece.data)
            self.data += piece.data
        return len(self.data) <= MOST_BYTES


def _payload(packet: bytes | bytearray) -> bytes:
    """An RTP packet without its header, its extension and its padding; empty when it has none."""
    first = packet[0]
    begin, end = 12 + 4 * (first & 0x0F), len(packet)
    if first & 0x10:
        begin += 4 + 4 * int.from_bytes(packet[begin + 2 : begin + 4], "big")
    if first & 0x20 and packet[-1] <= end - begin:
        end -= packet[-1]
    return bytes(packet[begin:end])


def _h264_kind(packet: bytes | bytearray, at: int) -> int:
    kind = packet[at] & 0x1F
    return packet[at + 1] & 0x1F if kind == 28 else kind


def _h265_kind(packet: bytes | bytearray, at: int) -> int:
    kind = packet[at] >> 1 & 0x3F
    return packet[at + 2] & 0x3F if kind == 49 else kind


def _h264(payload: bytes) -> Iterator[_Piece]:
    if len(payload) < 3:
        return
    kind = payload[0] & 0x1F
    if kind == 0 or payload[0] & 0x80:  # a start code, most likely
        raise Unusual("a unit of no kind")
    if kind <= 23:
        # A slice's first bit says that it is its picture's first.
        yield _Piece(kind, bool(payload[1] & 0x80), START_CODE + payload)
    elif kind == 24:  # STAP-A
        yield from _aggregated(payload, 1, 0x1F, _h264)
    elif kind == 28:  # FU-A
        inner = payload[1] & 0x1F
        if payload[1] & 0x80:
            head = START_CODE + bytes([payload[0] & 0xE0 | inner])
            yield _Piece(inner, bool(payload[2] & 0x80), head + payload[2:])
        else:
            yield _Piece(inner, False, payload[2:])
    elif kind in (25, 26, 27, 29):
        raise Unusual(f"units out of order (type {kind})")


def _h265(payload: bytes) -> Iterator[_Piece]:
    if len(payload) < 4:
        return
    kind = payload[0] >> 1 & 0x3F
    if payload[0] & 0x80:
        raise Unusual("a unit of no kind")
    if kind < 48:
        yield _Piece(kind, bool(payload[2] & 0x80), START_CODE + payload)
    elif kind == 48:  # AP
        yield from _aggregated(payload, 2, 0x7E, _h265)
    elif kind == 49:  # FU
        inner = payload[2] & 0x3F
        if payload[2] & 0x80:
            head = START_CODE + bytes([payload[0] & 0x81 | inner << 1, payload[1]])
            yield _Piece(inner, bool(payload[3] & 0x80), head + payload[3:])
        else:
            yield _Piece(inner, False, payload[3:])
    else:
        raise Unusual(f"units in another packing (type {kind})")


def _aggregated(
    payload: bytes, at: int, mask: int, pieces: Callable[[bytes], Iterator[_Piece]]
) -> Iterator[_Piece]:
    """`mask` is where the kind of a unit stands in its first byte."""
    while at + 2 < len(payload):
        size = int.from_bytes(payload[at : at + 2], "big")
        unit = payload[at + 2 : at + 2 + size]
        if unit and (unit[0] ^ payload[0]) & mask == 0:
            raise Unusual("units that are packed twice")
        yield from pieces(unit)
        at += 2 + size


def _names_recovery(remark: bytes) -> bool:
    """Whether an H.264 remark (SEI) names a point from which on pictures are whole again."""
    at = len(START_CODE) + 1
    while at + 2 < len(remark):
        kind, at = _number(remark, at)
        size, at = _number(remark, at)
        if kind == _RECOVERY_POINT:
            return True
        at += size
    return False


def _number(remark: bytes, at: int) -> tuple[int, int]:
    """(the number that is written at `at`, where it ends): each 255 says that more follows."""
    value = 0
    while at < len(remark) and remark[at] == 0xFF:
        value, at = value + 0xFF, at + 1
    return (value + remark[at] if at < len(remark) else value), at + 1


_H264 = _Packing(_h264_kind, _h264, range(1, 6), range(5, 6), range(7, 9))
_H265 = _Packing(_h265_kind, _h265, range(32), range(16, 24), range(32, 35))
_PACKINGS = {"h264": _H264, "hevc": _H265}
