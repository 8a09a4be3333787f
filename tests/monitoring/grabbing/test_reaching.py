"""Reaching a host, and what may be told about it."""

import socket
import threading
import time
from typing import Any

import pytest

from monitoring.grabbing import GrabError
from monitoring.grabbing.network import Deadline, resolve
from monitoring.verdicts import Reason
from tests.monitoring.grabbing.attempts import attempt
from tests.monitoring.grabbing.scripted import http, saying, serving

SECRET = "rahasia"


@pytest.mark.parametrize(
    "address",
    ["file:///etc/passwd", "pipe:0", "concat:a|b", "data:image/jpeg;base64,AA", "udp://1.2.3.4:5"],
)
def test_an_address_that_may_not_be_probed_is_never_opened(address: str) -> None:
    assert attempt(address).outcome == "not_found"


@pytest.mark.parametrize("scheme", ["http", "rtsp"])
def test_a_name_that_does_not_exist_is_unreachable(scheme: str) -> None:
    for name in ("no-such-camera.invalid", "a" * 80 + ".invalid"):
        seen = attempt(f"{scheme}://{name}/x")
        assert seen.outcome == "unreachable"
        assert name in seen.detail


def test_a_name_server_that_does_not_answer_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    enough = threading.Event()

    def silent(*_args: Any, **_more: Any) -> None:
        enough.wait(10)
        raise OSError

    monkeypatch.setattr(socket, "getaddrinfo", silent)
    began = time.monotonic()
    with pytest.raises(GrabError) as caught:
        resolve("camera.example", 80, Deadline(0.1))
    assert caught.value.reason is Reason.UNREACHABLE
    assert time.monotonic() - began < 5
    enough.set()


def test_of_two_addresses_of_a_name_ipv4_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    def both(*_args: Any, **_more: Any) -> list[Any]:
        return [
            (socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("2001:db8::1", 80, 0, 0)),
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.0.2.1", 80)),
        ]

    monkeypatch.setattr(socket, "getaddrinfo", both)
    assert resolve("camera.example", 80, Deadline(1)) == (socket.AF_INET, "192.0.2.1")


def test_a_deadline_gives_what_is_left_and_then_raises(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    deadline = Deadline(10)
    now[0] = 104
    assert (deadline.elapsed_s(), deadline.left_s(), deadline.left_s(2)) == (4, 6, 2)
    assert not deadline.is_over()
    now[0] = 110
    assert deadline.is_over()
    with pytest.raises(GrabError) as caught:
        deadline.left_s()
    assert caught.value.reason is Reason.TIMED_OUT


def test_what_a_stranger_says_is_told_short_printable_and_without_secrets() -> None:
    said = GrabError(Reason.NO_VIDEO, f"\x1b[31m rtsp://u:{SECRET}/1@10.1.2.3/x \n" + "y" * 500)
    assert SECRET not in said.detail and "***@10.1.2.3/x" in said.detail
    assert said.detail.isprintable() and len(said.detail) == 200
    assert said.detail in str(said)


@pytest.mark.parametrize("answer", ["401 no {}", "404 {}", "302 {}", "500 http://u:{}@h/"])
def test_no_answer_makes_a_password_appear_in_the_detail(answer: str) -> None:
    words = answer.format("rtsp://operator:" + SECRET + "@10.1.2.3/")
    body = http(b"", words, Location=f"ftp://operator:{SECRET}@10.1.2.3/")
    with serving(saying(body)) as server:
        for address in (server.http, server.rtsp):
            seen = attempt(address, 1, username="operator", password=SECRET)
            assert seen.outcome != "picture"
            assert SECRET not in seen.detail


def test_an_endless_phrase_is_not_quoted_and_any_other_detail_is_cut() -> None:
    with serving(saying(b"HTTP/1.1 500 " + b"a" * 65_000 + b"\r\n\r\n")) as server:
        seen = attempt(server.http)
    assert (seen.outcome, seen.detail) == ("no_video", "HTTP 500 Internal Server Error")
    assert len(GrabError(Reason.NO_VIDEO, "a" * 65_000).detail) == 200
    assert seen.seconds < 3
