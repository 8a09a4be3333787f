"""Workers, staff and a recovering camera at one ticket at the same moment: one history."""

import itertools
import random
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from maintenance import ticket_deeds, tickets
from maintenance.attribution import stretches
from maintenance.models import ReportedFault, Ticket, TicketEvent, TicketState, WaitCause
from maintenance.ticket_rules import RULES
from monitoring.models import CameraHealth, Incident
from monitoring.recording import record
from monitoring.verdicts import Verdict
from tests.concurrency import at_once
from tests.factories import claimed, make_camera, seen
from tests.maintenance.repairs import begin_incident, end, make_vendor, member

pytestmark = pytest.mark.django_db(transaction=True)


def tried(deed: Callable[[], object]) -> Callable[[], bool]:
    """Whether it was done; False when the rules refused it."""

    def run() -> bool:
        try:
            deed()
        except tickets.TicketError:
            return False
        return True

    return run


def expect_one_consistent_history(ticket: Ticket) -> None:
    """Each step begins where the one before it ended, by the rules, and the last is the state."""
    ticket.refresh_from_db()
    events = list(ticket.events.order_by("pk"))
    assert (events[0].from_state, events[0].to_state) == ("", TicketState.NEW)
    for before, after in itertools.pairwise(events):
        assert after.from_state == before.to_state
        assert after.at >= before.at
        rule = RULES[after.deed]
        assert TicketState(after.from_state) in rule.sources
        assert after.to_state == (rule.to or after.from_state)
    last = events[-1]
    assert (ticket.state, ticket.wait_cause) == (last.to_state, last.cause)
    assert (ticket.assignee_id, ticket.vendor_id) == (last.assignee_id, last.vendor_id)
    assert (ticket.closed_at is None) == ticket.is_open
    # No moment of it is lost or counted twice.
    until = timezone.now() + timedelta(hours=1)
    parts = stretches(events, until)
    for earlier, later in itertools.pairwise(parts):
        assert earlier.end <= later.begin


@pytest.mark.parametrize("seed", range(6))
def test_two_workers_two_staff_and_a_recovering_camera_leave_one_history(seed: int) -> None:
    camera = make_camera()
    incident = begin_incident(camera)
    CameraHealth.objects.create(camera=camera, verdict=Verdict.BLACK, since=incident.began_at)
    tickets.open_due()
    ticket = Ticket.objects.get()
    operator, chief, vendor = member("operator"), member("supervisor"), make_vendor()

    def worker() -> None:
        for _each in range(3):
            tickets.open_due()
            tickets.settle_recovered()
            tickets.close_proven()

    def staff(who: User, seed: int) -> Callable[[], None]:
        choice = random.Random(seed)
        mine = Ticket.objects.get(pk=ticket.pk)
        deeds = [
            lambda: ticket_deeds.acknowledge(mine, who),
            lambda: ticket_deeds.assign(mine, who, vendor=vendor),
            lambda: ticket_deeds.begin_repair(mine, who),
            lambda: ticket_deeds.wait(mine, who, WaitCause.PART),
            lambda: ticket_deeds.repaired(mine, who),
            lambda: ticket_deeds.override(mine, who, "Sudah dilihat sendiri."),
            lambda: ticket_deeds.cancel(mine, who, "false_alarm", "Bayangan."),
        ]

        def run() -> None:
            for _each in range(5):
                tried(choice.choice(deeds))()

        return run

    def recovering() -> None:
        for verdict in (Verdict.HEALTHY, Verdict.HEALTHY, Verdict.BLACK, Verdict.BLACK):
            record(claimed(camera), [seen(camera, verdict)])
        record(claimed(camera), [seen(camera, Verdict.BLACK)])

    at_once(worker, worker, staff(operator, seed), staff(chief, seed + 100), recovering)
    worker()

    assert Ticket.objects.filter(camera=camera).unclosed().count() <= 1
    assert not Incident.objects.filter(ticket_link=None).exists()
    for each in Ticket.objects.all():
        expect_one_consistent_history(each)


def test_one_button_pressed_by_four_at_once_is_done_once() -> None:
    begin_incident()
    tickets.open_due()
    ticket = Ticket.objects.get()
    people = [member("operator") for _each in range(4)]
    done = at_once(
        *(
            tried(lambda who=who: ticket_deeds.acknowledge(Ticket.objects.get(), who))
            for who in people
        )
    )
    assert sorted(done) == [False, False, False, True]
    assert ticket.events.filter(to_state=TicketState.ACKNOWLEDGED).count() == 1
    expect_one_consistent_history(ticket)


def test_a_person_and_two_workers_who_open_one_at_once_open_one() -> None:
    camera = make_camera()
    begin_incident(camera)
    opened = at_once(
        tickets.open_due,
        tickets.open_due,
        tried(
            lambda: ticket_deeds.open_by_hand(camera, ReportedFault.CITIZEN, "Layar gelap.", None)
        ),
    )
    tickets.open_due()
    assert Ticket.objects.count() == 1
    assert Ticket.objects.get().links.count() == 1
    assert sum(opened[:2]) <= 1
    expect_one_consistent_history(Ticket.objects.get())


def test_a_fault_that_returns_while_workers_close_is_never_lost() -> None:
    for _each in range(4):
        camera = make_camera()
        end(begin_incident(camera))
        tickets.open_due()
        tickets.settle_recovered()
        CameraHealth.objects.create(camera=camera, verdict=Verdict.HEALTHY, healthy_in_row=3)
        ticket = camera.tickets.get()

        def fault(camera=camera) -> None:
            begin_incident(camera)
            tickets.open_due()

        at_once(tickets.close_proven, tickets.close_proven, fault)
        tickets.open_due()
        ticket.refresh_from_db()
        assert ticket.state == TicketState.REOPENED
        assert TicketEvent.objects.filter(ticket=ticket, deed="proven").count() <= 1
        expect_one_consistent_history(ticket)
