"""The weekly report as people see it: from a real mail server into a real browser.

On a wide and a narrow screen, light and dark. With SCREENSHOTS=folder, it leaves its pictures
there: `make report-screenshots` takes those of docs/.
"""

import os
import re
from base64 import b64encode
from collections.abc import Iterator
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any, Literal

import pytest
import time_machine
from playwright.sync_api import Page

from maintenance.models import Report, ReportDelivery, ReportSubscription
from maintenance.report import delivery, urgent
from tests.e2e.browser import browser, log_in, overflow
from tests.factories import make_user
from tests.maintenance import report_city
from tests.maintenance.report_city import NOW
from tests.servers import mail_server

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.e2e]

PASSWORD = "uji-coba-laporan-1"
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
# Of every text that is seen: how far its colour is from what lies under it (WCAG).
CONTRASTS = """() => {
  const numbers = colour => colour.match(/[\\d.]+/g).map(Number);
  const light = rgb => { const [r, g, b] = rgb.slice(0, 3).map(v => { v /= 255;
    return v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4; });
    return .2126 * r + .7152 * g + .0722 * b; };
  const ground = one => { for (let at = one; at; at = at.parentElement) {
    const rgb = numbers(getComputedStyle(at).backgroundColor);
    if (rgb.length < 4 || rgb[3] > 0) return rgb; } return [255, 255, 255]; };
  const found = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const one = walker.currentNode.parentElement;
    if (!walker.currentNode.textContent.trim()) continue;
    if (!one.offsetParent || one.offsetHeight < 2) continue;
    const style = getComputedStyle(one);
    const [a, b] = [light(numbers(style.color)), light(ground(one))];
    found.push([(Math.max(a, b) + .05) / (Math.min(a, b) + .05), one.textContent.trim()]);
  }
  return found; }"""


def show(page: Page, name: str, whole: bool = True) -> None:
    if folder := os.environ.get("SCREENSHOTS"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=whole)


def as_page(mail: EmailMessage) -> str:
    """The HTML of a mail with the pictures that came with it."""
    body = mail.get_body(("html",))
    assert body is not None
    pictures = {
        part["Content-ID"].strip("<>"): f"data:{part.get_content_type()};base64,"
        + b64encode(part.get_content()).decode()
        for part in mail.walk()
        if part["Content-ID"]
    }
    html: str = body.get_content()
    return re.sub(r'src="cid:([^"]+)"', lambda match: f'src="{pictures[match[1]]}"', html)


@pytest.fixture
def mails(settings: Any) -> Iterator[list[EmailMessage]]:
    """The report of the week, and an urgent mail, as the server received them."""
    settings.SITE_ADDRESS = "https://kamera.example.id"
    report_city.build(with_pictures=True)
    ReportSubscription.objects.create(
        email="kepala@example.id", active_since=NOW - timedelta(days=3), wants_urgent=True
    )
    with time_machine.travel(NOW), mail_server(settings) as server:
        delivery.tend(NOW)
        report_city.fail_a_floodgate_now()
        urgent.tend(NOW)
        yield server.mails


def test_the_mails_read_well_on_every_screen(mails: list[EmailMessage], tmp_path: Path) -> None:
    for number, (mail, name) in enumerate(zip(mails, ("report", "urgent"), strict=True)):
        file = tmp_path / f"{number}.html"
        file.write_text(as_page(mail))
        for width in (600, 360):
            with browser("file:", (width, 800)) as page:
                for scheme in SCHEMES:
                    page.emulate_media(color_scheme=scheme)
                    page.goto(file.as_uri())
                    assert overflow(page) <= 0, (name, width)
                    poor = [(c, text) for c, text in page.evaluate(CONTRASTS) if c < 4.5]
                    assert poor == [], (name, width, scheme)
                    shown = page.locator("img:visible")
                    assert page.eval_on_selector_all(
                        "img", "all => all.every(one => one.complete && one.naturalWidth > 0)"
                    )
                    themes = shown.evaluate_all("all => all.map(one => one.alt)")
                    assert len(themes) == len(set(themes))  # of each plot one, light or dark
                    show(page, f"{name}-{width}-{scheme}")


def test_it_is_previewed_read_and_sent_again_in_the_admin(
    mails: list[EmailMessage], live_server: Any, settings: Any
) -> None:
    admin = make_user(username="admin", is_superuser=True)
    admin.set_password(PASSWORD)
    admin.save()
    address = live_server.url
    with browser(address) as page:
        log_in(page, address, "admin", PASSWORD)
        page.goto(f"{address}/admin/maintenance/report/")
        show(page, "admin-reports", whole=False)
        page.click("#result_list tbody a")
        frame = page.frame_locator("iframe.report-frame")
        frame.locator("h2").first.wait_for()
        show(page, "admin-report", whole=False)

        page.click("text=Kirim kepada seseorang")
        page.locator("#dialog [name=address]").fill("sekda@example.id")
        page.locator("#dialog button[type=submit]").click()
        page.wait_for_selector("text=Terkirim ke sekda@example.id")
        assert mails[-1]["To"] == "sekda@example.id"
        assert ReportDelivery.objects.get(address="sekda@example.id").sent_by == admin

        page.goto(f"{address}/admin/maintenance/report/preview/")
        page.click("text=Tampilkan")
        page.frame_locator("iframe.report-frame").locator("h2").first.wait_for(timeout=60_000)
        show(page, "admin-preview", whole=False)
        assert overflow(page) <= 0
        for path in ("reportsubscription", "reportdelivery", "urgentmail"):
            page.goto(f"{address}/admin/maintenance/{path}/")
            page.click("#result_list tbody a")
        assert Report.objects.count() == 1
