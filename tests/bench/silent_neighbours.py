"""How soon a good camera is judged among 50 that accept connections and never answer.

One batch of 51 (`monitoring.probing.probe_batch`, SQLite) against the good camera alone: from the
beginning of the batch until its row is written. A bare thread pool over `cv2.VideoCapture` makes
such a camera wait for all others: its opens are serialised in the whole process.
"""

import statistics
import threading
import time

from tests.bench.results import Options, Result, at_most, stated
from tests.bench.setup import prepare
from tests.bench.street import street

_SILENT = 50


def run(options: Options) -> list[Result]:
    prepare(PROBE_TIMEOUT_SECONDS="10", PROBE_BATCH_SIZE=str(_SILENT + 1))
    with street(good=1, faults={"mute": _SILENT}, streams=("jpeg",), seconds=8) as cameras:
        times = 1 if options.quick else 5
        alone = [_judged_after_s(cameras.snapshot_urls, []) for _each in range(times)]
        among = [_judged_after_s(cameras.snapshot_urls, cameras.bad_urls) for _each in range(times)]
    later = statistics.median(among) - statistics.median(alone)
    return [
        stated("silent_neighbours", "alone", statistics.median(alone), "s"),
        stated("silent_neighbours", "among 50 silent ones", statistics.median(among), "s"),
        at_most("silent_neighbours", "later than alone", later, 1.0, "s"),
    ]


def _judged_after_s(good: list[str], silent: list[str]) -> float:
    from django.db import connection

    from cameras.models import Camera
    from monitoring.models import CameraHealth
    from monitoring.probing import probe_batch
    from tests.bench.rows import register
    from tests.factories import claimed

    CameraHealth.objects.all().delete()
    Camera.objects.all().delete()
    others = register(silent)
    [camera] = register(good, field="snapshot_url")
    mark = claimed(camera, *others)

    def probe() -> None:
        try:
            probe_batch(mark, [*(other.pk for other in others), camera.pk])  # the good one last
        finally:
            connection.close()

    batch = threading.Thread(target=probe)
    began = time.monotonic()
    batch.start()
    while not CameraHealth.objects.filter(pk=camera.pk, probed_at__isnull=False).exists():
        time.sleep(0.01)
    judged_s = time.monotonic() - began
    batch.join()
    return judged_s
