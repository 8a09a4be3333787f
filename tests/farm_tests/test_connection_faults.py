"""What is wrong with a connection, as a bare socket feels it, for RTSP and for HTTP."""

import socket
import time
import urllib.error
from collections.abc import Iterator

import pytest

from tests.farm import FAULTS, Farm, FarmCamera
from tests.farm_tests.clients import (
    Rtsp,
    basic,
    decoded,
    fetch,
    first_pictures,
    http,
    is_quiet,
    watched,
)
from tests.farm_tests.conftest import PutUp

QUIET_S = 0.6


@pytest.fixture(scope="module")
def cameras(put_up: PutUp) -> dict[str, FarmCamera]:
    """A camera for each fault that uses a connection."""
    return {
        name: put_up(f"PA-{name}", fault=name)
        for name, fault in FAULTS.items()
        if fault.kind == "connection"
    }


@pytest.fixture
def camera(request: pytest.FixtureRequest, cameras: dict[str, FarmCamera]) -> FarmCamera:
    """The camera whose fault the test's name begins with."""
    words = request.node.name.removeprefix("test_").replace("_", "-")
    return cameras[max((name for name in cameras if words.startswith(name)), key=len)]


def received(connection: socket.socket, for_s: float) -> bytes:
    """All that comes within this time."""
    data, deadline = b"", time.monotonic() + for_s
    while (left := deadline - time.monotonic()) > 0:
        connection.settimeout(left)
        try:
            more = connection.recv(65_536)
        except TimeoutError:
            break
        if not more:
            break
        data += more
    return data


def test_refused_closes_the_port_and_keeps_it(camera: FarmCamera) -> None:
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", camera.port), 5)
    with socket.socket() as other, pytest.raises(OSError, match="in use"):
        other.bind(("127.0.0.1", camera.port))


def test_silent_lets_nobody_connect(camera: FarmCamera) -> None:
    for _ in range(3):
        with pytest.raises(TimeoutError):
            socket.create_connection(("127.0.0.1", camera.port), QUIET_S)


def test_mute_accepts_and_never_answers(camera: FarmCamera) -> None:
    with Rtsp(camera.port, timeout_s=QUIET_S) as client, pytest.raises(TimeoutError):
        client.ask("OPTIONS")
    with http(camera.port, "/snapshot.jpg") as connection:
        assert is_quiet(connection, QUIET_S)


def test_no_video_answers_everything_and_sends_no_packet(camera: FarmCamera) -> None:
    with Rtsp(camera.port) as client:
        answers = client.play()
        assert [answer.status for answer in answers] == [200] * 4
        assert b"sprop-parameter-sets" in answers[1].body
        assert client.is_quiet(QUIET_S)


def test_no_video_answers_http_and_sends_no_picture(camera: FarmCamera) -> None:
    for path in ("/snapshot.jpg", "/video.mjpg"):
        with http(camera.port, path) as connection:
            head = received(connection, QUIET_S)
            assert head.startswith(b"HTTP/1.1 200 OK\r\n") and head.endswith(b"\r\n\r\n")
            assert is_quiet(connection, QUIET_S)


def test_cut_sends_packets_without_a_key_frame_and_falls_quiet(camera: FarmCamera) -> None:
    with Rtsp(camera.port) as client:
        client.play()
        first = client.packet()
        assert first is not None and not first.is_key
        client.socket.settimeout(QUIET_S)
        with pytest.raises(TimeoutError):
            while (packet := client.packet()) is not None:
                assert not packet.is_key


def test_cut_sends_the_beginning_of_a_jpeg(camera: FarmCamera) -> None:
    for path in ("/snapshot.jpg", "/video.mjpg"):
        with http(camera.port, path) as connection:
            data = received(connection, QUIET_S)
            assert b"\xff\xd8" in data and b"\xff\xd9" not in data[-2:]
            assert is_quiet(connection, QUIET_S)


def test_unauthorised_refuses_the_right_password_too(put_up: PutUp) -> None:
    camera = put_up("PA-U-2", auth="basic", username="u", password="p", fault="unauthorised")
    right = basic("u", "p")
    with Rtsp(camera.port) as client:
        answer = client.ask("DESCRIBE", Authorization=right)
        assert (answer.status, answer.headers["www-authenticate"][:5]) == (401, "Basic")
    with http(camera.port, "/snapshot.jpg", f"Authorization: {right}") as connection:
        assert connection.recv(12) == b"HTTP/1.1 401"


def test_not_found_knows_no_address(camera: FarmCamera) -> None:
    for path in ("/sub", "/main"):
        with Rtsp(camera.port, path) as client:
            assert client.ask("DESCRIBE").status == 404
    for url in (camera.snapshot_url, camera.mjpeg_url):
        with pytest.raises(urllib.error.HTTPError, match="404"):
            fetch(url)


def test_garbage_answers_with_noise_and_hangs_up(camera: FarmCamera) -> None:
    answers = set()
    for path in ("/sub", "/snapshot.jpg"):
        with http(camera.port, path) as connection:
            data = received(connection, 5)
            assert len(data) > 1000 and data[:4] not in (b"RTSP", b"HTTP")
            answers.add(data)
    assert len(answers) == 2


def test_garbage_video_streams_what_no_decoder_reads(camera: FarmCamera) -> None:
    with Rtsp(camera.port) as client:
        assert [answer.status for answer in client.play()] == [200] * 4
        packets = client.packets(5)
    assert [one.sequence for one in packets] == [packets[0].sequence + i for i in range(5)]
    assert watched(camera.rtsp_url, 1, within_s=2.5) == []


def test_garbage_video_is_no_jpeg_either(camera: FarmCamera) -> None:
    for picture in (fetch(camera.snapshot_url), *first_pictures(camera.mjpeg_url, 3)):
        assert len(picture) > 1000 and picture[:2] != b"\xff\xd8"


@pytest.mark.parametrize("path", ["/sub", "/snapshot.jpg"])
def test_endless_header_never_comes_to_its_end(cameras: dict[str, FarmCamera], path: str) -> None:
    with http(cameras["endless-header"].port, path) as connection:
        early, later = received(connection, 0.5), received(connection, 0.5)
        assert early.startswith(b"HTTP/1.1 200 OK\r\n")
        assert later.count(b"X-Filler-") >= 1
        assert b"\r\n\r\n" not in early + later


def test_truncated_jpeg_stops_half_way(camera: FarmCamera, farm: Farm) -> None:
    for picture in (fetch(camera.snapshot_url), *first_pictures(camera.mjpeg_url, 2)):
        assert picture[:2] == b"\xff\xd8" and picture[-2:] != b"\xff\xd9"


def test_every_connection_fault_is_felt_here(cameras: dict[str, FarmCamera]) -> None:
    tests = [name for name in globals() if name.startswith("test_")]
    for fault in cameras:
        assert any(name.startswith(f"test_{fault.replace('-', '_')}_") for name in tests), fault


@pytest.fixture(scope="module")
def mended(farm: Farm, clips: object) -> Iterator[tuple[Farm, FarmCamera]]:
    """One camera that has all faults, one after the other."""
    yield farm, farm.add("PA-M-1", size=(320, 180), seconds=4)


@pytest.mark.parametrize(
    "fault", [name for name, fault in FAULTS.items() if fault.kind == "connection"]
)
def test_every_connection_fault_can_be_mended(mended: tuple[Farm, FarmCamera], fault: str) -> None:
    farm, camera = mended
    farm.break_(camera.code, fault)
    farm.mend(camera.code)
    assert decoded(fetch(camera.snapshot_url)).shape == (180, 320, 3)
    with Rtsp(camera.port) as client:
        assert client.play()[-1].status == 200
        assert client.packet() is not None
