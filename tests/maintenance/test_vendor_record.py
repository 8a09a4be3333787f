"""A vendor's record: how long repairs took, and how often the fault came back."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from maintenance import repairs, ticket_deeds, ticket_packages, tickets
from maintenance.models import RepairWork, Ticket, Vendor
from maintenance.repairs import Work
from maintenance.vendor_record import Record, records
from monitoring.models import Incident
from monitoring.verdicts import Verdict
from tests.maintenance.repairing import make_ticket

pytestmark = pytest.mark.django_db

NOW = timezone.now()


def repaired_after(vendor: Vendor, hours: float) -> Ticket:
    """A ticket that the vendor got, and reported as repaired so many hours later."""
    ticket = make_ticket()
    with time_machine.travel(NOW - timedelta(days=5), tick=False):
        ticket_deeds.assign(ticket, None, vendor=vendor)
    with time_machine.travel(NOW - timedelta(days=5) + timedelta(hours=hours), tick=False):
        ticket_deeds.repaired(ticket, None)
    return ticket


def come_back(ticket: Ticket) -> None:
    """The fault of the ticket's camera ends, and begins again."""
    now = timezone.now()
    Incident.objects.filter(camera=ticket.camera, ended_at=None).update(ended_at=now)
    Incident.objects.create(
        camera=ticket.camera, verdict=Verdict.BLACK, began_at=now, confirmed_at=now
    )
    tickets.open_due()


def record(vendor: Vendor) -> Record:
    return records([vendor])[vendor.pk]


def test_the_median_counts_from_the_assignment_to_the_report() -> None:
    vendor, other = (Vendor.objects.create(name=name) for name in ("PT A", "PT B"))
    for hours in (2, 4, 60):
        repaired_after(vendor, hours)
    repaired_after(other, 8)
    found = records([vendor, other])
    assert found[vendor.pk] == Record(3, timedelta(hours=4), 0)
    assert found[other.pk] == Record(1, timedelta(hours=8), 0)


def test_a_fault_that_comes_back_counts_against_the_vendor_and_starts_the_clock_again() -> None:
    vendor = Vendor.objects.create(name="PT A")
    ticket = repaired_after(vendor, 3)
    come_back(ticket)
    assert record(vendor) == Record(1, timedelta(hours=3), 1)
    ticket.refresh_from_db()
    ticket_deeds.begin_repair(ticket, None)
    ticket_deeds.repaired(ticket, None)
    assert record(vendor).repairs == 2


def test_a_repair_that_nobody_reported_counts_all_the_same_and_a_voided_one_does_not() -> None:
    vendor = Vendor.objects.create(name="PT A")
    done = Work(RepairWork.CABLE, timezone.now(), vendor=vendor)
    one, wrong = (repairs.enter(make_ticket(), done, None) for _ in range(2))
    repairs.void(wrong, "Salah tiket.", None)
    assert record(vendor) == Record(1, None, 0)
    assert one.ticket_id != wrong.ticket_id


def test_what_is_older_than_a_year_counts_no_more() -> None:
    vendor = Vendor.objects.create(name="PT A")
    repaired_after(vendor, 3)
    later = NOW + timedelta(days=400)
    assert records([vendor], later)[vendor.pk] == Record()


def test_the_list_asks_two_questions_however_many_vendors_there_are(
    django_assert_num_queries: Any,
) -> None:
    vendors = [Vendor.objects.create(name=f"PT {number}") for number in range(5)]
    for vendor in vendors:
        repaired_after(vendor, 1)
    with django_assert_num_queries(2):
        assert sum(one.repairs for one in records(vendors).values()) == 5


def test_the_contract_of_a_package_assigns_its_tickets_to_the_vendor() -> None:
    ticket = make_ticket()
    with time_machine.travel(NOW - timedelta(days=5), tick=False):
        ticket_deeds.acknowledge(ticket, None)
        ticket_packages.joined(ticket, "PKT-1", None)
        ticket_packages.contract_signed(ticket, "PKT-1", "PT Lensa", None)
    with time_machine.travel(NOW - timedelta(days=5) + timedelta(hours=30), tick=False):
        ticket_packages.work_accepted(ticket, None, "BAST-1")
    come_back(ticket)
    assert record(Vendor.objects.get(name="PT Lensa")) == Record(1, timedelta(hours=30), 1)
