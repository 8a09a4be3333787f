"""The pictures in docs/, taken of a running demo: `make screenshots ADMIN_PASSWORD=…`.

Start `make run` first, `make break CAMERA=PA-MGR-01 FAULT=frozen` when its cameras are healthy, and
give it five minutes, so that the faults have their tickets.
"""

import os
import sys
from pathlib import Path

from playwright.sync_api import Page

from tests.e2e.browser import browser, every_picture_is_shown, log_in
from tests.supervisor.helpers import until

FIRST_ROW = "#result_list tbody a"
FOLDER = Path(__file__).resolve().parents[2] / "docs" / "screenshots"
# Name → the page, what to click there first, and the pictures to wait for.
PAGES = {
    "first-page": ("/admin/", "", ".card img"),
    "cameras": ("/admin/cameras/camera/", "", "#result_list img.thumb"),
    "camera": ("/admin/cameras/camera/?q=PA-MGR-01", FIRST_ROW, ".pictures img"),
    "incident": ("/admin/monitoring/incident/?q=PA-MGR-01", FIRST_ROW, ".pictures img"),
    "ticket": ("/admin/maintenance/ticket/?q=PA-MGR-01", FIRST_ROW, ".pictures img"),
}


def take(page: Page, address: str, name: str) -> None:
    path, link, pictures = PAGES[name]
    page.goto(address + path)
    if link:
        page.click(link)
    until(lambda: every_picture_is_shown(page, pictures), f"the pictures of {path}")
    page.screenshot(path=FOLDER / f"{name}.png")
    print(FOLDER / f"{name}.png")


def main(address: str, username: str, password: str) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with browser(address) as page:
        log_in(page, address, username, password)
        for name in PAGES:
            take(page, address, name)


if __name__ == "__main__":
    if "ADMIN_PASSWORD" not in os.environ:
        sys.exit("Say which password the demo's administrator has: ADMIN_PASSWORD=…")
    main(
        os.environ.get("ADDRESS", "http://127.0.0.1:8000"),
        os.environ.get("ADMIN_USERNAME", "admin"),
        os.environ["ADMIN_PASSWORD"],
    )
