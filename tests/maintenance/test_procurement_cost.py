"""What lateness costs: exact to the second, and equal to counting minute by minute."""

import random
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from cameras.models import Camera, SiteKind, Uplink, UplinkKind
from cameras.replacing import NewUnit
from maintenance import contracts, procurement
from maintenance.camera_replacement import replace_camera
from maintenance.models import Package, PackageTicket, RepairWork, Ticket, TicketIncident
from maintenance.package_progress import progress_of, progress_of_all
from maintenance.repairs import Work
from maintenance.waiting_cost import Cost, Fault, cost, merged
from monitoring.models import CameraHealth, HealthSpan, Incident
from monitoring.verdicts import Verdict
from tests.factories import make_camera, make_line, make_site, make_user
from tests.maintenance.packages import (
    MILLION,
    contracted,
    go_on,
    make_package,
    make_ticket,
    stage,
)

JAKARTA = ZoneInfo("Asia/Jakarta")
NOW = datetime(2026, 6, 1, 12, tzinfo=JAKARTA)
START = datetime(2026, 1, 1, tzinfo=JAKARTA)
HOUR = timedelta(hours=1)

minutes = st.integers(0, 600)
stretch = st.tuples(minutes, minutes)


def at(minute: int) -> datetime:
    return START + timedelta(minutes=minute)


@given(
    faults=st.lists(st.tuples(st.integers(1, 3), stretch), max_size=8),
    late=st.lists(stretch, max_size=6),
)
def test_the_cost_equals_counting_every_minute(
    faults: list[tuple[int, tuple[int, int]]], late: list[tuple[int, int]]
) -> None:
    found = cost(
        [Fault(camera, camera == 1, at(begin), at(end)) for camera, (begin, end) in faults],
        [(at(begin), at(end)) for begin, end in late],
    )
    down = {(camera, minute) for camera, (begin, end) in faults for minute in range(begin, end)}
    late_minutes = {minute for begin, end in late for minute in range(begin, end)}
    late_down = {(camera, minute) for camera, minute in down if minute in late_minutes}

    def counted(pairs: set[tuple[int, int]], camera: int | None = None) -> timedelta:
        return timedelta(minutes=sum(1 for one, _minute in pairs if camera in (None, one)))

    assert found == Cost(
        waiting=counted(down),
        late=counted(late_down),
        floodgates_waiting=counted(down, 1),
        floodgates_late=counted(late_down, 1),
        cameras=len({camera for camera, _minute in down}),
        floodgate_cameras=len({camera for camera, _minute in down if camera == 1}),
    )


def test_windows_are_merged_in_order_and_empty_ones_left_out() -> None:
    given_windows = [
        (at(5), at(9)),
        (at(0), at(2)),
        (at(8), at(12)),
        (at(3), at(3)),
        (at(2), at(4)),
    ]
    assert merged(given_windows) == [(at(0), at(4)), (at(5), at(12))]


def fault(camera: Camera, began: datetime, ended: datetime | None, **fields: Any) -> None:
    HealthSpan.objects.create(
        **{"camera": camera, "verdict": Verdict.OFFLINE, "began_at": began, "ended_at": ended}
        | fields
    )


def waits(package: Package, ticket: Ticket, joined: datetime, left: datetime | None = None) -> None:
    PackageTicket.objects.create(package=package, ticket=ticket, joined_at=joined, left_at=left)


@pytest.mark.django_db
def test_only_confirmed_faults_while_the_ticket_waits_are_counted() -> None:
    gate = make_camera(site=make_site(kind=SiteKind.FLOODGATE))
    road = make_camera(site=make_site(kind=SiteKind.JUNCTION))
    package = make_package()
    waits(package, make_ticket(gate), NOW - 10 * HOUR)
    waits(package, make_ticket(road, recovered_at=NOW - 2 * HOUR), NOW - 10 * HOUR)
    fault(gate, NOW - 20 * HOUR, NOW - 8 * HOUR)  # 2 hours of it while waiting
    fault(gate, NOW - 8 * HOUR, NOW - 7 * HOUR, verdict=Verdict.HEALTHY)
    fault(gate, NOW - 7 * HOUR, NOW - 6 * HOUR, verdict=Verdict.UNMONITORED)
    fault(gate, NOW - 6 * HOUR, None, verdict=Verdict.BLACK)  # until the last probe: 5 hours
    CameraHealth.objects.create(camera=gate, probed_at=NOW - HOUR)
    fault(road, NOW - 30 * HOUR, NOW - 11 * HOUR)  # before it joined
    fault(road, NOW - 5 * HOUR, NOW - 1 * HOUR)  # 3 hours until it had recovered
    found = progress_of(package, NOW).cost
    assert found.waiting == 10 * HOUR
    assert found.floodgates_waiting == 7 * HOUR
    assert (found.cameras, found.floodgate_cameras) == (2, 1)
    assert found.late == timedelta()
    assert found.camera_days == 10 / 24


@pytest.mark.django_db
def test_for_the_ticket_of_an_uplink_the_cameras_that_its_outage_took_wait() -> None:
    uplink = Uplink.objects.create(code="NVR-9", name="NVR 9", kind=UplinkKind.NVR)
    when = {"verdict": Verdict.OFFLINE, "began_at": NOW - 8 * HOUR, "confirmed_at": NOW - 8 * HOUR}
    outage = Incident.objects.create(uplink=uplink, **when)
    ticket = Ticket.objects.create(uplink=uplink, opened_at=NOW - 8 * HOUR)
    TicketIncident.objects.create(ticket=ticket, incident=outage)
    for _each in range(3):
        camera = make_camera(site=make_site(kind=SiteKind.FLOODGATE), uplink=uplink)
        Incident.objects.create(camera=camera, part_of=outage, **when)
        fault(camera, NOW - 8 * HOUR, NOW - 2 * HOUR)
    fault(make_camera(uplink=uplink), NOW - 8 * HOUR, NOW)  # bad for a reason of its own
    package = make_package()
    waits(package, ticket, NOW - 6 * HOUR)
    found = progress_of(package, NOW).cost
    assert (found.waiting, found.floodgate_cameras) == (3 * 4 * HOUR, 3)


@pytest.mark.django_db
def test_a_camera_whose_ticket_left_and_joined_again_is_not_counted_twice() -> None:
    camera = make_camera()
    package, ticket = make_package(), make_ticket(camera)
    waits(package, ticket, NOW - 10 * HOUR, NOW - 5 * HOUR)
    waits(package, ticket, NOW - 6 * HOUR)
    fault(camera, NOW - 100 * HOUR, NOW)
    assert progress_of(package, NOW).cost.waiting == 10 * HOUR


@pytest.mark.django_db
def test_lateness_is_counted_from_the_morning_after_a_stage_was_due() -> None:
    with time_machine.travel("2026-11-24 10:00+07:00", tick=False):
        package = procurement.start(make_package(), date(2026, 2, 2), None)
        # RUP was due on Monday the 2nd, and ended on Thursday the 5th: three days late.
        procurement.record_stage(stage(package, "rup"), date(2026, 2, 2), date(2026, 2, 5), None)
    camera = make_camera(site=make_site(kind=SiteKind.FLOODGATE))
    waits(package, make_ticket(camera), START)
    fault(camera, START, NOW)
    morning = datetime(2026, 2, 6, 10, tzinfo=JAKARTA)
    found = progress_of(package, morning)
    assert found.cost.late == timedelta(days=3)
    assert found.cost.floodgates_late == timedelta(days=3)
    assert found.cost.waiting == morning - START
    (_round, stages) = found.rounds[0]
    assert {each.stage.code: each.days_late for each in stages if each.days_late} == {"rup": 3}


@pytest.mark.django_db
def test_an_open_stage_is_late_by_itself_and_those_that_wait_for_it_are_not() -> None:
    with time_machine.travel("2026-11-24 10:00+07:00", tick=False):
        package = procurement.start(make_package(), date(2026, 2, 2), None)
        go_on(package, "review")
    due = stage(package, "review").planned_end
    at_noon = datetime(2026, 6, 1, 12, tzinfo=JAKARTA)
    found = progress_of(package, at_noon)
    (_round, stages) = found.rounds[0]
    late = {each.stage.code for each in stages if each.days_late}
    assert late == {"review"}
    assert found.stage_now == stage(package, "review")
    assert found.days_late > 0
    camera = make_camera()
    waits(package, make_ticket(camera), START)
    fault(camera, START, None)
    overdue = at_noon - datetime(due.year, due.month, due.day, tzinfo=JAKARTA) - timedelta(days=1)
    assert progress_of(package, at_noon).cost.late == overdue


@pytest.mark.django_db
def test_a_failed_tender_is_lost_from_its_announcement_to_its_failure() -> None:
    with time_machine.travel("2026-11-24 10:00+07:00", tick=False):
        package = procurement.start(make_package(), date(2026, 2, 2), None)
        go_on(package, "evaluation")
        announced = stage(package, "announcement").actual_start
        failed = stage(package, "opening").actual_end
        procurement.fail_tender(package, "Satu penawaran", failed, None)
    camera = make_camera()
    waits(package, make_ticket(camera), START)
    fault(camera, START, None)
    just_after = datetime(failed.year, failed.month, failed.day, tzinfo=JAKARTA) + timedelta(days=1)
    found = progress_of(package, just_after)
    assert found.cost.late == timedelta(days=(failed - announced).days + 1)
    assert found.days_late > 0  # against the first round's plan


@pytest.mark.django_db
def test_acceptance_ends_the_waiting() -> None:
    camera = make_camera()
    ticket = make_ticket(camera)
    fault(camera, START, None)
    with time_machine.travel("2026-11-24 10:00+07:00", tick=False):
        package = contracted(tickets=[ticket])
        go_on(package, "handover")
        contracts.accept_work(package, "BAST-1", date(2026, 7, 20), None)
        left = timezone.now()
    joined = package.links.get().joined_at
    later = left + timedelta(days=30)
    assert progress_of(package, later).cost.waiting == left - joined


@pytest.mark.django_db
def test_the_cost_of_many_packages_takes_as_many_queries_as_of_one(
    django_assert_num_queries: Any,
) -> None:
    line = make_line(9000 * MILLION)
    packages = [
        procurement.start(make_package(line=line, tickets=[make_ticket()]), date(2026, 2, 2), None)
        for _each in range(5)
    ]
    for some in (packages[:1], packages):
        # Holidays, rounds, stages; costs of cameras, of those replaced, of uplinks.
        with django_assert_num_queries(6):
            progress_of_all(some, NOW)


@pytest.mark.django_db
def test_random_spans_in_the_database_agree_with_a_naive_recount() -> None:
    chance = random.Random(2013)
    package = make_package()
    expected = timedelta()
    for _each in range(10):
        camera = make_camera()
        joined = START + chance.randrange(3000) * HOUR
        recovered = joined + chance.randrange(1, 1000) * HOUR if chance.random() < 0.5 else None
        waits(package, make_ticket(camera, recovered_at=recovered), joined)
        moment = START
        while moment < NOW:
            ended = moment + chance.randrange(1, 400) * HOUR
            verdict = chance.choice([Verdict.HEALTHY, Verdict.BLACK, Verdict.UNMONITORED])
            fault(camera, moment, ended, verdict=verdict)
            if verdict is Verdict.BLACK:
                hour = moment
                while hour < ended:
                    waiting = joined <= hour < min(recovered or NOW, NOW)
                    expected += HOUR if waiting else timedelta()
                    hour += HOUR
            moment = ended
    # Every moment is on a full hour, so counting whole hours is exact.
    assert progress_of(package, NOW).cost.waiting == expected


@pytest.mark.django_db
def test_what_a_camera_waited_before_it_was_replaced_still_counts() -> None:
    old = make_camera(site=make_site(kind=SiteKind.FLOODGATE))
    ticket, package = make_ticket(old), make_package()
    waits(package, ticket, NOW - timedelta(days=60))
    fault(old, NOW - timedelta(days=60), None, verdict=Verdict.BLACK)
    CameraHealth.objects.create(camera=old, probed_at=NOW)
    before = progress_of(package, NOW).cost
    assert before.floodgate_days == 60
    with time_machine.travel(NOW, tick=False):
        unit = NewUnit("SN-2", snapshot_url="http://127.0.0.1:9/baru.jpg")
        work = Work(RepairWork.REPLACEMENT, NOW, by_user=make_user())
        replace_camera(ticket, unit, work, make_user())
    assert progress_of(package, NOW).cost == before
