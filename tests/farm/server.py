"""The farm: all cameras on one event loop, and the handle that tests hold."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Coroutine
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

from tests.farm.camera import Camera
from tests.farm.catalogue import SOURCES, CameraSpec
from tests.farm.clips import default_directory
from tests.farm.conversation import converse
from tests.farm.faults import FarmError, near
from tests.farm.workshop import Workshop

__all__ = ["AsyncFarm", "Farm", "FarmCamera", "FarmLoop"]

_Result = TypeVar("_Result")


class FarmLoop(asyncio.SelectorEventLoop):
    """An event loop whose clock nobody turns: tests that travel in time freeze ``monotonic``."""

    def time(self) -> float:
        return time.perf_counter()


class AsyncFarm:
    """The cameras, as the event loop's own thread sees them."""

    def __init__(self, clips: Path) -> None:
        self.workshop = Workshop(clips)
        self.cameras: dict[str, Camera] = {}

    async def add(self, spec: CameraSpec, port: int = 0) -> Camera:
        """Put up a camera at once, broken if it is to be; its clips are prepared separately."""
        if spec.code in self.cameras:
            raise FarmError(f"There is a camera {spec.code} already.")
        camera = Camera(spec, port, self.workshop, converse)
        await camera.open()
        self.cameras[spec.code] = camera
        return camera

    def camera(self, code: str) -> Camera:
        """The camera of that code, which may be written in small letters."""
        folded = code.strip().casefold()
        for known, camera in self.cameras.items():
            if known.casefold() == folded:
                return camera
        raise FarmError(f"There is no camera “{code}”. {near(code, self.cameras)}")

    async def break_(self, code: str, fault_name: str) -> None:
        camera = self.camera(code)
        await camera.set_fault(camera.spec.check_fault(fault_name))

    async def mend(self, code: str) -> None:
        await self.camera(code).set_fault(None)

    async def close(self) -> None:
        await asyncio.gather(*(camera.close() for camera in self.cameras.values()))
        await self.workshop.close()


class FarmCamera:
    """A camera as a test sees it: its code and its addresses, which hold no credentials."""

    def __init__(self, spec: CameraSpec, port: int) -> None:
        self.spec = spec
        self.code = spec.code
        self.port = port
        self.rtsp_url = f"rtsp://127.0.0.1:{port}/sub"
        self.main_url = f"rtsp://127.0.0.1:{port}/main"
        self.snapshot_url = f"http://127.0.0.1:{port}/snapshot.jpg"
        self.mjpeg_url = f"http://127.0.0.1:{port}/video.mjpg"


class Farm:
    """A farm in a thread of its own, for tests: ``with Farm() as farm: farm.add("PA-TST-01")``."""

    def __init__(self, clips: Path | None = None) -> None:
        self._loop = FarmLoop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="farm", daemon=True)
        self._clips = clips or default_directory()
        self._farm: AsyncFarm | None = None

    def __enter__(self) -> Farm:
        self._thread.start()
        self._farm = self._run(self._begin())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if self._farm is not None:
                self._run(self._farm.close())
        finally:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._loop.close()

    async def _begin(self) -> AsyncFarm:
        return AsyncFarm(self._clips)

    def _run(self, deed: Coroutine[Any, Any, _Result]) -> _Result:
        return asyncio.run_coroutine_threadsafe(deed, self._loop).result()

    def add(
        self,
        code: str,
        *,
        name: str = "",
        scene: str = "water-day",
        codec: str = "h264",
        size: tuple[int, int] = (640, 360),
        fps: int = 10,
        seconds: int = 16,
        auth: str = "none",
        username: str = "",
        password: str = "",
        sources: tuple[str, ...] = SOURCES,
        fault: str | None = None,
    ) -> FarmCamera:
        """Put up a camera and wait until it has something to show."""
        spec = CameraSpec(
            code=code,
            name=name,
            scene=scene,
            codec=codec,
            size=size,
            fps=fps,
            seconds=seconds,
            auth=auth,
            username=username,
            password=password,
            sources=sources,
            fault=fault,
        )
        port = self._run(self._add(spec))
        return FarmCamera(spec, port)

    async def _add(self, spec: CameraSpec) -> int:
        farm = self._open_farm
        camera = await farm.add(spec)
        await camera.prepare()
        return camera.port

    def break_(self, code: str, fault: str) -> None:
        """Give the camera a fault; returns when it has taken effect."""
        self._run(self._open_farm.break_(code, fault))

    def mend(self, code: str) -> None:
        """Make the camera healthy again."""
        self._run(self._open_farm.mend(code))

    def client_count(self, code: str) -> int:
        """How many connections the camera holds."""
        return self._open_farm.camera(code).client_count

    @property
    def _open_farm(self) -> AsyncFarm:
        if self._farm is None:
            raise FarmError("The farm is not open: use it in a with statement.")
        return self._farm
