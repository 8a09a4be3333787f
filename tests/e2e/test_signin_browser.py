"""Signing in as a person does: locked out, with a second factor, at a desk and on a phone.

With SCREENSHOTS=folder, it leaves its pictures there: `make signin-screenshots` takes those of
docs/.
"""

import os
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django_otp.oath import totp
from playwright.sync_api import Page

from tests.e2e.browser import DESK, PHONE, browser, log_in, overflow

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.e2e]

PASSWORD = "uji-coba-masuk-12"
_CONTRAST = Path(__file__).with_name("contrast.js")


def show(page: Page, name: str) -> None:
    """Nothing may be cut off or too pale; and a picture, where they are wanted."""
    assert overflow(page) <= 0, name
    assert page.evaluate(_CONTRAST.read_text()) == [], name
    if folder := os.environ.get("SCREENSHOTS"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=Path(folder) / f"{name}.png")


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_from_lock_out_to_a_second_factor(live_server: Any, size: tuple[int, int]) -> None:
    kind = "" if size == DESK else "-phone"
    User.objects.create_superuser("kepala", password=PASSWORD, first_name="Siti")
    with browser(live_server.url, size) as page:
        page.goto(f"{live_server.url}/admin/")
        show(page, f"sign-in{kind}")
        for _try in range(5):
            page.fill("input[name=username]", "wati")
            page.fill("input[name=password]", "bukan-ini")
            page.click("#login-form button[type=submit]")
        page.get_by_text("Terlalu banyak percobaan masuk").wait_for()
        show(page, f"locked-out{kind}")

        # Whoever shares the address goes on, turns on the second factor, and releases.
        log_in(page, live_server.url, "kepala", PASSWORD)
        page.goto(f"{live_server.url}/admin/second-factor/")
        show(page, f"second-factor-new{kind}")
        user = User.objects.get(username="kepala")
        device = user.totpdevice_set.get()
        page.fill("input[name=code]", f"{totp(device.bin_key):06}")
        page.get_by_role("button", name="Aktifkan").click()
        page.locator(".signin-codes li").first.wait_for()
        show(page, f"recovery-codes{kind}")
        code = page.locator(".signin-codes code").first.inner_text()
        page.get_by_role("link", name="Sudah saya simpan").click()
        page.goto(f"{live_server.url}/admin/signin/failedsignin/")
        assert "wati" in page.locator("#result_list").inner_text()
        show(page, f"failed-sign-ins{kind}")

        page.goto(f"{live_server.url}/admin/second-factor/")
        show(page, f"second-factor{kind}")
        page.evaluate("document.getElementById('logout-form').submit()")
        page.wait_for_url("**/logout/")
        page.goto(f"{live_server.url}/admin/")
        page.fill("input[name=username]", "kepala")
        page.fill("input[name=password]", PASSWORD)
        page.click("#login-form button[type=submit]")
        page.locator("input[name=code]").wait_for()
        show(page, f"second-factor-code{kind}")
        page.fill("input[name=code]", code)
        page.get_by_role("button", name="Masuk").click()
        page.wait_for_url(f"{live_server.url}/admin/")
        assert "9 kode tersisa" in page.locator("#main").inner_text()
