"""RTSP and HTTP messages: they look alike, so one reader and one writer do for both."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.parse import urlsplit

__all__ = ["Request", "read_request", "response"]

_BODY_LIMIT = 65_536
_RTSP_REASONS = {454: "Session Not Found", 461: "Unsupported Transport"}


@dataclass(frozen=True)
class Request:
    """One request; header names are in lower case."""

    method: str
    target: str
    version: str
    headers: dict[str, str]
    body: bytes = field(default=b"", repr=False)

    @property
    def is_rtsp(self) -> bool:
        return self.version.startswith("RTSP/")

    @property
    def path(self) -> str:
        return urlsplit(self.target).path or "/"


async def read_request(reader: asyncio.StreamReader) -> Request | None:
    """The next request, or ``None`` when the other side is done or talks nonsense.

    Interleaved packets that a client sends (RTCP receiver reports) are skipped.
    """
    try:
        while (first := await reader.readexactly(1)) in (b"$", b"\r", b"\n"):
            if first == b"$":
                head = await reader.readexactly(3)
                await reader.readexactly(int.from_bytes(head[1:], "big"))
        head = first + await reader.readuntil(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        method, target, version = lines[0].split(" ")
        headers = {}
        for line in lines[1:]:
            name, colon, value = line.partition(":")
            if colon:
                headers[name.strip().lower()] = value.strip()
        length = int(headers.get("content-length", "0"))
        if not 0 <= length <= _BODY_LIMIT:
            return None
        body = await reader.readexactly(length) if length else b""
        return Request(method, target, version, headers, body)
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError, ValueError):
        return None


def response(
    version: str, status: int, headers: dict[str, str] | None = None, body: bytes = b""
) -> bytes:
    """A whole response, its length included where it has a body or the protocol asks for it."""
    reason = _RTSP_REASONS.get(status) or HTTPStatus(status).phrase
    lines = [f"{version} {status} {reason}"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    if body or version.startswith("HTTP/"):
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + body
