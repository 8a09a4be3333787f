"""Pace: how often, and at which moments."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cameras.models import Importance
from monitoring.pace import (
    IMPORTANCE,
    Pace,
    expect_above_zero,
    next_turn,
    parse_intervals,
    share_of,
)
from monitoring.verdicts import Reason, Verdict

NOW = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)
DEAD = (Verdict.OFFLINE, Reason.UNREACHABLE)


@given(st.integers(1, 10**6), st.integers(10, 7200), st.integers(0, 10**8))
def test_the_next_turn_is_at_the_cameras_place_and_half_a_turn_away_at_least(
    key: int, turn_s: int, offset_s: int
) -> None:
    now = NOW + timedelta(seconds=offset_s)
    wait_s = (next_turn(key, turn_s, now) - now).total_seconds()
    assert turn_s / 2 - 0.001 <= wait_s <= turn_s * 1.5 + 0.001
    place = next_turn(key, turn_s, now).timestamp() % turn_s
    off = abs(place - share_of(key) * turn_s)
    assert min(off, turn_s - off) < 0.001


def test_turns_at_the_cameras_place_are_one_interval_apart() -> None:
    at = next_turn(7, 300, NOW)
    for _each in range(5):
        following = next_turn(7, 300, at + timedelta(seconds=1.5))  # dispatched a little late
        assert following - at == timedelta(seconds=300)
        at = following


@pytest.mark.parametrize("count", [10, 100, 3000])
def test_any_number_of_cameras_is_spread_evenly(count: int) -> None:
    places = sorted(share_of(key) for key in range(5000, 5000 + count))
    gaps = [after - before for before, after in pairwise(places)]
    assert max(gaps) < 3 / count


def test_the_dead_wait_twice_as_long_each_time_up_to_the_ceiling() -> None:
    pace = Pace(300, {}, 1800)
    waits = [pace.turn_s(300, *DEAD, probes) for probes in range(1, 7)]
    assert waits == [300, 600, 1200, 1800, 1800, 1800]


def test_an_interval_beyond_the_ceiling_stays_as_it_is() -> None:
    assert Pace(back_off_s=1800).turn_s(3600, *DEAD, 9) == 3600


@pytest.mark.parametrize("reason", [Reason.UNAUTHORISED, Reason.NOT_FOUND, Reason.UNDECODABLE])
def test_a_camera_that_speaks_is_asked_as_often_as_the_healthy(reason: Reason) -> None:
    assert Pace().turn_s(300, Verdict.OFFLINE, reason, 9) == 300


def test_intervals_by_importance_know_every_importance_of_the_registry() -> None:
    assert {member.name.lower(): member.value for member in Importance} == IMPORTANCE
    assert parse_intervals([" critical:120", "high : 180 "]) == {"critical": 120, "high": 180}
    assert parse_intervals([]) == {}


@pytest.mark.parametrize("number", [0, -1, float("nan")])
def test_a_setting_that_must_be_above_zero_is_named(number: float) -> None:
    with pytest.raises(ValueError, match="PROBE_BATCH_SIZE"):
        expect_above_zero(PROBE_RETRY_SECONDS=60, PROBE_BATCH_SIZE=number)


@pytest.mark.parametrize("pair", ["urgent:60", "high", "high:5", "high:x", "high=60"])
def test_what_cannot_be_read_is_named(pair: str) -> None:
    with pytest.raises(ValueError, match=pair):
        parse_intervals([pair])
