"""Overdue tickets are mailed to their agency, once on every working day."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.utils import timezone

from cameras.models import Agency
from maintenance import overdue, ticket_deeds
from maintenance.models import Holiday, OverdueMail, Ticket
from tests.concurrency import at_once
from tests.factories import make_camera, make_site
from tests.maintenance.repairs import make_vendor, ticket_in

pytestmark = pytest.mark.django_db

MONDAY = "2026-11-02 09:00+07:00"


def agency(code: str = "SDA", email: str = "sda@example.id") -> Agency:
    return Agency.objects.create(code=code, name=f"Dinas {code}", email=email)


def late_ticket(of: Agency | None, **fields: Any) -> Ticket:
    now = timezone.now()
    site = make_site(name="Pintu Air Manggarai")
    return ticket_in(
        "new",
        camera=make_camera(site=site),
        site=site,
        agency=of,
        opened_at=now - timedelta(days=9),
        response_due_at=now - timedelta(days=8),
        repair_due_at=now - timedelta(days=1),
        **fields,
    )


@time_machine.travel(MONDAY, tick=False)
def test_each_agency_is_told_of_its_own_in_indonesian_once_a_day(settings: Any) -> None:
    settings.SITE_ADDRESS = "https://kamera.example.id"
    water, traffic = agency(), agency("DISHUB", "dishub@example.id")
    one, two = late_ticket(water, priority=4), late_ticket(traffic, vendor=make_vendor())
    ticket_in("new", agency=water)  # not late
    assert overdue.send_due(timezone.now()) == 2
    assert overdue.send_due(timezone.now()) == 0
    told = {message.to[0]: message for message in mail.outbox}
    message = told["sda@example.id"]
    assert "1 tiket perbaikan terlambat" in message.subject
    assert one.number in message.body and two.number not in message.body
    assert "Pintu Air Manggarai" in message.body
    assert "1 November 2026, 09.00 WIB" in message.body
    assert f"https://kamera.example.id{one.get_absolute_url()}" in message.body
    assert "PT Lensa Jaya Abadi" in told["dishub@example.id"].body
    with time_machine.travel("2026-11-03 09:00+07:00", tick=False):
        assert overdue.send_due(timezone.now()) == 2


@pytest.mark.parametrize(
    "moment",
    ["2026-11-02 07:00+07:00", "2026-11-01 09:00+07:00", "2026-11-10 09:00+07:00"],
)
def test_nothing_is_sent_before_offices_open_on_sundays_and_holidays(moment: str) -> None:
    Holiday.objects.create(day="2026-11-10", name="Libur", decree="Pergub", kind="national")
    with time_machine.travel(moment, tick=False):
        late_ticket(agency())
        assert overdue.send_due(timezone.now()) == 0
    assert not mail.outbox


@time_machine.travel(MONDAY, tick=False)
def test_snoozed_ones_and_agencies_without_an_address_are_left_out() -> None:
    water = agency()
    ticket = late_ticket(water)
    late_ticket(agency("BPBD", ""))
    late_ticket(None)
    ticket_deeds.snooze(ticket, None, timezone.now() + timedelta(days=2))
    assert overdue.send_due(timezone.now()) == 0
    with time_machine.travel("2026-11-04 09:30+07:00", tick=False):
        assert overdue.send_due(timezone.now()) == 1


@time_machine.travel(MONDAY, tick=False)
def test_a_mail_that_the_server_refuses_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    late_ticket(agency())

    def refuse(*_given: Any) -> None:
        raise OSError("no route to the mail server")

    with monkeypatch.context() as patch:
        patch.setattr("django.core.mail.EmailMessage.send", refuse)
        assert overdue.send_due(timezone.now()) == 0
    assert overdue.send_due(timezone.now()) == 1


@time_machine.travel(MONDAY, tick=False)
def test_a_mail_whose_sender_died_is_sent_by_another_after_a_while() -> None:
    water, now = agency(), timezone.now()
    late_ticket(water)
    OverdueMail.objects.create(agency=water, day=now.date(), tickets=1, claimed_at=now)
    assert overdue.send_due(now + timedelta(minutes=4)) == 0
    assert overdue.send_due(now + timedelta(minutes=6)) == 1
    assert OverdueMail.objects.get().sent_at == now + timedelta(minutes=6)


@pytest.mark.django_db(transaction=True)
def test_two_workers_send_one_mail() -> None:
    with time_machine.travel(MONDAY, tick=False):
        late_ticket(agency())
        now = timezone.now()
        assert sum(at_once(*[lambda: overdue.send_due(now)] * 4)) == 1
    assert len(mail.outbox) == 1
