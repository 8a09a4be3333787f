"""What people do to tickets. Each deed is one step by the rules, or raises TicketError.

`by` None is the system itself, as when the demo's data are made.
"""

from datetime import datetime

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext

from cameras.models import Camera, Uplink
from maintenance import ticket_proof
from maintenance.models import (
    CancelReason,
    PictureKind,
    ReportedFault,
    Ticket,
    TicketDeed,
    Vendor,
    WaitCause,
)
from maintenance.ticket_rules import TicketError
from maintenance.ticket_steps import step, write_opening
from maintenance.tickets import new_ticket

__all__ = [
    "acknowledge",
    "assign",
    "begin_repair",
    "cancel",
    "open_by_hand",
    "override",
    "reopen",
    "repaired",
    "snooze",
    "verify",
    "wait",
]


def open_by_hand(
    subject: Camera | Uplink, fault: ReportedFault, description: str, by: User | None
) -> Ticket:
    """Open a ticket for what somebody saw, with the camera's picture of this moment."""
    if by is not None and not by.has_perm("maintenance.add_ticket"):
        raise TicketError(gettext("Your account has no right to open tickets."))
    if not description.strip():
        raise TicketError(gettext("Describe what was seen or reported, and by whom."))
    cameras_hit = 1
    if isinstance(subject, Uplink):
        behind = Camera.objects.filter(uplink__in=ticket_proof.behind(subject.pk))
        cameras_hit = max(1, behind.count())
    ticket = new_ticket(subject, fault, cameras_hit)
    ticket.reported_fault, ticket.description = fault, description.strip()
    ticket.opened_by = by
    try:
        with transaction.atomic():
            ticket.save()
            write_opening(ticket, by, description)
            ticket_proof.keep_picture(ticket, PictureKind.BEFORE)
    except IntegrityError:
        raise _refuse_second(subject) from None
    return ticket


def acknowledge(ticket: Ticket, by: User | None, note: str = "") -> None:
    """Say that it was seen and is looked into; also when what it waited for has come."""
    with step(ticket, TicketDeed.ACKNOWLEDGE, by, note):
        pass


def assign(
    ticket: Ticket,
    by: User | None,
    *,
    person: User | None = None,
    vendor: Vendor | None = None,
    note: str = "",
) -> None:
    """Give it to a person or to a vendor."""
    with step(ticket, TicketDeed.ASSIGN, by, note) as locked:
        if (person is None) == (vendor is None):
            raise TicketError(gettext("A ticket is assigned either to a person or to a vendor."))
        if person is not None and not person.is_active:
            raise TicketError(gettext("“%(name)s” no longer has an account.") % {"name": person})
        if vendor is not None and not vendor.active:
            raise TicketError(gettext("Vendor “%(name)s” is no longer active.") % {"name": vendor})
        locked.assignee, locked.vendor = person, vendor


def begin_repair(ticket: Ticket, by: User | None, note: str = "") -> None:
    """Say that the work at the camera has begun."""
    with step(ticket, TicketDeed.BEGIN, by, note) as locked:
        _expect_assigned(locked)


def wait(ticket: Ticket, by: User | None, cause: WaitCause, note: str = "") -> None:
    """Say what keeps the repair from going on."""
    with step(ticket, TicketDeed.WAIT, by, note) as locked:
        locked.wait_cause = cause


def repaired(ticket: Ticket, by: User | None, note: str = "") -> int:
    """Report the repair as done, and have the cameras looked at closely; how many will be."""
    with step(ticket, TicketDeed.REPAIRED, by, note) as locked:
        _expect_assigned(locked)
        locked.repaired_at = timezone.now()
        return ticket_proof.ask(locked)


def verify(ticket: Ticket, by: User | None, note: str = "") -> None:
    """Close a ticket whose repair the pictures prove. TicketError says what is missing."""
    with step(ticket, TicketDeed.VERIFY, by, note) as locked:
        proof = ticket_proof.proof_of(locked)
        if proof.is_running:
            raise TicketError(
                gettext(
                    "The camera of ticket %(ticket)s is still faulty: it can be closed when the "
                    "camera is healthy."
                )
                % {"ticket": locked}
            )
        if proof.needed and not proof.cameras:
            raise TicketError(
                gettext(
                    "No camera of ticket %(ticket)s is probed, so no picture proves the repair. "
                    "It can be closed without proof, by those who may."
                )
                % {"ticket": locked}
            )
        if proof.proven < proof.cameras:
            raise TicketError(
                gettext(
                    "The camera of ticket %(ticket)s has been healthy in %(probes)s probes in a "
                    "row; %(needed)s prove the repair."
                )
                % {"ticket": locked, "probes": proof.probes, "needed": proof.needed}
            )
        ticket_proof.keep_picture(locked, PictureKind.AFTER)


def override(ticket: Ticket, by: User | None, note: str) -> None:
    """Close a ticket without the proof of a picture; the note says why."""
    with step(ticket, TicketDeed.OVERRIDE, by, note) as locked:
        ticket_proof.keep_picture(locked, PictureKind.AFTER)


def reopen(ticket: Ticket, by: User | None, note: str) -> None:
    """Take up again what was not done after all; the note says why."""
    try:
        with step(ticket, TicketDeed.REOPEN, by, note):
            pass
    except IntegrityError:
        raise _refuse_second(ticket.subject) from None


def cancel(ticket: Ticket, by: User | None, reason: CancelReason, note: str) -> None:
    """Give it up as a false alarm or a duplicate; the note says of what."""
    with step(ticket, TicketDeed.CANCEL, by, note) as locked:
        locked.cancel_reason = reason


def snooze(ticket: Ticket, by: User | None, until: datetime, note: str = "") -> None:
    """Let it rest until a moment: it stays in the list, but nobody is reminded of it."""
    with step(ticket, TicketDeed.SNOOZE, by, note) as locked:
        if until <= timezone.now():
            raise TicketError(gettext("A ticket is snoozed until a time that is still to come."))
        locked.snoozed_until = until


def _expect_assigned(ticket: Ticket) -> None:
    if ticket.assignee_id is None and ticket.vendor_id is None:
        raise TicketError(
            gettext("Nobody is assigned to ticket %(ticket)s. Assign a person or a vendor first.")
            % {"ticket": ticket}
        )


def _refuse_second(subject: Camera | Uplink) -> TicketError:
    other = Ticket.objects.unclosed().filter(
        **{"camera" if isinstance(subject, Camera) else "uplink": subject}
    )
    return TicketError(
        gettext("%(subject)s already has an open ticket: %(ticket)s.")
        % {"subject": subject, "ticket": other.first() or "–"}
    )
