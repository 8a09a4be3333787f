"""Coded pictures kept from one run to the next: drawing and encoding cost more than the eye does.

Only where ACCURACY_CACHE names a folder. What is kept is thrown out of use, not deleted, when the
scripts that make it change.
"""

from __future__ import annotations

import os
import sqlite3
import zlib
from collections.abc import Callable
from functools import cache, lru_cache
from pathlib import Path

__all__ = ["kept"]

_FOLDER = os.environ.get("ACCURACY_CACHE", "")
_HERE = Path(__file__).parent
_MAKERS = sorted([*_HERE.glob("*.py"), *(_HERE.parent / "farm").glob("*.py")])


def kept(camera: str, key: str, make: Callable[[], bytes]) -> bytes:
    """What `make` gives, or gave in an earlier run."""
    if not _FOLDER:
        return make()
    store = _store(camera)
    row = store.execute("select data from coded where key = ?", (key,)).fetchone()
    if row is not None:
        return bytes(row[0])
    data = make()
    store.execute("insert or replace into coded values (?, ?)", (key, data))
    store.commit()
    return data


@lru_cache(maxsize=4)
def _store(camera: str) -> sqlite3.Connection:
    folder = Path(_FOLDER) / _version()
    folder.mkdir(parents=True, exist_ok=True)
    store = sqlite3.connect(folder / f"{zlib.crc32(camera.encode()):08x}.sqlite3")
    store.execute("pragma journal_mode = off")
    store.execute("pragma synchronous = off")
    store.execute("create table if not exists coded (key text primary key, data blob)")
    return store


@cache
def _version() -> str:
    return f"{zlib.crc32(b''.join(maker.read_bytes() for maker in _MAKERS)):08x}"
