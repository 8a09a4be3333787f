"""Streams: one clip on the air, the same instant for everybody who looks."""

from __future__ import annotations

import asyncio
import bisect
import zlib
from collections.abc import Callable

from tests.farm.clips import Clip
from tests.farm.rtp import CLOCK_HZ, WireFrame

__all__ = ["Stream", "Viewer"]

_BACKLOG_LIMIT = 400_000  # bytes a slow client may be behind before its frames are dropped


class Viewer:
    """A client that receives a stream: where to write, and in which wrapping."""

    def __init__(
        self,
        transport: asyncio.WriteTransport,
        channel: int = 0,
        wrap: Callable[[bytes], bytes] | None = None,
    ) -> None:
        self.transport = transport
        self.channel = channel
        self.wrap = wrap

    def send(self, data: bytes) -> None:
        """Write one frame, or drop it when the client cannot keep up: cameras do not queue."""
        if self.transport.is_closing():
            return
        if self.transport.get_write_buffer_size() <= _BACKLOG_LIMIT:
            self.transport.write(self.wrap(data) if self.wrap else data)


class Stream:
    """Plays one clip in real time, round and round, for all viewers at once.

    What is shown follows the clock alone, so that two clients see the same instant and a stream
    that nobody watches costs nothing. Numbers and times of RTP packets run on across loops.
    """

    def __init__(self, clip: Clip, name: str, ahead_s: float = 0.0) -> None:
        self._loop = asyncio.get_running_loop()
        self._viewers: set[Viewer] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._tick = 0  # the number of the picture that was sent last
        # A changed clip starts at a key frame, whatever the time is.
        self._shift = round(ahead_s * clip.fps)
        self.sequence = 0
        self.ssrc = zlib.crc32(name.encode())
        self._load(clip)

    def _load(self, clip: Clip) -> None:
        self.clip = clip
        self._wire: dict[int, WireFrame] = {}
        self._keys = [at for at, frame in enumerate(clip.frames) if frame.is_key]

    def change(self, clip: Clip) -> None:
        """Show another clip from the next picture on, which will be a key frame."""
        if clip is self.clip:
            return
        self._load(clip)
        upcoming = self.tick_now() + 1
        natural = upcoming % len(clip.frames)
        at = bisect.bisect_left(self._keys, natural)
        key = self._keys[at] if at < len(self._keys) else self._keys[0]
        self._shift = (key - natural) % len(clip.frames)
        self._tick = max(self._tick, upcoming - 1)

    def tick_now(self) -> int:
        """How many pictures the camera has taken since its clock began."""
        return int(self._loop.time() * self.clip.fps)

    def position(self, tick: int | None = None) -> int:
        """The number, within the clip, of the picture of this instant."""
        return ((self.tick_now() if tick is None else tick) + self._shift) % len(self.clip.frames)

    def timestamp(self, tick: int) -> int:
        return tick * CLOCK_HZ // self.clip.fps & 0xFFFFFFFF

    def snapshot(self) -> bytes:
        """The JPEG of this instant."""
        return self.clip.frames[self.position()].payloads[0] or b""

    def upcoming(self) -> tuple[int, int]:
        """Sequence number and RTP time of the next picture: what RTP-Info announces."""
        return self.sequence, self.timestamp(max(self.tick_now(), self._tick) + 1)

    def join(self, viewer: Viewer) -> None:
        self._viewers.add(viewer)
        if self._timer is None:
            self._tick = max(self._tick, self.tick_now())
            self._schedule()

    def leave(self, viewer: Viewer) -> None:
        self._viewers.discard(viewer)
        if not self._viewers and self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _schedule(self) -> None:
        due = (self._tick + 1) / self.clip.fps
        self._timer = self._loop.call_at(due, self._send)

    def _send(self) -> None:
        self._tick += 1
        behind = self.tick_now() - self._tick
        if behind > self.clip.fps:  # the machine was asleep: go on from now
            self._tick += behind
        data_of: dict[int, bytes] = {}
        position = self.position(self._tick)
        for viewer in list(self._viewers):
            if viewer.channel not in data_of:
                data_of[viewer.channel] = self._data(position, viewer.channel)
            viewer.send(data_of[viewer.channel])
        if self.clip.codec != "jpeg":
            self.sequence = self.sequence + len(self.clip.frames[position].payloads) & 0xFFFF
        self._schedule()

    def _data(self, position: int, channel: int) -> bytes:
        frame = self.clip.frames[position]
        if self.clip.codec == "jpeg":
            return frame.payloads[0] or b""
        wire = self._wire.get(position)
        if wire is None:
            wire = self._wire[position] = WireFrame(frame, self.ssrc)
        return wire.at(self.sequence, self.timestamp(self._tick), channel)

    def first_words(self, channel: int, count: int = 3) -> bytes:
        """A little of the stream that holds no key frame: what a camera that dies has sent."""
        start = self._keys[0] + 1
        sequence, tick, data = self.sequence, self.tick_now(), b""
        for number in range(count):
            wire = WireFrame(self.clip.frames[start + number], self.ssrc)
            data += wire.at(sequence, self.timestamp(tick + number), channel)
            sequence += wire.packet_count
        return data

    def close(self) -> None:
        self._viewers.clear()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
