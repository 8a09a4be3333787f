"""Procurement clicked through: ten broken cameras, one package, a failed tender, and the money.

At each step the figures on the page are those of the ledger. With SCREENSHOTS=folder, it leaves its
pictures there: `make procurement-screenshots` takes those of docs/.
"""

import os
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from playwright.sync_api import Page

from cameras.models import SiteKind
from maintenance import ledger, tickets
from maintenance.holidays import calendar
from maintenance.models import (
    BudgetLine,
    Outcome,
    Package,
    PackageState,
    PackageTicket,
    Stage,
    Ticket,
    TicketState,
)
from maintenance.rupiah import format_rupiah
from monitoring.models import HealthSpan, Incident
from monitoring.verdicts import Verdict
from tests.e2e.browser import DESK, PHONE, browser, log_in, overflow, press
from tests.factories import make_camera, make_line, make_site

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.e2e]

MILLION = 1_000_000
PASSWORD = "uji-coba-pengadaan-1"
NAMES = ["Manggarai", "Karet", "Pasar Ikan", "Pulo Gadung", "Sunter Hulu", "Angke Hulu"]


class Walk:
    """A person in front of the browser."""

    def __init__(self, page: Page, address: str, line: BudgetLine) -> None:
        self.page, self.address, self.line = page, address, line

    def go(self, path: str) -> None:
        self.page.goto(self.address + path)

    def show(self, name: str, tall: bool = False) -> None:
        """A picture for the documents, where they are wanted; `tall`: of a screen twice as high."""
        if folder := os.environ.get("SCREENSHOTS"):
            Path(folder).mkdir(parents=True, exist_ok=True)
            width, height = DESK
            self.page.set_viewport_size({"width": width, "height": height * (2 if tall else 1)})
            self.page.screenshot(path=Path(folder) / f"{name}.png")
            self.page.set_viewport_size({"width": width, "height": height})

    @property
    def package(self) -> Package:
        return Package.objects.get()

    def open_package(self) -> None:
        self.go(self.package.get_absolute_url())

    def press(self, button: str, picture: str = "", **given: Any) -> None:
        """Open a button's dialog, fill it in, and send it."""
        press(self.page, button, (lambda: self.show(picture)) if picture else None, **given)

    def record(self, stage: Stage, days_longer: int = 0) -> None:
        """Record a stage as planned, or so many working days late."""
        stage.refresh_from_db()
        assert stage.planned_end is not None
        ended = calendar().add(stage.planned_end, days_longer) if days_longer else stage.planned_end
        self.press("record_stage", stage=stage.pk, started=stage.planned_start, ended=ended)
        stage.refresh_from_db()
        assert stage.actual_end == ended

    def record_until(self, code: str, late: dict[str, int] | None = None) -> None:
        for stage in self.stages():
            if stage.code == code:
                return
            if not stage.is_done:
                self.record(stage, (late or {}).get(stage.code, 0))

    def stages(self) -> list[Stage]:
        return list(
            Stage.objects.filter(
                round__package=self.package, round__outcome=Outcome.RUNNING, included=True
            ).order_by("order")
        )

    def stage(self, code: str) -> Stage:
        return next(stage for stage in self.stages() if stage.code == code)

    def expect_money(self, reserved: int, committed: int, realised: int, available: int) -> None:
        """The ledger, and the budget line's page, in millions."""
        now = ledger.balance(self.line)
        found = (now.reserved, now.committed, now.realised, now.available)
        assert found == tuple(n * MILLION for n in (reserved, committed, realised, available))
        here = self.page.url
        self.go(self.line.get_absolute_url())
        text = self.page.locator("#content-main").inner_text()
        for amount in found:
            assert format_rupiah(amount) in text, (amount, text)
        self.page.goto(here)


@pytest.fixture
def walk(live_server: Any) -> Iterator[Walk]:
    today = timezone.localdate()
    line = make_line(750 * MILLION, today.year, name="Pemeliharaan CCTV pintu air")
    User.objects.create_superuser("kepala", password=PASSWORD)
    with browser(live_server.url) as page:
        log_in(page, live_server.url, "kepala", PASSWORD)
        yield Walk(page, live_server.url, line)


def ten_tickets(since: datetime) -> list[Ticket]:
    """Ten cameras offline since then, six of them at floodgates."""
    for number in range(10):
        kind = SiteKind.FLOODGATE if number < len(NAMES) else SiteKind.JUNCTION
        name = NAMES[number] if number < len(NAMES) else f"Simpang {number}"
        place = "Pintu Air " if kind == SiteKind.FLOODGATE else ""
        site = make_site(kind=kind, name=f"{place}{name}")
        camera = make_camera(site=site, code=f"UJI-{number:02}", name=f"{place}{name}")
        Incident.objects.create(
            camera=camera,
            verdict=Verdict.OFFLINE,
            reason="unreachable",
            began_at=since,
            confirmed_at=since,
        )
        HealthSpan.objects.create(camera=camera, verdict=Verdict.OFFLINE, began_at=since)
    tickets.open_due()
    return list(Ticket.objects.order_by("pk"))


def choose_tickets(walk: Walk, broken: list[Ticket]) -> None:
    walk.go("/admin/maintenance/ticket/")
    walk.page.locator("#action-toggle").check()
    walk.page.locator("select[name=action]").first.select_option("put_into_package")
    walk.page.locator("#changelist-actions button[name=index]").click()
    walk.page.locator("select[name=package]").wait_for()
    walk.show("put-into-package")
    with walk.page.expect_navigation():
        walk.page.locator("form:has(select[name=package]) button[type=submit]").click()
    assert walk.package.links.count() == len(broken) == 10


def test_from_ten_tickets_through_a_failed_tender_to_the_last_rupiah(walk: Walk) -> None:
    today = timezone.localdate()
    began = calendar().add(today, -150)
    since = timezone.make_aware(datetime.combine(began, time()))
    broken = ten_tickets(since)
    page = walk.page

    # A new package: refused with the rule, then planned; its HPS is reserved.
    walk.go("/admin/maintenance/package/add/")
    page.fill("input[name=code]", "CCTV-UJI-01")
    page.fill("input[name=name]", "Perbaikan CCTV pintu air")
    page.select_option("select[name=line]", str(walk.line.pk))
    page.fill("input[name=rule_date]", began.isoformat())
    page.fill("input[name=hps_rupiah]", "Rp 300 juta")
    page.fill("input[name=work_days]", "10")
    page.select_option("select[name=method]", "direct_procurement")
    page.click("button[name=_save], input[name=_save]")
    assert "Rp 200.000.000" in page.locator("#content-main").inner_text()
    walk.show("package-refused")
    page.select_option("select[name=method]", "tender")
    page.click("button[name=_save], input[name=_save]")
    page.wait_for_url("**/maintenance/package/")
    walk.expect_money(300, 0, 0, 450)

    # Ten tickets wait for it. Since they were opened just now, let them have waited from the start.
    choose_tickets(walk, broken)
    PackageTicket.objects.update(joined_at=since)

    # The procurement begins; the documents are five working days late; the tender fails.
    walk.press("start", on=began)
    walk.record_until("evaluation", late={"preparation": 5})
    late_days = page.locator("tr:has-text('KAK') td.days .tone").inner_text()
    assert late_days == "5"
    walk.press(
        "fail_tender",
        picture="tender-failed",
        failed_on=walk.stage("opening").actual_end,
        reason="Hanya satu penawaran yang memenuhi syarat",
    )
    assert walk.package.rounds.count() == 2
    assert "Hanya satu penawaran" in page.locator("#content-main").inner_text()
    walk.expect_money(300, 0, 0, 450)

    # The second round goes through to the contract; above the HPS it is refused in the dialog.
    walk.record_until("contract")
    walk.show("package", tall=True)
    signed_on = walk.stage("contract").planned_end
    assert signed_on is not None
    link = page.locator("[hx-get$='/sign/']").first
    link.click()
    dialog = page.locator("#modal-content #dialog")
    dialog.wait_for()
    for name, value in {
        "number": "027/KTR/2026",
        "vendor_name": "PT Lensa Jaya Abadi",
        "value_rupiah": "301 juta",
        "signed_on": signed_on.isoformat(),
        "ends_on": (signed_on + timedelta(days=20)).isoformat(),
    }.items():
        dialog.locator(f"[name={name}]").fill(value)
    dialog.locator("button[type=submit]").click()
    dialog.get_by_text("Rp 301.000.000").wait_for()
    walk.show("contract-refused")
    assert walk.package.state == PackageState.RUNNING
    dialog.locator("[name=value_rupiah]").fill("Rp 280 juta")
    with page.expect_navigation():
        dialog.locator("button[type=submit]").click()
    assert walk.package.state == PackageState.CONTRACTED
    walk.expect_money(0, 280, 0, 470)

    # The work is accepted: the tickets await verification; what lateness cost stays on the page.
    walk.record_until("handover")
    handed_over = walk.stage("handover").planned_end
    walk.press("accept", number="BAST-01", accepted_on=handed_over)
    states = set(Ticket.objects.values_list("state", flat=True))
    assert states == {TicketState.AWAITING_VERIFICATION}
    walk.expect_money(0, 280, 0, 470)

    # Two payments; then nothing is left to do.
    walk.press("pay", number="SP2D-01", paid_on=today, amount_rupiah="100 juta")
    walk.expect_money(0, 280, 100, 470)
    walk.press("pay", number="SP2D-02", paid_on=today, amount_rupiah="180.000.000")
    walk.expect_money(0, 280, 280, 470)
    assert walk.package.state == PackageState.PAID
    assert page.locator("[hx-get$='/pay/']").count() == 0
    history = page.locator("ol.rows").inner_text()
    for what in ("027/KTR/2026", "BAST-01", "SP2D-01", "SP2D-02"):
        assert what in history
    walk.show("package-paid", tall=True)


def test_the_pages_of_a_demo_fit_a_desk_and_a_phone(walk: Walk) -> None:
    from maintenance import demo

    since = timezone.now() - timedelta(days=60)
    ten_tickets(since)
    demo.load()
    PackageTicket.objects.update(joined_at=since)
    package = Package.objects.get(code__endswith="-01", code__startswith="CCTV-2")
    old = Package.objects.get(code=demo.OCTOBER_2013)
    asked = (
        "?method=simple_tender&kind=services&value_rupiah=750+juta&start=2013-09-16&work_days=60"
    )
    pages = {
        "packages": "/admin/maintenance/package/",
        "board": "/admin/maintenance/package/board/",
        "what-if": f"/admin/maintenance/package/what-if/{asked}",
        "package-late": package.get_absolute_url(),
        "october-2013": old.get_absolute_url(),
        "rules": "/admin/maintenance/ruleset/",
    }
    for name, path in pages.items():
        for width, height in (PHONE, DESK):
            walk.page.set_viewport_size({"width": width, "height": height})
            walk.go(path)
            assert overflow(walk.page) <= 0, (path, width)
        walk.show(name, tall=name in ("package-late", "october-2013"))
