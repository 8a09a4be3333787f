"""Flapping: Nagios' measure, and what follows from it for alarms."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from cameras.models import Camera
from monitoring import alarms
from monitoring.flapping import PROBES, Thresholds, add, change_percent, is_flapping
from monitoring.models import CameraHealth, Incident
from monitoring.recording import record
from monitoring.verdicts import Verdict
from tests.factories import claimed, make_camera, seen

HEALTHY, BLACK = Verdict.HEALTHY, Verdict.BLACK


def nagios(states: list[int]) -> float:
    """base/flapping.c, as it is written there: the oldest state first."""
    curved = 0.0
    for x in range(1, 21):
        if states[x] != states[x - 1]:
            curved += (x - 1) * (1.25 - 0.75) / 19 + 0.75
    return curved * 100 / 20


@given(st.lists(st.integers(0, 1), min_size=PROBES, max_size=PROBES))
def test_it_is_the_measure_of_nagios(states: list[int]) -> None:
    history = 0
    for state in states:
        history = add(history, bool(state))
    assert change_percent(history) == pytest.approx(nagios(states))


def test_a_change_in_every_probe_is_all_and_none_is_nothing() -> None:
    history = 0
    for number in range(PROBES):
        history = add(history, number % 2 == 1)
    assert change_percent(history) == pytest.approx(100)
    assert change_percent(0) == change_percent((1 << PROBES) - 1) == 0


def test_it_begins_above_the_high_threshold_and_ends_below_the_low_one() -> None:
    history, flaps, began, ended = 0, False, None, None
    for number in range(60):
        history = add(history, number % 2 == 1 if number < 20 else False)
        flaps = is_flapping(flaps, history, Thresholds())
        if flaps and began is None:
            began = change_percent(history)
        if began is not None and not flaps and ended is None:
            ended = change_percent(history)
    assert began is not None and began > 50
    assert ended is not None and ended < 25


def test_thresholds_in_the_wrong_order_are_refused() -> None:
    with pytest.raises(ValueError, match="FLAPPING_LOW_PERCENT"):
        Thresholds(high=20, low=30)


def probes(camera: Camera, verdicts: list[Verdict], start: datetime) -> CameraHealth:
    """Probes a minute apart."""
    for number, verdict in enumerate(verdicts):
        record(claimed(camera), [seen(camera, verdict, start + timedelta(minutes=number))])
    return CameraHealth.objects.get(pk=camera.pk)


@pytest.mark.django_db
def test_a_flapping_camera_is_shown_as_such_and_begins_no_incident_until_it_settles() -> None:
    camera = make_camera()
    start = timezone.now() - timedelta(hours=3)
    row = probes(camera, [HEALTHY, BLACK] * 10, start)
    assert row.is_flapping and not Incident.objects.exists()

    row = probes(camera, [BLACK] * 3, start + timedelta(minutes=20))
    assert (row.verdict, row.is_flapping) == (BLACK, True)
    assert alarms.make_up(timezone.now()) == 0 and not Incident.objects.exists()

    row = probes(camera, [BLACK] * 14, start + timedelta(minutes=23))
    assert not row.is_flapping
    assert alarms.make_up(timezone.now()) == 1
    assert alarms.make_up(timezone.now()) == 0
    incident = Incident.objects.get()
    assert (incident.verdict, incident.began_at) == (BLACK, row.since)
    assert {shot.kind for shot in incident.snapshots.all()} == {"before", "fault"}


@pytest.mark.django_db
def test_the_incident_of_a_camera_that_flaps_ends_when_it_has_settled() -> None:
    camera = make_camera()
    start = timezone.now() - timedelta(hours=3)
    probes(camera, [HEALTHY, BLACK, BLACK, BLACK], start)
    incident = Incident.objects.get()
    row = probes(camera, [HEALTHY, BLACK] * 8 + [HEALTHY] * 2, start + timedelta(minutes=4))
    assert (row.verdict, row.is_flapping) == (HEALTHY, True)
    incident.refresh_from_db()
    assert incident.ended_at is None and alarms.make_up(timezone.now()) == 0

    row = probes(camera, [HEALTHY] * 14, start + timedelta(minutes=22))
    assert not row.is_flapping and alarms.make_up(timezone.now()) == 1
    incident.refresh_from_db()
    assert incident.ended_at == row.since
    assert "after" in {shot.kind for shot in incident.snapshots.all()}
