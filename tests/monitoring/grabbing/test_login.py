"""Logging in to cameras that speak RTSP: what they ask for, and what they are given."""

import hashlib
import re
import socket
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from monitoring.grabbing.login import Login, as_bytes, as_text
from tests.monitoring.grabbing.attempts import attempt
from tests.monitoring.grabbing.coded import coded, for_ever, interleaved, stream
from tests.monitoring.grabbing.scripted import Once, describing, head, serving

TIMEOUT_SECONDS = 3.0


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
                one = Once(client)
                open_(one)  # type: ignore[arg-type]
                continue
            head(client)
            asked_for = f"WWW-Authenticate: {self.challenge(len(self.heard))}"
            client.sendall(f"RTSP/1.0 401 Unauthorized\r\nCSeq: 1\r\n{asked_for}\r\n\r\n".encode())


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


def test_a_challenge_of_any_length_is_read_at_once() -> None:
    """In a time that grows with its length, and not with its square: that would be hours here."""
    for text in ("a" * 1_000_000, "a =" * 300_000, 'a="' + "\\" * 1_000_000, "-" * 1_000_000):
        assert Login.answering([f"Digest {text}"], "op", "rahasia") is None
