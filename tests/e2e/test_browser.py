"""A member of staff at work, in a real browser: from the first page to a closed ticket."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from cameras.models import Camera
from maintenance.models import Ticket, TicketState
from monitoring.models import CameraHealth
from monitoring.verdicts import Verdict
from tests.e2e.browser import PHONE, browser, every_picture_is_shown, log_in, overflow
from tests.e2e.program import PASSWORD, PATIENCE_S, PEOPLE_CLOSE, Program, wait_for
from tests.factories import make_camera
from tests.farm import Farm
from tests.supervisor.helpers import until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.e2e]


@pytest.fixture
def farm() -> Iterator[Farm]:
    with Farm() as farm:
        yield farm


@pytest.fixture
def program(transactional_db: None) -> Iterator[Program]:
    with Program(**PEOPLE_CLOSE) as program:
        program.sees(" ready.", within_s=120)
        yield program
        program.stop()


def wait_for_pictures(page: Page, selector: str) -> None:
    until(lambda: every_picture_is_shown(page, selector), f"pictures at {selector}")


def state(camera: Camera) -> str | None:
    return Ticket.objects.filter(camera=camera).values_list("state", flat=True).first()


def test_from_the_first_page_to_a_closed_ticket(farm: Farm, program: Program) -> None:
    good = make_camera(code="PA-BAIK-01", snapshot_url=farm.add("PA-BAIK-01").snapshot_url)
    bad = make_camera(code="PA-RUSAK-01", snapshot_url=farm.add("PA-RUSAK-01").snapshot_url)
    healthy = CameraHealth.objects.filter(verdict=Verdict.HEALTHY)
    wait_for(lambda: healthy.count() == 2, "both healthy", program, PATIENCE_S)
    farm.break_("PA-RUSAK-01", "black")
    wait_for(lambda: state(bad) == TicketState.NEW, "the ticket", program, PATIENCE_S)

    with browser(program.address) as page:
        log_in(page, program.address, "kepala", PASSWORD)
        assert page.locator("html").get_attribute("lang") == "id"
        wait_for_pictures(page, ".card img")
        cards = page.locator(".card").all_inner_texts()
        assert "PA-RUSAK-01" in cards[0] and "gambar gelap" in cards[0]
        assert "PA-BAIK-01" in cards[1] and "sehat" in cards[1]

        page.goto(f"{program.address}/admin/maintenance/ticket/")
        wait_for_pictures(page, "#result_list img.thumb")
        page.click("#result_list a:has-text('TP-')")
        wait_for_pictures(page, ".pictures img")
        titles = page.locator(".pictures figcaption strong").all_inner_texts()
        assert titles == [
            "Gambar sehat terakhir",
            "Sebelum: saat gangguan",
            "Sekarang: gambar terbaru",
        ]
        assert page.get_by_text("Verifikasi perbaikan dan tutup").count() == 0

        farm.mend("PA-RUSAK-01")
        wait_for(
            lambda: state(bad) == TicketState.AWAITING_VERIFICATION,
            "recovered",
            program,
            PATIENCE_S,
        )
        page.reload()
        wait_for_pictures(page, ".pictures img")
        assert page.locator(".pictures img").count() == 3
        page.get_by_text("Verifikasi perbaikan dan tutup").first.click()
        page.fill("textarea[name=note]", "Lensa dibersihkan.")
        page.locator("#dialog button[type=submit]").click()
        page.get_by_text("Lensa dibersihkan.").wait_for()
        assert state(bad) == TicketState.CLOSED

    assert state(good) is None


def test_a_phone_shows_every_list_without_scrolling_the_page_sideways(
    farm: Farm, program: Program
) -> None:
    make_camera(code="PA-BAIK-01", snapshot_url=farm.add("PA-BAIK-01").snapshot_url)
    bad = make_camera(code="PA-TUTUP-01")  # nothing listens there
    wait_for(lambda: state(bad) == TicketState.NEW, "the ticket", program, PATIENCE_S)
    ticket = Ticket.objects.get(camera=bad)
    with browser(program.address, PHONE) as page:
        log_in(page, program.address, "kepala", PASSWORD)
        for path in (
            "/admin/",
            "/admin/cameras/camera/",
            f"/admin/cameras/camera/{bad.pk}/change/",
            "/admin/monitoring/incident/",
            "/admin/maintenance/ticket/",
            ticket.get_absolute_url(),
        ):
            page.goto(program.address + path)
            assert overflow(page) <= 0, path
