"""Attribution: to what the time of tickets goes, and the downtime of cameras by that cause.

At every moment a ticket belongs to one cause, which follows from its history alone: the events say
what held from when on. Downtime is what `monitoring.uptime` calls down; each moment of it belongs
to the camera's own ticket of that moment, else to that of the uplink that took it, else to none.
Exact arithmetic over stretches: the parts add up to the whole.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db import models
from django.db.models import F, Min, Q
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cameras.models import Agency, Area, Camera
from cameras.trees import Tree
from maintenance.models import RepairWork, Ticket, TicketEvent, TicketState, WaitCause
from maintenance.waiting_cost import Window
from monitoring import uptime

__all__ = [
    "Cause",
    "Downtime",
    "Stretch",
    "days_of",
    "downtime",
    "downtime_of",
    "split",
    "stretches",
    "stretches_of",
]

_NONE = timedelta(0)
_DAY = timedelta(days=1)


class Cause(models.TextChoices):
    """On whom or what the repair waits."""

    UNSEEN = "unseen", _("not yet seen")
    INSPECTION = "inspection", _("inspection")
    STAFF = "staff", _("own repair")
    PROCUREMENT = "procurement", _("procurement")
    PART = "part", _("spare part")
    VENDOR = "vendor", _("vendor")
    ACCESS = "access", _("access to the site")
    POWER = "power", _("electricity")
    NETWORK = "network", _("network")
    VERIFICATION = "verification", _("verification")
    NO_TICKET = "no_ticket", _("without a ticket")


@dataclass(frozen=True)
class Stretch:
    """A time, up to `end` and without it, that belongs to one cause."""

    cause: Cause
    begin: datetime
    end: datetime


@dataclass(frozen=True)
class Downtime:
    """How long cameras were down, by cause."""

    by_cause: Mapping[Cause, timedelta] = field(default_factory=dict)

    @property
    def total(self) -> timedelta:
        return sum(self.by_cause.values(), _NONE)

    def camera_days(self, cause: Cause) -> float:
        """In days of 24 hours of one camera."""
        return self.by_cause.get(cause, _NONE) / _DAY


def cause_after(event: TicketEvent) -> Cause | None:
    """To what the time after this event belongs; None while the ticket is closed."""
    match TicketState(event.to_state):
        case TicketState.NEW | TicketState.REOPENED:
            return Cause.UNSEEN
        case TicketState.ACKNOWLEDGED:
            return Cause.INSPECTION
        case TicketState.ASSIGNED | TicketState.IN_REPAIR:
            return Cause.VENDOR if event.vendor_id else Cause.STAFF
        case TicketState.WAITING:
            return Cause(WaitCause(event.cause).value)
        case TicketState.AWAITING_VERIFICATION:
            return Cause.VERIFICATION
    return None


def stretches(
    events: Sequence[TicketEvent], until: datetime, began: datetime | None = None
) -> list[Stretch]:
    """The time of one ticket up to a moment, by its events in their order.

    `began`: when its fault began, if that was before it was opened; nobody had seen it then.
    """
    found: list[Stretch] = []
    for number, event in enumerate(events):
        cause = cause_after(event)
        begin = event.at if number or began is None else min(began, event.at)
        end = min(events[number + 1].at if number + 1 < len(events) else until, until)
        if cause is None or begin >= end:
            continue
        if found and found[-1].cause is cause and found[-1].end == begin:
            found[-1] = Stretch(cause, found[-1].begin, end)
        else:
            found.append(Stretch(cause, begin, end))
    return found


def stretches_of(tickets: Iterable[Ticket], until: datetime) -> dict[int, list[Stretch]]:
    """The same for many tickets by their numbers; two queries."""
    keys = [ticket.pk for ticket in tickets]
    began = dict(
        Ticket.objects.filter(pk__in=keys)
        .order_by()
        .annotate(began=Min("links__incident__began_at"))
        .values_list("pk", "began")
    )
    events: dict[int, list[TicketEvent]] = {key: [] for key in keys}
    for event in TicketEvent.objects.filter(ticket__in=keys).order_by("ticket_id", "at", "pk"):
        events[event.ticket_id].append(event)
    return {key: stretches(events[key], until, began.get(key)) for key in keys}


def days_of(found: Iterable[Stretch]) -> dict[date, Cause]:
    """Each day of a ticket, by the clock of Jakarta, with the one cause that it belongs to.

    That is the one with most of the day; of two that have as much, the later.
    """
    shares: dict[date, dict[Cause, timedelta]] = defaultdict(dict)
    for stretch in found:
        begin = stretch.begin
        while begin < stretch.end:
            day = timezone.localtime(begin).date()
            midnight = timezone.make_aware(datetime.combine(day + _DAY, datetime.min.time()))
            end = min(stretch.end, midnight)
            had = shares[day].pop(stretch.cause, _NONE)  # put last: of equals, the later wins
            shares[day][stretch.cause] = had + (end - begin)
            begin = end
    return {
        day: max(reversed(by_cause), key=lambda cause: by_cause[cause])
        for day, by_cause in sorted(shares.items())
    }


def split(down: Iterable[Window], layers: Iterable[Sequence[Stretch]]) -> dict[Cause, timedelta]:
    """The time of these windows by cause. What several layers cover belongs to the first."""
    left = list(down)
    by_cause: dict[Cause, timedelta] = {}
    for layer in layers:
        for stretch in layer:
            rest: list[Window] = []
            for begin, end in left:
                since, until = max(begin, stretch.begin), min(end, stretch.end)
                if since >= until:
                    rest.append((begin, end))
                    continue
                by_cause[stretch.cause] = by_cause.get(stretch.cause, _NONE) + (until - since)
                rest += [each for each in ((begin, since), (until, end)) if each[0] < each[1]]
            left = rest
    without = sum((end - begin for begin, end in left), _NONE)
    return {**by_cause, Cause.NO_TICKET: without} if without else by_cause


def downtime_of(
    begin: datetime, end: datetime, cameras: Sequence[int] | None = None
) -> dict[int, Downtime]:
    """The downtime by cause of each camera that was down in the period; of all without `cameras`.

    A fixed number of queries, however many cameras and tickets there are.
    """
    down = uptime.down_windows(begin, end, cameras)
    layers = _layers(begin, end, set(down))
    return {key: Downtime(split(windows, layers[key])) for key, windows in down.items()}


def downtime(
    begin: datetime,
    end: datetime,
    *,
    area: Area | None = None,
    agency: Agency | None = None,
    among: models.QuerySet[Camera] | None = None,
) -> Downtime:
    """The downtime by cause in a period, in camera-time; of one area with its parts, one agency.

    `among`: of no other cameras than these.
    """
    is_all = area is None and agency is None and among is None
    keys = None if is_all else _cameras_of(area, agency, among)
    by_cause: dict[Cause, timedelta] = {}
    for each in downtime_of(begin, end, keys).values():
        for cause, time in each.by_cause.items():
            by_cause[cause] = by_cause.get(cause, _NONE) + time
    return Downtime({cause: by_cause[cause] for cause in Cause if cause in by_cause})


def _cameras_of(
    area: Area | None, agency: Agency | None, among: models.QuerySet[Camera] | None
) -> list[int]:
    found = (Camera.objects.all() if among is None else among).order_by("pk")
    if area is not None:
        tree = Tree.of(Area.objects.order_by().values_list("pk", "parent_id"))
        found = found.filter(site__area__in=tree.below(area.pk))
    if agency is not None:
        found = found.annotate(of=Coalesce("agency_id", "site__agency_id")).filter(of=agency.pk)
    return list(found.values_list("pk", flat=True))


def _layers(begin: datetime, end: datetime, cameras: set[int]) -> dict[int, list[list[Stretch]]]:
    """The time of the tickets of each camera: its own first, then those of its uplinks.

    A ticket whose camera was replaced is the old one's as well: it went on with the new one.
    """
    layers: dict[int, list[list[Stretch]]] = {key: [] for key in cameras}
    if not cameras:
        return layers
    tickets = Ticket.objects.filter(Q(closed_at=None) | Q(closed_at__gt=begin))
    tickets = tickets.filter(Q(opened_at__lt=end) | Q(links__incident__began_at__lt=end)).distinct()
    replaced = tickets.filter(repairs__work=RepairWork.REPLACEMENT)
    own = {
        *tickets.filter(camera__in=cameras).values_list("camera_id", "pk"),
        *_pairs(replaced, "repairs__camera_id", cameras),
    }
    taken = _pairs(tickets.exclude(uplink=None), "links__incident__parts__camera_id", cameras)
    keys = {pk for _camera, pk in own | taken}
    found = stretches_of(Ticket.objects.filter(pk__in=keys).only("pk"), end)
    for camera, pk in [*sorted(own), *sorted(taken - own)]:
        layers[camera].append(found[pk])
    return layers


def _pairs(tickets: models.QuerySet[Ticket], way: str, cameras: set[int]) -> set[tuple[int, int]]:
    """The cameras, of these, that the way leads to, each with the number of its ticket."""
    rows = tickets.annotate(reached=F(way)).filter(reached__in=cameras)
    return set(rows.values_list("reached", "pk"))
