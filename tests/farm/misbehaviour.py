"""How connections go wrong: the answers of cameras that never come to talking properly."""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace
from typing import TYPE_CHECKING

from tests.farm.clips import Clip, Frame
from tests.farm.messages import Request

if TYPE_CHECKING:
    from tests.farm.camera import Client

__all__ = ["UNANSWERED", "garbled", "misbehave"]

_DRIBBLE_SECONDS = 0.2
_GARBAGE_BYTES = 16_384

# The header of a slice with the bit set that must be zero: whatever follows, no decoder takes it.
# Noise alone is now and then taken for a picture, and shown as grey.
_FORBIDDEN = {"h264": b"\x81", "h265": b"\x82\x01"}

# Faults that take the place of any answer.
UNANSWERED = frozenset({"mute", "garbage", "endless-header"})


async def misbehave(fault_name: str, client: Client, request: Request) -> None:
    """Do to this client what the fault does, until the client goes or the camera is mended."""
    if fault_name == "garbage":
        client.write(os.urandom(_GARBAGE_BYTES))
        await client.drain()
    elif fault_name == "endless-header":
        await _dribble(client, request)
    else:
        await client.gone()


async def _dribble(client: Client, request: Request) -> None:
    sequence = request.headers.get("cseq", "1")
    client.write(f"{request.version} 200 OK\r\nCSeq: {sequence}\r\n".encode())
    number = 0
    while not client.transport.is_closing():
        number += 1
        client.write(f"X-Filler-{number}: {'x' * 40}\r\n".encode())
        await asyncio.sleep(_DRIBBLE_SECONDS)


def garbled(clip: Clip) -> Clip:
    """The clip with the same packets in number and size, and nothing but noise in them."""
    head = _FORBIDDEN[clip.codec]

    def noise(frame: Frame) -> Frame:
        sizes = (None if part is None else len(part) for part in frame.payloads)
        return Frame(
            frame.is_key,
            tuple(None if size is None else (head + os.urandom(size))[:size] for size in sizes),
        )

    return replace(clip, frames=tuple(noise(frame) for frame in clip.frames))
