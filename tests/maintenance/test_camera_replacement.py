"""A new camera in the old one's place: one transaction, its history kept, probing moves on."""

from typing import Any

import pytest
from django.db import DatabaseError
from django.utils import timezone

from cameras.models import Camera
from cameras.replacing import NewUnit
from maintenance import repairs, tickets
from maintenance.camera_replacement import replace_camera
from maintenance.models import Repair, RepairWork, Ticket
from maintenance.repairs import RepairError, Work
from monitoring import scheduling
from monitoring.models import CameraHealth, HealthSpan, Incident
from monitoring.recording import record
from monitoring.verdicts import Verdict
from tests.concurrency import at_once
from tests.factories import claimed, make_camera, make_user, seen
from tests.maintenance.repairing import make_ticket

pytestmark = pytest.mark.django_db

UNIT = NewUnit("SN-BARU", "Dahua", "IPC-HFW", snapshot_url="http://127.0.0.1:9/baru.jpg")


def replaced(ticket: Ticket, unit: NewUnit = UNIT, **more: Any) -> Camera:
    done = Work(RepairWork.REPLACEMENT, timezone.now(), by_user=make_user())
    return replace_camera(ticket, unit, done, make_user(), **more)


def test_the_new_unit_takes_the_place_and_the_code_and_the_old_one_keeps_its_history() -> None:
    old = make_camera(code="PA-MGR-01", username="admin", password="rahasia")
    ticket = make_ticket(old)
    new = replaced(ticket, price_rupiah=4_500_000)
    old.refresh_from_db()
    assert (old.code, old.is_monitored) == ("PA-MGR-01.1", False) and old.retired_at
    assert (new.code, new.name, new.site, new.replaces) == ("PA-MGR-01", old.name, old.site, old)
    assert (new.serial_number, new.vendor, new.model) == ("SN-BARU", "Dahua", "IPC-HFW")
    assert Camera.objects.get(pk=new.pk).password == "rahasia" and new.username == "admin"
    assert Incident.objects.get(camera=old).ended_at is not None
    ticket.refresh_from_db()
    assert ticket.camera == new
    repair = ticket.repairs.get()
    assert (repair.work, repair.camera) == (RepairWork.REPLACEMENT, old)
    part = repair.parts.get()
    assert (part.name, part.serial_number, part.unit_rupiah) == (
        "Dahua IPC-HFW",
        "SN-BARU",
        4_500_000,
    )
    assert [unit.pk for unit in new.units()] == [new.pk, old.pk]


@pytest.mark.parametrize("sees_at_night", [True, False])
def test_a_point_without_light_has_none_for_the_new_unit_either(sees_at_night: bool) -> None:
    new = replaced(make_ticket(make_camera(sees_at_night=sees_at_night)))
    new.refresh_from_db()
    assert new.sees_at_night is sees_at_night


def test_a_second_replacement_counts_on() -> None:
    ticket = make_ticket(make_camera(code="PA-MGR-01"))
    for _ in range(2):
        replaced(ticket)
        ticket.refresh_from_db()
    codes = set(Camera.objects.values_list("code", flat=True))
    assert codes == {"PA-MGR-01", "PA-MGR-01.1", "PA-MGR-01.2"}


def test_a_code_that_fills_its_field_still_finds_room_for_the_number() -> None:
    ticket = make_ticket(make_camera(code="A" * 32))
    replaced(ticket)
    assert Camera.objects.filter(code="A" * 30 + ".1").exists()


def test_probing_moves_to_the_new_unit_and_a_probe_under_way_counts_no_more() -> None:
    old = make_camera()
    record(claimed(old), [seen(old, Verdict.BLACK)])
    ticket = make_ticket(old)
    mark = claimed(old)
    new = replaced(ticket)
    assert record(mark, [seen(old, Verdict.HEALTHY)]) == 0
    scheduling.add_new(timezone.now())
    CameraHealth.objects.update(due_at=timezone.now())
    due = CameraHealth.objects.due(timezone.now(), 60)
    assert [row.pk for row in due] == [new.pk]
    assert not HealthSpan.objects.filter(camera=old, ended_at=None).exists()


def test_the_ticket_goes_on_with_the_new_camera_and_its_faults() -> None:
    ticket = make_ticket()
    new = replaced(ticket)
    tickets.settle_recovered()
    now = timezone.now()
    Incident.objects.create(camera=new, verdict=Verdict.BLACK, began_at=now, confirmed_at=now)
    tickets.open_due()
    assert Ticket.objects.count() == 1
    assert ticket.links.count() == 2


@pytest.mark.django_db(transaction=True)
def test_two_that_replace_at_once_put_up_one_camera() -> None:
    ticket = make_ticket(make_camera(code="PA-MGR-01"))
    by = make_user()
    done = Work(RepairWork.REPLACEMENT, timezone.now(), by_user=by)
    at_once(*(lambda: replace_camera(ticket, UNIT, done, by, key="a") for _ in range(2)))
    assert Camera.objects.count() == 2 and Repair.objects.count() == 1


def test_nothing_is_changed_when_a_part_of_it_fails() -> None:
    old = make_camera(code="PA-MGR-01")
    ticket = make_ticket(old)
    with pytest.raises(DatabaseError):  # a camera without an address
        replaced(ticket, NewUnit("SN"))
    old.refresh_from_db()
    assert (old.code, old.retired_at) == ("PA-MGR-01", None)
    assert not ticket.repairs.exists()
    assert Incident.objects.get(camera=old).ended_at is None


def test_the_camera_of_a_closed_ticket_is_not_replaced() -> None:
    ticket = make_ticket()
    Ticket.objects.filter(pk=ticket.pk).update(state="closed", closed_at=timezone.now())
    with pytest.raises(RepairError):
        replaced(ticket)


def test_a_retired_camera_cannot_be_monitored_again() -> None:
    ticket = make_ticket()
    old = ticket.camera
    replaced(ticket)
    with pytest.raises(DatabaseError):
        Camera.objects.filter(pk=old.pk).update(is_monitored=True)


def test_the_pages_of_both_units_lead_to_each_other(client: Any, admin_user: Any) -> None:
    ticket = make_ticket(make_camera(code="PA-MGR-01"))
    old, new = ticket.camera, replaced(ticket)
    client.force_login(admin_user)
    page = client.get(f"/admin/cameras/camera/{new.pk}/change/").content.decode()
    assert f"/admin/cameras/camera/{old.pk}/change/" in page and ticket.number in page
    page = client.get(f"/admin/cameras/camera/{old.pk}/change/").content.decode()
    assert f"/admin/cameras/camera/{new.pk}/change/" in page
    given = {
        "code": "PA-MGR-01.1",
        "name": old.name,
        "site": old.site_id,
        "snapshot_url": old.snapshot_url,
        "is_monitored": "on",
    }
    answer = client.post(f"/admin/cameras/camera/{old.pk}/change/", given)
    assert "is_monitored" in answer.context["adminform"].form.errors


def test_a_repair_of_a_ticket_says_which_unit_was_worked_on() -> None:
    ticket = make_ticket()
    old = ticket.camera
    new = replaced(ticket)
    done = Work(RepairWork.AIMING, timezone.now(), by_user=make_user())
    ticket.refresh_from_db()
    assert repairs.enter(ticket, done, None).camera == new
    assert old.repairs.count() == new.repairs.count() == 1
