"""Ten thousand cameras from an XLSX: previewed, imported, and imported again without a change.

Through the admin's own pages, their making included, on SQLite, in this process: its memory at its
highest is the figure, Django and the making of the file included.
"""

import resource
import time
from typing import Any

from tests.bench.results import Options, Result, at_most, stated
from tests.bench.setup import prepare


def run(options: Options) -> list[Result]:
    prepare(ALLOWED_HOSTS="testserver", HTTPS="false")
    from django.conf import settings
    from django.contrib.auth.models import User
    from django.core.files.uploadedfile import SimpleUploadedFile
    from django.test import Client
    from django.urls import reverse

    from cameras.models import Agency, Area, Camera, Site, Uplink
    from tests.cameras.tables import xlsx

    # Static files as they stand in the source: nobody collected any here.
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}
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

    client = Client()
    client.force_login(User.objects.create_superuser("bench"))
    page, yes = (reverse(f"admin:cameras_camera_{deed}") for deed in ("import", "process_import"))

    def preview() -> Any:
        file = SimpleUploadedFile("cameras.xlsx", data)
        answer = client.post(page, {"format": "0", "resource": "0", "import_file": file})
        assert not answer.context_data["result"].wrong, answer.context_data["result"].wrong[:3]
        form = answer.context_data["confirm_form"]
        return answer.context_data["result"].totals, {
            each: form[each].value() for each in form.fields
        }

    began = time.monotonic()
    _totals, form = preview()
    preview_s = time.monotonic() - began
    began = time.monotonic()
    assert client.post(yes, form).status_code == 302
    write_s = time.monotonic() - began
    assert Camera.objects.count() == count
    began = time.monotonic()
    totals, form = preview()
    client.post(yes, form)
    again_s = time.monotonic() - began
    changed = totals["new"] + totals["update"]
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    name = "import_cameras"
    return [
        stated(name, f"preview of {count:,} rows", preview_s, "s"),
        at_most(name, f"{count:,} rows previewed and imported", preview_s + write_s, 60, "s"),
        at_most(name, "the same file previewed and imported again", again_s, 60, "s"),
        at_most(name, "rows that it changes then", changed, 0),
        at_most(name, "memory at its highest", peak_mb, 500, "MB"),
    ]
