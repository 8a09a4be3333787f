"""Scheduling: who is due, in which lane, and never twice."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from monitoring.models import CameraHealth
from monitoring.scheduling import (
    DEAD_QUEUE,
    LIVE_QUEUE,
    Batch,
    add_new,
    dispatch_due,
    make_due,
)
from monitoring.verdicts import Reason, Verdict
from tests.concurrency import at_once
from tests.factories import make_camera

pytestmark = pytest.mark.django_db


def due_now(count: int, **fields: Any) -> list[int]:
    """Cameras whose probe is due, by their numbers."""
    cameras = [make_camera(**fields) for _each in range(count)]
    add_new(timezone.now())
    keys = [camera.pk for camera in cameras]
    make_due(keys)
    return keys


def dispatched() -> list[Batch]:
    batches: list[Batch] = []
    dispatch_due(batches.append)
    return batches


def test_every_monitored_camera_gets_a_row_and_its_first_probe_within_seconds() -> None:
    new = make_camera()
    make_camera(is_monitored=False)
    before = timezone.now()

    assert add_new(before) == 1
    assert add_new(before) == 0  # those that have one keep it

    row = CameraHealth.objects.get()
    assert row.camera == new
    assert row.verdict == Verdict.PENDING
    assert before <= row.due_at <= before + timedelta(seconds=10)


def test_first_probes_of_many_new_cameras_are_spread() -> None:
    for _each in range(20):
        make_camera()
    now = timezone.now()
    add_new(now)
    offsets = [(row.due_at - now).total_seconds() for row in CameraHealth.objects.all()]
    assert min(offsets) < 2 and max(offsets) > 8
    assert all(sum(low <= each < low + 2 for each in offsets) <= 6 for low in range(0, 10, 2))


def test_due_cameras_are_sent_once_and_are_due_again_after_the_interval(settings: Any) -> None:
    settings.PROBE_INTERVAL_SECONDS = 300
    keys = due_now(3)
    before = timezone.now()

    [batch] = dispatched()

    assert sorted(batch.camera_ids) == sorted(keys)
    assert batch.queue == LIVE_QUEUE
    assert batch.expires_s == 300
    assert dispatched() == []
    for row in CameraHealth.objects.all():
        assert row.claim == batch.mark
        assert (
            before + timedelta(seconds=299) <= row.due_at <= timezone.now() + timedelta(seconds=300)
        )


def test_a_camera_that_is_not_monitored_is_not_sent() -> None:
    [key] = due_now(1)
    CameraHealth.objects.get(pk=key).camera.__class__.objects.update(is_monitored=False)
    assert dispatched() == []


def test_cameras_known_to_be_offline_travel_in_batches_of_their_own() -> None:
    live, dead = due_now(2), due_now(2)
    CameraHealth.objects.filter(pk__in=dead).update(
        verdict=Verdict.OFFLINE, reason=Reason.REFUSED, since=timezone.now()
    )
    by_queue = {batch.queue: sorted(batch.camera_ids) for batch in dispatched()}
    assert by_queue == {LIVE_QUEUE: sorted(live), DEAD_QUEUE: sorted(dead)}


def test_a_camera_with_its_own_interval_is_due_by_that(settings: Any) -> None:
    settings.PROBE_INTERVAL_SECONDS = 300
    usual, slow = due_now(1), due_now(1, interval_seconds=3600)
    expiry = {tuple(batch.camera_ids): batch.expires_s for batch in dispatched()}
    assert expiry == {tuple(usual): 300, tuple(slow): 3600}
    row = CameraHealth.objects.get(pk=slow[0])
    assert row.due_at > timezone.now() + timedelta(seconds=3500)


def test_batches_have_the_size_that_is_set_and_the_longest_overdue_go_first(settings: Any) -> None:
    settings.PROBE_BATCH_SIZE = 2
    keys = due_now(5)
    now = timezone.now()
    for overdue, key in enumerate(keys):
        CameraHealth.objects.filter(pk=key).update(due_at=now - timedelta(seconds=overdue))
    batches = dispatched()
    assert [len(batch.camera_ids) for batch in batches] == [2, 2, 1]
    assert [key for batch in batches for key in batch.camera_ids] == keys[::-1]
    assert len({batch.mark for batch in batches}) == 3


def test_a_batch_that_cannot_be_sent_gives_its_cameras_back() -> None:
    keys = due_now(2)

    def broken(batch: Batch) -> None:
        raise OSError("the broker is away")

    with pytest.raises(OSError, match="away"):
        dispatch_due(broken)
    assert set(CameraHealth.objects.values_list("claim", flat=True)) == {None}
    [batch] = dispatched()
    assert sorted(batch.camera_ids) == sorted(keys)


def test_a_batch_that_was_lost_is_made_up_for_at_the_next_turn() -> None:
    [key] = due_now(1)
    [lost] = dispatched()
    CameraHealth.objects.update(due_at=timezone.now())  # the interval has passed
    [again] = dispatched()
    assert again.camera_ids == [key] and again.mark != lost.mark
    assert CameraHealth.objects.get(pk=key).claim == again.mark


def test_a_scheduler_that_is_overtaken_by_another_sends_nothing_twice(settings: Any) -> None:
    settings.PROBE_BATCH_SIZE = 1
    keys = due_now(3)
    sent: list[int] = []

    def send(batch: Batch) -> None:
        sent.extend(batch.camera_ids)
        if len(sent) == 1:  # the others of this turn are read already, and not claimed yet
            dispatch_due(lambda other: sent.extend(other.camera_ids))

    assert dispatch_due(send) == 1
    assert sorted(sent) == sorted(keys)


def test_make_due_leaves_unmonitored_cameras_alone() -> None:
    keys = due_now(1)
    off = make_camera(is_monitored=False)
    CameraHealth.objects.create(camera=off, due_at=timezone.now() + timedelta(hours=1))
    assert make_due([*keys, off.pk]) == 1
    assert CameraHealth.objects.get(pk=off.pk).due_at > timezone.now() + timedelta(minutes=50)


@pytest.mark.django_db(transaction=True)
def test_two_schedulers_at_once_never_send_a_camera_twice(settings: Any) -> None:
    settings.PROBE_BATCH_SIZE = 3
    keys = due_now(30)
    sent: list[tuple[uuid.UUID, int]] = []

    def schedule() -> int:
        return dispatch_due(
            lambda batch: sent.extend((batch.mark, key) for key in batch.camera_ids)
        )

    assert sum(at_once(*[schedule] * 4)) == 30
    assert sorted(key for _mark, key in sent) == sorted(keys)
    for mark, key in sent:
        assert CameraHealth.objects.get(pk=key).claim == mark
