"""Healthy streams: what comes over the wire, from the first packet on."""

import itertools
import re
import time

import cv2
import pytest

from tests.farm import FarmCamera
from tests.farm_tests.clients import Rtsp, decoded, fetch, first_pictures, http, watched
from tests.farm_tests.conftest import PutUp

FPS = 10


@pytest.fixture(scope="module")
def camera(put_up: PutUp) -> FarmCamera:
    return put_up("PA-TST-01", scene="road-day", fps=FPS)


def test_who_joins_between_key_frames_is_not_given_one(camera: FarmCamera) -> None:
    began_with_a_key = []
    for _ in range(3):  # a key frame is due every two seconds
        with Rtsp(camera.port) as client:
            client.play()
            packet = client.packet()
            assert packet is not None
            began_with_a_key.append(packet.is_key)
        time.sleep(0.3)
    assert began_with_a_key.count(True) <= 1


def test_a_key_frame_comes_every_two_seconds(camera: FarmCamera) -> None:
    times: list[int] = []
    with Rtsp(camera.port) as client:
        client.play()
        while len(times) < 2:
            packet = client.packet()
            assert packet is not None
            if packet.is_key and packet.timestamp not in times:
                times.append(packet.timestamp)
    assert times[1] - times[0] == 2 * 90_000


def test_packets_are_numbered_without_gaps_and_timed_by_the_clock(camera: FarmCamera) -> None:
    with Rtsp(camera.port) as client:
        answers = client.play()
        packets = client.packets(30)
    announced = re.search(r"seq=(\d+);rtptime=(\d+)", answers[-1].headers["rtp-info"])
    assert announced is not None
    assert (packets[0].sequence, packets[0].timestamp) == tuple(map(int, announced.groups()))
    for before, after in itertools.pairwise(packets):
        assert (after.sequence - before.sequence) & 0xFFFF == 1
        step = 90_000 // FPS if before.marker else 0
        assert after.timestamp - before.timestamp == step


def test_two_who_watch_see_the_same_instant(camera: FarmCamera) -> None:
    with Rtsp(camera.port) as one, Rtsp(camera.port) as other:
        one.play(), other.play()
        first = other.packet()
        assert first is not None
        while (same := one.packet()) is not None and same.sequence != first.sequence:
            pass
        assert same == first


def test_questions_are_answered_while_a_stream_plays(camera: FarmCamera) -> None:
    with Rtsp(camera.port) as client:
        client.play()
        client.socket.sendall(b"$\1\0\4abcd")  # a receiver's report is passed over
        client.socket.sendall(
            f"TEARDOWN {client.url} RTSP/1.0\r\nCSeq: 9\r\nSession: x\r\n\r\n".encode()
        )
        deadline, data = time.monotonic() + 5, b""
        while (more := client.socket.recv(65_536)) and time.monotonic() < deadline:
            data += more
        assert b"RTSP/1.0 200 OK\r\nCSeq: 9\r\n" in data and more == b""


def test_only_transport_over_the_connection_itself_is_offered(camera: FarmCamera) -> None:
    with Rtsp(camera.port) as client:
        udp = "RTP/AVP;unicast;client_port=5000-5001"
        assert client.ask("SETUP", f"{client.url}/trackID=0", Transport=udp).status == 461
        assert client.ask("PLAY").status == 454
        assert client.ask("RECORD").status == 405


@pytest.mark.parametrize("codec", ["h264", "h265"])
def test_a_stream_is_decoded_and_the_main_one_is_twice_as_large(put_up: PutUp, codec: str) -> None:
    camera = put_up(f"PA-TST-{codec}", codec=codec, size=(160, 90))
    sub, main = watched(camera.rtsp_url, 5), watched(camera.main_url, 2)
    assert {one.shape for one in sub} == {(90, 160, 3)} and len(sub) == 5
    assert {one.shape for one in main} == {(180, 320, 3)} and len(main) == 2
    for before, after in itertools.pairwise(sub):
        assert cv2.absdiff(before, after).any()
    # The same place: what is large is only finer.
    small = cv2.resize(main[0], (160, 90), interpolation=cv2.INTER_AREA)
    assert cv2.absdiff(cv2.blur(small, (9, 9)), cv2.blur(sub[0], (9, 9))).mean() < 12


def test_a_stream_goes_on_beyond_the_end_of_its_film(put_up: PutUp) -> None:
    camera = put_up("PA-TST-02", seconds=1)
    assert len(watched(camera.rtsp_url, 2 * FPS)) == 2 * FPS


def test_a_snapshot_shows_the_instant(camera: FarmCamera) -> None:
    first = fetch(camera.snapshot_url)
    time.sleep(2 / FPS)
    second = fetch(camera.snapshot_url)
    assert decoded(first).shape == decoded(second).shape == (180, 320, 3)
    assert first != second


def test_a_motion_jpeg_sends_pictures_at_its_rate(camera: FarmCamera) -> None:
    began = time.monotonic()
    pictures = first_pictures(camera.mjpeg_url, 12)
    assert 0.9 < time.monotonic() - began < 5
    assert len(set(pictures)) >= 11
    assert {decoded(one).shape for one in pictures} == {(180, 320, 3)}


def test_a_head_request_gets_the_length_alone(camera: FarmCamera) -> None:
    with http(camera.port, "/snapshot.jpg", "Connection: close", method="HEAD") as connection:
        data = connection.makefile("rb").read()
    assert data.endswith(b"\r\n\r\n")
    assert int(re.search(rb"Content-Length: (\d+)", data)[1]) > 1000


def test_sources_that_a_camera_lacks_are_not_found(put_up: PutUp) -> None:
    camera = put_up("PA-TST-03", sources=("snapshot",))
    assert fetch(camera.snapshot_url)
    with Rtsp(camera.port) as client:
        assert client.ask("DESCRIBE").status == 404
    with http(camera.port, "/video.mjpg") as connection:
        assert connection.recv(12) == b"HTTP/1.1 404"
