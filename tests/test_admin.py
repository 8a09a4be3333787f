"""The admin as its users meet it: every page opens, in Indonesian, at a known cost."""

import os
import subprocess
import sys
from datetime import timedelta
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cameras.models import Camera
from maintenance import tickets
from maintenance.models import Ticket, TicketState
from monitoring.models import CameraHealth, Incident, Snapshot
from monitoring.recording import record
from monitoring.scheduling import add_new
from monitoring.verdicts import Reason, Verdict
from tests.factories import claimed, make_camera, make_user, seen
from tests.maintenance.repairs import prove

pytestmark = pytest.mark.django_db

SECRET = "rahasia-s@ngat/dalam"


def break_camera(**fields: Any) -> Camera:
    """A camera that was healthy, is black since, and has its ticket."""
    camera = make_camera(username="operator", password=SECRET, **fields)
    now = timezone.now()
    for number, verdict in enumerate([Verdict.HEALTHY] + [Verdict.BLACK] * 3):
        at = now + timedelta(seconds=number)
        record(claimed(camera), [seen(camera, verdict, at)])
    tickets.open_due()
    return camera


def mend(camera: Camera) -> Ticket:
    for _each in range(2):
        record(
            claimed(camera), [seen(camera, Verdict.HEALTHY, timezone.now() + timedelta(hours=1))]
        )
    tickets.settle_recovered()
    prove(camera)
    return Ticket.objects.get(camera=camera)


@pytest.fixture
def chief(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("kepala"))
    return client


def html(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


def test_checks_see_every_admin_class_though_a_process_starts_without_them() -> None:
    program = (
        "import django; django.setup();"
        "from django.contrib import admin; from django.core.checks import run_checks, Tags;"
        "before = len(admin.site._registry); run_checks(tags=[Tags.admin]);"
        "print(before, len(admin.site._registry))"
    )
    said = subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "monitoring.settings"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stdout.split() == ["0", str(len(admin.site._registry))]


@pytest.mark.long
def test_every_list_page_and_form_opens_and_shows_no_secret(chief: Client) -> None:
    break_camera()
    for model, model_admin in admin.site._registry.items():
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        pages = [reverse(f"{name}_changelist"), reverse(f"{name}_changelist") + "?q=PA"]
        if model_admin.has_add_permission(_request_of(chief)):
            pages.append(reverse(f"{name}_add"))
        if first := model._default_manager.first():
            pages += [reverse(f"{name}_{page}", args=[first.pk]) for page in ("change", "history")]
        for page in pages:
            assert SECRET not in html(chief, page), page


def _request_of(client: Client) -> Any:
    return client.get("/admin/").wsgi_request


def test_the_first_page_counts_and_shows_the_faulty_first(chief: Client) -> None:
    good = make_camera(code="PA-BAIK-01")
    record(claimed(good), [seen(good, Verdict.HEALTHY)])
    bad = break_camera(code="PA-RUSAK-01")
    make_camera(code="PA-BARU-01")
    add_new(timezone.now())

    page = html(chief, "/admin/")

    assert page.index(bad.code) < page.index(good.code)
    assert 'lang="id"' in page
    counts = {
        each["label"]: each["number"] for each in chief.get("/admin/").context["verdict_counts"]
    }
    assert {str(label): number for label, number in counts.items() if number} == {
        "sehat": 1,
        "gambar gelap": 1,
        "belum diperiksa": 1,
    }


def test_an_empty_first_page_says_what_to_do(chief: Client) -> None:
    assert "Belum ada kamera" in html(chief, "/admin/")


def test_the_list_shows_what_is_only_suspected_as_such(chief: Client) -> None:
    camera = make_camera()
    record(claimed(camera), [seen(camera, Verdict.HEALTHY)])
    record(claimed(camera), [seen(camera, Verdict.OFFLINE, reason=Reason.REFUSED)])
    page = html(chief, reverse("admin:cameras_camera_changelist"))
    assert "sehat → luring: koneksi ditolak?" in page


def test_the_list_of_cameras_costs_the_same_for_one_and_for_many(
    chief: Client, django_assert_max_num_queries: Any
) -> None:
    for _each in range(12):
        break_camera()
    for page in (
        reverse("admin:cameras_camera_changelist"),
        reverse("admin:monitoring_incident_changelist"),
        reverse("admin:maintenance_ticket_changelist"),
        reverse("admin:monitoring_camerahealth_changelist"),
        reverse("admin:monitoring_healthspan_changelist"),
        reverse("admin:monitoring_snapshot_changelist"),
        "/admin/",
    ):
        # Session, user, counts for the pages and the filters, the rows, what they refer to.
        with django_assert_max_num_queries(15):
            html(chief, page)


def test_a_camera_shows_its_pictures_incidents_and_tickets(chief: Client) -> None:
    camera = break_camera()
    page = html(chief, reverse("admin:cameras_camera_change", args=[camera.pk]))
    ticket = Ticket.objects.get()
    incident = Incident.objects.get()
    assert f"/pictures/cameras/{camera.pk}/latest.jpg" in page
    assert f"/pictures/cameras/{camera.pk}/healthy.jpg" in page
    assert reverse("admin:monitoring_incident_change", args=[incident.pk]) in page
    assert ticket.number in page


def test_a_ticket_shows_the_proof_beside_the_last_healthy_picture(chief: Client) -> None:
    break_camera()
    page = html(chief, Ticket.objects.get().get_absolute_url())
    shown = [page.index(f"/pictures/snapshots/{shot.pk}.jpg") for shot in Snapshot.objects.all()]
    assert len(shown) == 2
    assert "gambar gelap" in page and "gambar sehat terakhir" in page
    assert "(&#x27;" not in page  # no label as Python writes it


def test_a_ticket_is_closed_by_a_form_with_a_note_and_only_after_recovery(chief: Client) -> None:
    camera = break_camera()
    ticket = Ticket.objects.get()
    address = reverse("admin:maintenance_ticket_verify", args=[ticket.pk])
    assert address not in html(chief, ticket.get_absolute_url())

    ticket = mend(camera)
    assert address in html(chief, ticket.get_absolute_url())
    html(chief, address)  # looking at the form closes nothing
    ticket.refresh_from_db()
    assert ticket.state == TicketState.AWAITING_VERIFICATION

    answer = chief.post(address, {"_form_submitted": "True", "note": "Kabel diganti."})

    assert answer["HX-Redirect"] == ticket.get_absolute_url()
    ticket.refresh_from_db()
    assert ticket.state == TicketState.CLOSED
    page = html(chief, ticket.get_absolute_url())
    assert "Kabel diganti." in page and "kepala" in page


def test_closing_too_early_is_refused_in_words(chief: Client) -> None:
    break_camera()
    ticket = Ticket.objects.get()
    address = reverse("admin:maintenance_ticket_verify", args=[ticket.pk])
    page = chief.post(address, {"_form_submitted": "True"}).content.decode()
    assert "menunggu verifikasi" in page  # the state in which it would be possible
    ticket.refresh_from_db()
    assert ticket.state == TicketState.NEW


def test_without_the_permission_nobody_closes_a_ticket(client: Client) -> None:
    ticket = mend(break_camera())
    client.force_login(make_user("maintenance.view_ticket"))
    address = reverse("admin:maintenance_ticket_verify", args=[ticket.pk])
    assert address not in html(client, ticket.get_absolute_url())
    assert client.post(address, {"_form_submitted": "True"}).status_code == 403
    client.force_login(make_user("maintenance.view_ticket", "maintenance.verify_ticket"))
    assert client.post(address, {"_form_submitted": "True"}).status_code == 200


def test_saving_and_probing_makes_a_camera_due_now(chief: Client) -> None:
    camera = break_camera()
    CameraHealth.objects.update(due_at=timezone.now() + timedelta(hours=1))
    address = reverse("admin:cameras_camera_change", args=[camera.pk])
    form = chief.get(address).context["adminform"].form
    given = {name: form[name].value() or "" for name in form.fields if name != "password"}
    given |= {"is_monitored": "on", "password": ""}
    answer = chief.post(address, {**given, "cameras_camera_probe_now": "1"}, follow=True)
    assert answer.status_code == 200
    assert "akan diperiksa" in answer.content.decode()
    assert CameraHealth.objects.get().due_at <= timezone.now()
    camera.refresh_from_db()
    assert camera.password == SECRET


def test_what_the_system_observed_cannot_be_changed_by_hand(chief: Client) -> None:
    break_camera()
    for model in (CameraHealth, Incident, Snapshot, Ticket):
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        key = (
            model._default_manager.get().pk
            if model is not Snapshot
            else Snapshot.objects.first().pk
        )
        assert chief.post(reverse(f"{name}_change", args=[key]), {}).status_code == 403
        assert chief.get(reverse(f"{name}_delete", args=[key])).status_code == 403
        # A ticket may be opened by hand, for what no probe sees.
        expected = 200 if model is Ticket else 403
        assert chief.get(reverse(f"{name}_add")).status_code == expected


def test_staff_see_in_the_side_bar_what_they_may_open(client: Client) -> None:
    client.force_login(make_user("cameras.view_camera"))
    page = html(client, "/admin/")
    assert reverse("admin:cameras_camera_changelist") in page
    assert reverse("admin:maintenance_ticket_changelist") not in page
    assert client.get("/admin/").context.get("ticket_counts") is None


def test_pages_are_indonesian_until_a_person_chooses_english(client: Client) -> None:
    page = client.get("/admin/login/", headers={"accept-language": "en"}).content.decode()
    assert 'lang="id"' in page
    client.post("/i18n/setlang/", {"language": "en", "next": "/admin/"})
    assert 'lang="en"' in client.get("/admin/login/").content.decode()


def test_who_kept_the_address_of_the_login_page_gets_to_the_first_page(client: Client) -> None:
    User.objects.create_superuser("kepala", password=SECRET)
    given = {"username": "kepala", "password": SECRET}
    assert client.post("/admin/login/", given)["Location"] == "/admin/"


def test_permissions_are_offered_in_words(chief: Client) -> None:
    page = html(chief, reverse("admin:auth_group_add"))
    assert "Data induk | kamera | mengubah" in page
    assert "Pemeliharaan | tiket perbaikan | memverifikasi perbaikan" in page


def test_the_bare_address_leads_to_the_admin(client: Client) -> None:
    assert client.get("/")["Location"] == "/admin/"
