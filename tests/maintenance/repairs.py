"""Tickets that tests begin with, the people who work on them, and cameras that prove a repair."""

from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone

from cameras.models import Camera
from maintenance import tickets
from maintenance.models import Ticket, TicketDeed, TicketEvent, TicketState, Vendor, WaitCause
from monitoring.models import CameraHealth, Incident
from monitoring.verdicts import Verdict
from tests.factories import make_camera, make_user

# What each role may do; the state decides the rest.
ROLES: dict[str, tuple[str, ...]] = {
    "viewer": ("view_ticket",),
    "operator": (
        "view_ticket",
        "add_ticket",
        "acknowledge_ticket",
        "assign_ticket",
        "snooze_ticket",
    ),
    "technician": ("view_ticket", "add_ticket", "acknowledge_ticket", "repair_ticket"),
    "supervisor": (
        "view_ticket",
        "add_ticket",
        "acknowledge_ticket",
        "assign_ticket",
        "repair_ticket",
        "snooze_ticket",
        "verify_ticket",
        "override_ticket",
        "reopen_ticket",
        "cancel_ticket",
        "run_package",
        "sign_package",
        "accept_package",
    ),
}


def member(role: str, **fields: Any) -> User:
    """Somebody with this role."""
    return make_user(*(f"maintenance.{name}" for name in ROLES[role]), **fields)


def begin_incident(camera: Camera | None = None) -> Incident:
    now = timezone.now()
    return Incident.objects.create(
        camera=camera or make_camera(), verdict=Verdict.BLACK, began_at=now, confirmed_at=now
    )


def end(incident: Incident) -> None:
    Incident.objects.filter(pk=incident.pk).update(ended_at=timezone.now())


def prove(camera: Camera | None, probes: int = 3) -> None:
    """Let the camera have been healthy in so many probes in a row."""
    CameraHealth.objects.update_or_create(
        camera=camera,
        defaults={
            "verdict": Verdict.HEALTHY,
            "healthy_in_row": probes,
            "probed_at": timezone.now(),
        },
    )


def recovered_ticket() -> Ticket:
    """One whose camera is healthy again, and has not proven yet that it stays so."""
    incident = begin_incident()
    tickets.open_due()
    end(incident)
    tickets.settle_recovered()
    return Ticket.objects.get(camera=incident.camera)


def proven_ticket() -> Ticket:
    """One whose camera has proven it."""
    ticket = recovered_ticket()
    prove(ticket.camera)
    return ticket


def ticket_in(state: str, **fields: Any) -> Ticket:
    """A ticket that stands in a state, with what the state asks for."""
    state = TicketState(state)
    given: dict[str, Any] = {"opened_at": timezone.now(), **fields}
    if "camera" not in given and "uplink" not in given:
        given["camera"] = make_camera()
    if state == TicketState.WAITING:
        given.setdefault("wait_cause", WaitCause.PART)
    if state == TicketState.CANCELLED:
        given.setdefault("cancel_reason", "false_alarm")
    if not state.is_open:
        given.setdefault("closed_at", timezone.now())
    ticket = Ticket.objects.create(state=state, **given)
    TicketEvent.objects.create(
        ticket=ticket,
        at=ticket.opened_at,
        deed=TicketDeed.OPENED,
        to_state=state,
        cause=ticket.wait_cause,
    )
    return ticket


def make_vendor(name: str = "PT Lensa Jaya Abadi", **fields: Any) -> Vendor:
    return Vendor.objects.get_or_create(name=name, defaults=fields)[0]


def history(ticket: Ticket) -> list[tuple[str, str]]:
    return [(event.from_state, event.to_state) for event in ticket.events.all()]


def deeds_of(ticket: Ticket) -> list[str]:
    return [event.deed for event in ticket.events.all()]
