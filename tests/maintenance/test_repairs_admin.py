"""The ticket's page with its work, and the pages on which repairs and work orders are entered."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cameras.models import Camera
from maintenance import repairs, work_orders
from maintenance.comments import say
from maintenance.models import (
    Repair,
    RepairPhoto,
    RepairWork,
    Ticket,
    TicketComment,
    Vendor,
    VendorContact,
    WorkOrder,
)
from maintenance.photographs import develop
from maintenance.repairs import Part, Work
from tests.factories import make_user
from tests.maintenance.repairing import MANGGARAI, make_ticket, photo
from tests.test_translations import english, spoken

pytestmark = pytest.mark.django_db

VIEW = ["view_ticket", "view_repair", "view_workorder", "view_ticketcomment", "view_vendor"]
DO = ["add_repair", "void_repair", "replace_camera", "print_workorder", "add_ticketcomment"]


def signed_in(*permissions: str, **fields: Any) -> tuple[Client, User]:
    user = make_user(*(f"maintenance.{name}" for name in permissions), **fields)
    client = Client()
    client.force_login(user)
    return client, user


def work_of(ticket: Ticket) -> str:
    """What the ticket's page fetches after it is shown."""
    return reverse("admin:maintenance_ticketcomment_work", args=[ticket.pk])


def answers(by: User, **fields: Any) -> dict[str, Any]:
    """What the form sends."""
    return {
        "work": "cable",
        "at": timezone.localtime().strftime("%Y-%m-%dT%H:%M"),
        "by_user": by.pk,
        "vendor": "",
        "labour_rupiah": "Rp 250.000",
        "note": "Konektor berkarat.",
        "key": "form:1",
        "parts-TOTAL_FORMS": "2",
        "parts-INITIAL_FORMS": "0",
        "parts-0-name": "Kabel UTP",
        "parts-0-serial_number": "UTP-7",
        "parts-0-quantity": "30",
        "parts-0-unit_rupiah": "12.000",
        "parts-1-quantity": "1",
        **fields,
    }


def entered(by: User, ticket: Ticket | None = None) -> Repair:
    done = Work(RepairWork.CABLE, timezone.now(), by_user=by, labour_rupiah=900_000)
    photos = [develop(photo())]
    return repairs.enter(
        ticket or make_ticket(), done, by, parts=[Part("Kabel", "UTP-7", 2, 50_000)], photos=photos
    )


def test_a_repair_is_entered_with_parts_and_photographs() -> None:
    client, user = signed_in(*VIEW, *DO)
    ticket = make_ticket()
    page = f"/admin/maintenance/repair/enter/{ticket.pk}/"
    assert client.get(page).status_code == 200
    sent = answers(user, photos=[photo(position=MANGGARAI), photo()], keep_position="on")
    for _ in range(2):  # a double click
        answer = client.post(page, sent | {"photos": [photo(position=MANGGARAI), photo()]})
        assert answer.status_code == 302, answer.context["form"].errors
    repair = Repair.objects.get()
    assert (repair.labour_rupiah, repair.note) == (250_000, "Konektor berkarat.")
    assert [(part.quantity, part.unit_rupiah) for part in repair.parts.all()] == [(30, 12_000)]
    places = [one.latitude for one in RepairPhoto.objects.all()]
    assert places == [pytest.approx(MANGGARAI[0], abs=1e-5), None]
    text = client.get(work_of(ticket)).content.decode()
    for words in ("Rp 610.000", "30 × Kabel UTP", "UTP-7", "Konektor berkarat."):
        assert words in text, words


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"labour_rupiah": "1.5 juta"}, "dua cara"),
        ({"by_user": ""}, "petugas"),
        ({"parts-1-quantity": "3"}, "suku cadang"),
        ({"photos": SimpleUploadedFile("a.jpg", b"bukan gambar")}, "a.jpg"),
        ({"at": "2999-01-01T00:00"}, "masa depan"),
    ],
)
def test_what_is_refused_is_said_in_indonesian_beside_its_field(
    wrong: dict[str, Any], words: str
) -> None:
    client, user = signed_in(*VIEW, *DO)
    answer = client.post(
        f"/admin/maintenance/repair/enter/{make_ticket().pk}/", answers(user, **wrong)
    )
    assert answer.status_code == 200
    assert words in answer.content.decode().lower(), answer.context["form"].errors
    assert not Repair.objects.exists()


def test_a_closed_ticket_offers_nothing_and_says_why() -> None:
    client, user = signed_in(*VIEW, *DO)
    ticket = make_ticket()
    Ticket.objects.filter(pk=ticket.pk).update(state="closed", closed_at=timezone.now())
    assert "repair/enter" not in client.get(work_of(ticket)).content.decode()
    page = f"/admin/maintenance/repair/enter/{ticket.pk}/"
    assert "terkunci" in client.get(page).content.decode()
    client.post(page, answers(user))
    assert not Repair.objects.exists()


def test_a_wrong_repair_is_voided_and_entered_correctly_after_the_ticket_was_closed() -> None:
    client, user = signed_in(*VIEW, *DO)
    wrong = entered(user)
    Ticket.objects.filter(pk=wrong.ticket_id).update(state="closed", closed_at=timezone.now())
    page = f"/admin/maintenance/repair/{wrong.pk}"
    assert client.get(f"{page}/change/").status_code == 200
    press = reverse("admin:maintenance_repair_void", args=[wrong.pk])
    client.post(press, {"_form_submitted": "True", "reason": "Salah ketik."})
    text = client.get(f"{page}/change/").content.decode()
    assert "Salah ketik." in text and f"?corrects={wrong.pk}" in text
    enter = f"/admin/maintenance/repair/enter/{wrong.ticket_id}/?corrects={wrong.pk}"
    form = client.get(enter).context["form"]
    assert form["labour_rupiah"].value() == 900_000
    assert client.post(enter, answers(user)).status_code == 302
    assert Repair.objects.get(corrects=wrong).labour_rupiah == 250_000


def test_a_camera_is_replaced_from_the_tickets_page() -> None:
    client, user = signed_in(*VIEW, *DO)
    ticket = make_ticket()
    page = f"/admin/maintenance/repair/replace/{ticket.pk}/"
    sent = answers(
        user,
        serial_number="SN-9",
        brand="Dahua",
        model="IPC",
        price_rupiah="4,5 juta",
        snapshot_url="http://admin:rahasia@10.0.0.9/a.jpg",
    )
    wrong = client.post(page, sent | {"snapshot_url": "file:///etc/passwd"})
    assert wrong.status_code == 200 and "rtsp://" in wrong.content.decode()
    nothing = client.post(page, sent | {"snapshot_url": ""})
    assert nothing.context["form"].errors["stream_url"]
    assert client.post(page, sent).status_code == 302
    new = Camera.objects.get(retired_at=None)
    assert (new.serial_number, new.snapshot_url) == ("SN-9", "http://10.0.0.9/a.jpg")
    assert (new.username, new.password) == ("admin", "rahasia")
    ticket.refresh_from_db()
    assert ticket.camera == new
    assert ticket.repairs.with_totals().get().total_rupiah == 4_500_000 + 250_000 + 360_000


def test_more_photographs_can_be_added_later_and_are_served_to_those_who_may_see_them() -> None:
    client, user = signed_in(*VIEW, *DO)
    repair = entered(user)
    page = f"/admin/maintenance/repair/{repair.pk}"
    client.post(f"{page}/photos/", {"photos": [photo()]})
    client.post(f"{page}/photos/", {"photos": [SimpleUploadedFile("a.jpg", b"no")]})
    assert repair.photos.count() == 2
    kept = repair.photos.first()
    for small in ("", "?size=thumb"):
        answer = client.get(f"/admin/maintenance/repair/photos/{kept.pk}.jpg{small}")
        assert answer.status_code == 200 and answer.content[:2] == b"\xff\xd8"
    stranger, _user = signed_in("view_ticket")
    assert stranger.get(f"/admin/maintenance/repair/photos/{kept.pk}.jpg").status_code == 403
    assert Client().get(f"/admin/maintenance/repair/photos/{kept.pk}.jpg").status_code == 302


def test_work_orders_are_issued_from_the_list_and_every_print_is_remembered() -> None:
    client, user = signed_in(*VIEW, *DO)
    tickets = [make_ticket(), make_ticket()]
    answer = client.post(
        "/admin/maintenance/ticket/",
        {"action": "print_work_orders", "_selected_action": [ticket.pk for ticket in tickets]},
    )
    assert answer.status_code == 302
    assert client.get(answer["Location"]).status_code == 200
    sent = {"person": "Budi", "instruction": "Bawa tangga.", "key": "form:7"}
    for _ in range(2):
        assert client.post(answer["Location"], sent).status_code == 302
    order = WorkOrder.objects.get()
    assert order.stops.count() == 2 and order.issued_by == user
    page = client.get(order.get_absolute_url()).content.decode()
    assert "Budi" in page and "sheet.pdf" in page
    pdf = client.get(f"/admin/maintenance/workorder/{order.pk}/sheet.pdf")
    assert b"".join(pdf.streaming_content)[:5] == b"%PDF-"
    assert [one.by for one in order.prints.all()] == [user]
    assert order.number in client.get(work_of(tickets[0])).content.decode()


def test_a_comment_is_said_on_the_tickets_page_and_cannot_smuggle_in_a_page_of_its_own() -> None:
    client, _user = signed_in(*VIEW, *DO)
    make_user(username="budi", email="budi@example.id")
    ticket = make_ticket()
    page = f"/admin/maintenance/ticketcomment/say/{ticket.pk}/"
    answer = client.post(page, {"text": "<script>x</script> @budi @hantu", "key": "1"}, follow=True)
    text = client.get(work_of(ticket)).content.decode()
    assert "&lt;script&gt;x&lt;/script&gt;" in text and "<mark>@budi</mark>" in text
    said = [str(message) for message in answer.context["messages"]]
    assert any("budi" in one for one in said) and any("hantu" in one for one in said)
    client.post(page, {"text": "   "})
    assert TicketComment.objects.count() == 1
    assert client.get(page).status_code == 405


@pytest.mark.parametrize(
    ("path", "permission"),
    [
        ("repair/enter/{ticket}/", "add_repair"),
        ("repair/replace/{ticket}/", "replace_camera"),
        ("workorder/issue/?ticket={ticket}", "print_workorder"),
        ("workorder/{order}/sheet.pdf", "print_workorder"),
    ],
)
def test_each_page_asks_for_its_own_right(path: str, permission: str) -> None:
    ticket = make_ticket()
    order = work_orders.issue([ticket], make_user())
    address = "/admin/maintenance/" + path.format(ticket=ticket.pk, order=order.pk)
    without, _user = signed_in(*VIEW, *(name for name in DO if name != permission))
    assert without.get(address).status_code == 403
    with_it, _user = signed_in(permission)
    assert with_it.get(address).status_code == 200
    assert Client().get(address).status_code == 302


def test_a_ticket_shows_only_the_work_that_one_may_see() -> None:
    ticket = make_ticket()
    entered(make_user(), ticket)
    client, _user = signed_in("view_ticket")
    assert work_of(ticket) in client.get(ticket.get_absolute_url()).content.decode()
    text = client.get(work_of(ticket)).content.decode()
    for part in ('id="repairs"', 'id="work-orders"', 'id="comments"'):
        assert part not in text


def test_pages_and_lists_take_as_many_queries_however_much_there_is(
    django_assert_max_num_queries: Any,
) -> None:
    client, user = signed_in(*VIEW, *DO)
    ticket = make_ticket()
    for _ in range(3):
        entered(user, ticket)
        say(ticket, user, "cek @petugas")
        work_orders.issue([ticket], user)
    for number in range(3):
        vendor = Vendor.objects.create(name=f"PT {number}")
        VendorContact.objects.create(vendor=vendor, person="Budi", phone="0812")
    for path, most in (
        ("repair/", 15),
        ("workorder/", 15),
        ("vendor/", 15),
        ("ticketcomment/", 15),
    ):
        with django_assert_max_num_queries(most):
            assert client.get(f"/admin/maintenance/{path}").status_code == 200
    with django_assert_max_num_queries(12):
        assert client.get(work_of(ticket)).status_code == 200


def test_a_vendor_is_shown_with_contacts_and_record() -> None:
    client, user = signed_in(*VIEW, "change_vendor")
    vendor = Vendor.objects.create(name="PT Lensa Jaya")
    VendorContact.objects.create(vendor=vendor, person="Budi", phone="0812-3456-7890")
    ticket = make_ticket()
    done = Work(RepairWork.CABLE, timezone.now(), vendor=vendor)
    repairs.enter(ticket, done, user)
    text = client.get("/admin/maintenance/vendor/").content.decode()
    assert "PT Lensa Jaya" in text and "Budi 0812-3456-7890" in text
    assert client.get(vendor.get_absolute_url()).status_code == 200


def test_no_page_of_the_work_shows_english(admin_client: Client, admin_user: User) -> None:
    repair = entered(admin_user)
    ticket = repair.ticket
    covered = Work(RepairWork.POWER, timezone.now(), by_user=admin_user, under_warranty=True)
    repairs.enter(ticket, covered, admin_user)
    repairs.void(repair, "Salah.", admin_user)
    say(ticket, admin_user, "cek @petugas")
    order = work_orders.issue([ticket], admin_user)
    work_orders.note_print(order, admin_user)
    vendor = Vendor.objects.create(name="PT Lensa")
    lists = [reverse(f"admin:maintenance_{name}_changelist") for name in
             ("repair", "workorder", "vendor", "ticketcomment")]  # fmt: skip
    addresses = [
        *lists,
        work_of(ticket),
        repair.get_absolute_url(),
        order.get_absolute_url(),
        vendor.get_absolute_url(),
        reverse("admin:maintenance_vendor_add"),
        reverse("admin:maintenance_repair_enter", args=[ticket.pk]),
        reverse("admin:maintenance_repair_enter", args=[ticket.pk]) + f"?corrects={repair.pk}",
        reverse("admin:maintenance_repair_replace", args=[ticket.pk]),
        reverse("admin:maintenance_repair_void", args=[repair.pk]),
        reverse("admin:maintenance_workorder_issue") + f"?ticket={ticket.pk}",
    ]
    assert spoken(admin_client, addresses) == {}
    for address in addresses[-5:-2]:
        assert english(admin_client.post(address, {}).content.decode()) == [], address
