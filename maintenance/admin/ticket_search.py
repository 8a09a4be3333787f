"""Finding among very many tickets: by words or by number, and a page of them at a time."""

import re
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Q, QuerySet

from cameras.models import Camera, Site, Uplink
from maintenance.models import Vendor

__all__ = ["TicketPaginator", "found"]

_NUMBER = re.compile(r"^\s*(?:TP-?)?0*(\d{1,12})\s*$", re.IGNORECASE)


def found(tickets: QuerySet[Any], searched: str) -> QuerySet[Any]:
    """Those with this number (42, TP-00042), or with every word in camera, site, uplink or vendor.

    The words are looked up in those small tables, not in what all tickets joined with them are.
    """
    if number := _NUMBER.match(searched):
        return tickets.filter(pk=int(number[1]))
    for word in searched.split():
        named = Q(code__icontains=word) | Q(name__icontains=word)
        tickets = tickets.filter(
            Q(camera__in=Camera.objects.filter(named).order_by().values("pk"))
            | Q(site__in=Site.objects.filter(named).order_by().values("pk"))
            | Q(uplink__in=Uplink.objects.filter(named).order_by().values("pk"))
            | Q(vendor__in=Vendor.objects.filter(name__icontains=word).order_by().values("pk"))
            | Q(description__icontains=word)
        )
    return tickets


class TicketPaginator(Paginator):
    """Puts the numbers of all tickets in order, and reads only those of the page whole."""

    def page(self, number: Any) -> Page[Any]:
        number = self.validate_number(number)
        first = (number - 1) * self.per_page
        last = self.count if first + self.per_page + self.orphans >= self.count else 0
        tickets: QuerySet[Any] = self.object_list  # type: ignore[assignment]
        narrow = tickets.select_related(None).prefetch_related(None)
        keys = narrow.values("pk")[first : last or first + self.per_page]
        return Page(tickets.filter(pk__in=keys), number, self)
