"""One camera: its door, its streams, who is connected, and what is wrong with it today."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

from tests.farm.auth import Guard
from tests.farm.catalogue import CameraSpec
from tests.farm.clips import Clip, ClipSpec
from tests.farm.door import Door
from tests.farm.faults import FarmError, Fault, find_fault
from tests.farm.messages import Request
from tests.farm.misbehaviour import garbled
from tests.farm.stream import Stream
from tests.farm.workshop import DEMANDED, Workshop

__all__ = ["Camera", "Client"]

_LINE_LIMIT = 32_768


class Client:
    """A connection from outside."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self._writer = writer
        self.transport = writer.transport
        self._farewells: list[Callable[[], None]] = []

    def write(self, data: bytes) -> None:
        if not self.transport.is_closing():
            self.transport.write(data)

    async def drain(self) -> None:
        await self._writer.drain()

    async def gone(self) -> None:
        """Wait until the other side has hung up, and let its words pass unread."""
        with contextlib.suppress(ConnectionError):
            while await self.reader.read(_LINE_LIMIT):
                pass

    def on_close(self, farewell: Callable[[], None]) -> None:
        self._farewells.append(farewell)

    def close(self) -> None:
        for farewell in self._farewells:
            farewell()
        self._farewells.clear()
        self._writer.close()

    def abort(self) -> None:
        self.transport.abort()


Talk = Callable[["Camera", Client], Awaitable[None]]


class Camera:
    """A camera of the farm, as the event loop's thread sees it.

    Its clips follow the clock, `ahead_s` seconds before it.
    """

    ahead_s = 0.0

    def __init__(self, spec: CameraSpec, port: int, workshop: Workshop, talk: Talk) -> None:
        self.spec = spec
        self.code = spec.code
        self.sources = frozenset(spec.sources)
        self.rtsp_sources = self.sources & {"main", "sub"}
        self.guard = Guard(spec.auth, spec.username, spec.password)
        self.fault = find_fault(spec.fault) if spec.fault else None
        self._workshop = workshop
        self._talk = talk
        self._streams: dict[str, Stream] = {}
        self._clients: dict[Client, asyncio.Task[None]] = {}
        self._door = Door(spec.code, port, self._serve)
        self._changing = asyncio.Lock()

    @property
    def port(self) -> int:
        return self._door.port

    @property
    def fault_name(self) -> str:
        return self.fault.name if self.fault else ""

    @property
    def client_count(self) -> int:
        return len(self._clients)

    async def open(self) -> None:
        """Put the door into the state that today's fault asks for."""
        if self.fault_name == "refused":
            await self._door.refuse()
        elif self.fault_name == "silent":
            await self._door.swallow()
        else:
            await self._door.open()

    async def prepare(self, priority: int = DEMANDED) -> None:
        """Have the clips made that this camera, as it is today, is asked for first."""
        await self._prepare(self.fault, priority)

    async def prepare_healthy(self, priority: int) -> None:
        """Have the clips made that it is asked for first once it is mended."""
        await self._prepare(None, priority)

    async def _prepare(self, fault: Fault | None, priority: int) -> None:
        if fault is None or fault.sends_video:
            specs = [self._clip_spec(stream, fault) for stream in self.spec.first_streams()]
            await asyncio.gather(*(self._workshop.prepare(spec, priority) for spec in specs))

    def admits(self, request: Request) -> bool:
        return self.fault_name != "unauthorised" and self.guard.admits(request)

    async def stream(self, name: str) -> Stream:
        """The stream ``main``, ``sub`` or ``jpeg``; made at the first demand."""
        stream = self._streams.get(name)
        if stream is None:
            clip = await self._clip(name, self.fault)
            # While the clip was made another client may have been faster, or the fault changed.
            stream = self._streams.get(name)
            if stream is None:
                stream = self._streams[name] = Stream(clip, f"{self.code}/{name}", self.ahead_s)
                current = await self._clip(name, self.fault)
                stream.change(current)
        return stream

    def _clip_spec(self, stream: str, fault: Fault | None) -> ClipSpec:
        return self.spec.clip(stream, fault.name if fault and fault.kind == "picture" else "")

    async def _clip(self, stream: str, fault: Fault | None) -> Clip:
        clip = await self._workshop.clip(self._clip_spec(stream, fault))
        if fault and fault.name == "garbage-video" and stream != "jpeg":
            clip = garbled(clip)
        return clip

    async def set_fault(self, fault: Fault | None) -> None:
        """Break the camera, or mend it (``None``); connected clients feel it at once."""
        async with self._changing:
            if fault == self.fault:
                return
            # Clips first: once the camera is broken it must be broken for everyone at once.
            clips = {name: await self._clip(name, fault) for name in list(self._streams)}
            await self._prepare(fault, DEMANDED)
            before, self.fault = self.fault, fault
            for name, clip in clips.items():
                self._streams[name].change(clip)
            if any(one and one.kind == "connection" for one in (before, fault)):
                await self._hang_up()
                await self.open()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        client = Client(reader, writer)
        task = asyncio.current_task()
        assert task is not None
        self._clients[client] = task
        try:
            await self._talk(self, client)
        except (ConnectionError, FarmError, asyncio.CancelledError):
            pass  # who waits for a clip that cannot be made is hung up on
        finally:
            self._clients.pop(client, None)
            client.close()

    async def _hang_up(self) -> None:
        tasks = list(self._clients.values())
        for client in list(self._clients):
            client.abort()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def close(self) -> None:
        await self._door.close()
        await self._hang_up()
        for stream in self._streams.values():
            stream.close()
