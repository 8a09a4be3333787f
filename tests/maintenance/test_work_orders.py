"""Work orders: numbered, kept as issued, printed by name, for one site or for a tour."""

import io
import os
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from cameras.models import Agency, Area, SiteKind, Uplink, UplinkKind
from cameras.replacing import NewUnit
from maintenance import ticket_deeds, tickets, work_orders
from maintenance.camera_replacement import replace_camera
from maintenance.models import (
    Repair,
    RepairWork,
    ReportedFault,
    Ticket,
    Vendor,
    WorkOrder,
)
from maintenance.repairs import Work
from maintenance.work_order_facts import facts_of
from maintenance.work_orders import WorkOrderError
from monitoring.choices import VERDICT_LABELS
from monitoring.models import Incident, Snapshot, SnapshotKind
from monitoring.pictures import folder
from monitoring.verdicts import Verdict
from tests.concurrency import at_once
from tests.factories import make_camera, make_site, make_user
from tests.maintenance.repairing import example_jpeg, make_ticket

pytestmark = pytest.mark.django_db

PLACES = {
    "Pintu Air Manggarai": (-6.208, 106.848),
    "Pintu Air Karet": (-6.198, 106.810),
    "Pintu Air Pasar Ikan": (-6.126, 106.809),
    "Waduk Pluit": (-6.111, 106.799),
    "Bundaran HI": (-6.195, 106.823),
}


def pages(order: WorkOrder) -> list[str]:
    """The text of each page of the sheet, in one line."""
    with order.sheet.open("rb") as file:
        document = pypdfium2.PdfDocument(file.read())
    return [" ".join(page.get_textpage().get_text_bounded().split()) for page in document]


def look_at(order: WorkOrder, name: str) -> None:
    """Leave the pages as pictures where somebody wants to look at them: SHEETS=folder."""
    if wanted := os.environ.get("SHEETS"):
        with order.sheet.open("rb") as file:
            document = pypdfium2.PdfDocument(file.read())
        for number, page in enumerate(document, start=1):
            picture = page.render(scale=1.6).to_pil()
            Path(wanted).mkdir(parents=True, exist_ok=True)
            picture.save(Path(wanted) / f"{name}-{number}.png")


def ticket_at(name: str, with_pictures: bool = False, **fields: Any) -> Ticket:
    latitude, longitude = PLACES[name]
    agency, _created = Agency.objects.get_or_create(
        code="SDA", defaults={"name": "Dinas Sumber Daya Air"}
    )
    site = make_site(
        name=name,
        kind=SiteKind.FLOODGATE,
        address="Jl. Sultan Agung",
        latitude=latitude,
        longitude=longitude,
        agency=agency,
    )
    camera = make_camera(
        site=site, name=f"{name} hilir", vendor="Hikvision", model="DS-2CD", **fields
    )
    ticket = make_ticket(camera)
    if with_pictures:
        incident = Incident.objects.get(camera=camera)
        for kind in (SnapshotKind.BEFORE, SnapshotKind.FAULT):
            file = f"evidence/{camera.code}-{kind}.jpg"
            (folder() / "evidence").mkdir(parents=True, exist_ok=True)
            (folder() / file).write_bytes(example_jpeg(kind == SnapshotKind.FAULT))
            Snapshot.objects.create(
                camera=camera,
                incident=incident,
                kind=kind,
                verdict=Verdict.HEALTHY,
                taken_at=timezone.now(),
                file=file,
            )
    return ticket


def test_one_ticket_fills_one_page_with_all_that_is_needed_there() -> None:
    for name in list(PLACES)[1:]:
        latitude, longitude = PLACES[name]
        make_site(name=name, latitude=latitude, longitude=longitude)
    ticket = ticket_at("Pintu Air Manggarai", with_pictures=True, serial_number="SN-001")
    boss = make_user(first_name="Siti", last_name="Rahma")
    Repair.objects.create(
        ticket=ticket, camera=ticket.camera, work=RepairWork.CLEANING, by_user=boss
    )
    order = work_orders.issue(
        [ticket],
        boss,
        vendor=Vendor.objects.create(name="PT Lensa Jaya"),
        person="Budi",
        instruction="Bawa tangga 6 meter.\nLapor ke pos jaga.",
    )
    look_at(order, "one")
    (text,) = pages(order)
    for words in (
        order.number,
        ticket.number,
        "SURAT PERINTAH KERJA",
        "Dinas Sumber Daya Air",
        "Budi, PT Lensa Jaya",
        "Bawa tangga 6 meter.",
        "-6.208000, 106.848000",
        "Gambar gelap",
        "SN-001",
        "Pembersihan",
        "Siti Rahma",
        "halaman 1 dari 1",
    ):
        assert words.lower() in text.lower(), (words, text)


def test_the_sketch_names_no_site_of_another_agency_or_area() -> None:
    ticket = ticket_at("Pintu Air Manggarai")
    near = {"latitude": -6.207, "longitude": 106.846}
    own = ticket.camera.site.agency
    other = Agency.objects.create(code="DSH", name="Dinas Perhubungan")
    north = Area.objects.create(code="JU", name="Jakarta Utara")
    make_site(name="Rumah Pompa Sendiri", agency=own, **near)
    make_site(name="Rumah Pompa Asing", agency=other, **near)
    make_site(name="Rumah Pompa Utara", agency=own, area=north, **near)
    (text,) = pages(work_orders.issue([ticket], make_user()))
    assert "Rumah Pompa Sendiri" in text
    assert "Asing" not in text and "Utara" not in text


def test_the_history_says_what_was_the_matter_with_earlier_tickets() -> None:
    camera = make_camera()
    earlier = make_ticket(camera)
    Incident.objects.update(ended_at=timezone.now())
    Ticket.objects.filter(pk=earlier.pk).update(state="closed", closed_at=timezone.now())
    again = ticket_deeds.open_by_hand(
        camera,
        ReportedFault.CABLE,
        "Kabel putus, kata Pak RT.",
        User.objects.create_superuser("kepala"),
    )
    (line,) = facts_of(again).past
    assert (line.ticket, line.what) == (earlier.number, str(VERDICT_LABELS[Verdict.BLACK]))


def test_the_sheet_is_indonesian_whatever_the_clerk_reads(settings: Any) -> None:
    from django.utils import translation

    with translation.override("en"):
        order = work_orders.issue([ticket_at("Bundaran HI")], make_user())
    text = " ".join(pages(order))
    assert "SURAT PERINTAH KERJA" in text
    assert not re.search(r"\b(the|Fault|Ticket|Serial number|Site)\b", text), text


def test_a_tour_visits_each_place_once_and_starts_with_the_way() -> None:
    found = [ticket_at(name, with_pictures=name == "Bundaran HI") for name in PLACES]
    lost = make_ticket(make_camera())  # without coordinates
    order = work_orders.issue([*found, lost], make_user(first_name="Siti"))
    look_at(order, "tour")
    stops = [stop.ticket for stop in order.stops.order_by("position")]
    assert [stop.subject.site.name for stop in stops[:5]] in (
        ["Waduk Pluit", "Pintu Air Pasar Ikan", "Pintu Air Karet", "Bundaran HI",
         "Pintu Air Manggarai"],
    )  # fmt: skip
    assert stops[-1] == lost
    texts = pages(order)
    assert len(texts) == 7
    for text, stop in zip(texts[1:], stops, strict=True):
        assert stop.number in text


def test_an_uplink_names_the_cameras_that_are_dark_behind_it() -> None:
    uplink = Uplink.objects.create(code="NVR-01", name="NVR Manggarai", kind=UplinkKind.NVR)
    now = timezone.now()
    outage = Incident.objects.create(
        uplink=uplink, verdict=Verdict.OFFLINE, began_at=now, confirmed_at=now
    )
    for code in ("PA-A-01", "PA-A-02"):
        Incident.objects.create(
            camera=make_camera(code=code, uplink=uplink),
            verdict=Verdict.OFFLINE,
            began_at=now,
            confirmed_at=now,
            part_of=outage,
        )
    Incident.objects.update(
        confirmed_at=now - timedelta(hours=1), began_at=now - timedelta(hours=1)
    )
    tickets.open_due()
    order = work_orders.issue([Ticket.objects.get(uplink=uplink)], make_user())
    (text,) = pages(order)
    assert "NVR Manggarai" in text and "PA-A-01, PA-A-02" in text


def test_what_people_reported_stands_on_the_sheet() -> None:
    camera = make_camera(site=make_site(latitude=-6.2, longitude=106.8))
    reported = ticket_deeds.open_by_hand(
        camera, ReportedFault.BENT_POLE, "Tiang condong ke jalan, kata warga RT 04.", None
    )
    order = work_orders.issue([reported], None)
    look_at(order, "reported")
    (text,) = pages(order)
    assert "Tiang condong ke jalan" in text
    assert str(ReportedFault.BENT_POLE.label).lower() in text.lower()


def test_the_history_of_earlier_units_at_the_point_stands_on_the_sheet() -> None:
    first = make_ticket(make_camera(code="PA-MGR-01"))
    by = make_user(first_name="Siti")
    done = Work(RepairWork.REPLACEMENT, timezone.now(), by_user=by)
    unit = NewUnit("SN-2", "Dahua", "IPC", snapshot_url="http://127.0.0.1:9/a.jpg")
    replace_camera(first, unit, done, by)
    first.refresh_from_db()
    (text,) = pages(work_orders.issue([first], by))
    assert "Kamera diganti" in text and "SN-2" in text and "Dahua IPC" in text


def test_letters_that_no_printer_has_and_marks_of_html_spoil_nothing() -> None:
    ticket = ticket_at("Bundaran HI")
    ticket.camera.name = "Kamera <b>& 摄像机 Ž é\x07"
    ticket.camera.save()
    order = work_orders.issue([ticket], make_user(), instruction="a < b & c\n</para>")
    (text,) = pages(order)
    assert "Kamera <b>&" in text and "a < b & c" in text


def test_numbers_follow_each_other_within_a_year() -> None:
    orders = [work_orders.issue([make_ticket()], make_user()) for _ in range(2)]
    year = timezone.localdate().year
    assert [order.number for order in orders] == [f"SPK-{year}-0001", f"SPK-{year}-0002"]


@pytest.mark.django_db(transaction=True)
def test_two_that_issue_at_once_get_two_numbers() -> None:
    three = [make_ticket() for _ in range(3)]
    by = make_user()
    orders = at_once(*(lambda one=one: work_orders.issue([one], by) for one in three))
    assert sorted(order.serial for order in orders) == [1, 2, 3]


def test_a_button_pressed_twice_issues_one_order() -> None:
    ticket = make_ticket(make_camera())
    one = work_orders.issue([ticket], make_user(), key="a")
    assert work_orders.issue([ticket], make_user(), key="a") == one
    assert WorkOrder.objects.count() == 1


def test_nothing_is_ordered_for_a_closed_ticket() -> None:
    ticket = make_ticket(make_camera())
    Ticket.objects.filter(pk=ticket.pk).update(state="closed", closed_at=timezone.now())
    ticket.refresh_from_db()
    with pytest.raises(WorkOrderError, match=ticket.number):
        work_orders.issue([ticket], make_user())
    with pytest.raises(WorkOrderError):
        work_orders.issue([], make_user())


def test_a_sheet_that_is_gone_is_drawn_again() -> None:
    order = work_orders.issue([make_ticket(make_camera())], make_user())
    order.sheet.storage.delete(order.sheet.name)
    work_orders.sheet_of(order)
    assert order.number in pages(WorkOrder.objects.get())[0]


def test_every_print_is_remembered_by_name() -> None:
    order = work_orders.issue([make_ticket(make_camera())], make_user())
    reader: User = make_user()
    work_orders.note_print(order, reader)
    assert [one.by for one in order.prints.all()] == [reader]
    assert io.BytesIO(order.sheet.read()).read(5) == b"%PDF-"
