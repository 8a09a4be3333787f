"""Retention: evidence is kept while it is needed and a while longer, and nothing is left over."""

import os
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cameras.models import Camera, Uplink
from maintenance import ticket_deeds, tickets
from maintenance.models import Ticket
from monitoring import pictures, retention
from monitoring.models import Incident, Snapshot, SnapshotKind
from monitoring.verdicts import Verdict
from tests.factories import TINY_JPEG, make_camera

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def half_a_year(settings: Any) -> None:
    settings.EVIDENCE_KEEP_DAYS = 180


def days_ago(days: float) -> Any:
    return timezone.now() - timedelta(days=days)


def incident(began: float, ended: float | None, **fields: Any) -> Incident:
    """An incident that began and ended so many days ago, with a picture."""
    camera = make_camera()
    pictures.keep_latest(camera.pk, False, TINY_JPEG)
    made = Incident.objects.create(
        camera=camera,
        verdict=Verdict.BLACK,
        began_at=days_ago(began),
        confirmed_at=days_ago(began),
        ended_at=None if ended is None else days_ago(ended),
        **fields,
    )
    file = pictures.keep_evidence(camera.pk, False, made.began_at)
    assert file is not None
    Snapshot.objects.create(
        incident=made,
        camera=camera,
        kind=SnapshotKind.FAULT,
        verdict=Verdict.BLACK,
        taken_at=made.began_at,
        file=file,
    )
    return made


def picture_of(incident: Incident) -> Path | None:
    shot = Snapshot.objects.filter(incident=incident).first()
    return pictures.folder() / shot.file if shot else None


def test_old_evidence_goes_with_its_file_and_the_incident_stays() -> None:
    old, recent, running = incident(200, 190), incident(200, 170), incident(400, None)
    file = picture_of(old)
    assert retention.prune(timezone.now()) == 1
    assert retention.prune(timezone.now()) == 0
    assert picture_of(old) is None and file and not file.exists()
    for kept in (recent, running):
        path = picture_of(kept)
        assert path and path.exists()
    assert Incident.objects.count() == 3


def test_a_ticket_that_is_not_closed_holds_the_evidence_and_closing_it_starts_the_time(
    settings: Any,
) -> None:
    old = incident(300, 250)
    tickets.open_due()
    tickets.settle_recovered()
    assert retention.prune(timezone.now()) == 0
    ticket_deeds.override(Ticket.objects.get(), None, "Gambar dibandingkan.")
    assert retention.prune(timezone.now()) == 0
    assert retention.prune(timezone.now() + timedelta(days=179)) == 0
    assert retention.prune(timezone.now() + timedelta(days=181)) == 1
    assert picture_of(old) is None


def test_what_an_outage_took_is_held_with_the_outage() -> None:
    uplink = Uplink.objects.create(code="NVR-1", name="NVR", kind="nvr")
    outage = Incident.objects.create(
        uplink=uplink,
        verdict=Verdict.OFFLINE,
        began_at=days_ago(300),
        confirmed_at=days_ago(300),
        ended_at=days_ago(250),
        evidence_held=True,
    )
    incident(300, 250, part_of=outage)
    assert retention.prune(timezone.now()) == 0
    Incident.objects.filter(pk=outage.pk).update(evidence_held=False)
    assert retention.prune(timezone.now()) == 1


def test_a_run_deletes_a_bounded_number_the_oldest_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "MOST_ROWS", 2)
    made = [incident(400, ended) for ended in (200, 300, 250)]
    assert retention.prune(timezone.now()) == 2
    assert [picture_of(each) is not None for each in made] == [True, False, False]
    assert retention.prune(timezone.now()) == 1


def aged(path: Path) -> Path:
    long_ago = time.time() - 3 * 24 * 3600
    os.utime(path, (long_ago, long_ago))
    return path


def sweep_everything() -> int:
    """As many runs as there are folders; each has its turn."""
    now = timezone.now()
    folders = sum(1 for _path in pictures.folder().glob("*/*"))
    return sum(
        retention.sweep_orphans(now + timedelta(minutes=number)) for number in range(folders + 8)
    )


def test_files_that_belong_to_nothing_are_swept_up_and_all_others_stay() -> None:
    kept = picture_of(incident(1, None))
    assert kept is not None
    camera = Camera.objects.get()
    rolling = pictures.latest_path(camera.pk, healthy=False)
    left_over = kept.with_name("left-over.jpg")
    aside = rolling.with_name("tmp123.part")
    gone = pictures.latest_path(999_999, healthy=True)
    for path in (left_over, aside, gone):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(TINY_JPEG)
    young = kept.with_name("young.jpg")
    young.write_bytes(TINY_JPEG)
    for path in (kept, rolling, left_over, aside, gone):
        aged(path)

    assert sweep_everything() == 3

    assert [path.exists() for path in (left_over, aside, gone)] == [False] * 3
    assert [path.exists() for path in (kept, rolling, young)] == [True] * 3


def test_what_belongs_to_nothing_is_found_behind_any_number_of_files_that_do_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(retention, "_FILES_AT_ONCE", 3)
    monkeypatch.setattr(retention, "MOST_FILES", 2)
    files = [aged(picture_of(incident(1, None))) for _each in range(8)]
    for number in range(5):
        path = files[0].with_name(f"left-over-{number}.jpg")
        path.write_bytes(TINY_JPEG)
        aged(path)
    runs = [sweep_everything() for _each in range(3)]
    assert sum(runs) == 5 and all(path.exists() for path in files)


def test_without_any_picture_there_is_nothing_to_sweep() -> None:
    assert retention.sweep_orphans(timezone.now()) == 0


def test_the_rule_stands_above_the_list_of_pictures(client: Client, settings: Any) -> None:
    settings.EVIDENCE_KEEP_DAYS = 77
    client.force_login(User.objects.create_superuser("kepala"))
    client.post("/i18n/setlang/", {"language": "en"})
    page = client.get(reverse("admin:monitoring_snapshot_changelist")).content.decode()
    assert "77 days" in page and "kept while it runs" in page
