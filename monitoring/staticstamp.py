"""Whether the static files need to be collected again, which takes seconds at every start."""

import hashlib
from pathlib import Path

import django
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders


def is_current() -> bool:
    """Whether what was collected last comes from the files as they are now."""
    stamp = _stamp_file()
    manifest = Path(settings.STATIC_ROOT) / "staticfiles.json"
    return manifest.exists() and stamp.exists() and stamp.read_text() == _fingerprint()


def write() -> None:
    """Note which files have just been collected."""
    _stamp_file().write_text(_fingerprint())


def _stamp_file() -> Path:
    root = Path(settings.STATIC_ROOT)  # not inside it: what lies there is served
    return root.with_name(root.name + ".stamp")


def _fingerprint() -> str:
    """Of the names, sizes and times of all files, and of what processes them."""
    mark = hashlib.sha256(f"{django.__version__} {settings.STORAGES['staticfiles']}".encode())
    for finder in get_finders():
        for name, storage in finder.list(ignore_patterns=None):
            state = Path(storage.path(name)).stat()
            mark.update(f"\0{name}\0{state.st_size}\0{state.st_mtime_ns}".encode())
    return mark.hexdigest()
