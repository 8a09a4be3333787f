"""RTSP (RFC 2326) as far as a picture needs it: a stream is described, set up inside the
connection itself, and played.

FFmpeg speaks all of RTSP, but it reads from the network three times a packet, wants a connection
of its own, and studies what comes before it gives anything out. So whoever answers plainly is
talked to here, and FFmpeg only decodes; whoever does not (`Unusual`) is left to FFmpeg.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import NamedTuple

from monitoring.grabbing.login import Login, as_bytes, as_text
from monitoring.grabbing.network import Deadline, TimedSocket, TimedTLSSocket
from monitoring.grabbing.pictures import GrabError
from monitoring.grabbing.rtp import Unusual
from monitoring.limits import READ_SECONDS

_MOST_HEAD, _MOST_BODY = 16 * 1024, 64 * 1024
_DOLLAR = 0x24  # begins a packet: then its channel, and two bytes of length
_PACKET_HEAD, _RTP_HEAD = 4, 12
_REPORTS = range(200, 208)  # RTCP, by its second byte (RFC 5761)
_ROOM = 2 * (_PACKET_HEAD + 0xFFFF)
_PIECE = 64 * 1024  # that is waited for, once packets come


class Answer(NamedTuple):
    """What a camera said to a request; the headers' names are in small letters."""

    status: int
    phrase: str
    headers: dict[str, list[str]]
    body: str

    def header(self, name: str) -> str:
        """The first of this name; empty when there is none."""
        return self.headers.get(name, [""])[0]


class Conversation:
    """A connection on which RTSP is spoken.

    Whatever is asked raises OSError when the connection breaks or stays silent for too long,
    GrabError when its deadline is over, and Unusual when what comes makes no sense here.
    """

    def __init__(self, connection: TimedSocket | TimedTLSSocket) -> None:
        self.connection = connection
        self._buffer = bytearray(_ROOM)
        self._begin = self._end = 0  # what has come and is not yet read
        self._asked = 0
        self._stream = self._session = ""
        self._login: Login | None = None
        self._logged_in = 0  # requests that answered the present challenge

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """What is said in this block has so long; the deadline from before it stands again after.

        Where the block fails, it does not: all that is left to do then is to hang up.
        """
        before = self.connection.deadline
        self.connection.deadline = Deadline(seconds)
        yield
        self.connection.deadline = before

    def ask(self, method: str, address: str, **headers: str) -> Answer:
        """One request, and its answer whatever it says.

        Once somebody is logged in, a challenge that is new is answered: it grows old.
        """
        answer = self._ask(method, address, headers)
        if answer.status != 401 or self._login is None:
            return answer
        again = self._login.challenged_again(answer.headers.get("www-authenticate", []))
        if again is None:
            return answer
        self._login, self._logged_in = again, 0
        return self._ask(method, address, headers)

    def log_in(self, refused: Answer, username: str, password: str) -> None:
        """Give these from now on, in the way that was asked for."""
        challenges = refused.headers.get("www-authenticate", [])
        self._login, self._logged_in = Login.answering(challenges, username, password), 0
        if self._login is None:
            raise Unusual("an unknown way to log in")

    def set_up(self, control: str, stream: str) -> range:
        """Have a video sent inside this connection; the channels that it will come by. It is part
        of the `stream` at that address."""
        offer = "RTP/AVP/TCP;unicast;interleaved=0-1"
        answer = _granted(self.ask("SETUP", control, Transport=offer))
        self._session = answer.header("session").partition(";")[0].strip()
        self._stream = stream
        for part in answer.header("transport").lower().split(";"):
            name, _, value = part.strip().partition("=")
            if name == "interleaved":
                first, _, last = value.partition("-")
                # Some send on the second, which is meant for reports.
                return range(_number(first), _number(last or first) + 1)
        raise Unusual("the stream comes in another way than inside the connection")

    def play(self) -> None:
        """Packets follow."""
        _granted(self.ask("PLAY", self._stream, Range="npt=0.000-"))

    def packets(self, channels: range) -> Iterator[bytearray]:
        """RTP packets of these channels as they come, without end.

        The first may be waited for until the deadline: recorders begin with the next key frame.
        After it, a silence of READ_SECONDS is the end.
        """
        self.connection.gather(_PIECE)
        buffer = self._buffer
        while True:
            begin, end = self._begin, self._end
            while end - begin >= _PACKET_HEAD and buffer[begin] == _DOLLAR:
                after = begin + _PACKET_HEAD + (buffer[begin + 2] << 8 | buffer[begin + 3])
                if after > end:
                    break
                is_ours = buffer[begin + 1] in channels and after - begin > _PACKET_HEAD + _RTP_HEAD
                if is_ours and buffer[begin + 5] not in _REPORTS:
                    self.connection.patience_s = READ_SECONDS
                    yield buffer[begin + _PACKET_HEAD : after]
                begin = after
            self._begin = begin
            if begin < end and buffer[begin] != _DOLLAR:
                self._words()  # the camera asks, or answers something late
            else:
                self._read()

    def close(self) -> None:
        """Take leave of a stream that was set up, and hang up."""
        with suppress(OSError, GrabError, Unusual):
            if self._stream:
                self._send("TEARDOWN", self._stream, {})
        with suppress(OSError):
            self.connection.close()

    def _ask(self, method: str, address: str, headers: dict[str, str]) -> Answer:
        self._send(method, address, headers)
        while True:
            first, lines, body = self._words()
            version, _, rest = first.partition(" ")
            status, _, phrase = rest.partition(" ")
            if not version.startswith("RTSP/"):  # a question: it can wait
                continue
            if (number := _number(status)) >= 200:
                return Answer(number, phrase, lines, body)

    def _send(self, method: str, address: str, headers: dict[str, str]) -> None:
        self._asked += 1
        given = {"CSeq": str(self._asked), "User-Agent": "camera-health", **headers}
        if self._session:
            given["Session"] = self._session
        if self._login:
            self._logged_in += 1
            given["Authorization"] = self._login.said(method, address, self._logged_in)
        lines = [f"{method} {address} RTSP/1.0", *(f"{each}: {given[each]}" for each in given)]
        if any(character < " " for line in lines for character in line):
            raise Unusual("control characters in what the camera wants to hear again")
        self.connection.sendall(as_bytes("\r\n".join([*lines, "", ""])))

    def _words(self) -> tuple[str, dict[str, list[str]], str]:
        """(first line, headers, body) of what is said next; packets before it are passed over."""
        while True:
            came = self._end - self._begin
            if came and self._buffer[self._begin] == _DOLLAR:
                self._pass_over()
                continue
            ends = self._buffer.find(b"\r\n\r\n", self._begin, self._end)
            if (ends - self._begin if ends >= 0 else came) > _MOST_HEAD:
                raise Unusual("a head without end")
            if ends >= 0:
                break
            self._read()
        first, *lines = as_text(self._buffer[self._begin : ends]).split("\r\n")
        if "RTSP/" not in first:
            raise Unusual("words that are not RTSP")
        headers: dict[str, list[str]] = {}
        for line in lines:
            name, _, value = line.partition(":")
            headers.setdefault(name.strip().lower(), []).append(value.strip())
        self._begin = ends + 4
        return first, headers, self._body(_number(headers.get("content-length", ["0"])[0]))

    def _body(self, length: int) -> str:
        if length > _MOST_BODY:
            raise Unusual("a body that is too long")
        while self._end - self._begin < length:
            self._read()
        begin = self._begin
        self._begin += length
        return self._buffer[begin : self._begin].decode("utf-8", "replace")

    def _pass_over(self) -> None:
        """A packet that comes among words."""
        while self._end - self._begin < _PACKET_HEAD:
            self._read()
        size = int.from_bytes(self._buffer[self._begin + 2 : self._begin + 4], "big")
        while self._end - self._begin < _PACKET_HEAD + size:
            self._read()
        self._begin += _PACKET_HEAD + size

    def _read(self) -> None:
        """Whatever has come, or comes next; what is not yet read moves to the front."""
        left = self._end - self._begin
        if self._begin:
            self._buffer[:left] = self._buffer[self._begin : self._end]
            self._begin, self._end = 0, left
        with memoryview(self._buffer) as whole, whole[left:] as room:
            came = self.connection.recv_into(room)
        if not came:
            raise ConnectionResetError("the camera hung up")
        self._end += came


def _granted(answer: Answer) -> Answer:
    """The answer, when it is what was wanted. FFmpeg tells more of all others."""
    if answer.status != 200:
        raise Unusual(f"{answer.status} {answer.phrase}")
    return answer


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise Unusual(f"no number: {text[:20]!r}")
    return int(text)
