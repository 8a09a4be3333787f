"""A person teaches the eye in the browser: a camera is turned, an alarm comes, and it was false.

The pictures are a film's, the eye and the pages are the real ones. With SCREENSHOTS=folder, the
test leaves its pictures there.
"""

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from cameras.models import Camera
from monitoring.examining import examine
from monitoring.grabbing import Source
from monitoring.limits import Limits
from monitoring.models import CameraHealth, CameraReference, Incident, Lesson
from monitoring.probing import target_of
from monitoring.recording import record
from monitoring.verdicts import Verdict
from tests.e2e.browser import browser, every_picture_is_shown, log_in, overflow
from tests.factories import claimed, make_camera
from tests.footage.cameras import FilmCamera
from tests.footage.clips import CLIPS
from tests.footage.coding import Coding

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.e2e]

PASSWORD = "uji-coba-mata-1"
REASON = "Kamera diarahkan ulang atas permintaan Dishub."
_SOURCES = (Source("rtsp://192.0.2.1/film"),)
# One of a few probes, so that the test does not depend on the hour: a street in infrared.
_LIGHT = "infrared"


class Film:
    """A camera of the city whose network is a film."""

    def __init__(self) -> None:
        clip = next(clip for clip in CLIPS if clip.name == "road-tune")
        self.film = FilmCamera(clip, _LIGHT, Coding("jpeg", 80), 0.0)
        self.camera: Camera = make_camera(name="Simpang Matraman")
        self.at = timezone.now() - timedelta(hours=2)
        self.probes = 0

    def probe(self, fault: str = "", variant: str = "") -> CameraHealth:
        """One probe, recorded as a worker does."""
        mark = claimed(self.camera)
        row = CameraHealth.objects.select_related("camera__site").get(pk=self.camera.pk)
        grabber = self.film.grabber(self.probes, fault, variant)
        target = target_of(row, _SOURCES)
        record(mark, [examine(target, Limits(), grabber=grabber, at=self.at)])
        self.at, self.probes = self.at + timedelta(minutes=5), self.probes + 1
        return CameraHealth.objects.get(pk=self.camera.pk)


@pytest.fixture
def film(transactional_db: None) -> Iterator[Film]:
    made = Film()
    for _ in range(10):
        assert made.probe().verdict == Verdict.HEALTHY
    yield made


def test_a_turned_camera_alarms_and_a_person_teaches_the_eye(film: Film, live_server: Any) -> None:
    User.objects.create_superuser("kepala", password=PASSWORD)
    for _ in range(3):
        health = film.probe("moved", "turned")
    assert health.verdict == Verdict.MOVED
    incident = Incident.objects.get()
    with browser(live_server.url) as page:
        log_in(page, live_server.url, "kepala", PASSWORD)

        page.goto(f"{live_server.url}/admin/monitoring/incident/{incident.pk}/change/")
        assert every_picture_is_shown(page, ".pictures img")
        assert "pandangan yang biasa" in page.inner_text(".why").lower()
        assert overflow(page) <= 0
        show(page, "incident")
        page.locator("[hx-get$='/false_alarm/'], [hx-get*='false-alarm']").first.click()
        page.fill("#modal-content [name=reason]", REASON)
        show(page, "false-alarm")
        with page.expect_navigation():
            page.click("#modal-content button[type=submit]")
        assert REASON in page.inner_text("#content")
        show(page, "called-false")

        page.goto(f"{live_server.url}/admin/monitoring/lesson/")
        assert REASON in page.inner_text("#content")
        assert "arah bergeser" in page.inner_text(".figures")
        assert overflow(page) <= 0
        show(page, "quality")

        page.goto(f"{live_server.url}/admin/cameras/camera/{film.camera.pk}/change/")
        show(page, "camera")
        page.locator("[hx-get$='/view_is_right/'], [hx-get*='view-is-right']").first.click()
        with page.expect_navigation():
            page.click("#modal-content button[type=submit]")
    assert Lesson.objects.get().reason == REASON
    assert not CameraReference.objects.exists()
    # It shows the same as before, is learned anew, and nobody is alarmed again.
    film.at = timezone.now() + timedelta(minutes=1)
    for _ in range(4):
        health = film.probe("moved", "turned")
    assert health.verdict == Verdict.HEALTHY
    assert CameraReference.objects.count() == 1 and Incident.objects.count() == 1


def show(page: Any, name: str) -> None:
    if folder := os.environ.get("SCREENSHOTS"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=Path(folder) / f"{name}.png")
