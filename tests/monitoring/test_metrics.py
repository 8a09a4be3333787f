"""`/metrics`: figures of all floors, from rows, for those who may read them."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from cameras.models import Area
from maintenance import tickets
from monitoring import pulse
from monitoring.celery import app
from monitoring.metrics import render
from monitoring.models import CameraHealth
from monitoring.recording import record
from monitoring.tasks import probe
from monitoring.verdicts import Verdict
from tests.factories import claimed, make_camera, make_site, seen
from tests.servers import redis_server

pytestmark = pytest.mark.django_db

STRANGER = {"REMOTE_ADDR": "10.1.2.3"}


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with redis_server(tmp_path_factory.mktemp("redis")) as address:
        yield address


@pytest.fixture(autouse=True)
def broker(redis: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app.conf, "broker_url", redis)


def samples() -> dict[tuple[str, ...], float]:
    """(name, label value, …) → value."""
    families = text_string_to_metric_families(render(timezone.now()).decode())
    return {
        (one.name, *one.labels.values()): one.value for family in families for one in family.samples
    }


def test_cameras_are_counted_by_area_and_verdict() -> None:
    north = make_site(area=Area.objects.create(code="31.72", name="Jakarta Utara"))
    for camera, verdict in (
        (make_camera(), Verdict.HEALTHY),
        (make_camera(), Verdict.HEALTHY),
        (make_camera(site=north), Verdict.HEALTHY),
        (make_camera(site=north), Verdict.BLACK),
    ):
        for _each in range(3):
            record(claimed(camera), [seen(camera, verdict)])
    make_camera(is_monitored=False)
    found = samples()
    assert {key[1:]: value for key, value in found.items() if key[0] == "cctv_cameras"} == {
        ("31.72", "black"): 1,
        ("31.72", "healthy"): 1,
        ("JS", "healthy"): 2,
    }
    assert found["cctv_incidents", "black"] == 1


def test_tickets_of_the_floor_above_are_counted_by_state() -> None:
    camera = make_camera()
    for _each in range(3):
        record(claimed(camera), [seen(camera, Verdict.BLACK)])
    tickets.open_due()
    found = samples()
    assert found["cctv_tickets", "new"] == 1
    assert found["cctv_tickets", "closed"] == 0


def test_probe_times_are_a_histogram_of_the_latest_probes() -> None:
    for total in (40, 60, 700, 12_000):
        camera = make_camera()
        observation = seen(camera, Verdict.HEALTHY, timings_ms={"total": total})
        record(claimed(camera), [observation])
    found = samples()
    bucket = {
        key[1]: value for key, value in found.items() if key[0] == "cctv_probe_seconds_bucket"
    }
    assert (bucket["0.05"], bucket["0.1"], bucket["1.0"], bucket["+Inf"]) == (1, 2, 3, 4)
    assert found["cctv_probe_seconds_gcount",] == 4
    assert found["cctv_probe_seconds_gsum",] == pytest.approx(12.8)


def test_lag_beat_and_standstill() -> None:
    now = timezone.now()
    camera = make_camera()
    record(claimed(camera), [seen(camera, Verdict.HEALTHY, now - timedelta(minutes=20))])
    CameraHealth.objects.update(due_at=now - timedelta(minutes=15))
    pulse.beat(now - timedelta(seconds=8))
    found = samples()
    assert found["cctv_probe_lag_seconds",] == pytest.approx(900, abs=2)
    assert found["cctv_cameras_overdue",] == 1
    assert found["cctv_probing_stopped",] == 1
    assert found["cctv_beat_age_seconds",] == pytest.approx(8, abs=2)
    CameraHealth.objects.update(probed_at=now)
    assert samples()["cctv_probing_stopped",] == 0


def test_messages_that_wait_are_counted_by_queue() -> None:
    # Not by the application's own pool, which may lead to the broker of tests before this one.
    with app.connection_for_write() as connection:
        for _each in range(3):
            probe.apply_async(("0", []), queue="probe", connection=connection)
    found = samples()
    assert found["cctv_queue_messages", "probe"] == 3
    assert found["cctv_broker_up",] == 1


def test_without_a_broker_the_other_figures_still_come(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(app.conf, "broker_url", f"redis+socket://{tmp_path}/none.sock")
    found = samples()
    assert found["cctv_broker_up",] == 0
    assert found["cctv_probing_stopped",] == 0


def test_only_this_machine_and_holders_of_the_token_may_read(client: Client, settings: Any) -> None:
    assert client.get("/metrics").status_code == 200
    assert client.get("/metrics", **STRANGER).status_code == 403
    assert client.get("/metrics", HTTP_AUTHORIZATION="Bearer ", **STRANGER).status_code == 403
    settings.METRICS_TOKEN = "kunci"
    for given, status in (("Bearer kunci", 200), ("Bearer lain", 403), ("Basic kunci", 403)):
        answer = client.get("/metrics", HTTP_AUTHORIZATION=given, **STRANGER)
        assert answer.status_code == status, given


def test_the_number_of_queries_does_not_grow_with_cameras(
    django_assert_max_num_queries: Any,
) -> None:
    for _each in range(12):
        record(claimed(camera := make_camera()), [seen(camera, Verdict.HEALTHY)])
    with django_assert_max_num_queries(13):
        samples()
