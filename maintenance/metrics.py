"""This floor's figures for `/metrics`; see monitoring.metrics."""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Count
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric

from maintenance.models import MailState, ReportDelivery, Ticket, TicketState


def collect(now: datetime) -> Iterator[Metric]:
    """Tickets by state, those without any included: a figure that vanishes is an alarm."""
    found: dict[str, int] = dict(
        Ticket.objects.values_list("state").annotate(count=Count("pk")).order_by()
    )
    family = GaugeMetricFamily("cctv_tickets", "Repair tickets by state.", None, ["state"])
    for state in TicketState:
        family.add_metric([state.value], found.get(state.value, 0))
    yield family
    yield _mails()


def _mails() -> Metric:
    """Reports on their way, and those given up; what was sent is no news."""
    left = (MailState.WAITING, MailState.GIVEN_UP)
    found: dict[str, int] = dict(
        ReportDelivery.objects.filter(state__in=left)
        .values_list("state")
        .annotate(count=Count("pk"))
        .order_by()
    )
    family = GaugeMetricFamily("cctv_report_mails", "Report mails not sent.", None, ["state"])
    for state in left:
        family.add_metric([state.value], found.get(state.value, 0))
    return family
