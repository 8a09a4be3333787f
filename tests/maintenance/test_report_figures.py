"""Every figure of a report, worked out again in a simple way from spans, tickets and ledger."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import cache
from itertools import pairwise
from typing import Any

import pytest
import time_machine
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from cameras.models import Agency, Area, Camera
from cameras.reach import EVERYTHING
from maintenance import attribution
from maintenance.ledger import balance
from maintenance.models import (
    BudgetLine,
    LedgerEntry,
    MonthlyPlan,
    Package,
    Ticket,
    TicketDeed,
    TicketEvent,
    TicketIncident,
)
from maintenance.package_progress import progress_of
from maintenance.report import money_figures
from maintenance.report.collecting import collect
from maintenance.report.figures import Figures
from maintenance.report.scopes import Scope
from maintenance.report.weeks import Week
from maintenance.ticket_steps import step
from monitoring import dashboard
from monitoring.models import HealthSpan, Incident, Lesson
from monitoring.verdicts import Verdict
from tests.factories import make_line
from tests.maintenance import report_city
from tests.maintenance.report_city import NOW, WEEK

pytestmark = pytest.mark.django_db

Stretch = tuple[datetime, datetime]


@pytest.fixture(scope="module")
def city(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Built once: each test's own transaction is one within this one, and none is kept."""
    with django_db_blocker.unblock(), transaction.atomic():
        report_city.build()
        yield
        transaction.set_rollback(True)
        members.cache_clear()


@pytest.fixture(params=["all", "agency", "area"])
def scope(request: Any, city: None, db: None) -> Scope:
    if request.param == "agency":
        return Scope(agency=Agency.objects.get(code="SDA"))
    return Scope(area=Area.objects.get(code="JP")) if request.param == "area" else Scope()


@pytest.fixture
def figures(scope: Scope) -> Figures:
    return collect(WEEK, scope, NOW)


@cache
def members(scope: Scope) -> list[Camera]:
    """The cameras of a scope, asked one by one; once for the city, which stays the same."""
    found = []
    for camera in Camera.objects.filter(is_monitored=True).select_related("site", "health"):
        agency = camera.agency or camera.site.agency
        places, area = [], camera.site.area
        while area is not None:
            places.append(area)
            area = area.parent
        if scope.agency in (None, agency) and (scope.area is None or scope.area in places):
            found.append(camera)
    return found


def spans(camera: Camera) -> list[tuple[Verdict, datetime, datetime]]:
    return [
        (Verdict(span.verdict), span.began_at, span.ended_at or camera.health.probed_at)
        for span in HealthSpan.objects.filter(camera=camera)
    ]


def overlap(one: Stretch, other: Stretch) -> timedelta:
    return max(min(one[1], other[1]) - max(one[0], other[0]), timedelta())


def spent(camera: Camera, verdicts: set[Verdict], window: Stretch) -> timedelta:
    return sum(
        (
            overlap((began, ended), window)
            for each, began, ended in spans(camera)
            if each in verdicts
        ),
        timedelta(),
    )


def concerns(scope: Scope, subject: Any) -> bool:
    """Whether an incident or a ticket is of a camera in the scope, or of an uplink in it."""
    mine = members(scope)
    if subject.camera is not None:
        return scope == Scope() or subject.camera in mine
    if scope == Scope() or any(camera.uplink == subject.uplink for camera in mine):
        return True
    site = subject.uplink.site
    if site is None:
        return False
    if scope.agency is not None:
        return bool(site.agency == scope.agency)
    return scope.area in (site.area, site.area.parent)


WINDOW = (WEEK.begin, WEEK.end)
FAULTY = {verdict for verdict in Verdict if verdict.is_faulty}


def test_cameras_by_verdict_now_and_a_week_before(figures: Figures, scope: Scope) -> None:
    for moment, name in ((WEEK.end, "now"), (WEEK.begin, "before")):
        expected: dict[Verdict, int] = {}
        for camera in members(scope):
            [verdict] = [
                each for each, began, ended in spans(camera) if began <= moment < ended
            ] or [Verdict.PENDING]
            expected[verdict] = expected.get(verdict, 0) + 1
        shown = {each.verdict: getattr(each, name) for each in figures.verdicts}
        assert {verdict: number for verdict, number in shown.items() if number} == expected


def test_the_first_page_of_the_admin_shows_the_same_when_nothing_has_changed_since(
    scope: Scope,
) -> None:
    if scope != Scope():
        return  # the page knows no other
    HealthSpan.objects.filter(began_at__gte=WEEK.end).delete()
    for camera in Camera.objects.all():
        last = HealthSpan.objects.filter(camera=camera).latest("began_at")
        HealthSpan.objects.filter(pk=last.pk).update(ended_at=None)
        type(camera.health).objects.filter(pk=camera.pk).update(verdict=last.verdict)
    page = {
        str(each["label"]): each["number"]
        for each in dashboard.cameras_now(NOW, EVERYTHING).counts
        if each["number"]
    }
    from monitoring.choices import VERDICT_LABELS

    shown = collect(WEEK, scope, NOW).verdicts
    assert {str(VERDICT_LABELS[each.verdict]): each.now for each in shown if each.now} == {
        label: number for label, number in page.items() if number
    }


def test_floodgates_down(figures: Figures, scope: Scope) -> None:
    floodgates = [camera for camera in members(scope) if camera.site.kind == "floodgate"]
    down = {
        camera.code
        for camera in floodgates
        for verdict, began, ended in spans(camera)
        if verdict in FAULTY and began <= WEEK.end < ended
    }
    assert figures.floodgates == len(floodgates)
    assert {each.code for each in figures.floodgates_down} == down
    for each in figures.floodgates_down:
        incident = (
            Incident.objects.get(camera__code=each.code, began_at__lte=WEEK.end, ended_at=None)
            if Incident.objects.filter(camera__code=each.code, ended_at=None).exists()
            else None
        )
        if incident is not None and incident.began_at <= WEEK.end:
            assert each.since == incident.began_at
            assert each.ticket == incident.ticket_link.ticket.number


def test_tickets(figures: Figures, scope: Scope) -> None:
    mine = [each for each in Ticket.objects.all() if concerns(scope, each)]
    before = (WEEK.previous.begin, WEEK.previous.end)

    def within(at: datetime | None, window: Stretch) -> bool:
        return at is not None and window[0] <= at < window[1]

    assert figures.tickets.opened == sum(within(each.opened_at, WINDOW) for each in mine)
    assert figures.tickets.opened_before == sum(within(each.opened_at, before) for each in mine)
    assert figures.tickets.closed == sum(within(each.closed_at, WINDOW) for each in mine)
    assert figures.tickets.closed_before == sum(within(each.closed_at, before) for each in mine)
    left = [
        each
        for each in mine
        if each.opened_at < WEEK.end and (each.closed_at is None or each.closed_at >= WEEK.end)
    ]
    assert figures.tickets.unclosed == len(left)
    assert {each.number for each in left} <= {row.number for row in figures.tickets.rows}

    def is_late(ticket: Ticket) -> bool:
        states = [
            each.to_state for each in ticket.events.order_by("at", "pk") if each.at < WEEK.end
        ]
        answered = ticket.responded_at is not None and ticket.responded_at < WEEK.end
        due = (ticket.response_due_at, ticket.repair_due_at)
        return bool(due[0] and due[0] < WEEK.end and not answered) or bool(
            due[1] and due[1] < WEEK.end and states[-1] != "awaiting"
        )

    assert figures.tickets.overdue == sum(is_late(each) for each in left)


def test_overdue_is_what_the_admin_calls_so_when_nothing_has_changed_since(scope: Scope) -> None:
    now = WEEK.end + timedelta(hours=1)
    Ticket.objects.filter(opened_at__gte=WEEK.end).update(opened_at=WEEK.end - timedelta(days=9))
    with time_machine.travel(now):
        late = [each for each in Ticket.objects.overdue(now) if concerns(scope, each)]
    shown = collect(WEEK.following, scope, now).tickets
    assert shown.overdue == len(late)
    assert scope != Scope() or shown.overdue > 0


def test_the_longest_outages(figures: Figures, scope: Scope) -> None:
    ran = [
        (min(each.ended_at or WEEK.end, WEEK.end) - each.began_at, each.subject.code)
        for each in Incident.objects.filter(part_of=None)
        if concerns(scope, each)
        and each.began_at < WEEK.end
        and (each.ended_at is None or each.ended_at > WEEK.begin)
    ]
    longest = sorted(ran, key=lambda each: -each[0])[:5]
    assert [(each.lasted, each.code) for each in figures.outages] == longest


def test_uptime_and_repairs_by_area(figures: Figures, scope: Scope) -> None:
    mine = members(scope)
    for area in [*figures.areas, figures.total]:
        whole = area is figures.total
        own = [camera for camera in mine if whole or camera.site.area.name == area.name]
        assert area.cameras == len(own)
        for shown, window in (
            (area.availability, WINDOW),
            (area.availability_before, (WEEK.previous.begin, WEEK.begin)),
        ):
            up = sum((spent(each, {Verdict.HEALTHY}, window) for each in own), timedelta())
            down = sum((spent(each, FAULTY, window) for each in own), timedelta())
            assert shown == pytest.approx(up / (up + down))
        repairs = [
            ticket.recovered_at - ticket.opened_at
            for ticket in Ticket.objects.exclude(recovered_at=None)
            if WEEK.begin <= ticket.recovered_at < WEEK.end
            and concerns(scope, ticket)
            and (whole or ticket.camera in own)
        ]
        assert area.repairs == len(repairs)
        mean = sum(repairs, timedelta()) / len(repairs) if repairs else None
        assert area.repair == mean


def cause_at(moment: datetime, camera: Camera) -> str:
    """What the repair of a faulty camera waited for at a moment: its own ticket, then others."""
    outages = TicketIncident.objects.filter(incident__parts__camera=camera)
    own = Ticket.objects.filter(camera=camera).order_by("pk")
    for ticket in [*own, *Ticket.objects.filter(links__in=outages).distinct().order_by("pk")]:
        past = [each for each in ticket.events.order_by("at", "pk") if each.at <= moment]
        if not past:
            began = min(link.incident.began_at for link in ticket.links.all())
            if began <= moment and ticket.opened_at > moment:
                return "unseen"
            continue
        state = past[-1].to_state
        if state in ("closed", "cancelled"):
            continue
        waits = past[-1].cause if state == "waiting" else ""
        return waits or {
            "new": "unseen",
            "reopened": "unseen",
            "acknowledged": "inspection",
            "awaiting": "verification",
        }.get(state, "staff")
    return "no_ticket"


def test_downtime_by_cause(figures: Figures, scope: Scope) -> None:
    day, mine = timedelta(days=1), members(scope)
    down = sum((spent(each, FAULTY, WINDOW) for each in mine), timedelta())
    assert figures.down_camera_days == pytest.approx(down / day)
    expected: dict[str, timedelta] = {}
    for camera in mine:
        concerned = Q(ticket__camera=camera) | Q(ticket__links__incident__parts__camera=camera)
        turns = {each.at for each in TicketEvent.objects.filter(concerned)}
        mine_or_parts = Incident.objects.filter(Q(camera=camera) | Q(parts__camera=camera))
        turns |= set(mine_or_parts.values_list("began_at", flat=True))
        for verdict, began, ended in spans(camera):
            begin, end = max(began, WEEK.begin), min(ended, WEEK.end)
            if verdict not in FAULTY or begin >= end:
                continue
            edges = [begin, *sorted(turn for turn in turns if begin < turn < end), end]
            for since, until in pairwise(edges):
                cause = cause_at(since + (until - since) / 2, camera)
                expected[cause] = expected.get(cause, timedelta()) + (until - since)
    shown = {each.label: each.camera_days for each in figures.causes}
    words = {str(attribution.Cause(cause).label): time for cause, time in expected.items()}
    assert shown == pytest.approx({label: time / day for label, time in words.items()})
    assert figures.procurement_camera_days == pytest.approx(
        expected.get("procurement", timedelta()) / day
    )
    if scope == Scope():
        assert figures.procurement_camera_days > 0


def test_budget_and_absorption(figures: Figures, scope: Scope) -> None:
    lines = [
        line
        for line in BudgetLine.objects.filter(year__year=2026)
        if scope.agency in (None, line.agency)
    ]
    if not lines:
        assert figures.budget is None
        return
    budget = figures.budget
    assert budget is not None
    assert len(budget.rows) == len(lines)
    by_code = {row.code: row for row in budget.rows}
    for line in lines:
        row, now = by_code[line.code], balance(line)
        assert (row.ceiling, row.reserved, row.realised) == (
            now.ceiling,
            now.reserved,
            now.realised,
        )
        assert (row.outstanding, row.available) == (now.outstanding, now.available)
        assert row.absorption_percent == pytest.approx(now.absorption_percent)
    paid = [
        entry
        for entry in LedgerEntry.objects.filter(line__in=lines)
        if entry.realised_rupiah and WEEK.begin <= entry.entered_at < WEEK.end
    ]
    assert budget.paid_in_week == sum(entry.realised_rupiah for entry in paid) > 0
    planned = sum(
        plan.planned_rupiah for plan in MonthlyPlan.objects.filter(line__in=lines, month__lte=11)
    )
    assert budget.planned_percent == pytest.approx(100 * planned / budget.total.ceiling)


def test_packages_by_stage(figures: Figures, scope: Scope) -> None:
    if scope.agency is not None:
        assert figures.packages == []
        return
    for shown in figures.packages:
        now = progress_of(Package.objects.get(code=shown.code), WEEK.end)
        assert shown.days_late == now.days_late
        assert shown.camera_days == pytest.approx(now.cost.camera_days)
        if now.stage_now is not None:
            assert shown.stage == now.stage_now.name
    if scope == Scope():
        assert {each.code for each in figures.packages} == {"PKT-PINTU-AIR", "PKT-SIMPANG"}
        assert any(each.days_late for each in figures.packages)


def test_quality_of_the_eye(scope: Scope) -> None:
    ended = Incident.objects.filter(camera__isnull=False, ended_at__lt=WEEK.end).order_by("pk")
    for number, incident in enumerate(ended):
        if number % 3 == 0:
            # Every second of them is called false only after the week.
            late = timedelta(days=2 if number % 2 else -2)
            Lesson.objects.create(
                camera=incident.camera,
                incident=incident,
                verdict=incident.verdict,
                reason="-",
                taught_at=WEEK.end + late,
            )
    confirmed: dict[str, int] = defaultdict(int)
    false: dict[str, int] = defaultdict(int)
    for incident in Incident.objects.filter(uplink=None):
        at = incident.confirmed_at
        if not concerns(scope, incident) or at is None:
            continue
        if WEEK.end - timedelta(weeks=4) <= at < WEEK.end:
            confirmed[incident.verdict] += 1
            taught = Lesson.objects.filter(incident=incident).first()
            false[incident.verdict] += taught is not None and taught.taught_at < WEEK.end
    shown = collect(WEEK, scope, NOW).eye
    assert {row.verdict: (row.incidents, row.false_alarms) for row in shown} == {
        Verdict(verdict): (count, false[verdict]) for verdict, count in confirmed.items()
    }
    assert sum(false.values()) > 0


def test_a_report_made_days_later_says_the_same(scope: Scope) -> None:
    first = collect(WEEK, scope, NOW)
    assert collect(WEEK, scope, NOW + timedelta(days=3)) == first


def test_of_a_week_that_runs_it_tells_what_has_passed(scope: Scope) -> None:
    now = NOW + timedelta(hours=5)
    running = collect(WEEK.following, scope, now)
    assert running.as_of == now and not running.is_whole
    assert timezone.localdate(running.week.begin) == WEEK.following.monday


def test_a_repair_that_fails_after_the_week_changes_nothing_of_its_report(scope: Scope) -> None:
    """Closed in the week, and reopened on Monday at six, an hour before the report."""
    first = collect(WEEK, scope, NOW)
    again = Ticket.objects.unclosed().exclude(camera=None).values("camera")
    closed = Ticket.objects.filter(closed_at__gte=WEEK.begin, closed_at__lt=WEEK.end)
    closed = closed.exclude(camera__in=again).order_by("pk")
    ticket = next(each for each in closed if concerns(scope, each))
    with time_machine.travel(WEEK.end + timedelta(hours=6), tick=False):
        incident = Incident.objects.create(
            camera=ticket.camera,
            verdict=Verdict.BLACK,
            began_at=timezone.now(),
            confirmed_at=timezone.now(),
        )
        with step(ticket, TicketDeed.RELAPSED) as locked:
            locked.recovered_at = None
        ticket.links.create(incident=incident)
    assert collect(WEEK, scope, NOW) == first
    following = collect(WEEK.following, scope, WEEK.following.end).tickets
    assert following.closed_before == first.tickets.closed > 0


def test_a_week_that_ends_with_its_month_shows_the_plan_of_no_other() -> None:
    line = make_line(120_000_000)
    for month in range(1, 13):
        MonthlyPlan.objects.create(line=line, month=month, planned_rupiah=10_000_000)
    for monday, months in ((date(2026, 5, 25), 5), (date(2026, 6, 1), 6), (date(2026, 12, 28), 12)):
        week = Week(monday)
        for as_of, seen in ((week.begin, monday.month), (week.end, months)):
            budget = money_figures.budget(Scope(), week.begin, as_of)
            assert budget is not None and budget.months_seen == seen
