"""Grabbing alone, per minute of worker processor time.

`monitoring.grabbing.grab` in 32 threads of one process: 1080p H.264 main streams (joined in the
middle of a group of pictures, as on a real camera), 360p sub-streams and 1080p JPEG snapshots. A
picture is let go as soon as it is there, as in a worker. The processor time is this process's own;
the cameras run in another. Of several rounds the quickest counts, as in `timeit`: what others do on
the machine only ever makes one slower.

Beside it stand the main streams by FFmpeg's RTSP, which is what cameras cost that do not speak
plainly (`monitoring.grabbing.rtsp`); and what cannot be gone below: decoding the same snapshots
from memory, by the decoder alone.

What a snapshot costs depends on its bytes, and the bar was taken on a picture whose size is not on
record; docs/benchmarks.md says why it is held against those of 120 kB. Those of 200 kB, which a
camera of good quality sends, are stated beside them.
"""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from urllib.request import urlopen

import cv2
import numpy as np
from numpy.typing import NDArray

from monitoring import heap
from monitoring.grabbing import Source, grab
from tests.bench.results import Options, Result, at_least, stated
from tests.bench.street import street
from tests.monitoring.grabbing.attempts import by_ffmpeg_alone

_THREADS = 32
_BARS = {"main streams": 1900, "sub-streams": 3500}
_SNAPSHOT_BAR = 19_000
_QUALITIES = (57, 80)  # 120 and 200 kB; the bar is held against the first


def run(options: Options) -> list[Result]:
    heap.keep()  # as in a worker
    rounds = 2 if options.quick else 12
    # First of all: among what streams leave on the heap, a snapshot costs some 6 % more.
    results = [result for quality in _QUALITIES for result in _snapshots(quality, rounds)]
    with street(good=_THREADS, streams=("main", "sub"), seconds=8, clips=3) as cameras:
        urls = {"sub-streams": cameras.sub_urls * 4, "main streams": cameras.main_urls * 2}
        for kind, addresses in urls.items():
            a_minute = _grabbed_a_minute(addresses, rounds)
            results.append(at_least("grabbing", f"{kind} a minute", a_minute, _BARS[kind]))
        results += _against_ffmpeg(urls["main streams"], rounds)
    return results


def _snapshots(quality: int, rounds: int) -> list[Result]:
    """Snapshots of one JPEG quality: grabbed, and decoded from memory."""
    clips = {"streams": ("jpeg",), "seconds": 8, "clips": 3, "jpeg_quality": quality}
    with street(good=_THREADS, **clips) as cameras:
        a_minute = _grabbed_a_minute(cameras.snapshot_urls * 10, rounds)
        jpegs = [np.frombuffer(_jpeg(url), np.uint8) for url in cameras.snapshot_urls]
    size = f"{sum(map(len, jpegs)) / len(jpegs) / 1000:.0f} kB"
    least_ms = _least_ms(partial(_decode_all, jpegs), rounds) / len(jpegs)
    name = f"snapshots of {size}"
    return [
        at_least("grabbing", f"{name} a minute", a_minute, _SNAPSHOT_BAR)
        if quality == _QUALITIES[0]
        else stated("grabbing", f"{name} a minute", a_minute),
        stated("grabbing", f"{name} decoded from memory", 60_000 / least_ms, "a minute"),
    ]


def _grabbed_a_minute(addresses: list[str], rounds: int) -> float:
    with ThreadPoolExecutor(_THREADS) as pool:
        _grab_all(pool, addresses[:_THREADS])  # what the first use loads is not counted
        return 60_000 * len(addresses) / _least_ms(partial(_grab_all, pool, addresses), rounds)


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
    """Each thread its share, so that handing out the work is no part of what is measured."""
    shares = [addresses[first::_THREADS] for first in range(_THREADS)]
    list(pool.map(_grab_each, shares))


def _grab_each(addresses: list[str]) -> None:
    for address in addresses:
        grab(Source(address), 20.0)


def _jpeg(url: str) -> bytes:
    with urlopen(url) as answer:
        return bytes(answer.read())


def _decode_all(jpegs: list[NDArray[np.uint8]]) -> None:
    """Only the luminance at a quarter of the size: the least that can be judged."""
    for each in jpegs:
        cv2.imdecode(each, cv2.IMREAD_REDUCED_GRAYSCALE_4)
