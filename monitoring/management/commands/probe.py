"""`manage.py probe`: look through one camera now, and say what is seen. Writes no row."""

import json
from argparse import ArgumentParser
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from cameras.addresses import AddressError, redact, take_credentials
from cameras.models import Camera
from cameras.models.addresses import in_words as address_problem
from monitoring.choices import in_words
from monitoring.examining import Limits, Observation, Target, examine
from monitoring.grabbing import Source
from monitoring.models import CameraHealth
from monitoring.probing import limits, sources_of, target_of
from monitoring.sentences import sentence
from monitoring.verdicts import Verdict

HEALTHY, FAULTY, UNUSABLE = 0, 1, 2


class Command(BaseCommand):
    help = (
        "Probe one stream now, by its address or by a camera's code, and print what was found. "
        "Exit status: 0 healthy, 1 faulty, 2 not usable as given."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("camera", help="an rtsp, rtsps, http or https address, or a code")
        parser.add_argument("--json", action="store_true", help="print JSON")
        parser.add_argument(
            "--burst", type=float, metavar="SECONDS", help="look for so long, and compare"
        )
        parser.add_argument("--timeout", type=float, metavar="SECONDS", help="at most so long")
        parser.add_argument("--save", type=Path, metavar="FILE", help="keep the picture (JPEG)")

    def handle(self, *args: Any, **options: Any) -> None:
        target = self._target(options["camera"])
        usual = limits()
        for name in ("burst", "timeout"):
            if options[name] is not None and not 0 < options[name] <= 600:
                self._unusable(
                    _("--%(name)s takes seconds, more than 0 and at most 600.") % {"name": name}
                )
        seen = examine(
            target,
            Limits(options["timeout"] or usual.timeout_s, options["burst"] or usual.burst_s),
            always_burst=options["burst"] is not None,
        )
        saved = self._save(seen, options["save"])
        if options["json"]:
            self.stdout.write(json.dumps(_as_dict(seen, saved), indent=2))
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
            known = getattr(found, "health", None) or CameraHealth(camera=found)
            # Nothing is written: a standing picture is looked for in a burst alone.
            return replace(target_of(known, sources_of(found)), trace=b"", suspected=None)
        except ImproperlyConfigured as error:  # its password's key is lost
            self._unusable(str(error))

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
