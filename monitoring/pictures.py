"""Files of pictures: two rolling ones per camera, and those kept as evidence.

    latest/7f/1234-healthy.jpg   the last picture on which the camera was healthy
    latest/7f/1234-faulty.jpg    the last one on which it was not
    evidence/2026/11/<id>.jpg    kept for an incident

A file is written aside and moved into place: whoever reads sees the old picture or the new one,
never a half. Without room on the disk a picture is lost, never a verdict.
"""

import logging
import tempfile
import uuid
from datetime import datetime
from pathlib import Path

from django.conf import settings

log = logging.getLogger(__name__)


def folder() -> Path:
    """Where pictures live."""
    return Path(settings.MEDIA_ROOT)


def latest_path(camera_id: int, healthy: bool) -> Path:
    """The rolling picture of a camera; it may not exist."""
    name = f"{camera_id}-{'healthy' if healthy else 'faulty'}.jpg"
    return folder() / "latest" / f"{camera_id % 256:02x}" / name


def keep_latest(camera_id: int, healthy: bool, jpeg: bytes) -> bool:
    """Replace the rolling picture; False, and a line in the log, when it could not be written."""
    return _write(latest_path(camera_id, healthy), jpeg)


def keep_evidence(
    camera_id: int, healthy: bool, taken_at: datetime, where: str = "evidence"
) -> str | None:
    """Copy the rolling picture to the evidence; the copy's name within the folder, or None.

    What is kept `where` else is not swept up: whoever keeps it there throws it away.
    """
    name = f"{where}/{taken_at:%Y/%m}/{uuid.uuid4()}.jpg"
    try:
        jpeg = latest_path(camera_id, healthy).read_bytes()
    except OSError as error:
        log.warning("Camera %s: the picture for the evidence is gone: %s", camera_id, error)
        return None
    return name if _write(folder() / name, jpeg) else None


def _write(path: Path, jpeg: bytes) -> bool:
    aside = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".part", delete=False) as file:
            aside = file.name
            file.write(jpeg)
        Path(aside).replace(path)
    except OSError as error:
        log.error("A picture could not be written to %s: %s", path, error.strerror)
        if aside:
            Path(aside).unlink(missing_ok=True)
        return False
    return True
