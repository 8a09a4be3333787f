"""The workshop: a few processes that encode the clips which are not on disk yet.

Plain child processes with one line of JSON per job, rather than ``multiprocessing``: nothing is
forked from a process that has threads, nothing stays behind (no resource tracker), and the farm
itself never loads FFmpeg, NumPy or OpenCV.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import sys
from dataclasses import asdict
from pathlib import Path
from weakref import WeakValueDictionary

from tests.farm.clips import Clip, ClipSpec
from tests.farm.faults import FarmError

__all__ = ["BACKGROUND", "DEMANDED", "Workshop"]

DEMANDED = 0  # somebody waits
BACKGROUND = 1

_IDLE_SECONDS = 3.0  # then the process is given back
_ROOT = Path(__file__).resolve().parents[2]


class Workshop:
    """Hands out clips: from memory, from disk, or made to order."""

    def __init__(self, directory: Path, processes: int = 2) -> None:
        self.directory = directory
        self._processes = processes
        # Only as long as a stream plays them: each takes a few megabytes, and the file stays.
        self._clips: WeakValueDictionary[ClipSpec, Clip] = WeakValueDictionary()
        self._orders: dict[ClipSpec, asyncio.Future[None]] = {}
        self._making: set[ClipSpec] = set()
        self._queue: asyncio.PriorityQueue[tuple[int, int, ClipSpec]] = asyncio.PriorityQueue()
        self._number = itertools.count()
        self._workers: set[asyncio.Task[None]] = set()
        directory.mkdir(parents=True, exist_ok=True)

    def at_hand(self, spec: ClipSpec) -> Clip | None:
        """The clip if it need not be encoded first."""
        clip = self._clips.get(spec)
        if clip is None:
            path = spec.path_in(self.directory)
            if not path.exists():
                return None
            try:
                clip = Clip.read(path)
            except (OSError, ValueError, KeyError):
                path.unlink(missing_ok=True)  # half a file of an older crash: made again
                return None
            self._clips[spec] = clip
        return clip

    async def clip(self, spec: ClipSpec, priority: int = DEMANDED) -> Clip:
        """The clip, encoded now if need be."""
        if (clip := self.at_hand(spec)) is not None:
            return clip
        await self.prepare(spec, priority)
        if (clip := self.at_hand(spec)) is None:
            raise FarmError(f"The clip of {spec.code} vanished from {self.directory}.")
        return clip

    async def prepare(self, spec: ClipSpec, priority: int = BACKGROUND) -> None:
        """See to it that the clip is on disk, without loading it."""
        if spec in self._clips or spec.path_in(self.directory).exists():
            return
        order = self._orders.get(spec)
        if order is None:
            order = self._orders[spec] = asyncio.get_running_loop().create_future()
            order.add_done_callback(lambda done: done.cancelled() or done.exception())
        # An order that waits in the background is queued again in front when demanded.
        self._queue.put_nowait((priority, next(self._number), spec))
        if len(self._workers) < self._processes:
            worker = asyncio.create_task(self._work())
            self._workers.add(worker)
            worker.add_done_callback(self._workers.discard)
        await asyncio.shield(order)

    async def _work(self) -> None:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.farm.encoding",
            str(self.directory),
            cwd=_ROOT,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        try:
            while (order := await self._next_order()) is not None:
                await self._encode(process, *order)
        finally:
            # Closing its input ends an idle process by itself; kill does when it is busy.
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await asyncio.shield(process.wait())
            process._transport.close()  # type: ignore[attr-defined]

    async def _next_order(self) -> tuple[ClipSpec, asyncio.Future[None]] | None:
        while True:
            try:
                spec = (await asyncio.wait_for(self._queue.get(), _IDLE_SECONDS))[2]
            except TimeoutError:
                return None
            order = self._orders.get(spec)
            if order is not None and spec not in self._making:
                return spec, order

    async def _encode(
        self, process: asyncio.subprocess.Process, spec: ClipSpec, order: asyncio.Future[None]
    ) -> None:
        assert process.stdin is not None and process.stdout is not None
        self._making.add(spec)  # a second entry of the same order in the queue is passed over
        try:
            process.stdin.write(json.dumps(asdict(spec)).encode() + b"\n")
            await process.stdin.drain()
            answer = (await process.stdout.readline()).decode().strip()
        except ConnectionError:
            answer = ""
        finally:
            self._making.discard(spec)
            del self._orders[spec]
        if order.done():
            return
        if answer == "done":
            order.set_result(None)
        else:
            why = answer or "the encoder died"
            order.set_exception(FarmError(f"The clip of {spec.code} ({spec.codec}) failed: {why}."))

    async def close(self) -> None:
        for worker in list(self._workers):
            worker.cancel()
        await asyncio.gather(*self._workers, return_exceptions=True)
        for order in self._orders.values():
            order.cancel()
        self._orders.clear()
