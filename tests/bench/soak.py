"""Every 1080p stream really probed every minute, for a quarter of an hour.

1,200 simulated cameras with a port each (they share a few clips, and the two cores with the
program), Redis, four worker processes (most of their time is waiting) and one for the dead, beat,
SQLite. It holds when all probes that were due were made, none was late by more than half an
interval, all cameras are still healthy, and memory at the end is what it was after the first
minutes.
"""

import time

from tests.bench.results import Options, Result, at_least, at_most, stated
from tests.bench.setup import prepare
from tests.bench.street import street

_INTERVAL_S = 60
_SETTLES_S = 150  # two rounds: connections, libraries and the pool's memory are as they will be


def run(options: Options) -> list[Result]:
    cameras = 100 if options.quick else options.cameras
    seconds = 60.0 if options.quick else options.minutes * 60
    prepare(PROBE_INTERVAL_SECONDS=str(_INTERVAL_S), PROBE_RETRY_SECONDS="30")
    with street(good=cameras) as playing:
        from django.utils import timezone

        from monitoring import pulse
        from monitoring.models import CameraHealth, Incident
        from tests.bench.crowd import probes
        from tests.bench.engine import Engine, cpu_s, rss_mb
        from tests.bench.rows import register, spread

        register(playing.main_urls)
        spread(_INTERVAL_S)
        lags: list[float] = []
        with Engine(concurrency=4) as engine:
            engine.start_beat()
            time.sleep(_SETTLES_S)
            began, before = time.monotonic(), probes()
            memory_before = rss_mb(engine.processes)
            used, farm = -cpu_s(engine.processes), -cpu_s([playing.process])
            while time.monotonic() - began < seconds:
                behind = pulse.backlog(timezone.now())
                lags.append(behind.lag_s)
                time.sleep(5)
            lasted = time.monotonic() - began
            used, farm = used + cpu_s(engine.processes), farm + cpu_s([playing.process])
            done, memory = probes() - before, rss_mb(engine.processes)
        healthy = CameraHealth.objects.filter(verdict="healthy").count()
        incidents = Incident.objects.count()
    due = cameras * lasted / _INTERVAL_S
    lags.sort()
    return [
        at_least("soak", f"probes made of {due:,.0f} that were due", done / due, 0.98),
        at_most("soak", "longest lag", lags[-1], _INTERVAL_S / 2, "s"),
        stated("soak", "median lag", lags[len(lags) // 2], "s"),
        at_least("soak", f"healthy at the end, of {cameras:,}", healthy, cameras),
        at_most("soak", "false incidents", incidents, 0),
        stated("soak", "memory after the first minutes", memory_before, "MB"),
        at_most("soak", "memory at the end : after the first minutes", memory / memory_before, 1.1),
        stated("soak", "processor time per probe", used / done * 1000, "ms"),
        stated("soak", "processors in use by the program", used / lasted, "cores"),
        stated("soak", "processors in use by the cameras", farm / lasted, "cores"),
    ]
