"""Which cameras there are: reading and checking the catalogue."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.farm.clips import ClipSpec, parse_scene
from tests.farm.faults import FarmError, Fault, find_fault

__all__ = ["DEMO_CATALOGUE", "SOURCES", "CameraSpec", "read_catalogue"]

DEMO_CATALOGUE = Path(__file__).with_name("catalogue.json")
SOURCES = ("main", "sub", "snapshot", "mjpeg")
# Cheap to draw, and a round whose length no usual interval between probes is a multiple of: a
# camera must not happen to show the same picture each time that it is looked at.
_DEMO_FPS = 6
_DEMO_SECONDS = 11


@dataclass(frozen=True)
class CameraSpec:
    """One camera as it ought to be; ``fault`` is what the demo breaks it with."""

    code: str
    name: str = ""
    scene: str = "water-day"
    codec: str = "h264"
    size: tuple[int, int] = (640, 360)
    fps: int = 10
    seconds: int = 16
    auth: str = "none"
    username: str = ""
    password: str = ""
    sources: tuple[str, ...] = SOURCES
    fault: str | None = None

    def __post_init__(self) -> None:
        try:
            parse_scene(self.scene)
        except ValueError as problem:
            raise FarmError(f"Camera {self.code}: {problem}") from None
        if self.codec not in ("h264", "h265"):
            raise FarmError(f"Camera {self.code}: codec “{self.codec}” is not h264 or h265.")
        if self.auth not in ("none", "basic", "digest"):
            raise FarmError(f"Camera {self.code}: auth “{self.auth}” is not none, basic, digest.")
        if not self.sources or set(self.sources) - set(SOURCES):
            raise FarmError(
                f"Camera {self.code}: sources {list(self.sources)} must be some of "
                f"{', '.join(SOURCES)}."
            )
        if min(self.size) < 64 or self.size[0] % 2 or self.size[1] % 2:
            raise FarmError(f"Camera {self.code}: size {self.size} must be even and at least 64.")
        if self.fault is not None:
            self.check_fault(self.fault)

    def check_fault(self, name: str) -> Fault:
        """The fault, if this camera can have it."""
        fault = find_fault(name)
        if fault.needs_http and not {"snapshot", "mjpeg"} & set(self.sources):
            raise FarmError(
                f"Fault “{name}” needs an HTTP source, and {self.code} has only "
                f"{', '.join(self.sources)}."
            )
        return fault

    def clip(self, stream: str, treatment: str = "") -> ClipSpec:
        """The clip that ``main``, ``sub`` or ``jpeg`` plays."""
        kind, mode = parse_scene(self.scene)
        width, height = self.size
        factor = 2 if stream == "main" else 1
        return ClipSpec(
            code=self.code,
            title=self.name or self.code,
            kind=kind,
            mode=mode,
            codec="jpeg" if stream == "jpeg" else self.codec,
            width=width * factor,
            height=height * factor,
            fps=self.fps,
            seconds=self.seconds,
            treatment=treatment,
        )

    def first_streams(self) -> list[str]:
        """Which clips must be there before the camera counts as ready; ``main`` comes later."""
        streams = ["sub"] if "sub" in self.sources else []
        if {"snapshot", "mjpeg"} & set(self.sources):
            streams.append("jpeg")
        return streams or ["main"]


def read_catalogue(path: Path = DEMO_CATALOGUE) -> list[CameraSpec]:
    """The catalogue's cameras in its order, which is the order of their ports."""
    try:
        entries: list[dict[str, Any]] = json.loads(path.read_text("utf-8"))["cameras"]
    except OSError as problem:
        raise FarmError(f"The catalogue {path} cannot be read: {problem.strerror}.") from None
    except (ValueError, KeyError, TypeError) as problem:
        raise FarmError(f"The catalogue {path} is not what it should be: {problem}.") from None
    cameras = [_camera(entry, path) for entry in entries]
    codes = [camera.code for camera in cameras]
    for code in codes:
        if codes.count(code) > 1:
            raise FarmError(f"The catalogue {path} has two cameras with the code {code}.")
    return cameras


def _camera(entry: dict[str, Any], path: Path) -> CameraSpec:
    try:
        return CameraSpec(
            code=entry["code"],
            name=entry["name"],
            scene=entry["scene"],
            codec=entry["codec"],
            fps=entry.get("fps", _DEMO_FPS),
            seconds=_DEMO_SECONDS,
            size=tuple(entry.get("size", (640, 360))),
            auth=entry["auth"],
            username=entry["username"],
            password=entry["password"],
            sources=tuple(entry["source"]),
            fault=entry["fault"],
        )
    except KeyError as missing:
        raise FarmError(
            f"Camera {entry.get('code', '?')} in {path} lacks the key {missing}."
        ) from None
