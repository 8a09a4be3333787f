"""Processor time per routine probe of a 1080p H.264 RTSP camera.

The whole pipeline (beat, Redis, worker with its pool, scheduling, grabbing, looking, judging, the
row and the picture on the disk; SQLite) against a bare PyAV grab and decode of one key frame of the
same streams with the same options, and against `ffmpeg -vf blackdetect,freezedetect` over 3 s, the
script that an engineer would write. Cameras are probed about twenty a second, as 1,200 are in a
minute.

Counted are routine probes: those of a camera that is known (`memory.YOUNG_PROBES`), not its first
ones, from which more is learned. The bare grab keeps time as anybody's would, by PyAV's time-outs;
beside it stands what it costs without any, which no program could live with.

All are measured in the same minute, side by side, and each by its own processes' time: a
machine that is shared may be twice as quick a minute later, and one after the other their ratio
would be the machine's.
"""

import itertools
import os
import statistics
import subprocess
import time
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import replace
from typing import NamedTuple

import av

from monitoring.grabbing import streams
from tests.bench.results import Options, Result, at_most, stated
from tests.bench.setup import need, prepare
from tests.bench.street import Street, street
from tests.supervisor.helpers import until

_CAMERAS = 240
_THREADS = 16
_BARE_PER_S = 10
_SCRIPTS_PER_S = 0.25


def run(options: Options) -> list[Result]:
    need("ffmpeg")
    cameras = 60 if options.quick else _CAMERAS
    prepare(PROBE_INTERVAL_SECONDS="12", PROBE_RETRY_SECONDS="12")
    with street(good=cameras) as playing:
        ms = _side_by_side(playing, seconds=25 if options.quick else 90)
    return [
        stated("probe_cost", "bare PyAV, one key frame", ms.bare, "ms"),
        stated("probe_cost", "the same without time-outs", ms.untimed, "ms"),
        stated("probe_cost", "ffmpeg blackdetect + freezedetect, 3 s", ms.script, "ms"),
        stated("probe_cost", "whole pipeline", ms.whole, "ms"),
        at_most("probe_cost", "pipeline : bare PyAV", ms.whole / ms.bare, 1.5),
        at_most("probe_cost", "pipeline : ffmpeg script", ms.whole / ms.script, 0.125),
    ]


class _Costs(NamedTuple):
    """Milliseconds of processor time per probe."""

    whole: float
    bare: float
    untimed: float
    script: float


def _side_by_side(playing: Street, seconds: float) -> _Costs:
    from django.db.models import Sum

    from monitoring.memory import YOUNG_PROBES
    from monitoring.models import CameraHealth
    from tests.bench.engine import Engine, cpu_s
    from tests.bench.rows import register, spread

    register(playing.main_urls)
    spread(interval_s=12)

    def grown_up() -> bool:
        time.sleep(1)
        return not CameraHealth.objects.filter(span_probes__lte=YOUNG_PROBES).exists()

    def probes() -> int:
        return CameraHealth.objects.aggregate(all=Sum("span_probes"))["all"] or 0

    with Engine() as engine, ThreadPoolExecutor(_THREADS) as pool, ThreadPoolExecutor(1) as runner:
        engine.start_beat()
        until(grown_up, "all cameras to be known", within_s=300)
        learned_from_bursts()
        list(pool.map(_bare_s, playing.main_urls[:_THREADS]))
        probes_before, cpu_before = probes(), cpu_s(engine.processes)
        scripts = runner.submit(
            lambda: [_ffmpeg_s(playing.main_urls[n]) for n in range(int(seconds * _SCRIPTS_PER_S))]
        )
        timed: list[Future[float]] = []
        untimed: list[Future[float]] = []
        addresses = itertools.cycle(playing.main_urls)
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            timed.append(pool.submit(_bare_s, next(addresses)))
            untimed.append(pool.submit(_bare_s, next(addresses), None))
            time.sleep(2 / _BARE_PER_S)
        wait((*timed, *untimed))
        done, used = probes() - probes_before, cpu_s(engine.processes) - cpu_before
        return _Costs(
            used / done * 1000,
            _mean_ms(each.result() for each in timed),
            _mean_ms(each.result() for each in untimed),
            _mean_ms(scripts.result()),
        )


def learned_from_bursts() -> None:
    """As after some hours: the first bursts to learn from, which are shared out, have been made."""
    from monitoring.models import CameraReference

    rows = list(CameraReference.objects.all())
    for row in rows:
        reference = row.unpacked()
        assert reference is not None
        row.data = replace(reference, bursts=max(reference.bursts, 3)).pack()
    CameraReference.objects.bulk_update(rows, ["data"], batch_size=100)


def _mean_ms(seconds: Iterable[float]) -> float:
    return statistics.mean(seconds) * 1000


def _bare_s(address: str, timeout: tuple[float, float] | None = (20, 20)) -> float:
    """Processor seconds of the tuned use of PyAV, when nothing is done with the picture."""
    began = time.thread_time()
    with av.open(
        address,
        options=dict(streams._OPTIONS),
        stream_options=[dict(each) for each in streams._STREAM_OPTIONS],
        timeout=timeout,
    ) as container:
        context = container.streams.video[0].codec_context
        context.skip_frame = "NONKEY"
        context.thread_count = 1
        context.thread_type = "NONE"
        for packet in container.demux(video=0):
            if packet.is_keyframe and (context.decode(packet) or context.decode(None)):
                break
    return time.thread_time() - began


def _ffmpeg_s(address: str) -> float:
    command = ["ffmpeg", "-v", "error", "-nostdin", "-rtsp_transport", "tcp", "-i", address]
    command += ["-t", "3", "-an", "-vf", "blackdetect,freezedetect", "-f", "null", "-"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    usage = os.wait4(process.pid, 0)[2]
    process.returncode = 0
    return usage.ru_utime + usage.ru_stime
