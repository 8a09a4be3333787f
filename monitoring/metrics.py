"""`/metrics`: figures for Prometheus, derived from the database at each scrape.

Several processes probe and serve, and any may be replaced at any time: what one of them counted
would be a part of the truth. Rows are the whole of it, so nothing is counted in memory, and a
scrape may ask any web process.

A floor above adds its figures by `metrics` of its AppConfig: the dotted name of a function that
takes the moment and gives metric families. See `collect`.
"""

import hmac
import shutil
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta

from django.apps import apps
from django.conf import settings
from django.db.models import Count, Max, Q, Sum
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.module_loading import import_string
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeHistogramMetricFamily, GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from monitoring import broker, pulse
from monitoring.models import CameraHealth, Incident
from monitoring.visitors import is_this_machine

Collect = Callable[[datetime], Iterable[Metric]]

# Seconds; a snapshot takes some hundredths, a stream waits for its key frame, a burst lasts more.
_BUCKETS_S = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0)


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus text, for this machine or whoever has METRICS_TOKEN."""
    if not (is_this_machine(request) or _has_token(request)):
        return HttpResponse("METRICS_TOKEN is needed.\n", status=403, content_type="text/plain")
    return HttpResponse(render(timezone.now()), content_type=CONTENT_TYPE_LATEST)


def render(now: datetime) -> bytes:
    """All figures of all floors, as text."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_AllFloors(now))
    return generate_latest(registry)


def _has_token(request: HttpRequest) -> bool:
    given = request.headers.get("Authorization", "")
    wanted = f"Bearer {settings.METRICS_TOKEN}"
    return bool(settings.METRICS_TOKEN) and hmac.compare_digest(given.encode(), wanted.encode())


class _AllFloors(Collector):
    """What every installed app has to tell: `metrics` of its AppConfig."""

    def __init__(self, now: datetime) -> None:
        self._now = now

    def collect(self) -> Iterator[Metric]:
        for config in apps.get_app_configs():
            if name := getattr(config, "metrics", None):
                collector: Collect = import_string(name)
                yield from collector(self._now)


def collect(now: datetime) -> Iterator[Metric]:
    """This floor's figures."""
    yield _cameras()
    yield _incidents()
    yield _probe_times()
    yield from _timeliness(now)
    yield from _queues()
    yield _gauge(
        "cctv_disk_free_bytes",
        "Free space where DATA_DIR lies.",
        shutil.disk_usage(settings.DATA_DIR).free,
    )


def _cameras() -> Metric:
    family = GaugeMetricFamily(
        "cctv_cameras",
        "Monitored cameras by area and confirmed verdict.",
        None,
        ["area", "verdict"],
    )
    rows = (
        CameraHealth.objects.filter(camera__is_monitored=True)
        .values_list("camera__site__area__code", "verdict")
        .annotate(count=Count("pk"))
        .order_by("camera__site__area__code", "verdict")
    )
    for area, verdict, count in rows:
        family.add_metric([area, verdict], count)
    return family


def _incidents() -> Metric:
    family = GaugeMetricFamily("cctv_incidents", "Incidents that run.", None, ["verdict"])
    rows = Incident.objects.running().values_list("verdict").annotate(count=Count("pk"))
    for verdict, count in rows.order_by("verdict"):
        family.add_metric([verdict], count)
    return family


def _probe_times() -> Metric:
    """How the latest probes of all cameras are distributed: one scrape an interval sees all."""
    timed = CameraHealth.objects.filter(camera__is_monitored=True, duration_ms__isnull=False)
    facts = timed.aggregate(
        total=Sum("duration_ms"),
        number=Count("pk"),
        **{f"b{i}": Count("pk", filter=Q(duration_ms__lte=_BUCKETS_S[i] * 1000)) for i in _PLACES},
    )
    buckets = [(str(_BUCKETS_S[i]), float(facts[f"b{i}"])) for i in _PLACES]
    return GaugeHistogramMetricFamily(
        "cctv_probe_seconds",
        "Time that the latest probe of each camera took.",
        buckets=[*buckets, ("+Inf", float(facts["number"]))],
        gsum_value=(facts["total"] or 0) / 1000,
    )


_PLACES = range(len(_BUCKETS_S))


def _timeliness(now: datetime) -> Iterator[Metric]:
    behind = pulse.backlog(now)
    yield _gauge(
        "cctv_probe_lag_seconds", "How late the camera is that waits longest.", behind.lag_s
    )
    yield _gauge("cctv_cameras_overdue", "Late by more than an interval.", behind.overdue)
    stands_still = pulse.stands_still_since(now) is not None
    yield _gauge(
        "cctv_probing_stopped", "1 when nothing is probed although cameras are due.", stands_still
    )
    recent = CameraHealth.objects.filter(probed_at__gt=now - timedelta(seconds=60)).count()
    yield _gauge("cctv_cameras_probed_last_minute", "Cameras probed within a minute.", recent)
    if (last := CameraHealth.objects.aggregate(last=Max("probed_at"))["last"]) is not None:
        yield _gauge(
            "cctv_last_probe_timestamp_seconds", "When anything was probed last.", last.timestamp()
        )
    if (age := pulse.beat_age(now)) is not None:
        yield _gauge(
            "cctv_beat_age_seconds", "Since beat's last task was run.", age.total_seconds()
        )


def _queues() -> Iterator[Metric]:
    family = GaugeMetricFamily("cctv_queue_messages", "Messages that wait.", None, ["queue"])
    try:
        for queue, length in broker.queue_lengths().items():
            family.add_metric([queue], length)
    except broker.OperationalError:
        yield _gauge("cctv_broker_up", "Whether Redis answers.", 0)
        return
    yield family
    yield _gauge("cctv_broker_up", "Whether Redis answers.", 1)


def _gauge(name: str, help_text: str, value: float) -> Metric:
    return GaugeMetricFamily(name, help_text, value)
