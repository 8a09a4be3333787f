"""What the admin's first page shows of this floor. Every number comes with the list it counts."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Case, Count, F, Max, Q, Value, When, Window
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from cameras.models import Camera, SiteKind
from cameras.reach import Reached, narrow, own
from monitoring import pulse
from monitoring.admin.cards import cards, worst_first
from monitoring.admin.strip_pictures import percent
from monitoring.area_days import DAYS
from monitoring.choices import VERDICT_COLOURS, VERDICT_LABELS
from monitoring.models import AreaDay, HealthSpan, Incident
from monitoring.verdicts import Verdict

__all__ = [
    "Now",
    "areas",
    "cameras",
    "cameras_now",
    "incidents",
    "outages",
    "standstill",
]

# More pictures than this are a list, not a look.
MOST_CAMERAS = 24
_MOST_NAMED = 6
_SHOWN = [verdict for verdict in Verdict if verdict is not Verdict.UNMONITORED]
_FAULTY = [str(verdict) for verdict in Verdict if verdict.is_faulty]
# The least availability that the small charts of areas tell apart; what is below lies on the floor.
_FLOOR = 0.5


@dataclass(frozen=True)
class Now:
    """Monitored cameras as they are now: by verdict, and the floodgates that are not seen."""

    counts: list[dict[str, Any]]
    floodgates: list[dict[str, Any]]
    floodgates_down: int
    floodgates_url: str
    last_probe: datetime | None


def cameras_now(now: datetime, reach: Reached) -> Now:
    """By confirmed verdict, with the change since the same time yesterday; two queries."""
    is_blind_gate = Q(health__verdict__in=_FAULTY, site__kind=SiteKind.FLOODGATE)
    rows = (
        narrow(Camera.objects.monitored(), reach)
        .exclude(health=None)
        .order_by()
        .annotate(
            gate=Case(When(is_blind_gate, then=F("site_id")), default=Value(None)),
            gate_name=Case(When(is_blind_gate, then=F("site__name")), default=Value("")),
        )
        .values_list("health__verdict", "gate", "gate_name")
        .annotate(number=Count("pk"), last=Max("health__probed_at"))
    )
    numbers: dict[str, int] = {}
    gates: dict[int, tuple[str, int]] = {}
    last: datetime | None = None
    for verdict, gate, name, number, probed in rows:
        numbers[verdict] = numbers.get(verdict, 0) + number
        last = max(filter(None, (last, probed)), default=None)
        if gate is not None:
            gates[gate] = name, gates.get(gate, ("", 0))[1] + number
    before = _numbers_at(now - timedelta(days=1), reach)
    return Now(
        counts=[
            {
                "label": VERDICT_LABELS[verdict],
                "colour": VERDICT_COLOURS[verdict],
                "number": numbers.get(verdict, 0),
                "url": _cameras_url(is_monitored__exact=1, health__verdict__exact=verdict),
                # Who had no verdict yet has no span: nothing to compare with.
                "change": numbers.get(verdict, 0) - before.get(verdict, 0)
                if before and verdict is not Verdict.PENDING
                else None,
            }
            for verdict in _SHOWN
        ],
        floodgates=[
            {
                "name": name,
                "number": number,
                "url": _cameras_url(condition="faulty", site__id__exact=gate),
            }
            for gate, (name, number) in sorted(gates.items(), key=lambda item: item[1][0])
        ],
        floodgates_down=sum(number for _name, number in gates.values()),
        floodgates_url=_cameras_url(condition="faulty", site__kind__exact=SiteKind.FLOODGATE),
        last_probe=last,
    )


def _numbers_at(moment: datetime, reach: Reached) -> dict[str, int]:
    held = narrow(HealthSpan.objects.all(), reach)
    held = held.filter(Q(ended_at=None) | Q(ended_at__gt=moment))
    held = held.filter(began_at__lte=moment, camera__is_monitored=True).order_by()
    return dict(held.values_list("verdict").annotate(number=Count("pk")))


def cameras(now: datetime, reach: Reached) -> list[dict[str, Any]]:
    """Monitored cameras as cards, the faulty and the suspected first."""
    mine = narrow(Camera.objects.monitored(), reach)
    return cards(worst_first(mine)[:MOST_CAMERAS], worst_first, now, reach.areas)


def incidents(now: datetime, reach: Reached) -> dict[str, Any]:
    """How many faults were confirmed within the last hour, and the latest of them by name."""
    latest = (
        narrow(Incident.objects.filter(confirmed_at__gt=now - timedelta(hours=1)), reach)
        .select_related("camera", "uplink")
        .annotate(in_all=Window(Count("pk")))
        .order_by("-confirmed_at", "-pk")[:_MOST_NAMED]
    )
    found = list(latest)
    return {
        "number": found[0].in_all if found else 0,
        "url": f"{reverse('admin:monitoring_incident_changelist')}?confirmed=hour",
        "latest": found,
    }


def outages(reach: Reached) -> list[dict[str, Any]]:
    """The outages of uplinks that run now, and how many of the person's cameras each holds."""
    held = Q(parts__ended_at=None, parts__uplink=None)
    if not reach.everything:
        held &= Q(parts__in=narrow(Incident.objects.order_by(), reach).values("pk"))
    running = (
        narrow(Incident.objects.running(), reach)
        .outages()
        .filter(part_of=None)
        .select_related("uplink")
        .annotate(cameras=Count("parts", filter=held))
    )
    return [
        {
            "incident": incident,
            "cameras": incident.cameras,
            "url": reverse("admin:monitoring_incident_change", args=[incident.pk]),
        }
        for incident in running
    ]


def areas(today: date, reach: Reached) -> list[dict[str, Any]]:
    """Uptime of each city in the last 30 days as a line, the worst first; one query.

    It was worked out over the cameras of all agencies: who reaches one agency alone gets none.
    """
    first = today - timedelta(days=DAYS - 1)
    rows = own(AreaDay.objects.filter(day__gte=first, day__lte=today), reach)
    rows = rows.select_related("area")
    by_area: dict[Any, list[AreaDay]] = {}
    for row in rows.order_by("area__code", "day"):
        by_area.setdefault(row.area, []).append(row)
    lines = []
    for area, days in by_area.items():
        up, down = sum(day.up_s for day in days), sum(day.down_s for day in days)
        share = up / (up + down) if up + down else None
        lines.append(
            {
                "name": area.name,
                "share": share,
                "percent": percent(share),
                "points": _points(days, first),
                "url": _cameras_url(area=area.pk, condition="faulty"),
            }
        )
    return sorted(lines, key=lambda line: (line["share"] is None, line["share"] or 0))


def _points(days: list[AreaDay], first: date) -> str:
    """A polyline in a box of 29 × 10: a step a day, full uptime at the top."""
    found = []
    for day in days:
        if (share := day.availability) is not None:
            high = max(0.0, (share - _FLOOR) / (1 - _FLOOR))
            found.append(f"{(day.day - first).days},{10 - 10 * high:.2f}")
    # A single point draws no line.
    return " ".join(found * 2 if len(found) == 1 else found)


def standstill(request: HttpRequest) -> dict[str, Any]:
    """A context processor: since when probing stands still, for the banner on every page.

    A callable, so that only a page which shows the banner asks the database.
    """

    def since() -> Any:
        user = getattr(request, "user", None)
        if user is None or not user.is_staff:
            return None
        return pulse.stands_still_since(timezone.now())

    return {"probing_stands_still_since": since}


def _cameras_url(**filters: Any) -> str:
    return f"{reverse('admin:cameras_camera_changelist')}?{urlencode(filters)}"
