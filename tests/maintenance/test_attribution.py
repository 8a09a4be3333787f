"""To what time goes: every moment of a ticket and of downtime belongs to one cause."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from hypothesis import given, settings
from hypothesis import strategies as st

from cameras.models import Agency, Area, Uplink
from cameras.replacing import NewUnit
from maintenance import ticket_deeds, tickets
from maintenance.attribution import (
    Cause,
    Stretch,
    days_of,
    downtime,
    downtime_of,
    split,
    stretches,
    stretches_of,
)
from maintenance.camera_replacement import replace_camera
from maintenance.models import RepairWork, Ticket, TicketEvent, TicketState, WaitCause
from maintenance.repairs import Work
from monitoring import uptime
from monitoring.models import HealthSpan, Incident
from monitoring.verdicts import Verdict
from tests.factories import make_camera, make_site, make_user
from tests.maintenance.repairs import make_vendor, ticket_in

BEGIN = datetime(2026, 10, 5, 0, 0, tzinfo=UTC)
MINUTES = 200


def at(minute: float) -> datetime:
    return BEGIN + timedelta(minutes=minute)


def event(minute: int, state: TicketState, cause: str = "", vendor: int | None = None):
    return TicketEvent(at=at(minute), to_state=state, cause=cause, vendor_id=vendor)


def test_each_state_has_its_cause_and_a_closed_ticket_none() -> None:
    events = [
        event(0, TicketState.NEW),
        event(10, TicketState.ACKNOWLEDGED),
        event(20, TicketState.WAITING, "procurement"),
        event(40, TicketState.WAITING, "part"),
        event(50, TicketState.ASSIGNED, vendor=1),
        event(60, TicketState.IN_REPAIR, vendor=1),
        event(70, TicketState.AWAITING_VERIFICATION, vendor=1),
        event(80, TicketState.CLOSED),
        event(100, TicketState.REOPENED),
        event(110, TicketState.ASSIGNED),
    ]
    assert stretches(events, at(120), began=at(-5)) == [
        Stretch(Cause.UNSEEN, at(-5), at(10)),
        Stretch(Cause.INSPECTION, at(10), at(20)),
        Stretch(Cause.PROCUREMENT, at(20), at(40)),
        Stretch(Cause.PART, at(40), at(50)),
        Stretch(Cause.VENDOR, at(50), at(70)),
        Stretch(Cause.VERIFICATION, at(70), at(80)),
        Stretch(Cause.UNSEEN, at(100), at(110)),
        Stretch(Cause.STAFF, at(110), at(120)),
    ]


def test_a_day_belongs_to_the_cause_with_most_of_it_by_the_clock_of_jakarta() -> None:
    evening = datetime(2026, 10, 5, 20, 0, tzinfo=UTC)  # 03.00 on the sixth
    found = days_of(
        [
            Stretch(Cause.UNSEEN, evening - timedelta(hours=12), evening),
            Stretch(Cause.PART, evening, evening + timedelta(hours=30)),
        ]
    )
    assert found == {
        date(2026, 10, 5): Cause.UNSEEN,
        date(2026, 10, 6): Cause.PART,
        date(2026, 10, 7): Cause.PART,
    }


def test_of_two_causes_with_half_a_day_each_the_later_has_it() -> None:
    noon = datetime(2026, 10, 5, 5, 0, tzinfo=UTC)
    half = timedelta(hours=2)
    found = [Stretch(Cause.PART, noon - half, noon), Stretch(Cause.POWER, noon, noon + half)]
    assert days_of(found) == {date(2026, 10, 5): Cause.POWER}


minutes = st.integers(0, MINUTES)
windows = st.lists(st.tuples(minutes, minutes), max_size=6)
causes = st.sampled_from([cause for cause in Cause if cause is not Cause.NO_TICKET])


@st.composite
def layers(draw: st.DrawFn) -> list[tuple[int, int, Cause]]:
    """Stretches of one ticket: they follow each other and do not overlap."""
    marks = sorted(draw(st.lists(minutes, min_size=2, max_size=8, unique=True)))
    return [(begin, end, draw(causes)) for begin, end in zip(marks[::2], marks[1::2], strict=False)]


def naive(down: list[tuple[int, int]], over: list[list[tuple[int, int, Cause]]]):
    """Minute by minute: who has it?"""
    found: dict[Cause, timedelta] = {}
    for minute in range(MINUTES):
        if not any(begin <= minute < end for begin, end in down):
            continue
        holder = Cause.NO_TICKET
        for layer in over:
            mine = [cause for begin, end, cause in layer if begin <= minute < end]
            if mine:
                holder = mine[0]
                break
        found[holder] = found.get(holder, timedelta()) + timedelta(minutes=1)
    return found


@given(windows, st.lists(layers(), max_size=3))
@settings(max_examples=300, deadline=None)
def test_exact_arithmetic_agrees_with_counting_minutes(windows, over) -> None:
    from maintenance.waiting_cost import merged

    down = merged([(at(begin), at(end)) for begin, end in windows])
    found = split(down, [[Stretch(cause, at(a), at(b)) for a, b, cause in layer] for layer in over])
    assert found == naive([(begin, end) for begin, end in windows if begin < end], over)
    assert sum(found.values(), timedelta()) == sum((b - a for a, b in down), timedelta())


STEPS = [
    (TicketState.NEW, ""),
    (TicketState.ACKNOWLEDGED, ""),
    (TicketState.WAITING, WaitCause.PART),
    (TicketState.WAITING, WaitCause.PROCUREMENT),
    (TicketState.IN_REPAIR, ""),
    (TicketState.AWAITING_VERIFICATION, ""),
    (TicketState.CLOSED, ""),
    (TicketState.REOPENED, ""),
]


def write_history(ticket: Ticket, steps: list[tuple[int, int]]) -> None:
    TicketEvent.objects.bulk_create(
        TicketEvent(
            ticket=ticket,
            at=at(minute),
            deed="opened",
            to_state=STEPS[number][0],
            cause=STEPS[number][1],
        )
        for minute, number in sorted(steps)
    )


@pytest.mark.django_db
@given(
    downs=st.lists(st.tuples(st.integers(0, 3), minutes, minutes), max_size=8),
    own=st.lists(st.tuples(minutes, st.integers(0, 7)), min_size=1, max_size=5),
    uplink=st.lists(st.tuples(minutes, st.integers(0, 7)), min_size=1, max_size=4),
)
@settings(max_examples=25, deadline=None)
def test_the_parts_add_up_to_what_uptime_calls_down(downs, own, uplink) -> None:
    from maintenance.waiting_cost import merged

    nvr = Uplink.objects.create(code=f"NVR-{Uplink.objects.count()}", name="NVR", kind="nvr")
    cameras = [make_camera(uplink=nvr) for _each in range(4)]
    for number, camera in enumerate(cameras):
        mine = merged((at(a), at(b)) for which, a, b in downs if which == number)
        HealthSpan.objects.bulk_create(
            HealthSpan(camera=camera, verdict=Verdict.BLACK, began_at=a, ended_at=b)
            for a, b in mine
        )
    first = Ticket.objects.create(camera=cameras[0], opened_at=at(0))
    write_history(first, own)
    outage = Incident.objects.create(
        uplink=nvr, verdict=Verdict.OFFLINE, began_at=at(500), confirmed_at=at(500)
    )
    for camera in cameras[:2]:
        Incident.objects.create(
            camera=camera,
            part_of=outage,
            verdict=Verdict.OFFLINE,
            began_at=at(500),
            confirmed_at=at(500),
        )
    second = Ticket.objects.create(uplink=nvr, opened_at=at(0))
    second.links.create(incident=outage)
    write_history(second, uplink)

    keys = [camera.pk for camera in cameras]
    found = downtime_of(at(0), at(MINUTES), keys)
    down = uptime.of_cameras(at(0), at(MINUTES), keys)
    layers_of = {
        key: [
            [
                (_minute(part.begin), _minute(part.end), part.cause)
                for part in stretches(list(ticket.events.all()), at(MINUTES))
            ]
            for ticket in these
        ]
        for key, these in zip(keys, [[first, second], [second], [], []], strict=True)
    }
    for number, key in enumerate(keys):
        mine = [(a, b) for which, a, b in downs if which == number and a < b]
        expected = naive(mine, layers_of[key])
        assert (found[key].by_cause if key in found else {}) == expected
        assert sum(expected.values(), timedelta()) == down[key].down
    Ticket.objects.filter(pk__in=[first.pk, second.pk]).update(state="closed", closed_at=at(999))


def _minute(moment: datetime) -> int:
    return round((moment - BEGIN) / timedelta(minutes=1))


@pytest.mark.django_db
def test_downtime_by_cause_of_an_area_and_an_agency_as_it_came_about() -> None:
    city = Area.objects.create(code="31.74", name="Jakarta Selatan")
    district = Area.objects.create(code="31.74.01", name="Tebet", parent=city)
    other = Area.objects.create(code="31.72", name="Jakarta Utara")
    water = Agency.objects.create(code="SDA", name="Dinas SDA")
    here = make_camera(site=make_site(area=district, agency=water))
    elsewhere = make_camera(site=make_site(area=other))
    for camera in (here, elsewhere):
        HealthSpan.objects.create(
            camera=camera, verdict=Verdict.BLACK, began_at=at(0), ended_at=at(600)
        )
    with time_machine.travel(at(60), tick=False):
        Incident.objects.create(
            camera=here, verdict=Verdict.BLACK, began_at=at(0), confirmed_at=at(10)
        )
        tickets.open_due()
        ticket = Ticket.objects.get()
    vendor = make_vendor()
    for minute, deed in (
        (120, lambda: ticket_deeds.acknowledge(ticket, None)),
        (180, lambda: ticket_deeds.wait(ticket, None, WaitCause.PROCUREMENT)),
        (420, lambda: ticket_deeds.assign(ticket, None, vendor=vendor)),
    ):
        with time_machine.travel(at(minute), tick=False):
            deed()
    hours = {
        cause: time / timedelta(hours=1)
        for cause, time in downtime(at(0), at(600), area=city).by_cause.items()
    }
    assert hours == {
        Cause.UNSEEN: 2,
        Cause.INSPECTION: 1,
        Cause.PROCUREMENT: 4,
        Cause.VENDOR: 3,
    }
    assert (
        downtime(at(0), at(600), agency=water).by_cause
        == downtime(at(0), at(600), area=city).by_cause
    )
    everything = downtime(at(0), at(600))
    assert everything.by_cause[Cause.NO_TICKET] == timedelta(hours=10)
    assert everything.total == timedelta(hours=20)
    assert everything.camera_days(Cause.PROCUREMENT) == pytest.approx(4 / 24)


@pytest.mark.django_db
def test_many_cameras_cost_no_more_queries_than_few(django_assert_max_num_queries) -> None:
    for _each in range(12):
        ticket = ticket_in(TicketState.NEW, opened_at=at(0))
        HealthSpan.objects.create(
            camera=ticket.camera, verdict=Verdict.BLACK, began_at=at(0), ended_at=at(60)
        )
    with django_assert_max_num_queries(8):
        assert len(downtime_of(at(0), at(600))) == 12
    with django_assert_max_num_queries(3):
        assert len(stretches_of(Ticket.objects.all(), at(600))) == 12


@pytest.mark.django_db
def test_the_downtime_of_a_replaced_camera_still_belongs_to_its_ticket() -> None:
    ticket = ticket_in(TicketState.NEW, opened_at=at(0))
    old = ticket.camera
    TicketEvent.objects.create(
        ticket=ticket, at=at(0), deed="wait", to_state=TicketState.WAITING, cause="procurement"
    )
    HealthSpan.objects.create(camera=old, verdict=Verdict.BLACK, began_at=at(0), ended_at=at(90))
    before = downtime(at(0), at(100))
    assert before.by_cause == {Cause.PROCUREMENT: timedelta(minutes=90)}
    unit = NewUnit("SN-2", snapshot_url="http://127.0.0.1:9/baru.jpg")
    work = Work(RepairWork.REPLACEMENT, at(90), by_user=make_user())
    with time_machine.travel(at(95), tick=False):
        new = replace_camera(ticket, unit, work, make_user())
    assert downtime(at(0), at(100)) == before
    HealthSpan.objects.create(camera=new, verdict=Verdict.BLACK, began_at=at(92), ended_at=at(95))
    assert downtime(at(0), at(100)).by_cause == {Cause.PROCUREMENT: timedelta(minutes=93)}
