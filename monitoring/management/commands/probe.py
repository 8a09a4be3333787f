"""`manage.py probe`: look through one camera now, or all, and say what is seen. Writes no row."""

import json
import os
import sys
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any, NoReturn

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from rich.console import Console

from cameras.addresses import AddressError, redact, take_credentials
from cameras.models import Camera
from cameras.models.addresses import in_words as address_problem
from monitoring import pace
from monitoring.choices import in_words
from monitoring.examining import Observation, Target, examine
from monitoring.grabbing import Source
from monitoring.limits import Limits
from monitoring.management import survey_report
from monitoring.probing import target_of_now
from monitoring.sentences import sentence
from monitoring.surveying import Survey, find_area, monitored, survey
from monitoring.verdicts import Verdict

HEALTHY, FAULTY, UNUSABLE, INTERRUPTED = 0, 1, 2, 130


class Command(BaseCommand):
    help = (
        "Probe one stream now, by its address or by a camera's code, and print what was found; "
        "or all monitored cameras with --all. "
        "Exit status: 0 healthy, 1 faulty (with --all: any), 2 not usable as given."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "camera", nargs="?", help="an rtsp, rtsps, http or https address, or a code"
        )
        parser.add_argument("--all", action="store_true", help="every monitored camera")
        parser.add_argument("--area", help="with --all: only those of this area, by code or name")
        parser.add_argument(
            "--at-once", type=int, default=64, metavar="N", help="with --all: side by side"
        )
        parser.add_argument("--json", action="store_true", help="print JSON")
        parser.add_argument(
            "--burst", type=float, metavar="SECONDS", help="look for so long, and compare"
        )
        parser.add_argument("--timeout", type=float, metavar="SECONDS", help="at most so long")
        parser.add_argument("--save", type=Path, metavar="FILE", help="keep the picture (JPEG)")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["all"] == bool(options["camera"]):
            self._unusable(_("Give one camera, or --all."))
        usual = pace.limits()
        for name in ("burst", "timeout"):
            if options[name] is not None and not 0 < options[name] <= 600:
                self._unusable(
                    _("--%(name)s takes seconds, more than 0 and at most 600.") % {"name": name}
                )
        limited = Limits(options["timeout"] or usual.timeout_s, options["burst"] or usual.burst_s)
        if options["all"]:
            self._all(limited, **options)
        else:
            self._one(limited, **options)

    def _all(
        self, limited: Limits, *, area: str | None, at_once: int, json: bool, **_options: Any
    ) -> None:
        if not 0 < at_once <= 1000:
            self._unusable(_("--at-once takes a number from 1 to 1000."))
        chosen = find_area(area) if area else None
        if area and chosen is None:
            self._unusable(
                _("There is no area “%(area)s”. Give a code such as 31.71, or the whole name.")
                % {"area": area}
            )
        cameras = monitored(chosen)
        if not cameras:
            self._unusable(_("There is no monitored camera."))
        found: list[Survey] = []
        began = time.monotonic()
        # The bar goes where it does not mix with a table or with JSON that is sent to a file.
        progress = survey_report.with_progress(
            survey(cameras, limited, at_once), len(cameras), Console(stderr=True)
        )
        interrupted = False
        try:
            for one in progress:
                found.append(one)  # one by one: what came before Ctrl-C is kept
        except KeyboardInterrupt:
            interrupted = True
            self.stderr.write(_("Stopped. So far:"))
        seconds = time.monotonic() - began
        if json:
            self._write_json(survey_report.as_dict(found, len(cameras), seconds))
        else:
            console = Console(file=self.stdout)  # type: ignore[arg-type]  # it writes, too
            survey_report.print_report(found, len(cameras), seconds, console)
        if interrupted:
            # Threads that wait for a camera cannot be stopped; none of them writes anything.
            sys.stdout.flush()
            os._exit(INTERRUPTED)
        raise SystemExit(HEALTHY if all(map(survey_report.is_healthy, found)) else FAULTY)

    def _one(self, limited: Limits, **options: Any) -> None:
        seen = examine(
            self._target(options["camera"]), limited, always_burst=options["burst"] is not None
        )
        saved = self._save(seen, options["save"])
        if options["json"]:
            self._write_json(_as_dict(seen, saved))
        else:
            self._print(seen, saved)
        raise SystemExit(HEALTHY if seen.verdict is Verdict.HEALTHY else FAULTY)

    def _target(self, camera: str) -> Target:
        if "://" in camera:
            try:
                address, username, password = take_credentials(camera)
            except AddressError as error:
                self._unusable(
                    _("%(address)s cannot be probed. %(sentence)s")
                    % {"address": redact(camera), "sentence": address_problem(error.problem)}
                )
            return Target(0, (Source(address, username, password),))
        found = Camera.objects.filter(code=camera.strip().upper()).first()
        if found is None:
            self._unusable(
                _(
                    "There is no camera with the code %(code)s. Give a code from the admin, "
                    "or an address such as rtsp://10.1.2.3:554/stream1."
                )
                % {"code": camera}
            )
        if not found.addresses:
            self._unusable(_("Camera %(code)s has no address.") % {"code": found.code})
        try:
            return target_of_now(found)
        except ImproperlyConfigured as error:  # its password's key is lost
            self._unusable(str(error))

    def _write_json(self, facts: dict[str, Any]) -> None:
        self.stdout.write(json.dumps(facts, indent=2))

    def _unusable(self, sentence: str) -> NoReturn:
        raise CommandError(sentence, returncode=UNUSABLE)

    def _save(self, seen: Observation, file: Path | None) -> str | None:
        if file is None or seen.jpeg is None:
            return None
        try:
            file.write_bytes(seen.jpeg)
        except OSError as error:
            self._unusable(
                _("The picture cannot be written to %(file)s: %(error)s.")
                % {"file": file, "error": error.strerror}
            )
        return str(file)

    def _print(self, seen: Observation, saved: str | None) -> None:
        style = self.style.SUCCESS if seen.verdict is Verdict.HEALTHY else self.style.ERROR
        lines = [(_("verdict"), style(in_words(seen.verdict, seen.reason)))]
        if seen.detail:
            lines.append((_("detail"), seen.detail))
        lines.append((_("address"), seen.address))
        if seen.size:
            lines.append((_("picture"), f"{seen.codec} {seen.size[0]}×{seen.size[1]}"))
        if why := sentence(seen.measurements):
            lines.append((_("why"), why))
        lines += [
            (name, value if isinstance(value, str) else f"{value:g}")
            for name, value in seen.measurements.items()
        ]
        lines += [(f"{name} (ms)", f"{value:g}") for name, value in seen.timings_ms.items()]
        if saved:
            lines.append((_("saved"), saved))
        width = max(len(name) for name, _value in lines)
        for name, value in lines:
            self.stdout.write(f"{name:<{width}}  {value}")


def _as_dict(seen: Observation, saved: str | None) -> dict[str, Any]:
    return {
        "verdict": seen.verdict,
        "reason": seen.reason,
        "detail": seen.detail,
        "address": seen.address,
        "codec": seen.codec,
        "width": seen.size[0] if seen.size else None,
        "height": seen.size[1] if seen.size else None,
        "measurements": seen.measurements,
        "timings_ms": seen.timings_ms,
        "at": seen.at.isoformat(),
        "saved": saved,
    }
