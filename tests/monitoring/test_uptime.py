"""Uptime: every moment of a window is up, down, planned or unmonitored, exactly."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cameras.models import Camera
from monitoring.models import CameraHealth, HealthSpan, PlannedWork
from monitoring.uptime import Uptime, measure, of_camera, of_cameras, total
from monitoring.verdicts import Verdict
from tests.factories import make_camera, make_user

START = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)
KINDS = [Verdict.HEALTHY, Verdict.BLACK, Verdict.OFFLINE, Verdict.UNMONITORED]
seconds = st.integers(0, 60)
pairs = st.tuples(seconds, seconds).map(sorted)


def at(second: float) -> datetime:
    return START + timedelta(seconds=second)


def naive(spans: list[Any], works: list[Any], begin: int, end: int) -> Uptime:
    """Second by second."""
    planned, by_verdict = 0, dict.fromkeys(KINDS, 0)
    for second in range(begin, end):
        if any(since <= second < until for since, until in works):
            planned += 1
            continue
        held = [verdict for verdict, since, until in spans if since <= second < until]
        if held and held[0] is not Verdict.UNMONITORED:
            by_verdict[held[0]] += 1
    return Uptime(
        timedelta(seconds=end - begin),
        timedelta(seconds=planned),
        {verdict: timedelta(seconds=time) for verdict, time in by_verdict.items() if time},
    )


@given(
    st.lists(st.tuples(st.sampled_from(KINDS), seconds, seconds), max_size=8),
    st.lists(pairs, max_size=4),
    pairs,
)
def test_it_agrees_with_counting_every_second(
    parts: list[tuple[Verdict, int, int]], works: list[list[int]], window: list[int]
) -> None:
    spans, since = [], 0  # one after another, with gaps
    for verdict, gap, length in parts:
        spans.append((verdict, since + gap % 7, since + gap % 7 + length % 20))
        since = spans[-1][2]
    begin, end = window
    found = measure(
        [(verdict, at(a), at(b)) for verdict, a, b in spans],
        [(at(a), at(b)) for a, b in works],
        at(begin),
        at(end),
    )
    expected = naive(spans, works, begin, end)
    assert (found.window, found.planned) == (expected.window, expected.planned)
    assert {v: t for v, t in found.by_verdict.items() if t} == expected.by_verdict
    assert found.up + found.down + found.unmonitored + found.planned == found.window
    assert found.unmonitored >= timedelta(0)


@given(st.lists(st.tuples(st.sampled_from(KINDS), pairs), max_size=6), pairs)
def test_even_spans_that_overlap_never_count_a_moment_twice(
    parts: list[tuple[Verdict, list[int]]], window: list[int]
) -> None:
    spans = sorted(((v, at(a), at(b)) for v, (a, b) in parts), key=lambda span: span[1])
    found = measure(spans, [], at(window[0]), at(window[1]))
    assert found.unmonitored >= timedelta(0)


def test_a_window_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(ValueError, match="before it begins"):
        measure([], [], at(1), at(0))


def test_availability_is_of_the_time_that_is_known() -> None:
    spans = [(Verdict.HEALTHY, at(0), at(30)), (Verdict.BLACK, at(30), at(40))]
    assert measure(spans, [], at(0), at(1000)).availability == 0.75
    assert measure([], [], at(0), at(10)).availability is None


def span(camera: Camera, verdict: Verdict, began: int, ended: int | None) -> None:
    HealthSpan.objects.create(
        camera=camera,
        verdict=verdict,
        began_at=at(began),
        ended_at=None if ended is None else at(ended),
    )


@pytest.mark.django_db
def test_of_a_camera_the_open_span_lasts_until_the_last_probe() -> None:
    camera = make_camera()
    span(camera, Verdict.HEALTHY, 0, 100)
    span(camera, Verdict.OFFLINE, 100, None)
    CameraHealth.objects.create(camera=camera, probed_at=at(150))
    found = of_camera(camera.pk, at(40), at(200))
    assert (found.up, found.down, found.unmonitored) == (
        timedelta(seconds=60),
        timedelta(seconds=50),
        timedelta(seconds=50),
    )
    assert found.by_verdict[Verdict.OFFLINE] == timedelta(seconds=50)


@pytest.mark.django_db
def test_planned_work_is_counted_apart_whatever_the_camera_did() -> None:
    camera = make_camera()
    span(camera, Verdict.HEALTHY, 0, 50)
    span(camera, Verdict.OFFLINE, 50, 100)
    PlannedWork.objects.create(
        site=camera.site, begins_at=at(40), ends_at=at(80), reason="Cat", created_by=make_user()
    )
    found = of_camera(camera.pk, at(0), at(100))
    assert [found.up, found.down, found.planned, found.unmonitored] == [
        timedelta(seconds=each) for each in (40, 20, 40, 0)
    ]


@pytest.mark.django_db
def test_many_cameras_cost_as_many_queries_as_one(django_assert_num_queries: Any) -> None:
    cameras = [make_camera() for _each in range(30)]
    for camera in cameras:
        span(camera, Verdict.HEALTHY, 0, 60)
        span(camera, Verdict.BLACK, 60, 90)
    with django_assert_num_queries(3):
        found = of_cameras(at(0), at(100))
    assert len(found) == 30
    summed = total(found.values())
    assert (summed.up, summed.down, summed.unmonitored) == (
        timedelta(seconds=1800),
        timedelta(seconds=900),
        timedelta(seconds=300),
    )


@pytest.mark.django_db
def test_a_camera_that_nobody_has_looked_at_is_unmonitored() -> None:
    camera = make_camera()
    assert of_cameras(at(0), at(10))[camera.pk].unmonitored == timedelta(seconds=10)
