"""What the eye reckons in quicker ways of its own comes out as the usual ones have it."""

import subprocess
import sys

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from monitoring.looking import look
from monitoring.looking.grid import (
    SMALL,
    Floats,
    middle,
    percentile,
    share_of,
    shrink_to,
    small_of,
)
from tests.monitoring.test_looking import noisy, scene

LEVELS = arrays(np.float32, st.integers(1, 150), elements=st.floats(0, 255, width=32))


@given(LEVELS, st.sampled_from([0, 20, 75, 100]))
def test_percentiles_and_medians_are_numpys(levels: Floats, percent: int) -> None:
    assert percentile(levels, percent) == pytest.approx(np.percentile(levels, percent), rel=1e-6)
    assert middle(levels) == pytest.approx(np.median(levels), rel=1e-6)


@pytest.mark.parametrize("size", [(960, 540), (961, 541), (704, 576), (320, 180)])
def test_the_small_picture_is_made_by_averaging(size: tuple[int, int]) -> None:
    picture = noisy(scene(*size), 8, seed=1)
    assert np.array_equal(small_of(picture), shrink_to(picture, SMALL))


@pytest.mark.parametrize("shape", [(270, 960), (180, 640), (120, 337), (24, 64)])
@pytest.mark.parametrize("cells", [(16, 9), (64, 45)])
def test_shares_of_a_mask_are_averages(shape: tuple[int, int], cells: tuple[int, int]) -> None:
    mask = (np.random.default_rng(1).random(shape) < 0.6).astype(np.uint8) * 255
    assert np.array_equal(share_of(mask, cells), shrink_to(mask, cells) / np.float32(255))


@pytest.mark.parametrize(("width", "block"), [(960, 16), (1280, 12), (1920, 8)])
def test_blocks_are_looked_for_on_the_grid_of_the_cameras_own_picture(
    width: int, block: int
) -> None:
    """However much smaller the picture was decoded: at 3/4 of a width of 1,280, for one."""
    picture = noisy(scene(960, 540), 2, seed=1)
    whole = look(picture, cv2.cvtColor(picture, cv2.COLOR_GRAY2BGR), width).damage
    for row in range(2, 540 // block - 2, 3):
        for column in range(2, 960 // block - 2, 3):
            at = slice(row * block, (row + 1) * block), slice(column * block, (column + 1) * block)
            picture[at] = 255 - picture[at].mean()
    colours = cv2.cvtColor(picture, cv2.COLOR_GRAY2BGR)
    misfits = {
        each: damage.misfits
        for each in (960, 1280, 1920)
        if (damage := look(picture, colours, each).damage) is not None
    }
    assert whole is not None and whole.misfits < 0.01
    assert max(misfits, key=lambda each: misfits[each]) == width
    assert misfits[width] > 0.04


def test_one_picture_needs_no_threads_of_opencv() -> None:
    """Nor does any process that grabs or looks make some."""
    program = "import monitoring.grabbing, cv2; print(cv2.getNumThreads())"
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert told.stdout.strip() == "1", told.stderr
