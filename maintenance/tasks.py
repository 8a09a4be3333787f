"""Celery's side of maintenance: each task is a call of deeds."""

from celery import shared_task

from maintenance import comments, tickets


@shared_task(name="maintenance.tickets")
def tend_tickets() -> dict[str, int]:
    """Open the tickets that are due, and move on those whose cameras recovered."""
    return {"opened": tickets.open_due(), "recovered": tickets.settle_recovered()}


@shared_task(name="maintenance.mentions")
def mail_mentions() -> int:
    """Mail those who are mentioned in comments and do not know it yet."""
    return comments.send_due()
