"""A report is made once for each week and scope, and kept: what is sent again is what was sent."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from maintenance.models import Report, ReportFile, ReportSubscription
from maintenance.report.collecting import collect
from maintenance.report.mailing import Attachment, Letter
from maintenance.report.rendering import render
from maintenance.report.scopes import Scope
from maintenance.report.weeks import Week

__all__ = ["letter_of", "make", "preview", "report_of", "scope_of"]

# Making takes a minute at most; who has not come back by then has died.
_LEASE = timedelta(minutes=10)


def scope_of(holder: Report | ReportSubscription) -> Scope:
    """What a subscription, or a report, is about."""
    return Scope(holder.agency, holder.area)


def report_of(week: Week, scope: Scope) -> Report:
    """The report of a week and scope, made or not."""
    report, _created = Report.objects.get_or_create(
        monday=week.monday,
        scope=scope.key,
        defaults={"agency": scope.agency, "area": scope.area},
    )
    return report


def make(report: Report, now: datetime | None = None) -> bool:
    """Have the report made; False while somebody else is at it."""
    now = now or timezone.now()
    if report.made_at is not None:
        return True
    free = Q(claimed_at=None) | Q(claimed_at__lte=now - _LEASE)
    free |= Q(claimed_at__gt=now + _LEASE)  # after a step back of the clock
    mine = Report.objects.filter(free, pk=report.pk, made_at=None)
    if not mine.update(claimed_at=now):
        report.refresh_from_db()
        return report.made_at is not None
    # Should it fail, the claim stays: the next try is not before it has grown old.
    _make(report, now)
    report.refresh_from_db()
    return True


def preview(week: Week, scope: Scope, now: datetime | None = None) -> Letter:
    """What would be sent, without keeping it; also of a week that is not over yet."""
    return render(collect(week, scope, now or timezone.now()))[1]


def letter_of(report: Report) -> Letter:
    """The kept report as it goes out."""
    files = report.files.all()
    return Letter(
        report.subject,
        report.text,
        report.html,
        tuple(
            Attachment(each.name, each.content_type, bytes(each.content), each.content_id)
            for each in files
        ),
    )


def _make(report: Report, now: datetime) -> None:
    headline, letter = render(collect(Week(report.monday), scope_of(report), now))
    with transaction.atomic():
        made = Report.objects.filter(pk=report.pk, made_at=None).update(
            made_at=now,
            claimed_at=None,
            subject=letter.subject,
            headline=headline,
            html=letter.html,
            text=letter.text,
        )
        if made:  # else somebody was quicker after our claim had grown old
            ReportFile.objects.bulk_create(
                ReportFile(
                    report=report,
                    name=each.name,
                    content_type=each.content_type,
                    content_id=each.content_id,
                    content=each.content,
                )
                for each in letter.attachments
            )
