"""A small city to look at: places, cameras with pictures, a past of a month, tickets, money."""

from datetime import timedelta
from typing import Any

import cv2
import numpy as np
from django.utils import timezone

from cameras.models import Agency, Area, Camera, Importance, Site, SiteKind
from maintenance import ledger, tickets
from maintenance.models import BudgetLine, DocumentKind, MonthlyPlan, Ticket
from monitoring import area_days
from monitoring.models import CameraHealth, HealthSpan, Incident
from monitoring.recording import record
from monitoring.verdicts import Reason, Verdict
from tests.factories import claimed, make_line, paper, seen
from tests.maintenance.packages import make_package

_SITES = [
    ("Pintu Air Manggarai", SiteKind.FLOODGATE, "31.74", -6.208, 106.848),
    ("Pintu Air Karet", SiteKind.FLOODGATE, "31.71", -6.198, 106.810),
    ("Pintu Air Pasar Ikan", SiteKind.FLOODGATE, "31.72", -6.126, 106.809),
    ("Pintu Air Marina Ancol", SiteKind.FLOODGATE, "31.72", -6.122, 106.829),
    ("Pintu Air Pulo Gadung", SiteKind.FLOODGATE, "31.75", -6.191, 106.906),
    ("Pos Pantau Angke Hulu", SiteKind.RIVER_GAUGE, "31.73", -6.218, 106.733),
    ("Bundaran HI", SiteKind.JUNCTION, "31.71", -6.195, 106.823),
    ("Monas", SiteKind.LANDMARK, "31.71", -6.175, 106.827),
    ("Simpang Grogol", SiteKind.JUNCTION, "31.73", -6.167, 106.790),
    ("Simpang Cawang", SiteKind.JUNCTION, "31.75", -6.243, 106.872),
    ("Lebak Bulus", SiteKind.TERMINAL, "31.74", -6.289, 106.775),
    ("Waduk Pluit", SiteKind.PUMP_HOUSE, "31.72", -6.111, 106.799),
]
_FAULTS = {3: Verdict.BLACK, 4: Verdict.OFFLINE, 8: Verdict.COVERED, 17: Verdict.OFFLINE}


def build() -> None:
    """Two cameras at each of a dozen places, with a past of a month; some are faulty."""
    province = Area.objects.create(code="31", name="DKI Jakarta")
    areas = {
        code: Area.objects.create(code=code, name=name, parent=province)
        for code, name in (
            ("31.71", "Jakarta Pusat"),
            ("31.72", "Jakarta Utara"),
            ("31.73", "Jakarta Barat"),
            ("31.74", "Jakarta Selatan"),
            ("31.75", "Jakarta Timur"),
        )
    }
    agency = Agency.objects.create(code="SDA", name="Dinas Sumber Daya Air")
    now = timezone.now()
    for number, (name, kind, area, latitude, longitude) in enumerate(_SITES):
        site = Site.objects.create(
            code=f"LOK-{number}",
            name=name,
            kind=kind,
            area=areas[area],
            latitude=latitude,
            longitude=longitude,
            importance=Importance.CRITICAL if kind == SiteKind.FLOODGATE else Importance.NORMAL,
        )
        for which in (1, 2):
            camera = Camera.objects.create(
                code=f"KM-{number:02}-{which}",
                name=f"{name} {'hulu' if which == 1 else 'hilir'}",
                site=site,
                agency=agency,
                snapshot_url=f"http://10.1.{number}.{which}/gambar.jpg",
            )
            _live(camera, _FAULTS.get(2 * number + which), now)
    tickets.open_due()
    for number, ticket in enumerate(Ticket.objects.order_by("pk")):
        Ticket.objects.filter(pk=ticket.pk).update(opened_at=now - timedelta(days=12 * number))
    make_package(line=_money(), tickets=[Ticket.objects.order_by("pk")[0]])
    while area_days.measure_due(timezone.now()):
        pass


def _live(camera: Camera, fault: Verdict | None, now: Any) -> None:
    number = camera.pk
    jpeg = picture(number, fault)
    reason = Reason.REFUSED if fault is Verdict.OFFLINE else Reason.NONE
    record(claimed(camera), [seen(camera, Verdict.HEALTHY, now, jpeg=picture(number, None))])
    for _each in range(3 if fault else 0):
        found = {} if fault is Verdict.OFFLINE else {"jpeg": jpeg}
        record(claimed(camera), [seen(camera, fault, timezone.now(), reason, **found)])  # type: ignore[arg-type]
    at = now - timedelta(days=35)
    for days in (28, 21, 14)[: number % 4]:
        down = now - timedelta(days=days + number % 3)
        HealthSpan.objects.create(camera=camera, verdict="healthy", began_at=at, ended_at=down)
        at = down + timedelta(hours=7 + 5 * (number % 5))
        HealthSpan.objects.create(camera=camera, verdict="black", began_at=down, ended_at=at)
    first = camera.spans.filter(began_at__gte=now - timedelta(minutes=5)).earliest("began_at")
    HealthSpan.objects.filter(pk=first.pk).update(began_at=at)
    if fault:
        since = now - timedelta(hours=1 + number % 24)
        camera.spans.filter(ended_at=None).update(began_at=since)
        HealthSpan.objects.filter(pk=first.pk).update(began_at=at, ended_at=since)
        CameraHealth.objects.filter(pk=camera.pk).update(since=since)
        Incident.objects.filter(camera=camera).update(began_at=since)


def picture(number: int, fault: Verdict | None) -> bytes:
    """Something to look at: a road at dusk, drawn; dark or covered where it is to be."""
    high, wide = 360, 640
    tone = np.linspace(210, 120, high)[:, None]
    base = np.array([150 + 9 * (number % 7), 130 + 5 * (number % 11), 110], float)
    picture = (tone[..., None] / 210 * base).repeat(wide, axis=1).astype(np.uint8)
    cv2.fillPoly(picture, [np.array([[0, 360], [640, 360], [370, 150], [270, 150]])], (90, 90, 92))
    for line in range(6):
        y = 170 + 34 * line
        cv2.line(picture, (320, y), (320, y + 16), (235, 235, 235), 2 + line)
    cv2.rectangle(picture, (40 + 30 * (number % 5), 70), (190, 210), (70, 80, 95), -1)
    if fault is Verdict.BLACK:
        picture = (picture * 0.03).astype(np.uint8)
    if fault is Verdict.COVERED:
        picture[:, 150:] = (60, 75, 70)
    return cv2.imencode(".jpg", picture)[1].tobytes()


def _money() -> BudgetLine:
    year = timezone.localdate().year
    line = make_line(750_000_000, year)
    for month in range(1, 13):
        MonthlyPlan.objects.create(line=line, month=month, planned_rupiah=60_000_000)
    day = timezone.localdate().replace(month=1, day=20)
    contract = ledger.commit(
        line, 300_000_000, paper(day=day, ends_on=day.replace(month=12, day=1)), None
    )
    paid = paper(DocumentKind.SP2D, day.replace(day=28))
    ledger.realise(line, 120_000_000, paid, None, commitment=contract)
    return line
