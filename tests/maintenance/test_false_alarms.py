"""A false alarm is said once, to the ticket or to the eye, and holds for both."""

from datetime import timedelta

import pytest
from django.utils import timezone

from cameras.models import Camera
from maintenance import ticket_deeds, tickets
from maintenance.models import CancelReason, Ticket, TicketDeed, TicketState
from maintenance.tasks import tend_tickets
from monitoring.feedback import call_false_alarm
from monitoring.models import Incident, Lesson
from monitoring.recording import record
from monitoring.verdicts import Verdict
from tests.factories import claimed, make_camera, make_user, seen

pytestmark = pytest.mark.django_db


def ticket_of(camera: Camera) -> Ticket:
    """The ticket of a camera that was healthy, and then confirmed to be moved."""
    start = timezone.now() - timedelta(minutes=30)
    record(claimed(camera), [seen(camera, Verdict.HEALTHY, start)])
    for minute in (5, 10, 15):
        record(claimed(camera), [seen(camera, Verdict.MOVED, start + timedelta(minutes=minute))])
    tickets.open_due()
    return Ticket.objects.get(camera=camera)


def test_what_the_eye_was_told_cancels_the_ticket() -> None:
    ticket = ticket_of(make_camera())
    call_false_alarm(Incident.objects.get().pk, "Pohonnya sudah dipangkas.", None)
    assert tend_tickets()["false"] == 1 and tend_tickets()["false"] == 0
    ticket.refresh_from_db()
    assert (ticket.state, ticket.cancel_reason) == (TicketState.CANCELLED, CancelReason.FALSE_ALARM)
    event = ticket.events.get(deed=TicketDeed.CANCEL)
    assert event.note == "Pohonnya sudah dipangkas." and event.actor is None


def test_a_ticket_with_another_fault_that_was_real_goes_on() -> None:
    camera = make_camera()
    ticket = ticket_of(camera)
    call_false_alarm(Incident.objects.get().pk, "Pohonnya sudah dipangkas.", None)
    for minute in (2, 1, 0):
        at = timezone.now() - timedelta(minutes=minute)
        record(claimed(camera), [seen(camera, Verdict.BLACK, at)])
    result = tend_tickets()
    assert (result["opened"], result["false"]) == (1, 0)
    ticket.refresh_from_db()
    assert TicketState(ticket.state).is_open


def test_what_the_ticket_was_cancelled_for_teaches_the_eye() -> None:
    camera = make_camera()
    ticket = ticket_of(camera)
    person = make_user("maintenance.cancel_ticket")
    ticket_deeds.cancel(ticket, person, CancelReason.FALSE_ALARM, "Kamera memang diarahkan ulang.")
    lesson = Lesson.objects.get()
    assert (lesson.camera, lesson.verdict) == (camera, Verdict.MOVED)
    assert (lesson.reason, lesson.taught_by) == ("Kamera memang diarahkan ulang.", person)
    assert Incident.objects.get().ended_at is not None


def test_a_duplicate_teaches_nothing() -> None:
    ticket = ticket_of(make_camera())
    ticket_deeds.cancel(ticket, None, CancelReason.DUPLICATE, "Sama dengan TP-2.")
    assert not Lesson.objects.exists()
    assert Incident.objects.get().ended_at is None
