"""What a ticket's page shows, put together from a fixed number of queries.

Whoever adds to the page appends a Panel: a template, and a function that gives its context.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from cameras.reach import owns, reach_of
from maintenance.attribution import Cause, stretches
from maintenance.models import PictureKind, Priority, Ticket, TicketEvent, TicketState
from maintenance.ticket_proof import Proof, proof_of
from maintenance.ticket_steps import change_in_words, field_in_words
from monitoring.admin.incidents import evidence, parts_of
from monitoring.admin.shared import health_of, latest_url, snapshot_url
from monitoring.models import Incident, Snapshot, SnapshotKind

__all__ = ["PANELS", "Panel", "incidents_of", "page_context"]


@dataclass(frozen=True)
class Panel:
    """A part of the page between pictures and history."""

    template: str
    context: Callable[[HttpRequest, Ticket], dict[str, Any]]


PANELS: list[Panel] = []


@dataclass(frozen=True)
class Picture:
    """One of the two that stand side by side."""

    title: str
    url: str | None
    at: datetime | None
    none: str = ""  # said in place of the picture


def page_context(request: HttpRequest, ticket: Ticket) -> dict[str, Any]:
    """Everything that ticket.html and ticket_history.html need."""
    incidents, now = incidents_of(ticket), timezone.now()
    awaits = ticket.state == TicketState.AWAITING_VERIFICATION
    is_running = any(incident.ended_at is None for incident in incidents)
    proof = proof_of(ticket, is_running, _known(ticket)) if awaits else None
    events = _events(ticket)
    return {
        "ticket": ticket,
        "now": now,
        "state_colour": TicketState(ticket.state).colour,
        "priority_colour": Priority(ticket.priority).colour,
        "is_overdue": ticket.is_overdue(now),
        "is_unanswered": ticket.is_open and ticket.is_unanswered(now),
        "is_unrepaired": ticket.is_open and ticket.is_unrepaired(now),
        "is_snoozed": bool(ticket.snoozed_until and ticket.snoozed_until > now),
        "fault": incidents[0].in_words if incidents else "",
        "fault_verdict": incidents[0].verdict if incidents else "",
        "proof": proof,
        "proof_steps": _steps(proof),
        "before_and_after": _before_and_after(ticket, incidents, events),
        "incidents": evidence(incidents),
        "parts": parts_of(incidents, reach_of(request.user)),
        "events": [_event(event) for event in reversed(events)],
        "shares": _shares(events, incidents, now),
        "package_links": _packages(request, ticket),
        "panels": [
            {"template": panel.template, **panel.context(request, ticket)} for panel in PANELS
        ],
        "subject_url": _subject_url(ticket),
    }


def incidents_of(ticket: Ticket) -> list[Incident]:
    """Its incidents, the latest first; from what the admin's queryset has fetched."""
    return [link.incident for link in ticket.links.all()]


def _packages(request: HttpRequest, ticket: Ticket) -> list[dict[str, Any]]:
    """The packages that it waits or waited for; by name for those who may see them."""
    found = ticket.package_links.select_related("package__line")
    reach, may = reach_of(request.user), request.user.has_perm("maintenance.view_package")
    return [
        {
            "left_at": link.left_at,
            "state": link.package.get_state_display(),
            "package": link.package if may and owns(reach, link.package) else None,
        }
        for link in found
    ]


def _known(ticket: Ticket) -> list[int] | None:
    """The healthy probes in a row of the ticket's camera, which was read along."""
    if ticket.camera is None:
        return None
    health = health_of(ticket.camera)
    return [health.healthy_in_row] if health and ticket.camera.is_monitored else []


def _subject_url(ticket: Ticket) -> str:
    model = "camera" if ticket.camera_id else "uplink"
    return reverse(f"admin:cameras_{model}_change", args=[ticket.subject.pk])


def _steps(proof: Proof | None) -> list[bool]:
    """A mark for each probe that is needed: seen healthy, or not yet."""
    if proof is None:
        return []
    return [number < proof.probes for number in range(proof.needed)]


def _before_and_after(
    ticket: Ticket, incidents: list[Incident], events: list[TicketEvent]
) -> list[Picture]:
    """How it should look, the fault, and the mended camera.

    For an uplink, the incidents of its cameras have them.
    """
    if ticket.camera_id is None:
        return []
    has_kept = ticket.reported_fault or any(each.to_state == "closed" for each in events)
    kept = {picture.kind: picture for picture in ticket.pictures.all()} if has_kept else {}
    shown = []
    if healthy := _first(incidents, SnapshotKind.BEFORE):
        shown.append(Picture(_("Last healthy picture"), snapshot_url(healthy), healthy.taken_at))
    if before := kept.get(PictureKind.BEFORE):
        shown.append(Picture(_("Before: as reported"), _kept_url(before), before.taken_at))
    else:
        fault = _first(incidents, SnapshotKind.FAULT)
        words = incidents[0].in_words if incidents else ""
        shown.append(
            Picture(
                _("Before: the fault"),
                snapshot_url(fault) if fault else None,
                fault.taken_at if fault else None,
                words,
            )
        )
    return [*shown, _after(ticket, incidents, kept.get(PictureKind.AFTER))]


def _first(incidents: list[Incident], kind: SnapshotKind) -> Snapshot | None:
    """The picture of this kind of the latest incident that has one."""
    found = (incident.snapshot(kind) for incident in incidents)
    return next((snapshot for snapshot in found if snapshot), None)


def _after(ticket: Ticket, incidents: list[Incident], kept: Any) -> Picture:
    if kept is not None:
        return Picture(_("After: the repaired camera"), _kept_url(kept), kept.taken_at)
    health = getattr(ticket.camera, "health", None)
    if ticket.is_open and health is not None and health.picture_at:
        return Picture(_("Now: the latest picture"), latest_url(health), health.picture_at)
    recovered = _first(incidents, SnapshotKind.AFTER)
    return Picture(
        _("After: the recovered camera"),
        snapshot_url(recovered) if recovered else None,
        recovered.taken_at if recovered else None,
    )


def _kept_url(picture: Any) -> str:
    return reverse("admin:maintenance_ticket_picture", args=[picture.pk])


def _events(ticket: Ticket) -> list[TicketEvent]:
    found = ticket.events.select_related("actor", "assignee", "vendor")
    return list(found)


def _shares(events: list[TicketEvent], incidents: list[Incident], now: datetime) -> list[Any]:
    """To what the ticket's time went, in days and as a share of the whole."""
    began = min((incident.began_at for incident in incidents), default=None)
    by_cause: dict[Cause, timedelta] = {}
    for each in stretches(events, now, began):
        by_cause[each.cause] = by_cause.get(each.cause, timedelta()) + (each.end - each.begin)
    total = sum(by_cause.values(), timedelta())
    return [
        {
            "cause": cause,
            "days": by_cause[cause] / timedelta(days=1),
            "percent": f"{100 * (by_cause[cause] / total):.2f}",
        }
        for cause in Cause
        if cause in by_cause and total
    ]


def _event(event: TicketEvent) -> dict[str, Any]:
    moved = event.from_state != event.to_state
    return {
        "event": event,
        "colour": TicketState(event.to_state).colour if moved else "default",
        "moved": moved,
        "reason": change_in_words("cancel_reason", event.changes["cancel_reason"][1])
        if event.to_state == TicketState.CANCELLED and "cancel_reason" in event.changes
        else "",
        "changes": [
            {
                "label": field_in_words(name),
                "old": change_in_words(name, old),
                "new": change_in_words(name, new),
            }
            for name, (old, new) in event.changes.items()
            if not (moved and name in ("wait_cause", "cancel_reason"))  # beside the state
        ],
    }
