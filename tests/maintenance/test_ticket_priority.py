"""How urgent a ticket is, and until when it is to be answered and repaired."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.utils import timezone

from cameras.models import Importance, Site, SiteKind, Uplink
from maintenance import ticket_deeds, tickets
from maintenance.models import Holiday, Priority, ReportedFault, Ticket
from maintenance.ticket_priority import priority_of
from tests.factories import make_camera, make_site
from tests.maintenance.repairs import begin_incident, ticket_in

DRY = datetime(2026, 7, 6, 9, 0, tzinfo=ZoneInfo("Asia/Jakarta"))  # a Monday
WET = datetime(2026, 11, 2, 9, 0, tzinfo=ZoneInfo("Asia/Jakarta"))  # a Monday, too
LOW, NORMAL, HIGH, URGENT = Priority


def site(kind: str, importance: int = Importance.NORMAL) -> Site:
    return Site(kind=kind, importance=importance)


@pytest.mark.parametrize(
    ("where", "fault", "hit", "dry", "wet"),
    [
        (site(SiteKind.FLOODGATE), "black", 1, HIGH, URGENT),
        (site(SiteKind.FLOODGATE, Importance.LOW), "offline", 1, HIGH, URGENT),
        (site(SiteKind.FLOODGATE), "defocused", 1, NORMAL, HIGH),
        (site(SiteKind.PUMP_HOUSE), "black", 1, NORMAL, NORMAL),
        (site(SiteKind.PUMP_HOUSE, Importance.HIGH), "black", 1, NORMAL, HIGH),
        (site(SiteKind.JUNCTION), "black", 1, NORMAL, NORMAL),
        (site(SiteKind.JUNCTION, Importance.CRITICAL), "black", 1, HIGH, HIGH),
        (site(SiteKind.JUNCTION, Importance.LOW), "frozen", 1, LOW, LOW),
        (site(SiteKind.JUNCTION), "citizen", 1, LOW, LOW),
        (site(SiteKind.JUNCTION), "offline", 5, NORMAL, NORMAL),
        (site(SiteKind.JUNCTION), "offline", 20, HIGH, HIGH),
        (None, "offline", 1, NORMAL, NORMAL),
    ],
)
def test_site_season_fault_and_cameras_hit_add_up(
    where: Site | None, fault: str, hit: int, dry: Priority, wet: Priority
) -> None:
    assert (priority_of(where, fault, hit, DRY), priority_of(where, fault, hit, WET)) == (dry, wet)


def test_the_rainy_months_are_settable(settings: Any) -> None:
    settings.RAINY_MONTHS = [7]
    gate = site(SiteKind.FLOODGATE)
    assert priority_of(gate, "black", 1, DRY) == URGENT
    assert priority_of(gate, "black", 1, WET) == HIGH


@pytest.mark.django_db
@time_machine.travel("2026-11-06 15:00+07:00", tick=False)  # a Friday
def test_deadlines_count_working_hours_and_know_the_holidays() -> None:
    Holiday.objects.create(
        day="2026-11-09", name="Libur setempat", decree="Pergub", kind="national"
    )
    begin_incident(make_camera(site=make_site(kind=SiteKind.FLOODGATE)))
    begin_incident(make_camera(site=make_site(kind=SiteKind.OTHER)))
    tickets.open_due()
    urgent, normal = Ticket.objects.order_by("-priority")
    assert (urgent.priority, normal.priority) == (URGENT, NORMAL)
    local = [
        f"{timezone.localtime(due):%d %H.%M}"
        for ticket in (urgent, normal)
        for due in (ticket.response_due_at, ticket.repair_due_at)
    ]
    # One hour is left of the Friday; Monday the 9th is free.
    assert local == ["06 16.00", "10 14.30", "10 14.30", "16 12.30"]


@pytest.mark.django_db
def test_when_the_rain_comes_tickets_at_the_water_become_more_urgent() -> None:
    with time_machine.travel(DRY, tick=False):
        ticket = ticket_deeds.open_by_hand(
            make_camera(site=make_site(kind=SiteKind.FLOODGATE)), ReportedFault.VANDALISM, "x", None
        )
        assert tickets.rate_again() == 0
        due = ticket.repair_due_at
    with time_machine.travel(WET, tick=False):
        assert tickets.rate_again() == 1
        assert tickets.rate_again() == 0
    ticket.refresh_from_db()
    assert ticket.priority == URGENT and ticket.repair_due_at < due
    assert ticket.events.last().changes == {"priority": ["3", "4"]}


@pytest.mark.django_db
def test_a_ticket_is_overdue_until_answered_and_until_repaired() -> None:
    ticket = ticket_in("new", response_due_at=DRY, repair_due_at=WET)
    late = Ticket.objects.overdue
    after, long_after = DRY.replace(hour=10), WET.replace(hour=10)
    assert not late(DRY).exists()
    assert late(after).exists() and ticket.is_overdue(after)
    ticket_deeds.acknowledge(ticket, None)
    Ticket.objects.update(responded_at=after)
    ticket.refresh_from_db()
    assert not late(after).exists() and not ticket.is_overdue(after)
    assert late(long_after).exists() and ticket.is_overdue(long_after)
    Ticket.objects.update(state="awaiting")
    ticket.refresh_from_db()
    assert not late(long_after).exists() and not ticket.is_overdue(long_after)


@pytest.mark.django_db
def test_an_uplink_weighs_by_the_cameras_behind_it() -> None:
    uplink = Uplink.objects.create(code="SW-1", name="Switch", kind="switch")
    for _each in range(20):
        make_camera(uplink=uplink)
    ticket = ticket_deeds.open_by_hand(uplink, ReportedFault.CABLE, "Kabel putus.", None)
    assert (ticket.cameras_hit, ticket.priority) == (20, HIGH)
