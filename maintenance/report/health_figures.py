"""What a report says of cameras: verdicts, floodgates, outages, and uptime by area."""

import heapq
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

import cv2
import numpy as np
from django.db.models import Count, Q
from django.utils.translation import gettext

from cameras.models import Area as AreaModel
from cameras.models import SiteKind
from cameras.trees import Tree
from maintenance.models import TicketIncident
from maintenance.report.figures import Area, CameraRow, FloodgateDown, Outage, VerdictCount
from maintenance.report.scopes import Scope
from monitoring import uptime
from monitoring.choices import in_words
from monitoring.models import HealthSpan, Incident, Snapshot, SnapshotKind
from monitoring.pictures import folder
from monitoring.uptime import Uptime
from monitoring.verdicts import Reason, Verdict

__all__ = [
    "LISTED_WHOLE",
    "MOST_OUTAGES",
    "Place",
    "areas",
    "camera_rows",
    "floodgates",
    "floodgates_down",
    "outages",
    "places",
    "tickets_of",
    "uptimes",
    "verdict_counts",
]

MOST_OUTAGES = 5
_PICTURE_WIDTH = 320  # twice what is shown, for fine screens
LISTED_WHOLE = 2000  # more cameras than this are asked for all at once


class Place(NamedTuple):
    """A camera and where it stands; `group` is the area under which it is counted."""

    code: str
    name: str
    site: str
    kind: str
    area: str
    group: int


class Held(NamedTuple):
    """A verdict that held at some moment, and since when."""

    verdict: str
    reason: str
    began: datetime


def places(scope: Scope) -> dict[int, Place]:
    """The cameras of a scope by their numbers, in the order of their codes."""
    rows = list(
        scope.cameras()
        .order_by("code")
        .values_list(
            "pk", "code", "name", "site__name", "site__kind", "site__area__name", "site__area_id"
        )
    )
    groups = _groups({row[-1] for row in rows})
    return {
        pk: Place(code, name, site, kind, area, groups[area_id])
        for pk, code, name, site, kind, area, area_id in rows
    }


def held_at(moment: datetime) -> dict[int, Held]:
    """The verdict that each camera had at a moment; cameras that had none yet are left out."""
    spans = HealthSpan.objects.filter(began_at__lte=moment)
    spans = spans.filter(Q(ended_at=None) | Q(ended_at__gt=moment)).order_by("camera_id", "pk")
    rows = spans.values_list("camera_id", "verdict", "reason", "began_at")
    return {
        camera: Held(verdict, reason, began) for camera, verdict, reason, began in rows.iterator()
    }


def verdict_counts(
    cameras: Iterable[int], now: Mapping[int, Held], before: Mapping[int, Held]
) -> list[VerdictCount]:
    """All verdicts that any camera had, healthy always; without a span a camera is pending."""
    keys = list(cameras)
    counts = [
        Counter(Verdict(held[key].verdict) if key in held else Verdict.PENDING for key in keys)
        for held in (now, before)
    ]
    return [
        VerdictCount(verdict, counts[0][verdict], counts[1][verdict])
        for verdict in Verdict
        if verdict is Verdict.HEALTHY or counts[0][verdict] or counts[1][verdict]
    ]


def uptimes(cameras: Mapping[int, Place], begin: datetime, end: datetime) -> dict[int, Uptime]:
    """How each of these cameras spent this time."""
    few = list(cameras) if len(cameras) <= LISTED_WHOLE else None
    found = uptime.of_cameras(begin, end, few)
    return {key: found[key] for key in cameras}


def camera_rows(
    cameras: Mapping[int, Place], held: Mapping[int, Held], spent: Mapping[int, Uptime]
) -> list[CameraRow]:
    """Each camera at the end of the week."""
    pending = Held(Verdict.PENDING, Reason.NONE, None)  # type: ignore[arg-type]
    return [
        CameraRow(
            key,
            place.code,
            place.name,
            place.site,
            place.area,
            Verdict(now.verdict),
            in_words(now.verdict, now.reason),
            now.began,
            spent[key],
        )
        for key, place in cameras.items()
        for now in [held.get(key, pending)]
    ]


def floodgates(cameras: Mapping[int, Place]) -> int:
    """How many cameras stand at floodgates."""
    return sum(place.kind == SiteKind.FLOODGATE for place in cameras.values())


def floodgates_down(
    cameras: Mapping[int, Place], held: Mapping[int, Held], moment: datetime
) -> list[FloodgateDown]:
    """The floodgates' cameras with a fault, the longest first.

    A fault lasts since its incident began: offline and then black is one fault.
    """
    down = {
        key: held[key]
        for key, place in cameras.items()
        if place.kind == SiteKind.FLOODGATE and key in held and Verdict(held[key].verdict).is_faulty
    }
    running = Incident.objects.filter(camera__in=list(down), began_at__lte=moment)
    running = running.filter(Q(ended_at=None) | Q(ended_at__gt=moment)).order_by("pk")
    incidents = {each.camera_id: each for each in running}
    tickets = tickets_of([each.part_of_id or each.pk for each in incidents.values()])
    found = []
    for key, now in down.items():
        place, incident = cameras[key], incidents.get(key)
        found.append(
            FloodgateDown(
                place.code,
                place.name,
                place.site,
                in_words(now.verdict, now.reason),
                incident.began_at if incident else now.began,
                tickets.get(incident.part_of_id or incident.pk, "") if incident else "",
            )
        )
    return sorted(found, key=lambda each: (each.since, each.code))


def outages(scope: Scope, begin: datetime, end: datetime) -> list[Outage]:
    """The longest faults that ran in this time; what hangs under an outage is told by it."""
    ran = Incident.objects.filter(scope.of_incidents(), part_of=None, began_at__lt=end)
    ran = ran.filter(Q(camera=None) | Q(camera__is_monitored=True))
    ran = ran.filter(Q(ended_at=None) | Q(ended_at__gt=begin)).order_by().distinct()
    rows = ran.values_list("pk", "began_at", "ended_at").iterator()
    longest = heapq.nlargest(
        MOST_OUTAGES, ((min(ended or end, end) - began, -pk) for pk, began, ended in rows)
    )
    keys = [-pk for _lasted, pk in longest]
    incidents = (
        Incident.objects.select_related("camera", "uplink")
        .prefetch_related("snapshots")
        .annotate(cameras=Count("parts", filter=Q(parts__uplink=None)))
        .in_bulk(keys)
    )
    tickets = tickets_of(keys)
    return [
        Outage(
            incident.subject.code,
            incident.subject.name,
            incident.in_words,
            incident.began_at,
            incident.ended_at if incident.ended_at and incident.ended_at <= end else None,
            lasted,
            tickets.get(incident.pk, ""),
            incident.cameras,
            _picture(incident),
        )
        for lasted, pk in longest
        for incident in [incidents[-pk]]
    ]


def areas(
    cameras: Mapping[int, Place],
    spent: Mapping[int, Uptime],
    spent_before: Mapping[int, Uptime],
    repairs: Mapping[int | None, list[timedelta]],
) -> tuple[list[Area], Area, Uptime]:
    """Area by area, in the order of their codes; all together; and how all time was spent.

    `repairs`: how long repairs took, by the camera; those of uplinks, under None, count for all.
    """
    members: dict[int, list[int]] = defaultdict(list)
    for key, place in cameras.items():
        members[place.group].append(key)
    by_group: dict[int, list[timedelta]] = defaultdict(list)
    for camera, times in repairs.items():
        if camera is not None and camera in cameras:
            by_group[cameras[camera].group] += times
    names = dict(
        AreaModel.objects.filter(pk__in=members).order_by("code").values_list("pk", "name")
    )
    rows = [
        _area(name, members[group], spent, spent_before, by_group[group])
        for group, name in names.items()
    ]
    every = [time for times in repairs.values() for time in times]
    total = _area(gettext("all areas"), list(cameras), spent, spent_before, every)
    return rows, total, uptime.total(spent.values())


def _area(
    name: str,
    keys: list[int],
    spent: Mapping[int, Uptime],
    spent_before: Mapping[int, Uptime],
    repairs: list[timedelta],
) -> Area:
    return Area(
        name,
        len(keys),
        uptime.total(spent[key] for key in keys).availability,
        uptime.total(spent_before[key] for key in keys).availability,
        len(repairs),
        sum(repairs, timedelta()) / len(repairs) if repairs else None,
    )


def _groups(areas: set[int]) -> dict[int, int]:
    """Under which area each is counted: the highest that do not hold all of them, as the cities
    of Jakarta, or the districts of one.
    """
    tree = Tree.of(AreaModel.objects.order_by().values_list("pk", "parent_id"))
    paths = {area: list(tree.upwards(area))[::-1] for area in areas}
    level = 0
    while len({path[level] for path in paths.values() if len(path) > level}) == 1 and all(
        len(path) > level + 1 for path in paths.values()
    ):
        level += 1
    return {area: path[min(level, len(path) - 1)] for area, path in paths.items()}


def tickets_of(incidents: list[int]) -> dict[int, str]:
    """The numbers of the tickets of incidents."""
    links = TicketIncident.objects.filter(incident__in=incidents).select_related("ticket")
    return {link.incident_id: link.ticket.number for link in links}


def _picture(incident: Incident) -> bytes:
    """What the camera showed, small: of the fault, else from before it; b"" when there is none."""
    shown: Snapshot | None = incident.snapshot(SnapshotKind.FAULT)
    shown = shown or incident.snapshot(SnapshotKind.BEFORE)
    if shown is None:
        return b""
    try:
        jpeg = (folder() / shown.file).read_bytes()
    except OSError:
        return b""
    pixels = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    if pixels is None:
        return b""
    height = max(1, round(pixels.shape[0] * _PICTURE_WIDTH / pixels.shape[1]))
    small = cv2.resize(pixels, (_PICTURE_WIDTH, height), interpolation=cv2.INTER_AREA)
    done, data = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, 72])
    return data.tobytes() if done else b""
