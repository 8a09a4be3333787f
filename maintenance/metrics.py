"""This floor's figures for `/metrics`; see monitoring.metrics."""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Count
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric

from maintenance.models import Ticket, TicketState


def collect(now: datetime) -> Iterator[Metric]:
    """Tickets by state, those without any included: a figure that vanishes is an alarm."""
    found: dict[str, int] = dict(
        Ticket.objects.values_list("state").annotate(count=Count("pk")).order_by()
    )
    family = GaugeMetricFamily("cctv_tickets", "Repair tickets by state.", None, ["state"])
    for state in TicketState:
        family.add_metric([state.value], found.get(state.value, 0))
    yield family
