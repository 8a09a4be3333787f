"""Five tasks as somebody new would do them, from the first page, with five clicks at most each.

Every press of the mouse is counted, typing is not. With SCREENSHOTS=folder, it leaves its pictures
there: `make task-screenshots` takes those of docs/.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from playwright.sync_api import FilePayload, Locator, Page

from cameras.models import Camera, Site
from maintenance import procurement
from maintenance.models import BudgetLine, Package, Vendor
from monitoring.models import PlannedWork
from tests.cameras.tables import xlsx
from tests.e2e.browser import DESK, PHONE, browser, log_in, overflow
from tests.e2e.city import build
from tests.maintenance.packages import go_on
from tests.maintenance.test_vendor_record import come_back, repaired_after

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.e2e]

PASSWORD = "uji-coba-tugas-12"
MOST_CLICKS = 5
MILLION = 1_000_000
_CONTRAST = Path(__file__).with_name("contrast.js")


class Newcomer:
    """Somebody who has just signed in, and whose clicks are counted."""

    def __init__(self, page: Page, address: str) -> None:
        self.page, self.address, self.clicks = page, address, 0

    def begin(self) -> None:
        self.page.goto(f"{self.address}/admin/")
        self.clicks = 0

    def click(self, what: Locator) -> None:
        self.clicks += 1
        what.click()
        self.page.wait_for_load_state("networkidle")

    def choose(self, field: Locator, name: str, content: bytes) -> None:
        """A file, by the browser's own dialog: one click here, the rest is the dialog's."""
        self.clicks += 1
        file: FilePayload = {
            "name": name,
            "mimeType": "application/octet-stream",
            "buffer": content,
        }
        with self.page.expect_navigation():
            field.set_input_files(file)

    def sidebar(self, name: str) -> Locator:
        return self.page.locator(f"#nav-sidebar-apps a:has(span:text-is('{name}'))")

    def group(self, holds: str) -> Locator:
        """The heading of the group that holds this link: it opens by a click."""
        return self.page.locator(f"#nav-sidebar-apps div:has(> ol a[href$='{holds}']) > h2")

    def show(self, name: str) -> None:
        """As it is on the screen; nothing is cut off, nothing too pale."""
        assert overflow(self.page) <= 0, name
        cut = self.page.eval_on_selector_all(
            "#result_list", "all => all.map(one => one.scrollWidth - one.parentElement.clientWidth)"
        )
        if self.page.viewport_size == {"width": DESK[0], "height": DESK[1]}:
            assert all(each <= 0 for each in cut), (name, cut)
        assert self.page.evaluate(_CONTRAST.read_text()) == [], name
        if folder := os.environ.get("SCREENSHOTS"):
            Path(folder).mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=Path(folder) / f"{name}.png")

    def done(self) -> None:
        assert self.clicks <= MOST_CLICKS, self.clicks


@pytest.fixture
def town(live_server: Any) -> str:
    build()
    User.objects.create_superuser("baru", password=PASSWORD, first_name="Rani")
    return str(live_server.url)


@contextmanager
def signed_in(town: str) -> Iterator[Newcomer]:
    with browser(town, locale="id-ID") as page:
        log_in(page, town, "baru", PASSWORD)
        yield Newcomer(page, town)


@pytest.fixture
def rani(town: str) -> Iterator[Newcomer]:
    with signed_in(town) as somebody:
        yield somebody


def test_find_the_broken_floodgate_cameras_in_jakarta_utara(rani: Newcomer) -> None:
    page = rani.page
    rani.begin()
    rani.show("1-floodgates-first-page")
    rani.click(page.locator("section:has-text('Pintu air tanpa gambar') a.big-number"))
    rani.click(page.get_by_role("button", name="Saringan").or_(page.get_by_text("Saringan")).first)
    rani.show("1-floodgates-filter")
    area = page.locator("#changelist-filter, [id*=filter]").get_by_text("Jakarta Utara").last
    if area.evaluate("one => one.tagName") == "OPTION":
        rani.clicks += 1  # opening the list
        page.locator("select[name=area]").select_option(
            label=str(area.evaluate("one => one.textContent"))
        )
        rani.clicks += 1
        rani.click(page.get_by_role("button", name="Terapkan"))
    else:
        rani.click(area)
    found = set(page.locator("#result_list .field-code").all_inner_texts())
    assert {each.strip() for each in found} == {"KM-03-2"}  # of three in the city
    rani.show("1-floodgates-found")
    rani.done()


def test_import_two_hundred_cameras_of_which_three_are_wrong(rani: Newcomer) -> None:
    page, before = rani.page, Camera.objects.count()
    wrong = {17: ("site", "LOK-99"), 80: ("main stream", "file:///etc/passwd"), 143: ("code", "")}
    rani.begin()
    rani.click(rani.sidebar("Kamera"))
    rani.click(page.get_by_role("link", name="Impor").first)
    rani.show("2-import-choose")
    rani.choose(page.locator("input[type=file]"), "kamera.xlsx", table(wrong))
    said = page.locator(".registry-import").inner_text()
    assert "Tidak ada yang ditulis" in said and "3 sel" in said
    rows = page.locator(".registry-table tbody tr")
    assert rows.count() == 3 and "LOK-99" in rows.first.inner_text()
    assert [rows.nth(each).locator("td").first.inner_text() for each in range(3)] == [
        str(row + 2) for row in wrong
    ]
    rani.show("2-import-wrong")
    rani.choose(page.locator("input[type=file]"), "kamera.xlsx", table({}))
    assert "200 baru" in page.locator(".registry-import").inner_text()
    rani.show("2-import-preview")
    rani.click(page.get_by_role("button", name="Impor"))
    assert Camera.objects.count() == before + 200
    rani.show("2-import-done")
    rani.done()


def test_mute_a_junction_for_road_works(rani: Newcomer) -> None:
    page = rani.page
    rani.begin()
    rani.click(rani.sidebar("Pekerjaan terencana"))
    rani.click(page.locator("a[href$='/plannedwork/add/']").first)
    rani.click(page.locator("#id_site + .select2"))
    page.keyboard.type("Grogol")
    rani.click(page.locator(".select2-results__option", has_text="Simpang Grogol"))
    page.locator("[name=reason]").fill("Galian kabel, Dinas Bina Marga, SPK 12/2026")
    assert page.locator("[name=begins_at_0]").input_value()
    rani.show("3-mute")
    rani.click(page.locator("button[name=_save]"))
    work = PlannedWork.objects.get()
    assert work.site == Site.objects.get(name="Simpang Grogol")
    assert work.begins_at <= timezone.now() < work.ends_at
    assert "berlangsung" in page.locator("#result_list").inner_text()
    rani.show("3-mute-done")
    rani.done()


def test_see_why_the_budget_is_not_spent(rani: Newcomer) -> None:
    page = rani.page
    spend_slowly()
    rani.begin()
    rani.click(page.locator("section:has(.budget-bar) dd a").last)
    rani.show("4-budget-lines")
    rani.click(page.locator("#result_list tbody th a, #result_list tbody a").first)
    why = page.locator(".unspent").inner_text()
    for words in ("belum direncanakan untuk apa pun", "dalam pengadaan", "Rp"):
        assert words in why, why
    rani.show("4-budget-why")
    rani.done()


def test_tell_which_vendors_repairs_come_back(town: str) -> None:
    repair_badly()  # before anybody signs in: it turns the clock, and a page asked for meanwhile
    with signed_in(town) as rani:  # would end the session
        page = rani.page
        rani.begin()
        rani.click(rani.group("/maintenance/vendor/"))
        rani.click(rani.sidebar("Penyedia"))
        row = page.locator("#result_list tbody tr", has_text="CV Kabel Kilat")
        assert "2 dari 4" in row.inner_text()
        rani.show("5-vendors")
        rani.click(row.get_by_role("link").first)
        assert page.locator(".panel .rows a").count() == 2
        rani.show("5-vendor")
        rani.done()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_on_a_phone_and_in_the_dark(town: str, theme: str) -> None:
    spend_slowly()
    repair_badly()
    line = BudgetLine.objects.order_by("pk").last()
    assert line is not None
    camera = Camera.objects.get(code="KM-01-1")
    for name, size in (("phone", PHONE), ("desk", DESK)):
        if (name, theme) == ("desk", "light"):
            continue  # that is what the tasks look at
        with browser(town, size, locale="id-ID") as page:
            page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
            log_in(page, town, "baru", PASSWORD)
            person = Newcomer(page, town)
            for what, path in (
                ("first-page", "/admin/"),
                ("cameras", "/admin/cameras/camera/"),
                ("camera", f"/admin/cameras/camera/{camera.pk}/change/"),
                ("budget", line.get_absolute_url()),
                ("vendors", "/admin/maintenance/vendor/"),
                ("tickets", "/admin/maintenance/ticket/"),
                ("history", f"/admin/cameras/camera/{camera.pk}/history/"),
            ):
                page.goto(town + path)
                page.wait_for_load_state("networkidle")
                person.show(f"{name}-{theme}-{what}")


# --- What is there to be found -------------------------------------------------------------------


def table(wrong: dict[int, tuple[str, str]]) -> bytes:
    """Two hundred cameras at places that there are, with what is to be wrong in them."""
    head = ["code", "name", "site", "agency", "main stream", "brand", "monitored"]
    rows: list[list[Any]] = []
    for number in range(200):
        row = [f"BARU-{number:03}", f"Kamera baru {number}", f"LOK-{number % 12}", "SDA"]
        row += [f"rtsp://10.20.{number}.1/1", "Hikvision", "ya"]
        if number in wrong:
            column, value = wrong[number]
            row[head.index(column)] = value
        rows.append(row)
    return xlsx([head, *rows])


def spend_slowly() -> None:
    """The package hangs in procurement, long after its plan."""
    slow = Package.objects.get()
    procurement.start(slow, date(timezone.localdate().year, 2, 2), None)
    go_on(slow, "announcement")


def repair_badly() -> None:
    """Two vendors; the repairs of one come back."""
    good = Vendor.objects.create(name="PT Lensa Jaya Abadi")
    bad = Vendor.objects.create(name="CV Kabel Kilat")
    for _each in range(5):
        repaired_after(good, 30)
    for each in [repaired_after(bad, 4) for _each in range(4)][:2]:
        come_back(each)
