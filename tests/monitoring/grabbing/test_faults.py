"""Every way of the farm to be broken, seen over each protocol: the reason, and in time."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from monitoring.grabbing.streams import READ_SECONDS
from tests.farm import FAULTS, Farm
from tests.monitoring.grabbing.attempts import Attempt, attempt

TIMEOUT_SECONDS = 1.5
CASES = [
    (fault.name, source)
    for fault in FAULTS.values()
    if fault.kind == "connection"
    for source in ("stream", "snapshot", "mjpeg")
    if not (fault.needs_http and source == "stream")
]


@pytest.fixture(scope="module")
def attempts() -> Iterator[dict[tuple[str, str], Attempt]]:
    """All cases at once: most of their time is waiting."""
    with Farm() as farm, ThreadPoolExecutor(len(CASES)) as pool:

        def addresses(fault: str) -> dict[str, str]:
            camera = farm.add(f"F-{fault}", size=(320, 180), seconds=4, fps=5, fault=fault)
            return {
                "stream": camera.rtsp_url,
                "snapshot": camera.snapshot_url,
                "mjpeg": camera.mjpeg_url,
            }

        names = sorted({fault for fault, _source in CASES})
        by_fault = dict(zip(names, pool.map(addresses, names), strict=True))
        wanted = [by_fault[fault][source] for fault, source in CASES]
        found = pool.map(lambda address: attempt(address, TIMEOUT_SECONDS), wanted)
        yield dict(zip(CASES, found, strict=True))


@pytest.mark.parametrize("case", CASES, ids="-".join)
def test_a_fault_of_the_connection_is_told_by_its_reason(
    attempts: dict[tuple[str, str], Attempt], case: tuple[str, str]
) -> None:
    fault, seen = FAULTS[case[0]], attempts[case]
    assert seen.outcome in (fault.expected_reason, *fault.other_reasons), seen.detail
    assert seen.detail


@pytest.mark.parametrize("case", CASES, ids="-".join)
def test_a_fault_of_the_connection_takes_no_longer_than_it_may(
    attempts: dict[tuple[str, str], Attempt], case: tuple[str, str]
) -> None:
    assert attempts[case].seconds < TIMEOUT_SECONDS + READ_SECONDS + 1
