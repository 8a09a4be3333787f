"""Each subscription gets the report of each week, once.

    open_due   Monday has come: a delivery row for every subscription that has none
    send_due   every row whose turn it is: claim it, have its report made, send it, note it

Rows are all the memory there is. Two schedulers open one row (a constraint says so), two workers
send one mail (the claim does), and a Monday on which nothing ran is made up for. One that is
refused is tried again, more and more rarely, for three days; then it is given up, and the admin
shows it so.
"""

import logging
from collections.abc import Callable
from datetime import datetime

from django.conf import settings
from django.contrib.auth.models import User
from django.utils import timezone, translation
from django.utils.translation import gettext

from maintenance.models import MailState, Report, ReportDelivery, ReportSubscription
from maintenance.report import keeping, mailing
from maintenance.report.weeks import Week, due_weeks

__all__ = ["open_due", "revive", "send_by_hand", "send_due", "tend"]

log = logging.getLogger(__name__)


def tend(now: datetime | None = None) -> dict[str, int]:
    """Open and send all that is due now."""
    return {"opened": open_due(now), "sent": send_due(now)}


def open_due(now: datetime | None = None) -> int:
    """Give every subscription its delivery of every week that is due; how many were new."""
    now = now or timezone.now()
    with translation.override(settings.LANGUAGE_CODE):
        weeks = due_weeks(now, settings.REPORT_CATCH_UP_WEEKS)
        return sum(_open(week, now) for week in weeks)


def send_due(now: datetime | None = None, still_time: Callable[[], bool] = lambda: True) -> int:
    """Send every mail whose turn it is; how many were sent. Ends early without `still_time`."""
    now = now or timezone.now()
    due = mailing.waiting(ReportDelivery.objects.all(), now).order_by("next_try_at", "pk")
    sent = 0
    for delivery in due.select_related("report__agency", "report__area"):
        if not still_time():
            break
        outcome = send(delivery, now)
        sent += outcome.sent
        if outcome.server_is_away:
            break  # the others would only wait for it, too
    return sent


def send(delivery: ReportDelivery, now: datetime) -> mailing.Outcome:
    """Send one, if its report is there and nobody else has claimed it."""
    if not _is_made(delivery.report, now) or not mailing.claim(delivery, now):
        return mailing.Outcome(sent=False)
    return mailing.send_claimed(
        delivery,
        now,
        lambda: mailing.give_to_server(delivery, keeping.letter_of(delivery.report)),
    )


def send_by_hand(report: Report, address: str, by: User | None) -> ReportDelivery:
    """Have a report sent to an address, whether or not it was before; it goes out at once, or
    with the next run when the server does not take it.
    """
    now = timezone.now()
    delivery = ReportDelivery.objects.create(
        report=report,
        monday=report.monday,
        address=address,
        is_repeat=True,
        sent_by=by,
        created_at=now,
        next_try_at=now,
    )
    send(delivery, now)
    delivery.refresh_from_db()
    return delivery


def revive(delivery: ReportDelivery) -> mailing.Outcome:
    """Try a mail that has not been sent now, also one that was given up."""
    now = timezone.now()
    ReportDelivery.objects.filter(pk=delivery.pk).exclude(state=MailState.SENT).update(
        state=MailState.WAITING, next_try_at=now
    )
    delivery.refresh_from_db()
    return send(delivery, now)


def _open(week: Week, now: datetime) -> int:
    served = ReportDelivery.objects.filter(monday=week.monday, is_repeat=False)
    missing = (
        ReportSubscription.objects.active()
        .filter(wants_weekly=True, active_since__lte=week.due_at)
        .exclude(pk__in=served.exclude(subscription=None).values("subscription"))
        .select_related("user", "agency", "area")
    )
    rows = []
    for subscription in missing:
        address = subscription.address
        rows.append(
            ReportDelivery(
                report=keeping.report_of(week, keeping.scope_of(subscription)),
                subscription=subscription,
                monday=week.monday,
                address=address,
                created_at=now,
                next_try_at=now,
                state=MailState.WAITING if address else MailState.GIVEN_UP,
                problem="" if address else gettext("This person has no e-mail address."),
            )
        )
    # Another scheduler may just be doing the same.
    ReportDelivery.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def _is_made(report: Report, now: datetime) -> bool:
    """Have it made; one that cannot be made keeps no other from being sent."""
    try:
        return keeping.make(report, now)
    except Exception:
        log.exception("The report %s of %s could not be made", report.scope, report.monday)
        return False
