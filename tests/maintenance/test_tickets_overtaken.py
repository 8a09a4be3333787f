"""Tickets while another worker is quicker, moment by moment."""

from typing import Any

import pytest
from django.db import IntegrityError

from maintenance import tickets
from maintenance.models import Ticket, TicketEvent, TicketIncident, TicketState
from tests.maintenance.repairs import begin_incident, end

pytestmark = pytest.mark.django_db


def test_an_incident_that_another_was_quicker_with_leaves_no_empty_ticket(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    begin_incident()

    def taken(**_fields: Any) -> None:
        raise IntegrityError

    monkeypatch.setattr(TicketIncident.objects, "create", taken)
    assert tickets.open_due() == 0
    assert not Ticket.objects.exists() and not TicketEvent.objects.exists()


def test_a_ticket_that_gets_a_new_incident_at_the_last_moment_does_not_await_verification(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    incident = begin_incident()
    tickets.open_due()
    end(incident)
    step = tickets.step

    def step_too_late(*given: Any, **named: Any) -> Any:
        monkeypatch.undo()
        begin_incident(incident.camera)
        tickets.open_due()
        return step(*given, **named)

    monkeypatch.setattr(tickets, "step", step_too_late)
    assert tickets.settle_recovered() == 0
    assert Ticket.objects.get().state == TicketState.NEW
