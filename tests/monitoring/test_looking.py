"""Looking: what is measured of pictures whose content is known."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.grabbing.pictures import Bytes2D
from monitoring.looking import TRACE_BYTES, change_in, change_of_traces, look
from monitoring.looking.grid import COLUMNS, ROWS

SIZES = [(64, 48), (320, 180), (640, 360), (704, 576), (960, 540), (337, 241), (180, 320)]


def flat(level: int, width: int = 640, height: int = 360) -> Bytes2D:
    return np.full((height, width), level, np.uint8)


def noisy(picture: Bytes2D, deviation: float, seed: int) -> Bytes2D:
    noise = np.random.default_rng(seed).normal(0, deviation, picture.shape)
    return np.clip(picture + noise, 0, 255).astype(np.uint8)


def scene(width: int = 640, height: int = 360, seed: int = 1) -> Bytes2D:
    """Something to see everywhere: coarse patches, as houses and banks are."""
    coarse = np.random.default_rng(seed).integers(20, 235, (27, 48), dtype=np.uint8)
    return np.asarray(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC), np.uint8)


def changed_share(before: Bytes2D, after: Bytes2D) -> float:
    change = change_in([before, after])
    assert change is not None
    return change.share


def changed_share_of_traces(before: bytes, after: bytes) -> float:
    change = change_of_traces(before, after)
    assert change is not None
    return change.share


def clock(picture: Bytes2D, text: str) -> Bytes2D:
    """The picture with a clock along its upper edge."""
    written = picture.copy()
    scale = picture.shape[0] / 360 * 0.6
    place = (int(12 * scale), int(30 * scale))
    cv2.putText(written, text, place, cv2.FONT_HERSHEY_SIMPLEX, scale, 255, 2)
    return written


@pytest.mark.parametrize("level", [0, 4, 128, 255])
def test_a_flat_picture_is_as_bright_as_its_level_and_shows_nothing(level: int) -> None:
    seen = look(flat(level))
    assert (seen.brightness, seen.lights, seen.structure) == (level, level, 0)
    assert len(seen.trace) == TRACE_BYTES
    assert seen.trace.startswith(bytes([level]) * 2304)


@pytest.mark.parametrize("size", SIZES)
def test_pictures_of_any_size_are_measured_alike(size: tuple[int, int]) -> None:
    seen = look(scene(*size))
    assert seen.structure > 0.9
    assert seen.brightness == pytest.approx(look(scene()).brightness, abs=12)
    assert len(seen.trace) == TRACE_BYTES


def test_noise_is_no_structure_and_a_scene_is_however_noisy() -> None:
    assert look(noisy(flat(8), 6, seed=1)).structure == 0
    assert look(noisy(flat(128), 8, seed=1)).structure < 0.02
    assert look(noisy(scene(), 12, seed=1)).structure > 0.95


def test_a_clock_along_an_edge_is_no_structure() -> None:
    assert look(clock(flat(4), "2026-11-24 21:40:12")).structure == 0


def test_lamps_at_night_are_lights_and_structure() -> None:
    night = noisy(flat(10), 4, seed=1)
    for number in range(14):
        cv2.circle(night, (60 + number * 40, 150 + number % 2 * 60), 12, 230, -1)
    seen = look(night)
    assert seen.brightness < 40 and seen.lights > 100
    assert seen.structure > 0.1


def test_the_same_picture_has_not_changed() -> None:
    picture = noisy(scene(), 3, seed=1)
    assert changed_share(picture, picture.copy()) == 0
    assert changed_share_of_traces(look(picture).trace, look(picture.copy()).trace) == 0


@pytest.mark.parametrize("deviation", [2.5, 6.0])
def test_a_still_scene_seen_by_a_living_sensor_has_changed_everywhere(deviation: float) -> None:
    before, after = (noisy(scene(), deviation, seed) for seed in (1, 2))
    assert changed_share(before, after) > 0.95
    assert changed_share_of_traces(look(before).trace, look(after).trace) > 0.8


def test_a_running_clock_over_a_still_picture_changes_only_its_own_tiles() -> None:
    picture = noisy(scene(), 3, seed=1)
    before, after = (clock(picture, f"2026-11-24 21:40:{second}") for second in (12, 59))
    share = changed_share(before, after)
    assert 0 < share <= 3 * COLUMNS / 2 / (COLUMNS * ROWS)
    assert share < 0.08


def test_what_moves_in_one_tile_changes_one_tile() -> None:
    before = flat(100, COLUMNS * 40, ROWS * 40)
    after = before.copy()
    after[40:80, 80:120] = 200
    assert changed_share(before, after) == 1 / (COLUMNS * ROWS)
    traces = look(before).trace, look(after).trace
    assert changed_share_of_traces(*traces) == 1 / (COLUMNS * ROWS)


def test_pictures_of_different_sizes_cannot_be_compared_and_count_as_changed() -> None:
    assert changed_share(flat(9, 640, 360), flat(9, 320, 180)) == 1.0


@pytest.mark.parametrize("trace", [b"", b"trace", bytes(TRACE_BYTES - 1), bytes(TRACE_BYTES + 1)])
def test_a_trace_of_another_length_cannot_be_compared(trace: bytes) -> None:
    whole = look(flat(0)).trace
    assert change_of_traces(trace, whole) is None and change_of_traces(whole, trace) is None


@given(st.integers(16, 400), st.integers(9, 400), st.integers(0, 2**32 - 1))
def test_measurements_keep_to_their_ranges(width: int, height: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    one, two = (rng.integers(0, 256, (height, width), dtype=np.uint8) for _each in range(2))
    seen = look(one)
    assert 0 <= seen.brightness <= 255 and 0 <= seen.lights <= 255 and 0 <= seen.structure <= 1
    assert 0 <= changed_share(one, two) <= 1
    assert 0 <= changed_share_of_traces(seen.trace, look(two).trace) <= 1
