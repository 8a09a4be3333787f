"""The admin's first page, put together from what each floor has to say."""

from typing import Any

from django.db.models import Count
from django.http import HttpRequest
from django.urls import reverse

from maintenance.models import Ticket, TicketState
from monitoring import dashboard


def first_page(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Unfold's DASHBOARD_CALLBACK: nothing that the person may not see elsewhere."""
    user = request.user
    if user.has_perm("cameras.view_camera"):
        context["verdict_counts"] = dashboard.counts()
        context["camera_cards"] = dashboard.cameras()
        context["last_probe"] = dashboard.last_probe()
        context["all_cameras_url"] = reverse("admin:cameras_camera_changelist")
    if user.has_perm("monitoring.view_incident"):
        context["outages"] = dashboard.outages()
    if user.has_perm("maintenance.view_ticket"):
        context["ticket_counts"] = _ticket_counts()
    return context


def _ticket_counts() -> list[dict[str, Any]]:
    found: dict[str, int] = dict(
        Ticket.objects.unclosed().values_list("state").annotate(count=Count("pk")).order_by()
    )
    url = reverse("admin:maintenance_ticket_changelist")
    return [
        {
            "label": state.label,
            "colour": state.colour,
            "number": found.get(state.value, 0),
            "url": f"{url}?state={state.value}",
        }
        for state in TicketState
        if state.is_open
    ]
