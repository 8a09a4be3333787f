"""The HTTP side of a camera: one JPEG, or JPEGs without end."""

from __future__ import annotations

import os

from tests.farm.camera import Camera, Client
from tests.farm.messages import Request, response
from tests.farm.stream import Viewer

__all__ = ["answer_http"]

_VERSION = "HTTP/1.1"
_BOUNDARY = "farm-picture"
_MULTIPART = f"multipart/x-mixed-replace; boundary={_BOUNDARY}"


async def answer_http(camera: Camera, client: Client, request: Request) -> bool:
    """Answer one request; true when the connection may be used for another."""
    fault = camera.fault_name
    source = {"/snapshot.jpg": "snapshot", "/video.mjpg": "mjpeg"}.get(request.path)
    if not camera.admits(request):
        client.write(response(_VERSION, 401, camera.guard.challenge(request)))
        return True
    if source not in camera.sources or fault == "not-found":
        client.write(response(_VERSION, 404))
        return True
    if request.method not in ("GET", "HEAD"):
        client.write(response(_VERSION, 405, {"Allow": "GET, HEAD"}))
        return True
    stream = await camera.stream("jpeg")
    if source == "snapshot":
        return await _snapshot(client, request, stream.snapshot(), fault)
    await _mjpeg(camera, client, request, fault)
    return False


async def _snapshot(client: Client, request: Request, picture: bytes, fault: str) -> bool:
    headers = {"Content-Type": "image/jpeg", "Cache-Control": "no-store"}
    whole = response(_VERSION, 200, headers, spoil(picture, fault))
    head_length = whole.index(b"\r\n\r\n") + 4
    if request.method == "HEAD":
        client.write(whole[:head_length])
        return True
    if fault in ("no-video", "cut"):
        client.write(whole[: head_length + (600 if fault == "cut" else 0)])
        await client.gone()
        return False
    client.write(whole)
    await client.drain()
    return True


async def _mjpeg(camera: Camera, client: Client, request: Request, fault: str) -> None:
    head = (
        f"{_VERSION} 200 OK\r\nContent-Type: {_MULTIPART}\r\n"
        "Cache-Control: no-store\r\nConnection: close\r\n\r\n"
    ).encode()
    client.write(head)
    if request.method == "HEAD":
        return
    stream = await camera.stream("jpeg")
    if fault == "cut":
        client.write(_part(stream.snapshot())[:600])
    if fault in ("no-video", "cut"):
        await client.gone()
        return
    viewer = Viewer(client.transport, wrap=lambda data: _part(spoil(data, fault)))
    # A viewer does not wait for the next instant: the present picture is sent at once.
    viewer.send(stream.snapshot())
    stream.join(viewer)
    try:
        await client.gone()
    finally:
        stream.leave(viewer)


def _part(picture: bytes) -> bytes:
    head = f"--{_BOUNDARY}\r\nContent-Type: image/jpeg\r\nContent-Length: {len(picture)}\r\n\r\n"
    return head.encode() + picture + b"\r\n"


def spoil(picture: bytes, fault: str) -> bytes:
    """The bytes that a camera with this fault sends in place of the picture."""
    if fault == "truncated-jpeg":
        return picture[: len(picture) * 3 // 5]
    if fault == "garbage-video":
        return os.urandom(len(picture))
    return picture
