"""RTSP from strange peers: descriptions that make no sense, floods, redirects in a circle."""

import random

import pytest

from monitoring.grabbing.streams import READ_SECONDS
from tests.monitoring.grabbing import scripted
from tests.monitoring.grabbing.attempts import attempt
from tests.monitoring.grabbing.scripted import describing, repeating, serving

TIMEOUT_SECONDS = 1.0


def video(*lines: str, payload: int = 96) -> bytes:
    given = ["v=0", "s=Camera", f"m=video 0 RTP/AVP {payload}", *lines, "a=control:track1"]
    return "".join(f"{line}\r\n" for line in given).encode()


DESCRIPTIONS = {
    "empty": (b"", {"undecodable", "no_video"}),
    "random bytes": (random.Random(7).randbytes(3000), {"no_video", "undecodable"}),
    "words": (b"hello\r\n" * 50, {"no_video"}),
    "sound alone": (b"v=0\r\nm=audio 0 RTP/AVP 0\r\na=control:track1\r\n", {"no_video"}),
    "metadata alone": (b"v=0\r\nm=application 0 RTP/AVP 107\r\n", {"no_video"}),
    "unknown coding": (video("a=rtpmap:96 FOO/90000"), {"undecodable"}),
    "broken parameters": (
        video("a=rtpmap:96 H264/90000", f"a=fmtp:96 sprop-parameter-sets={'%' * 3000}"),
        {"no_video"},
    ),
    "broken H.265 parameters": (
        video("a=rtpmap:96 H265/90000", "a=fmtp:96 sprop-vps=AAAA;sprop-sps=////"),
        {"no_video"},
    ),
    "a clock that stands": (video("a=rtpmap:96 H264/0"), {"no_video"}),
    "letters of no alphabet": (
        b"s=\xe9\xff\xfe\r\n" + video("a=rtpmap:96 H264/90000"),
        {"no_video"},
    ),
    "a thousand streams": (video(payload=96) * 1000, {"no_video", "undecodable", "timed_out"}),
}


@pytest.mark.parametrize("name", DESCRIPTIONS)
def test_a_strange_description_has_its_reason_and_ends_in_time(name: str) -> None:
    sdp, outcomes = DESCRIPTIONS[name]
    with serving(describing(sdp)) as server:
        seen = attempt(server.rtsp, TIMEOUT_SECONDS)
    assert seen.outcome in outcomes, seen.detail
    assert seen.seconds < TIMEOUT_SECONDS + READ_SECONDS + 1


@pytest.mark.parametrize(
    "again",
    [b"\x00" * 65536, b"RTSP/1.0 100 Continue\r\nCSeq: 1\r\n\r\n", b"$\x00\x01\x00" + b"x" * 256],
    ids=["zeros", "go on", "packets before the answer"],
)
def test_who_floods_is_ended_at_the_deadline(again: bytes) -> None:
    with serving(repeating(b"", again)) as server:
        seen = attempt(server.rtsp, TIMEOUT_SECONDS)
    assert seen.outcome in ("timed_out", "undecodable")
    assert seen.seconds < TIMEOUT_SECONDS + READ_SECONDS + 1


def test_a_description_that_claims_gigabytes_is_not_waited_for() -> None:
    def talk(client: scripted.socket.socket) -> None:
        scripted.head(client)
        client.sendall(b"RTSP/1.0 200 OK\r\nCSeq: 1\r\nPublic: DESCRIBE\r\n\r\n")
        scripted.head(client)
        client.sendall(b"RTSP/1.0 200 OK\r\nCSeq: 2\r\nContent-Length: 2000000000\r\n\r\n")
        scripted.listen_for_ever(client)

    with serving(talk) as server:
        seen = attempt(server.rtsp, TIMEOUT_SECONDS)
    assert seen.outcome in ("timed_out", "undecodable")
    assert seen.seconds < TIMEOUT_SECONDS + READ_SECONDS + 1


@pytest.mark.parametrize("where", ["file:///etc/passwd", "/etc/passwd", "http://127.0.0.1:9/x"])
def test_a_redirect_out_of_rtsp_is_not_followed(where: str) -> None:
    def talk(client: scripted.socket.socket) -> None:
        scripted.head(client)
        client.sendall(b"RTSP/1.0 200 OK\r\nCSeq: 1\r\nPublic: DESCRIBE\r\n\r\n")
        scripted.head(client)
        client.sendall(f"RTSP/1.0 302 Moved\r\nCSeq: 2\r\nLocation: {where}\r\n\r\n".encode())

    with serving(talk) as server:
        assert attempt(server.rtsp, TIMEOUT_SECONDS).outcome in ("undecodable", "no_video")


def test_a_stream_by_an_ipv6_address() -> None:
    with serving(describing(b"v=0\r\n"), host="::1") as server:
        assert (
            attempt(server.rtsp, TIMEOUT_SECONDS).detail
            == "the stream's description names no video"
        )
