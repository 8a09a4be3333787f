"""When somebody turns the machine's clock, probing goes on."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from cameras.models import Uplink
from monitoring import pulse, steady, tasks, uplinks
from monitoring.models import CameraHealth, UplinkHealth
from monitoring.scheduling import add_new
from tests.factories import make_camera

pytestmark = pytest.mark.django_db

NOW = timezone.now()
HOUR = timedelta(hours=1)


def test_beat_follows_a_clock_that_nobody_turns() -> None:
    before = steady.now()
    with time_machine.travel(NOW - HOUR):
        assert timedelta(0) <= steady.now() - before < timedelta(seconds=60)


def test_a_clock_that_is_set_back_is_noticed_once() -> None:
    assert pulse.clock_set_back(NOW) == timedelta(0)
    assert pulse.clock_set_back(NOW + timedelta(seconds=2)) == timedelta(0)
    assert pulse.clock_set_back(NOW - HOUR) == HOUR + timedelta(seconds=2)
    assert pulse.clock_set_back(NOW - HOUR) == timedelta(0)


def test_a_clock_that_is_set_forward_or_by_seconds_moves_nothing() -> None:
    pulse.clock_set_back(NOW)
    assert pulse.clock_set_back(NOW + HOUR) == timedelta(0)
    assert pulse.clock_set_back(NOW + HOUR - timedelta(seconds=5)) == timedelta(0)


def test_all_turns_follow_a_clock_that_is_set_back(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[Any] = []
    monkeypatch.setattr(tasks, "_send", sent.append)
    late, soon = make_camera(), make_camera()
    Uplink.objects.create(code="NVR-1", name="NVR", kind="nvr", address="127.0.0.1:9")
    now = timezone.now()
    add_new(now)
    uplinks.add_new(now)
    tasks.dispatch()
    CameraHealth.objects.filter(pk=late.pk).update(due_at=now + timedelta(minutes=4))
    CameraHealth.objects.filter(pk=soon.pk).update(due_at=now + timedelta(seconds=1))
    UplinkHealth.objects.update(due_at=now + timedelta(minutes=4))
    sent.clear()

    with time_machine.travel(now - HOUR, tick=False):
        tasks.dispatch()
        turned = timezone.now()

    late_at = CameraHealth.objects.get(pk=late.pk).due_at
    assert turned + timedelta(minutes=3) < late_at <= turned + timedelta(minutes=4, seconds=1)
    assert CameraHealth.objects.get(pk=soon.pk).due_at < turned + timedelta(minutes=10)
    assert UplinkHealth.objects.get().due_at <= turned + timedelta(minutes=4, seconds=1)
