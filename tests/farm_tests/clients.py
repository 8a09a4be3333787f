"""Clients of our own making, so that the farm is not judged by the program it is to test."""

import base64
import hashlib
import re
import socket
import struct
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

import av
import cv2
import numpy as np
import numpy.typing as npt

Image = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Answer:
    """What came back for one request."""

    status: int
    headers: dict[str, str]
    body: bytes = b""


@dataclass(frozen=True)
class Packet:
    """One RTP packet."""

    marker: bool
    sequence: int
    timestamp: int
    payload: bytes

    @property
    def is_key(self) -> bool:
        """Whether it holds a part of an H.264 key frame, parameter sets included."""
        kind = self.payload[0] & 0x1F
        return (self.payload[1] & 0x1F if kind == 28 else kind) in (5, 7, 8)


class Rtsp:
    """An RTSP client on a bare socket."""

    def __init__(self, port: int, path: str = "/sub", timeout_s: float = 10) -> None:
        self.url = f"rtsp://127.0.0.1:{port}{path}"
        self.socket = socket.create_connection(("127.0.0.1", port), timeout_s)
        self._file = self.socket.makefile("rb")
        self._number = 0
        self._session = ""

    def ask(self, method: str, url: str = "", **headers: str) -> Answer:
        self._number += 1
        lines = [f"{method} {url or self.url} RTSP/1.0", f"CSeq: {self._number}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        lines += [f"Session: {self._session}"] * bool(self._session)
        self.socket.sendall("\r\n".join([*lines, "", ""]).encode())
        answer = self._answer()
        self._session = self._session or answer.headers.get("session", "").partition(";")[0]
        return answer

    def _answer(self) -> Answer:
        status = int(self._file.readline().split()[1])
        headers = {}
        while line := self._file.readline().strip():
            name, _, value = line.decode().partition(": ")
            headers[name.lower()] = value
        return Answer(status, headers, self._file.read(int(headers.get("content-length", 0))))

    def play(self) -> list[Answer]:
        """Everything up to the first picture."""
        return [
            self.ask("OPTIONS"),
            self.ask("DESCRIBE", Accept="application/sdp"),
            self.ask(
                "SETUP", f"{self.url}/trackID=0", Transport="RTP/AVP/TCP;unicast;interleaved=0-1"
            ),
            self.ask("PLAY"),
        ]

    def packet(self) -> Packet | None:
        """The next packet; None when the camera has hung up."""
        head = self._file.read(4)
        if len(head) < 4:
            return None
        assert head[:2] == b"$\0", head
        data = self._file.read(int.from_bytes(head[2:], "big"))
        second, sequence, timestamp = struct.unpack(">xBHI", data[:8])
        return Packet(second >= 128, sequence, timestamp, data[12:])

    def packets(self, count: int) -> list[Packet]:
        found = [self.packet() for _ in range(count)]
        return [packet for packet in found if packet is not None]

    def is_quiet(self, for_s: float) -> bool:
        """Whether nothing comes, and the connection stays."""
        return is_quiet(self.socket, for_s)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
        self.socket.close()


def is_quiet(connection: socket.socket, for_s: float) -> bool:
    """Whether nothing comes on this connection, and it stays."""
    connection.settimeout(for_s)
    try:
        return connection.recv(1) == b"never"  # a byte or an end: not quiet
    except TimeoutError:
        return True


def basic(username: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode()


def digest(challenge: str, username: str, password: str, method: str, uri: str) -> str:
    """The answer to a challenge without qop (RFC 2069)."""
    realm, nonce = (re.search(f'{word}="([^"]*)"', challenge)[1] for word in ("realm", "nonce"))

    def md5(text: str) -> str:
        return hashlib.md5(text.encode()).hexdigest()

    proof = md5(f"{md5(f'{username}:{realm}:{password}')}:{nonce}:{md5(f'{method}:{uri}')}")
    return (
        f'Digest username="{username}", realm="{realm}", nonce="{nonce}", uri="{uri}", '
        f'response="{proof}"'
    )


def http(port: int, path: str, *lines: str, method: str = "GET") -> socket.socket:
    """A connection on which this has been asked for; the answer is the caller's to read."""
    connection = socket.create_connection(("127.0.0.1", port), 10)
    head = "\r\n".join([f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", *lines, "", ""])
    connection.sendall(head.encode())
    return connection


def fetch(url: str) -> bytes:
    """One resource by urllib; raises HTTPError."""
    with urllib.request.urlopen(url, timeout=10) as answer:
        return bytes(answer.read())


def mjpeg(url: str) -> Iterator[bytes]:
    """The pictures of a multipart stream, without end."""
    with urllib.request.urlopen(url, timeout=10) as answer:
        boundary = answer.headers.get_boundary().encode()
        while True:
            line = answer.readline()
            if not line:
                return
            assert line.strip() == b"--" + boundary
            length = 0
            while head := answer.readline().strip():
                if head.lower().startswith(b"content-length:"):
                    length = int(head.split(b":")[1])
            yield answer.read(length)
            assert answer.readline() == b"\r\n"


def first_pictures(url: str, count: int) -> list[bytes]:
    """So many pictures of a multipart stream."""
    stream = mjpeg(url)
    try:
        return [next(stream) for _ in range(count)]
    finally:
        stream.close()


def decoded(jpeg: bytes) -> Image:
    picture = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    return np.asarray(picture, np.uint8)


def watched(url: str, count: int, within_s: float = 10) -> list[Image]:
    """So many pictures of a stream by PyAV; fewer when it does not give them in time."""
    pictures: list[Image] = []
    deadline = time.monotonic() + within_s
    # Else FFmpeg studies the stream for five seconds before it gives the first picture.
    options = {"rtsp_transport": "tcp", "analyzeduration": "1", "fpsprobesize": "0"}
    with av.open(url, options=options, timeout=(5, 1)) as container:
        video = container.streams.video[0]
        video.thread_count = 1
        try:
            for packet in container.demux(video):
                pictures += [frame.to_ndarray(format="bgr24") for frame in _frames(packet)]
                if len(pictures) >= count or time.monotonic() > deadline:
                    break
        except av.error.FFmpegError:
            pass
    return pictures[:count]


def _frames(packet: av.Packet) -> list[av.VideoFrame]:
    try:
        return [frame for frame in packet.decode() if isinstance(frame, av.VideoFrame)]
    except av.error.InvalidDataError:
        return []
