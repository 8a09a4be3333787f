"""Tickets: opened by confirmed incidents, moved on by recoveries, closed by people."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from maintenance import ticket_deeds, tickets
from maintenance.models import Ticket, TicketEvent, TicketIncident, TicketState
from tests.concurrency import at_once
from tests.factories import make_camera
from tests.maintenance.repairs import (
    begin_incident,
    end,
    history,
    member,
    proven_ticket,
    recovered_ticket,
)

pytestmark = pytest.mark.django_db


def test_every_confirmed_incident_gets_one_ticket_however_often_it_is_run() -> None:
    first, second = begin_incident(), begin_incident()
    assert tickets.open_due() == 2
    assert tickets.open_due() == 0
    for incident in (first, second):
        ticket = Ticket.objects.get(camera=incident.camera)
        assert ticket.state == TicketState.NEW
        assert [link.incident for link in ticket.links.all()] == [incident]
        assert history(ticket) == [("", TicketState.NEW)]


def test_an_incident_that_ended_before_anyone_looked_has_its_ticket_all_the_same() -> None:
    end(begin_incident())
    assert tickets.open_due() == 1
    assert tickets.settle_recovered() == 1
    assert Ticket.objects.get().state == TicketState.AWAITING_VERIFICATION


def test_a_ticket_whose_camera_recovered_awaits_verification() -> None:
    incident = begin_incident()
    tickets.open_due()
    assert tickets.settle_recovered() == 0  # still broken
    end(incident)
    assert tickets.settle_recovered() == 1
    assert tickets.settle_recovered() == 0
    ticket = Ticket.objects.get()
    assert ticket.state == TicketState.AWAITING_VERIFICATION
    assert ticket.recovered_at is not None and ticket.closed_at is None


def test_a_repair_that_does_not_hold_reopens_the_ticket() -> None:
    ticket = recovered_ticket()
    again = begin_incident(ticket.camera)
    assert tickets.open_due() == 1
    ticket.refresh_from_db()
    assert (ticket.state, ticket.recovered_at) == (TicketState.REOPENED, None)
    assert tickets.settle_recovered() == 0
    end(again)
    assert tickets.settle_recovered() == 1
    assert history(ticket) == [
        ("", TicketState.NEW),
        (TicketState.NEW, TicketState.AWAITING_VERIFICATION),
        (TicketState.AWAITING_VERIFICATION, TicketState.REOPENED),
        (TicketState.REOPENED, TicketState.AWAITING_VERIFICATION),
    ]


def test_a_person_closes_what_has_recovered_and_is_named_in_the_history() -> None:
    ticket, officer = proven_ticket(), member("supervisor")
    ticket_deeds.verify(ticket, officer, "Gambar kembali terang.")
    ticket.refresh_from_db()
    assert ticket.state == TicketState.CLOSED and ticket.closed_at is not None
    event = ticket.events.last()
    assert (event.actor, event.note) == (officer, "Gambar kembali terang.")


def test_a_ticket_of_a_broken_camera_cannot_be_closed() -> None:
    begin_incident()
    tickets.open_due()
    ticket = Ticket.objects.get()
    with pytest.raises(tickets.TicketError, match=ticket.number):
        ticket_deeds.verify(ticket, member("supervisor"))
    ticket.refresh_from_db()
    assert ticket.state == TicketState.NEW


def test_a_closed_ticket_stays_closed_and_the_next_fault_gets_a_new_one() -> None:
    ticket = proven_ticket()
    ticket_deeds.verify(ticket, member("supervisor"))
    with pytest.raises(tickets.TicketError):
        ticket_deeds.verify(ticket, member("supervisor"))
    Ticket.objects.update(closed_at=timezone.now() - timedelta(days=8))
    begin_incident(ticket.camera)
    tickets.open_due()
    assert Ticket.objects.filter(camera=ticket.camera).count() == 2
    ticket.refresh_from_db()
    assert ticket.state == TicketState.CLOSED


def test_the_database_refuses_a_second_ticket_that_is_not_closed() -> None:
    camera = make_camera()
    Ticket.objects.create(camera=camera, opened_at=timezone.now())
    with pytest.raises(IntegrityError), transaction.atomic():
        Ticket.objects.create(camera=camera, opened_at=timezone.now())
    with pytest.raises(IntegrityError), transaction.atomic():
        Ticket.objects.create(
            camera=camera, opened_at=timezone.now(), state=TicketState.AWAITING_VERIFICATION
        )
    Ticket.objects.create(camera=camera, opened_at=timezone.now(), state=TicketState.CLOSED)


def test_the_database_refuses_an_incident_on_two_tickets() -> None:
    incident = begin_incident()
    tickets.open_due()
    other = Ticket.objects.create(camera=make_camera(), opened_at=timezone.now())
    with pytest.raises(IntegrityError), transaction.atomic():
        TicketIncident.objects.create(ticket=other, incident=incident)


def test_history_is_only_added_to() -> None:
    event = recovered_ticket().events.first()
    event.note = "lain"
    with pytest.raises(TypeError):
        event.save()
    with pytest.raises(TypeError):
        event.delete()


def test_the_database_refuses_to_change_what_happened() -> None:
    event = recovered_ticket().events.first()
    mine = TicketEvent.objects.filter(pk=event.pk)
    for deed in (lambda: mine.update(note="lain"), mine.delete):
        with pytest.raises(IntegrityError, match="only ever added to"), transaction.atomic():
            deed()
    assert TicketEvent.objects.get(pk=event.pk).note == event.note


@pytest.mark.django_db(transaction=True)
def test_workers_at_the_same_moment_double_nothing() -> None:
    incidents = [begin_incident() for _each in range(8)]
    at_once(*[tickets.open_due] * 4)
    assert Ticket.objects.count() == 8
    assert TicketEvent.objects.count() == 8
    for incident in incidents:
        end(incident)
    at_once(*[tickets.settle_recovered] * 4)
    assert Ticket.objects.filter(state=TicketState.AWAITING_VERIFICATION).count() == 8
    assert TicketEvent.objects.count() == 16


@pytest.mark.django_db(transaction=True)
def test_two_people_who_close_at_the_same_moment_close_it_once() -> None:
    ticket = proven_ticket()
    officers = [member("supervisor") for _each in range(4)]
    closed: list[str] = []

    def close() -> None:
        officer = officers.pop()
        try:
            ticket_deeds.verify(ticket, officer)
        except tickets.TicketError:
            return
        closed.append(officer.username)

    at_once(*[close] * 4)
    assert len(closed) == 1
    assert ticket.events.filter(to_state=TicketState.CLOSED).count() == 1
