"""Replacing a camera: the old unit is retired, a new one takes its place, its code and its name.

The code is painted on the pole and known to people, files and radio calls: it stays with the point.
The retired unit keeps everything that was recorded of it, under its code with a number behind it:
PA-MGR-01 becomes PA-MGR-01.1, its successor PA-MGR-01.2 when it goes in turn.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from cameras.audit.recording import before_of, changed_many
from cameras.bulk import update_each
from cameras.models import Camera

__all__ = ["NewUnit", "ReplacementError", "replace_unit"]

_RETIRED = ("code", "retired_at", "is_monitored")


class ReplacementError(Exception):
    """A camera that cannot be replaced; the message says why, in words for people."""


@dataclass(frozen=True)
class NewUnit:
    """What is known of the camera that is put up. Without a password, the old one's is kept."""

    serial_number: str = ""
    brand: str = ""
    model: str = ""
    stream_url: str = ""
    substream_url: str = ""
    snapshot_url: str = ""
    username: str = ""
    password: str = ""


def replace_unit(camera: Camera, unit: NewUnit, at: datetime) -> Camera:
    """Retire the camera and put the new unit at the same point; the new camera.

    Probing goes on with the new one alone. Raises ReplacementError when it was replaced already.
    """
    with transaction.atomic():
        old = Camera.objects.select_for_update(of=("self",)).get(pk=camera.pk)
        if old.retired_at is not None:
            raise ReplacementError(
                gettext("Camera %(camera)s has been replaced already.") % {"camera": old.code}
            )
        code = old.code
        before = before_of([old])
        old.code, old.retired_at, old.is_monitored = _retired_code(old), at, False
        # These columns alone: a password whose key is lost is not read.
        update_each([old], _RETIRED)
        changed_many(before, [old], _RETIRED)
        return Camera.objects.create(
            code=code,
            name=old.name,
            site_id=old.site_id,
            uplink_id=old.uplink_id,
            agency_id=old.agency_id,
            interval_seconds=old.interval_seconds,
            # Whether there is a lamp near it belongs to the point; infrared is said afterwards.
            sees_at_night=old.sees_at_night,
            replaces=old,
            installed_on=timezone.localdate(at),
            serial_number=unit.serial_number,
            vendor=unit.brand,
            model=unit.model,
            stream_url=unit.stream_url,
            substream_url=unit.substream_url,
            snapshot_url=unit.snapshot_url,
            username=unit.username or old.username,
            password=unit.password or old.__dict__["password"],
        )


def _retired_code(old: Camera) -> str:
    """The next free number behind its code."""
    number, before = 1, old.replaces
    while before is not None:
        number, before = number + 1, before.replaces
    longest = Camera._meta.get_field("code").max_length or 0
    while True:
        ending = f".{number}"
        code = old.code[: longest - len(ending)] + ending
        if not Camera.objects.filter(code=code).exists():
            return code
        number += 1
