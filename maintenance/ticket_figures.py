"""Open tickets in figures, for the first page: by state and age, overdue, waiting for a package."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from maintenance.models import Package, PackageTicket, Ticket, TicketQuerySet

__all__ = ["AGES", "Figures", "aged", "figures", "waiting_for_procurement"]

# Name → from how many days on, to less than how many.
AGES: dict[str, tuple[int, int | None]] = {
    "1": (0, 1),
    "7": (1, 7),
    "30": (7, 30),
    "90": (30, 90),
    "older": (90, None),
}


@dataclass
class Figures:
    """How many open tickets there are of each kind."""

    by_state: dict[str, int] = field(default_factory=dict)
    by_age: dict[str, int] = field(default_factory=lambda: dict.fromkeys(AGES, 0))
    waiting: int = 0
    overdue: int = 0


def figures(now: datetime, tickets: TicketQuerySet) -> Figures:
    """All of it, of these unclosed tickets, in one query."""
    found = Figures()
    columns = {f"age_{name}": Count("pk", filter=_aged(name, now)) for name in AGES}
    late = Ticket.objects.unclosed().overdue(now).order_by().values("pk")
    columns["overdue"] = Count("pk", filter=Q(pk__in=late))
    open_ones: Any = tickets.order_by()
    rows = (
        open_ones.annotate(waits=Exists(_links()))
        .values("state")
        .annotate(in_state=Count("pk"), waiting=Count("pk", filter=Q(waits=True)), **columns)
    )
    for row in rows:
        found.by_state[row["state"]] = found.by_state.get(row["state"], 0) + row["in_state"]
        found.waiting += row["waiting"]
        for name in AGES:
            found.by_age[name] += row[f"age_{name}"]
        found.overdue += row["overdue"]
    return found


def aged(tickets: QuerySet[Ticket], age: str, now: datetime) -> QuerySet[Ticket]:
    """Those open ones that are as old as AGES says of this name."""
    return tickets.filter(_aged(age, now), pk__in=Ticket.objects.unclosed().values("pk"))


def waiting_for_procurement(tickets: QuerySet[Ticket]) -> QuerySet[Ticket]:
    """Those open ones that are in a package without a contract."""
    return tickets.filter(Exists(_links()), pk__in=Ticket.objects.unclosed().values("pk"))


def _aged(age: str, now: datetime) -> Q:
    least, most = AGES[age]
    found = Q(opened_at__lte=now - timedelta(days=least))
    return found if most is None else found & Q(opened_at__gt=now - timedelta(days=most))


def _links() -> QuerySet[PackageTicket]:
    unsigned = Package.objects.open_for_tickets().values("pk")
    return PackageTicket.objects.filter(ticket=OuterRef("pk"), left_at=None, package__in=unsigned)
