"""Every fault of the picture that the farm knows, over the wire, on cameras that have a past."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from monitoring.examining import Limits, Observation, Target, examine
from monitoring.grabbing import Source
from monitoring.memory import Memory
from monitoring.verdicts import Verdict
from tests.farm import FAULTS, Farm, FarmCamera, Fault

pytestmark = pytest.mark.long

LIMITS = Limits(timeout_s=8.0, burst_s=5.0)
NOON = datetime(2026, 11, 24, 5, tzinfo=UTC)
FAULTY = [fault for fault in FAULTS.values() if fault.kind == "picture"]
SOURCES = {"h264": "rtsp_url", "h265": "rtsp_url", "jpeg": "snapshot_url"}


class Watched:
    """A camera as the database would remember it from probe to probe."""

    def __init__(self, camera: FarmCamera, source: str) -> None:
        self.camera = camera
        self.address = getattr(camera, source)
        self.memory = Memory()
        self.trace = b""
        self.at = NOON

    def probe(self, suspected: Verdict | None = None) -> Observation:
        self.at += timedelta(minutes=5)
        known = Target(
            1, (Source(self.address),), Verdict.HEALTHY, suspected, self.trace, self.memory
        )
        seen = examine(known, LIMITS, at=self.at)
        self.trace = seen.trace or self.trace
        if seen.learned is not None:
            others = [one for one in self.memory.references if one.light != seen.learned.light]
            self.memory = Memory((*others, seen.learned))
        return seen


@pytest.fixture(scope="module")
def watched() -> Iterator[tuple[Farm, dict[str, Watched]]]:
    with Farm() as farm:
        cameras = {}
        for name, source in SOURCES.items():
            codec = name if name != "jpeg" else "h264"
            sources = ("snapshot",) if name == "jpeg" else ("sub",)
            camera = farm.add(f"E-{name}", scene="water-day", codec=codec, sources=sources, fps=6)
            cameras[name] = Watched(camera, source)
        for _ in range(4):
            with ThreadPoolExecutor(3) as pool:
                seen = list(pool.map(Watched.probe, cameras.values()))
            assert {one.verdict for one in seen} == {Verdict.HEALTHY}
        yield farm, cameras


@pytest.mark.parametrize("fault", FAULTY, ids=lambda fault: fault.name)
def test_a_camera_with_a_past_shows_what_is_wrong_with_it(
    watched: tuple[Farm, dict[str, Watched]], fault: Fault
) -> None:
    farm, cameras = watched
    for one in cameras.values():
        farm.break_(one.camera.code, fault.name)
    expected = Verdict(fault.expected_verdict)

    def twice(one: Watched) -> Observation:
        one.probe()  # a standing picture shows from the second probe on
        # Damage strikes here and there.
        for _ in range(3 if expected is Verdict.CORRUPT else 1):
            seen = one.probe(suspected=expected)
            if seen.verdict is expected:
                break
            time.sleep(1)  # to another picture: three of this one's 96 snapshots are no JPEG at all
        return seen

    with ThreadPoolExecutor(3) as pool:
        found = dict(zip(cameras, pool.map(twice, cameras.values()), strict=True))
    for one in cameras.values():
        farm.mend(one.camera.code)
    wrong = {
        name: (seen.verdict, seen.reason, seen.measurements)
        for name, seen in found.items()
        if seen.verdict is not expected
    }
    assert wrong == {}
