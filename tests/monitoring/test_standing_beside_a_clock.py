"""A standing picture that an encoder changes all over: suspected by its calm, found by a burst."""

from dataclasses import replace
from typing import Any

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


def encoded(number: int, repeated: float = 0.3, side: int = 8) -> Bytes2D:
    """The standing picture as an encoder leaves it: in blocks of 8 × 8 (or patches of so many
    pixels), some of them as before."""
    rng = np.random.default_rng(number)
    height, width = STANDING.shape
    kept = rng.uniform(size=(height // side, width // side)) < repeated**0.5
    mask = np.kron(kept, np.ones((side, side), bool))
    return np.where(mask, STANDING, noisy(STANDING, 1.6, 100 + number)).astype(np.uint8)


class Camera:
    """Gives one picture, then a burst; counts the bursts."""

    def __init__(
        self, burst: list[Bytes2D], codec: str = "hevc", first: Bytes2D | None = None
    ) -> None:
        self.burst, self.codec, self.bursts = burst, codec, 0
        self.first = encoded(50) if first is None else first

    def __call__(self, source: Source, timeout_s: float, burst_s: float) -> Grab:
        self.bursts += burst_s > 0
        lumas = self.burst if burst_s else [self.first]
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


# Patches as large as a tile come out as before, in a quarter of the picture; and none.
PATCHES = [encoded(number, 0.25, side=40) for number in range(5)]
ALIVE = [encoded(number, 0) for number in range(5)]


def probed(
    pictures: list[Bytes2D],
    codec: str = "hevc",
    confirmed: Verdict = Verdict.HEALTHY,
    **known: Any,
) -> tuple[Observation, int]:
    """What a probe found, and how many bursts it took, of a camera whose noise is the usual."""
    before, first, *burst = pictures
    seen = look_at(picture(before))
    usual: dict[str, Any] = {"probes": 8, "unrest": 1.0, "motion": 1.0, "echo": 0.02, "bursts": 3}
    reference = replace(day(learned(seen)), **{**usual, **known})
    camera = Camera(burst, codec, first)
    target = Target(1, (ADDRESS,), confirmed, trace=seen.trace, memory=Memory((reference,)))
    return examine(target, Limits(), grabber=camera, at=START), camera.bursts


def test_it_is_found_with_all_of_the_usual_noise_where_the_living_camera_never_repeats_itself() -> (
    None
):
    observed, bursts = probed(PATCHES)
    assert (observed.verdict, bursts) == (Verdict.FROZEN, 1), observed.measurements
    assert observed.measurements["because"] == Because.REPEATED


@pytest.mark.parametrize(
    "known",
    [
        {"echo": 0.3},  # it repeats itself while it lives
        {"again": 0.3},  # also from one probe to the next
        {"bursts": 1},  # nobody knows yet
    ],
)
def test_a_camera_that_may_repeat_itself_while_it_lives_is_healthy(known: dict[str, float]) -> None:
    observed, _bursts = probed(PATCHES, **known)
    assert observed.verdict is Verdict.HEALTHY, observed.measurements


def test_a_living_camera_pays_for_no_burst() -> None:
    observed, bursts = probed(ALIVE)
    assert (observed.verdict, bursts) == (Verdict.HEALTHY, 0), observed.measurements


def test_a_still_minute_is_no_standing_picture_while_it_lives_within_seconds() -> None:
    observed, bursts = probed([*PATCHES[:2], *ALIVE[2:]])
    assert (observed.verdict, bursts) == (Verdict.HEALTHY, 1), observed.measurements


def test_a_confirmed_standing_picture_that_looks_alive_at_first_sight_is_looked_at_closely() -> (
    None
):
    observed, bursts = probed([ALIVE[0], *PATCHES[1:]], confirmed=Verdict.FROZEN)
    assert bursts == 1
    observed, bursts = probed([ALIVE[0], *PATCHES[1:]], "jpeg", confirmed=Verdict.FROZEN)
    assert (observed.verdict, bursts) == (Verdict.HEALTHY, 0)


@pytest.mark.parametrize(
    ("probes", "before", "codec", "taken"),
    [(3, 0, "hevc", 1), (4, 1, "hevc", 0), (4, 0, "hevc", 1), (5, 0, "jpeg", 0)],
)
def test_a_healthy_stream_shows_now_and_then_how_much_it_repeats_itself(
    probes: int, before: int, codec: str, taken: int
) -> None:
    observed, bursts = probed(ALIVE, codec, probes=probes, echo=0.0, bursts=before)
    assert (observed.verdict, bursts) == (Verdict.HEALTHY, taken)
    assert observed.learned is not None and observed.learned.bursts == before + taken
