"""A standing picture that an encoder changes all over: suspected by its calm, found by a burst."""

from dataclasses import replace

import numpy as np
import pytest

from monitoring.examining import Observation, Target, examine, look_at
from monitoring.grabbing import Grab, Picture, Source
from monitoring.grabbing.pictures import Bytes2D, Bytes3D
from monitoring.limits import Limits
from monitoring.memory import Memory
from monitoring.verdicts import Because, Verdict
from tests.monitoring.test_looking import noisy, scene
from tests.monitoring.test_memory import START, day, learned

ADDRESS = Source("rtsp://192.0.2.1/film")
STANDING = noisy(scene(), 3, seed=1)


def picture(luma: Bytes2D) -> Picture:
    def colour() -> Bytes3D:
        # By day, not infrared: infrared is exactly grey.
        return np.dstack([np.uint8(luma // 2), luma, luma])

    return Picture(luma, colour, luma.shape[1], luma.shape[0], at_s=0.0)


def encoded(number: int, repeated: float = 0.3) -> Bytes2D:
    """The standing picture as an encoder leaves it: in blocks of 8 × 8, some of them as before."""
    rng = np.random.default_rng(number)
    height, width = STANDING.shape
    kept = rng.uniform(size=(height // 8, width // 8)) < repeated**0.5
    mask = np.kron(kept, np.ones((8, 8), bool))
    return np.where(mask, STANDING, noisy(STANDING, 1.6, 100 + number)).astype(np.uint8)


class Camera:
    """Gives one picture, then a burst; counts the bursts."""

    def __init__(self, burst: list[Bytes2D], codec: str = "hevc") -> None:
        self.burst, self.codec, self.bursts = burst, codec, 0

    def __call__(self, source: Source, timeout_s: float, burst_s: float) -> Grab:
        self.bursts += burst_s > 0
        lumas = self.burst if burst_s else [encoded(50)]
        return Grab([picture(each) for each in lumas], source.address, self.codec, {})

    def probed(self, unrest: float) -> Observation:
        """By one who knows the camera, and how strong its noise always was."""
        seen = look_at(picture(encoded(40)))
        reference = replace(day(learned(seen)), probes=8, unrest=unrest, motion=1.0)
        target = Target(1, (ADDRESS,), trace=seen.trace, memory=Memory((reference,)))
        return examine(target, Limits(), grabber=self, at=START)


def test_it_is_suspected_by_what_is_missing_and_found_by_the_blocks_that_repeat() -> None:
    camera = Camera([encoded(number) for number in range(3)])
    observed = camera.probed(unrest=1.6)
    assert (observed.verdict, camera.bursts) == (Verdict.FROZEN, 1), observed.measurements
    assert observed.measurements["because"] == Because.REPEATED


@pytest.mark.parametrize("pictures", [1, 3])
def test_where_the_burst_shows_no_block_twice_the_doubt_falls_to_healthy(pictures: int) -> None:
    camera = Camera([encoded(number, repeated=0) for number in range(pictures)])
    observed = camera.probed(unrest=1.6)
    assert (observed.verdict, camera.bursts) == (Verdict.HEALTHY, 1), observed.measurements


def test_a_camera_that_never_had_more_noise_pays_for_no_burst() -> None:
    camera = Camera([encoded(number) for number in range(3)])
    observed = camera.probed(unrest=1.0)
    assert (observed.verdict, camera.bursts) == (Verdict.HEALTHY, 0), observed.measurements


def test_a_snapshot_is_not_suspected_for_it() -> None:
    camera = Camera([encoded(number) for number in range(3)], codec="jpeg")
    observed = camera.probed(unrest=1.6)
    assert (observed.verdict, camera.bursts) == (Verdict.HEALTHY, 0), observed.measurements
