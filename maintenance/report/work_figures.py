"""What a report says of repairs: tickets, and what faulty time waited for."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime, timedelta

from django.db.models import Count, Q, QuerySet

from maintenance import attribution
from maintenance.models import Ticket, TicketEvent, TicketState
from maintenance.report.figures import Cause, EyeRow, TicketRow, Tickets
from maintenance.report.health_figures import LISTED_WHOLE
from maintenance.report.scopes import Scope
from maintenance.report.weeks import Week
from monitoring.models import Incident
from monitoring.verdicts import Verdict

_DAY = timedelta(days=1)

__all__ = ["causes", "eye", "repair_times", "tickets"]


def tickets(scope: Scope, week: Week, as_of: datetime) -> Tickets:
    """The tickets of a week: those opened or closed in it, and those left at its end."""
    mine = Ticket.objects.filter(scope.of_incidents())
    before = week.previous
    left = mine.filter(opened_at__lt=as_of).filter(Q(closed_at=None) | Q(closed_at__gte=as_of))
    touched = mine.filter(opened_at__lt=as_of).filter(
        Q(closed_at=None) | Q(closed_at__gte=week.begin)
    )
    found = list(touched.select_related("camera__site", "uplink__site").order_by("pk"))
    states = _states_at([each.pk for each in found], as_of)
    rows = [_row(each, TicketState(states.get(each.pk, each.state)), as_of) for each in found]
    return Tickets(
        opened=_between(mine, "opened_at", week.begin, as_of),
        opened_before=_between(mine, "opened_at", before.begin, before.end),
        closed=_between(mine, "closed_at", week.begin, as_of),
        closed_before=_between(mine, "closed_at", before.begin, before.end),
        unclosed=left.count(),
        overdue=sum(row.is_overdue for row in rows),
        rows=rows,
    )


def repair_times(scope: Scope, begin: datetime, end: datetime) -> dict[int | None, list[timedelta]]:
    """From a ticket's opening to the recovery, of those that recovered in this time, by camera."""
    found: dict[int | None, list[timedelta]] = defaultdict(list)
    rows = (
        Ticket.objects.filter(scope.of_incidents(), recovered_at__gte=begin, recovered_at__lt=end)
        .order_by()
        .values_list("pk", "camera_id", "opened_at", "recovered_at")
    )
    for _pk, camera, opened, recovered in rows:
        assert recovered is not None  # asked for
        found[camera].append(recovered - opened)
    return found


def causes(cameras: Collection[int], begin: datetime, end: datetime) -> list[Cause]:
    """Faulty camera-days of this time by what the repair waited for, the most first."""
    few = sorted(cameras) if len(cameras) <= LISTED_WHOLE else None
    by_cause: dict[attribution.Cause, timedelta] = defaultdict(timedelta)
    for camera, down in attribution.downtime_of(begin, end, few).items():
        if camera in cameras:
            for cause, time in down.by_cause.items():
                by_cause[cause] += time
    return [
        Cause(str(cause.label), time / _DAY, cause is attribution.Cause.PROCUREMENT)
        for cause, time in sorted(by_cause.items(), key=lambda each: -each[1])
    ]


def eye(scope: Scope, begin: datetime, end: datetime) -> list[EyeRow]:
    """Faults confirmed in this time by what the eye said, and those called false by its end."""
    rows = (
        Incident.objects.filter(scope.of_incidents(), uplink=None)  # no eye looks at uplinks
        .filter(confirmed_at__gte=begin, confirmed_at__lt=end)
        .order_by()
        .values_list("verdict")
        .annotate(
            incidents=Count("pk"),
            false_alarms=Count("lesson", filter=Q(lesson__taught_at__lt=end)),
        )
    )
    found = [EyeRow(Verdict(verdict), *numbers) for verdict, *numbers in rows]
    return sorted(found, key=lambda row: (-row.false_alarms, -row.incidents))


def _states_at(keys: list[int], moment: datetime) -> dict[int, str]:
    """The state in which each ticket was at a moment, by its history."""
    events = TicketEvent.objects.filter(ticket__in=keys, at__lt=moment).order_by("at", "pk")
    return dict(events.values_list("ticket_id", "to_state"))  # of each, the last one stays


def _row(ticket: Ticket, state: TicketState, as_of: datetime) -> TicketRow:
    site = ticket.subject.site
    return TicketRow(
        ticket.number,
        str(ticket.subject),
        site.name if site else "",
        str(state.label),
        ticket.opened_at,
        ticket.recovered_at,
        ticket.closed_at,
        _is_overdue(ticket, state, as_of),
    )


def _is_overdue(ticket: Ticket, state: TicketState, at: datetime) -> bool:
    """Whether it was late at this moment, as `TicketQuerySet.overdue` says it of now."""

    def before(moment: datetime | None) -> bool:
        return moment is not None and moment < at

    if not state.is_open:
        return False
    unanswered = before(ticket.response_due_at) and not before(ticket.responded_at)
    is_repaired = state is TicketState.AWAITING_VERIFICATION
    return unanswered or (before(ticket.repair_due_at) and not is_repaired)


def _between(rows: QuerySet[Ticket], field: str, begin: datetime, end: datetime) -> int:
    return rows.filter(**{f"{field}__gte": begin, f"{field}__lt": end}).count()
