"""What beat sends, how often, and into which lane."""

import math
from typing import Any

import pytest
from celery.fixups.django import DjangoWorkerFixup
from celery.signals import task_postrun, task_prerun
from django.db import connection

from monitoring import tasks
from monitoring.celery import app
from monitoring.models import CameraHealth
from monitoring.probing import longest_s
from monitoring.scheduling import DEAD_QUEUE, LIVE_QUEUE, Batch, dispatch_due
from monitoring.verdicts import Reason, Verdict
from tests.monitoring.test_scheduling import due_now


def test_every_app_has_its_periodic_tasks_in_the_schedule() -> None:
    app.loader.import_default_modules()
    schedule = {name: entry["schedule"].seconds for name, entry in app.conf.beat_schedule.items()}
    assert schedule == {
        "monitoring.dispatch": 2.0,
        "monitoring.enrol": 5.0,
        "monitoring.alarms": 5.0,
        "monitoring.sweep": 60.0,
        "monitoring.area_days": 60.0,
        "maintenance.tickets": 5.0,
        "maintenance.remind": 300.0,
        "maintenance.mentions": 20.0,
        "maintenance.reports": 60.0,
        "maintenance.urgent": 15.0,
    }
    for name, entry in app.conf.beat_schedule.items():
        assert entry["task"] in app.tasks, name
        # A message that nobody took before the next one came is void.
        assert entry["options"]["expires"] <= max(5, entry["schedule"].seconds)


@pytest.mark.django_db
def test_batches_go_to_their_lane_and_expire_before_the_next_turn(
    monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.PROBE_INTERVAL_SECONDS, settings.PROBE_BATCH_SIZE = 77, 50
    live, dead = due_now(1), due_now(1)
    CameraHealth.objects.filter(pk__in=dead).update(verdict=Verdict.OFFLINE, reason=Reason.REFUSED)
    sent: dict[str, tuple[list[int], bool]] = {}

    def send(
        arguments: tuple[str, list[int], bool], *, queue: str, expires: int, time_limit: int
    ) -> None:
        sent[queue] = arguments[1:]
        assert 38 <= expires <= 116  # before the next turn, which is its own place in the interval
        assert time_limit == math.ceil(longest_s(1))

    monkeypatch.setattr(tasks.probe, "apply_async", send)
    assert tasks.dispatch() == 2
    # The dead are knocked at first.
    assert sent == {LIVE_QUEUE: (live, False), DEAD_QUEUE: (dead, True)}


@pytest.mark.django_db(transaction=True)
def test_a_batch_by_its_message() -> None:
    due_now(1)
    batches: list[Batch] = []
    dispatch_due(batches.append)
    assert tasks.probe(str(batches[0].mark), batches[0].camera_ids) == 1


@pytest.mark.django_db(transaction=True)
def test_a_task_leaves_its_connection_to_the_next_unless_it_is_broken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Through what Celery does in a worker around each task."""
    around, closed = DjangoWorkerFixup(app), list[bool]()
    connection.ensure_connection()
    monkeypatch.setattr(connection, "close", lambda: closed.append(True))

    def one_more_task() -> None:
        for moment in (task_prerun, task_postrun):
            around.close_database()
            moment.send(sender=tasks.enrol, task=tasks.enrol)

    one_more_task()
    assert not closed
    monkeypatch.setattr(connection, "errors_occurred", True)
    monkeypatch.setattr(connection, "is_usable", lambda: False)
    one_more_task()
    assert closed
