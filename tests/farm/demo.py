"""The whole catalogue on the air: every camera on a port of its own, and the control server."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from pathlib import Path

from tests.farm.camera import Camera
from tests.farm.catalogue import CameraSpec, read_catalogue
from tests.farm.control import Control
from tests.farm.faults import FarmError
from tests.farm.server import AsyncFarm, FarmLoop
from tests.farm.state import State
from tests.farm.workshop import BACKGROUND

__all__ = ["run"]

_LAST_PORT = 65_535


def run(port: int, catalogue: Path, clips: Path, state: Path | None) -> None:
    """Serve until SIGTERM or SIGINT; raises FarmError when it cannot begin."""
    memory = State(state, _complain)
    cameras = memory.applied_to(read_catalogue(catalogue))
    if not 0 < port <= _LAST_PORT - len(cameras):
        raise FarmError(
            f"Port {port} will not do: {len(cameras)} cameras take the ports that follow it, "
            f"and {_LAST_PORT} is the last."
        )
    with asyncio.Runner(loop_factory=FarmLoop) as runner:
        runner.run(_run(port, cameras, clips, memory))


async def _run(port: int, cameras: list[CameraSpec], clips: Path, state: State) -> None:
    began = time.monotonic()
    stop = asyncio.Event()
    for one in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(one, stop.set)
    try:
        farm = AsyncFarm(clips)
    except OSError as problem:
        raise FarmError(f"The folder {clips} cannot be used: {problem.strerror}.") from None
    control = Control(farm, port, state, _say)
    preparing = None
    try:
        await control.open()
        # Every port first: who looks before the clips are there waits, and is not refused.
        for number, spec in enumerate(cameras, port + 1):
            await farm.add(spec, number)
        preparing = asyncio.create_task(_prepare(farm, control, began))
        await stop.wait()
    finally:
        if preparing is not None:
            preparing.cancel()
            await asyncio.gather(preparing, return_exceptions=True)
        await control.close()
        await farm.close()


async def _prepare(farm: AsyncFarm, control: Control, began: float) -> None:
    """Have made what the cameras show today, then what the broken ones show when mended."""

    async def prepare(camera: Camera) -> None:
        try:
            await camera.prepare(BACKGROUND)
        except FarmError as problem:
            _complain(str(problem))  # the other cameras are worth showing without it
        control.ready_count += 1

    everyone = list(farm.cameras.values())
    await asyncio.gather(*map(prepare, everyone))
    ports = f"{everyone[0].port} to {everyone[-1].port}" if everyone else "none"
    _say(f"{len(everyone)} cameras ready after {time.monotonic() - began:.0f} s, ports {ports}.")
    healthy = (camera.prepare_healthy(BACKGROUND) for camera in everyone)
    await asyncio.gather(*healthy, return_exceptions=True)


def _say(text: str) -> None:
    _print(text, sys.stdout.fileno())


def _complain(text: str) -> None:
    _print(text, sys.stderr.fileno())


def _print(text: str, descriptor: int) -> None:
    """Write a line, or nothing when the terminal or pipe has gone: cameras go on without it."""
    try:
        os.write(descriptor, f"{text}\n".encode())
    except OSError:
        return
