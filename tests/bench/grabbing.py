"""Grabbing alone, per minute of worker processor time.

`monitoring.grabbing.grab` in 32 threads of one process: 1080p H.264 main streams (joined in the
middle of a group of pictures, as on a real camera), 540p sub-streams and 1080p-wide JPEG
snapshots. The processor time is this process's own; the cameras run in another.
"""

import time
from concurrent.futures import ThreadPoolExecutor

from monitoring.grabbing import Source, grab
from tests.bench.results import Options, Result, at_least
from tests.bench.street import street

_THREADS = 32
_BARS = {"main streams": 1900, "sub-streams": 3500, "snapshots": 19_000}


def run(options: Options) -> list[Result]:
    results = []
    with street(good=_THREADS, streams=("main", "sub", "jpeg"), seconds=8, clips=3) as cameras:
        urls = {
            "main streams": cameras.main_urls * (2 if options.quick else 12),
            "sub-streams": cameras.sub_urls * (2 if options.quick else 20),
            "snapshots": cameras.snapshot_urls * (4 if options.quick else 60),
        }
        for kind, addresses in urls.items():
            _grab_all(addresses[:_THREADS])  # what is loaded at the first use is not counted
            began = time.process_time()
            _grab_all(addresses)
            per_minute = len(addresses) / (time.process_time() - began) * 60
            results.append(at_least("grabbing", f"{kind} a minute", per_minute, _BARS[kind]))
    return results


def _grab_all(addresses: list[str]) -> None:
    with ThreadPoolExecutor(_THREADS) as pool:
        list(pool.map(lambda address: grab(Source(address), 20.0), addresses))
