"""Looking, as a person does: at a desk and on a phone, by the keyboard, in colours one can read.

With SCREENSHOTS=folder, it leaves its pictures there: `make looking-screenshots` takes those of
docs/.
"""

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from playwright.sync_api import Page

from cameras.models import Camera
from monitoring import pictures
from monitoring.models import CameraHealth
from monitoring.recording import record
from monitoring.verdicts import Verdict
from tests.e2e.browser import DESK, PHONE, browser, log_in, overflow
from tests.e2e.city import build, picture
from tests.factories import claimed, seen
from tests.supervisor.helpers import until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.e2e]

PASSWORD = "uji-coba-melihat-1"
CAMERAS = "/admin/cameras/camera/"
_CONTRAST = Path(__file__).with_name("contrast.js")


@pytest.fixture
def city(settings: Any) -> None:
    settings.WALL_REFRESH_SECONDS = 1
    build()


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
    for path, kept_as in (
        (CAMERAS, "camera-list"),
        (f"{CAMERAS}wall/", "wall"),
        (f"{CAMERAS}map/", "map"),
        (f"{CAMERAS}{CameraHealth.objects.filter(verdict='black')[0].pk}/change/", "camera-days"),
    ):
        page.goto(address + path)
        page.wait_for_load_state("networkidle")
        show(page, f"{kept_as}{name}")
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
        record(claimed(camera), [seen(camera, Verdict.COVERED, jpeg=picture(1, Verdict.COVERED))])
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
    record(claimed(camera), [seen(camera, Verdict.HEALTHY, jpeg=picture(2, None))])
    until(lambda: "Diperiksa pukul" in answer.inner_text(), "the answer of the probe")
    assert "sehat" in answer.inner_text()
    assert pictures.latest_path(camera.pk, healthy=True).exists()
