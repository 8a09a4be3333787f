"""Recording: health, spans, incidents and evidence, from what batches found."""

from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cameras.models import Camera
from monitoring.models import CameraHealth, HealthSpan, Incident, Snapshot, SnapshotKind
from monitoring.pace import next_turn
from monitoring.pictures import folder, latest_path
from monitoring.recording import record
from monitoring.scheduling import Batch, add_new, dispatch_due
from monitoring.verdicts import Reason, Verdict
from tests.concurrency import at_once
from tests.factories import TINY_JPEG, claimed, make_camera, seen

pytestmark = pytest.mark.django_db

START = datetime.fromisoformat("2026-11-02T08:00:00+07:00")
HEALTHY, BLACK, FROZEN, OFFLINE = (
    Verdict.HEALTHY,
    Verdict.BLACK,
    Verdict.FROZEN,
    Verdict.OFFLINE,
)


def minute(number: float) -> datetime:
    return START + timedelta(minutes=number)


def probe(camera: Camera, verdict: Verdict, at: datetime, **fields: Any) -> CameraHealth:
    """One probe from claim to record; the row after it."""
    assert record(claimed(camera), [seen(camera, verdict, at, **fields)]) == 1
    return CameraHealth.objects.get(pk=camera.pk)


def probes(camera: Camera, *verdicts: Verdict, first: float = 0) -> None:
    """Probes five minutes apart."""
    for number, verdict in enumerate(verdicts):
        probe(camera, verdict, minute(first + 5 * number))


def spans(camera: Camera) -> list[tuple[str, datetime, datetime | None, int]]:
    found = HealthSpan.objects.filter(camera=camera).order_by("began_at", "pk")
    return [(span.verdict, span.began_at, span.ended_at, span.probes) for span in found]


def test_the_first_good_probe_makes_a_camera_healthy_and_opens_its_span() -> None:
    camera = make_camera()
    row = probe(camera, HEALTHY, START)
    assert (row.verdict, row.since, row.probed_at) == (HEALTHY, START, START)
    assert (row.codec, row.width, row.height, bytes(row.trace)) == ("h264", 640, 360, b"trace")
    assert row.claim is None
    assert spans(camera) == [(HEALTHY, START, None, 0)]
    assert not Incident.objects.exists()


def test_probes_that_agree_write_the_health_row_and_nothing_else(
    django_assert_num_queries: Any,
) -> None:
    camera = make_camera()
    probes(camera, HEALTHY)
    mark = claimed(camera)
    # Who holds the claim; then, in a transaction: its rows under a lock, and their update.
    with django_assert_num_queries(5):
        record(mark, [seen(camera, HEALTHY, minute(5))])
    assert spans(camera) == [(HEALTHY, START, None, 0)]
    assert CameraHealth.objects.get().span_probes == 2


def test_a_fault_is_confirmed_by_the_third_probe_and_counts_from_the_first() -> None:
    camera = make_camera()
    probes(camera, HEALTHY, BLACK, BLACK)
    row = CameraHealth.objects.get()
    assert (row.verdict, row.suspected_verdict, row.suspected_probes) == (HEALTHY, BLACK, 2)
    assert not Incident.objects.exists()

    probe(camera, BLACK, minute(15))

    incident = Incident.objects.get()
    assert (incident.verdict, incident.began_at, incident.confirmed_at, incident.ended_at) == (
        BLACK,
        minute(5),
        minute(15),
        None,
    )
    assert spans(camera) == [(HEALTHY, START, minute(5), 3), (BLACK, minute(5), None, 0)]
    row.refresh_from_db()
    assert (row.verdict, row.suspected_verdict, row.since) == (BLACK, "", minute(5))


def test_a_suspicion_that_a_good_probe_clears_leaves_no_trace() -> None:
    camera = make_camera()
    probes(camera, HEALTHY, BLACK, BLACK, HEALTHY, BLACK, BLACK, HEALTHY)
    assert not Incident.objects.exists()
    assert spans(camera) == [(HEALTHY, START, None, 0)]


def test_two_good_probes_end_the_incident_at_the_first_of_them() -> None:
    camera = make_camera()
    probes(camera, HEALTHY, FROZEN, FROZEN, FROZEN, HEALTHY)
    assert Incident.objects.get().ended_at is None
    probe(camera, HEALTHY, minute(25))
    assert Incident.objects.get().ended_at == minute(20)
    assert spans(camera)[-2:] == [
        (FROZEN, minute(5), minute(20), 2),
        (HEALTHY, minute(20), None, 0),
    ]


def test_a_fault_that_turns_into_another_is_the_same_incident() -> None:
    camera = make_camera()
    probes(camera, HEALTHY, OFFLINE, OFFLINE, OFFLINE, BLACK, BLACK, BLACK)
    incident = Incident.objects.get()
    assert (incident.verdict, incident.began_at, incident.ended_at) == (BLACK, minute(5), None)
    assert [span[0] for span in spans(camera)] == [HEALTHY, OFFLINE, BLACK]


def test_an_offline_camera_keeps_its_reason() -> None:
    camera = make_camera()
    for number in range(3):
        probe(
            camera,
            OFFLINE,
            minute(number),
            reason=Reason.UNAUTHORISED,
            detail="401 Unauthorized",
        )
    assert Incident.objects.get().reason == Reason.UNAUTHORISED
    row = CameraHealth.objects.get()
    assert (row.reason, row.detail) == (Reason.UNAUTHORISED, "401 Unauthorized")


def test_time_in_which_nobody_probed_is_unmonitored(settings: Any) -> None:
    settings.PROBE_INTERVAL_SECONDS = 300
    camera = make_camera()
    probes(camera, HEALTHY, HEALTHY)
    probe(camera, HEALTHY, minute(120))
    assert spans(camera) == [
        (HEALTHY, START, minute(5), 2),
        (Verdict.UNMONITORED, minute(5), minute(120), 0),
        (HEALTHY, minute(120), None, 0),
    ]


def test_pictures_of_the_fault_before_and_after_are_kept() -> None:
    camera = make_camera()
    before, fault, after = (TINY_JPEG + tail for tail in (b"before", b"fault", b"after"))
    probe(camera, HEALTHY, START, jpeg=before)
    for number in (5, 10, 15):
        probe(camera, BLACK, minute(number), jpeg=fault)
    incident = Incident.objects.get()
    assert latest_path(camera.pk, healthy=True).read_bytes() == before
    assert latest_path(camera.pk, healthy=False).read_bytes() == fault
    for number in (20, 25):
        probe(camera, HEALTHY, minute(number), jpeg=after)

    kept = {shot.kind: shot for shot in Snapshot.objects.filter(incident=incident)}
    assert {kind: (folder() / shot.file).read_bytes() for kind, shot in kept.items()} == {
        SnapshotKind.BEFORE: before,
        SnapshotKind.FAULT: fault,
        SnapshotKind.AFTER: after,
    }
    assert kept[SnapshotKind.BEFORE].taken_at == START
    assert kept[SnapshotKind.FAULT].taken_at == minute(15)
    assert kept[SnapshotKind.AFTER].taken_at == minute(25)
    row = CameraHealth.objects.get()
    assert (row.healthy_picture_at, row.faulty_picture_at) == (minute(25), minute(15))


def test_an_offline_incident_has_the_picture_before_and_none_of_the_fault() -> None:
    camera = make_camera()
    probes(camera, HEALTHY, OFFLINE, OFFLINE, OFFLINE)
    assert [shot.kind for shot in Snapshot.objects.all()] == [SnapshotKind.BEFORE]


def test_a_camera_that_was_never_healthy_has_no_picture_before() -> None:
    camera = make_camera()
    probes(camera, BLACK, BLACK, BLACK)
    assert [shot.kind for shot in Snapshot.objects.all()] == [SnapshotKind.FAULT]


def test_without_room_on_the_disk_a_picture_is_lost_and_no_verdict(tmp_path: Any) -> None:
    camera = make_camera()
    folder().parent.mkdir(exist_ok=True)
    folder().write_text("a file where the folder should be")
    probes(camera, BLACK, BLACK, BLACK)
    row = CameraHealth.objects.get()
    assert (row.verdict, row.picture_at) == (BLACK, None)
    assert Incident.objects.count() == 1 and not Snapshot.objects.exists()


def test_a_suspected_camera_is_probed_again_soon_and_a_settled_one_is_not(settings: Any) -> None:
    settings.PROBE_INTERVAL_SECONDS, settings.PROBE_RETRY_SECONDS = 300, 60
    camera = make_camera()
    add_new(timezone.now())
    CameraHealth.objects.update(due_at=timezone.now() + timedelta(seconds=300))
    settled = probe(camera, HEALTHY, timezone.now())
    assert settled.due_at > timezone.now() + timedelta(seconds=250)
    suspected = probe(camera, BLACK, timezone.now())
    assert suspected.due_at <= timezone.now() + timedelta(seconds=60)


def dispatched(camera: Camera, verdict: Verdict, at: datetime, reason: Reason) -> CameraHealth:
    """One probe from dispatch to record, all at one moment; the row after it."""
    batches: list[Batch] = []
    with time_machine.travel(at, tick=False):
        add_new(at)
        CameraHealth.objects.update(due_at=at)
        dispatch_due(batches.append)
        record(batches[0].mark, [seen(camera, verdict, at, reason)])
    return CameraHealth.objects.get(pk=camera.pk)


@pytest.mark.parametrize(
    ("verdict", "reason", "probes"),
    [
        (HEALTHY, Reason.NONE, 2),  # it recovers
        (OFFLINE, Reason.UNAUTHORISED, 1),  # it speaks again, and refuses us
    ],
)
def test_a_camera_that_comes_back_from_a_long_wait_is_probed_as_soon_as_any_other(
    settings: Any, verdict: Verdict, reason: Reason, probes: int
) -> None:
    settings.PROBE_INTERVAL_SECONDS, settings.PROBE_BACK_OFF_SECONDS = 300, 1800
    camera, at = make_camera(), START
    for _each in range(8):
        row = dispatched(camera, OFFLINE, at, Reason.UNREACHABLE)
        before, at = at, row.due_at
    assert at - before >= timedelta(seconds=900)
    for _each in range(probes):
        row = dispatched(camera, verdict, at, reason)
        before, at = at, row.due_at
    assert (row.verdict, row.reason) == (verdict, reason)
    # At its own place in the usual interval, as if it had never been away.
    assert at == next_turn(camera.pk, 300, before)
    dispatched(camera, verdict, at, reason)
    assert not HealthSpan.objects.filter(verdict=Verdict.UNMONITORED).exists()


def test_a_batch_that_is_delivered_twice_is_recorded_once() -> None:
    camera = make_camera()
    mark = claimed(camera)
    observation = seen(camera, BLACK, START)
    assert record(mark, [observation]) == 1
    assert record(mark, [observation]) == 0
    assert CameraHealth.objects.get().suspected_probes == 1


def test_a_late_batch_whose_cameras_were_given_to_another_changes_nothing() -> None:
    camera = make_camera()
    late = claimed(camera)
    claimed(camera)
    assert record(late, [seen(camera, BLACK, START)]) == 0
    row = CameraHealth.objects.get()
    assert (row.verdict, row.probed_at) == (Verdict.PENDING, None)


def test_when_the_clock_is_set_back_time_in_the_record_does_not_run_backwards() -> None:
    camera = make_camera()
    probes(camera, HEALTHY, BLACK, BLACK, first=60)
    probe(camera, BLACK, START)  # an hour earlier by the clock
    assert Incident.objects.get().began_at == minute(65)
    for span in HealthSpan.objects.exclude(ended_at=None):
        assert span.ended_at is not None and span.ended_at >= span.began_at


def test_many_changes_at_once_cost_as_many_queries_as_one() -> None:
    # As many as SQLite takes in one statement.
    assert queries_of_an_outage(30) == queries_of_an_outage(1)


def queries_of_an_outage(count: int) -> int:
    """What it takes to record the third bad probe of so many cameras."""
    cameras = [make_camera() for _each in range(count)]
    for number in range(3):
        mark = claimed(*cameras)
        found = [seen(camera, OFFLINE, minute(number)) for camera in cameras]
        with CaptureQueriesContext(connection) as queries:
            assert record(mark, found) == count
    return len(queries)


@pytest.mark.django_db(transaction=True)
def test_the_same_batch_recorded_by_two_workers_at_once_counts_once() -> None:
    cameras = [make_camera() for _each in range(8)]
    for number in range(2):
        mark = claimed(*cameras)
        record(mark, [seen(camera, BLACK, minute(number)) for camera in cameras])
    mark = claimed(*cameras)
    found = [seen(camera, BLACK, minute(2)) for camera in cameras]
    forwards, backwards = (lambda: record(mark, found)), (lambda: record(mark, found[::-1]))
    assert sum(at_once(forwards, backwards, forwards, backwards)) == 8
    assert Incident.objects.count() == 8
    assert HealthSpan.objects.filter(ended_at=None).count() == 8
