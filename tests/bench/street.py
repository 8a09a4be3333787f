"""A street of cameras in a process of its own, so that its work is not counted as ours.

Many doors, few clips: each camera has its own port, and what is seen through it is one of a few
streams that all doors share. A thousand 1080p cameras thereby cost the machine little, and the
tracker as much as a thousand real ones.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import IO, Any

import psutil

from tests.farm.camera import Camera
from tests.farm.catalogue import CameraSpec
from tests.farm.clips import ClipSpec, default_directory
from tests.farm.conversation import converse
from tests.farm.faults import Fault
from tests.farm.server import FarmLoop
from tests.farm.stream import Stream
from tests.farm.workshop import Workshop
from tests.supervisor.helpers import ROOT

_SIZES = {"main": (1920, 1080), "sub": (640, 360), "jpeg": (1920, 1080)}
_SCENES = ("water-day", "road-day", "pump-day")
# Real cameras' key frames do not all come at one moment. Were it so here, a beat that dispatches as
# often as key frames come would meet all of them just before one, or all of them just after.
_PHASES = 8
_KEY_FRAME_SECONDS = 2.0


@dataclass(frozen=True)
class Plan:
    """How many cameras: `good`, and bad ones by the name of their fault."""

    good: int
    faults: dict[str, int]
    streams: tuple[str, ...] = ("main",)
    fps: int = 25
    # A clip begins again after so long. It must not be a fraction of an interval between two
    # probes, nor near one: a camera that shows the same key frame twice is suspected to be frozen,
    # rightly, and looked at for longer.
    seconds: int = 40
    clips: int = 2
    jpeg_quality: int = 80


@dataclass(frozen=True)
class Street:
    """The ports of a street's cameras, and the process that plays them."""

    good: list[int]
    bad: dict[str, list[int]]
    process: psutil.Process

    @property
    def main_urls(self) -> list[str]:
        """1920 × 1080, H.264."""
        return [f"rtsp://127.0.0.1:{port}/main" for port in self.good]

    @property
    def sub_urls(self) -> list[str]:
        """640 × 360, H.264."""
        return [f"rtsp://127.0.0.1:{port}/sub" for port in self.good]

    @property
    def snapshot_urls(self) -> list[str]:
        """1920 × 1080, JPEG."""
        return [f"http://127.0.0.1:{port}/snapshot.jpg" for port in self.good]

    @property
    def bad_urls(self) -> list[str]:
        return [f"rtsp://127.0.0.1:{port}/main" for ports in self.bad.values() for port in ports]


@contextmanager
def street(good: int, faults: dict[str, int] | None = None, **more: Any) -> Iterator[Street]:
    """Cameras that play until the end of the block."""
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "tests.bench.street",
            json.dumps(asdict(Plan(good, faults or {}, **more))),
        ],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        ports = json.loads(_line(process.stdout))
        yield Street(ports["good"], ports["bad"], psutil.Process(process.pid))
    finally:
        assert process.stdin is not None
        process.stdin.close()
        process.wait()


def _line(output: IO[str]) -> str:
    line = output.readline()
    assert line, "the street of cameras ended before it was ready"
    return line


class Door(Camera):
    """A camera that shows what another one films."""

    def __init__(
        self, spec: CameraSpec, workshop: Workshop, plan: Plan, shown: Camera | None = None
    ) -> None:
        super().__init__(spec, 0, workshop, converse)
        self._plan, self._shown = plan, shown

    def _clip_spec(self, stream: str, fault: Fault | None) -> ClipSpec:
        width, height = _SIZES[stream]
        return replace(
            super()._clip_spec(stream, fault),
            width=width,
            height=height,
            jpeg_quality=self._plan.jpeg_quality,
        )

    async def stream(self, name: str) -> Stream:
        return await (self._shown.stream(name) if self._shown else super().stream(name))


async def _play(plan: Plan, clips: Path) -> None:
    workshop = Workshop(clips)
    originals = [
        Door(_spec(f"BENCH-{number}", number, plan), workshop, plan)
        for _each in range(_PHASES)
        for number in range(plan.clips)
    ]
    for number, camera in enumerate(originals):
        camera.ahead_s = number / len(originals) * _KEY_FRAME_SECONDS
        for stream in plan.streams:
            await camera.stream(stream)  # kept for as long as it plays
    doors = [
        Door(_spec(f"B-{number}", number, plan), workshop, plan, originals[number % len(originals)])
        for number in range(plan.good)
    ]
    bad = {
        fault: [Door(_spec(f"X-{fault}-{n}", n, plan, fault), workshop, plan) for n in range(count)]
        for fault, count in plan.faults.items()
    }
    for door in (*doors, *(one for each in bad.values() for one in each)):
        await door.open()
    ports = {
        "good": [door.port for door in doors],
        "bad": {fault: [door.port for door in each] for fault, each in bad.items()},
    }
    print(json.dumps(ports), flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


def _spec(code: str, number: int, plan: Plan, fault: str | None = None) -> CameraSpec:
    return CameraSpec(
        code=code,
        scene=_SCENES[number % len(_SCENES)],
        size=(960, 540),
        fps=plan.fps,
        seconds=plan.seconds,
        fault=fault,
    )


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt), asyncio.Runner(loop_factory=FarmLoop) as runner:
        runner.run(_play(Plan(**json.loads(sys.argv[1])), default_directory()))
