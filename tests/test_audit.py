"""Who did what, when, from where: of people all of it, of the program nothing, of secrets never."""

import io
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from cameras.audit.acting import acting
from cameras.audit.models import AuditEntry, Deed
from cameras.audit.recording import forget_old, note
from cameras.models import Area, Camera
from cameras.passwords import set_passwords
from cameras.roles import Role, group_of
from maintenance import ticket_deeds, tickets
from maintenance.models import Ticket, TicketState
from monitoring.recording import record
from monitoring.signin.models import FailedSignIn
from monitoring.verdicts import Reason, Verdict
from tests.factories import claimed, make_camera, make_site, make_user, seen
from tests.test_admin import break_camera

pytestmark = pytest.mark.django_db

PASSWORD = "kamera-di-pintu-air-7"
HERE = "10.20.1.7"


@pytest.fixture
def siti(client: Client) -> User:
    user = User.objects.create_superuser("siti", password=PASSWORD)
    client.force_login(user)
    client.defaults["REMOTE_ADDR"] = HERE
    return user


def entries(**wanted: Any) -> list[AuditEntry]:
    return list(AuditEntry.objects.exclude(deed=Deed.SIGNED_IN).filter(**wanted).order_by("pk"))


def form_of(camera: Camera, **changed: Any) -> dict[str, Any]:
    given = {"code": camera.code, "name": camera.name, "site": camera.site_id}
    given |= {"snapshot_url": camera.snapshot_url, "is_monitored": "on"}
    return {**given, "sees_at_night": "on" if camera.sees_at_night else "", **changed}


def everything_kept() -> str:
    return "".join(str(row.__dict__) for row in AuditEntry.objects.all())


def test_a_changed_row_tells_what_was_before(client: Client, siti: User) -> None:
    camera = make_camera(name="Hulu", password="rahasia-lama-1")
    other = make_site(name="Pintu Air Karet")
    address = reverse("admin:cameras_camera_change", args=[camera.pk])
    client.post(address, form_of(camera, name="Hilir", site=other.pk))
    (entry,) = entries()
    assert (entry.deed, entry.person, entry.person_name) == (Deed.CHANGED, siti, "siti")
    assert entry.address == HERE and entry.row == str(camera.pk)
    assert entry.changes["name"] == ["Hulu", "Hilir"]
    assert entry.changes["site"][1] == str(other)
    assert set(entry.changes) == {"name", "site"}


def test_a_row_that_is_saved_as_it_was_leaves_nothing(client: Client, siti: User) -> None:
    camera = make_camera(password="rahasia-lama-1")
    address = reverse("admin:cameras_camera_change", args=[camera.pk])
    assert client.post(address, form_of(camera)).status_code == 302
    assert entries() == []


def test_of_a_password_only_that_it_changed_is_kept(client: Client, siti: User) -> None:
    camera = make_camera(password="rahasia-lama-1")
    address = reverse("admin:cameras_camera_change", args=[camera.pk])
    client.post(address, form_of(camera, password="rahasia-baru-2"))
    (entry,) = entries()
    assert entry.changes == {"password": None}
    new = "banjir-kanal-timur-88"
    given = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    client.post(reverse("admin:password_change"), given)
    assert entries()[-1].deed == Deed.PASSWORD_CHANGED
    siti.refresh_from_db()
    kept = everything_kept()
    for secret in ("rahasia", new, siti.password, "gAAAA", "md5$"):
        assert secret not in kept


def test_added_and_deleted_rows(client: Client, siti: User) -> None:
    client.post(reverse("admin:cameras_area_add"), {"code": "31.72", "name": "Jakarta Utara"})
    area = Area.objects.get()
    client.post(reverse("admin:cameras_area_delete", args=[area.pk]), {"post": "yes"})
    added, deleted = entries()
    assert added.deed == Deed.ADDED and added.changes["name"] == [None, "Jakarta Utara"]
    assert deleted.deed == Deed.DELETED and deleted.changes["code"] == ["31.72", None]
    assert deleted.name == "Jakarta Utara" or "Jakarta Utara" in deleted.name


def test_groups_and_rights_of_a_person(client: Client, siti: User) -> None:
    budi = make_user(username="budi")
    group = group_of(Role.FINANCE)
    address = reverse("admin:auth_user_change", args=[budi.pk])
    given = {"username": "budi", "is_active": "on", "is_staff": "on", "groups": [group.pk]}
    given |= {"reaches-TOTAL_FORMS": "0", "reaches-INITIAL_FORMS": "0"}
    moment = timezone.localtime(budi.date_joined)
    given |= {"date_joined_0": f"{moment:%d-%m-%Y}", "date_joined_1": f"{moment:%H:%M:%S}"}
    client.post(address, given)
    assert [each.changes["groups"] for each in entries() if "groups" in each.changes] == [
        [[], ["Keuangan"]]
    ]
    del given["groups"]
    client.post(address, given)
    assert entries()[-1].changes["groups"] == [["Keuangan"], []]


def test_an_import_records_every_row(client: Client, siti: User) -> None:
    Area.objects.create(code="31.71", name="Jakarta Pusat")
    table = "kode,nama\n31.71,Jakarta Pusat Baru\n31.72,Jakarta Utara\n"
    address = reverse("admin:cameras_area_import")
    page = client.post(
        address,
        {"import_file": SimpleUploadedFile("wilayah.csv", table.encode()), "format": "0"},
    )
    hidden = page.context["confirm_form"].initial
    assert entries() == []  # the preview writes nothing
    client.post(reverse("admin:cameras_area_process_import"), hidden)
    changed, added = sorted(entries(), key=lambda each: each.deed, reverse=True)
    assert changed.changes == {"name": ["Jakarta Pusat", "Jakarta Pusat Baru"]}
    assert added.deed == Deed.ADDED and added.row == str(Area.objects.get(code="31.72").pk)
    assert added.person == siti


def test_a_bulk_edit_records_every_row(client: Client, siti: User) -> None:
    cameras = [make_camera(password="rahasia-lama-1") for _each in range(3)]
    chosen = [camera.pk for camera in cameras]
    given = {"action": "set_password", "_selected_action": chosen}
    given |= {"password": "rahasia-baru-2", "again": "rahasia-baru-2", "username": "admin"}
    client.post(reverse("admin:cameras_camera_changelist"), given)
    found = entries()
    assert len(found) == 3 and {each.row for each in found} == set(map(str, chosen))
    assert all(each.changes == {"password": None, "username": ["", "admin"]} for each in found)


def test_a_deed_on_a_ticket_is_recorded_as_the_persons(siti: User) -> None:
    break_camera()
    ticket = Ticket.objects.get()
    with acting(lambda: siti, HERE):
        ticket_deeds.acknowledge(ticket, siti)
    (moved,) = entries(kind__model="ticket", person=siti)
    assert moved.changes["state"] == [TicketState.NEW, TicketState.ACKNOWLEDGED]
    assert entries(kind__model="ticketevent", deed=Deed.ADDED)


def test_the_programs_own_writes_are_neither_recorded_nor_slowed(
    django_assert_num_queries: Any, client: Client, siti: User
) -> None:
    camera = make_camera()
    with django_assert_num_queries(1):
        camera.save(force_update=True)
    for _each in range(3):
        record(claimed(camera), [seen(camera, Verdict.OFFLINE, reason=Reason.REFUSED)])
    tickets.open_due()
    assert entries() == []


def test_rows_that_are_rolled_back_leave_nothing(siti: User) -> None:
    with acting(lambda: siti, HERE):
        with pytest.raises(RuntimeError), transaction.atomic():
            make_site()
            raise RuntimeError
        assert entries() == []
        make_site()
        assert entries() != []


def test_signing_in_and_out(client: Client) -> None:
    user = User.objects.create_superuser("siti", password=PASSWORD)
    address = reverse("admin:login")
    for password in ("salah-sekali-1", PASSWORD):
        client.post(
            address, {"username": "siti", "password": password, "next": "/"}, REMOTE_ADDR=HERE
        )
    client.post(reverse("admin:logout"), REMOTE_ADDR=HERE)
    found = list(AuditEntry.objects.order_by("pk"))
    deeds = [Deed.SIGN_IN_FAILED, Deed.SIGNED_IN, Deed.SIGNED_OUT]
    assert [each.deed for each in found] == deeds
    assert {(each.person_name, each.address) for each in found} == {("siti", HERE)}
    assert found[1].person == user
    assert "salah-sekali" not in everything_kept()


def test_lock_out_and_release(client: Client, siti: User) -> None:
    stranger = Client()
    for _try in range(8):
        given = {"username": "siti", "password": "bukan-ini-1"}
        stranger.post(reverse("admin:login"), given, REMOTE_ADDR="203.0.113.9")
    deeds = [each.deed for each in entries()]
    # What is refused unseen leaves nothing: a flood of tries fills no table.
    assert deeds == [Deed.SIGN_IN_FAILED] * 5 + [Deed.LOCKED_OUT]
    row = FailedSignIn.objects.get()
    chosen = {"action": "release", "_selected_action": [row.pk]}
    client.post(reverse("admin:signin_failedsignin_changelist"), chosen)
    assert entries()[-1].deed == Deed.RELEASED and entries()[-1].person == siti


def test_a_password_in_the_wrong_field_is_not_written_down(client: Client) -> None:
    client.post(reverse("admin:login"), {"username": "kata-sandi-saya-9", "password": "x"})
    assert AuditEntry.objects.get().deed == Deed.SIGN_IN_FAILED
    assert "kata-sandi-saya" not in everything_kept()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_auditentry SET person_name = 'orang lain'",
        "DELETE FROM audit_auditentry",
        "UPDATE audit_auditentry SET at = '2001-01-01'",
    ],
)
def test_the_database_refuses_to_change_what_happened(siti: User, statement: str) -> None:
    note(Deed.CHANGED, siti)
    with (
        pytest.raises(DatabaseError, match="only ever added"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    with pytest.raises(DatabaseError), transaction.atomic():
        AuditEntry.objects.all().delete()


def test_what_is_older_than_the_rule_is_forgotten(siti: User, settings: Any) -> None:
    now = timezone.now()
    for days in (10, 400, 2000):
        with time_machine.travel(now - timedelta(days=days)):
            note(Deed.CHANGED, siti, name=str(days))
    before = AuditEntry.objects.count()
    assert forget_old(now) == 1
    settings.AUDIT_KEEP_DAYS = 5  # less than a year is not to be had
    assert forget_old(now) == 1
    assert AuditEntry.objects.count() == before - 2
    assert AuditEntry.objects.filter(name="10").exists()


def test_the_list_is_read_searched_and_taken_home(
    client: Client, siti: User, django_assert_max_num_queries: Any
) -> None:
    camera = make_camera(name="Hulu")
    address = reverse("admin:cameras_camera_change", args=[camera.pk])
    client.post(address, form_of(camera, name="=SUM(A1:A9)"))
    for _each in range(60):
        note(Deed.CHANGED, camera, person=siti, changes={"name": ["a", "b"]})
    trail = reverse("admin:audit_auditentry_changelist")
    client.get(trail)
    with django_assert_max_num_queries(15):
        page = client.get(trail).content.decode()
    assert "Nama: a → b" in page and "Jejak audit" in page
    assert client.get(f"{trail}?q=siti&deed__exact=changed").status_code == 200
    entry = entries()[0]
    page = client.get(reverse("admin:audit_auditentry_change", args=[entry.pk])).content.decode()
    assert "Hulu" in page and HERE in page
    given = {"format": "0", "resource": ""}
    given |= {f"auditresource_{name}": "on" for name in ("who", "changes", "what")}
    answer = client.post(reverse("admin:audit_auditentry_export"), given)
    sheet = load_workbook(io.BytesIO(answer.content)).active
    cells = [str(cell.value) for row in sheet.iter_rows() for cell in row]
    assert "siti" in cells and not [cell for cell in cells if cell.startswith("=")]


def test_nobody_edits_it_in_the_admin(client: Client, siti: User) -> None:
    note(Deed.CHANGED, siti)
    entry = entries()[0]
    assert client.get(reverse("admin:audit_auditentry_add")).status_code == 403
    for page in ("change", "delete"):
        address = reverse(f"admin:audit_auditentry_{page}", args=[entry.pk])
        assert client.post(address, {"post": "yes"}).status_code == 403
    client.force_login(make_user("cameras.view_camera"))
    assert client.get(reverse("admin:audit_auditentry_changelist")).status_code == 403


def test_the_history_of_a_row_tells_it(client: Client, siti: User) -> None:
    camera = make_camera(name="Hulu")
    history = reverse("admin:cameras_camera_history", args=[camera.pk])
    assert "Belum ada orang yang mengubahnya" in client.get(history).content.decode()
    address = reverse("admin:cameras_camera_change", args=[camera.pk])
    client.post(address, form_of(camera, name="Hilir", password="rahasia-baru-2"))
    page = client.get(history).content.decode()
    for words in ("siti", HERE, "Hulu", "Hilir", "diubah; isinya tidak dicatat"):
        assert words in page


def test_the_history_tells_the_reason_of_a_deed(client: Client, siti: User) -> None:
    camera = make_camera()
    set_passwords(Camera.objects.filter(pk=camera.pk), "rahasia-baru-2", "", siti.pk)
    history = reverse("admin:cameras_camera_history", args=[camera.pk])
    assert "Sandi baru" in client.get(history).content.decode()
