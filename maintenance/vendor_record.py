"""How well vendors repair, over the last year: computed from histories, stored nowhere.

- *Repairs done*: how often a ticket that was assigned to the vendor was reported as repaired, and
  tickets on which the vendor has a repair although nobody reported it so. The contract of a
  ticket's package assigns it as well.
- *Time to repair*: from the assignment to the vendor until the repair was reported.
- *Returns*: how often the fault came back within `TICKET_RETURN_DAYS` after such a repair.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from django.utils import timezone

from maintenance.models import Repair, TicketDeed, TicketEvent, Vendor

__all__ = ["LOOK_BACK", "Record", "came_back", "records"]

LOOK_BACK = timedelta(days=365)
# How a repair is given to the vendor: by hand, or by the contract of the ticket's package.
_GIVEN = (TicketDeed.ASSIGN, TicketDeed.SIGNED)
# How a repair ends: reported, accepted on paper, or seen by the probes alone.
_DONE = (TicketDeed.REPAIRED, TicketDeed.ACCEPTED, TicketDeed.RECOVERED)


@dataclass(frozen=True)
class Record:
    """Of the last year."""

    repairs: int = 0
    median: timedelta | None = None
    returns: int = 0


def records(vendors: Iterable[Vendor], now: datetime | None = None) -> dict[int, Record]:
    """Each vendor's record, by its number; two queries for all."""
    keys = [vendor.pk for vendor in vendors]
    since = (now or timezone.now()) - LOOK_BACK
    events = TicketEvent.objects.filter(
        vendor__in=keys,
        at__gte=since,
        deed__in=[*_GIVEN, TicketDeed.RETURNED, *_DONE],
    )
    assigned: dict[tuple[int, int], datetime] = {}
    times: dict[int, list[timedelta]] = defaultdict(list)
    returns: dict[int, int] = defaultdict(int)
    told: dict[int, set[int]] = defaultdict(set)
    rows = events.order_by("at", "pk").values_list("vendor_id", "ticket_id", "deed", "at")
    for vendor, ticket, deed, at in rows:
        if vendor is None:
            continue
        if deed in _GIVEN:
            assigned[vendor, ticket] = at
        elif deed == TicketDeed.RETURNED:
            returns[vendor] += 1
            assigned[vendor, ticket] = at  # the vendor owes the repair again from here on
        elif (begun := assigned.pop((vendor, ticket), None)) is not None:
            times[vendor].append(at - begun)
            told[vendor].add(ticket)
    done = Repair.objects.valid().filter(vendor__in=keys, at__gte=since).order_by()
    untold: dict[int, set[int]] = defaultdict(set)
    for vendor, ticket in done.values_list("vendor_id", "ticket_id").distinct():
        if vendor is not None and ticket not in told[vendor]:
            untold[vendor].add(ticket)
    return {
        key: Record(
            repairs=len(times[key]) + len(untold[key]),
            median=_median(times[key]),
            returns=returns[key],
        )
        for key in keys
    }


def came_back(vendor: Vendor, now: datetime | None = None) -> list[TicketEvent]:
    """Whose faults came back after this vendor's repair, the latest first; at most thirty."""
    since = (now or timezone.now()) - LOOK_BACK
    events = TicketEvent.objects.filter(vendor=vendor, deed=TicketDeed.RETURNED, at__gte=since)
    return list(
        events.select_related("ticket__camera__site", "ticket__uplink").order_by("-at")[:30]
    )


def _median(times: list[timedelta]) -> timedelta | None:
    return timedelta(seconds=median(each.total_seconds() for each in times)) if times else None
