"""What happens to tickets by itself: opened by confirmed incidents, moved on by recoveries.

Each deed reads rows that monitoring wrote and has no other memory: run again, or by two workers
at once, it finds nothing left to do. The database says no to a second ticket, not an `if`.
"""

import logging
from datetime import datetime

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext

from maintenance.models import Ticket, TicketEvent, TicketIncident, TicketState
from monitoring.models import Incident

log = logging.getLogger(__name__)


class TicketError(Exception):
    """A deed that the ticket's state does not allow; the message says why, in words for people."""


def open_due() -> int:
    """Give every alarm without a ticket one; the number of incidents that got one.

    When the camera (or uplink) has an unclosed ticket already, the incident is put on that one,
    and a ticket that was awaiting verification is reopened: the repair did not hold.
    """
    count = 0
    waiting = Incident.objects.alarms(timezone.now()).filter(ticket_link=None)
    waiting = waiting.select_related("camera", "uplink")
    for incident in waiting.order_by("confirmed_at", "pk"):
        try:
            with transaction.atomic():
                _give_ticket(incident)
        except IntegrityError:
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
    return sum(_settle(ticket.pk) for ticket in recovered)


def verify(ticket: Ticket, actor: User, note: str = "") -> None:
    """Close a ticket whose repair a person has verified by the picture. Raises TicketError."""
    now = timezone.now()
    with transaction.atomic():
        locked = _lock(ticket.pk)
        if locked.state != TicketState.AWAITING_VERIFICATION:
            raise TicketError(
                gettext(
                    "Ticket %(ticket)s is “%(state)s”. Only a ticket that is awaiting "
                    "verification can be closed: the camera must be healthy first."
                )
                % {"ticket": locked, "state": locked.get_state_display()}
            )
        if _runs(locked):
            raise TicketError(
                gettext(
                    "The camera of ticket %(ticket)s is still faulty: it can be closed when the "
                    "camera is healthy."
                )
                % {"ticket": locked}
            )
        locked.closed_at = now
        _move(locked, TicketState.CLOSED, now, actor, note)
        Incident.objects.filter(ticket_link__ticket=locked).update(
            evidence_held=False, evidence_released_at=now
        )


def work_accepted(ticket: Ticket, actor: User | None, note: str = "") -> bool:
    """Move a ticket whose repair was accepted on paper (BAST) on to verification.

    Whether its camera is healthy again, the picture must show: `verify` refuses until then. False
    when the ticket is there already, or closed.
    """
    now = timezone.now()
    with transaction.atomic():
        locked = _lock(ticket.pk)
        if locked.state not in (TicketState.NEW, TicketState.REOPENED):
            return False
        _move(locked, TicketState.AWAITING_VERIFICATION, now, actor, note)
    return True


def _give_ticket(incident: Incident) -> None:
    now = timezone.now()
    subject = {"camera_id": incident.camera_id, "uplink_id": incident.uplink_id}
    ticket = Ticket.objects.select_for_update().unclosed().filter(**subject).first()
    if ticket is None:
        ticket = Ticket.objects.create(**subject, opened_at=now)
        TicketEvent.objects.create(ticket=ticket, at=now, to_state=TicketState.NEW)
        log.info("%s is opened for %s", ticket, incident.subject.code)
    elif ticket.state == TicketState.AWAITING_VERIFICATION:
        ticket.recovered_at = None
        _move(ticket, TicketState.REOPENED, now)
    TicketIncident.objects.create(ticket=ticket, incident=incident)
    # Until the ticket is closed, somebody may want to see the proof.
    Incident.objects.filter(pk=incident.pk).update(evidence_held=True)


def _settle(ticket_id: int) -> bool:
    now = timezone.now()
    with transaction.atomic():
        # Asked again under the lock: a new incident is put on the ticket under the same one.
        ticket = _lock(ticket_id)
        if _runs(ticket) or ticket.recovered_at or ticket.state == TicketState.CLOSED:
            return False
        ticket.recovered_at = now
        if ticket.state == TicketState.AWAITING_VERIFICATION:  # its repair was accepted before
            ticket.save()
        else:
            _move(ticket, TicketState.AWAITING_VERIFICATION, now)
    return True


def _runs(ticket: Ticket) -> bool:
    """Whether an incident of it has not ended."""
    return TicketIncident.objects.filter(ticket=ticket, incident__ended_at=None).exists()


def _lock(ticket_id: int) -> Ticket:
    return Ticket.objects.select_for_update().get(pk=ticket_id)


def _move(
    ticket: Ticket,
    to: TicketState,
    at: datetime,
    actor: User | None = None,
    note: str = "",
) -> None:
    """Change the state of a ticket that the caller has locked, and write it in its history."""
    TicketEvent.objects.create(
        ticket=ticket, at=at, actor=actor, from_state=ticket.state, to_state=to, note=note
    )
    ticket.state = to
    ticket.save()
    log.info("%s is %s now", ticket, to.value)
