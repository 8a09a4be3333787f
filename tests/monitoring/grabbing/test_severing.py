"""Streams that are past their time are ended from outside, wherever FFmpeg waits."""

import os
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from monitoring.grabbing.severing import watched
from monitoring.limits import READ_SECONDS
from tests.monitoring.grabbing.attempts import attempt
from tests.monitoring.grabbing.coded import coded, for_ever, interleaved, packets_of
from tests.monitoring.grabbing.scripted import (
    Talk,
    describing,
    head,
    http,
    jpeg,
    listen_for_ever,
    repeating,
    serving,
)
from tests.monitoring.grabbing.test_rtsp_oddities import video
from tests.supervisor.helpers import until

TIMEOUT_SECONDS = 1.0
# For a busy machine; well below the seconds that FFmpeg itself would wait between two bytes.
SLACK_SECONDS = 2.0
DESCRIPTION = video("a=rtpmap:96 H264/90000")


def dribbling(first: bytes, again: bytes = b"x") -> Talk:
    """These bytes, and then a few more twenty times a second: never silent, never done."""

    def talk(client: socket.socket) -> None:
        client.sendall(first)
        while True:
            time.sleep(0.05)
            client.sendall(again)

    return talk


@pytest.mark.parametrize(
    "talk",
    [
        repeating(b"RTSP/1.0 200 OK\r\n", b"X", pause_s=0.05),
        repeating(b"", b"R", pause_s=0.05),
        describing(DESCRIPTION, dribbling(b"$\x00\xff\xff")),
        describing(DESCRIPTION, dribbling(b"", b"$\x00\x00\x04abcd")),
        describing(DESCRIPTION, listen_for_ever),
    ],
    ids=["header", "status line", "one packet", "packets of nothing", "silence"],
)
def test_who_dribbles_is_ended_at_the_deadline(talk: Talk) -> None:
    with serving(talk) as server:
        seen = attempt(server.rtsp, TIMEOUT_SECONDS)
    assert seen.outcome in ("timed_out", "no_video"), seen.detail
    assert seen.seconds < TIMEOUT_SECONDS + SLACK_SECONDS


def test_who_falls_silent_once_open_is_not_waited_for_to_the_deadline() -> None:
    slice_of_nothing = b"\x41" + b"\x9a" * 40
    a_few_packets = interleaved(packets_of([[slice_of_nothing]] * 50, stamp=0))
    with serving(describing(coded().described(), for_ever(a_few_packets))) as server:
        seen = attempt(server.rtsp, 30.0)
    assert seen.outcome == "no_video", seen.detail
    assert READ_SECONDS <= seen.seconds < READ_SECONDS + SLACK_SECONDS


@pytest.mark.parametrize(("ends_s", "allowed_s"), [(60, 0.5), (0.5, 60)])
def test_the_shorter_of_both_times_counts(ends_s: float, allowed_s: float) -> None:
    with (
        serving(listen_for_ever) as server,
        socket.create_connection(("127.0.0.1", server.port)) as connection,
        watched(connection.getpeername(), time.monotonic() + ends_s) as stream,
    ):
        began = time.monotonic()
        stream.allow(allowed_s)
        connection.settimeout(10)
        assert connection.recv(1) == b""
        assert time.monotonic() - began >= 0.4


def test_a_second_channel_of_the_same_host_begins_anew() -> None:
    """A late channel's cut takes the other's connection with it; nobody is the worse for it."""
    answers = describing(b"v=0\r\n")
    asked = {"late": 0, "slow": 0}

    def talk(client: socket.socket) -> None:
        request = client.recv(4096, socket.MSG_PEEK).decode()
        if not request:  # only knocked
            return
        channel = "late" if "/late" in request else "slow"
        asked[channel] += 1
        if channel == "late" or asked["slow"] == 1:
            head(client)
            listen_for_ever(client)
        answers(client)

    with serving(talk) as server, ThreadPoolExecutor(2) as pool:
        late = pool.submit(attempt, server.rtsp + "/late", TIMEOUT_SECONDS)
        slow = pool.submit(attempt, server.rtsp + "/slow", 20.0)
        assert late.result().outcome == "timed_out"
        assert slow.result().outcome == "no_video", slow.result().detail
        assert slow.result().detail == "the stream's description names no video"
    assert asked == {"late": 1, "slow": 2}


def test_other_hosts_keep_their_connections() -> None:
    with (
        serving(listen_for_ever) as late,
        serving(listen_for_ever) as other,
        socket.create_connection(("127.0.0.1", other.port)) as kept,
        watched(kept.getpeername(), time.monotonic() + 60) as stream,
    ):
        assert attempt(late.rtsp, 0.5).outcome == "timed_out"
        assert not stream.cut_for_another
        kept.setblocking(False)
        with pytest.raises(BlockingIOError):
            kept.recv(1)


def test_a_snapshot_of_the_same_host_is_not_cut() -> None:
    """Those who keep time by themselves are left alone, though the port be the same."""

    def talk(client: socket.socket) -> None:
        if "HTTP" in head(client):
            time.sleep(1.5)
            client.sendall(http(jpeg()))
        else:
            listen_for_ever(client)

    with serving(talk) as server, ThreadPoolExecutor(2) as pool:
        late = pool.submit(attempt, server.rtsp, 0.5)
        snapshot = pool.submit(attempt, server.http)
        assert late.result().outcome == "timed_out"
        assert snapshot.result().outcome == "picture", snapshot.result().detail


def test_cutting_leaves_no_open_file_behind() -> None:
    def open_files() -> int:
        return len(list(Path(f"/proc/{os.getpid()}/fd").iterdir()))

    with serving(listen_for_ever) as server:
        attempt(server.rtsp, 0.3)  # what the first use opens is kept
        time.sleep(0.5)  # the server closes its own end
        before = open_files()
        for _each in range(3):
            attempt(server.rtsp, 0.3)
        until(lambda: open_files() <= before, "the server's own ends to be closed")
