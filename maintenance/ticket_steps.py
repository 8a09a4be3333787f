"""One step of a ticket: looked at under its lock, allowed by the rules, written in its history.

Every change of a ticket goes through `step`. The row is locked first; what the caller decides, he
decides about the ticket as it is under the lock. The event is written in the same transaction.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext

from maintenance import ticket_priority
from maintenance.models import Ticket, TicketDeed, TicketEvent, TicketState
from maintenance.ticket_rules import RULES, TicketError, refusal
from monitoring.models import Incident

__all__ = ["Refused", "change_in_words", "field_in_words", "step", "write_opening"]

log = logging.getLogger(__name__)

# What the history tells of besides the state.
_TOLD = ("assignee", "vendor", "wait_cause", "cancel_reason", "snoozed_until", "priority")


class Refused(TicketError):
    """The rules do not allow it: the state is another by now, or the right is missing."""


@contextmanager
def step(
    ticket: Ticket,
    deed: TicketDeed,
    actor: User | None = None,
    note: str = "",
    *,
    asks_right: bool = True,
) -> Iterator[Ticket]:
    """The ticket, locked; what the block changes of it is saved, with its event.

    Raises Refused before the block when the rules say no. A TicketError that the block raises
    leaves everything as it was. The given object is brought up to date afterwards.
    """
    with transaction.atomic():
        locked = Ticket.objects.select_for_update().get(pk=ticket.pk)
        if why := refusal(deed, locked, actor, note, asks_right):
            raise Refused(why)
        now = timezone.now()
        before, from_state = _told(locked), locked.state
        yield locked
        _move(locked, deed, actor, now)
        after = _told(locked)
        changes = {
            name: [before[name], after[name]] for name in _TOLD if before[name] != after[name]
        }
        locked.save()
        _write(locked, deed, now, actor, from_state, note, changes)
    ticket.__dict__.update(
        {field.attname: getattr(locked, field.attname) for field in Ticket._meta.concrete_fields}
    )
    for name in ("assignee", "vendor"):
        ticket._state.fields_cache.pop(name, None)
    log.info("%s: %s, %s now", locked, deed.value, locked.state)


def write_opening(ticket: Ticket, actor: User | None, note: str = "") -> None:
    """The first event of a new ticket."""
    _write(ticket, TicketDeed.OPENED, ticket.opened_at, actor, "", note, {})


def _move(ticket: Ticket, deed: TicketDeed, actor: User | None, now: datetime) -> None:
    """What follows from the deed by itself, whoever did it."""
    if actor is not None and ticket.responded_at is None:
        ticket.responded_at = now
    to = RULES[deed].to
    if to is None:
        return
    ticket.state = to
    ticket.snoozed_until = None
    if to is not TicketState.WAITING:
        ticket.wait_cause = ""
    if to in (TicketState.CLOSED, TicketState.CANCELLED):
        ticket.closed_at = now
        _evidence(ticket, held=False, now=now)
    elif to is TicketState.REOPENED:
        if ticket.closed_at is not None:
            _evidence(ticket, held=True, now=now)
        ticket.closed_at, ticket.repaired_at, ticket.cancel_reason = None, None, ""
        ticket.responded_at = now if actor is not None else None
        ticket_priority.set_deadlines(ticket, now)


def _evidence(ticket: Ticket, held: bool, now: datetime) -> None:
    """Until the ticket is closed, somebody may want to see the proof."""
    Incident.objects.filter(ticket_link__ticket=ticket).update(
        evidence_held=held, evidence_released_at=None if held else now
    )


def _told(ticket: Ticket) -> dict[str, str]:
    """The fields that the history tells of, in words that stay true."""
    person, vendor, until = ticket.assignee, ticket.vendor, ticket.snoozed_until
    return {
        "assignee": (person.get_full_name() or person.get_username()) if person else "",
        "vendor": vendor.name if vendor else "",
        "wait_cause": ticket.wait_cause,
        "cancel_reason": ticket.cancel_reason,
        "snoozed_until": until.isoformat() if until else "",
        "priority": str(int(ticket.priority)),
    }


def _write(
    ticket: Ticket,
    deed: TicketDeed,
    at: datetime,
    actor: User | None,
    from_state: str,
    note: str,
    changes: dict[str, Any],
) -> None:
    TicketEvent.objects.create(
        ticket=ticket,
        at=at,
        actor=actor,
        deed=deed,
        from_state=from_state,
        to_state=ticket.state,
        cause=ticket.wait_cause,
        assignee_id=ticket.assignee_id,
        vendor_id=ticket.vendor_id,
        changes=changes,
        note=note.strip(),
    )


def field_in_words(name: str) -> str:
    """The name of a field of `TicketEvent.changes`."""
    return str(getattr(Ticket._meta.get_field(name), "verbose_name", name))


def change_in_words(name: str, value: str) -> str:
    """A value of `TicketEvent.changes` for people to read; "–" for none."""
    if not value:
        return "–"
    if name == "snoozed_until":
        return date_format(timezone.localtime(datetime.fromisoformat(value)), "DATETIME_FORMAT")
    field = Ticket._meta.get_field(name)
    labels = {str(key): str(label) for key, label in getattr(field, "flatchoices", ())}
    return labels.get(value, value) or gettext("none")
