"""The mail itself, as a real server received it: well made, complete, and in Indonesian."""

import re
from collections.abc import Iterator
from datetime import timedelta
from email.message import EmailMessage
from io import BytesIO
from typing import Any

import pytest
from openpyxl import load_workbook

from cameras.models import Area
from maintenance.report import delivery, keeping, urgent
from maintenance.report.health_figures import MOST_OUTAGES
from maintenance.report.scopes import Scope
from monitoring.models import CameraHealth, HealthSpan
from monitoring.verdicts import Verdict
from tests.factories import make_camera, make_site
from tests.maintenance import report_city
from tests.maintenance.html_mail import complaints
from tests.maintenance.report_city import NOW, WEEK
from tests.servers import mail_server

pytestmark = pytest.mark.django_db


@pytest.fixture
def received(settings: Any) -> Iterator[EmailMessage]:
    """The report of the whole city, from the server's hands."""
    settings.SITE_ADDRESS = "https://kamera.example.id"
    report_city.build(with_pictures=True)
    with mail_server(settings) as server:
        report = keeping.report_of(WEEK, Scope())
        keeping.make(report, NOW)
        delivery.send_by_hand(report, "kepala@example.id", None)
        [mail] = server.mails
    yield mail


def page(mail: EmailMessage) -> str:
    body = mail.get_body(("html",))
    assert body is not None
    return str(body.get_content())


def text(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def test_the_mail_is_well_made_and_complete(received: EmailMessage) -> None:
    html, plain = page(received), text(received)
    assert complaints(html) == []
    assert len(html.encode()) < 100_000

    # Every picture that the page shows is in the mail, and none that it does not show.
    related = [part for part in received.walk() if part["Content-ID"]]
    shown = set(re.findall(r'src="cid:([^"]+)"', html))
    assert {part["Content-ID"].strip("<>") for part in related} == shown
    assert sum(part.get_content_type() == "image/jpeg" for part in related) == MOST_OUTAGES
    assert sum(part.get_content_type() == "image/png" for part in related) == 6

    files = {part.get_filename(): part.get_content() for part in received.iter_attachments()}
    endings = {name.rpartition(".")[2]: content for name, content in files.items()}
    assert set(endings) == {"xlsx", "pdf"}
    assert endings["pdf"].startswith(b"%PDF-")
    book = load_workbook(BytesIO(endings["xlsx"]))
    assert book.worksheets[1].max_row == 1 + 42
    assert received["Auto-Submitted"] == "auto-generated"
    assert received["Message-ID"].endswith("@localhost>")

    # The text says what the page says: every figure of a table is in both.
    assert received["Subject"] in html
    assert all(len(line) <= 78 for line in plain.splitlines())
    for figure in re.findall(r"\d[\d.]*,\d(?= %)", html):
        assert figure in plain


ENGLISH = re.compile(
    r"\b(the|of|and|with|this|that|was|were|week|camera|cameras|since|down|up|open|closed|report|"
    r"late|on time|days|hours|now|before|total|none|budget|paid|more|subject|page)\b",
    re.IGNORECASE,
)


def test_who_reads_no_english_finds_none(received: EmailMessage) -> None:
    seen = re.sub(r"<style.*?</style>|<[^>]+>", " ", page(received), flags=re.S)
    alts = " ".join(re.findall(r'alt="([^"]*)"', page(received)))
    book = next(part for part in received.iter_attachments() if part.get_filename()[-4:] == "xlsx")
    cells = [
        str(value)
        for sheet in load_workbook(BytesIO(book.get_content())).worksheets
        for row in sheet.iter_rows(max_row=60, values_only=True)
        for value in [sheet.title, *row]
        if isinstance(value, str)
    ]
    everything = " ".join([received["Subject"], seen, alts, text(received), *cells])
    assert ENGLISH.findall(everything) == []
    assert "16–22 November 2026" in everything
    assert re.search(r"Rp \d{1,3}(\.\d{3})+", everything)
    assert not re.search(r"\d\.\d+ ?%|\bNone\b|\bnan\b", everything)


def test_of_a_city_with_many_areas_the_mail_shows_those_that_need_it_and_stays_short() -> None:
    for number in range(45):
        area = Area.objects.create(code=f"W{number:02}", name=f"Wilayah Kota {number:02}")
        camera = make_camera(site=make_site(area=area, kind="floodgate"))
        turns = WEEK.begin + timedelta(hours=number + 1)
        HealthSpan.objects.create(
            camera=camera, verdict=Verdict.HEALTHY, began_at=WEEK.begin, ended_at=turns
        )
        HealthSpan.objects.create(camera=camera, verdict=Verdict.BLACK, began_at=turns)
        CameraHealth.objects.create(camera=camera, probed_at=NOW, due_at=NOW)
    letter = keeping.preview(WEEK, Scope(), NOW)
    assert len(letter.html.encode()) < 100_000
    assert "33 lagi" in letter.html  # areas
    assert "25 lagi" in letter.html  # floodgates
    book = next(each.content for each in letter.attachments if each.name.endswith(".xlsx"))
    sheets = {sheet.title: sheet for sheet in load_workbook(BytesIO(book)).worksheets}
    assert sheets["Wilayah"].max_row == 1 + 45 + 1


def test_the_urgent_mail_is_well_made_too(settings: Any) -> None:
    from tests.maintenance.test_report_urgent import fails, floodgate, subscribe, uplink_fails

    settings.SITE_ADDRESS = "https://kamera.example.id"
    subscribe()
    fails(floodgate())
    uplink_fails(floodgate(), floodgate())
    with mail_server(settings) as server:
        urgent.tend()
        [mail] = server.mails
    assert complaints(page(mail)) == []
    seen = re.sub(r"<style.*?</style>|<[^>]+>", " ", page(mail), flags=re.S)
    everything = re.sub(r"https?://\S+", "", seen + text(mail) + mail["Subject"])
    assert ENGLISH.findall(everything) == []
