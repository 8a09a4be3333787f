"""The control server: asked over HTTP as the supervisor and the command line do."""

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.farm_tests.clients import Rtsp, decoded, fetch
from tests.farm_tests.demo import Demo


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory, clips: Path) -> Iterator[Demo]:
    demo = Demo(tmp_path_factory.mktemp("demo"), clips)
    with demo.runs():
        demo.wait_until_ready()
        yield demo


def test_cameras_follow_on_the_ports_after_its_own(demo: Demo) -> None:
    status, answer = demo.ask("GET", "/cameras")
    assert status == 200
    assert answer["cameras"][0] == {
        "code": "PA-TST-01",
        "port": demo.port + 1,
        "fault": None,
        "clients": 0,
    }
    assert [one["port"] - demo.port for one in answer["cameras"]] == [1, 2, 3]


def test_who_is_connected_is_counted(demo: Demo) -> None:
    with Rtsp(demo.port + 1) as client:
        client.ask("OPTIONS")
        assert demo.ask("GET", "/cameras")[1]["cameras"][0]["clients"] == 1


def test_faults_of_the_catalogue_are_there_from_the_start(demo: Demo) -> None:
    assert demo.faults()["PA-TST-02"] == "black"
    assert np.mean(decoded(fetch(f"http://127.0.0.1:{demo.port + 2}/snapshot.jpg"))) < 10
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", demo.port + 3), 5)


def test_a_camera_is_broken_and_mended(demo: Demo) -> None:
    status, answer = demo.ask("POST", "/break", {"camera": "pa-tst-01", "fault": "mute"})
    assert (status, answer["message"]) == (200, "PA-TST-01: mute.")
    with Rtsp(demo.port + 1, timeout_s=0.4) as client, pytest.raises(TimeoutError):
        client.ask("OPTIONS")
    status, answer = demo.ask("POST", "/mend", {"camera": "PA-TST-01"})
    assert (status, answer["message"]) == (200, "PA-TST-01: healthy.")
    with Rtsp(demo.port + 1) as client:
        assert client.ask("OPTIONS").status == 200
    assert demo.output.count("PA-TST-01") == 2


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "sentence"),
    [
        ("POST", "/break", {"camera": "PA-TST-1", "fault": "mute"}, 400, "Near: PA-TST-01"),
        ("POST", "/break", {"camera": "PA-TST-01", "fault": "mut"}, 400, "Near: mute"),
        ("POST", "/break", {"camera": "PA-TST-03", "fault": "truncated-jpeg"}, 400, "HTTP source"),
        ("POST", "/break", {"camera": "PA-TST-01"}, 400, "“fault”"),
        ("POST", "/break", {"camera": 1, "fault": "mute"}, 400, "“camera”"),
        ("POST", "/mend", ["PA-TST-01"], 400, "JSON object"),
        ("POST", "/mend", "{no json", 400, "JSON object"),
        ("POST", "/mend", b"\xff\xfe\xfd", 400, "JSON object"),
        ("POST", "/mend", None, 400, "JSON object"),
        ("POST", "/mend", "x" * 70_000, 400, "too large"),
        ("GET", "/break", None, 405, "POST"),
        ("POST", "/ready", None, 405, "GET"),
        ("GET", "/", None, 404, "/cameras"),
    ],
)
def test_what_makes_no_sense_is_refused_in_a_sentence(
    demo: Demo, method: str, path: str, body: Any, status: int, sentence: str
) -> None:
    before = demo.faults()
    found, answer = demo.ask(method, path, body)
    assert found == status
    assert sentence in answer["message"]
    assert demo.faults() == before


@pytest.mark.parametrize("host", ["example.org", "example.org:80", "127.0.0.1.example.org", ""])
def test_another_name_than_its_own_is_refused(demo: Demo, host: str) -> None:
    assert demo.ask("GET", "/cameras", Host=host)[0] == 403


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:1", "127.0.0.1:18600"])
def test_its_own_names_are_good(demo: Demo, host: str) -> None:
    assert demo.ask("GET", "/cameras", Host=host)[0] == 200


def test_a_web_page_cannot_break_a_camera(demo: Demo) -> None:
    wanted = {"camera": "PA-TST-01", "fault": "mute"}
    for origin in ("http://127.0.0.1:8000", "null"):
        assert demo.ask("POST", "/break", wanted, Origin=origin)[0] == 403
    assert demo.faults()["PA-TST-01"] is None


def test_nonsense_is_answered_and_closed(demo: Demo) -> None:
    for nonsense in (b"hello\r\n\r\n", b"GET / \xff HTTP/1.1\r\n\r\n", b"A" * 200_000):
        with socket.create_connection(("127.0.0.1", demo.port), 10) as connection:
            try:
                connection.sendall(nonsense)
                answer = connection.makefile("rb").read()
            except ConnectionError:  # it had enough before the end
                continue
        assert answer.startswith(b"HTTP/1.1 400 ")


def test_it_listens_on_loopback_only(demo: Demo) -> None:
    for port in (demo.port, demo.port + 1):
        with socket.socket() as other:
            other.bind(("127.0.0.2", port))  # in use if it listened on every address
