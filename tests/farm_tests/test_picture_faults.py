"""What is wrong with a picture can be seen in it, by measures that are not the product's."""

import itertools
from collections.abc import Callable

import cv2
import numpy as np
import pytest

from tests.farm import FAULTS, Farm
from tests.farm_tests.clients import Image, Rtsp, decoded, first_pictures, watched
from tests.farm_tests.conftest import PutUp

Seen = Callable[[str], list[bytes]]

# The film is 180 high. JPEG has blocks of 16: what changes above 32 changes nothing below.
CLOCK = (slice(0, 32), slice(0, 176))
BELOW_CLOCK = slice(32, None)
MIDDLE = (slice(40, 150), slice(20, 300))  # neither clock nor name


@pytest.fixture(scope="module")
def seen(farm: Farm, put_up: PutUp) -> Seen:
    """Pictures of more than a second of one camera, healthy or with this fault."""
    camera = put_up("PA-TST-01", name="Pintu Air Uji", seconds=4)
    pictures: dict[str, list[bytes]] = {}

    def seen(fault: str) -> list[bytes]:
        if fault not in pictures:
            farm.break_(camera.code, fault) if fault else farm.mend(camera.code)
            pictures[fault] = first_pictures(camera.mjpeg_url, 13)
        return pictures[fault]

    return seen


def grey(jpeg: bytes) -> Image:
    return np.asarray(cv2.cvtColor(decoded(jpeg), cv2.COLOR_BGR2GRAY), np.uint8)


def sharpness(picture: Image) -> float:
    """How much fine detail is in its middle, noise left out."""
    calm = cv2.GaussianBlur(picture[MIDDLE], (0, 0), 0.8)
    return float(cv2.Laplacian(calm, cv2.CV_32F).var())


def likeness(one: Image, other: Image) -> float:
    """1 for the same view, about 0 for views that have nothing in common."""
    # Waves and rain are never the same: only what is larger than they are is compared.
    calm = [cv2.GaussianBlur(picture, (0, 0), 3)[MIDDLE].ravel() for picture in (one, other)]
    return float(np.corrcoef(*calm)[0, 1])


def test_a_healthy_picture_is_bright_moves_and_has_a_clock(seen: Seen) -> None:
    first, *_, last = pictures = [grey(one) for one in seen("")]
    assert 60 < first.mean() < 190 and first[MIDDLE].std() > 20
    for before, after in itertools.pairwise(pictures):
        assert cv2.absdiff(before[MIDDLE], after[MIDDLE]).mean() > 0.8
    assert likeness(first, last) > 0.65
    assert cv2.absdiff(first[CLOCK], last[CLOCK]).max() > 100


def test_black_is_dark_with_nothing_but_noise(seen: Seen) -> None:
    first, *_, last = [grey(one) for one in seen("black")]
    assert first.max() < 40 and first.mean() < 10
    assert np.any(first != last)


def test_black_clock_is_dark_but_for_the_running_clock_and_the_name(seen: Seen) -> None:
    first, *_, last = [grey(one) for one in seen("black-clock")]
    assert first[MIDDLE].max() < 40
    assert np.count_nonzero(first[CLOCK] > 120) > 50
    assert cv2.absdiff(first[CLOCK], last[CLOCK]).max() > 100
    assert first[150:, 160:].max() > 200


def test_frozen_pictures_are_identical(seen: Seen) -> None:
    pictures = seen("frozen")
    assert len(set(pictures)) == 1
    assert likeness(grey(pictures[0]), grey(seen("")[0])) > 0.65


def test_frozen_clock_pictures_differ_in_the_clock_alone(seen: Seen) -> None:
    first, *_, last = [decoded(one) for one in seen("frozen-clock")]
    assert np.array_equal(first[BELOW_CLOCK], last[BELOW_CLOCK])
    assert np.array_equal(first[:32, 176:], last[:32, 176:])
    assert cv2.absdiff(first[CLOCK], last[CLOCK]).max() > 100


def test_covered_is_dark_and_flat_but_for_one_corner(seen: Seen) -> None:
    healthy, covered = grey(seen("")[0]), grey(seen("covered")[0])
    assert covered[60:140].mean() < healthy[60:140].mean() / 2
    assert sharpness(covered) < sharpness(healthy) / 10
    assert covered[:20, -20:].mean() > 2 * covered[-60:-40, :40].mean()


def test_defocused_keeps_the_view_and_loses_detail(seen: Seen) -> None:
    healthy, blurred = grey(seen("")[0]), grey(seen("defocused")[0])
    assert sharpness(blurred) < sharpness(healthy) / 10
    assert likeness(blurred, healthy) > 0.6
    assert abs(float(blurred.mean()) - float(healthy.mean())) < 12


def test_moved_is_another_view_that_is_as_sharp(seen: Seen) -> None:
    healthy, moved = grey(seen("")[0]), grey(seen("moved")[0])
    assert likeness(moved, healthy) < 0.3
    assert sharpness(moved) > sharpness(healthy) / 3


def test_washed_out_is_bright_with_little_contrast(seen: Seen) -> None:
    healthy, pale = grey(seen("")[0]), grey(seen("washed-out")[0])
    assert pale[MIDDLE].mean() > 190
    assert pale[MIDDLE].std() < healthy[MIDDLE].std() * 0.6
    assert likeness(pale, healthy) > 0.6


def test_no_signal_is_flat_blue_and_stands_still(seen: Seen) -> None:
    pictures = seen("no-signal")
    assert len(set(pictures)) == 1
    blue, green, red = decoded(pictures[0])[:50].reshape(-1, 3).mean(axis=0)
    assert blue > 150 and green < 60 and red < 60


def test_smeared_jpegs_are_whole_at_both_ends_and_damaged_within(seen: Seen) -> None:
    def steadiness(jpegs: list[bytes]) -> float:
        pictures = map(grey, jpegs)
        return float(np.median([likeness(*pair) for pair in itertools.pairwise(pictures)]))

    assert all((one[:2], one[-2:]) == (b"\xff\xd8", b"\xff\xd9") for one in seen("smeared"))
    assert steadiness(seen("")) > 0.9
    assert steadiness(seen("smeared")) < 0.75


def test_smeared_streams_lack_packets(put_up: PutUp) -> None:
    camera = put_up("PA-TST-02", fps=20, fault="smeared")
    with Rtsp(camera.port) as client:
        client.play()
        packets = client.packets(60)
    steps = [
        (after.sequence - before.sequence) & 0xFFFF for before, after in itertools.pairwise(packets)
    ]
    assert 0.1 < sum(step - 1 for step in steps) / sum(steps) < 0.4


@pytest.mark.parametrize("codec", ["h264", "h265"])
def test_faults_look_the_same_in_a_stream(put_up: PutUp, codec: str) -> None:
    black = watched(put_up(f"PA-TST-03-{codec}", codec=codec, fault="black").rtsp_url, 3)
    frozen = watched(put_up(f"PA-TST-04-{codec}", codec=codec, fault="frozen").rtsp_url, 12)
    assert all(picture.mean() < 10 for picture in black) and black
    assert len(frozen) == 12
    for before, after in itertools.pairwise(frozen):
        assert cv2.absdiff(before, after).mean() < 5  # coding; it is 10 in a healthy one


def test_every_picture_fault_is_looked_at_here() -> None:
    tests = [name for name in globals() if name.startswith("test_")]
    for fault in FAULTS.values():
        if fault.kind == "picture":
            words = fault.name.replace("-", "_")
            assert any(name.startswith(f"test_{words}_") for name in tests), fault.name
