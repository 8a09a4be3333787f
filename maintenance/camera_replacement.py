"""Replacing the camera of a ticket: one transaction over all three floors.

1. The old unit is retired and the new one takes its place and code (cameras/replacing.py).
2. The old one's record ends: its span, its running incident, a probe under way (monitoring).
3. The repair is entered, with the new unit as its first part.
4. The ticket goes on with the new camera: verification looks at that one's picture.
"""

from collections.abc import Sequence

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext

from cameras.models import Camera
from cameras.replacing import NewUnit, ReplacementError, replace_unit
from maintenance import repairs
from maintenance.models import Repair, Ticket
from maintenance.photographs import Photograph
from maintenance.repairs import Part, RepairError, Work
from monitoring.retiring import end_record

__all__ = ["replace_camera"]


def replace_camera(
    ticket: Ticket,
    unit: NewUnit,
    work: Work,
    by: User | None,
    *,
    price_rupiah: int = 0,
    parts: Sequence[Part] = (),
    photos: Sequence[Photograph] = (),
    key: str | None = None,
) -> Camera:
    """Put a new camera in the place of the ticket's; the new camera. Raises RepairError."""
    with transaction.atomic():
        held = Ticket.objects.select_for_update(of=("self",)).get(pk=ticket.pk)
        if key and Repair.objects.filter(key=key).exists():
            return _camera_of(held)
        repairs.expect_open(held)
        old = _camera_of(held)
        name = " ".join(filter(None, [unit.brand, unit.model])) or old.name
        camera_itself = Part(name, unit.serial_number, 1, price_rupiah)
        repairs.enter(held, work, by, parts=[camera_itself, *parts], photos=photos, key=key)
        try:
            new = replace_unit(old, unit, work.at)
        except ReplacementError as error:
            raise RepairError(str(error)) from None
        end_record(old.pk, work.at)
        Ticket.objects.filter(pk=held.pk).update(camera=new)
    return new


def _camera_of(ticket: Ticket) -> Camera:
    if ticket.camera is None:
        raise RepairError(
            gettext("Ticket %(ticket)s is about an uplink: it has no camera to replace.")
            % {"ticket": ticket}
        )
    return ticket.camera
