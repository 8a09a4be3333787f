"""A thousand probes of good and bad cameras leave nothing behind: no file, no thread, no memory."""

import gc
import itertools
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import psutil
import pytest

from monitoring.examining import Limits, Target, examine
from monitoring.grabbing import Source
from monitoring.verdicts import Verdict
from tests.farm import Farm

PROBES, WARM_UP, THREADS = 1_000, 150, 16
MOST_GROWTH_BYTES = 40 * 1024 * 1024
SLACK = 2

PATIENT = Limits(timeout_s=5, burst_s=1.3)
IMPATIENT = Limits(timeout_s=0.3, burst_s=0.3)
FAULTS = (
    *("unauthorised", "not-found", "refused", "garbage", "truncated-jpeg", "garbage-video"),
    *("mute", "no-video", "cut", "endless-header"),
)
CODES = [f"L-{name}" for name in ("good", "locked", "newer", "black", *FAULTS)]


@dataclass(frozen=True)
class Figures:
    """What this process holds."""

    files: int
    threads: int
    memory_bytes: int


def target(address: str, confirmed: Verdict = Verdict.PENDING) -> Target:
    return Target(1, (Source(address, "operator", "rahasia"),), confirmed)


@pytest.fixture(scope="module")
def farm() -> Iterator[Farm]:
    with Farm() as farm:
        yield farm


@pytest.fixture(scope="module")
def cases(farm: Farm) -> list[tuple[Target, Limits]]:
    small = {"size": (320, 180), "seconds": 4, "fps": 5}
    tiny = {"size": (64, 64), "seconds": 2, "fps": 5}
    login = {"auth": "digest", "username": "operator", "password": "rahasia"}
    good, locked = farm.add("L-good", **small), farm.add("L-locked", **small, **login)
    newer = farm.add("L-newer", codec="h265", sources=("sub",), **small)
    black = farm.add("L-black", fault="black", **small)
    patient = [
        *(target(each) for each in (good.snapshot_url, good.mjpeg_url, good.rtsp_url)),
        *(target(each) for each in (locked.snapshot_url, locked.rtsp_url, newer.rtsp_url)),
        target(black.snapshot_url),  # pays for a burst
        target(black.mjpeg_url, Verdict.BLACK),  # does not
    ]
    without_tls = (good.rtsp_url, good.snapshot_url)
    impatient = [target(address.replace("://", "s://")) for address in without_tls]
    for fault in FAULTS:
        camera = farm.add(f"L-{fault}", fault=fault, **tiny)
        impatient += [target(camera.snapshot_url), target(camera.rtsp_url)]
    return [(each, PATIENT) for each in patient] + [(each, IMPATIENT) for each in impatient]


def probe(cases: list[tuple[Target, Limits]], count: int) -> Counter[str]:
    """So many probes, by turns; how often each verdict was found."""
    with ThreadPoolExecutor(THREADS) as pool:
        turns = itertools.islice(itertools.cycle(cases), count)
        return Counter(str(seen.verdict) for seen in pool.map(lambda each: examine(*each), turns))


def settled(farm: Farm) -> Figures:
    """The figures once the farm, which lives in this process too, has let its clients go."""
    patience = time.monotonic() + 10
    while any(farm.client_count(code) for code in CODES) and time.monotonic() < patience:
        time.sleep(0.05)
    gc.collect()
    process = psutil.Process()
    return Figures(process.num_fds(), process.num_threads(), process.memory_info().rss)


def test_nothing_is_left_behind_by_a_thousand_probes(
    farm: Farm, cases: list[tuple[Target, Limits]]
) -> None:
    probe(cases, WARM_UP)
    before = settled(farm)
    verdicts = probe(cases, PROBES)
    after = settled(farm)

    growth = after.memory_bytes - before.memory_bytes
    print(
        f"{PROBES} probes: {dict(verdicts)}; files {before.files} → {after.files}, "
        f"threads {before.threads} → {after.threads}, memory {growth / 1024**2:+.1f} MB"
    )
    assert verdicts.total() == PROBES
    assert min(verdicts[word] for word in ("healthy", "black", "offline")) > 50
    assert after.files <= before.files + SLACK
    assert after.threads <= before.threads + SLACK
    assert growth < MOST_GROWTH_BYTES
