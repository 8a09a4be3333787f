"""The deeds of work orders: issued with a number and a kept sheet, and printed, by name.

Several tickets make a tour: their stops are put in an order that is short to travel.
"""

from collections.abc import Sequence
from datetime import date

from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext

from maintenance.models import Ticket, Vendor, WorkOrder, WorkOrderPrint, WorkOrderStop
from maintenance.tours import visiting_order
from maintenance.work_order_facts import facts_of, place_of, site_of
from maintenance.work_order_sheet import draw_sheet

__all__ = ["MOST_STOPS", "WorkOrderError", "by_way", "issue", "note_print", "sheet_of"]

MOST_STOPS = 25  # more than anybody visits in a day
_TRIES = 5


class WorkOrderError(Exception):
    """A work order that is refused; the message says why, in words for people."""


def issue(
    tickets: Sequence[Ticket],
    by: User | None,
    *,
    vendor: Vendor | None = None,
    person: str = "",
    work_on: date | None = None,
    instruction: str = "",
    key: str | None = None,
) -> WorkOrder:
    """Issue a work order for these tickets; the same `key` gives the order of the first time."""
    if not tickets:
        raise WorkOrderError(gettext("A work order needs a ticket."))
    if len(tickets) > MOST_STOPS:
        raise WorkOrderError(
            gettext("A work order has at most %(most)s tickets.") % {"most": MOST_STOPS}
        )
    over = [each.number for each in tickets if not each.is_open]
    if over:
        raise WorkOrderError(
            gettext("There is nothing to do any more for: %(tickets)s.")
            % {"tickets": ", ".join(over)}
        )
    if key and (before := WorkOrder.objects.filter(key=key).first()):
        return before
    order = WorkOrder(
        issued_at=timezone.now(),
        issued_by=by,
        vendor=vendor,
        person=person.strip(),
        work_on=work_on,
        instruction=instruction.strip(),
        key=key,
    )
    return _numbered(order, by_way(tickets))


def note_print(order: WorkOrder, by: User | None) -> WorkOrderPrint:
    """Remember that somebody took the sheet."""
    return WorkOrderPrint.objects.create(order=order, at=timezone.now(), by=by)


def by_way(tickets: Sequence[Ticket]) -> list[Ticket]:
    """The tickets in the order of the tour; those of one site follow each other."""
    by_key = {ticket.pk: ticket for ticket in tickets}
    stops = [(ticket.pk, place_of(site_of(ticket))) for ticket in tickets]
    return [by_key[key] for key in visiting_order(stops)]


def _numbered(order: WorkOrder, tickets: list[Ticket]) -> WorkOrder:
    """Write it with the next number of the year: the database says when somebody else has it."""
    order.year = timezone.localdate(order.issued_at).year
    for _try in range(_TRIES):
        last = WorkOrder.objects.filter(year=order.year).aggregate(last=Max("serial"))["last"]
        order.pk, order.serial = None, (last or 0) + 1
        try:
            with transaction.atomic():
                order.save(force_insert=True)
                WorkOrderStop.objects.bulk_create(
                    WorkOrderStop(order=order, ticket=ticket, position=position)
                    for position, ticket in enumerate(tickets, start=1)
                )
        except IntegrityError:
            if order.key and (before := WorkOrder.objects.filter(key=order.key).first()):
                return before
            continue
        return _with_sheet(order, tickets)
    raise WorkOrderError(gettext("Too many work orders are issued at this moment. Try again."))


def _with_sheet(order: WorkOrder, tickets: list[Ticket]) -> WorkOrder:
    """Draw the sheet and keep it. Done again by `sheet_of` should it be missing."""
    pdf = draw_sheet(order, [facts_of(ticket) for ticket in tickets])
    order.sheet.save(f"{order.number}.pdf", ContentFile(pdf), save=False)
    WorkOrder.objects.filter(pk=order.pk).update(sheet=order.sheet.name)
    return order


def sheet_of(order: WorkOrder) -> WorkOrder:
    """The order with its sheet: drawn now where a process died before, or the file is gone."""
    if order.sheet and order.sheet.name and order.sheet.storage.exists(order.sheet.name):
        return order
    stops = order.stops.select_related(
        "ticket__camera__site__area", "ticket__uplink__site__area"
    ).order_by("position")
    return _with_sheet(order, [stop.ticket for stop in stops])
