"""`manage.py find_cameras`: who on this server's own network speaks ONVIF, and what each says."""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from getpass import getpass
from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from cameras.onvif.description import Device
from cameras.onvif.device import look_at_all
from cameras.onvif.discovery import search


class Command(BaseCommand):
    help = "Find ONVIF cameras on the local network and print what they say of themselves."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--username", default="", help="asked for its password when given")
        parser.add_argument("--seconds", type=float, default=4.0, help="to wait for answers")
        parser.add_argument("--at", help="ask this host:port by UDP instead of all on the network")
        parser.add_argument("--json", action="store_true", help="for machines")

    def handle(self, *args: Any, **options: Any) -> None:
        password = getpass(_("Password: ")) if options["username"] else ""
        host, _colon, port = (options["at"] or "").rpartition(":")
        places = search(options["seconds"], (host, int(port)) if host else None)
        devices = look_at_all(places, options["username"], password)
        if options["json"]:
            self.stdout.write(json.dumps([asdict(device) for device in devices], indent=2))
            return
        for device in devices:
            self.stdout.write(_in_a_line(device))
        self.stdout.write(_("Devices found: %(number)s.") % {"number": len(devices)})


def _in_a_line(device: Device) -> str:
    said = [f"{device.host}:{device.port}", device.problem, device.vendor, device.model]
    said += [device.firmware, device.stream_url, device.substream_url, device.snapshot_url]
    if device.clock_ahead_s is not None:
        said.append(f"{device.clock_ahead_s:+.0f} s")
    return "  ".join(each for each in said if each)
