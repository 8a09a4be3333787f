"""Cameras in the benchmark's database."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.utils import timezone

from cameras.models import Area, Camera, Site
from monitoring.models import CameraHealth
from monitoring.scheduling import add_new

_PER_SITE = 4


def register(
    streams: Sequence[str], field: str = "stream_url", interval_s: int | None = None
) -> list[Camera]:
    """A monitored camera for each address, four to a site, ten sites to an area."""
    first, first_site = Camera.objects.count(), Site.objects.count()
    count = len(streams)
    areas = [
        Area.objects.get_or_create(code=f"31.{number:03}", defaults={"name": f"Wilayah {number}"})[
            0
        ]
        for number in range(max(1, min(44, count // (10 * _PER_SITE))))
    ]
    sites = Site.objects.bulk_create(
        Site(code=f"S-{first_site + n:06}", name=f"Lokasi {n}", area=areas[n % len(areas)])
        for n in range(-(-count // _PER_SITE))
    )
    return Camera.objects.bulk_create(
        [
            Camera(
                code=f"K-{first + n:06}",
                name=f"Kamera {n}",
                site=sites[n // _PER_SITE],
                interval_seconds=interval_s,
                **{field: address},
            )
            for n, address in enumerate(streams)
        ],
        batch_size=1000,
    )


def spread(interval_s: int) -> None:
    """Give every camera its row, as if it had been probed evenly spread over the last interval."""
    now = timezone.now()
    add_new(now)
    keys = list(CameraHealth.objects.order_by("pk").values_list("pk", flat=True))
    rows = []
    for number, key in enumerate(keys):
        due = now + timedelta(seconds=5 + interval_s * number / len(keys))
        rows.append(CameraHealth(pk=key, due_at=due))
    CameraHealth.objects.bulk_update(rows, ["due_at"], batch_size=500)
    CameraHealth.objects.update(claim=None)  # of what an engine left that has gone


def all_due() -> datetime:
    """Have all cameras probed now; the moment from which probes count."""
    now = timezone.now()
    add_new(now)
    CameraHealth.objects.update(due_at=now)
    return now


def probed_since(moment: datetime) -> int:
    """How many cameras have been probed since."""
    return CameraHealth.objects.filter(probed_at__gte=moment).count()
