"""A day in the life of a ticket, clicked through: from a black picture to a proven repair.

The whole program runs, with a real camera that goes dark and is mended. With SCREENSHOTS=folder, it
leaves its pictures there: `make ticket-screenshots` takes those of docs/.
"""

import io
import os
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from django.contrib.auth.models import User
from PIL import Image
from playwright.sync_api import Page

from cameras.models import Agency, Area, Camera, Importance, Site, SiteKind
from maintenance.models import (
    CommentMention,
    Repair,
    Ticket,
    TicketState,
    Vendor,
    VendorContact,
    WorkOrder,
)
from monitoring.models import CameraHealth
from monitoring.verdicts import Verdict
from tests.e2e.browser import DESK, PHONE, browser, every_picture_is_shown, log_in, overflow, press
from tests.e2e.program import PASSWORD, PATIENCE_S, Program, wait_for
from tests.factories import make_user
from tests.farm import Farm
from tests.maintenance.repairing import MANGGARAI, exif_of
from tests.supervisor.helpers import until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.e2e]

_PLACES = {
    "Pintu Air Karet": (-6.198, 106.810),
    "Setiabudi": (-6.206, 106.828),
    "Bundaran HI": (-6.195, 106.823),
    "Kampung Melayu": (-6.225, 106.866),
    "Pancoran": (-6.243, 106.843),
    "Tanah Abang": (-6.186, 106.811),
}


@pytest.fixture
def farm() -> Iterator[Farm]:
    with Farm() as farm:
        yield farm


@pytest.fixture
def program(transactional_db: None) -> Iterator[Program]:
    with Program() as program:
        program.sees(" ready.", within_s=120)
        yield program
        program.stop()


class Day:
    """A person in front of the browser, with one ticket."""

    def __init__(self, page: Page, program: Program, camera: Camera) -> None:
        self.page, self.program, self.camera = page, program, camera

    @property
    def ticket(self) -> Ticket:
        return Ticket.objects.get(camera__code=self.camera.code)

    def go(self, path: str) -> None:
        self.page.goto(self.program.address + path)

    def open_ticket(self) -> None:
        self.go(self.ticket.get_absolute_url())
        self.page.locator("#comments").wait_for()

    def show(self, name: str, part: str = "") -> None:
        """A picture for the documents, where they are wanted; from `part` of the page on."""
        assert overflow(self.page) <= 0, name
        if folder := os.environ.get("SCREENSHOTS"):
            if part:
                self.page.locator(part).scroll_into_view_if_needed()
            Path(folder).mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=Path(folder) / f"{name}.png")

    def press(self, button: str, picture: str = "", **given: Any) -> None:
        """Open a button's dialog, fill it in, and send it."""
        press(self.page, button, (lambda: self.show(picture)) if picture else None, **given)
        self.page.locator("#comments").wait_for()

    def expect(self, state: TicketState) -> None:
        assert self.ticket.state == state, self.ticket.state_in_words

    def wait_for_pictures(self, selector: str) -> None:
        until(lambda: every_picture_is_shown(self.page, selector), f"pictures at {selector}")


def city(farm: Farm) -> Camera:
    """A floodgate with a camera of its own, and sites around it."""
    area = Area.objects.create(code="31.74", name="Jakarta Selatan")
    agency = Agency.objects.create(code="SDA", name="Dinas Sumber Daya Air")
    for number, (name, (latitude, longitude)) in enumerate(_PLACES.items()):
        Site.objects.create(
            code=f"LOK-{number}", name=name, area=area, latitude=latitude, longitude=longitude
        )
    site = Site.objects.create(
        code="PA-MGR",
        name="Pintu Air Manggarai",
        kind=SiteKind.FLOODGATE,
        importance=Importance.CRITICAL,
        area=area,
        agency=agency,
        address="Jl. Sultan Agung, Manggarai",
        latitude=MANGGARAI[0],
        longitude=MANGGARAI[1],
    )
    real = farm.add("PA-MGR-01", scene="water-day")
    return Camera.objects.create(
        code="PA-MGR-01",
        name="Manggarai hilir",
        site=site,
        agency=agency,
        vendor="Hikvision",
        model="DS-2CD2T47",
        serial_number="DS-7781-0042",
        snapshot_url=real.snapshot_url,
    )


def gate_photo(camera: Camera) -> bytes:
    """What a telephone would send: the gate, with the place at which it was taken."""
    with urllib.request.urlopen(camera.snapshot_url) as answer:
        picture = Image.open(io.BytesIO(answer.read()))
    out = io.BytesIO()
    picture.save(out, "JPEG", exif=exif_of(MANGGARAI))
    return out.getvalue()


def keep_sheet(pdf: bytes, name: str) -> None:
    """The work order as a picture, beside the others."""
    if folder := os.environ.get("SCREENSHOTS"):
        page = pypdfium2.PdfDocument(pdf)[0].render(scale=1.5).to_pil()
        page.save(Path(folder) / f"{name}.png")


def test_from_a_black_picture_to_a_proven_repair(farm: Farm, program: Program) -> None:
    camera = city(farm)
    vendor = Vendor.objects.create(name="PT Lensa Jaya Abadi")
    VendorContact.objects.create(
        vendor=vendor, person="Rudi Hartono", phone="0812-3456-7890", role="Teknisi siaga"
    )
    make_user(username="wati", email="wati@example.id", first_name="Wati", last_name="Lestari")
    healthy = CameraHealth.objects.filter(verdict=Verdict.HEALTHY)
    wait_for(healthy.exists, "the camera healthy", program, PATIENCE_S)
    taken = gate_photo(camera)
    farm.break_("PA-MGR-01", "black")
    wait_for(
        lambda: Ticket.objects.filter(camera=camera).exists(), "the ticket", program, PATIENCE_S
    )

    with browser(program.address, locale="id-ID") as page:
        day = Day(page, program, camera)
        log_in(page, program.address, "kepala", PASSWORD)
        User.objects.filter(username="kepala").update(first_name="Siti", last_name="Rahma")

        # The fault stands in the list; it is acknowledged, and given to a vendor.
        day.go("/admin/maintenance/ticket/")
        day.wait_for_pictures("#result_list img.thumb")
        day.show("1-list")
        page.click("#result_list a:has-text('TP-')")
        day.wait_for_pictures(".pictures img")
        page.locator("#comments").wait_for()
        day.show("2-fault")
        day.press("acknowledge")
        day.press("assign", picture="3-assign", vendor=vendor.pk)
        day.expect(TicketState.ASSIGNED)

        # The work order goes along on paper.
        page.locator("#work-orders .work-button").click()
        page.locator("input[name=person]").fill("Rudi Hartono")
        page.locator("textarea[name=instruction]").fill("Bawa tangga 6 m. Lapor ke pos jaga.")
        assert page.locator("select[name=vendor]").input_value() == str(vendor.pk)
        day.show("4-work-order")
        page.locator("form:has(input[name=person]) button[type=submit]").click()
        page.get_by_text("Buka lembar cetak").wait_for()
        order = WorkOrder.objects.get()
        answer = page.request.get(
            f"{program.address}/admin/maintenance/workorder/{order.pk}/sheet.pdf"
        )
        pdf = answer.body()
        assert answer.headers["content-type"] == "application/pdf" and pdf[:5] == b"%PDF-"
        keep_sheet(pdf, "5-work-order-sheet")
        page.reload()
        assert "Siti Rahma" in page.locator(".panel .rows").last.inner_text()
        day.show("6-work-order-issued")

        # At the gate: the repair is begun, entered with its parts and a photograph, and reported.
        day.open_ticket()
        day.press("begin")
        day.expect(TicketState.IN_REPAIR)
        page.locator("#repairs .work-button-main").click()
        page.select_option("select[name=work]", "power")
        assert page.locator("select[name=vendor]").input_value() == str(vendor.pk)
        page.fill("input[name=labour_rupiah]", "350 ribu")
        page.fill("textarea[name=note]", "Adaptor 12 V terbakar, diganti.")
        page.fill("input[name=parts-0-name]", "Adaptor 12 V 5 A")
        page.fill("input[name=parts-0-serial_number]", "ADP-2291")
        page.fill("input[name=parts-0-unit_rupiah]", "275.000")
        page.set_input_files(
            "input[name=photos]",
            {"name": "gerbang.jpg", "mimeType": "image/jpeg", "buffer": taken},
        )
        day.show("7-repair")
        assert page.locator("input[type=text][value='gerbang.jpg']").count() == 1
        day.show("7-repair-photo", "input[name=keep_position]")
        page.get_by_role("button", name="Catat perbaikan").click()
        page.locator(".photo-row img").wait_for()
        day.wait_for_pictures(".photo-row img")
        costs = page.locator("#repairs").inner_text()
        assert "Rp 625.000" in costs and "ADP-2291" in costs
        kept = page.request.get(
            program.address + str(page.locator(".photo-row a").get_attribute("href"))
        )
        assert not Image.open(io.BytesIO(kept.body())).getexif()

        page.locator("#comments textarea").fill("Adaptor diganti, mohon dipantau @wati")
        page.locator("#comments button").click()
        page.locator("#comments mark").wait_for()
        day.show("8-costs", "#repairs")
        wait_for(
            lambda: CommentMention.objects.filter(sent_at__isnull=False).exists(),
            "the mail about the mention",
            program,
            PATIENCE_S,
        )

        farm.mend("PA-MGR-01")
        day.press("repaired", note="Gambar kembali terang di tempat.")
        day.expect(TicketState.AWAITING_VERIFICATION)
        day.show("9-verification")

        # The pictures prove it; nobody has to press anything.
        wait_for(
            lambda: day.ticket.state == TicketState.CLOSED, "closed by proof", program, PATIENCE_S
        )
        day.open_ticket()
        day.wait_for_pictures(".pictures img")
        assert page.locator(".pictures img").count() == 3
        assert page.locator("#repairs .work-button-main").count() == 0
        day.show("10-closed")
        day.go("/admin/maintenance/vendor/")
        assert "PT Lensa Jaya Abadi" in page.locator("#result_list").inner_text()
        day.show("11-vendors")
        for width, height in (PHONE, DESK):
            page.set_viewport_size({"width": width, "height": height})
            for path in (
                day.ticket.get_absolute_url(),
                Repair.objects.get().get_absolute_url(),
                order.get_absolute_url(),
                vendor.get_absolute_url(),
            ):
                day.go(path)
                page.wait_for_load_state("networkidle")
                assert overflow(page) <= 0, (path, width)
    assert "Traceback" not in program.printed


def test_a_camera_is_replaced_and_the_new_one_proves_it(farm: Farm, program: Program) -> None:
    camera = city(farm)
    healthy = CameraHealth.objects.filter(verdict=Verdict.HEALTHY)
    wait_for(healthy.exists, "the camera healthy", program, PATIENCE_S)
    farm.break_("PA-MGR-01", "black")
    wait_for(
        lambda: Ticket.objects.filter(camera=camera).exists(), "the ticket", program, PATIENCE_S
    )
    new = farm.add("PA-MGR-01-BARU", scene="water-day")
    with browser(program.address, locale="id-ID") as page:
        day = Day(page, program, camera)
        log_in(page, program.address, "kepala", PASSWORD)
        day.open_ticket()
        kepala = User.objects.get(username="kepala")
        day.press("assign", person=kepala.pk)
        day.press("begin")
        page.locator("#repairs a[href*='/replace/']").click()
        page.fill("input[name=serial_number]", "IPC-2026-0007")
        page.fill("input[name=brand]", "Dahua")
        page.fill("input[name=model]", "IPC-HFW3449")
        page.fill("input[name=price_rupiah]", "4,5 juta")
        page.fill("input[name=snapshot_url]", new.snapshot_url)
        day.show("12-replace")
        page.get_by_role("button", name="Ganti kamera").click()
        page.locator("#comments").wait_for()
        assert "Rp 4.500.000" in page.locator("#repairs").inner_text()
        replacement = Camera.objects.get(code="PA-MGR-01")
        assert replacement.serial_number == "IPC-2026-0007" and replacement.replaces == camera
        day.press("repaired")
        wait_for(
            lambda: day.ticket.state == TicketState.CLOSED, "closed by proof", program, PATIENCE_S
        )
        assert day.ticket.camera == replacement
        day.open_ticket()
        day.show("13-replaced")
    assert "Traceback" not in program.printed
