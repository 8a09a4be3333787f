"""What a report says of repairs: tickets, and what faulty time waited for."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q, QuerySet

from maintenance import attribution
from maintenance.models import Ticket, TicketDeed, TicketEvent, TicketState
from maintenance.report.figures import Cause, EyeRow, TicketRow, Tickets
from maintenance.report.health_figures import LISTED_WHOLE
from maintenance.report.scopes import Scope
from maintenance.report.weeks import Week
from monitoring.models import Incident
from monitoring.verdicts import Verdict

__all__ = ["causes", "eye", "repair_times", "tickets"]

_DAY = timedelta(days=1)
_WELL = (TicketDeed.RECOVERED, TicketDeed.BACK)
_ILL = (TicketDeed.FAULT, TicketDeed.RETURNED, TicketDeed.RELAPSED)
_Turn = tuple[datetime, str, str]  # when, the state after it, the deed


@dataclass(frozen=True)
class _Standing:
    """How a ticket stood at a moment."""

    state: TicketState
    recovered_at: datetime | None
    closed_at: datetime | None

    @property
    def is_open(self) -> bool:
        return self.state.is_open

    def closed_since(self, moment: datetime) -> bool:
        return self.closed_at is not None and self.closed_at >= moment


def tickets(scope: Scope, week: Week, as_of: datetime) -> Tickets:
    """The tickets of a week: those opened or closed in it, and those left at its end."""
    mine = Ticket.objects.filter(scope.of_incidents())
    before = week.previous
    # Of these alone the history matters: the others were closed earlier, and for good.
    lively = mine.filter(opened_at__lt=as_of).filter(
        Q(closed_at=None) | Q(closed_at__gte=before.begin)
    )
    histories = _histories(lively, as_of)
    stood = {
        pk: standing
        for pk, history in histories.items()
        if (standing := _standing(history, as_of)).is_open or standing.closed_since(week.begin)
    }
    found = lively.select_related("camera__site", "uplink__site").order_by("pk")
    rows = [_row(each, stood[each.pk], as_of) for each in found if each.pk in stood]
    earlier = [_standing(history, before.end) for history in histories.values()]
    return Tickets(
        opened=_between(mine, "opened_at", week.begin, as_of),
        opened_before=_between(mine, "opened_at", before.begin, before.end),
        closed=sum(not each.is_open for each in stood.values()),
        closed_before=sum(each.closed_since(before.begin) for each in earlier),
        unclosed=sum(each.is_open for each in stood.values()),
        overdue=sum(row.is_overdue for row in rows),
        rows=rows,
    )


def repair_times(scope: Scope, begin: datetime, end: datetime) -> dict[int | None, list[timedelta]]:
    """From a ticket's opening to the recovery, of those that recovered in this time, by camera.

    By the history, as it was at the end: a fault that came back later takes nothing away.
    """
    mine = Ticket.objects.filter(scope.of_incidents())
    events = TicketEvent.objects.filter(
        ticket__in=mine.values("pk"), at__gte=begin, at__lt=end, deed__in=[*_WELL, *_ILL]
    )
    last: dict[int, tuple[int | None, str, timedelta]] = {
        pk: (camera, deed, at - opened)
        for pk, camera, deed, at, opened in events.order_by("at", "pk").values_list(
            "ticket_id", "ticket__camera_id", "deed", "at", "ticket__opened_at"
        )
    }
    found: dict[int | None, list[timedelta]] = defaultdict(list)
    for camera, deed, took in last.values():
        if deed in _WELL:
            found[camera].append(took)
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


def _histories(tickets: QuerySet[Ticket], until: datetime) -> dict[int, list[_Turn]]:
    """What happened to each ticket before a moment, in order."""
    events = TicketEvent.objects.filter(ticket__in=tickets.values("pk"), at__lt=until)
    found: dict[int, list[_Turn]] = defaultdict(list)
    rows = events.order_by("at", "pk").values_list("ticket_id", "at", "to_state", "deed")
    for pk, at, state, deed in rows:
        found[pk].append((at, state, deed))
    return found


def _standing(history: Iterable[_Turn], moment: datetime) -> _Standing:
    """How a ticket stood at a moment. Its own row says only how it stands now."""
    state, closed_at, recovered_at = TicketState.NEW, None, None
    for at, to_state, deed in history:
        if at >= moment:
            break
        state = TicketState(to_state)
        closed_at = None if state.is_open else closed_at or at
        if deed in _WELL:
            recovered_at = at
        elif deed in _ILL:
            recovered_at = None
    return _Standing(state, recovered_at, closed_at)


def _row(ticket: Ticket, stood: _Standing, as_of: datetime) -> TicketRow:
    site = ticket.subject.site
    return TicketRow(
        ticket.number,
        str(ticket.subject),
        site.name if site else "",
        str(stood.state.label),
        ticket.opened_at,
        stood.recovered_at,
        stood.closed_at,
        _is_overdue(ticket, stood.state, as_of),
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
