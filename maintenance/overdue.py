"""Overdue tickets: each agency is told of its own by mail, once on every working day.

One look, as often as one likes: every agency that has overdue tickets and no mail yet today gets
one. The row of `OverdueMail` is claimed first, by its insert or, when whoever claimed it died, by a
conditional update; then the mail is sent, and marked as sent. Two workers send one mail.
"""

from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from cameras.models import Agency
from maintenance.models import OverdueMail, Ticket, TicketQuerySet
from maintenance.ticket_priority import working_hours
from monitoring import mail

__all__ = ["overdue_of", "send_due"]


# A mail server that has not taken a mail by then has lost it, or we have.
_CLAIM_LASTS = timedelta(minutes=5)
_MOST_LISTED = 50


def send_due(now: datetime) -> int:
    """Send today's mails that are due and that no other worker is sending; how many."""
    hours = working_hours()
    local = timezone.localtime(now)
    if not hours.calendar.is_working_day(local.date()) or local.time() < hours.opens:
        return 0
    told = OverdueMail.objects.filter(day=local.date()).exclude(sent_at=None).values("agency")
    late = Ticket.objects.overdue(now).awake(now).exclude(agency=None).exclude(agency__in=told)
    agencies = Agency.objects.filter(pk__in=late.values("agency")).exclude(email="")
    return sum(_tell(agency, local.date(), now) for agency in agencies)


def overdue_of(agency: Agency, now: datetime) -> TicketQuerySet:
    """What the agency is told of, the most urgent first."""
    late = Ticket.objects.overdue(now).awake(now).filter(agency=agency)
    return late.order_by("-priority", "repair_due_at", "pk")


def _tell(agency: Agency, day: date, now: datetime) -> bool:
    """Claim and send one mail; False when it is another worker's, or could not be sent."""
    late = overdue_of(agency, now)
    count = late.count()
    if not count or not _claim(agency, day, count, now):
        return False
    mine = OverdueMail.objects.filter(agency=agency, day=day, claimed_at=now)
    if not _mail(agency, late, count, now):
        mine.filter(sent_at=None).delete()
        return False
    mine.update(sent_at=now)
    return True


def _claim(agency: Agency, day: date, count: int, now: datetime) -> bool:
    try:
        with transaction.atomic():
            OverdueMail.objects.create(agency=agency, day=day, tickets=count, claimed_at=now)
    except IntegrityError:
        left_behind = OverdueMail.objects.filter(
            agency=agency, day=day, sent_at=None, claimed_at__lte=now - _CLAIM_LASTS
        )
        return bool(left_behind.update(claimed_at=now, tickets=count))
    return True


def _mail(agency: Agency, late: TicketQuerySet, count: int, now: datetime) -> bool:
    """Send it; whether the mail server took it."""
    late = late.select_related("camera", "uplink", "site", "assignee", "vendor")
    tickets = list(late[:_MOST_LISTED])
    with translation.override(settings.LANGUAGE_CODE):
        subject = _("%(count)s overdue repair tickets: %(agency)s") % {
            "count": count,
            "agency": agency.name,
        }
        facts = {
            "agency": agency,
            "count": count,
            "more": count - len(tickets),
            "now": now,
            "site_address": settings.SITE_ADDRESS,
            "rows": [
                {
                    "ticket": ticket,
                    "is_unanswered": ticket.is_unanswered(now),
                    "is_unrepaired": ticket.is_unrepaired(now),
                }
                for ticket in tickets
            ],
        }
        body = render_to_string("mail/overdue.txt", facts)
    return mail.send(subject, body, [agency.email])
