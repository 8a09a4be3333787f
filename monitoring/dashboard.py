"""What the admin's first page shows of this floor."""

from typing import Any

from django.db.models import Case, Count, IntegerField, Max, Q, Value, When
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from cameras.models import Camera
from monitoring import pulse
from monitoring.admin.cameras import verdict_label
from monitoring.admin.shared import health_of, latest_url
from monitoring.choices import VERDICT_COLOURS, VERDICT_LABELS
from monitoring.models import CameraHealth, Incident
from monitoring.notes import with_notes
from monitoring.verdicts import Verdict

# More pictures than this are a list, not a look.
MOST_CAMERAS = 60
_SHOWN = [verdict for verdict in Verdict if verdict is not Verdict.UNMONITORED]


def counts() -> list[dict[str, Any]]:
    """Monitored cameras by confirmed verdict, each with the list that it counts."""
    monitored = Camera.objects.monitored()
    found = dict(
        monitored.exclude(health=None)
        .values_list("health__verdict")
        .annotate(number=Count("pk"))
        .order_by()
    )
    return [
        {
            "label": VERDICT_LABELS[verdict],
            "colour": VERDICT_COLOURS[verdict],
            "number": found.get(verdict, 0),
            "url": _list_url(health__verdict__exact=verdict),
        }
        for verdict in _SHOWN
    ]


def cameras() -> list[dict[str, Any]]:
    """Monitored cameras as cards, the faulty and the suspected first."""
    bad = [str(verdict) for verdict in Verdict if verdict.is_faulty]
    rank = Case(
        When(health__verdict__in=bad, then=Value(0)),
        When(health__suspected_probes__gt=0, then=Value(1)),
        When(health__is_flapping=True, then=Value(1)),
        default=Value(2),
        output_field=IntegerField(),
    )
    shown = (
        with_notes(Camera.objects.monitored(), timezone.now())
        .select_related("site")
        .annotate(rank=rank)
        .order_by("rank", "-site__importance", "code")[:MOST_CAMERAS]
    )
    return [_card(camera) for camera in shown]


def last_probe() -> Any:
    """When any camera was probed last; None before the first."""
    return CameraHealth.objects.aggregate(last=Max("probed_at"))["last"]


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


def outages() -> list[dict[str, Any]]:
    """The outages of uplinks that run now, and how many cameras each holds."""
    running = (
        Incident.objects.running()
        .outages()
        .filter(part_of=None)
        .select_related("uplink")
        .annotate(cameras=Count("parts", filter=Q(parts__ended_at=None, parts__uplink=None)))
    )
    return [
        {
            "incident": incident,
            "cameras": incident.cameras,
            "url": reverse("admin:monitoring_incident_change", args=[incident.pk]),
        }
        for incident in running
    ]


def running_incidents() -> int:
    """How many confirmed faults there are now."""
    return Incident.objects.running().count()


def _card(camera: Camera) -> dict[str, Any]:
    health = health_of(camera)
    verdict, words = verdict_label(camera)
    return {
        "camera": camera,
        "url": reverse("admin:cameras_camera_change", args=[camera.pk]),
        "picture": latest_url(health),
        "words": words,
        "colour": VERDICT_COLOURS[Verdict(verdict)],
        "since": (health.since or health.suspected_since) if health else None,
    }


def _list_url(**filters: str) -> str:
    return f"{reverse('admin:cameras_camera_changelist')}?{urlencode(filters)}"
