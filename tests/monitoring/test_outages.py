"""Outages: one alarm when everything behind an uplink goes dark together."""

import socket
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from cameras.models import Camera, Uplink
from cameras.trees import Tree
from maintenance import tickets
from maintenance.models import Ticket, TicketState
from monitoring import outages, uplinks
from monitoring.explaining import Outage, Rules, Seen, explain
from monitoring.models import CameraHealth, Incident, PlannedWork, UplinkHealth
from monitoring.recording import record
from monitoring.scheduling import Batch
from monitoring.verdicts import Reason, Verdict
from tests.concurrency import at_once
from tests.factories import claimed, make_camera, make_user, seen

pytestmark = pytest.mark.django_db

START = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)
HEALTHY, OFFLINE, BLACK = Verdict.HEALTHY, Verdict.OFFLINE, Verdict.BLACK
RULES = Rules(window=timedelta(minutes=6))

# A provider (1) with two switches (2, 3), one with two NVRs (4, 5).
TREE = Tree({1: None, 2: 1, 3: 1, 4: 2, 5: 2})


def minute(number: float) -> datetime:
    return START + timedelta(minutes=number)


def behind(uplink: int, *dark: float | None) -> list[Seen]:
    """Cameras of an uplink: in which minute each went dark, None when it is lit."""
    return [
        Seen(uplink * 100 + number, uplink, None if at is None else minute(at))
        for number, at in enumerate(dark)
    ]


def blamed(*cameras: list[Seen], rules: Rules = RULES) -> list[int]:
    found = explain(TREE, [each for some in cameras for each in some], rules)
    return sorted(outage.uplink_id for outage in found)


def test_all_cameras_of_an_uplink_within_one_window() -> None:
    assert blamed(behind(4, 0, 1, 5), behind(5, None, None)) == [4]
    assert blamed(behind(4, 0, 1, 9), behind(5, None, None)) == []
    assert blamed(behind(4, 0, 1), behind(5, None)) == [4]  # all of two
    assert blamed(behind(4, 0), behind(5, None)) == []  # a single camera is no outage


def test_most_of_three_or_more_are_enough() -> None:
    assert blamed(behind(4, 0, 1, 2, 3, None), behind(5, None)) == [4]
    assert blamed(behind(4, 0, 1, None), behind(5, None)) == []


def test_cameras_that_were_dark_before_say_nothing_either_way() -> None:
    assert blamed(behind(4, -500, -90, 0, 1, 2), behind(5, None)) == [4]
    assert blamed(behind(4, -500, -90, 0, None, None), behind(5, None)) == []


def test_the_highest_uplink_that_explains_it_is_blamed() -> None:
    everything = [behind(4, 0, 1, 2), behind(5, 1, 2), behind(3, 2, 3)]
    assert blamed(*everything) == [1]
    assert blamed(*everything[:2], behind(3, None, None)) == [2]
    assert blamed(everything[0], behind(5, None, None), everything[2]) == [3, 4]


def test_an_uplink_is_not_blamed_for_what_happened_behind_one_child_alone() -> None:
    # Nine of ten cameras are dark, but the tenth is lit beside them.
    assert blamed(behind(4, *range(5), 4, 4, 4, 4), behind(5, None)) == [4]
    assert blamed(behind(4, *range(5), 4, 4, 4, 4), behind(3, None)) == [2]


def test_what_began_long_ago_is_no_news() -> None:
    rules = Rules(window=RULES.window, earliest=minute(-1))
    assert blamed(behind(4, -60, -59, -58), rules=rules) == []


@given(
    st.lists(
        st.tuples(st.sampled_from([1, 2, 3, 4, 5]), st.one_of(st.none(), st.integers(0, 30))),
        max_size=25,
    )
)
def test_no_outage_lies_within_another_and_each_holds_what_it_claims(
    cameras: list[tuple[int, int | None]],
) -> None:
    rows = [
        Seen(number, uplink, None if at is None else minute(at))
        for number, (uplink, at) in enumerate(cameras)
    ]
    found: list[Outage] = explain(TREE, rows, RULES)
    where = {row.camera_id: row for row in rows}
    for outage in found:
        below = TREE.below(outage.uplink_id)
        for camera in outage.camera_ids:
            since = where[camera].dark_since
            assert where[camera].uplink_id in below
            assert since and outage.began <= since <= outage.began + RULES.window
        others = [each for each in found if each is not outage]
        assert not any(each.uplink_id in below for each in others)


# --- With rows -----------------------------------------------------------------------------------


def uplink(code: str, parent: Uplink | None = None, **fields: Any) -> Uplink:
    return Uplink.objects.create(code=code, name=code, kind="switch", parent=parent, **fields)


def cameras_of(uplink: Uplink, count: int) -> list[Camera]:
    return [make_camera(uplink=uplink) for _each in range(count)]


def probe(cameras: list[Camera], verdict: Verdict, at: datetime, times: int = 1) -> None:
    """Probes ten seconds apart."""
    for number in range(times):
        when = at + timedelta(seconds=10 * number)
        reason = Reason.UNREACHABLE if verdict is OFFLINE else Reason.NONE
        with time_machine.travel(when, tick=False):
            found = [seen(camera, verdict, when, reason=reason) for camera in cameras]
            record(claimed(*cameras), found)


def recognise(at: datetime) -> int:
    with time_machine.travel(at, tick=False):
        return outages.recognise(at)


def settle(at: datetime) -> int:
    with time_machine.travel(at, tick=False):
        return outages.settle(at)


def tend(at: datetime) -> None:
    """What beat has done every five seconds."""
    with time_machine.travel(at, tick=False):
        outages.recognise(at)
        outages.settle(at)
        tickets.open_due()
        tickets.settle_recovered()


@pytest.fixture
def nvr() -> Uplink:
    """An NVR whose provider has a lit camera elsewhere."""
    provider = uplink("PR-1")
    probe(cameras_of(provider, 1), HEALTHY, START)
    return uplink("NVR-1", provider)


def dark(nvr: Uplink, count: int = 4) -> list[Camera]:
    """Cameras that were healthy and then went dark within a minute."""
    cameras = cameras_of(nvr, count)
    probe(cameras, HEALTHY, START)
    for number, camera in enumerate(cameras):
        probe([camera], OFFLINE, minute(5 + number / 10), times=3)
    return cameras


def test_cameras_that_go_dark_together_are_one_outage_and_hang_under_it(nvr: Uplink) -> None:
    cameras = dark(nvr)
    assert recognise(minute(7)) == 1
    assert recognise(minute(7)) == 0
    outage = Incident.objects.outages().get()
    assert (outage.uplink, outage.verdict, outage.reason) == (nvr, OFFLINE, Reason.UNREACHABLE)
    assert (outage.began_at, outage.confirmed_at, outage.ended_at) == (minute(5), minute(7), None)
    assert {part.camera for part in outage.parts.all()} == set(cameras)


def test_nothing_is_asked_of_the_cameras_while_nothing_is_fresh(
    nvr: Uplink, django_assert_max_num_queries: Any
) -> None:
    dark(nvr)
    # The tree, running outages, planned work, addresses that are down, fresh incidents.
    with django_assert_max_num_queries(5):
        assert recognise(minute(120)) == 0


def test_a_camera_that_goes_dark_during_an_outage_hangs_under_it(nvr: Uplink) -> None:
    dark(nvr)
    late = make_camera(uplink=nvr)
    probe([late], HEALTHY, START)
    recognise(minute(7))
    probe([late], OFFLINE, minute(20), times=3)
    assert recognise(minute(21)) == 0
    assert Incident.objects.get(camera=late).part_of == Incident.objects.outages().get()


def test_who_was_dark_before_and_who_has_another_fault_keep_their_own(nvr: Uplink) -> None:
    before, black = cameras_of(nvr, 2)
    probe([before], OFFLINE, minute(-60), times=3)
    dark(nvr)
    probe([black], BLACK, minute(6), times=3)
    probe([make_camera(uplink=nvr)], HEALTHY, START)
    assert recognise(minute(7)) == 0  # four of six is not enough
    dark(nvr, 4)
    assert recognise(minute(8)) == 1
    assert Incident.objects.get(camera=before).part_of is None
    assert Incident.objects.get(camera=black).part_of is None


def test_when_the_provider_turns_out_to_be_down_the_outages_below_hang_under_it() -> None:
    provider = uplink("PR-1")
    first, second = uplink("NVR-1", provider), uplink("NVR-2", provider)
    others = cameras_of(second, 3)
    probe(others, HEALTHY, START)
    dark(first)
    assert recognise(minute(7)) == 1
    probe(others, OFFLINE, minute(8), times=3)
    assert recognise(minute(9)) == 1
    top = Incident.objects.outages().get(part_of=None)
    assert top.uplink == provider
    assert top.parts.count() == 4 + 3 + 1
    assert Incident.objects.outages().get(uplink=first).part_of == top


def test_an_outage_is_over_when_most_cameras_are_back_since_the_one_that_made_it_most(
    nvr: Uplink,
) -> None:
    cameras = dark(nvr)
    recognise(minute(7))
    for number, camera in enumerate(cameras[:3]):
        assert settle(minute(30 + number)) == 0
        probe([camera], HEALTHY, minute(30 + number), times=2)
    assert settle(minute(33)) == 1
    outage = Incident.objects.outages().get()
    assert outage.ended_at == minute(32)
    assert settle(minute(34)) == 0


def test_at_the_first_sign_of_recovery_the_others_are_probed_at_once_and_only_once(
    nvr: Uplink,
) -> None:
    cameras = dark(nvr)
    recognise(minute(7))
    rest = CameraHealth.objects.filter(pk__in=[camera.pk for camera in cameras[1:]])
    rest.update(due_at=minute(60))
    settle(minute(30))
    assert set(rest.values_list("due_at", flat=True)) == {minute(60)}
    probe(cameras[:1], HEALTHY, minute(30))
    settle(minute(31))
    assert set(rest.values_list("due_at", flat=True)) == {minute(31)}
    probe(cameras[1:], OFFLINE, minute(32))
    rest.update(due_at=minute(60))
    settle(minute(33))
    assert set(rest.values_list("due_at", flat=True)) == {minute(60)}


def test_one_ticket_for_the_outage_and_own_ones_for_those_still_bad_afterwards(
    nvr: Uplink,
) -> None:
    cameras = dark(nvr)
    tend(minute(7))
    tend(minute(12.9))
    assert not Ticket.objects.exists()  # it may yet be the provider
    tend(minute(13.1))
    ticket = Ticket.objects.get()
    assert (ticket.uplink, ticket.camera, ticket.state) == (nvr, None, TicketState.NEW)
    tend(minute(60))
    assert Ticket.objects.count() == 1

    probe(cameras[:3], HEALTHY, minute(61), times=2)
    tend(minute(62))
    ticket.refresh_from_db()
    assert ticket.state == TicketState.AWAITING_VERIFICATION
    assert Ticket.objects.count() == 1  # the fourth may be about to come back
    probe(cameras[3:], OFFLINE, minute(65))
    tend(minute(68))
    own = Ticket.objects.exclude(pk=ticket.pk).get()
    assert (own.camera, own.state) == (cameras[3], TicketState.NEW)


def test_who_comes_back_soon_after_the_outage_gets_no_ticket_whenever_tickets_are_tended(
    nvr: Uplink,
) -> None:
    cameras = dark(nvr)
    recognise(minute(7))
    probe(cameras[:3], HEALTHY, minute(30), times=2)
    settle(minute(31))
    probe(cameras[3:], HEALTHY, minute(33), times=2)
    tend(minute(300))
    assert [ticket.uplink for ticket in Ticket.objects.all()] == [nvr]


def test_a_camera_behind_an_uplink_waits_for_its_ticket_and_one_behind_none_does_not() -> None:
    waiting, alone = make_camera(uplink=uplink("NVR-1")), make_camera()
    probe([waiting, alone], OFFLINE, START, times=3)
    tend(minute(1))
    assert [ticket.camera for ticket in Ticket.objects.all()] == [alone]
    tend(minute(7))
    assert {ticket.camera for ticket in Ticket.objects.all()} == {alone, waiting}


def test_planned_work_on_an_uplink_is_no_outage(nvr: Uplink) -> None:
    PlannedWork.objects.create(
        uplink=nvr.parent,
        begins_at=START,
        ends_at=minute(60),
        reason="Penggantian kabel",
        created_by=make_user(),
    )
    dark(nvr)
    assert recognise(minute(7)) == 0
    assert not Incident.objects.exists()


def test_the_database_refuses_a_second_running_outage_and_one_of_nothing(nvr: Uplink) -> None:
    now = timezone.now()
    fields = {"verdict": OFFLINE, "began_at": now, "confirmed_at": now}
    Incident.objects.create(uplink=nvr, **fields)
    for wrong in ({"uplink": nvr}, {}, {"uplink": nvr, "camera": make_camera()}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Incident.objects.create(**wrong, **fields)


@pytest.mark.django_db(transaction=True)
def test_the_same_outage_recognised_by_several_at_once_is_one(nvr: Uplink) -> None:
    dark(nvr)
    deeds: list[Callable[[], int]] = [lambda: outages.recognise(minute(7))] * 4
    assert sum(at_once(*deeds)) == 1
    outage = Incident.objects.outages().get()
    assert outage.parts.count() == 4
    probe([part.camera for part in outage.parts.all() if part.camera], HEALTHY, minute(30), 2)
    assert sum(at_once(*[lambda: outages.settle(minute(31))] * 4)) == 1


# --- Addresses of uplinks ------------------------------------------------------------------------


def test_uplinks_with_an_address_are_tested_in_their_zone() -> None:
    with socket.create_server(("127.0.0.1", 0)) as door:
        port = door.getsockname()[1]
        up = uplink("NVR-UP", address=f"127.0.0.1:{port}", worker_zone="utara")
        down = uplink("NVR-DOWN", address="127.0.0.1:9")
        uplink("NVR-NONE")
        assert uplinks.add_new(timezone.now()) == 2
        batches: list[Batch] = []
        assert uplinks.dispatch_due(batches.append) == 2
        assert uplinks.dispatch_due(batches.append) == 0
        assert {batch.queue for batch in batches} == {"probe.utara", "probe"}
        assert sum(uplinks.probe(batch.mark, batch.camera_ids) for batch in batches) == 2
        assert sum(uplinks.probe(batch.mark, batch.camera_ids) for batch in batches) == 0
    assert UplinkHealth.objects.get(pk=up.pk).verdict == HEALTHY
    row = UplinkHealth.objects.get(pk=down.pk)
    assert (row.verdict, row.suspected_reason) == (Verdict.PENDING, Reason.REFUSED)
    assert row.due_at < timezone.now() + timedelta(seconds=61)

    Uplink.objects.update(address="")
    uplinks.add_new(timezone.now())
    assert not UplinkHealth.objects.exists()


def test_uplinks_that_cannot_be_sent_are_given_back_due_at_once() -> None:
    uplink("NVR-1", address="127.0.0.1:9")
    uplinks.add_new(timezone.now())

    def away(batch: Batch) -> None:
        raise ConnectionError("the broker is away")

    with pytest.raises(ConnectionError):
        uplinks.dispatch_due(away)
    batches: list[Batch] = []
    assert uplinks.dispatch_due(batches.append) == 1


def address_is(uplink: Uplink, verdict: Verdict, since: datetime) -> None:
    reason = Reason.REFUSED if verdict is OFFLINE else Reason.NONE
    UplinkHealth.objects.update_or_create(
        uplink=uplink, defaults={"verdict": verdict, "reason": reason, "since": since}
    )


def test_an_address_that_does_not_answer_is_an_outage_unless_a_camera_behind_it_is_lit(
    nvr: Uplink,
) -> None:
    [camera] = cameras_of(nvr, 1)
    probe([camera], HEALTHY, START)
    address_is(nvr, OFFLINE, minute(5))
    assert recognise(minute(6)) == 0
    probe([camera], OFFLINE, minute(6), times=3)
    assert recognise(minute(7)) == 1
    outage = Incident.objects.outages().get()
    assert (outage.began_at, outage.reason) == (minute(5), Reason.REFUSED)
    assert [part.camera for part in outage.parts.all()] == [camera]


def test_an_address_that_is_asked_after_its_cameras_takes_them_all_into_its_outage(
    nvr: Uplink,
) -> None:
    before, *cameras = cameras_of(nvr, 4)
    probe([before], OFFLINE, minute(-90), times=3)
    probe(cameras, HEALTHY, START)
    probe(cameras[:1], OFFLINE, minute(4), times=3)
    address_is(nvr, OFFLINE, minute(5))
    probe(cameras[1:], OFFLINE, minute(6), times=3)
    assert recognise(minute(7)) == 1
    outage = Incident.objects.outages().get()
    assert outage.began_at == minute(4)
    assert {part.camera for part in outage.parts.all()} == set(cameras)


def test_cameras_that_are_found_dark_again_after_a_standstill_went_dark_when_they_did(
    nvr: Uplink,
) -> None:
    for number, camera in enumerate(old := cameras_of(nvr, 3)):
        probe([camera], OFFLINE, minute(-600 + 120 * number), times=3)
    probe(old, OFFLINE, minute(60), times=3)  # nobody had probed for hours
    assert set(CameraHealth.objects.filter(camera__in=old).values_list("since", flat=True)) == {
        minute(60)
    }
    fresh = cameras_of(nvr, 2)
    probe(fresh, HEALTHY, minute(60))
    probe(fresh, OFFLINE, minute(61), times=3)
    probe(cameras_of(nvr, 1), HEALTHY, minute(61))
    assert recognise(minute(62)) == 0  # two of the three that were lit, and not five of six


def test_a_camera_that_had_another_fault_before_went_dark_when_it_went_dark(nvr: Uplink) -> None:
    black = cameras_of(nvr, 2)
    probe(black, BLACK, minute(-60), times=3)
    probe(cameras_of(nvr, 1), HEALTHY, minute(4))
    probe(black, BLACK, minute(4))
    probe(black, OFFLINE, minute(5), times=3)
    dark(nvr, 2)
    assert (
        recognise(minute(7)) == 1
    )  # four of five; of the other two alone it would be two of three


def test_who_refuses_a_password_has_been_reached(nvr: Uplink) -> None:
    cameras = cameras_of(nvr, 4)
    probe(cameras, HEALTHY, START)
    for number in range(3):
        at = minute(5) + timedelta(seconds=10 * number)
        denied = [seen(each, OFFLINE, at, reason=Reason.UNAUTHORISED) for each in cameras]
        record(claimed(*cameras), denied)
    assert Incident.objects.running().count() == 4
    assert recognise(minute(6)) == 0


def test_the_outage_of_an_uplink_without_cameras_ends_when_its_address_answers() -> None:
    lonely = uplink("PR-9")
    address_is(lonely, OFFLINE, START)
    assert recognise(minute(1)) == 1
    assert settle(minute(2)) == 0
    address_is(lonely, HEALTHY, minute(3))
    assert settle(minute(4)) == 1
    assert Incident.objects.get().ended_at == minute(3)
    assert recognise(minute(5)) == 0
