"""How urgent a ticket is, and until when it is to be answered and repaired.

Urgency adds up from what the site is worth, the season, the fault, and how many cameras are hit.
Deadlines count hours in which offices work. Pure but for the settings and the rows it is given.
"""

from datetime import datetime

from django.conf import settings
from django.utils import timezone

from cameras.models import Importance, Site, SiteKind
from maintenance.holidays import calendar
from maintenance.models import Priority, Ticket
from maintenance.workhours import WorkingHours

__all__ = ["OF_WATER", "priority_of", "rate", "set_deadlines", "working_hours"]

# Where water is watched, rain makes a camera worth more.
OF_WATER = (SiteKind.FLOODGATE, SiteKind.PUMP_HOUSE, SiteKind.RIVER_GAUGE)
# A picture that is poor but shows something can wait longer than none.
_STILL_SHOWS = frozenset({"defocused", "moved", "washed_out", "noisy", "tinted"})
# Reported by people: the camera works on, until the pole falls.
_CAN_WAIT = frozenset({"citizen", "housing", "other"})
_MANY, _VERY_MANY = 5, 20


def priority_of(site: Site | None, fault: str, cameras_hit: int, now: datetime) -> Priority:
    """The priority; `fault` is a verdict, or what was reported."""
    kind = site.kind if site else SiteKind.OTHER
    points = int(site.importance) if site else int(Importance.NORMAL)
    if kind == SiteKind.FLOODGATE:
        points = int(Importance.CRITICAL)
    if kind in OF_WATER and timezone.localtime(now).month in settings.RAINY_MONTHS:
        points += 1
    if fault in _STILL_SHOWS | _CAN_WAIT:
        points -= 1
    points += (cameras_hit >= _MANY) + (cameras_hit >= _VERY_MANY)
    if points >= 5:
        return Priority.URGENT
    if points == 4:
        return Priority.HIGH
    return Priority.NORMAL if points >= 2 else Priority.LOW


def rate(ticket: Ticket, fault: str, now: datetime) -> None:
    """Set the priority of a ticket that the caller saves; and its deadlines, if that changed."""
    priority = priority_of(ticket.site, fault, ticket.cameras_hit, now)
    if ticket.repair_due_at is None or priority != ticket.priority:
        ticket.priority = priority
        set_deadlines(ticket, ticket.opened_at)


def set_deadlines(ticket: Ticket, since: datetime) -> None:
    """Reckon both deadlines by the ticket's priority; the caller saves it."""
    hours = working_hours()
    index = int(ticket.priority) - 1
    ticket.response_due_at = hours.add(since, settings.TICKET_RESPONSE_HOURS[index])
    ticket.repair_due_at = hours.add(since, settings.TICKET_REPAIR_HOURS[index])


def working_hours() -> WorkingHours:
    """The hours in which offices work, by the settings and the holidays on record."""
    return WorkingHours(
        calendar(), settings.WORK_BEGINS, settings.WORK_ENDS, timezone.get_default_timezone()
    )
