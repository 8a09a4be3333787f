"""A connection that ends with its deadline: what it reads at once, and for how long it waits."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing

import pytest

from monitoring.grabbing import GrabError
from monitoring.grabbing.network import Deadline, TimedSocket, connect, resolve
from monitoring.verdicts import Reason
from tests.monitoring.grabbing.scripted import listener
from tests.supervisor.helpers import free_port


@pytest.fixture
def pair() -> Iterator[tuple[TimedSocket, socket.socket]]:
    """Our connection, with ten seconds to live, and the camera's end of it."""
    with listener() as server:
        port = server.getsockname()[1]
        ours = connect(socket.AF_INET, "127.0.0.1", port, Deadline(10))
        camera, _ = server.accept()
        with ours, closing(camera):
            yield ours, camera


def test_what_comes_in_small_pieces_is_read_at_once(
    pair: tuple[TimedSocket, socket.socket],
) -> None:
    ours, camera = pair
    ours.gather(10_000)

    def send() -> None:
        for _each in range(10):
            camera.sendall(bytes(1000))
            time.sleep(0.002)

    sending = threading.Thread(target=send)
    sending.start()
    assert ours.recv_into(bytearray(50_000)) >= 5000  # slow machines may need its tenth of a second
    sending.join()


def test_pieces_that_never_become_enough_are_not_waited_for_long(
    pair: tuple[TimedSocket, socket.socket],
) -> None:
    ours, camera = pair
    ours.gather(10_000)
    camera.sendall(b"abc")
    room = bytearray(10)
    began = time.monotonic()
    assert ours.recv_into(room) == 3 and room[:3] == b"abc"
    camera.close()
    assert ours.recv_into(room) == 0  # hung up
    assert time.monotonic() - began < 3


@pytest.mark.parametrize("least", [1, 10_000])
def test_silence_is_slept_through_until_patience_ends(
    pair: tuple[TimedSocket, socket.socket], least: int
) -> None:
    ours, _camera = pair
    ours.gather(least)
    ours.patience_s = 0.5
    began, worked = time.monotonic(), time.thread_time()
    with pytest.raises(TimeoutError):
        ours.recv_into(bytearray(10))
    assert 0.4 < time.monotonic() - began < 5
    assert time.thread_time() - worked < 0.1


def test_silence_ends_with_the_deadline(pair: tuple[TimedSocket, socket.socket]) -> None:
    ours, _camera = pair
    ours.deadline = Deadline(0.2)
    with pytest.raises(TimeoutError):
        ours.recv_into(bytearray(10))
    with pytest.raises(GrabError) as caught:
        ours.recv_into(bytearray(10))
    assert caught.value.reason is Reason.TIMED_OUT


def test_all_is_sent_to_who_reads_late_and_nothing_for_ever_to_who_never_does(
    pair: tuple[TimedSocket, socket.socket],
) -> None:
    ours, camera = pair
    words = bytes(range(256)) * 64
    ours.sendall(words)
    came = b""
    while len(came) < len(words):
        came += camera.recv(1000)
    assert came == words
    ours.deadline = Deadline(0.2)
    with pytest.raises(GrabError) as caught:
        ours.sendall(bytes(50_000_000))
    assert caught.value.reason is Reason.TIMED_OUT


def test_a_closed_port_and_a_host_that_stays_silent_are_told_apart() -> None:
    with pytest.raises(GrabError) as caught:
        connect(socket.AF_INET, "127.0.0.1", free_port(), Deadline(10))
    assert caught.value.reason is Reason.REFUSED

    with socket.socket() as full:  # a listener whose queue is full does not answer
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        address = full.getsockname()
        waiting = [socket.socket() for _each in range(4)]
        for each in waiting:
            each.setblocking(False)
            each.connect_ex(address)
        with pytest.raises(GrabError) as caught:
            connect(socket.AF_INET, *address, Deadline(0.3))
        for each in waiting:
            each.close()
    assert caught.value.reason is Reason.UNREACHABLE
    assert "no answer" in caught.value.detail


@pytest.mark.parametrize("zone", ["é" * 70, "é"])
def test_an_ipv6_zone_that_does_not_exist_is_unreachable(zone: str) -> None:
    deadline = Deadline(10)
    with pytest.raises(GrabError) as caught:
        family, number = resolve(f"fe80::1%{zone}", 554, deadline)
        connect(family, number, 554, deadline)
    assert caught.value.reason is Reason.UNREACHABLE
