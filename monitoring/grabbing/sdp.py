"""What a stream's description (SDP, RFC 8866) says of its first video."""

import base64
import binascii
import re
from typing import NamedTuple

_CODECS = {"H264": "h264", "H265": "hevc"}
_PARAMETER_SETS = ("sprop-vps", "sprop-sps", "sprop-pps", "sprop-parameter-sets")
START_CODE = b"\x00\x00\x00\x01"
_WITH_SCHEME = re.compile(r"[a-z]+://", re.IGNORECASE)


class Video(NamedTuple):
    """`codec` as FFmpeg calls it; `parameters` are the parameter sets with start codes, empty when
    the stream alone has them; `control` is what to set the video up by, and `base` the address of
    the whole where the description names one, else empty."""

    codec: str
    payload_type: int
    parameters: bytes
    control: str
    base: str


def read_video(description: str) -> Video | None:
    """The first video; None when there is none, or one that is not told plainly."""
    session, *media = re.split(r"^m=", description, flags=re.MULTILINE)
    control = _attribute(session.splitlines(), "control")
    base = control if _WITH_SCHEME.match(control) else ""
    for each in media:
        head, *lines = (line.strip() for line in each.splitlines() or [""])
        if head.startswith("video "):
            return _video(head, lines, base)
    return None


def _video(head: str, lines: list[str], base: str) -> Video | None:
    told = re.fullmatch(r"video \d+(?:/\d+)? RTP/AVP (\d{1,3})", head)
    if told is None:  # several formats to choose from, or encrypted
        return None
    name, _, clock = _attribute(lines, "rtpmap", told[1]).partition("/")
    codec = _CODECS.get(name.upper())
    parameters = _parameters(_attribute(lines, "fmtp", told[1]))
    if codec is None or clock != "90000" or parameters is None:
        return None
    return Video(codec, int(told[1]), parameters, _attribute(lines, "control"), base)


def _attribute(lines: list[str], name: str, of: str = "") -> str:
    """The first of this name (and this payload type); empty when there is none."""
    begin = f"a={name}:{of} " if of else f"a={name}:"
    return next((line[len(begin) :].strip() for line in lines if line.startswith(begin)), "")


def addressed(base: str, control: str) -> str:
    """Where `control` is asked for. It is added to the end, whatever follows a question mark:
    cameras expect it there, though the rules for addresses say otherwise."""
    if control in ("", "*"):
        return base
    if _WITH_SCHEME.match(control):
        return control
    return f"{base}{'' if base.endswith('/') else '/'}{control}"


def _parameters(fmtp: str) -> bytes | None:
    """Parameter sets with start codes; None when they cannot be read."""
    given = dict(part.strip().partition("=")[::2] for part in fmtp.split(";"))
    if given.get("sprop-max-don-diff", "0") != "0" or given.get("packetization-mode") == "2":
        return None  # units in another order than that of decoding
    units = bytearray()
    for name in _PARAMETER_SETS:
        for encoded in given.get(name, "").split(","):
            try:
                unit = base64.b64decode(encoded, validate=True)
            except (binascii.Error, ValueError):
                return None
            if unit:
                units += START_CODE + unit
    return bytes(units)
