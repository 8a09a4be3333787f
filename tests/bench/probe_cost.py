"""Processor time per routine probe of a 1080p H.264 RTSP camera.

The whole pipeline (beat, Redis, worker with its pool, scheduling, grabbing, looking, judging, the
row and the picture on the disk; SQLite) against a bare PyAV grab and decode of one key frame of the
same streams with the same options, and against `ffmpeg -vf blackdetect,freezedetect` over 3 s, the
script that an engineer would write. Cameras are probed about twenty a second, as 1,200 are in a
minute.
"""

import os
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor

import av

from monitoring.grabbing import streams
from tests.bench.results import Options, Result, at_most, stated
from tests.bench.setup import prepare
from tests.bench.street import Street, street

_CAMERAS = 240
_THREADS = 16


def run(options: Options) -> list[Result]:
    cameras = 60 if options.quick else _CAMERAS
    prepare(PROBE_INTERVAL_SECONDS="12", PROBE_RETRY_SECONDS="12")
    with street(good=cameras) as playing:
        bare = _bare_ms(playing, rounds=1 if options.quick else 3)
        script = _ffmpeg_ms(playing, runs=4 if options.quick else 16)
        whole = _pipeline_ms(playing, seconds=25 if options.quick else 75)
    return [
        stated("probe_cost", "bare PyAV, one key frame", bare, "ms"),
        stated("probe_cost", "ffmpeg blackdetect + freezedetect, 3 s", script, "ms"),
        stated("probe_cost", "whole pipeline", whole, "ms"),
        at_most("probe_cost", "pipeline : bare PyAV", whole / bare, 1.5),
        at_most("probe_cost", "pipeline : ffmpeg script", whole / script, 0.125),
    ]


def _pipeline_ms(playing: Street, seconds: float) -> float:
    from django.db.models import Sum

    from monitoring.models import CameraHealth
    from tests.bench.engine import Engine, cpu_s
    from tests.bench.rows import register, spread

    register(playing.main_urls)
    spread(interval_s=12)

    def probes() -> int:
        return CameraHealth.objects.aggregate(all=Sum("span_probes"))["all"] or 0

    with Engine() as engine:
        engine.start_beat()
        time.sleep(26)  # two rounds: healthy, and nothing of the start left to do
        probes_before, cpu_before = probes(), cpu_s(engine.processes)
        time.sleep(seconds)
        done, used = probes() - probes_before, cpu_s(engine.processes) - cpu_before
    return used / done * 1000


def _bare_ms(playing: Street, rounds: int) -> float:
    with ThreadPoolExecutor(_THREADS) as pool:
        list(pool.map(_grab_bare, playing.main_urls[:_THREADS]))
        began = time.process_time()
        addresses = playing.main_urls * rounds
        list(pool.map(_grab_bare, addresses))
        return (time.process_time() - began) / len(addresses) * 1000


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


def _ffmpeg_ms(playing: Street, runs: int) -> float:
    used = 0.0
    for address in playing.main_urls[:runs]:
        process = subprocess.Popen(
            [
                "ffmpeg",
                "-v",
                "error",
                "-nostdin",
                "-rtsp_transport",
                "tcp",
                "-i",
                address,
                "-t",
                "3",
                "-an",
                "-vf",
                "blackdetect,freezedetect",
                "-f",
                "null",
                "-",
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        usage = os.wait4(process.pid, 0)[2]
        process.returncode = 0
        used += usage.ru_utime + usage.ru_stime
    return used / runs * 1000
