"""Redirects in RTSP: followed where a camera may be, and nowhere else; passwords stay at home."""

import socket
from collections.abc import Iterator

import pytest

from cameras import networks
from monitoring.grabbing.redirects import MOST_REDIRECTS
from tests.monitoring.grabbing.attempts import attempt
from tests.monitoring.grabbing.scripted import Talk, describing, head, listen_for_ever, serving
from tests.monitoring.grabbing.test_rtsp_oddities import TIMEOUT_SECONDS

NOTHING = b"v=0\r\n"
DESCRIBED = "the stream's description names no video"  # that is, FFmpeg asked for it, and got it


def moved(to: str, status: int = 302, heard: list[str] | None = None) -> Talk:
    """A camera that sends everybody elsewhere, whatever they ask."""

    def talk(client: socket.socket) -> None:
        while request := head(client):
            if heard is not None:
                heard.append(request)
            sequence = next(line for line in request.split("\r\n") if line.startswith("CSeq"))
            client.sendall(
                f"RTSP/1.0 {status} Moved\r\n{sequence}\r\nLocation: {to}\r\n\r\n".encode()
            )

    return talk


@pytest.fixture
def only_our_own() -> Iterator[None]:
    """Tests may reach 127.0.0.1, which stands for the cameras' network; nothing else of it."""
    before = networks._allowed
    networks.allow(networks.read_networks(["127.0.0.1"]))
    yield
    networks.allow(before)


@pytest.mark.parametrize("status", [301, 302, 303, 307])
def test_a_redirect_to_another_camera_is_followed(status: int) -> None:
    with serving(describing(NOTHING)) as there, serving(moved(there.rtsp, status)) as here:
        seen = attempt(here.rtsp, TIMEOUT_SECONDS)
    assert seen.detail == DESCRIBED
    assert (here.connections, there.connections) == (1, 2)  # FFmpeg asked there alone


def test_a_redirect_to_another_path_keeps_the_password_and_another_camera_never_sees_it() -> None:
    asked: list[str] = []

    def locked(client: socket.socket) -> None:
        while request := head(client):
            asked.append(request)
            sequence = next(line for line in request.split("\r\n") if line.startswith("CSeq"))
            method, url, _version = request.split("\r\n")[0].split(" ")
            answer = f"RTSP/1.0 401 Unauthorized\r\n{sequence}\r\n"
            if url.endswith("/stream"):
                answer = f"RTSP/1.0 302 Moved\r\n{sequence}\r\nLocation: /main\r\n"
            elif method == "OPTIONS":
                answer = f"RTSP/1.0 200 OK\r\n{sequence}\r\nPublic: DESCRIBE\r\n"
            client.sendall(f'{answer}WWW-Authenticate: Basic realm="cctv"\r\n\r\n'.encode())

    with serving(locked) as there, serving(moved(there.rtsp)) as here:
        attempt(there.rtsp, TIMEOUT_SECONDS, username="op", password="rahasia")
        assert any("Authorization: Basic" in request for request in asked)
        asked.clear()
        seen = attempt(here.rtsp, TIMEOUT_SECONDS, username="op", password="rahasia")
    assert seen.outcome == "unauthorised"
    assert asked and not any("Authorization" in request for request in asked)


@pytest.mark.usefixtures("only_our_own")
@pytest.mark.parametrize("host", ["127.0.0.2", "[::ffff:127.0.0.2]"])
def test_where_no_camera_may_be_nobody_is_asked_anything(host: str) -> None:
    with (
        serving(listen_for_ever, host="127.0.0.2") as secret,
        serving(moved(f"rtsp://{host}:{secret.port}/data")) as here,
    ):
        seen = attempt(here.rtsp, TIMEOUT_SECONDS)
    assert seen.outcome == "not_found" and "may not be probed" in seen.detail
    assert secret.connections == 0


@pytest.mark.parametrize(
    "where",
    ["file:///etc/passwd", "http://127.0.0.1:9/x", "rtsp://[::", "", "rtsp://:0/", "pipe:0"],
)
def test_a_redirect_to_what_is_no_stream_is_refused(where: str) -> None:
    with serving(moved(where)) as server:
        seen = attempt(server.rtsp, TIMEOUT_SECONDS)
    assert seen.outcome == "not_found"
    assert server.connections <= MOST_REDIRECTS + 1


def test_redirects_in_a_circle_end() -> None:
    with serving(moved("/again")) as server:
        seen = attempt(server.rtsp, TIMEOUT_SECONDS)
    assert (seen.outcome, seen.detail) == ("not_found", "redirected more than 3 times")
    assert server.connections == MOST_REDIRECTS + 1


def test_an_endless_answer_is_left_to_its_deadline() -> None:
    def talk(client: socket.socket) -> None:
        head(client)
        client.sendall(b"RTSP/1.0 302 Moved\r\n")
        while True:
            client.sendall(b"X-More: and more\r\n" * 1000)

    with serving(talk) as server:
        seen = attempt(server.rtsp, TIMEOUT_SECONDS)
    assert seen.outcome in ("timed_out", "undecodable", "no_video", "not_found")
