"""Probing a claimed batch: real cameras, side by side, recorded as they come in."""

import time
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.utils import timezone

from cameras.models import Camera
from monitoring.examining import Observation
from monitoring.limits import Limits
from monitoring.models import CameraHealth
from monitoring.pictures import latest_path
from monitoring.probing import probe_batch
from monitoring.verdicts import Reason, Verdict
from tests.factories import claimed, make_camera
from tests.farm import Farm

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module")
def farm() -> Iterator[Farm]:
    with Farm() as farm:
        yield farm


@pytest.fixture(autouse=True)
def impatient(settings: Any) -> None:
    settings.PROBE_TIMEOUT_SECONDS = 3.0  # a key frame comes every two
    settings.PROBE_BURST_SECONDS = 2.0


def health(camera: Camera) -> CameraHealth:
    return CameraHealth.objects.get(pk=camera.pk)


def test_a_batch_of_all_kinds(farm: Farm) -> None:
    digest = farm.add("D-1", auth="digest", username="operator", password="p@ss:w/rd?#%& 1")
    mjpeg = farm.add("M-1", scene="road-day")
    silent = farm.add("S-1", fault="mute")
    denied = farm.add("U-1", fault="unauthorised")
    rows = {
        "stream": make_camera(
            snapshot_url="",
            substream_url=digest.rtsp_url,
            username="operator",
            password="p@ss:w/rd?#%& 1",
        ),
        "mjpeg": make_camera(snapshot_url=mjpeg.mjpeg_url),
        "silent": make_camera(snapshot_url="", stream_url=silent.main_url),
        "denied": make_camera(snapshot_url=denied.snapshot_url),
        "closed": make_camera(),  # nothing listens on the discard port
    }
    mark = claimed(*rows.values())

    assert probe_batch(mark, [row.pk for row in rows.values()]) == 5

    found = {name: health(row) for name, row in rows.items()}
    assert found["stream"].verdict == found["mjpeg"].verdict == Verdict.HEALTHY
    assert found["stream"].codec == "h264" and found["mjpeg"].codec == "mjpeg"
    assert latest_path(rows["stream"].pk, healthy=True).read_bytes()[:2] == b"\xff\xd8"
    assert {name: found[name].suspected_reason for name in ("silent", "denied", "closed")} == {
        "silent": Reason.TIMED_OUT,
        "denied": Reason.UNAUTHORISED,
        "closed": Reason.REFUSED,
    }
    assert all(row.probed_at and row.claim is None for row in found.values())


def test_a_second_address_is_tried_when_the_first_is_wrong(farm: Farm) -> None:
    good = farm.add("G-1")
    camera = make_camera(
        snapshot_url=good.snapshot_url.replace("snapshot", "no-such"), substream_url=good.rtsp_url
    )
    probe_batch(claimed(camera), [camera.pk])
    assert (health(camera).verdict, health(camera).codec) == (Verdict.HEALTHY, "h264")


def test_a_batch_without_its_claim_probes_nothing(farm: Farm) -> None:
    camera = make_camera()
    claimed(camera)
    assert probe_batch(uuid.uuid4(), [camera.pk]) == 0
    assert health(camera).probed_at is None


def test_a_batch_delivered_twice_counts_once(farm: Farm) -> None:
    camera = make_camera()
    mark = claimed(camera)
    assert [probe_batch(mark, [camera.pk]) for _each in range(2)] == [1, 0]
    assert health(camera).suspected_probes == 1


def test_a_password_whose_key_is_lost_spoils_its_own_camera_alone(
    farm: Farm, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    lost = make_camera(username="u", password="rahasia")
    settings.CREDENTIAL_KEYS = [Fernet.generate_key().decode()]
    fine = make_camera(username="u", password="rahasia")

    assert probe_batch(claimed(lost, fine), [lost.pk, fine.pk]) == 2

    assert health(fine).suspected_reason == Reason.REFUSED
    assert health(lost).suspected_reason == Reason.UNAUTHORISED
    assert lost.code in caplog.text and "CREDENTIAL_KEYS" in caplog.text
    assert "rahasia" not in caplog.text


def test_a_worker_with_the_wrong_keys_says_nothing_about_the_cameras(
    farm: Farm, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    lost = [make_camera(username="u", password="rahasia") for _each in range(2)]
    settings.CREDENTIAL_KEYS = [Fernet.generate_key().decode()]
    assert probe_batch(claimed(*lost), [camera.pk for camera in lost]) == 0
    rows = [health(camera) for camera in lost]
    assert {(row.suspected_verdict, row.claim, row.attempts) for row in rows} == {("", None, 0)}
    assert "CREDENTIAL_KEYS" in caplog.text


def test_an_error_of_ours_says_nothing_about_the_camera(
    farm: Farm, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    unlucky, fine = make_camera(), make_camera()
    from monitoring import probing

    real = probing.examine

    def faulty(target: Any, *rest: Any) -> Any:
        if target.camera_id == unlucky.pk:
            raise ZeroDivisionError
        return real(target, *rest)

    monkeypatch.setattr(probing, "examine", faulty)
    assert probe_batch(claimed(unlucky, fine), [unlucky.pk, fine.pk]) == 1
    assert health(unlucky).suspected_verdict == ""
    assert "ZeroDivisionError" in caplog.text


def test_bursts_to_learn_from_are_few_and_come_together_in_some_batches(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What a batch allows its cameras, asked by each of them."""
    from monitoring import probing

    def nothing(target: Any, limits: Limits) -> Observation:
        if target.may_learn():
            learned.append(target.camera_id)
        return Observation(target.camera_id, timezone.now(), Verdict.HEALTHY)

    monkeypatch.setattr(probing, "examine", nothing)
    cameras = [make_camera() for _each in range(20)]
    sizes = []
    for _batch in range(30):
        learned: list[int] = []
        assert probe_batch(claimed(*cameras), [each.pk for each in cameras]) == 20
        assert len(set(learned)) == len(learned)
        sizes.append(len(learned))
    assert set(sizes) == {0, 12} and 2 < sizes.count(12) < 20


def test_an_error_while_recording_leaves_no_camera_behind_in_the_threads(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from monitoring import probing

    running: set[int] = set()

    def slow(target: Any, limits: Limits) -> Observation:
        running.add(target.camera_id)
        time.sleep(0.2 if target.camera_id == cameras[0].pk else 1.0)
        running.discard(target.camera_id)
        return Observation(target.camera_id, timezone.now(), Verdict.HEALTHY)

    def broken(*_: Any) -> int:
        raise ZeroDivisionError

    monkeypatch.setattr(probing, "examine", slow)
    monkeypatch.setattr(probing, "record", broken)
    cameras = [make_camera() for _each in range(3)]
    with pytest.raises(ZeroDivisionError):
        probe_batch(claimed(*cameras), [each.pk for each in cameras])
    assert running == set()
