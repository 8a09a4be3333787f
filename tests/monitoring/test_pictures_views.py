"""Pictures in the browser: only for those who may see them, and small where small is asked."""

from datetime import timedelta

import cv2
import numpy as np
import pytest
from django.test import Client
from django.utils import timezone

from cameras.models import Camera
from monitoring import pictures
from monitoring.models import CameraHealth, Incident, Snapshot, SnapshotKind
from monitoring.verdicts import Verdict
from tests.factories import make_camera, make_user

pytestmark = pytest.mark.django_db


def jpeg(grey: int) -> bytes:
    return cv2.imencode(".jpg", np.full((360, 640), grey, np.uint8))[1].tobytes()


def pixels(body: bytes) -> np.ndarray:
    return cv2.imdecode(np.frombuffer(body, np.uint8), cv2.IMREAD_GRAYSCALE)


@pytest.fixture
def camera() -> Camera:
    """Bright when it was healthy a while ago, dark since."""
    camera = make_camera()
    now = timezone.now()
    CameraHealth.objects.create(
        camera=camera,
        healthy_picture_at=now - timedelta(hours=1),
        faulty_picture_at=now,
    )
    pictures.keep_latest(camera.pk, True, jpeg(200))
    pictures.keep_latest(camera.pk, False, jpeg(10))
    return camera


def viewer(*permissions: str) -> Client:
    client = Client()
    client.force_login(make_user(*permissions))
    return client


def test_strangers_are_sent_to_the_login(camera: Camera) -> None:
    answer = Client().get(f"/pictures/cameras/{camera.pk}/latest.jpg")
    assert answer.status_code == 302 and "/admin/login/" in answer["Location"]


def test_staff_without_the_permission_are_refused(camera: Camera) -> None:
    assert viewer().get(f"/pictures/cameras/{camera.pk}/latest.jpg").status_code == 403


def test_the_latest_healthy_and_faulty_picture(camera: Camera) -> None:
    client = viewer("monitoring.view_camerahealth")
    shown = {
        which: pixels(client.get(f"/pictures/cameras/{camera.pk}/{which}.jpg").content).mean()
        for which in ("latest", "healthy", "faulty")
    }
    assert shown["latest"] == shown["faulty"] < 20 and shown["healthy"] > 190


def test_a_thumbnail_is_small(camera: Camera) -> None:
    client = viewer("monitoring.view_camerahealth")
    answer = client.get(f"/pictures/cameras/{camera.pk}/latest.jpg?size=thumb")
    assert answer["Content-Type"] == "image/jpeg"
    assert pixels(answer.content).shape == (108, 192)
    assert "private" in answer["Cache-Control"]


@pytest.mark.parametrize("which", ["other", "../healthy", "evidence"])
def test_nothing_else_is_served(camera: Camera, which: str) -> None:
    client = viewer("monitoring.view_camerahealth")
    assert client.get(f"/pictures/cameras/{camera.pk}/{which}.jpg").status_code == 404


def test_a_picture_that_is_gone_from_the_disk_is_not_found(camera: Camera) -> None:
    pictures.latest_path(camera.pk, healthy=True).unlink()
    client = viewer("monitoring.view_camerahealth")
    assert client.get(f"/pictures/cameras/{camera.pk}/healthy.jpg").status_code == 404
    assert client.get("/pictures/cameras/999999/latest.jpg").status_code == 404


def test_evidence_needs_its_own_permission(camera: Camera) -> None:
    now = timezone.now()
    incident = Incident.objects.create(
        camera=camera, verdict=Verdict.BLACK, began_at=now, confirmed_at=now
    )
    file = pictures.keep_evidence(camera.pk, False, now)
    assert file is not None
    shot = Snapshot.objects.create(
        camera=camera,
        incident=incident,
        kind=SnapshotKind.FAULT,
        verdict=Verdict.BLACK,
        taken_at=now,
        file=file,
    )
    address = f"/pictures/snapshots/{shot.pk}.jpg"
    assert viewer("monitoring.view_camerahealth").get(address).status_code == 403
    assert viewer("monitoring.view_snapshot").get(address).content == jpeg(10)


def test_evidence_stays_when_the_rolling_picture_changes(camera: Camera) -> None:
    file = pictures.keep_evidence(camera.pk, True, timezone.now())
    pictures.keep_latest(camera.pk, True, jpeg(90))
    assert file is not None
    assert (pictures.folder() / file).read_bytes() == jpeg(200)


def test_a_half_written_picture_is_never_seen(camera: Camera) -> None:
    folder = pictures.latest_path(camera.pk, healthy=True).parent
    assert [path.suffix for path in folder.iterdir()] == [".jpg", ".jpg"]  # nothing left aside
