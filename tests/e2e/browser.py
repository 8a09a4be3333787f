"""A real browser, that asks nobody but the program under test."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import pytest
from playwright.sync_api import Page, sync_playwright

# Playwright's own loop runs in the thread that also asks the database; neither waits in it for
# the other, which is what Django guards against.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

DESK, PHONE = (1366, 768), (390, 844)
_NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
# Without these, the browser looks for updates and its maker's hosts by itself.
_QUIET = [
    "--no-sandbox",  # as root, as in a container, there is none
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@contextmanager
def browser(address: str, size: tuple[int, int] = DESK, locale: str = "en-US") -> Iterator[Page]:
    """A page of this size, closed afterwards.

    Skips the test where no Chromium is installed (CI installs one, and skips nothing). Fails when
    the page asked for anything from another host, or when a script of it failed.
    """
    program = next(filter(None, map(shutil.which, _NAMES)), None)
    if program is None:
        pytest.skip("no Chromium is installed (Debian: apt install chromium)")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=_QUIET)
        width, height = size
        page = chromium.new_page(viewport={"width": width, "height": height}, locale=locale)
        asked: list[str] = []
        failed: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.on("pageerror", lambda error: failed.append(str(error)))
        try:
            yield page
        finally:
            chromium.close()
    allowed = (address, "data:", "blob:")
    assert [url for url in asked if not url.startswith(allowed)] == []
    assert failed == [], failed


def log_in(page: Page, address: str, username: str, password: str) -> None:
    """As a person does, by the form."""
    page.goto(f"{address}/admin/")
    page.fill("input[name=username]", username)
    page.fill("input[name=password]", password)
    page.click("button[type=submit]")
    page.wait_for_url(f"{address}/admin/")


def press(page: Page, button: str, before: Callable[[], None] | None = None, **given: Any) -> None:
    """Open a button's dialog, fill it in, do what is to be done `before`, and send it."""
    link = page.locator(f"[hx-get$='/{button}/']")
    if not link.first.is_visible():  # it is under “More”
        page.locator("li:has-text('more_horiz') > a").first.click()
    link.first.click()
    dialog = page.locator("#modal-content #dialog")
    dialog.wait_for()
    for name, value in given.items():
        field = dialog.locator(f"[name={name}]")
        if field.evaluate("one => one.tagName") == "SELECT":
            field.select_option(str(value))
        else:
            field.fill(value.isoformat() if isinstance(value, date) else str(value))
    if before is not None:
        before()
    with page.expect_navigation():
        dialog.locator("button[type=submit]").click()


def every_picture_is_shown(page: Page, selector: str) -> bool:
    """Whether all pictures that the selector finds, and at least one, have been loaded."""
    return bool(
        page.eval_on_selector_all(
            selector,
            "all => all.length > 0 && all.every(one => { one.loading = 'eager';"
            " return one.complete && one.naturalWidth > 0 })",
        )
    )


def overflow(page: Page) -> int:
    """By how many pixels the page is wider than the screen."""
    return int(page.evaluate("document.documentElement.scrollWidth - window.innerWidth"))
