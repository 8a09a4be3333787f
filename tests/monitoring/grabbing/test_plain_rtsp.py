"""Streams that are taken without FFmpeg's RTSP, and those that are left to it."""

import base64
import hashlib
import random
import re
import socket
import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field

import numpy as np
import pytest

from monitoring.grabbing import rtsp, streams
from monitoring.grabbing.login import Login, as_bytes, as_text
from monitoring.grabbing.sdp import START_CODE, addressed, read_video
from tests.farm import FarmCamera
from tests.farm.rtp import payloads_of
from tests.monitoring.grabbing.attempts import attempt, by_ffmpeg_alone
from tests.monitoring.grabbing.coded import coded, for_ever, interleaved, packet, packets_of
from tests.monitoring.grabbing.scripted import Talk, describing, head, serving
from tests.monitoring.grabbing.test_rtsp_oddities import video

TIMEOUT_SECONDS = 3.0


def stream(codec: str = "h264", rounds: int = 40) -> list[bytes]:
    """Packets of a key frame and two pictures after it, again and again."""
    made = coded(codec)
    payloads = [payloads_of(list(picture), codec) for picture in made.pictures]
    return packets_of(payloads * rounds)


@pytest.fixture
def asked_ffmpeg(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses that FFmpeg opened, in order."""
    opened: list[str] = []
    real = streams._open
    monkeypatch.setattr(
        streams, "_open", lambda url, *more: [opened.append(url), real(url, *more)][1]
    )
    return opened


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


@dataclass
class Gate:
    """A camera behind a password that changes what it asks for; `heard` is what was given."""

    challenge: Callable[[int], str]
    admits: Callable[[str], bool]
    heard: list[tuple[str, str]] = field(default_factory=list)

    def talk(self, client: socket.socket) -> None:
        made = coded()
        open_ = describing(made.described(), for_ever(interleaved(stream())))
        while True:
            request = client.recv(4096, socket.MSG_PEEK).decode()
            if not request:
                return
            found = re.search(r"^Authorization: (.*?)\r$", request, re.MULTILINE)
            given = found[1] if found else ""
            self.heard.append((request.split(" ")[0], given))
            if given and self.admits(given):
                one = _Once(client)
                open_(one)  # type: ignore[arg-type]
                continue
            head(client)
            asked_for = f"WWW-Authenticate: {self.challenge(len(self.heard))}"
            client.sendall(f"RTSP/1.0 401 Unauthorized\r\nCSeq: 1\r\n{asked_for}\r\n\r\n".encode())


class _Once:
    """A client that asks once."""

    def __init__(self, client: socket.socket) -> None:
        self._client, self._asked = client, False

    def recv(self, size: int) -> bytes:
        if self._asked:
            return b""
        data = self._client.recv(size)
        self._asked = b"\r\n\r\n" in data
        return data

    def sendall(self, data: bytes) -> None:
        self._client.sendall(data)


def test_an_old_challenge_is_answered_anew(asked_ffmpeg: list[str]) -> None:
    """A camera that wants a new number for each request, and says so."""
    used: set[str] = set()

    def challenge(number: int) -> str:
        return f'Digest realm="r", nonce="n{number}", qop="auth,auth-int", stale=TRUE'

    def admits(given: str) -> bool:
        nonce = re.search(r'nonce="(\w+)"', given)
        assert nonce is not None
        fresh = nonce[1] not in used
        used.add(nonce[1])
        return fresh and "nc=00000001" in given

    gate = Gate(challenge, admits)
    with serving(gate.talk) as server:
        seen = attempt(server.rtsp, TIMEOUT_SECONDS, username="op", password="rahasia")
    assert seen.outcome == "picture", seen.detail
    assert asked_ffmpeg == []
    assert [method for method, given in gate.heard if not given] == ["DESCRIBE"]


def test_each_challenge_is_counted_from_one(asked_ffmpeg: list[str]) -> None:
    gate = Gate(lambda _n: 'Digest realm="r", nonce="n", qop=auth', lambda _given: True)
    with serving(gate.talk) as server:
        seen = attempt(server.rtsp, TIMEOUT_SECONDS, username="op", password="rahasia")
    assert seen.outcome == "picture", seen.detail
    counts = [re.findall(r"nc=(\w+)", given) for _method, given in gate.heard]
    assert counts[:4] == [[], ["00000001"], ["00000002"], ["00000003"]]
    assert asked_ffmpeg == []


def test_a_realm_in_any_encoding_is_given_back_as_it_was() -> None:
    realm = "摄像机".encode("gbk")
    line = b'Digest realm="' + realm + b'", nonce="n"'
    login = Login.answering([as_text(line)], "op", "rahasia")
    assert login is not None
    given = as_bytes(login.said("DESCRIBE", "rtsp://a/", 1))
    who = hashlib.md5(b"op:" + realm + b":rahasia").hexdigest()
    what = hashlib.md5(b"DESCRIBE:rtsp://a/").hexdigest()
    response = hashlib.md5(f"{who}:n:{what}".encode()).hexdigest()
    assert realm in given and f'response="{response}"'.encode() in given


def test_of_several_challenges_in_one_line_the_first_is_answered() -> None:
    login = Login.answering(['Digest realm="A", nonce="n", Basic realm="B"'], "op", "rahasia")
    assert login is not None and login.digest["realm"] == "A"
    assert "rahasia" not in repr(login)


def test_a_password_needs_no_name(asked_ffmpeg: list[str]) -> None:
    gate = Gate(lambda _number: 'Basic realm="r"', lambda _given: True)
    with serving(gate.talk) as server:
        assert attempt(server.rtsp, TIMEOUT_SECONDS, password="rahasia").outcome == "picture"
    assert gate.heard[1] == ("DESCRIBE", "Basic OnJhaGFzaWE=") and asked_ffmpeg == []


def test_who_is_sent_on_once_logged_in_leaves_the_password_behind() -> None:
    there = Gate(lambda _number: 'Basic realm="there"', lambda _given: False)

    with serving(there.talk) as elsewhere:

        def talk(client: socket.socket) -> None:
            while request := head(client):
                answer = 'RTSP/1.0 401 Unauthorized\r\nWWW-Authenticate: Basic realm="here"\r\n\r\n'
                if "Authorization" in request:
                    answer = f"RTSP/1.0 302 Moved\r\nLocation: {elsewhere.rtsp}\r\n\r\n"
                client.sendall(answer.encode())

        with serving(talk) as server:
            seen = attempt(server.rtsp, TIMEOUT_SECONDS, username="op", password="rahasia")
    assert seen.outcome == "unauthorised"
    assert there.heard and not any(given for _method, given in there.heard)


@pytest.mark.parametrize("stale", ["", ", stale=false"])
def test_a_wrong_password_is_given_once(stale: str, asked_ffmpeg: list[str]) -> None:
    gate = Gate(lambda number: f'Digest realm="r", nonce="n{number}"{stale}', lambda _given: False)
    with serving(gate.talk) as server:
        seen = attempt(server.rtsp, TIMEOUT_SECONDS, username="op", password="salah")
    assert (seen.outcome, seen.detail) == ("unauthorised", "RTSP 401 Unauthorized")
    assert [bool(given) for _method, given in gate.heard] == [False, True]
    assert (server.connections, asked_ffmpeg) == (1, [])


def test_a_digest_is_what_the_standard_says() -> None:
    """The example of RFC 2617, 3.5, and the same without a quality of protection."""
    challenge = (
        'Digest realm="testrealm@host.com", qop="auth,auth-int", '
        'nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5ccc069c403ebaf9f0171e9517f40e41"'
    )
    login = Login.answering(["Basic realm=x", challenge], "Mufasa", "Circle Of Life")
    assert login is not None
    given = login.said("GET", "/dir/index.html", 1)
    fields = dict(re.findall(r'(\w+)="?([^",]*)"?', given.removeprefix("Digest ")))
    md5 = lambda text: hashlib.md5(text.encode()).hexdigest()  # noqa: E731
    who, what = md5("Mufasa:testrealm@host.com:Circle Of Life"), md5("GET:/dir/index.html")
    assert who == "939e7578ed9e3c518a452acee763bce9" and what == "39aff3a2bab6126f332b942af96d3366"
    nonce = "dcd98b7102dd2f0e8b11d0f600bfb0c093"
    assert fields["response"] == md5(f"{who}:{nonce}:00000001:{fields['cnonce']}:auth:{what}")
    assert (fields["nc"], fields["qop"], fields["opaque"]) == (
        *("00000001", "auth", "5ccc069c403ebaf9f0171e9517f40e41"),
    )
    old = Login.answering(
        [challenge.replace('qop="auth,auth-int", ', "")], "Mufasa", "Circle Of Life"
    )
    assert old is not None
    assert 'response="670fd8c2df070c60b045671b8b24ff02"' in old.said("GET", "/dir/index.html", 1)


@pytest.mark.parametrize(
    "challenge", ["Digest realm=r", 'Digest realm="r", nonce="n", algorithm=SHA-256', "NTLM", ""]
)
def test_other_ways_to_log_in_are_left_to_ffmpeg(challenge: str, asked_ffmpeg: list[str]) -> None:
    gate = Gate(lambda _number: challenge, lambda _given: False)
    with serving(gate.talk) as server:
        seen = attempt(server.rtsp, TIMEOUT_SECONDS, username="op", password="rahasia")
    assert seen.outcome == "unauthorised"
    assert len(asked_ffmpeg) == 1


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
                describing(made.described(), played)(_Once(client))  # type: ignore[arg-type]

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


def test_a_challenge_of_any_length_is_read_at_once() -> None:
    """In a time that grows with its length, and not with its square: that would be hours here."""
    for text in ("a" * 1_000_000, "a =" * 300_000, 'a="' + "\\" * 1_000_000, "-" * 1_000_000):
        assert Login.answering([f"Digest {text}"], "op", "rahasia") is None


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

        class Hearing(_Once):
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
