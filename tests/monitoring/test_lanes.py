"""Lanes: the dead travel apart, are knocked at by hundreds, and never delay the living."""

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from cameras.models import Camera, Uplink
from monitoring.grabbing.knock import knock
from monitoring.models import CameraHealth
from monitoring.probing import longest_s, probe_batch
from monitoring.recording import record
from monitoring.scheduling import DEAD_QUEUE, LIVE_QUEUE, Batch, add_new, dispatch_due, make_due
from monitoring.verdicts import Reason, Verdict
from tests.concurrency import at_once
from tests.factories import claimed, make_camera, seen
from tests.farm import Farm

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def farm() -> Iterator[Farm]:
    with Farm() as farm:
        yield farm


def dispatched() -> list[Batch]:
    batches: list[Batch] = []
    dispatch_due(batches.append)
    return batches


def confirm_offline(camera: Camera, reason: Reason, probes: int = 3) -> CameraHealth:
    for number in range(probes):
        at = timezone.now() + timedelta(seconds=number)
        record(claimed(camera), [seen(camera, Verdict.OFFLINE, at, reason=reason)])
    make_due([camera.pk])
    return CameraHealth.objects.get(pk=camera.pk)


def uplink(code: str, parent: Uplink | None = None, **fields: Any) -> Uplink:
    return Uplink.objects.create(code=code, name=code, kind="switch", parent=parent, **fields)


@pytest.mark.parametrize("reason", [Reason.UNREACHABLE, Reason.REFUSED, Reason.TIMED_OUT])
def test_who_is_confirmed_to_be_dead_travels_with_the_dead(reason: Reason) -> None:
    camera = make_camera()
    confirm_offline(camera, reason)
    assert [batch.queue for batch in dispatched()] == [DEAD_QUEUE]


def test_who_speaks_but_shows_nothing_travels_with_the_living() -> None:
    confirm_offline(make_camera(), Reason.UNAUTHORISED)
    assert [batch.queue for batch in dispatched()] == [LIVE_QUEUE]


def test_who_is_only_suspected_and_who_may_be_coming_back_travel_with_the_living() -> None:
    suspected, back = make_camera(), make_camera()
    confirm_offline(suspected, Reason.REFUSED, probes=2)
    confirm_offline(back, Reason.REFUSED)
    record(claimed(back), [seen(back, Verdict.HEALTHY)])
    make_due([back.pk])
    assert [batch.queue for batch in dispatched()] == [LIVE_QUEUE]


def test_the_dead_are_probed_ever_more_rarely_and_nothing_of_that_is_a_gap(settings: Any) -> None:
    settings.PROBE_INTERVAL_SECONDS, settings.PROBE_BACK_OFF_SECONDS = 60, 400
    camera = make_camera()
    confirm_offline(camera, Reason.REFUSED)
    now, turns = timezone.now(), []
    for _each in range(5):
        make_due([camera.pk])
        [batch] = dispatched()
        due = CameraHealth.objects.get().due_at
        turns.append((due - timezone.now()).total_seconds())
        now += timedelta(seconds=turns[-1])
        record(batch.mark, [seen(camera, Verdict.OFFLINE, now, reason=Reason.REFUSED)])
    for waited, turn_s in zip(turns, [60, 120, 240, 400, 400], strict=True):
        assert turn_s / 2 - 1 <= waited <= turn_s * 1.5 + 1
    assert [span.verdict for span in camera.spans.all()] == [Verdict.OFFLINE]


def test_more_of_the_dead_fit_into_a_batch(settings: Any) -> None:
    settings.PROBE_BATCH_SIZE = 2
    for _each in range(8):
        make_camera()
    add_new(timezone.now())
    CameraHealth.objects.update(
        verdict=Verdict.OFFLINE, reason=Reason.REFUSED, due_at=timezone.now()
    )
    assert [len(batch.camera_ids) for batch in dispatched()] == [8]
    assert longest_s(8) > longest_s(2)


def test_a_worker_zone_has_its_queues_inherited_down_the_tree() -> None:
    north = uplink("PR-UTARA", worker_zone="jakarta-utara")
    switch = uplink("SW-UTARA", north)
    pocket = uplink("NVR-POS", switch, worker_zone="pos-pantau")
    cameras = {
        "probe": make_camera(uplink=uplink("PR-PUSAT")),
        "probe.jakarta-utara": make_camera(uplink=switch),
        "probe.pos-pantau": make_camera(uplink=pocket),
    }
    dead = make_camera(uplink=north)
    nowhere = make_camera()
    confirm_offline(dead, Reason.REFUSED)
    add_new(timezone.now())
    make_due([each.pk for each in Camera.objects.all()])
    by_queue = {batch.queue: sorted(batch.camera_ids) for batch in dispatched()}
    expected = {queue: [camera.pk] for queue, camera in cameras.items()}
    expected["probe"].append(nowhere.pk)
    assert by_queue == expected | {"probe-dead.jakarta-utara": [dead.pk]}


def test_a_dispatch_costs_as_many_queries_for_many_cameras_as_for_few(
    django_assert_max_num_queries: Any, settings: Any
) -> None:
    settings.PROBE_BATCH_SIZE = 100
    zone = uplink("PR-1", worker_zone="satu")
    for number in range(30):
        make_camera(uplink=uplink(f"NVR-{number}", zone))
    add_new(timezone.now())
    make_due([each.pk for each in Camera.objects.all()])
    # Who is due; whether there are zones, and two levels of uplinks; one claim.
    with django_assert_max_num_queries(5):
        assert dispatch_due(lambda batch: None) == 30
    with django_assert_max_num_queries(1):
        assert dispatch_due(lambda batch: None) == 0


def test_one_dispatch_claims_a_bounded_number_the_longest_overdue_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("monitoring.scheduling.MOST_AT_ONCE", 3)
    keys = [make_camera().pk for _each in range(5)]
    add_new(timezone.now())
    for overdue, key in enumerate(keys):
        CameraHealth.objects.filter(pk=key).update(
            due_at=timezone.now() - timedelta(seconds=1 + overdue)
        )
    assert [sorted(b.camera_ids) for b in dispatched()] == [sorted(keys[2:])]
    assert [sorted(b.camera_ids) for b in dispatched()] == [sorted(keys[:2])]


def test_hundreds_are_knocked_at_at_once() -> None:
    with ExitStack() as stack:
        doors = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(2)]
        open_at = [f"127.0.0.1:{door.getsockname()[1]}" for door in doors]
        # A queue of connections that is full: further attempts are never answered.
        full = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        for _each in range(3):
            caller = stack.enter_context(socket.socket())
            caller.setblocking(False)
            caller.connect_ex(full.getsockname())
        mute_at = f"127.0.0.1:{full.getsockname()[1]}"
        began = time.monotonic()
        answers = knock([*open_at, *["127.0.0.1:9"] * 300, *[mute_at] * 300])
        assert time.monotonic() - began < 8
    assert answers[:2] == [None, None]
    reasons = [each.reason if each else None for each in answers[2:]]
    assert reasons == [Reason.REFUSED] * 300 + [Reason.UNREACHABLE] * 300


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("rtsp://no-such-host.invalid/stream", Reason.UNREACHABLE),
        ("file:///etc/passwd", Reason.NOT_FOUND),
        ("", Reason.NOT_FOUND),
        ("rtsp://[::1]:9/", Reason.REFUSED),
    ],
)
def test_knocking_at_what_cannot_answer_says_why(address: str, reason: Reason) -> None:
    [error] = knock([address])
    assert error is not None and error.reason in (reason, Reason.UNREACHABLE)


@pytest.mark.django_db(transaction=True)
def test_of_the_dead_only_those_that_answer_are_examined(
    farm: Farm, monkeypatch: pytest.MonkeyPatch
) -> None:
    back = farm.add("BACK-1")
    alive = make_camera(snapshot_url=back.snapshot_url)
    dead = [make_camera() for _each in range(30)]
    examined: list[int] = []
    from monitoring import probing

    real = probing.examine

    def noted(target: Any, limits: Any) -> Any:
        examined.append(target.camera_id)
        return real(target, limits)

    monkeypatch.setattr(probing, "examine", noted)
    mark = claimed(alive, *dead)
    assert probe_batch(mark, [alive.pk, *(each.pk for each in dead)], knock_first=True) == 31
    assert examined == [alive.pk]
    assert CameraHealth.objects.get(pk=alive.pk).verdict == Verdict.HEALTHY
    row = CameraHealth.objects.get(pk=dead[0].pk)
    assert (row.suspected_verdict, row.suspected_reason) == (Verdict.OFFLINE, Reason.REFUSED)


def test_of_the_dead_one_whose_stream_answers_beside_a_closed_port_is_examined(farm: Farm) -> None:
    back = farm.add("BACK-2")
    alive = make_camera(substream_url=back.rtsp_url)  # nothing listens at its snapshot's address
    assert probe_batch(claimed(alive), [alive.pk], knock_first=True) == 1
    assert CameraHealth.objects.get(pk=alive.pk).verdict == Verdict.HEALTHY


@pytest.mark.django_db(transaction=True)
def test_a_good_camera_among_fifty_that_never_answer_is_recorded_at_once(
    farm: Farm, settings: Any
) -> None:
    settings.PROBE_TIMEOUT_SECONDS, settings.PROBE_BATCH_SIZE = 3.0, 51
    fine = make_camera(snapshot_url=farm.add("GOOD-1").snapshot_url)
    with socket.create_server(("127.0.0.1", 0), backlog=200) as silent:  # accepts, says nothing
        port = silent.getsockname()[1]
        mute = [make_camera(snapshot_url=f"http://127.0.0.1:{port}/{n}.jpg") for n in range(50)]
        mark = claimed(fine, *mute)

        def still_waiting_when_it_is_recorded() -> int:
            while CameraHealth.objects.get(pk=fine.pk).claim is not None:
                time.sleep(0.05)
            return CameraHealth.objects.exclude(claim=None).count()

        everyone = [fine.pk, *(each.pk for each in mute)]
        waiting, count = at_once(
            still_waiting_when_it_is_recorded, lambda: probe_batch(mark, everyone)
        )
    assert (waiting, count) == (50, 51)
    assert CameraHealth.objects.filter(suspected_reason=Reason.TIMED_OUT).count() == 50
