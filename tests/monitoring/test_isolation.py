"""Isolation: a process dies while it looks at cameras, and nothing is lost but that process."""

import signal
import socket
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.utils import timezone

from cameras.models import Camera
from monitoring import aftermath, isolation, tasks
from monitoring.celery import app
from monitoring.isolation import ALONE_PROBES, alone_after, batch_size
from monitoring.models import CameraHealth, Incident
from monitoring.recording import record
from monitoring.scheduling import DEAD_QUEUE, Batch, add_new, dispatch_due, make_due
from monitoring.verdicts import Reason, Verdict
from tests.concurrency import at_once
from tests.e2e.program import database_url
from tests.factories import claimed, make_camera, seen
from tests.servers import forget_connections, redis_server
from tests.supervisor.helpers import Run

# --- By rows -------------------------------------------------------------------------------------


def test_after_a_death_batches_are_small_and_after_two_everyone_is_alone() -> None:
    assert [batch_size(50, attempts, 0) for attempts in range(4)] == [50, 8, 1, 1]
    assert batch_size(50, 0, alone_probes=3) == 1


def test_a_culprit_is_probed_alone_until_so_many_good_probes_in_a_row() -> None:
    left = alone_after(0, Verdict.OFFLINE, died=True)
    assert left == ALONE_PROBES
    left = alone_after(left, Verdict.HEALTHY, died=False)
    assert left == ALONE_PROBES - 1
    assert alone_after(left, Verdict.OFFLINE, died=False) == ALONE_PROBES
    assert alone_after(1, Verdict.HEALTHY, died=False) == 0
    assert alone_after(0, Verdict.OFFLINE, died=False) == 0  # others never had to be


def dispatched() -> list[Batch]:
    batches: list[Batch] = []
    dispatch_due(batches.append)
    return batches


def begun(count: int = 3) -> tuple[Batch, list[int]]:
    """A batch that is being probed."""
    keys = [make_camera().pk for _each in range(count)]
    add_new(timezone.now())
    make_due(keys)
    [batch] = dispatched()
    assert isolation.begin(batch.mark, batch.camera_ids) == count
    return batch, keys


@pytest.mark.django_db
def test_the_cameras_without_a_result_are_given_back_and_those_with_one_are_not() -> None:
    batch, keys = begun()
    recorded = Camera.objects.get(pk=keys[0])
    record(batch.mark, [seen(recorded, Verdict.HEALTHY)])
    assert aftermath.give_back(batch.mark, batch.camera_ids, "signal 11", died=True) == 2
    assert aftermath.give_back(batch.mark, batch.camera_ids, "signal 11", died=True) == 0
    rows = CameraHealth.objects.in_bulk()
    assert [rows[key].attempts for key in keys] == [0, 1, 1]
    assert {key for batch in dispatched() for key in batch.camera_ids} == set(keys[1:])


@pytest.mark.django_db
def test_one_death_accuses_nobody_and_the_second_alone_does() -> None:
    batch, [key] = begun(1)
    aftermath.give_back(batch.mark, [key], "signal 9", died=True)
    assert CameraHealth.objects.get().suspected_verdict == ""
    [batch] = dispatched()
    isolation.begin(batch.mark, [key])
    aftermath.give_back(batch.mark, [key], "signal 9", died=True)
    row = CameraHealth.objects.get()
    assert (row.suspected_verdict, row.suspected_reason) == (Verdict.OFFLINE, Reason.UNDECODABLE)
    assert "signal 9" in row.detail
    assert (row.attempts, row.alone_probes) == (0, ALONE_PROBES)
    make_due([key])
    assert [(each.queue, each.camera_ids) for each in dispatched()] == [(DEAD_QUEUE, [key])]


@pytest.mark.django_db
def test_an_error_of_ours_counts_against_no_camera_and_does_not_come_again_at_once() -> None:
    batch, _keys = begun()
    assert aftermath.give_back(batch.mark, batch.camera_ids, "locked", died=False) == 3
    for row in CameraHealth.objects.all():
        assert (row.claim, row.attempts) == (None, 0)
        assert timedelta(0) < row.due_at - timezone.now() <= timedelta(seconds=61)


@pytest.mark.django_db
def test_what_a_vanished_worker_had_begun_is_found_again_and_what_waits_in_the_queue_is_not() -> (
    None
):
    _batch, lost = begun()
    waiting = make_camera()
    claimed(waiting)
    assert isolation.reclaim_lost(timezone.now(), 60) == 0
    assert isolation.reclaim_lost(timezone.now() + timedelta(seconds=61), 60) == 3
    assert CameraHealth.objects.get(pk=waiting.pk).claim is not None
    assert CameraHealth.objects.filter(pk__in=lost, claim=None).count() == 3


@pytest.mark.django_db(transaction=True)
def test_recorded_and_given_back_at_the_same_moment_is_one_of_the_two() -> None:
    for _each in range(5):
        batch, [key] = begun(1)
        found = [seen(Camera.objects.get(pk=key), Verdict.HEALTHY)]
        done = at_once(
            lambda batch=batch, found=found: record(batch.mark, found),
            lambda batch=batch, key=key: aftermath.give_back(batch.mark, [key], "x", died=True),
        )
        assert sum(done) == 1
        CameraHealth.objects.update(due_at=timezone.now() + timedelta(hours=1))


# --- With a worker whose processes really die ----------------------------------------------------

PATIENCE_S = 90


class Worker(Run):
    """The worker of poisoned.py, with a Redis of its own, on the tests' database."""

    def __init__(self) -> None:
        self.notes = Path(django_settings.DATA_DIR) / "examined"
        self.notes.write_text("")
        queues = "probe,probe-dead,housekeeping"
        command = [sys.executable, "-m", "celery", "--quiet", "-A", "tests.monitoring.poisoned"]
        command += ["worker", "--queues", queues, "--concurrency", "2", "--loglevel", "INFO"]
        super().__init__(
            django_settings.DATA_DIR,
            [*command, "--without-gossip", "--without-mingle"],
            DATABASE_URL=database_url(),
            REDIS_URL="",
            PROBE_RETRY_SECONDS="1",
        )

    def deaths(self) -> int:
        """How many processes died."""
        return self.printed.count("exited with 'signal")

    def examined(self) -> Counter[int]:
        """How often each camera was looked at."""
        return Counter(int(line.split()[0]) for line in self.notes.read_text().splitlines())

    def until(self, question: Callable[[], Any], what: str) -> None:
        """Dispatch, as beat has it done, until the answer is yes."""
        deadline = time.monotonic() + PATIENCE_S
        while not question():
            assert time.monotonic() < deadline, f"in vain: {what}\n{self.printed}"
            tasks.dispatch()
            time.sleep(0.3)


@pytest.fixture
def worker(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Worker]:
    # Instead of a minute and a half; more than Celery takes to miss a process (up to 6 s).
    monkeypatch.setattr(tasks, "longest_s", lambda cameras: 10)
    with redis_server(django_settings.EMBEDDED_REDIS_SOCKET.parent) as address, Worker() as worker:
        monkeypatch.setattr(app.conf, "broker_url", address)
        forget_connections()
        worker.sees(" ready.", within_s=60)
        yield worker
        worker.ends(signal.SIGTERM, within_s=30)
        forget_connections()


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """Where somebody answers a knock."""
    with socket.create_server(("127.0.0.1", 0), backlog=100) as door:
        yield door.getsockname()[1]


def batch_with(port: int, kind: str, others: int = 24) -> tuple[Camera, list[Camera]]:
    """A camera of this kind, in one batch with others; the next turn is far away."""
    bad = make_camera(snapshot_url=f"http://127.0.0.1:{port}/{kind}.jpg", interval_seconds=3600)
    fine = [
        make_camera(snapshot_url=f"http://127.0.0.1/slow-{n}.jpg", interval_seconds=3600)
        for n in range(others)
    ]
    add_new(timezone.now())
    make_due([bad.pk, *(camera.pk for camera in fine)])
    return bad, fine


def health(camera: Camera) -> CameraHealth:
    return CameraHealth.objects.get(pk=camera.pk)


def healthy(cameras: list[Camera]) -> bool:
    keys = [camera.pk for camera in cameras]
    good = CameraHealth.objects.filter(pk__in=keys, verdict=Verdict.HEALTHY, claim=None)
    return good.count() == len(keys)


def test_a_crash_is_survived_the_culprit_found_and_set_aside_until_it_is_well(
    worker: Worker, port: int
) -> None:
    bad, fine = batch_with(port, "segfault")

    worker.until(lambda: healthy(fine), "the others are probed again, soon")
    worker.until(lambda: health(bad).suspected_verdict == Verdict.OFFLINE, "the culprit is found")
    row = health(bad)
    assert row.suspected_reason == Reason.UNDECODABLE and "SIGSEGV" in row.detail
    assert row.alone_probes == ALONE_PROBES
    assert max(worker.examined()[camera.pk] for camera in fine) <= 3
    assert worker.deaths() == 3  # all together, in a small batch, alone

    worker.until(lambda: Incident.objects.exists(), "it is confirmed as any fault is")
    assert Incident.objects.get().camera == bad
    assert worker.deaths() == 5
    assert not CameraHealth.objects.exclude(pk=bad.pk).filter(attempts__gt=0).exists()

    Camera.objects.filter(pk=bad.pk).update(snapshot_url=f"http://127.0.0.1:{port}/fine.jpg")
    for left in reversed(range(ALONE_PROBES)):
        make_due([bad.pk])
        worker.until(lambda left=left: health(bad).alone_probes == left, "a good probe alone")
    assert health(bad).verdict == Verdict.HEALTHY
    make_due([camera.pk for camera in (bad, *fine)])
    assert [len(batch.camera_ids) for batch in dispatched()] == [25]


def test_what_hangs_is_killed_and_the_others_have_their_results_long_before(
    worker: Worker, port: int
) -> None:
    bad, fine = batch_with(port, "hang")
    began = time.monotonic()
    worker.until(lambda: healthy(fine), "the others have their results")
    assert time.monotonic() - began < 5
    worker.until(lambda: health(bad).suspected_verdict == Verdict.OFFLINE, "the culprit is found")
    assert health(bad).suspected_reason == Reason.UNDECODABLE
    assert {worker.examined()[camera.pk] for camera in fine} == {1}


def test_an_error_of_ours_kills_nothing_and_accuses_nobody(worker: Worker, port: int) -> None:
    bad, fine = batch_with(port, "error", others=5)
    worker.until(lambda: healthy(fine), "the others have their results")
    assert worker.deaths() == 0
    assert health(bad).suspected_verdict == ""
