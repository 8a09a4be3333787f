"""Processor time per routine probe of a 1080p H.264 RTSP camera.

The whole pipeline (beat, Redis, worker with its pool, scheduling, grabbing, looking, judging, the
row and the picture on the disk; SQLite) against a bare PyAV grab and decode of one key frame of the
same streams with the same options, and against `ffmpeg -vf blackdetect,freezedetect` over 3 s, the
script that an engineer would write. Cameras are probed about twenty a second, as 1,200 are in a
minute.

All three are measured in the same minute, side by side, and each by its own processes' time: a
machine that is shared may be twice as quick a minute later, and one after the other their ratio
would be the machine's.
"""

import os
import subprocess
import time
from concurrent.futures import Future, ThreadPoolExecutor, wait

import av

from monitoring.grabbing import streams
from tests.bench.results import Options, Result, at_most, stated
from tests.bench.setup import prepare
from tests.bench.street import Street, street

_CAMERAS = 240
_THREADS = 16
_BARE_PER_S = 10
_SCRIPTS_PER_S = 0.25


def run(options: Options) -> list[Result]:
    cameras = 60 if options.quick else _CAMERAS
    prepare(PROBE_INTERVAL_SECONDS="12", PROBE_RETRY_SECONDS="12")
    with street(good=cameras) as playing:
        whole, bare, script = _side_by_side(playing, seconds=25 if options.quick else 90)
    return [
        stated("probe_cost", "bare PyAV, one key frame", bare, "ms"),
        stated("probe_cost", "ffmpeg blackdetect + freezedetect, 3 s", script, "ms"),
        stated("probe_cost", "whole pipeline", whole, "ms"),
        at_most("probe_cost", "pipeline : bare PyAV", whole / bare, 1.5),
        at_most("probe_cost", "pipeline : ffmpeg script", whole / script, 0.125),
    ]


def _side_by_side(playing: Street, seconds: float) -> tuple[float, float, float]:
    """Milliseconds per probe of the pipeline, of bare PyAV, and of the script."""
    from django.db.models import Sum

    from monitoring.models import CameraHealth
    from tests.bench.engine import Engine, cpu_s
    from tests.bench.rows import register, spread

    register(playing.main_urls)
    spread(interval_s=12)

    def probes() -> int:
        return CameraHealth.objects.aggregate(all=Sum("span_probes"))["all"] or 0

    with Engine() as engine, ThreadPoolExecutor(_THREADS) as pool, ThreadPoolExecutor(1) as runner:
        engine.start_beat()
        time.sleep(26)  # two rounds: healthy, and nothing of the start left to do
        list(pool.map(_grab_bare, playing.main_urls[:_THREADS]))
        probes_before, cpu_before = probes(), cpu_s(engine.processes)
        own_before = time.process_time()
        scripts = runner.submit(
            lambda: [_ffmpeg_s(playing.main_urls[n]) for n in range(int(seconds * _SCRIPTS_PER_S))]
        )
        grabs: list[Future[None]] = []
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            grabs.append(pool.submit(_grab_bare, playing.main_urls[len(grabs) % len(playing.good)]))
            time.sleep(1 / _BARE_PER_S)
        wait(grabs)
        own = time.process_time() - own_before
        done, used = probes() - probes_before, cpu_s(engine.processes) - cpu_before
        each_script = scripts.result()
    return (
        used / done * 1000,
        own / len(grabs) * 1000,
        sum(each_script) / len(each_script) * 1000,
    )


def _grab_bare(address: str) -> None:
    """What the tuned use of PyAV comes to when nothing is done with the picture."""
    with av.open(
        address,
        options=dict(streams._OPTIONS),
        stream_options=[dict(each) for each in streams._STREAM_OPTIONS],
        timeout=(20, 20),
    ) as container:
        context = container.streams.video[0].codec_context
        context.skip_frame = "NONKEY"
        context.thread_count = 1
        context.thread_type = "NONE"
        for packet in container.demux(video=0):
            if packet.is_keyframe and (context.decode(packet) or context.decode(None)):
                return


def _ffmpeg_s(address: str) -> float:
    command = ["ffmpeg", "-v", "error", "-nostdin", "-rtsp_transport", "tcp", "-i", address]
    command += ["-t", "3", "-an", "-vf", "blackdetect,freezedetect", "-f", "null", "-"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    usage = os.wait4(process.pid, 0)[2]
    process.returncode = 0
    return usage.ru_utime + usage.ru_stime
