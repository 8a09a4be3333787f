"""Descriptions of streams: which video they name, and where it is set up."""

import base64
import random

import pytest

from monitoring.grabbing.sdp import START_CODE, addressed, read_video
from tests.monitoring.grabbing.coded import coded
from tests.monitoring.grabbing.test_rtsp_oddities import video

SETS = base64.b64encode(b"\x67abc").decode() + "," + base64.b64encode(b"\x68d").decode()


@pytest.mark.parametrize(
    ("lines", "read"),
    [
        (("a=rtpmap:96 H264/90000",), ("h264", b"")),
        (("a=rtpmap:96 h265/90000",), ("hevc", b"")),
        (
            (
                "a=rtpmap:96 H264/90000",
                f"a=fmtp:96 packetization-mode=1; sprop-parameter-sets={SETS}",
            ),
            ("h264", START_CODE + b"\x67abc" + START_CODE + b"\x68d"),
        ),
        (("a=rtpmap:97 H264/90000",), None),
        (("a=rtpmap:96 H264/0",), None),
        (("a=rtpmap:96 JPEG/90000",), None),
        (("a=rtpmap:96 H264/90000", "a=fmtp:96 packetization-mode=2"), None),
        (("a=rtpmap:96 H265/90000", "a=fmtp:96 sprop-max-don-diff=2"), None),
        (("a=rtpmap:96 H264/90000", "a=fmtp:96 sprop-parameter-sets=%%%"), None),
        ((), None),
    ],
)
def test_what_a_description_says(lines: tuple[str, ...], read: tuple[str, bytes] | None) -> None:
    found = read_video("v=0\r\nm=audio 0 RTP/AVP 0\r\na=control:a\r\n" + video(*lines).decode())
    assert (found and (found.codec, found.parameters)) == read
    assert found is None or (found.payload_type, found.control) == (96, "track1")


@pytest.mark.parametrize("text", ["m=", "v=0\r\nm=", ""])
def test_a_description_that_is_cut_off_names_no_video(text: str) -> None:
    assert read_video(text) is None


def test_harmed_descriptions_raise_nothing() -> None:
    harm = random.Random(7)
    sound = coded().described("a=framerate:25").decode()
    pieces = ["", "\r\n", ":", "=", ";", "²", "\0", "9" * 40]
    read = 0
    for _each in range(3000):
        text = list(sound)
        for _harm in range(harm.randint(1, 8)):
            at = harm.randrange(len(text))
            text[at : at + harm.randrange(3)] = harm.choice(pieces)
        read += read_video("".join(text)) is not None
    assert 0 < read < 3000


@pytest.mark.parametrize(
    "head_line", ["m=video 0 RTP/AVP 96 97", "m=video 0 RTP/SAVP 96", "m=video"]
)
def test_videos_that_are_not_told_plainly(head_line: str) -> None:
    assert read_video(f"v=0\r\n{head_line}\r\na=rtpmap:96 H264/90000\r\n") is None


@pytest.mark.parametrize(
    ("base", "control", "address"),
    [
        ("rtsp://a/s/", "trackID=0", "rtsp://a/s/trackID=0"),
        ("rtsp://a/s?channel=1", "trackID=0", "rtsp://a/s?channel=1/trackID=0"),
        ("rtsp://a/s", "*", "rtsp://a/s"),
        ("rtsp://a/s", "", "rtsp://a/s"),
        ("rtsp://a/s", "RTSP://10.0.0.1/s/video", "RTSP://10.0.0.1/s/video"),
    ],
)
def test_where_a_video_is_set_up(base: str, control: str, address: str) -> None:
    assert addressed(base, control) == address


def test_the_whole_may_have_an_address_of_its_own() -> None:
    session = "v=0\r\na=control:rtsp://10.0.0.1/all\r\n"
    found = read_video(session + video("a=rtpmap:96 H264/90000").decode())
    assert found is not None and found.base == "rtsp://10.0.0.1/all"
