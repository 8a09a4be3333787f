"""Proof that a repair holds: the cameras of a ticket, seen healthy by probe after probe.

Monitoring is asked for a close look (a burst) and counts healthy probes from it on; here is asked
how far it has come, and the pictures before and after are kept with the ticket.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q

from cameras.models import Camera, Uplink
from cameras.models.cameras import CameraQuerySet
from maintenance.models import PictureKind, Ticket, TicketIncident, TicketPicture, TicketState
from monitoring import pictures
from monitoring.models import CameraHealth, Incident
from monitoring.scheduling import look_closely

__all__ = [
    "Proof",
    "ask",
    "behind",
    "cameras_of",
    "has_running_incident",
    "keep_picture",
    "proof_of",
]

FOLDER = "tickets"
_MOST_ROWS = 500


@dataclass(frozen=True)
class Proof:
    """How far the cameras have proven that they are well."""

    cameras: int
    proven: int
    probes: int  # the fewest healthy probes in a row that one of them has
    needed: int
    is_running: bool  # an incident of the ticket has not ended

    @property
    def is_complete(self) -> bool:
        """Without a camera that is probed, nothing is proven."""
        return bool(self.cameras) and self.proven == self.cameras and not self.is_running


def cameras_of(ticket: Ticket) -> list[int]:
    """The cameras whose pictures prove the repair.

    Those that the outages took from an uplink, without those with an open ticket of their own;
    for an uplink without an outage, all that stand behind it.
    """
    return sorted(_proving(ticket).values_list("pk", flat=True))


def proof_of(
    ticket: Ticket, is_running: bool | None = None, known: Iterable[int] | None = None
) -> Proof:
    """How far the proof is.

    `is_running`, where it is known: whether an incident still runs. `known`, likewise: the healthy
    probes in a row of its cameras.
    """
    needed = settings.TICKET_VERIFY_PROBES
    if known is None:
        found = _proving(ticket).exclude(health=None)
        known = found.values_list("health__healthy_in_row", flat=True)
    counts = list(known)
    return Proof(
        cameras=len(counts),
        proven=sum(count >= needed for count in counts),
        probes=min(counts, default=0),
        needed=needed,
        is_running=has_running_incident(ticket) if is_running is None else is_running,
    )


def behind(uplink_id: int) -> set[int]:
    """The uplink with all that are reached through it."""
    return Uplink.objects.tree().below(uplink_id)


def _proving(ticket: Ticket) -> CameraQuerySet:
    """As `cameras_of` says; for a queryset of cameras."""
    monitored = Camera.objects.monitored().order_by()
    if ticket.camera_id is not None:
        return monitored.filter(pk=ticket.camera_id)
    own = Ticket.objects.unclosed().exclude(camera=None).values("camera")
    if ticket.uplink_id and ticket.reported_fault and not ticket.links.exists():
        return monitored.filter(uplink__in=behind(ticket.uplink_id)).exclude(pk__in=own)
    taken = Incident.objects.filter(part_of__ticket_link__ticket=ticket).values("camera")
    return monitored.filter(pk__in=taken).exclude(pk__in=own)


def ask(ticket: Ticket) -> int:
    """Have its cameras looked at closely, now; how many will be."""
    return look_closely(cameras_of(ticket))


def has_running_incident(ticket: Ticket) -> bool:
    """Whether an incident of it has not ended."""
    return TicketIncident.objects.filter(ticket=ticket, incident__ended_at=None).exists()


def keep_picture(ticket: Ticket, kind: PictureKind) -> TicketPicture | None:
    """Keep the latest picture of the ticket's camera; after a repair, the latest healthy one."""
    health = CameraHealth.objects.filter(pk=ticket.camera_id).first()
    if health is None:
        return None
    at = health.healthy_picture_at if kind is PictureKind.AFTER else health.picture_at
    if at is None or (kind is PictureKind.AFTER and at < ticket.opened_at):
        return None
    is_healthy = at == health.healthy_picture_at
    file = pictures.keep_evidence(health.pk, is_healthy, at, FOLDER)
    if file is None:
        return None
    return TicketPicture.objects.create(
        ticket=ticket, camera_id=health.pk, kind=kind, taken_at=at, file=file
    )


def ready(tickets: Iterable[Ticket]) -> list[Ticket]:
    """Those whose cameras have proven them."""
    return [ticket for ticket in tickets if proof_of(ticket).is_complete]


def prune(now: datetime) -> int:
    """Delete the pictures of tickets that have been closed for long; how many."""
    limit = now - timedelta(days=settings.EVIDENCE_KEEP_DAYS)
    over = Q(ticket__state__in=[TicketState.CLOSED, TicketState.CANCELLED])
    old = TicketPicture.objects.filter(over, ticket__closed_at__lt=limit).order_by("pk")
    rows = dict(old.values_list("pk", "file")[:_MOST_ROWS])
    TicketPicture.objects.filter(pk__in=rows).delete()
    for file in rows.values():
        (pictures.folder() / file).unlink(missing_ok=True)
    return len(rows)
