"""Servers on loopback that say exactly what a test wants to be said."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import cv2
import numpy as np

Talk = Callable[[socket.socket], None]


def listener(host: str = "127.0.0.1", family: int = socket.AF_INET) -> socket.socket:
    """A listening socket on a free port, whose packets are as small as a real network's: those of
    loopback hold 64 kB, and hide what many small ones do."""
    server = socket.socket(family)
    server.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 1400)
    server.bind((host, 0))
    server.listen()
    return server


class Scripted:
    """A listening server; `connections` counts those who came."""

    def __init__(self, talk: Talk, host: str, tls: ssl.SSLContext | None) -> None:
        self._talk, self._tls = talk, tls
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._listener = listener(host, family)
        self._open: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept)]
        self.connections = 0
        self.port: int = self._listener.getsockname()[1]
        literal = f"[{host}]" if ":" in host else host
        self.http = f"{'https' if tls else 'http'}://{literal}:{self.port}/picture.jpg"
        self.rtsp = f"{'rtsps' if tls else 'rtsp'}://{literal}:{self.port}/stream"
        self._threads[0].start()

    def _accept(self) -> None:
        while True:
            try:
                client, _address = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            thread = threading.Thread(target=self._serve, args=(client,))
            self._threads.append(thread)
            thread.start()

    def _serve(self, client: socket.socket) -> None:
        self._open.append(client)
        with suppress(OSError):  # the grab hangs up whenever it has seen enough
            if self._tls:
                client = self._tls.wrap_socket(client, server_side=True)
                self._open.append(client)
            self._talk(client)
        client.close()

    def close(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # wakes the thread that accepts
        self._listener.close()
        self._threads[0].join()
        for each in self._open:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        for thread in self._threads[1:]:
            thread.join()


@contextmanager
def serving(
    talk: Talk, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None
) -> Iterator[Scripted]:
    """A server that talks so with each client, one thread each."""
    server = Scripted(talk, host, tls)
    try:
        yield server
    finally:
        server.close()


def head(client: socket.socket) -> str:
    """The next request up to its empty line; "" when the client has gone."""
    came = b""
    while b"\r\n\r\n" not in came:
        chunk = client.recv(4096)
        if not chunk:
            return ""
        came += chunk
    return came.decode()


def listen_for_ever(client: socket.socket) -> None:
    """Say nothing, until the client goes."""
    while client.recv(4096):
        pass


def saying(*words: bytes) -> Talk:
    """Hear a request, answer with these words, and hang up."""

    def talk(client: socket.socket) -> None:
        head(client)
        for word in words:
            client.sendall(word)

    return talk


def repeating(first: bytes, again: bytes, pause_s: float = 0.0) -> Talk:
    """Hear a request, and answer without end."""
    rest = threading.Event()

    def talk(client: socket.socket) -> None:
        head(client)
        client.sendall(first)
        while not rest.wait(pause_s):
            client.sendall(again)

    return talk


def http(body: bytes, status: str = "200 OK", **headers: str) -> bytes:
    """A whole answer in HTTP; headers with underscores for hyphens."""
    given = {"Content_Type": "image/jpeg", "Content_Length": str(len(body)), **headers}
    lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in given.items())
    return f"HTTP/1.1 {status}\r\n{lines}\r\n".encode() + body


def describing(sdp: bytes, played: Talk | None = None) -> Talk:
    """A camera that speaks RTSP, describes its stream so, and then sends nothing, or `played`."""

    def talk(client: socket.socket) -> None:
        while request := head(client):
            method, url, _version = request.split("\r\n")[0].split(" ")
            answer = {
                "OPTIONS": "Public: DESCRIBE, SETUP, PLAY\r\n\r\n",
                "DESCRIBE": (
                    f"Content-Type: application/sdp\r\nContent-Base: {url}/\r\n"
                    f"Content-Length: {len(sdp)}\r\n\r\n"
                ),
                "SETUP": "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\nSession: 1\r\n\r\n",
            }.get(method, "Session: 1\r\n\r\n")
            sequence = next(line for line in request.split("\r\n") if line.startswith("CSeq"))
            body = sdp if method == "DESCRIBE" else b""
            client.sendall(f"RTSP/1.0 200 OK\r\n{sequence}\r\n{answer}".encode() + body)
            if method == "PLAY" and played:
                played(client)

    return talk


class Once:
    """A client that asks once, or so many times, and then seems to have gone."""

    def __init__(self, client: socket.socket, times: int = 1) -> None:
        self._client, self._left = client, times

    def recv(self, size: int) -> bytes:
        if not self._left:
            return b""
        data = self._client.recv(size)
        self._left -= b"\r\n\r\n" in data
        return data

    def sendall(self, data: bytes) -> None:
        self._client.sendall(data)


def jpeg(width: int = 320, height: int = 180, seed: int = 0, quality: int = 80) -> bytes:
    """A picture with something to see in it."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 255, (12, 16, 3), dtype=np.uint8)
    scene = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    done, data = cv2.imencode(".jpg", scene, [cv2.IMWRITE_JPEG_QUALITY, quality])
    assert done
    return data.tobytes()
