"""Ten thousand cameras from an XLSX: previewed, imported, and imported again without a change.

Each by the very code that the admin's pages call, on SQLite, in this process: its memory at its
highest is the figure, Django and the read file included.
"""

import resource
import time
from collections.abc import Callable
from typing import Any

from tests.bench.results import Options, Result, at_most, stated
from tests.bench.setup import prepare


def run(options: Options) -> list[Result]:
    prepare()
    from cameras.importing.reading import read_table
    from cameras.importing.resources import CameraResource
    from cameras.models import Agency, Area, Camera, Site, Uplink
    from tests.cameras.tables import xlsx

    count = 1000 if options.quick else 10_000
    area = Area.objects.create(code="31.74", name="Jakarta Selatan")
    Agency.objects.create(code="SATPOL-PP", name="Satpol PP")
    Site.objects.bulk_create(
        Site(code=f"S-{n}", name=f"Lokasi {n}", area=area) for n in range(count // 4)
    )
    Uplink.objects.bulk_create(
        Uplink(code=f"U-{n}", name=f"Sakelar {n}", kind="switch") for n in range(count // 16)
    )
    head = ["code", "name", "site", "uplink", "agency", "main stream", "sub-stream"]
    head += ["user name", "password", "brand", "monitored", "probe interval (seconds)"]
    rows = [
        [
            *(f"K-{n}", f"Kamera {n}", f"S-{n // 4}", f"U-{n // 16}", "Satpol PP"),
            *(f"rtsp://10.{n >> 8}.{n & 255}.1/1", f"rtsp://10.{n >> 8}.{n & 255}.1/2"),
            *("operator", f"rahasia-{n}", "Hikvision", "ya", 300),
        ]
        for n in range(count)
    ]
    data = xlsx([head, *rows])
    del rows

    def timed(deed: Callable[[], Any]) -> tuple[float, Any]:
        began = time.monotonic()
        result = deed()
        assert not result.has_errors() and not result.wrong, (result.base_errors, result.wrong[:3])
        return time.monotonic() - began, dict(result.totals)

    def bring(dry_run: bool) -> Callable[[], Any]:
        return lambda: CameraResource().import_data(read_table(data), dry_run=dry_run)

    preview_s, _totals = timed(bring(True))
    write_s, totals = timed(bring(False))
    assert totals["new"] == count == Camera.objects.count()
    again_s, totals = timed(bring(False))
    changed = totals["new"] + totals["update"]
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    name = "import_cameras"
    return [
        stated(name, f"preview of {count:,} rows", preview_s, "s"),
        at_most(name, f"{count:,} rows previewed and imported", preview_s + write_s, 60, "s"),
        at_most(name, "the same file again", again_s, 60, "s"),
        at_most(name, "rows that it changes then", changed, 0),
        at_most(name, "memory at its highest", peak_mb, 500, "MB"),
    ]
