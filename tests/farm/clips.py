"""Clips: a camera's pictures, encoded once and kept on disk ready to be sent.

A clip is described by a ``ClipSpec``; its file name carries a hash of the whole description and
of ``VERSION``, so a clip that would look different is a different file and nothing has to be
invalidated. Reading one needs neither PyAV nor NumPy: only the encoder's processes load those.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import struct
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

__all__ = ["Clip", "ClipSpec", "Frame", "default_directory", "parse_scene"]

VERSION = 3  # raise it whenever pictures or packets change
_MAGIC = b"farmclip"

KINDS = ("water", "road", "pump")
MODES = ("day", "night", "infrared")


@dataclass(frozen=True)
class ClipSpec:
    """Everything that decides how a clip looks and how it is packed."""

    code: str  # seeds the scenery: each camera has its own place
    title: str  # burnt into the picture
    kind: str
    mode: str
    codec: str
    width: int
    height: int
    fps: int
    seconds: int = 16
    jpeg_quality: int = 80  # of codec `jpeg`, as libjpeg counts: 1 … 100
    treatment: str = ""  # name of a picture fault; empty for a healthy camera

    @property
    def frame_count(self) -> int:
        return self.fps * self.seconds

    def path_in(self, directory: Path) -> Path:
        description = json.dumps([VERSION, asdict(self)], sort_keys=True)
        digest = hashlib.sha256(description.encode()).hexdigest()[:16]
        readable = re.sub(r"[^A-Za-z0-9-]+", "_", self.code)[:40]
        fault = self.treatment or "healthy"
        return directory / f"{readable}-{self.codec}-{self.height}-{fault}-{digest}.clip"


@dataclass(frozen=True)
class Frame:
    """One picture: RTP payloads in order (``None`` for one lost on the way), or one JPEG."""

    is_key: bool
    payloads: tuple[bytes | None, ...]


@dataclass(frozen=True)
class Clip:
    """Encoded pictures of a few seconds, cut into what goes on the wire."""

    codec: str
    width: int
    height: int
    fps: int
    parameter_sets: tuple[bytes, ...]
    frames: tuple[Frame, ...]

    def write(self, path: Path) -> None:
        """Store the clip; a reader sees either the whole file or none."""
        header = {
            "codec": self.codec,
            "width": self.width,
            "height": self.height,
            "fps": self.fps,
            "parameter_sets": [base64.b64encode(one).decode() for one in self.parameter_sets],
            "frames": [
                [frame.is_key, [-1 if part is None else len(part) for part in frame.payloads]]
                for frame in self.frames
            ],
        }
        head = json.dumps(header).encode()
        body = b"".join(part for frame in self.frames for part in frame.payloads if part)
        unfinished = path.with_name(f"{path.name}.{os.getpid()}.part")
        unfinished.write_bytes(_MAGIC + struct.pack(">I", len(head)) + head + body)
        unfinished.replace(path)

    @classmethod
    def read(cls, path: Path) -> Clip:
        data = path.read_bytes()
        start = len(_MAGIC) + 4
        if data[: len(_MAGIC)] != _MAGIC:
            raise ValueError(f"{path} is not a clip of this farm; delete it.")
        (length,) = struct.unpack(">I", data[len(_MAGIC) : start])
        header = json.loads(data[start : start + length])
        at = start + length
        frames = []
        for is_key, sizes in header["frames"]:
            payloads: list[bytes | None] = []
            for size in sizes:
                payloads.append(data[at : at + size] if size >= 0 else None)
                at += max(size, 0)
            frames.append(Frame(is_key, tuple(payloads)))
        if at != len(data):
            raise ValueError(f"{path} is incomplete; delete it.")
        return cls(
            header["codec"],
            header["width"],
            header["height"],
            header["fps"],
            tuple(base64.b64decode(one) for one in header["parameter_sets"]),
            tuple(frames),
        )


def parse_scene(scene: str) -> tuple[str, str]:
    """``water-night`` → (kind, mode); either half may be left out: ``day`` is ``water-day``."""
    kind, mode = KINDS[0], MODES[0]
    for word in scene.split("-"):
        if word in KINDS:
            kind = word
        elif word in MODES:
            mode = word
        else:
            raise ValueError(
                f"Scene “{scene}” is unknown: one of {', '.join(KINDS)}, and one of "
                f"{', '.join(MODES)}, joined by a hyphen."
            )
    return kind, mode


def default_directory() -> Path:
    """Where tests keep their clips: one folder per user below the system's temporary one."""
    return Path(tempfile.gettempdir()) / f"farm-clips-{os.getuid()}"
