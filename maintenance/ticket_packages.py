"""What a procurement package does to the tickets that wait for it.

Called by the deeds of packages, inside their transaction. A ticket whose state does not allow it
stays as it is: the package goes on all the same. The right is asked where the package is moved.
"""

from django.contrib.auth.models import User
from django.utils import timezone

from maintenance import ticket_proof
from maintenance.models import Ticket, TicketDeed, TicketState, Vendor, WaitCause
from maintenance.ticket_rules import RULES
from maintenance.ticket_steps import step

__all__ = ["contract_signed", "joined", "left", "work_accepted"]


def joined(ticket: Ticket, package: str, by: User | None) -> bool:
    """The ticket waits for procurement from now on; whether its state allowed that."""
    return _wait(ticket, TicketDeed.JOIN, WaitCause.PROCUREMENT, package, by)


def contract_signed(ticket: Ticket, package: str, vendor_name: str, by: User | None) -> bool:
    """From now on it is the vendor of the contract for whom the ticket waits."""
    vendor = Vendor.objects.filter(name__iexact=vendor_name).first()
    vendor = vendor or Vendor.objects.get_or_create(name=vendor_name)[0]
    return _wait(ticket, TicketDeed.SIGNED, WaitCause.VENDOR, package, by, vendor)


def left(ticket: Ticket, package: str, by: User | None) -> bool:
    """The package does not see to it after all: it has to be looked into again."""
    if ticket.state != TicketState.WAITING or ticket.wait_cause != WaitCause.PROCUREMENT:
        return False
    with step(ticket, TicketDeed.LEAVE, by, package, asks_right=False):
        return True


def work_accepted(ticket: Ticket, by: User | None, note: str = "") -> bool:
    """The repair was accepted on paper (BAST): on to verification.

    Whether its camera is healthy again, the picture must show: `verify` refuses until then. False
    when the ticket is there already, or closed.
    """
    if not _is_allowed(ticket, TicketDeed.ACCEPTED):
        return False
    with step(ticket, TicketDeed.ACCEPTED, by, note, asks_right=False) as locked:
        locked.repaired_at = timezone.now()
        ticket_proof.ask(locked)
    return True


def _wait(
    ticket: Ticket,
    deed: TicketDeed,
    cause: WaitCause,
    package: str,
    by: User | None,
    vendor: Vendor | None = None,
) -> bool:
    if not _is_allowed(ticket, deed):
        return False
    with step(ticket, deed, by, package, asks_right=False) as locked:
        locked.wait_cause = cause
        if vendor is not None:
            locked.assignee, locked.vendor = None, vendor
    return True


def _is_allowed(ticket: Ticket, deed: TicketDeed) -> bool:
    ticket.refresh_from_db()
    return TicketState(ticket.state) in RULES[deed].sources
