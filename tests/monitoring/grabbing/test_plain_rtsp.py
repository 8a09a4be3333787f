"""Streams that are taken without FFmpeg's RTSP, and those that are left to it."""

import re
import socket
import time
from collections.abc import Callable
from contextlib import nullcontext

import numpy as np
import pytest

from monitoring.grabbing import rtsp
from monitoring.grabbing.pictures import BURST_STEP_SECONDS
from tests.farm import FarmCamera
from tests.monitoring.grabbing.attempts import attempt, by_ffmpeg_alone
from tests.monitoring.grabbing.coded import (
    coded,
    for_ever,
    interleaved,
    packet,
    packets_of,
    stream,
)
from tests.monitoring.grabbing.scripted import Once, Talk, describing, head, serving

TIMEOUT_SECONDS = 3.0


@pytest.mark.parametrize("codec", ["h264", "h265"])
@pytest.mark.parametrize("parameters", [True, False], ids=["described", "in the stream"])
def test_the_picture_is_the_one_that_ffmpeg_gives(
    codec: str, parameters: bool, asked_ffmpeg: list[str]
) -> None:
    made = coded(codec)
    data = stream(codec)
    if not parameters:
        sets = packets_of([made.parameter_sets])
        data = [
            each for part in np.array_split(np.array(data, object), 40) for each in (*sets, *part)
        ]
    with serving(
        describing(made.described(parameters=parameters), for_ever(interleaved(data)))
    ) as server:
        plain = attempt(server.rtsp, TIMEOUT_SECONDS)
        assert plain.result is not None, plain.detail
        assert (server.connections, asked_ffmpeg) == (1, [])
        with by_ffmpeg_alone():
            other = attempt(server.rtsp, TIMEOUT_SECONDS)
    assert other.result is not None and len(asked_ffmpeg) == 1
    one, two = plain.result.pictures[0], other.result.pictures[0]
    assert plain.result.codec == other.result.codec
    assert (one.width, one.height, one.damaged) == (two.width, two.height, two.damaged)
    assert (one.luma == two.luma).all() and (one.bgr == two.bgr).all()


@pytest.mark.parametrize("codec", ["h264", "h265"])
@pytest.mark.parametrize("scheme", ["none", "basic", "digest"])
def test_a_camera_that_speaks_plainly_is_not_asked_twice(
    put_up: Callable[..., FarmCamera], codec: str, scheme: str, asked_ffmpeg: list[str]
) -> None:
    login = {"username": "operator", "password": 'p@ss:w/"rd"?#%& 1é'}
    camera = put_up(codec=codec, auth=scheme, **login)
    seen = attempt(camera.rtsp_url, **(login if scheme != "none" else {}))
    assert seen.outcome == "picture", seen.detail
    assert asked_ffmpeg == []


def test_a_burst_comes_from_one_conversation(asked_ffmpeg: list[str]) -> None:
    """And it ends where the stream does; what came before that is not lost."""

    def play(client: socket.socket) -> None:
        client.sendall(interleaved(stream(rounds=2)))

    with serving(describing(coded().described(), play)) as server:
        seen = attempt(server.rtsp, TIMEOUT_SECONDS, 1.0)
    assert seen.result is not None and len(seen.result.pictures) == 1
    assert (server.connections, asked_ffmpeg) == (1, [])


QUESTION = b"OPTIONS rtsp://there/ RTSP/1.0\r\nCSeq: 9\r\n\r\n"
LATE_ANSWER = b"RTSP/1.0 200 OK\r\nCSeq: 1\r\nContent-Length: 5\r\n\r\nhello"


@pytest.mark.parametrize("between", [QUESTION, LATE_ANSWER], ids=["a question", "an answer"])
def test_words_and_other_channels_between_packets_are_passed_over(
    between: bytes, asked_ffmpeg: list[str]
) -> None:
    data = [interleaved([each]) for each in stream()]
    mixed = b"".join(
        each + (interleaved([b"\x80\xc8" + b"report" * 5], channel=1) + between) * (n % 7 == 0)
        for n, each in enumerate(data)
    )
    with serving(describing(coded().described(), for_ever(mixed))) as server:
        assert attempt(server.rtsp, TIMEOUT_SECONDS).outcome == "picture"
    assert asked_ffmpeg == []


def test_packets_that_come_before_the_answer_do_no_harm(asked_ffmpeg: list[str]) -> None:
    """And they come in pieces of any size, on the channel that the camera has chosen."""
    made, data = coded(), interleaved(stream(), channel=6)

    def talk(client: socket.socket) -> None:
        while request := head(client):
            method = request.split(" ")[0]
            early = data[: data.index(b"$\x06", 1)] if method in ("SETUP", "PLAY") else b""
            answer = {
                "DESCRIBE": f"Content-Length: {len(made.described())}\r\n\r\n",
                "SETUP": "Transport: RTP/AVP/TCP;INTERLEAVED=6-7\r\nSession: a;timeout=60\r\n\r\n",
            }.get(method, "\r\n")
            body = made.described() if method == "DESCRIBE" else b""
            client.sendall(early + f"RTSP/1.0 200 OK\r\n{answer}".encode() + body)
            if method == "PLAY":
                assert "Session: a\r\n" in request
                for at in range(0, len(data), 997):
                    client.sendall(data[at : at + 997])

    with serving(talk) as server:
        assert attempt(server.rtsp, TIMEOUT_SECONDS).outcome == "picture"
    assert asked_ffmpeg == []


def refusing(method: str, answer: str, close: bool = False) -> Talk:
    """A camera that speaks plainly but for the first request of this kind."""
    made, refused = coded(), [0]
    played = for_ever(interleaved(stream()))

    def talk(client: socket.socket) -> None:
        while request := client.recv(4096, socket.MSG_PEEK):
            if request.decode().startswith(method) and not refused[0]:
                refused[0] += 1
                head(client)
                client.sendall(answer.encode())
                if close:
                    return
            else:
                describing(made.described(), played)(Once(client))  # type: ignore[arg-type]

    return talk


@pytest.mark.parametrize(
    ("method", "answer"),
    [
        ("SETUP", "RTSP/1.0 461 Unsupported Transport\r\nCSeq: 2\r\n\r\n"),
        ("SETUP", "RTSP/1.0 200 OK\r\nCSeq: 2\r\nTransport: RTP/AVP;unicast\r\n\r\n"),
        ("SETUP", "RTSP/1.0 200 OK\r\nTransport: RTP/AVP/TCP;interleaved=x\r\n\r\n"),
        ("PLAY", "RTSP/1.0 455 Method Not Valid\r\nCSeq: 3\r\n\r\n"),
        ("PLAY", "RTSP/1.0 OK\r\n\r\n"),
        ("PLAY", "HELLO\r\n\r\n"),
        ("DESCRIBE", "RTSP/1.0 500 Internal Error\r\nCSeq: 1\r\n\r\n"),
        ("DESCRIBE", "RTSP/1.0 200 OK\r\nCSeq: 1\r\nContent-Length: many\r\n\r\n"),
    ],
)
def test_who_does_not_speak_plainly_is_left_to_ffmpeg(
    method: str, answer: str, asked_ffmpeg: list[str]
) -> None:
    with serving(refusing(method, answer, close=True)) as server:
        seen = attempt(server.rtsp, 2 * TIMEOUT_SECONDS)
    assert seen.outcome == "picture", seen.detail
    assert len(asked_ffmpeg) == 1


def test_numbers_without_end_and_heads_without_end_are_left_to_ffmpeg(
    asked_ffmpeg: list[str],
) -> None:
    digits, filler = "9" * 5000, "X-Filler: x\r\n" * 1500
    for answer in (
        f"RTSP/1.0 {digits} OK\r\n\r\n",
        "RTSP/1.0 2\u00b20 OK\r\n\r\n",
        f"RTSP/1.0 200 OK\r\nContent-Length: {digits}\r\n\r\n",
        f"RTSP/1.0 200 OK\r\n{filler}\r\n",
        f"RTSP/1.0 200 OK\r\nTransport: RTP/AVP/TCP;interleaved={digits}-1\r\n\r\n",
    ):
        method = "SETUP" if "Transport" in answer else "DESCRIBE"
        with serving(refusing(method, answer, close=True)) as server:
            seen = attempt(server.rtsp, 2 * TIMEOUT_SECONDS)
        assert seen.outcome == "picture", seen.detail
    assert len(asked_ffmpeg) == 5


def test_a_key_frame_that_cannot_be_decoded_is_shown_to_ffmpeg(asked_ffmpeg: list[str]) -> None:
    """It may be our reading of the packets that is wrong."""
    made = coded()
    noise = [b"\x65\x88\x01\x92" + b"\xaa" * 99]  # it names a parameter set that is not there
    data = interleaved([*packets_of([noise], stamp=50), *stream()])
    with serving(describing(made.described(), for_ever(data))) as server:
        seen = attempt(server.rtsp, 2 * TIMEOUT_SECONDS)
    assert seen.outcome == "picture", seen.detail
    assert len(asked_ffmpeg) == 1


@pytest.mark.parametrize("ours", [True, False], ids=["by our own RTSP", "by FFmpeg"])
def test_a_picture_that_is_too_small_is_called_so(ours: bool) -> None:
    made = coded(size=(32, 32))
    data = interleaved(packets_of([made.key, made.other, made.pictures[2]] * 40))
    way = nullcontext() if ours else by_ffmpeg_alone()
    with way, serving(describing(made.described(), for_ever(data))) as server:
        seen = attempt(server.rtsp, TIMEOUT_SECONDS)
    assert (seen.outcome, seen.detail) == ("undecodable", "a picture of 32×32 is no camera's")


def test_a_recorder_that_waits_for_its_next_key_frame_is_waited_for(
    monkeypatch: pytest.MonkeyPatch, asked_ffmpeg: list[str]
) -> None:
    monkeypatch.setattr(rtsp, "READ_SECONDS", 0.2)

    def play(client: socket.socket) -> None:
        client.sendall(interleaved([b"\x80\xc8" + b"report" * 5], channel=1))
        time.sleep(1)
        for_ever(interleaved(stream()))(client)

    with serving(describing(coded().described(), play)) as server:
        seen = attempt(server.rtsp, TIMEOUT_SECONDS)
    assert seen.outcome == "picture", seen.detail
    assert asked_ffmpeg == []


def test_packets_on_the_second_channel_of_the_pair_are_taken(asked_ffmpeg: list[str]) -> None:
    data = interleaved(stream(), channel=1)
    with serving(describing(coded().described(), for_ever(data))) as server:
        assert attempt(server.rtsp, TIMEOUT_SECONDS).outcome == "picture"
    assert asked_ffmpeg == []


def test_what_a_camera_names_cannot_put_words_into_our_requests() -> None:
    made = coded()
    heard: list[str] = []

    def talk(client: socket.socket) -> None:
        while request := head(client):
            heard.append(request)
            client.sendall(
                f"RTSP/1.0 200 OK\r\nContent-Base: rtsp://a/\nX-Ours: no\r\n"
                f"Content-Length: {len(made.described())}\r\n\r\n".encode()
                + made.described()
            )

    with serving(talk) as server:
        assert attempt(server.rtsp, TIMEOUT_SECONDS).outcome != "picture"
    assert heard and not any("X-Ours" in request for request in heard if "camera-health" in request)


def test_a_bitwise_refreshed_stream_is_left_to_ffmpeg(asked_ffmpeg: list[str]) -> None:
    made = coded()
    recovery = packet(b"\x06\x06\x01\x84\x80", 50)
    data = interleaved([recovery, *packets_of([made.other]), *stream()])
    with serving(describing(made.described(), for_ever(data))) as server:
        assert attempt(server.rtsp, 2 * TIMEOUT_SECONDS).outcome == "picture"
    assert len(asked_ffmpeg) == 1


def test_a_stream_is_taken_leave_of() -> None:
    asked: list[str] = []

    def talk(client: socket.socket) -> None:
        asked.append("")
        answers = describing(coded().described(), for_ever(interleaved(stream(rounds=2))))

        class Hearing(Once):
            def recv(self, size: int) -> bytes:
                data = client.recv(size)
                asked[0] += data.decode()
                return data

        answers(Hearing(client))  # type: ignore[arg-type]

    with serving(talk) as server:
        assert attempt(server.rtsp, TIMEOUT_SECONDS).outcome == "picture"
    methods = re.findall(r"^([A-Z]+) \S+ RTSP/1.0\r$", asked[0], re.MULTILINE)
    assert methods == ["DESCRIBE", "SETUP", "PLAY", "TEARDOWN"]
    assert re.findall(r"CSeq: (\d)", asked[0]) == ["1", "2", "3", "4"]


@pytest.mark.parametrize("silent", ["SETUP", "PLAY"])
def test_who_does_not_answer_leaves_time_for_ffmpeg(silent: str, asked_ffmpeg: list[str]) -> None:
    with serving(refusing(silent, "")) as server:
        seen = attempt(server.rtsp, 2 * TIMEOUT_SECONDS)
    assert seen.outcome == "picture", seen.detail
    assert len(asked_ffmpeg) == 1


def test_a_slow_camera_that_answers_is_not_given_up(asked_ffmpeg: list[str]) -> None:
    answers = describing(coded().described(), for_ever(interleaved(stream())))

    def talk(client: socket.socket) -> None:
        while request := client.recv(4096, socket.MSG_PEEK).decode():
            time.sleep(0.9 * request.startswith(("SETUP", "PLAY")))
            answers(Once(client))  # type: ignore[arg-type]

    with serving(talk) as server:
        seen = attempt(server.rtsp, TIMEOUT_SECONDS)
    assert seen.outcome == "picture", seen.detail
    assert asked_ffmpeg == []


def test_who_hangs_up_before_anything_came_is_asked_again(asked_ffmpeg: list[str]) -> None:
    made, hung_up = coded(), []
    answers = describing(made.described(), for_ever(interleaved(stream())))

    def talk(client: socket.socket) -> None:
        if hung_up:
            answers(client)
        else:
            hung_up.append(client)
            describing(made.described())(Once(client, 3))  # type: ignore[arg-type]

    with serving(talk) as server:
        seen = attempt(server.rtsp, 2 * TIMEOUT_SECONDS)
    assert seen.outcome == "picture", seen.detail
    assert len(asked_ffmpeg) == 1


def test_a_picture_of_no_size_does_not_cost_the_burst_those_before_it() -> None:
    small = coded(size=(32, 32))
    sets = [[unit] for unit in small.parameter_sets]

    def play(client: socket.socket) -> None:
        client.sendall(interleaved(stream(rounds=2)))
        time.sleep(BURST_STEP_SECONDS + 0.2)
        client.sendall(interleaved(packets_of([*sets, small.key, small.other], stamp=900_000)))

    with serving(describing(coded().described(), play)) as server:
        seen = attempt(server.rtsp, 2 * TIMEOUT_SECONDS, 4.0)
    assert seen.outcome == "picture", seen.detail
    assert seen.result is not None and len(seen.result.pictures) == 1
