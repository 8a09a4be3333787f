"""Celery's side of maintenance: each task is a call of deeds."""

import time

from celery import shared_task
from django.utils import timezone

from maintenance import comments, false_alarms, overdue, ticket_proof, tickets
from maintenance.report import delivery, urgent

# What is left then, the next run does.
_SENDING_SECONDS = 240


@shared_task(name="maintenance.tickets")
def tend_tickets() -> dict[str, int]:
    """Open the tickets that are due, and move on those whose cameras recovered or were well."""
    return {
        "opened": tickets.open_due(),
        "false": false_alarms.cancel_called_false(),
        "recovered": tickets.settle_recovered(),
        "closed": tickets.close_proven(),
    }


@shared_task(name="maintenance.remind")
def remind() -> dict[str, int]:
    """Tell the agencies of overdue tickets, once a day; reckon priorities; prune pictures."""
    now = timezone.now()
    return {
        "rated": tickets.rate_again(),
        "mails": overdue.send_due(now),
        "pruned": ticket_proof.prune(now),
    }


@shared_task(name="maintenance.mentions")
def mail_mentions() -> int:
    """Mail those who are mentioned in comments and do not know it yet."""
    return comments.send_due()


@shared_task(name="maintenance.reports")
def tend_reports() -> dict[str, int]:
    """Open the deliveries of weekly reports that are due, and send those whose turn it is."""
    until = time.monotonic() + _SENDING_SECONDS
    opened = delivery.open_due()
    return {
        "opened": opened,
        "sent": delivery.send_due(still_time=lambda: time.monotonic() < until),
    }


@shared_task(name="maintenance.urgent")
def tell_what_cannot_wait() -> dict[str, int]:
    """Tell of floodgates and uplinks that are down."""
    return urgent.tend()
