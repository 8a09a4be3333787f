"""Full rounds with 10 % dead cameras: cameras per minute and core.

1080p H.264 streams; of the dead, half accept connections and never answer, half refuse them. All
cameras are due at once, and the round ends when each has been probed and recorded. Ours is the
whole pipeline (Redis, a worker with two processes and one for the dead, SQLite), in the second
round, when the dead are known. The others do what scripts do, and keep nothing: one `ffmpeg`
process per camera for one picture, eight at a time; and `cv2.VideoCapture` in a pool of 32 threads
with its time-outs set. The cameras run on the same two cores in each case.
"""

import contextlib
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor

import cv2
import psutil

from tests.bench.results import Options, Result, at_least, stated
from tests.bench.setup import need, prepare
from tests.bench.street import Street, street

_TIMEOUT_S = 5


def run(options: Options) -> list[Result]:
    need("ffmpeg")
    ours, theirs = (60, 20) if options.quick else (600, 100)
    prepare(
        PROBE_TIMEOUT_SECONDS=str(_TIMEOUT_S),
        PROBE_RETRY_SECONDS="3600",
        CONFIRM_AFTER_PROBES="1",
        RECOVER_AFTER_PROBES="1",
    )
    with street(good=ours - ours // 10, faults=_dead(ours)) as playing:
        engine = _engine_rate(playing, ours)
    with street(good=theirs - theirs // 10, faults=_dead(theirs)) as playing:
        addresses = _mixed(playing)
        command = _rate(addresses, _ffmpeg, threads=8)
        capture = _rate(addresses, _capture, threads=32)
    return [
        stated("rounds", "this program", engine, "cameras/min/core"),
        stated("rounds", "one ffmpeg per camera, 8 at a time", command, "cameras/min/core"),
        stated("rounds", "cv2.VideoCapture in 32 threads", capture, "cameras/min/core"),
        at_least("rounds", "this program : ffmpeg", engine / command, 1.0),
        at_least("rounds", "this program : cv2.VideoCapture", engine / capture, 1.0),
    ]


def _dead(cameras: int) -> dict[str, int]:
    return {"mute": cameras // 20, "refused": cameras // 10 - cameras // 20}


def _mixed(playing: Street) -> list[str]:
    """The dead spread evenly among the living."""
    good, bad = list(playing.main_urls), list(playing.bad_urls)
    every = len(good) // len(bad)
    for place, address in enumerate(bad):
        good.insert(place * (every + 1), address)
    return good


def _engine_rate(playing: Street, cameras: int) -> float:
    from monitoring.models import CameraHealth
    from monitoring.scheduling import dispatch_due
    from monitoring.tasks import _send
    from tests.bench.engine import Engine
    from tests.bench.rows import all_due, probed_since, register

    register(_mixed(playing))
    with Engine() as engine:
        del engine
        seconds = 0.0
        for _round in range(2):
            began = time.monotonic()
            moment = all_due()
            while probed_since(moment) < cameras:
                dispatch_due(_send)
                time.sleep(0.1)
            seconds = time.monotonic() - began
    healthy = CameraHealth.objects.filter(verdict="healthy").count()
    print(f"this program: {healthy} healthy of {len(playing.good)} good cameras")
    return cameras / seconds * 60 / (psutil.cpu_count() or 1)


def _rate(addresses: list[str], look, threads: int) -> float:  # type: ignore[no-untyped-def]
    began = time.monotonic()
    with ThreadPoolExecutor(threads) as pool:
        came = sum(pool.map(look, addresses))
    seconds = time.monotonic() - began
    print(f"{look.__name__}: {came} pictures of {len(addresses)} cameras")
    return len(addresses) / seconds * 60 / (psutil.cpu_count() or 1)


def _ffmpeg(address: str) -> bool:
    command = [
        "ffmpeg",
        "-v",
        "quiet",
        "-nostdin",
        "-rtsp_transport",
        "tcp",
        "-timeout",
        str(_TIMEOUT_S * 1_000_000),
        "-i",
        address,
        "-frames:v",
        "1",
        "-f",
        "null",
        "-",
    ]
    with contextlib.suppress(subprocess.TimeoutExpired):
        return subprocess.run(command, check=False, timeout=6 * _TIMEOUT_S).returncode == 0
    return False


def _capture(address: str) -> bool:
    wait_ms = _TIMEOUT_S * 1000
    capture = cv2.VideoCapture(
        address,
        cv2.CAP_FFMPEG,
        [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, wait_ms, cv2.CAP_PROP_READ_TIMEOUT_MSEC, wait_ms],
    )
    try:
        return bool(capture.isOpened() and capture.read()[0])
    finally:
        capture.release()
