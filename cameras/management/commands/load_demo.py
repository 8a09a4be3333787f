"""`manage.py load_demo`: the demo farm's cameras, as rows of the registry. Run again, it adds
only what is missing and never touches what staff have changed since.
"""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import models, transaction
from django.utils.translation import gettext as _

from cameras.models import Agency, Area, Camera, Site, Uplink

# Catalogue's name of a source → (field of the camera, address).
_SOURCES = {
    "main": ("stream_url", "rtsp://127.0.0.1:{port}/main"),
    "sub": ("substream_url", "rtsp://127.0.0.1:{port}/sub"),
    "snapshot": ("snapshot_url", "http://127.0.0.1:{port}/snapshot.jpg"),
    "mjpeg": ("snapshot_url", "http://127.0.0.1:{port}/video.mjpg"),
}


class Command(BaseCommand):
    help = "Add the cameras of the demo farm, which simulates them on this machine."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--farm-port", type=int, default=18600, help="the farm's control port")
        parser.add_argument(
            "--catalogue",
            type=Path,
            default=settings.BASE_DIR / "tests" / "farm" / "catalogue.json",
            help="the farm's catalogue (JSON)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            catalogue = json.loads(options["catalogue"].read_text())
        except (OSError, ValueError) as error:
            raise CommandError(
                _("The catalogue %(file)s cannot be read: %(error)s")
                % {"file": options["catalogue"], "error": error}
            ) from None
        # They are on this machine, which settings.PROBE_ALLOWED_NETWORKS refuses otherwise.
        (settings.DATA_DIR / "demo").touch()
        with transaction.atomic():
            added = load(catalogue, options["farm_port"])
        if options["verbosity"]:
            self.stdout.write(_("Demo cameras added: %(number)s.") % {"number": added})


def load(catalogue: dict[str, list[dict[str, Any]]], farm_port: int) -> int:
    """Add what is missing; the number of new cameras. Camera i listens on `farm_port` + 1 + i."""
    areas = _Keyed(Area)
    for row in catalogue["areas"]:
        areas.add(row["code"], name=row["name"], parent=areas.get(row.get("parent")))
    agencies = _Keyed(Agency)
    for row in catalogue["agencies"]:
        agencies.add(row["code"], name=row["name"])
    sites = _Keyed(Site)
    for row in catalogue["sites"]:
        sites.add(
            row["code"],
            name=row["name"],
            kind=row["kind"],
            area=areas.get(row["area"]),
            agency=agencies.get(row.get("agency")),
            latitude=row["latitude"],
            longitude=row["longitude"],
            address=row.get("address", ""),
            importance=row["importance"],
        )
    uplinks = _Keyed(Uplink)
    for row in catalogue["uplinks"]:
        uplinks.add(
            row["code"],
            name=row["name"],
            kind=row["kind"],
            parent=uplinks.get(row.get("parent")),
            site=sites.get(row.get("site")),
        )
    cameras = _Keyed(Camera)
    for index, row in enumerate(catalogue["cameras"]):
        port = farm_port + 1 + index
        addresses = [_SOURCES[source] for source in row["source"]]
        cameras.add(
            row["code"],
            name=row["name"],
            site=sites.get(row["site"]),
            uplink=uplinks.get(row.get("uplink")),
            agency=agencies.get(row.get("agency")),
            vendor=row.get("vendor", ""),
            model=row.get("model", ""),
            notes=row.get("note", ""),
            username=row.get("username") or "",
            password=row.get("password") or "",
            **{field: address.format(port=port) for field, address in addresses},
        )
    return cameras.added


class _Keyed:
    """The rows of one model by their codes."""

    def __init__(self, model: type[models.Model]) -> None:
        self._manager = model._default_manager
        self._rows: dict[str, Any] = {row.code: row for row in self._manager.all()}  # type: ignore[attr-defined]
        self.added = 0

    def get(self, code: str | None) -> Any:
        return self._rows[code] if code else None

    def add(self, code: str, **fields: Any) -> None:
        if code not in self._rows:
            self._rows[code] = self._manager.create(code=code, **fields)
            self.added += 1
