"""Retention: which pictures are thrown away, and when.

The latest pictures overwrite themselves. Evidence is kept while its incident runs, while anybody
holds it (`Incident.evidence_held`, set by whoever still needs it), and `EVIDENCE_KEEP_DAYS` after
the later of the incident's end and the release. A row goes before its file: a run that dies in
between leaves a file without a row, which `sweep_orphans` finds.

Each run does a bounded amount of work; what is left is for the next.
"""

import logging
import os
import re
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import TypeVar

from django.conf import settings
from django.db.models import Q
from django.utils.translation import gettext as _

from cameras.models import Camera
from monitoring.models import Snapshot
from monitoring.pictures import folder

log = logging.getLogger(__name__)

MOST_ROWS = 500
MOST_FILES = 5000  # that are deleted
_FILES_AT_ONCE = 5000  # that are looked up
_Item = TypeVar("_Item")

# A file that is younger may belong to a transaction that is not committed yet.
_LEAST_AGE_SECONDS = 24 * 3600
# The sweep goes through the folders in turn, one at a run; whose turn it is, the clock says.
_TURN_SECONDS = 60


def rule() -> str:
    """The rule in words, for those who look at the pictures."""
    return _(
        "Pictures that prove an incident are kept while it runs and while its repair is not "
        "verified, and %(days)s days after that. Then they are deleted; the incident stays."
    ) % {"days": settings.EVIDENCE_KEEP_DAYS}


def prune(now: datetime) -> int:
    """Delete evidence that is no longer to be kept; how many pictures."""
    limit = now - timedelta(days=settings.EVIDENCE_KEEP_DAYS)
    released = Q(incident__evidence_released_at=None) | Q(incident__evidence_released_at__lt=limit)
    old = (
        Snapshot.objects.filter(released, incident__ended_at__lt=limit)
        .filter(incident__evidence_held=False)
        # What an outage took is proof of the outage, too.
        .exclude(incident__part_of__evidence_held=True)
        .order_by("incident__ended_at", "pk")
    )
    rows = dict(old.values_list("pk", "file")[:MOST_ROWS])
    Snapshot.objects.filter(pk__in=rows).delete()
    for file in rows.values():
        _remove(folder() / file)
    return len(rows)


def sweep_orphans(now: datetime) -> int:
    """Delete old files that no row names, in the one folder whose turn it is; how many."""
    folders = sorted(path for path in _picture_folders() if path.is_dir())
    if not folders:
        return 0
    turn = int(now.timestamp() // _TURN_SECONDS) % len(folders)
    deleted = 0
    aged = _aged(folders[turn])
    while deleted < MOST_FILES and (some := list(islice(aged, _FILES_AT_ONCE))):
        orphans = _without_row(some)
        for path in orphans:
            _remove(path)
        deleted += len(orphans)
    if deleted:
        log.info("%s pictures that belong to nothing are deleted", deleted)
    return deleted


def _picture_folders() -> Iterator[Path]:
    yield from folder().glob("evidence/*/*")
    yield from folder().glob("latest/*")


def _aged(where: Path) -> Iterator[Path]:
    youngest = time.time() - _LEAST_AGE_SECONDS
    with os.scandir(where) as entries:  # one by one: a month's evidence may be very many files
        for entry in entries:
            try:
                if entry.is_file() and entry.stat().st_mtime < youngest:
                    yield Path(entry.path)
            except OSError:  # gone in the meantime
                continue


def _without_row(paths: list[Path]) -> list[Path]:
    """Those that are neither evidence of an incident nor a rolling picture of a camera."""
    names = {path.relative_to(folder()).as_posix(): path for path in paths}
    known: set[str] = set()
    for some in _in_parts(list(names), 500):
        known.update(Snapshot.objects.filter(file__in=some).values_list("file", flat=True))
    cameras: dict[int, list[str]] = {}
    for name in names:
        if rolling := re.fullmatch(r"latest/\w\w/(\d+)-\w+\.jpg", name):
            cameras.setdefault(int(rolling[1]), []).append(name)
    for keys in _in_parts(list(cameras), 500):
        for pk in Camera.objects.filter(pk__in=keys).values_list("pk", flat=True):
            known.update(cameras[pk])
    return [path for name, path in names.items() if name not in known]


def _in_parts(items: list[_Item], size: int) -> Iterator[list[_Item]]:
    return (items[start : start + size] for start in range(0, len(items), size))


def _remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        log.error("%s could not be deleted: %s", path, error.strerror)
