"""What happens to tickets by itself: opened by confirmed incidents, moved on by recoveries, closed
by the proof of the picture, reopened by faults that come back.

Each deed reads rows that monitoring wrote and has no other memory: run again, or by two workers
at once, it finds nothing left to do. The database says no to a second ticket, not an `if`.
"""

import logging
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Count, Q
from django.utils import timezone

from cameras.models import Camera, Uplink
from maintenance import ticket_priority, ticket_proof
from maintenance.models import PictureKind, Ticket, TicketDeed, TicketIncident, TicketState
from maintenance.ticket_rules import RULES, TicketError
from maintenance.ticket_steps import Refused, step, write_opening
from monitoring.models import Incident

__all__ = ["TicketError", "close_proven", "open_due", "rate_again", "settle_recovered"]

log = logging.getLogger(__name__)


def open_due() -> int:
    """Give every alarm without a ticket one; the number of incidents that got one.

    When the camera (or uplink) has an open ticket already, the incident is put on that one. A
    ticket that was awaiting verification, or was closed only days ago, is reopened: the repair
    did not hold.
    """
    count = 0
    waiting = Incident.objects.alarms(timezone.now()).filter(ticket_link=None)
    waiting = waiting.select_related("camera__site", "uplink__site")
    for incident in waiting.order_by("confirmed_at", "pk"):
        try:
            with transaction.atomic():
                _give_ticket(incident)
        except (IntegrityError, Refused):
            # Another worker has just done the same; what is left, the next run does.
            log.info("Incident %s was given a ticket by somebody else", incident.pk)
        else:
            count += 1
    return count


def settle_recovered() -> int:
    """Move tickets whose incidents have all ended on to verification; how many."""
    recovered = (
        Ticket.objects.unclosed()
        .filter(links__isnull=False, recovered_at=None)
        .exclude(links__incident__ended_at=None)
        .distinct()
    )
    return sum(_settle(ticket) for ticket in recovered)


def close_proven() -> int:
    """Close the tickets whose cameras have proven the repair by their pictures; how many.

    Those that people opened for what no probe sees are left to people.
    """
    if not settings.TICKETS_CLOSE_THEMSELVES:
        return 0
    awaiting = Ticket.objects.filter(
        state=TicketState.AWAITING_VERIFICATION, reported_fault="", links__isnull=False
    ).distinct()
    return sum(_close_proven(ticket) for ticket in ticket_proof.ready(awaiting))


def rate_again() -> int:
    """Reckon priorities anew, since seasons change and outages grow; how many changed."""
    changed, now = 0, timezone.now()
    may_change = Q(uplink__isnull=False) | Q(site__kind__in=ticket_priority.OF_WATER)
    found = Ticket.objects.unclosed().filter(may_change).select_related("site")
    for ticket in found.annotate(taken=Count("links__incident__parts")):
        hit = max(ticket.cameras_hit, ticket.taken)
        fault = fault_of(ticket)
        rated = ticket_priority.priority_of(ticket.site, fault, hit, now)
        if rated == ticket.priority:
            continue
        try:
            with step(ticket, TicketDeed.RATED) as locked:
                if locked.priority == rated:
                    raise Refused  # another worker has just done it
                locked.cameras_hit = hit
                ticket_priority.rate(locked, fault, now)
        except Refused:
            continue  # closed in the meantime
        changed += 1
    return changed


def fault_of(ticket: Ticket) -> str:
    """What is the matter: what was reported, else the verdict of its latest incident."""
    if ticket.reported_fault:
        return ticket.reported_fault
    link = ticket.links.select_related("incident").first()
    return link.incident.verdict if link else ""


def new_ticket(subject: Camera | Uplink, fault: str, cameras_hit: int = 1) -> Ticket:
    """An unsaved ticket of a camera or uplink, with what follows from where that is."""
    site = subject.site
    now = timezone.now()
    ticket = Ticket(
        camera=subject if isinstance(subject, Camera) else None,
        uplink=subject if isinstance(subject, Uplink) else None,
        site=site,
        agency_id=(getattr(subject, "agency_id", None) or (site.agency_id if site else None)),
        opened_at=now,
        cameras_hit=cameras_hit,
    )
    ticket_priority.rate(ticket, fault, now)
    return ticket


def _give_ticket(incident: Incident) -> None:
    ticket = Ticket.objects.select_for_update().unclosed().filter(**_of(incident)).first()
    ticket = ticket or _closed_lately(incident)
    cameras_hit = incident.parts.aggregate(count=Count("pk"))["count"] or 1
    if ticket is None:
        ticket = new_ticket(incident.subject, incident.verdict, cameras_hit)
        ticket.save()
        write_opening(ticket, None, incident.in_words)
        log.info("%s is opened for %s", ticket, incident.subject.code)
    else:
        deed = _deed_of_another_fault(ticket)
        with step(ticket, deed, note=incident.in_words) as locked:
            locked.recovered_at = None
            locked.cameras_hit = max(locked.cameras_hit, cameras_hit)
            if deed is TicketDeed.RETURNED:
                locked.returns += 1
            ticket_priority.rate(locked, locked.reported_fault or incident.verdict, timezone.now())
    TicketIncident.objects.create(ticket=ticket, incident=incident)
    # Until the ticket is closed, somebody may want to see the proof.
    Incident.objects.filter(pk=incident.pk).update(evidence_held=True)


def _of(incident: Incident) -> dict[str, Any]:
    """For a queryset of tickets: those of the same camera or uplink."""
    return {"camera_id": incident.camera_id, "uplink_id": incident.uplink_id}


def _closed_lately(incident: Incident) -> Ticket | None:
    """The ticket whose repair did not hold, if one was closed only days before this fault."""
    limit = incident.began_at - timedelta(days=settings.TICKET_RETURN_DAYS)
    return (
        Ticket.objects.select_for_update()
        .filter(**_of(incident))
        .filter(state=TicketState.CLOSED, closed_at__gte=limit)
        .order_by("-closed_at", "-pk")
        .first()
    )


def _deed_of_another_fault(ticket: Ticket) -> TicketDeed:
    """What a new incident is for the ticket that it is put on."""
    if TicketState(ticket.state) in RULES[TicketDeed.FAULT].sources:
        return TicketDeed.FAULT
    return TicketDeed.RETURNED if ticket.repaired_at else TicketDeed.RELAPSED


def _settle(ticket: Ticket) -> bool:
    # A repair that goes on, or one that only people can judge, does not end by a healthy picture.
    is_moved = not ticket.reported_fault and (
        TicketState(ticket.state) in RULES[TicketDeed.RECOVERED].sources
    )
    try:
        with step(ticket, TicketDeed.RECOVERED if is_moved else TicketDeed.BACK) as locked:
            # Asked again under the lock: a new incident is put on the ticket under the same one.
            if ticket_proof.has_running_incident(locked) or locked.recovered_at:
                raise Refused
            if not is_moved and locked.state != ticket.state:
                raise Refused  # moved on meanwhile: the next run sees how it stands now
            locked.recovered_at = timezone.now()
    except Refused:
        return False
    return True


def _close_proven(ticket: Ticket) -> bool:
    try:
        with step(ticket, TicketDeed.PROVEN) as locked:
            if not ticket_proof.proof_of(locked).is_complete or locked.recovered_at is None:
                raise Refused
            ticket_proof.keep_picture(locked, PictureKind.AFTER)
    except Refused:
        return False
    return True
