"""`manage.py watch`: look whether probing goes on, and send mail when it has stopped."""

import signal
import threading
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db import close_old_connections
from django.utils.translation import gettext as _

from monitoring.watching import look

GOES_ON, STANDS_STILL = 0, 1


class Command(BaseCommand):
    help = (
        "Look whether cameras are being probed, and send mail to ALARM_EMAILS when they are not. "
        "Exit status of --once: 0 probing goes on, 1 it stands still."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        how = parser.add_mutually_exclusive_group()
        how.add_argument("--once", action="store_true", help="look once, as for a timer (default)")
        how.add_argument("--loop", action="store_true", help="look again and again until stopped")
        parser.add_argument(
            "--every", type=float, default=20, metavar="SECONDS", help="between two looks of --loop"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["loop"]:
            self._loop(options["every"])
            return
        goes_on = look()
        if options["verbosity"]:
            words = (
                _("Cameras are being probed.") if goes_on else _("Cameras are NOT being probed.")
            )
            self.stdout.write(words)
        raise SystemExit(GOES_ON if goes_on else STANDS_STILL)

    def _loop(self, every_s: float) -> None:
        stop = threading.Event()
        for one in (signal.SIGTERM, signal.SIGINT):
            signal.signal(one, lambda *_: stop.set())
        while not stop.is_set():
            look()
            close_old_connections()
            stop.wait(every_s)
