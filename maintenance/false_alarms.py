"""False alarms, between a ticket and the eye: whoever says it on one side has said it on both.

Rows are locked from above to below: the ticket, the camera's health, the incident.
"""

from django.contrib.auth.models import User
from django.db.models import Exists, OuterRef

from maintenance.models import CancelReason, Ticket, TicketDeed, TicketIncident
from maintenance.ticket_steps import Refused, step
from monitoring import feedback
from monitoring.models import Lesson

__all__ = ["cancel_called_false", "teach"]


def cancel_called_false() -> int:
    """Cancel the open tickets whose incidents people have all called false alarms; how many."""
    links = TicketIncident.objects.filter(ticket=OuterRef("pk"))
    found = Ticket.objects.unclosed().filter(Exists(links), reported_fault="")
    found = found.exclude(Exists(links.filter(incident__lesson=None)))
    return sum(_cancel(ticket) for ticket in found)


def teach(ticket: Ticket, reason: str, by: User | None) -> None:
    """Let the eye learn that what it saw on this ticket's camera was no fault."""
    links = TicketIncident.objects.filter(ticket=ticket, incident__camera__isnull=False)
    for incident_id in links.order_by("pk").values_list("incident_id", flat=True):
        feedback.call_false_alarm(incident_id, reason, by)


def _cancel(ticket: Ticket) -> bool:
    lessons = Lesson.objects.filter(incident__ticket_link__ticket=ticket)
    taught = lessons.select_related("taught_by").latest("taught_at")
    try:
        with step(ticket, TicketDeed.CANCEL, note=taught.reason or "–") as locked:
            # Asked again under the lock: another incident may have been put on it.
            if TicketIncident.objects.filter(ticket=locked, incident__lesson=None).exists():
                raise Refused
            locked.cancel_reason = CancelReason.FALSE_ALARM
    except Refused:
        return False
    return True
