"""What was broken and mended by hand, kept in a file so that it outlives the process."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from tests.farm.catalogue import CameraSpec
from tests.farm.faults import FarmError

__all__ = ["State"]


class State:
    """Camera code → fault, or ``None`` for a camera that was mended: what differs from the
    catalogue. Without a file it lasts as long as the process.
    """

    def __init__(self, file: Path | None, complain: Callable[[str], None]) -> None:
        self._file, self._complain = file, complain
        self._faults = self._read()

    def applied_to(self, cameras: list[CameraSpec]) -> list[CameraSpec]:
        """The cameras as they were left."""
        known = {camera.code for camera in cameras}
        for code in self._faults.keys() - known:
            del self._faults[code]  # the catalogue has changed
        return [self._applied_to(camera) for camera in cameras]

    def _applied_to(self, camera: CameraSpec) -> CameraSpec:
        try:
            return replace(camera, fault=self._faults.get(camera.code, camera.fault))
        except FarmError as problem:  # a fault that there is no longer, or not for this camera
            self._complain(f"{self._file}: {problem}")
            del self._faults[camera.code]
            return camera

    def note(self, code: str, fault: str | None) -> None:
        """Remember this one, too."""
        self._faults[code] = fault
        if self._file is None:
            return
        unfinished = self._file.with_name(f"{self._file.name}.{os.getpid()}.part")
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            unfinished.write_text(json.dumps(self._faults, indent=1, sort_keys=True) + "\n")
            unfinished.replace(self._file)
        except OSError as problem:
            self._complain(f"{self._file} cannot be written, a restart will forget: {problem}.")

    def _read(self) -> dict[str, str | None]:
        if self._file is None or not self._file.exists():
            return {}
        try:
            faults = json.loads(self._file.read_text())
            if not isinstance(faults, dict):
                raise ValueError("it is no JSON object")
            for code, fault in faults.items():
                if not (fault is None or isinstance(fault, str)):
                    raise ValueError(f"{code} has no fault's name")
        except (OSError, ValueError) as problem:
            self._complain(f"{self._file} is damaged and not used: {problem}.")
            return {}
        return faults
