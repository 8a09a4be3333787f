"""Repairs: entered once, counted right, never edited; what is wrong is voided and entered again."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from maintenance import repairs
from maintenance.models import (
    Repair,
    RepairPart,
    RepairPhoto,
    RepairVoid,
    RepairWork,
    Ticket,
    Vendor,
)
from maintenance.photographs import develop
from maintenance.repairs import Costs, Part, RepairError, Work, costs_of
from monitoring.pictures import folder
from tests.concurrency import at_once
from tests.factories import make_user
from tests.maintenance.repairing import make_ticket, photo

pytestmark = pytest.mark.django_db


def work(**fields: Any) -> Work:
    given = {"kind": RepairWork.CABLE, "at": timezone.now(), **fields}
    if "vendor" not in given and "by_user" not in given:
        given["by_user"] = make_user()
    return Work(**given)


def close(ticket: Ticket, state: str = "closed") -> None:
    more = {"cancel_reason": "false_alarm"} if state == "cancelled" else {}
    known = {field.name for field in Ticket._meta.fields}
    more = {name: value for name, value in more.items() if name in known}
    Ticket.objects.filter(pk=ticket.pk).update(state=state, closed_at=timezone.now(), **more)
    ticket.refresh_from_db()


def costs(ticket: Ticket) -> Costs:
    return costs_of(ticket.repairs.with_totals())


def test_a_repair_costs_its_labour_and_its_parts() -> None:
    ticket = make_ticket()
    parts = [Part("Kabel UTP", "", 30, 12_000), Part("Konektor", "K-1", 2, 5_000)]
    repair = repairs.enter(ticket, work(labour_rupiah=250_000), make_user(), parts=parts)
    assert costs(ticket) == Costs(250_000, 370_000, 0)
    assert [str(part) for part in repair.parts.all()] == ["30 × Kabel UTP", "2 × Konektor"]
    assert repair.camera == ticket.camera


def test_what_is_under_warranty_is_no_cost_of_the_city() -> None:
    ticket = make_ticket()
    vendor = Vendor.objects.create(name="PT Lensa")
    covered = work(vendor=vendor, under_warranty=True, labour_rupiah=100_000)
    repairs.enter(ticket, covered, None, parts=[Part("Adaptor", "", 1, 50_000)])
    assert costs(ticket) == Costs(0, 0, 150_000)
    assert ticket.repairs.get().by_whom == "PT Lensa"


@pytest.mark.parametrize(
    "fields",
    [
        {"by_user": None},
        {"at": timezone.now() + timedelta(days=1)},
    ],
)
def test_what_cannot_be_is_refused(fields: dict[str, Any]) -> None:
    ticket = make_ticket()
    with pytest.raises(RepairError):
        repairs.enter(ticket, work(**fields), None)
    assert not ticket.repairs.exists()


def test_done_by_a_person_and_a_vendor_is_refused_by_the_database_as_well() -> None:
    ticket, vendor = make_ticket(), Vendor.objects.create(name="PT Lensa")
    both = work(vendor=vendor, by_user=make_user())
    with pytest.raises(RepairError):
        repairs.enter(ticket, both, None)
    with pytest.raises(DatabaseError), transaction.atomic():
        Repair.objects.create(ticket=ticket, work="cable", by_user=make_user(), vendor=vendor)


def test_a_form_that_is_sent_twice_enters_one_repair() -> None:
    ticket = make_ticket()
    one = repairs.enter(ticket, work(), None, key="a", parts=[Part("Kabel")])
    assert repairs.enter(ticket, work(), None, key="a", parts=[Part("Kabel")]) == one
    assert RepairPart.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_form_that_is_sent_twice_at_once_enters_one_repair() -> None:
    ticket, done = make_ticket(), work()
    found = at_once(*(lambda: repairs.enter(ticket, done, None, key="a") for _ in range(3)))
    assert len({one.pk for one in found}) == Repair.objects.count() == 1


def test_a_voided_repair_counts_no_more_and_stays() -> None:
    ticket, chief = make_ticket(), make_user()
    repair = repairs.enter(ticket, work(labour_rupiah=900_000), None)
    with pytest.raises(RepairError):
        repairs.void(repair, "  ", chief)
    repairs.void(repair, "Salah ketik: Rp 90.000.", chief)
    assert costs(ticket) == Costs()
    assert (repair.void.reason, repair.void.by) == ("Salah ketik: Rp 90.000.", chief)
    with pytest.raises(RepairError):
        repairs.void(repair, "Sekali lagi", chief)


@pytest.mark.parametrize("state", ["closed", "cancelled"])
def test_a_ticket_that_is_over_takes_no_repair_but_a_correction(state: str) -> None:
    ticket = make_ticket()
    wrong = repairs.enter(ticket, work(labour_rupiah=900_000), None)
    close(ticket, state)
    with pytest.raises(RepairError, match=ticket.number):
        repairs.enter(ticket, work(), None)
    with pytest.raises(RepairError):  # not voided yet
        repairs.enter(ticket, work(), None, corrects=wrong)
    repairs.void(wrong, "Salah ketik.", make_user())
    repairs.enter(ticket, work(labour_rupiah=90_000), None, corrects=wrong)
    assert costs(ticket).total_rupiah == 90_000
    with pytest.raises(RepairError):  # corrected already
        repairs.enter(ticket, work(), None, corrects=wrong)


def refused(sql: str, *values: Any) -> str:
    with pytest.raises(DatabaseError) as caught, transaction.atomic():
        connection.cursor().execute(sql, values)
    return str(caught.value)


def test_the_database_itself_lets_nothing_be_edited_away() -> None:
    ticket = make_ticket()
    repair = repairs.enter(ticket, work(labour_rupiah=1), None, parts=[Part("Kabel")])
    repairs.void(repair, "Salah.", None)
    for table, column in (
        ("repair", "labour_rupiah"),
        ("repairpart", "unit_rupiah"),
        ("repairvoid", "reason"),
    ):
        assert "only ever added" in refused(f"UPDATE maintenance_{table} SET {column} = '7'")
        assert "only ever added" in refused(f"DELETE FROM maintenance_{table}")
    with pytest.raises(TypeError):
        repair.save()
    assert costs_of(ticket.repairs.with_totals()) == Costs()


def test_the_database_itself_locks_the_repairs_of_a_closed_ticket() -> None:
    ticket = make_ticket()
    repair = repairs.enter(ticket, work(), None, parts=[Part("Kabel")])
    with pytest.raises(DatabaseError, match="no such line"), transaction.atomic():
        RepairPart.objects.create(repair=repair, line=2, name="Diselipkan", unit_rupiah=1)
    close(ticket)
    by = make_user()
    with pytest.raises(DatabaseError, match="closed"), transaction.atomic():
        Repair.objects.create(ticket=ticket, work="cable", by_user=by)
    with pytest.raises(DatabaseError, match="voided"), transaction.atomic():
        Repair.objects.create(ticket=ticket, work="cable", by_user=by, corrects=repair)
    RepairVoid.objects.create(repair=repair, at=timezone.now(), reason="Salah.")
    other = make_ticket()
    with pytest.raises(DatabaseError, match="same ticket"), transaction.atomic():
        Repair.objects.create(ticket=other, work="cable", by_user=by, corrects=repair)


def test_nothing_is_replaced_in_place() -> None:
    repair = repairs.enter(make_ticket(), work(), None)
    columns = "id, ticket_id, work, at, under_warranty, note, part_lines, entered_at, by_user_id"
    insert = "INSERT OR REPLACE" if connection.vendor == "sqlite" else "INSERT"
    clash = "" if connection.vendor == "sqlite" else "ON CONFLICT (id) DO UPDATE SET note = 'x'"
    assert "only ever added" in refused(
        f"{insert} INTO maintenance_repair (labour_rupiah, {columns}) "
        f"SELECT 7, {columns} FROM maintenance_repair WHERE id = %s {clash}",
        repair.pk,
    )


def test_photographs_are_files_of_their_own_and_none_stays_when_entering_fails() -> None:
    ticket = make_ticket()
    photos = [develop(photo()), develop(photo())]
    repair = repairs.enter(ticket, work(), None, photos=photos)
    assert RepairPhoto.objects.count() == 2
    assert all((folder() / one.file.name).is_file() for one in repair.photos.all())
    broken = [develop(photo()), None]
    with pytest.raises(AttributeError):
        repairs.add_photos(repair, broken, None)  # type: ignore[arg-type]
    assert RepairPhoto.objects.count() == len(list((folder() / "repairs").rglob("*.jpg"))) == 2
