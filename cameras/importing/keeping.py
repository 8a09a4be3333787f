"""Where a chosen file waits until somebody says “yes”, and how far its rows are.

A file may hold passwords: it lies encrypted in a private folder, under a name that cannot be
guessed, and for no longer than an hour: afterwards it is not read any more, and swept away.
"""

import json
import re
import time
import uuid
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.conf import settings
from import_export.tmp_storages import BaseStorage

from cameras.secrets import decrypt, encrypt

__all__ = ["PrivateStorage", "progress_of", "say_progress", "sweep"]

_KEEP_SECONDS = 3600


class PrivateStorage(BaseStorage):
    """Keeps the file between the preview and the import."""

    name: str

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.name = self.name or uuid.uuid4().hex

    def save(self, data: bytes) -> None:
        _place(self.name, "file").write_text(encrypt(data.decode("latin-1")))

    def read(self) -> bytes:
        """Raises FileNotFoundError when the hour is over."""
        place = _place(self.name, "file")
        if place.stat().st_mtime < _oldest():
            place.unlink(missing_ok=True)
            raise FileNotFoundError(place)
        return decrypt(place.read_text()).encode("latin-1")

    def remove(self) -> None:
        _place(self.name, "file").unlink(missing_ok=True)


def say_progress(token: str, done: int, total: int) -> None:
    """Note how many rows are done. Outside the database: an import holds its own changes back."""
    place = _place(token, "progress")
    fresh = place.with_suffix(".new")
    fresh.write_text(json.dumps({"done": done, "total": total}))
    fresh.replace(place)


def progress_of(token: str) -> dict[str, int]:
    """What was noted last; nothing when nothing was."""
    try:
        return dict(json.loads(_place(token, "progress").read_text()))
    except FileNotFoundError:
        return {"done": 0, "total": 0}


def sweep() -> int:
    """Throw away what has lain there for more than its hour; how many files."""
    gone = 0
    for each in _folder().iterdir():
        with suppress(FileNotFoundError):  # renamed or thrown away by another import
            if each.stat().st_mtime < _oldest():
                each.unlink()
                gone += 1
    return gone


def _folder() -> Path:
    folder = Path(settings.DATA_DIR) / "imports"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def _place(name: str, kind: str) -> Path:
    if not re.fullmatch(r"[0-9a-f]{32}", name):
        raise FileNotFoundError(name)
    return _folder() / f"{name}.{kind}"


def _oldest() -> float:
    return time.time() - _KEEP_SECONDS
