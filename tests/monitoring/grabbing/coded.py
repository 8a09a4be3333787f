"""A few coded pictures, and the packets that carry them, for cameras that speak by a script."""

import base64
import socket
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

import av
import numpy as np
from av.video.codeccontext import VideoCodecContext

from tests.farm.rtp import parameter_sets_of, payloads_of, split_nal_units
from tests.monitoring.grabbing.scripted import Talk, listen_for_ever
from tests.monitoring.grabbing.test_rtsp_oddities import video

_ENCODERS = {"h264": "libx264", "h265": "libx265"}


@dataclass(frozen=True)
class Coded:
    """A key frame and pictures after it: of each its NAL units, without parameter sets."""

    codec: str
    parameter_sets: tuple[bytes, ...]
    pictures: tuple[tuple[bytes, ...], ...]

    @property
    def key(self) -> tuple[bytes, ...]:
        return self.pictures[0]

    @property
    def other(self) -> tuple[bytes, ...]:
        return self.pictures[1]

    def described(self, *more: str, parameters: bool = True) -> bytes:
        """The description of a stream of these."""
        sets = [base64.b64encode(unit).decode() for unit in self.parameter_sets]
        if self.codec == "h264":
            told = f"sprop-parameter-sets={','.join(sets)}"
        else:
            told = ";".join(
                f"sprop-{n}={s}" for n, s in zip(("vps", "sps", "pps"), sets, strict=True)
            )
        name = self.codec.upper()
        lines = [f"a=rtpmap:96 {name}/90000", *([f"a=fmtp:96 {told}"] if parameters else []), *more]
        return video(*lines)


@cache
def coded(
    codec: str = "h264", slices: int = 1, pictures: int = 3, size: tuple[int, int] = (320, 180)
) -> Coded:
    """Noise of this size that is coded so; a large key frame has some ten packets."""
    encoder = av.CodecContext.create(_ENCODERS[codec], "w")
    assert isinstance(encoder, VideoCodecContext)
    encoder.width, encoder.height, encoder.pix_fmt = *size, "yuv420p"
    encoder.time_base = Fraction(1, 25)
    quiet = "log-level=none:" if codec == "h265" else ""
    encoder.options = {
        "preset": "ultrafast",
        "tune": "zerolatency",
        f"{_ENCODERS[codec][3:]}-params": f"{quiet}keyint=250:scenecut=0:slices={slices}",
    }
    rng = np.random.default_rng(7)
    coarse = rng.integers(0, 255, (size[1] // 4, size[0] // 4, 3), dtype=np.uint8)
    scene = np.kron(coarse, np.ones((4, 4, 1), np.uint8))
    data = []
    for number in range(pictures):
        frame = av.VideoFrame.from_ndarray(np.roll(scene, 3 * number, axis=1), "rgb24")
        data += [bytes(packet) for packet in encoder.encode(frame.reformat(format="yuv420p"))]
    data += [bytes(packet) for packet in encoder.encode(None)]
    units = [split_nal_units(each, codec) for each in data]
    sets = parameter_sets_of(units[0], codec)
    return Coded(codec, sets, tuple(tuple(u for u in each if u not in sets) for each in units))


def packet(payload: bytes, stamp: int, marker: bool = False, payload_type: int = 96) -> bytes:
    """An RTP packet; nobody here counts them."""
    return struct.pack("!BBHII", 0x80, marker << 7 | payload_type, 0, stamp, 7) + payload


def interleaved(packets: Iterable[bytes], channel: int = 0) -> bytes:
    """The same as they go over an RTSP connection."""
    return b"".join(b"$" + struct.pack("!BH", channel, len(each)) + each for each in packets)


def packets_of(pictures: Sequence[Sequence[bytes]], stamp: int = 1000) -> list[bytes]:
    """Pictures one after the other; `pictures` are lists of payloads."""
    return [
        packet(payload, stamp + 3600 * number, marker=payload is payloads[-1])
        for number, payloads in enumerate(pictures)
        for payload in payloads
    ]


def for_ever(data: bytes) -> Talk:
    """Play this, and then say nothing."""

    def play(client: socket.socket) -> None:
        client.sendall(data)
        listen_for_ever(client)

    return play


def stream(codec: str = "h264", rounds: int = 40) -> list[bytes]:
    """Packets of a key frame and two pictures after it, again and again."""
    made = coded(codec)
    payloads = [payloads_of(list(picture), codec) for picture in made.pictures]
    return packets_of(payloads * rounds)
