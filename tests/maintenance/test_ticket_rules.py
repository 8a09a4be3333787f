"""The rules of tickets: every deed, from every state, by every role; in code and in the admin."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from maintenance import ticket_deeds as deeds
from maintenance.models import (
    CancelReason,
    Ticket,
    TicketDeed,
    TicketEvent,
    TicketState,
    Vendor,
    WaitCause,
)
from maintenance.ticket_rules import OPEN_STATES, RULES, TicketError
from tests.maintenance.repairs import ROLES, make_vendor, member, prove, ticket_in

pytestmark = pytest.mark.django_db

S, D = TicketState, TicketDeed
NOTE = "Sudah dilihat di lapangan."

# The table once more, as the product was asked for: state before → state after.
EXPECTED: dict[TicketDeed, dict[TicketState, TicketState]] = {
    D.ACKNOWLEDGE: dict.fromkeys([S.NEW, S.REOPENED, S.WAITING], S.ACKNOWLEDGED),
    D.ASSIGN: dict.fromkeys(
        [S.NEW, S.ACKNOWLEDGED, S.ASSIGNED, S.IN_REPAIR, S.WAITING, S.REOPENED], S.ASSIGNED
    ),
    D.BEGIN: dict.fromkeys([S.ASSIGNED, S.WAITING, S.REOPENED], S.IN_REPAIR),
    D.WAIT: dict.fromkeys(
        [S.ACKNOWLEDGED, S.ASSIGNED, S.IN_REPAIR, S.WAITING, S.REOPENED], S.WAITING
    ),
    D.REPAIRED: dict.fromkeys([S.ASSIGNED, S.IN_REPAIR, S.WAITING], S.AWAITING_VERIFICATION),
    D.VERIFY: {S.AWAITING_VERIFICATION: S.CLOSED},
    D.OVERRIDE: {S.AWAITING_VERIFICATION: S.CLOSED},
    D.REOPEN: dict.fromkeys([S.AWAITING_VERIFICATION, S.CLOSED, S.CANCELLED], S.REOPENED),
    D.CANCEL: dict.fromkeys(OPEN_STATES, S.CANCELLED),
    D.SNOOZE: {state: state for state in OPEN_STATES},
}
MAY: dict[TicketDeed, set[str]] = {
    D.ACKNOWLEDGE: {"operator", "technician", "supervisor"},
    D.ASSIGN: {"operator", "supervisor"},
    D.BEGIN: {"technician", "supervisor"},
    D.WAIT: {"technician", "supervisor"},
    D.REPAIRED: {"technician", "supervisor"},
    D.VERIFY: {"supervisor"},
    D.OVERRIDE: {"supervisor"},
    D.REOPEN: {"supervisor"},
    D.CANCEL: {"supervisor"},
    D.SNOOZE: {"operator", "supervisor"},
}
DO: dict[TicketDeed, Callable[[Ticket, User, Vendor], Any]] = {
    D.ACKNOWLEDGE: lambda ticket, by, _vendor: deeds.acknowledge(ticket, by, NOTE),
    D.ASSIGN: lambda ticket, by, vendor: deeds.assign(ticket, by, vendor=vendor, note=NOTE),
    D.BEGIN: lambda ticket, by, _vendor: deeds.begin_repair(ticket, by, NOTE),
    D.WAIT: lambda ticket, by, _vendor: deeds.wait(ticket, by, WaitCause.ACCESS, NOTE),
    D.REPAIRED: lambda ticket, by, _vendor: deeds.repaired(ticket, by, NOTE),
    D.VERIFY: lambda ticket, by, _vendor: deeds.verify(ticket, by, NOTE),
    D.OVERRIDE: lambda ticket, by, _vendor: deeds.override(ticket, by, NOTE),
    D.REOPEN: lambda ticket, by, _vendor: deeds.reopen(ticket, by, NOTE),
    D.CANCEL: lambda ticket, by, _vendor: deeds.cancel(ticket, by, CancelReason.DUPLICATE, NOTE),
    D.SNOOZE: lambda ticket, by, _vendor: deeds.snooze(
        ticket, by, timezone.now() + timedelta(days=2), NOTE
    ),
}
FORMS: dict[TicketDeed, dict[str, str]] = {
    D.WAIT: {"cause": "access"},
    D.CANCEL: {"reason": "duplicate"},
    D.SNOOZE: {"day": (timezone.localdate() + timedelta(days=2)).isoformat()},
}


def ready_ticket(state: TicketState) -> Ticket:
    """In that state, with all that any deed could ask for besides state and right."""
    ticket = ticket_in(state, vendor=make_vendor())
    prove(ticket.camera)
    return ticket


def test_the_table_here_is_about_all_deeds_of_people() -> None:
    by_package = {D.JOIN, D.SIGNED, D.LEAVE, D.ACCEPTED}
    assert {deed for deed, rule in RULES.items() if rule.permission} - by_package == set(EXPECTED)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("deed", EXPECTED)
def test_in_code(deed: TicketDeed, role: str) -> None:
    who, vendor = member(role), make_vendor()
    for state in TicketState:
        ticket = ready_ticket(state)
        if role in MAY[deed] and state in EXPECTED[deed]:
            DO[deed](ticket, who, vendor)
            ticket.refresh_from_db()
            assert ticket.state == EXPECTED[deed][state], state
            event = ticket.events.last()
            assert (event.deed, event.actor, event.note) == (deed, who, NOTE)
            assert (event.from_state, event.to_state) == (state, ticket.state)
            continue
        with pytest.raises(TicketError) as refused:
            DO[deed](ticket, who, vendor)
        sentence = str(refused.value)
        assert str(deed.label) in sentence and sentence.endswith(".")
        if role in MAY[deed]:
            assert ticket.number in sentence and str(state.label) in sentence
        ticket.refresh_from_db()
        assert ticket.state == state and ticket.events.count() == 1


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("deed", EXPECTED)
def test_in_the_admin(client: Client, deed: TicketDeed, role: str) -> None:
    who, vendor = member(role), make_vendor()
    client.force_login(who)
    for state in TicketState:
        ticket = ready_ticket(state)
        address = reverse(f"admin:maintenance_ticket_{deed.value}", args=[ticket.pk])
        is_offered = f'"{address}"' in client.get(ticket.get_absolute_url()).content.decode()
        given = {"_form_submitted": "True", "note": NOTE, "vendor": vendor.pk}
        answer = client.post(address, {**given, **FORMS.get(deed, {})})
        ticket.refresh_from_db()
        allowed = role in MAY[deed] and state in EXPECTED[deed]
        assert is_offered is allowed, state
        if allowed:
            assert answer["HX-Redirect"] == ticket.get_absolute_url()
            assert ticket.state == EXPECTED[deed][state]
            continue
        assert ticket.state == state and ticket.events.count() == 1
        page = answer.content.decode()
        if role in MAY[deed]:  # refused in the dialog, where one reads it
            assert answer.status_code == 200 and ticket.number in page
        else:
            assert answer.status_code == 403
        assert str(deed.label) in page


def test_what_the_system_does_nobody_does_by_hand() -> None:
    from maintenance.ticket_steps import step

    chief = User.objects.create_superuser("kepala")
    for deed in (deed for deed, rule in RULES.items() if not rule.permission):
        for state in TicketState:
            ticket = ticket_in(state)
            with pytest.raises(TicketError, match=str(deed.label)), step(ticket, deed, chief):
                pass
            assert ticket.events.count() == 1


@pytest.mark.parametrize("deed", [deed for deed, rule in RULES.items() if rule.needs_note])
def test_where_a_note_is_needed_blanks_are_none(deed: TicketDeed) -> None:
    chief = member("supervisor")
    state = next(iter(EXPECTED[deed]))
    ticket = ready_ticket(state)
    blank = {
        D.OVERRIDE: lambda: deeds.override(ticket, chief, "  "),
        D.REOPEN: lambda: deeds.reopen(ticket, chief, " \n"),
        D.CANCEL: lambda: deeds.cancel(ticket, chief, CancelReason.FALSE_ALARM, ""),
    }[deed]
    with pytest.raises(TicketError, match=str(deed.label)):
        blank()
    assert TicketEvent.objects.filter(ticket=ticket).count() == 1


def test_the_page_in_docs_is_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("ticket_rules")
    page = Path(__file__).parents[2] / "docs" / "tickets.md"
    assert page.read_text() == capsys.readouterr().out
