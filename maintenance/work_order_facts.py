"""What stands on a work order, gathered from the three floors; the sheet draws it."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from django.db.models import Q
from django.utils import timezone

from cameras.models import Agency, Camera, Site
from maintenance.map_sketch import Mark
from maintenance.models import PictureKind, Repair, Ticket
from maintenance.tours import Place, distance_km
from monitoring import uptime
from monitoring.models import Incident, SnapshotKind
from monitoring.pictures import folder

__all__ = ["Past", "Shown", "StopFacts", "facts_of", "neighbours", "place_of", "site_of"]

_NEAR_DEGREES = 0.06  # about 7 km
_MOST_NEIGHBOURS = 9
_MOST_PAST = 5
_LOOK_BACK = timedelta(days=30)


@dataclass(frozen=True)
class Shown:
    """A kept picture."""

    title: str
    taken_at: datetime
    file: Path


@dataclass(frozen=True)
class Past:
    """A line of the camera's history: a fault that was ticketed, or a repair."""

    at: datetime
    ticket: str
    what: str
    by_whom: str = ""


@dataclass(frozen=True)
class StopFacts:
    """One ticket, with what somebody wants to know on the way there."""

    ticket: Ticket
    site: Site | None
    place: Place | None
    agency: str
    fault: str
    since: datetime
    pictures: list[Shown] = field(default_factory=list)
    past: list[Past] = field(default_factory=list)
    availability: float | None = None  # 0 … 1, of the last 30 days
    dark_cameras: list[str] = field(default_factory=list)  # of an uplink's outage
    priority: str = ""
    report: str = ""  # what people said of it


def facts_of(ticket: Ticket) -> StopFacts:
    """Everything about one ticket's place, fault and past."""
    incidents = list(
        Incident.objects.filter(ticket_link__ticket=ticket)
        .prefetch_related("snapshots")
        .select_related("camera", "uplink")
        .order_by("-began_at", "-pk")
    )
    site = site_of(ticket)
    units = ticket.camera.units() if ticket.camera else []
    now = timezone.now()
    known = uptime.of_camera(ticket.camera.pk, now - _LOOK_BACK, now) if ticket.camera else None
    return StopFacts(
        ticket=ticket,
        site=site,
        place=place_of(site),
        agency=agency.name if (agency := _agency(ticket, site)) else "",
        fault=_fault(ticket, incidents),
        since=min((each.began_at for each in incidents), default=ticket.opened_at),
        pictures=_pictures(ticket, incidents),
        past=_past(ticket, units),
        availability=known.availability if known else None,
        dark_cameras=_dark_cameras(incidents),
        priority=str(ticket.get_priority_display()),
        report=ticket.description,
    )


def site_of(ticket: Ticket) -> Site | None:
    """Where one has to go."""
    return ticket.subject.site


def place_of(site: Site | None) -> Place | None:
    if site is None or site.latitude is None or site.longitude is None:
        return None
    return float(site.latitude), float(site.longitude)


def neighbours(stops: Collection[StopFacts]) -> list[Mark]:
    """The nearest other sites around these stops, as marks without a number.

    Only those of a stop's own agency and area: whoever reaches the order reaches them too, and the
    vendor who is handed the sheet learns of no others.
    """
    chosen = {stop.site.pk: stop.place for stop in stops if stop.site and stop.place}
    if not chosen:
        return []
    places = list(chosen.values())
    (south, north), (west, east) = (
        (min(values) - _NEAR_DEGREES, max(values) + _NEAR_DEGREES)
        for values in zip(*places, strict=True)
    )
    within = Q(latitude__range=(south, north), longitude__range=(west, east))
    theirs = Q()
    for stop in stops:
        if stop.site is not None:
            theirs |= Q(agency=_agency(stop.ticket, stop.site), area=stop.site.area_id)
    around = []
    for site in Site.objects.filter(within, theirs).exclude(pk__in=chosen)[:500]:
        if place := place_of(site):
            around.append((min(distance_km(place, each) for each in places), site.name, place))
    return [Mark(name, place) for _distance, name, place in sorted(around)[:_MOST_NEIGHBOURS]]


def _agency(ticket: Ticket, site: Site | None) -> Agency | None:
    return (ticket.camera.agency if ticket.camera else None) or (site.agency if site else None)


def _fault(ticket: Ticket, incidents: list[Incident]) -> str:
    reported = str(ticket.get_reported_fault_display()) if ticket.reported_fault else ""
    return "; ".join(filter(None, [reported, incidents[0].in_words if incidents else ""])) or "–"


def _pictures(ticket: Ticket, incidents: list[Incident]) -> list[Shown]:
    """The last healthy picture and that of the fault, of the latest incident that has them.

    What was reported by hand was kept with the ticket.
    """
    shown = []
    for kind in (SnapshotKind.BEFORE, SnapshotKind.FAULT):
        kept = next((one for each in incidents if (one := each.snapshot(kind))), None)
        if kept is not None and (file := folder() / kept.file).is_file():
            shown.append(Shown(str(kind.label), kept.taken_at, file))
    reported = ticket.pictures.filter(kind=PictureKind.BEFORE).first()
    if reported is not None and (file := folder() / reported.file).is_file():
        shown = [*shown[:1], Shown(str(reported.get_kind_display()), reported.taken_at, file)]
    return shown


def _past(ticket: Ticket, units: list[Camera]) -> list[Past]:
    """What happened at this point before, to this unit and to those before it."""
    keys = [unit.pk for unit in units]
    if not keys:
        return []
    earlier = Ticket.objects.filter(camera__in=keys).exclude(pk=ticket.pk)
    lines = [
        Past(
            each.opened_at,
            each.number,
            _fault(each, [link.incident for link in each.links.all()]),
        )
        for each in earlier.prefetch_related("links__incident").order_by("-opened_at")[:_MOST_PAST]
    ]
    done = Repair.objects.valid().filter(camera__in=keys).select_related("vendor", "by_user")
    for each in done.select_related("ticket").order_by("-at")[:_MOST_PAST]:
        what = each.get_work_display()
        lines.append(Past(each.at, each.ticket.number, str(what), each.by_whom))
    lines.sort(key=lambda line: line.at, reverse=True)
    return lines[:_MOST_PAST]


def _dark_cameras(incidents: list[Incident]) -> list[str]:
    outages = [each.pk for each in incidents if each.uplink_id]
    if not outages:
        return []
    parts = Incident.objects.filter(part_of__in=outages, camera__isnull=False)
    return sorted(set(parts.values_list("camera__code", flat=True)))
