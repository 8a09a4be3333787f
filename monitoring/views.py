"""Pictures, for those who may see them: none is served by a bare file address."""

from pathlib import Path

import cv2
import numpy as np
from django.contrib.auth.decorators import login_required, permission_required
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import cache_control

from cameras.reach import seen_or_404
from monitoring.models import CameraHealth, Snapshot
from monitoring.pictures import folder, latest_path

THUMBNAIL_WIDTH = 192
# The address of a picture carries the moment it was taken, so a browser may keep it.
_KEEP_SECONDS = 24 * 3600


@login_required
@permission_required("monitoring.view_camerahealth", raise_exception=True)
@cache_control(private=True, max_age=_KEEP_SECONDS)
def latest(request: HttpRequest, camera_id: int, which: str) -> HttpResponse:
    """A camera's rolling picture: `latest`, `healthy` or `faulty`; small with `?size=thumb`."""
    health = seen_or_404(request, CameraHealth, pk=camera_id)
    if which == "latest":
        healthy = health.picture_at is not None and health.picture_at == health.healthy_picture_at
    elif which in ("healthy", "faulty"):
        healthy = which == "healthy"
    else:
        raise Http404
    return picture_response(request, latest_path(camera_id, healthy))


@login_required
@permission_required("monitoring.view_snapshot", raise_exception=True)
@cache_control(private=True, max_age=_KEEP_SECONDS)
def snapshot(request: HttpRequest, snapshot_id: int) -> HttpResponse:
    """A picture kept as evidence; `?size=thumb` for a small one."""
    kept = seen_or_404(request, Snapshot, pk=snapshot_id)
    return picture_response(request, folder() / kept.file)


def nothing_here(request: HttpRequest, anything: str) -> HttpResponse:
    """An address of a library's that is closed here: 404 for everybody."""
    raise Http404


def picture_response(request: HttpRequest, path: Path) -> HttpResponse:
    """A JPEG file for somebody who may see it; small with `?size=thumb`, 404 when it is gone."""
    try:
        jpeg = path.read_bytes()
    except OSError:
        raise Http404 from None
    if request.GET.get("size") == "thumb":
        jpeg = _thumbnail(jpeg)
    return HttpResponse(jpeg, content_type="image/jpeg")


def _thumbnail(jpeg: bytes) -> bytes:
    """The picture THUMBNAIL_WIDTH wide; as it is when it cannot be read."""
    pixels = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_REDUCED_COLOR_2)
    if pixels is None:
        return jpeg
    height = max(1, round(pixels.shape[0] * THUMBNAIL_WIDTH / pixels.shape[1]))
    small = cv2.resize(pixels, (THUMBNAIL_WIDTH, height), interpolation=cv2.INTER_AREA)
    done, data = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, 75])
    return data.tobytes() if done else jpeg
