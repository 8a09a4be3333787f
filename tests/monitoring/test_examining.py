"""Examining real streams: suspicions, and the second look that confirms or clears them."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from typing import Any

import numpy as np
import pytest

from monitoring import examining
from monitoring.examining import Observation, Target, examine, look_at
from monitoring.grabbing import GrabError, Source
from monitoring.limits import Limits
from monitoring.memory import LEARN_EVERY, YOUNG_PROBES
from monitoring.verdicts import Because, Reason, Verdict
from tests.farm import FarmCamera
from tests.monitoring.test_looking import noisy, scene
from tests.monitoring.test_memory import START, day, learned
from tests.monitoring.test_standing_beside_a_clock import Camera, picture

PutUp = Callable[..., FarmCamera]
LIMITS = Limits(timeout_s=3.0, burst_s=2.5)
PICTURE_FAULTS = ("black", "black-clock", "frozen", "frozen-clock")
SCENES = [
    f"{kind}-{light}"
    for kind, light in product(("water", "road", "pump"), ("day", "night", "infrared"))
]


def target(*addresses: str, **known: Any) -> Target:
    return Target(7, tuple(Source(address) for address in addresses), **known)


def at_once(deed: Callable[..., Observation], cases: list[Any]) -> list[Observation]:
    with ThreadPoolExecutor(max(len(cases), 1)) as pool:
        return list(pool.map(deed, cases))


@pytest.fixture(scope="module")
def broken(put_up: PutUp) -> dict[tuple[str, str], str]:
    """Addresses of cameras with a fault of the picture, by fault and source."""
    # A clip of one key frame: where a longer one begins anew, its encoder began anew as well.
    made = {fault: put_up(fault=fault, seconds=2) for fault in PICTURE_FAULTS}
    return {
        (fault, source): getattr(camera, source)
        for fault, camera in made.items()
        for source in ("rtsp_url", "snapshot_url", "mjpeg_url")
    }


@pytest.fixture(scope="module")
def healthy(put_up: PutUp) -> dict[str, str]:
    """An address of every scene in every codec."""
    cases = [
        (scene, codec, sources)
        for scene in SCENES
        for codec, sources in (("h264", ("sub", "snapshot")), ("h265", ("sub",)))
    ]

    def made(case: tuple[str, str, tuple[str, ...]]) -> FarmCamera:
        scene, codec, sources = case
        return put_up(scene=scene, codec=codec, sources=sources, fps=5)

    addresses = {}
    with ThreadPoolExecutor(4) as pool:
        for camera in pool.map(made, cases):
            addresses[f"{camera.spec.scene} {camera.spec.codec}"] = camera.rtsp_url
            if "snapshot" in camera.spec.sources:
                addresses[f"{camera.spec.scene} jpeg"] = camera.snapshot_url
    return addresses


def test_a_fault_of_the_picture_is_seen_from_one_probe_to_the_next_and_confirmed_by_a_burst(
    broken: dict[tuple[str, str], str],
) -> None:
    first = at_once(lambda address: examine(target(address), LIMITS), list(broken.values()))
    again = at_once(
        lambda pair: examine(target(pair[0], trace=pair[1].trace), LIMITS),
        list(zip(broken.values(), first, strict=True)),
    )
    for (fault, source), observed in zip(broken, again, strict=True):
        expected = Verdict.BLACK if "black" in fault else Verdict.FROZEN
        assert observed.verdict is expected, (fault, source, observed.measurements)
        assert observed.measurements["pictures"] >= 2, (fault, source)
    # Without anything to compare with, a standing picture looks like any other.
    for (fault, _source), observed in zip(broken, first, strict=True):
        assert observed.verdict is (Verdict.BLACK if "black" in fault else Verdict.HEALTHY)


def test_every_healthy_scene_is_healthy_from_one_probe_to_the_next_and_over_a_burst(
    healthy: dict[str, str],
) -> None:
    def look_three_times(address: str) -> list[Observation]:
        one = examine(target(address), LIMITS)
        two = examine(target(address, trace=one.trace), LIMITS)
        return [one, two, examine(target(address), LIMITS, always_burst=True)]

    with ThreadPoolExecutor(len(healthy)) as pool:
        found = dict(zip(healthy, pool.map(look_three_times, healthy.values()), strict=True))
    wrong = {
        name: [observed.measurements for observed in looks]
        for name, looks in found.items()
        if {observed.verdict for observed in looks} != {Verdict.HEALTHY}
    }
    assert wrong == {}
    assert all(looks[2].measurements["pictures"] >= 2 for looks in found.values())


def test_what_is_observed_is_all_there(put_up: PutUp) -> None:
    camera = put_up()
    observed = examine(target(camera.snapshot_url), LIMITS)
    assert (observed.camera_id, observed.codec, observed.size) == (7, "jpeg", (320, 180))
    assert observed.address == camera.snapshot_url
    assert observed.jpeg is not None and observed.jpeg.startswith(b"\xff\xd8")
    assert {"because", "confidence", "severity", "light", "pictures"} <= set(observed.measurements)
    assert observed.timings_ms["total"] > 0
    assert (observed.reason, observed.detail) == (Reason.NONE, "")


def test_a_fault_that_is_known_already_costs_no_burst(
    broken: dict[tuple[str, str], str],
) -> None:
    observed = examine(target(broken["black", "snapshot_url"], confirmed=Verdict.BLACK), LIMITS)
    assert (observed.verdict, observed.measurements["pictures"]) == (Verdict.BLACK, 1)


def test_whether_a_frozen_camera_lives_again_is_seen_in_a_burst(
    broken: dict[tuple[str, str], str],
) -> None:
    address = broken["frozen", "snapshot_url"]
    trace = examine(target(address), LIMITS).trace
    known = target(address, confirmed=Verdict.FROZEN, trace=trace)
    observed = examine(known, LIMITS)
    assert observed.verdict is Verdict.FROZEN and observed.measurements["pictures"] != 1


def test_a_frozen_camera_that_moves_again_is_healthy_at_once(put_up: PutUp) -> None:
    address = put_up().snapshot_url
    known = target(address, confirmed=Verdict.FROZEN, trace=bytes(2304))
    assert examine(known, LIMITS).verdict is Verdict.HEALTHY


def test_a_close_look_is_a_burst_whatever_the_first_picture_shows(put_up: PutUp) -> None:
    address = put_up().snapshot_url
    assert examine(target(address), LIMITS).measurements["pictures"] == 1
    observed = examine(target(address, close_look=True), LIMITS)
    assert observed.measurements["pictures"] > 1 and observed.close_look
    # One that gives no picture has been looked at closely all the same.
    assert examine(target("http://127.0.0.1:9/none.jpg", close_look=True), LIMITS).close_look


@pytest.mark.parametrize("second", ["fails", "shows one picture alone"])
@pytest.mark.parametrize("fault", ["black", "frozen"])
def test_a_suspicion_stands_when_the_second_look_cannot_tell(
    broken: dict[tuple[str, str], str], monkeypatch: pytest.MonkeyPatch, fault: str, second: str
) -> None:
    real, address = examining.grab, broken[fault, "snapshot_url"]
    trace = examine(target(address), LIMITS, always_burst=True).trace

    def once(source: Source, timeout_s: float, burst_s: float = 0.0) -> Any:
        if burst_s and second == "fails":
            raise GrabError(Reason.NO_VIDEO, "busy")
        return real(source, timeout_s)

    monkeypatch.setattr(examining, "grab", once)
    observed = examine(target(address, trace=trace), LIMITS)
    assert (observed.verdict, observed.reason) == (Verdict(fault), Reason.NONE)
    assert observed.jpeg is not None and observed.measurements["pictures"] == 1


def test_the_next_address_is_tried_where_that_may_help_and_the_first_error_counts(
    put_up: PutUp,
) -> None:
    good = put_up()
    wrong = good.snapshot_url.replace("snapshot", "no-such")
    assert examine(target(wrong, good.snapshot_url), LIMITS).verdict is Verdict.HEALTHY

    observed = examine(target(wrong, "http://127.0.0.1:9/x"), LIMITS)
    assert (observed.verdict, observed.reason) == (Verdict.OFFLINE, Reason.NOT_FOUND)
    assert observed.address == wrong


def test_a_closed_port_does_not_hide_a_stream_at_another(put_up: PutUp) -> None:
    closed = "http://127.0.0.1:9/x"
    assert examine(target(closed, put_up().snapshot_url), LIMITS).verdict is Verdict.HEALTHY
    observed = examine(target(closed, closed), LIMITS)
    assert (observed.verdict, observed.reason) == (Verdict.OFFLINE, Reason.REFUSED)
    assert observed.jpeg is None and observed.size is None and observed.trace == b""


def test_no_other_address_of_a_host_that_is_down_is_tried() -> None:
    asked = []

    def down(source: Source, timeout_s: float, burst_s: float) -> Any:
        asked.append(source.address)
        raise GrabError(Reason.UNREACHABLE, "no answer")

    observed = examine(target("rtsp://192.0.2.1/a", "rtsp://192.0.2.1/b"), LIMITS, grabber=down)
    assert (observed.verdict, observed.reason) == (Verdict.OFFLINE, Reason.UNREACHABLE)
    assert asked == ["rtsp://192.0.2.1/a"]
    asked.clear()
    examine(
        target("http://192.0.2.1/a", "rtsp://192.0.2.1/b", "rtsp://192.0.2.2/c"),
        LIMITS,
        grabber=down,
    )
    assert asked == ["http://192.0.2.1/a", "rtsp://192.0.2.2/c"]


def test_one_healthy_picture_clears_a_suspicion_and_is_not_learned() -> None:
    """A burst that brings one picture alone: it shows that the camera sees."""
    camera = Camera([noisy(scene(), 3, 1)], first=np.full_like(scene(), 3))
    asked = Target(1, (Source("rtsp://192.0.2.1/film"),))
    seen = examine(asked, LIMITS, grabber=camera, at=START)
    assert (seen.verdict, camera.bursts) == (Verdict.HEALTHY, 1)
    assert seen.measurements["because"] == Because.COMES_AND_GOES
    assert seen.learned is None


def test_a_tear_that_comes_and_goes_is_learned_and_the_picture_that_shows_it_is_not() -> None:
    """The water's edge, which now and then looks like one."""
    pictures = [noisy(scene(), 3, seed) for seed in range(4)]
    torn = pictures[3].copy()
    torn[180:] = np.roll(torn[180:], 230, axis=1)
    known = learned(*[look_at(picture(pictures[3]))] * YOUNG_PROBES)
    asked = Target(1, (Source("rtsp://192.0.2.1/film"),), memory=known)
    camera = Camera(pictures[:3], first=torn)
    at = START + YOUNG_PROBES * LEARN_EVERY
    seen = examine(asked, LIMITS, grabber=camera, at=at)
    assert (seen.verdict, camera.bursts) == (Verdict.HEALTHY, 1), seen.measurements
    assert seen.measurements["because"] == Because.COMES_AND_GOES
    assert seen.learned is not None and seen.learned.tears == pytest.approx(1 / 3)
    assert (seen.learned.probes, seen.learned.view is day(known).view) == (YOUNG_PROBES, True)


def test_a_camera_without_an_address_is_offline_and_says_so() -> None:
    observed = examine(target(), LIMITS)
    assert (observed.verdict, observed.reason) == (Verdict.OFFLINE, Reason.NOT_FOUND)
    assert observed.address == "" and "address" in observed.detail


def test_observations_show_no_password(put_up: PutUp) -> None:
    camera = put_up(auth="digest", username="operator", password="rahasia")
    for password in ("rahasia", "rahasia-salah"):
        known = Target(7, (Source(camera.snapshot_url, "operator", password),))
        assert "rahasia" not in repr(examine(known, LIMITS)) + repr(known)


@pytest.mark.parametrize("covered", [0, 2], ids=["first", "last"])
def test_nothing_is_learned_from_what_only_passes_by(covered: int) -> None:
    """A bus before the lens in one picture of three: a healthy camera, and no view of it."""
    pictures = [noisy(scene(), 3, seed) for seed in range(3)]
    pictures[covered] = np.full_like(pictures[0], 3)
    asked = Target(1, (Source("rtsp://192.0.2.1/film"),), close_look=True)
    seen = examine(asked, LIMITS, grabber=Camera(pictures), at=START)
    assert seen.verdict is Verdict.HEALTHY
    assert seen.measurements["because"] == Because.COMES_AND_GOES
    assert seen.learned is None
