"""RTP: cutting H.264 and H.265 into payloads, and payloads into bytes ready to be written.

RFC 6184 (H.264: single NAL units and FU-A), RFC 7798 (H.265: single NAL units and FUs), and
RFC 2326 section 10.12 for the four bytes that carry a packet inside the RTSP connection.
"""

from __future__ import annotations

import base64
import re
import struct

from tests.farm.clips import Clip, Frame

__all__ = ["CLOCK_HZ", "PAYLOAD_TYPE", "WireFrame", "payloads_of", "sdp_of", "split_nal_units"]

CLOCK_HZ = 90_000
PAYLOAD_TYPE = 96
_MTU = 1400
_START_CODE = re.compile(rb"\x00\x00\x00?\x01")

# Supplemental information and delimiters: nothing that a decoder needs.
_UNWANTED = {"h264": {6, 9, 12}, "h265": {35, 38, 39, 40}}
_PARAMETER_SETS = {"h264": (7, 8), "h265": (32, 33, 34)}


def split_nal_units(annex_b: bytes, codec: str) -> list[bytes]:
    """The NAL units of one encoded picture, without delimiters and SEI."""
    units = [unit for unit in _START_CODE.split(annex_b) if unit]
    return [unit for unit in units if nal_type(unit, codec) not in _UNWANTED[codec]]


def nal_type(unit: bytes, codec: str) -> int:
    return unit[0] & 0x1F if codec == "h264" else (unit[0] >> 1) & 0x3F


def parameter_sets_of(units: list[bytes], codec: str) -> tuple[bytes, ...]:
    """VPS (H.265 only), SPS and PPS, in that order."""
    by_type = {nal_type(unit, codec): unit for unit in units}
    return tuple(by_type[wanted] for wanted in _PARAMETER_SETS[codec])


def payloads_of(units: list[bytes], codec: str) -> list[bytes]:
    """RTP payloads of one picture."""
    payloads: list[bytes] = []
    for unit in units:
        if len(unit) <= _MTU:
            payloads.append(unit)
        else:
            payloads.extend(_fragments(unit, codec))
    return payloads


def _fragments(unit: bytes, codec: str) -> list[bytes]:
    if codec == "h264":
        indicator = bytes([unit[0] & 0xE0 | 28])  # FU-A
        kind, body = unit[0] & 0x1F, unit[1:]
    else:
        indicator = bytes([unit[0] & 0x81 | 49 << 1, unit[1]])  # FU
        kind, body = (unit[0] >> 1) & 0x3F, unit[2:]
    room = _MTU - len(indicator) - 1
    pieces = [body[at : at + room] for at in range(0, len(body), room)]
    last = len(pieces) - 1
    return [
        indicator + bytes([(number == 0) << 7 | (number == last) << 6 | kind]) + piece
        for number, piece in enumerate(pieces)
    ]


def sdp_of(clip: Clip, title: str) -> str:
    """Session description of a clip, parameter sets included."""
    encoded = [base64.b64encode(one).decode() for one in clip.parameter_sets]
    if clip.codec == "h264":
        profile = clip.parameter_sets[0][1:4].hex()
        name = "H264"
        fmtp = (
            f"packetization-mode=1;profile-level-id={profile};"
            f"sprop-parameter-sets={','.join(encoded)}"
        )
    else:
        name = "H265"
        fmtp = f"sprop-vps={encoded[0]};sprop-sps={encoded[1]};sprop-pps={encoded[2]}"
    return "\r\n".join(
        [
            "v=0",
            "o=- 1 1 IN IP4 127.0.0.1",
            f"s={title}",
            "c=IN IP4 0.0.0.0",
            "t=0 0",
            "a=control:*",
            "a=range:npt=now-",
            f"m=video 0 RTP/AVP {PAYLOAD_TYPE}",
            f"a=rtpmap:{PAYLOAD_TYPE} {name}/{CLOCK_HZ}",
            f"a=fmtp:{PAYLOAD_TYPE} {fmtp}",
            f"a=framerate:{clip.fps}",
            "a=control:trackID=0",
            "",
        ]
    )


class WireFrame:
    """One picture as interleaved RTP packets of which only number and time are left to fill in."""

    __slots__ = ("_buffer", "_packets", "is_key", "packet_count")

    def __init__(self, frame: Frame, ssrc: int) -> None:
        self.is_key = frame.is_key
        self.packet_count = len(frame.payloads)  # lost packets count: their numbers are missing
        buffer = bytearray()
        self._packets: list[tuple[int, int]] = []  # (offset in the buffer, number in the frame)
        for number, payload in enumerate(frame.payloads):
            if payload is None:
                continue
            self._packets.append((len(buffer), number))
            marker = (number == len(frame.payloads) - 1) << 7
            buffer += struct.pack(
                ">cBHBBHII",
                b"$",
                0,
                len(payload) + 12,
                0x80,
                marker | PAYLOAD_TYPE,
                0,
                0,
                ssrc,
            )
            buffer += payload
        self._buffer = buffer

    def at(self, sequence: int, timestamp: int, channel: int = 0) -> bytes:
        """The bytes to write when the first packet has this sequence number."""
        buffer = self._buffer
        for offset, number in self._packets:
            buffer[offset + 1] = channel
            struct.pack_into(
                ">HI", buffer, offset + 6, (sequence + number) & 0xFFFF, timestamp & 0xFFFFFFFF
            )
        return bytes(buffer)
