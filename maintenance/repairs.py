"""The deeds of repairs: entered with parts and photographs in one transaction, voided, corrected.

Whatever stands here once is never changed: repair_guards.py keeps it so. A deed that is repeated
with the same key gives the repair of the first time.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from maintenance.models import (
    Repair,
    RepairPart,
    RepairPhoto,
    RepairVoid,
    RepairWork,
    Ticket,
    Vendor,
)
from maintenance.photographs import Photograph

__all__ = [
    "Costs",
    "Part",
    "RepairError",
    "Work",
    "add_photos",
    "costs_of",
    "enter",
    "expect_open",
    "void",
]

# Clocks of telephones and of this machine differ a little.
_AHEAD = timedelta(minutes=10)


class RepairError(Exception):
    """A deed that is refused; the message says why, in words for people."""


@dataclass(frozen=True)
class Part:
    name: str
    serial_number: str = ""
    quantity: int = 1
    unit_rupiah: int = 0


@dataclass(frozen=True)
class Work:
    """What was done, when, by one of our staff or by a vendor, and for how much."""

    kind: RepairWork
    at: datetime
    by_user: User | None = None
    vendor: Vendor | None = None
    under_warranty: bool = False
    labour_rupiah: int = 0
    note: str = ""


def enter(
    ticket: Ticket,
    work: Work,
    by: User | None,
    *,
    parts: Sequence[Part] = (),
    photos: Sequence[Photograph] = (),
    corrects: Repair | None = None,
    key: str | None = None,
) -> Repair:
    """Enter a repair. On a closed ticket only what `corrects` a voided one. Raises RepairError."""
    if (work.by_user is None) == (work.vendor is None):
        raise RepairError(gettext("Say who did it: one of our staff, or a vendor."))
    if work.at > timezone.now() + _AHEAD:
        raise RepairError(gettext("A repair cannot have been done in the future."))
    with transaction.atomic():
        held = Ticket.objects.select_for_update(of=("self",)).get(pk=ticket.pk)
        if key and (before := Repair.objects.filter(key=key).first()):
            return before
        if corrects is None:
            expect_open(held)
        else:
            _expect_correctable(held, corrects)
        repair = Repair.objects.create(
            ticket=held,
            camera_id=held.camera_id,
            work=work.kind,
            at=work.at,
            by_user=work.by_user,
            vendor=work.vendor,
            under_warranty=work.under_warranty,
            labour_rupiah=work.labour_rupiah,
            note=work.note.strip(),
            part_lines=len(parts),
            entered_by=by,
            corrects=corrects,
            key=key,
        )
        RepairPart.objects.bulk_create(
            RepairPart(
                repair=repair,
                line=line,
                name=part.name,
                serial_number=part.serial_number,
                quantity=part.quantity,
                unit_rupiah=part.unit_rupiah,
            )
            for line, part in enumerate(parts, start=1)
        )
        add_photos(repair, photos, by)
    return repair


def void(repair: Repair, reason: str, by: User | None) -> RepairVoid:
    """Let a repair that was entered wrongly count no more; also after its ticket was closed."""
    if not reason.strip():
        raise RepairError(gettext("Say why it is voided."))
    with transaction.atomic():
        # The ticket is what everybody waits for: a repair's own row is never written again.
        Ticket.objects.select_for_update(of=("self",)).get(pk=repair.ticket_id)
        if RepairVoid.objects.filter(repair=repair).exists():
            raise RepairError(gettext("This repair is voided already."))
        return RepairVoid.objects.create(
            repair=repair, at=timezone.now(), by=by, reason=reason.strip()
        )


def add_photos(repair: Repair, photos: Iterable[Photograph], by: User | None) -> None:
    """Keep photographs with a repair; all or none."""
    kept: list[RepairPhoto] = []
    try:
        with transaction.atomic():
            for photo in photos:
                latitude, longitude = photo.position or (None, None)
                row = RepairPhoto(
                    repair=repair,
                    width=photo.width,
                    height=photo.height,
                    latitude=latitude,
                    longitude=longitude,
                    uploaded_by=by,
                )
                kept.append(row)
                row.file.save("photo.jpg", ContentFile(photo.jpeg), save=True)
    except BaseException:
        for row in kept:  # files know no transactions
            if row.file and row.file.name:
                row.file.storage.delete(row.file.name)
        raise


def expect_open(ticket: Ticket) -> None:
    """RepairError when the ticket takes no more work."""
    if not ticket.is_open:
        raise RepairError(
            gettext(
                "Ticket %(ticket)s is “%(state)s”: its repairs are locked. What is wrong in them "
                "is voided with a reason and entered again."
            )
            % {"ticket": ticket, "state": ticket.get_state_display()}
        )


@dataclass(frozen=True)
class Costs:
    """What the valid repairs of a ticket cost: the city, and others under warranty."""

    labour_rupiah: int = 0
    parts_rupiah: int = 0
    warranty_rupiah: int = 0

    @property
    def total_rupiah(self) -> int:
        return self.labour_rupiah + self.parts_rupiah


def costs_of(repairs: Iterable[Repair]) -> Costs:
    """The sum over repairs that came `with_totals`; voided ones do not count."""
    labour = parts = warranty = 0
    for repair in repairs:
        if repair.is_void:
            continue
        if repair.under_warranty:
            warranty += repair.total_rupiah  # type: ignore[attr-defined]
        else:
            labour += repair.labour_rupiah
            parts += repair.parts_rupiah  # type: ignore[attr-defined]
    return Costs(labour, parts, warranty)


def _expect_correctable(ticket: Ticket, corrects: Repair) -> None:
    if corrects.ticket_id != ticket.pk or not RepairVoid.objects.filter(repair=corrects).exists():
        raise RepairError(gettext("Only a voided repair of the same ticket is corrected."))
    if Repair.objects.filter(corrects=corrects).exists():
        raise RepairError(gettext("This repair has been corrected already."))
