"""Grabbing alone, per minute of worker processor time.

`monitoring.grabbing.grab` in 32 threads of one process: 1080p H.264 main streams (joined in the
middle of a group of pictures, as on a real camera), 360p sub-streams and 1080p JPEG snapshots of
200 kB. The processor time is this process's own; the cameras run in another. Of several rounds the
quickest counts, as in `timeit`: what others do on the machine only ever makes one slower.

Beside it stand the main streams by FFmpeg's RTSP, which is what cameras cost that do not speak
plainly (`monitoring.grabbing.rtsp`); and what cannot be gone below: decoding the same snapshots
from memory, by the decoder alone.
"""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from urllib.request import urlopen

import cv2
import numpy as np

from monitoring import heap
from monitoring.grabbing import Source, grab
from tests.bench.results import Options, Result, at_least, stated
from tests.bench.street import street
from tests.monitoring.grabbing.attempts import by_ffmpeg_alone

_THREADS = 32
_BARS = {"main streams": 1900, "sub-streams": 3500, "snapshots": 19_000}


def run(options: Options) -> list[Result]:
    heap.keep()  # as in a worker
    rounds = 2 if options.quick else 6
    results = []
    with street(good=_THREADS, streams=("main", "sub", "jpeg"), seconds=8, clips=3) as cameras:
        urls = {
            "main streams": cameras.main_urls * 2,
            "sub-streams": cameras.sub_urls * 4,
            "snapshots": cameras.snapshot_urls * 10,
        }
        for kind, addresses in urls.items():
            with ThreadPoolExecutor(_THREADS) as pool:
                _grab_all(pool, addresses[:_THREADS])  # what the first use loads is not counted
                ms = _least_ms(partial(_grab_all, pool, addresses), rounds) / len(addresses)
            results.append(at_least("grabbing", f"{kind} a minute", 60_000 / ms, _BARS[kind]))
            if kind == "main streams":
                results += _against_ffmpeg(addresses, rounds)
        jpegs = [_jpeg(url) for url in cameras.snapshot_urls]
    ms = _least_ms(partial(_decode_all, jpegs), rounds) / len(jpegs)
    results.append(stated("grabbing", "snapshots decoded from memory", 60_000 / ms, "a minute"))
    return results


def _against_ffmpeg(addresses: list[str], rounds: int) -> list[Result]:
    """Main streams with FFmpeg's RTSP and with our own, by turns."""
    plain, ffmpeg = [], []
    with ThreadPoolExecutor(_THREADS) as pool:
        for _each in range(rounds):
            plain.append(_least_ms(partial(_grab_all, pool, addresses), 1))
            with by_ffmpeg_alone():
                ffmpeg.append(_least_ms(partial(_grab_all, pool, addresses), 1))
    ms = min(ffmpeg) / len(addresses)
    return [
        stated("grabbing", "main streams by FFmpeg's RTSP", 60_000 / ms, "a minute"),
        stated("grabbing", "our RTSP : FFmpeg's, processor time", min(plain) / min(ffmpeg)),
    ]


def _least_ms(work: Callable[[], None], rounds: int) -> float:
    """Processor time of the quickest round, in milliseconds."""
    used = []
    for _each in range(rounds):
        began = time.process_time()
        work()
        used.append(time.process_time() - began)
    return min(used) * 1000


def _grab_all(pool: ThreadPoolExecutor, addresses: list[str]) -> None:
    list(pool.map(lambda address: grab(Source(address), 20.0), addresses))


def _jpeg(url: str) -> bytes:
    with urlopen(url) as answer:
        return bytes(answer.read())


def _decode_all(jpegs: list[bytes]) -> None:
    """Only the luminance at a quarter of the size: the least that can be judged."""
    for each in jpegs:
        cv2.imdecode(np.frombuffer(each, np.uint8), cv2.IMREAD_REDUCED_GRAYSCALE_4)
