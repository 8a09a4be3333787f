"""A host that speaks RTSP or HTTP, badly: good answers, harmed; then silence or the end."""

from __future__ import annotations

import random
import socket
import threading
import time
from contextlib import suppress

from tests.fuzz.harm import harmed, jpeg_of, stream_of

__all__ = ["HostileHost"]

_SDP = (
    b"v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=x\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
    b"m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=fmtp:96 packetization-mode=1\r\n"
    b"a=control:track1\r\n"
)
_PATIENCE_S = 0.3


class HostileHost:
    """Listens on loopback; every connection gets its own bad luck from the dice."""

    def __init__(self, seed: int) -> None:
        self._dice = random.Random(seed)
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = self._server.getsockname()[1]
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._server.accept()
            except OSError:
                return
            dice = random.Random(self._dice.random())
            threading.Thread(target=self._talk, args=(client, dice), daemon=True).start()

    def _talk(self, client: socket.socket, dice: random.Random) -> None:
        with client, suppress(OSError):
            client.settimeout(_PATIENCE_S)
            for _ in range(8):
                request = client.recv(8192)
                if not request:
                    return
                answer = _answer(request)
                client.sendall(harmed(answer, dice) if dice.random() < 0.5 else answer)
                if request.startswith(b"PLAY"):
                    client.sendall(harmed(_interleaved(), dice))
                if request.startswith(b"GET") or dice.random() < 0.1:
                    break
            if dice.random() < 0.1:
                time.sleep(_PATIENCE_S)  # says nothing more, and keeps the line

    def close(self) -> None:
        self._server.close()


def _answer(request: bytes) -> bytes:
    method = request.split(b" ", 1)[0]
    if method == b"GET":
        body = jpeg_of(70)
        head = b"HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n"
        return head % len(body) + body
    number = next(
        (line.split(b":", 1)[1].strip() for line in request.split(b"\r\n") if b"CSeq" in line),
        b"1",
    )
    more, body = b"", b""
    if method == b"OPTIONS":
        more = b"Public: OPTIONS, DESCRIBE, SETUP, PLAY\r\n"
    elif method == b"DESCRIBE":
        more, body = b"Content-Type: application/sdp\r\nContent-Base: rtsp://127.0.0.1/\r\n", _SDP
    elif method == b"SETUP":
        more = b"Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\nSession: 12345678\r\n"
    elif method == b"PLAY":
        more = b"Session: 12345678\r\nRange: npt=0-\r\n"
    length = b"Content-Length: %d\r\n" % len(body) if body else b""
    return b"RTSP/1.0 200 OK\r\nCSeq: " + number + b"\r\n" + more + length + b"\r\n" + body


def _interleaved() -> bytes:
    """The units of a stream as RTP packets in the RTSP connection."""
    wire, sequence = b"", 0
    for unit in stream_of("h264").split(b"\x00\x00\x01")[1:]:
        for start in range(0, len(unit), 1200):
            part = unit[start : start + 1200].rstrip(b"\x00") or b"\x00"
            last = start + 1200 >= len(unit)
            if len(unit) > 1200:  # a fragment of a unit (RFC 6184, FU-A)
                flags = (0x80 if start == 0 else 0) | (0x40 if last else 0) | (unit[0] & 0x1F)
                part = bytes([(unit[0] & 0xE0) | 28, flags]) + part[1 if start == 0 else 0 :]
            head = bytes([0x80, (0x80 if last else 0) | 96]) + sequence.to_bytes(2, "big")
            packet = head + bytes(4) + b"\x00\x00\x00\x07" + part
            wire += b"$\x00" + len(packet).to_bytes(2, "big") + packet
            sequence += 1
    return wire
