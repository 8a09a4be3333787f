"""Celery's side of maintenance: each task is a call of deeds."""

from celery import shared_task
from django.utils import timezone

from maintenance import comments, false_alarms, overdue, ticket_proof, tickets


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
