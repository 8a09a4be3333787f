"""Looking, as a person does: at a desk and on a phone, by the keyboard, in colours one can read.

With SCREENSHOTS=folder, it leaves its pictures there: `make looking-screenshots` takes those of
docs/.
"""

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from playwright.sync_api import Page

from cameras.models import Agency, Area, Camera, Importance, Site, SiteKind
from maintenance import ledger, tickets
from maintenance.models import DocumentKind, MonthlyPlan, Ticket
from monitoring import area_days, pictures
from monitoring.models import CameraHealth, HealthSpan, Incident
from monitoring.recording import record
from monitoring.verdicts import Reason, Verdict
from tests.e2e.browser import DESK, PHONE, browser, log_in, overflow
from tests.factories import claimed, make_line, paper, seen
from tests.maintenance.packages import make_package
from tests.supervisor.helpers import until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.e2e]

PASSWORD = "uji-coba-melihat-1"
CAMERAS = "/admin/cameras/camera/"
_CONTRAST = Path(__file__).with_name("contrast.js")
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


@pytest.fixture
def city(settings: Any) -> None:
    """Two cameras at each of a dozen places, with a past of a month; some are faulty."""
    settings.WALL_REFRESH_SECONDS = 1
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
    make_package(tickets=[Ticket.objects.order_by("pk")[0]])
    _money()
    while area_days.measure_due(timezone.now()):
        pass


def _live(camera: Camera, fault: Verdict | None, now: Any) -> None:
    number = camera.pk
    jpeg = _picture(number, fault)
    reason = Reason.REFUSED if fault is Verdict.OFFLINE else Reason.NONE
    record(claimed(camera), [seen(camera, Verdict.HEALTHY, now, jpeg=_picture(number, None))])
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


def _picture(number: int, fault: Verdict | None) -> bytes:
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


def _money() -> None:
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


@pytest.fixture(params=[DESK, PHONE], ids=["desk", "phone"])
def person(request: Any, city: None, live_server: Any) -> Iterator[tuple[Page, str, str]]:
    User.objects.create_superuser("kepala", password=PASSWORD)
    name = "" if request.param == DESK else "-phone"
    with browser(live_server.url, request.param) as page:
        log_in(page, live_server.url, "kepala", PASSWORD)
        yield page, live_server.url, name


def show(page: Page, name: str) -> None:
    if folder := os.environ.get("SCREENSHOTS"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=Path(folder) / f"{name}.png")


def low_contrasts(page: Page) -> list[str]:
    """Texts of our own parts of the page that WCAG AA calls too pale, with their ratio."""
    found: list[str] = page.evaluate(_CONTRAST.read_text())
    return found


def test_what_needs_somebody_is_seen_in_one_look(person: tuple[Page, str, str]) -> None:
    page, address, name = person
    page.goto(f"{address}/admin/")
    show(page, f"first-page{name}")
    gate = page.get_by_role("link", name="Pintu Air Karet", exact=True)
    assert gate.is_visible()
    if not name:  # at a desk, without scrolling
        box = gate.bounding_box()
        assert box is not None and box["y"] < DESK[1]
    assert overflow(page) <= 0
    assert low_contrasts(page) == []
    gate.click()
    page.wait_for_selector("#result_list")
    assert page.locator("#result_list tbody tr").count() == 2


def test_lists_wall_and_map_fit_the_screen_and_can_be_read(person: tuple[Page, str, str]) -> None:
    page, address, name = person
    for path, picture in (
        (CAMERAS, "camera-list"),
        (f"{CAMERAS}wall/", "wall"),
        (f"{CAMERAS}map/", "map"),
        (f"{CAMERAS}{CameraHealth.objects.filter(verdict='black')[0].pk}/change/", "camera-days"),
    ):
        page.goto(address + path)
        page.wait_for_load_state("networkidle")
        show(page, f"{picture}{name}")
        assert overflow(page) <= 0, path
        assert low_contrasts(page) == [], path


def test_the_wall_refreshes_itself_and_keeps_the_focus(person: tuple[Page, str, str]) -> None:
    page, address, _name = person
    page.goto(f"{address}{CAMERAS}wall/")
    camera = Camera.objects.get(code="KM-07-1")
    link = page.locator(f".wall a[href$='/{camera.pk}/change/']")
    link.focus()
    assert "sehat" in link.inner_text()
    for _each in range(3):
        record(claimed(camera), [seen(camera, Verdict.COVERED, jpeg=_picture(1, Verdict.COVERED))])
    until(lambda: "tertutup" in link.inner_text(), "the wall to show the new verdict")
    assert page.evaluate("document.activeElement.getAttribute('href')") == link.get_attribute(
        "href"
    )
    page.locator("[data-wall-pause]").press("Enter")
    assert page.locator("[data-wall-pause]").inner_text() == "Lanjutkan"


def test_the_map_is_walked_through_by_keyboard(person: tuple[Page, str, str]) -> None:
    page, address, _name = person
    page.goto(f"{address}{CAMERAS}map/?faulty=1")
    mark = page.locator(".map-mark").first
    mark.focus()
    words = mark.get_attribute("aria-label")
    assert words and "1" in words
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert "site__id__exact" in page.url or "box=" in page.url


def test_probing_now_shows_the_answer_without_loading_the_page(
    person: tuple[Page, str, str],
) -> None:
    page, address, _name = person
    camera = Camera.objects.get(code="KM-07-1")
    page.goto(f"{address}{CAMERAS}{camera.pk}/change/")
    CameraHealth.objects.filter(pk=camera.pk).update(due_at=timezone.now() + timedelta(hours=1))
    page.locator("[data-probe-now]").press("Enter")
    answer = page.locator("#probe-answer")
    until(lambda: "Menunggu" in answer.inner_text(), "the probe to be asked for")
    assert CameraHealth.objects.get(pk=camera.pk).due_at <= timezone.now()
    record(claimed(camera), [seen(camera, Verdict.HEALTHY, jpeg=_picture(2, None))])
    until(lambda: "Diperiksa pukul" in answer.inner_text(), "the answer of the probe")
    assert "sehat" in answer.inner_text()
    assert pictures.latest_path(camera.pk, healthy=True).exists()
