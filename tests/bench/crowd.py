"""Many registered cameras whose grabbing is answered from memory: what `city` and `town` share."""

import time
from collections.abc import Sequence

import psutil
from django.db.models import Sum
from django.utils import timezone

from monitoring import pulse
from monitoring.models import CameraHealth, HealthSpan
from monitoring.scheduling import dispatch_due
from monitoring.tasks import _send
from tests.bench.engine import Engine, cpu_s, rss_mb
from tests.bench.recorded import ADDRESS
from tests.bench.results import Result, at_least, at_most, stated
from tests.bench.rows import all_due, probed_since, register, spread

_SETTLES_S = 20


def recorded_engine() -> Engine:
    """The program with recorded answers."""
    return Engine(app="tests.bench.recorded")


def add_cameras(count: int) -> None:
    """Registered, and not probed yet."""
    register([ADDRESS.format(number=number) for number in range(count)])


def one_round(
    benchmark: str, cameras: int, interval_s: int, seconds: float, servers: Sequence[psutil.Process]
) -> list[Result]:
    """Probe them all every `interval_s` seconds for `seconds`; are they in time?"""
    spread(interval_s)
    lags: list[float] = []
    with recorded_engine() as engine:
        engine.start_beat()
        time.sleep(_SETTLES_S)
        probes_before, began = probes(), time.monotonic()
        used = -cpu_s([*engine.processes, *servers])
        while time.monotonic() - began < seconds:
            lags.append(pulse.backlog(timezone.now()).lag_s)
            time.sleep(2)
        used += cpu_s([*engine.processes, *servers])
        lasted = time.monotonic() - began
        done, memory = probes() - probes_before, rss_mb(engine.processes)
    name = f"{cameras:,} cameras, each every {interval_s} s"
    return [
        at_least(
            benchmark,
            f"{name}: probes done of those due",
            done / (cameras * lasted / interval_s),
            0.98,
        ),
        at_most(benchmark, f"{name}: longest lag", max(lags), 30, "s"),
        stated(benchmark, f"{name}: processors in use", used / lasted, "cores"),
        stated(benchmark, f"{name}: memory of all processes", memory, "MB"),
    ]


def cost_ms(cameras: int, rounds: int, servers: Sequence[psutil.Process]) -> float:
    """Processor time per probe, all cameras due at once, so many times over."""
    with recorded_engine() as engine:
        _all_once(cameras)  # what is done at the first probe only
        own = 0.0
        used = -cpu_s([*engine.processes, *servers])
        for _round in range(rounds):
            own += _all_once(cameras)
        used += cpu_s([*engine.processes, *servers])
    return (used + own) / (cameras * rounds) * 1000


def _all_once(cameras: int) -> float:
    """Have all probed; the processor seconds that dispatching took in this process."""
    moment, own = all_due(), 0.0
    while probed_since(moment) < cameras:
        began = time.process_time()
        sent = dispatch_due(_send)
        own += time.process_time() - began
        if not sent:
            time.sleep(0.5)
    return own


def probes() -> int:
    """Probes recorded: of spans that ended, and of those that are open."""
    ended = HealthSpan.objects.aggregate(all=Sum("probes"))["all"] or 0
    return ended + (CameraHealth.objects.aggregate(all=Sum("span_probes"))["all"] or 0)
