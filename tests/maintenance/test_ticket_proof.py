"""A repair is proven by pictures: a burst at once, then healthy probes in a row, then it closes."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from cameras.models import Camera, Uplink
from maintenance import ticket_deeds, ticket_proof, tickets
from maintenance.models import (
    PictureKind,
    ReportedFault,
    Ticket,
    TicketDeed,
    TicketPicture,
    TicketState,
    WaitCause,
)
from monitoring import pictures
from monitoring.models import CameraHealth, Incident
from monitoring.probing import _targets
from monitoring.recording import record
from monitoring.scheduling import add_new
from monitoring.verdicts import Verdict
from tests.factories import TINY_JPEG, claimed, make_camera, make_site, seen
from tests.maintenance.repairs import (
    begin_incident,
    deeds_of,
    end,
    make_vendor,
    member,
    prove,
    proven_ticket,
    recovered_ticket,
    ticket_in,
)

pytestmark = pytest.mark.django_db


def probe(camera: Camera, verdict: Verdict = Verdict.HEALTHY, close: bool | None = None) -> None:
    """Record a probe, close when the health row asks for one, as the worker does."""
    mark = claimed(camera)
    target = next(_targets(CameraHealth.objects.filter(pk=camera.pk).select_related("camera"), []))
    is_close = target.close_look if close is None else close
    record(mark, [seen(camera, verdict, close_look=is_close)])


def in_repair(camera: Camera | None = None) -> Ticket:
    return ticket_in(TicketState.IN_REPAIR, camera=camera or make_camera(), vendor=make_vendor())


def test_repaired_asks_for_a_burst_at_once() -> None:
    ticket = in_repair()
    add_new(timezone.now())
    CameraHealth.objects.update(due_at=timezone.now() + timedelta(hours=1), healthy_in_row=9)
    assert ticket_deeds.repaired(ticket, member("technician"), "Kabel diganti.") == 1
    health = CameraHealth.objects.get()
    assert health.close_look and health.healthy_in_row == 0 and health.due_at <= timezone.now()


def test_healthy_probes_count_from_the_burst_on_not_from_one_already_under_way() -> None:
    ticket = in_repair()
    camera = ticket.camera
    probe(camera)
    ticket_deeds.repaired(ticket, None)
    probe(camera, close=False)  # it was on its way when the repair was reported
    assert CameraHealth.objects.get().close_look
    assert ticket_proof.proof_of(ticket).probes == 0
    for expected in (1, 2):
        probe(camera)
        assert ticket_proof.proof_of(ticket).probes == expected
    probe(camera, Verdict.BLACK)
    assert ticket_proof.proof_of(ticket).probes == 0


def test_a_ticket_closes_by_itself_when_its_camera_has_proven_it_and_keeps_the_picture() -> None:
    incident = begin_incident()
    tickets.open_due()
    ticket = Ticket.objects.get()
    ticket_deeds.assign(ticket, None, vendor=make_vendor())
    ticket_deeds.begin_repair(ticket, None)
    end(incident)
    assert tickets.settle_recovered() == 1
    ticket.refresh_from_db()
    assert ticket.state == TicketState.IN_REPAIR  # healthy, but they are not done yet
    ticket_deeds.repaired(ticket, None)
    for _each in range(3):
        assert tickets.close_proven() == 0
        probe(incident.camera)
    assert tickets.close_proven() == 1
    assert tickets.close_proven() == 0
    ticket.refresh_from_db()
    assert ticket.state == TicketState.CLOSED
    assert deeds_of(ticket)[-4:] == ["begin", "back", "repaired", "proven"]
    picture = ticket.pictures.get()
    assert picture.kind == PictureKind.AFTER
    assert (pictures.folder() / picture.file).read_bytes() == TINY_JPEG


def test_it_does_not_close_by_itself_where_that_is_switched_off(settings: Any) -> None:
    proven_ticket()
    settings.TICKETS_CLOSE_THEMSELVES = False
    assert tickets.close_proven() == 0


def test_how_many_probes_prove_it_is_settable(settings: Any) -> None:
    ticket = recovered_ticket()
    prove(ticket.camera, 4)
    settings.TICKET_VERIFY_PROBES = 5
    assert tickets.close_proven() == 0
    with pytest.raises(tickets.TicketError, match="4"):
        ticket_deeds.verify(ticket, None)
    settings.TICKET_VERIFY_PROBES = 4
    assert tickets.close_proven() == 1


def test_what_no_probe_sees_is_closed_by_people_alone() -> None:
    ticket = ticket_deeds.open_by_hand(
        make_camera(), ReportedFault.BENT_POLE, "Tiang miring, dilaporkan lurah.", None
    )
    ticket_deeds.assign(ticket, None, vendor=make_vendor())
    ticket_deeds.repaired(ticket, None)
    prove(ticket.camera)
    assert tickets.close_proven() == 0
    ticket_deeds.verify(ticket, member("supervisor"))
    assert ticket.state == TicketState.CLOSED


def test_a_healthy_picture_does_not_mend_a_bent_pole() -> None:
    ticket = ticket_deeds.open_by_hand(make_camera(), ReportedFault.BENT_POLE, "Miring.", None)
    incident = begin_incident(ticket.camera)
    tickets.open_due()
    end(incident)
    assert tickets.settle_recovered() == 1
    ticket.refresh_from_db()
    assert (ticket.state, ticket.recovered_at is None) == (TicketState.NEW, False)


def test_without_a_camera_that_is_probed_only_an_override_closes() -> None:
    ticket = ticket_in(TicketState.AWAITING_VERIFICATION, camera=make_camera(is_monitored=False))
    with pytest.raises(tickets.TicketError, match=ticket.number):
        ticket_deeds.verify(ticket, member("supervisor"))
    ticket_deeds.override(ticket, member("supervisor"), "Kamera dicabut.")
    assert ticket.state == TicketState.CLOSED


def test_a_fault_that_returns_within_days_reopens_and_counts_against_the_repair() -> None:
    vendor = make_vendor()
    ticket = in_repair()
    ticket_deeds.repaired(ticket, None)
    prove(ticket.camera)
    ticket_deeds.verify(ticket, None)
    begin_incident(ticket.camera)
    assert tickets.open_due() == 1
    ticket.refresh_from_db()
    assert (ticket.state, ticket.returns, ticket.closed_at) == (TicketState.REOPENED, 1, None)
    assert vendor.ticket_events.filter(deed=TicketDeed.RETURNED).count() == 1
    assert Incident.objects.get().evidence_held


def test_a_fault_that_returns_before_the_proof_counts_against_the_repair_too() -> None:
    ticket = in_repair()
    ticket_deeds.repaired(ticket, None)
    begin_incident(ticket.camera)
    tickets.open_due()
    ticket.refresh_from_db()
    assert (ticket.state, ticket.returns, ticket.repaired_at) == (TicketState.REOPENED, 1, None)


def test_a_fault_that_returns_after_nobody_repaired_counts_against_nobody() -> None:
    ticket = recovered_ticket()
    begin_incident(ticket.camera)
    tickets.open_due()
    ticket.refresh_from_db()
    assert (ticket.state, ticket.returns) == (TicketState.REOPENED, 0)
    assert deeds_of(ticket)[-1] == TicketDeed.RELAPSED


@pytest.mark.parametrize(("days", "tickets_in_all"), [(6.9, 1), (7.1, 2)])
def test_days_within_which_a_fault_returns_are_settable(days: float, tickets_in_all: int) -> None:
    ticket = proven_ticket()
    tickets.close_proven()
    Ticket.objects.update(closed_at=timezone.now() - timedelta(days=days))
    begin_incident(ticket.camera)
    tickets.open_due()
    assert Ticket.objects.count() == tickets_in_all


def test_a_cancelled_ticket_stays_cancelled_and_the_next_fault_gets_a_new_one() -> None:
    ticket = recovered_ticket()
    ticket_deeds.cancel(ticket, None, "false_alarm", "Bayangan pohon.")
    begin_incident(ticket.camera)
    tickets.open_due()
    assert Ticket.objects.count() == 2


def outage_of(uplink: Uplink, *cameras: Camera) -> Incident:
    now = timezone.now()
    outage = Incident.objects.create(
        uplink=uplink,
        verdict=Verdict.OFFLINE,
        began_at=now - timedelta(hours=1),
        confirmed_at=now - timedelta(hours=1),
    )
    for camera in cameras:
        Incident.objects.create(
            camera=camera,
            part_of=outage,
            verdict=Verdict.OFFLINE,
            began_at=now - timedelta(hours=1),
            confirmed_at=now - timedelta(hours=1),
        )
    return outage


def test_a_ticket_of_an_uplink_is_proven_by_all_cameras_that_it_took() -> None:
    uplink = Uplink.objects.create(code="NVR-1", name="NVR 1", kind="nvr")
    taken = [make_camera(uplink=uplink) for _each in range(3)]
    make_camera(uplink=uplink)  # it stayed healthy
    outage_of(uplink, *taken)
    tickets.open_due()
    ticket = Ticket.objects.get()
    assert ticket.cameras_hit == 3
    assert ticket_proof.cameras_of(ticket) == [camera.pk for camera in taken]
    Incident.objects.update(ended_at=timezone.now())
    tickets.settle_recovered()
    for camera in taken[:2]:
        prove(camera)
    prove(taken[2], 2)
    assert tickets.close_proven() == 0
    # One that has a ticket of its own is that ticket's business.
    ticket_in(TicketState.NEW, camera=taken[2])
    assert tickets.close_proven() == 1


def test_a_ticket_by_hand_keeps_the_picture_of_its_moment(client: Client) -> None:
    camera = make_camera()
    probe(camera)
    ticket = ticket_deeds.open_by_hand(camera, ReportedFault.VANDALISM, "Dicat.", None)
    picture = ticket.pictures.get()
    assert picture.kind == PictureKind.BEFORE
    client.force_login(member("viewer"))
    address = f"/admin/maintenance/ticket/picture/{picture.pk}.jpg"
    assert client.get(address).status_code == 404  # the right to see pictures is another one
    from django.contrib.auth.models import Permission, User

    User.objects.get().user_permissions.add(Permission.objects.get(codename="view_snapshot"))
    assert client.get(address).content == TINY_JPEG


def test_pictures_of_tickets_are_thrown_away_long_after_they_are_closed(settings: Any) -> None:
    camera = make_camera()
    probe(camera)
    ticket = ticket_deeds.open_by_hand(camera, ReportedFault.VANDALISM, "Dicat.", None)
    file = Path(settings.MEDIA_ROOT) / ticket.pictures.get().file
    assert ticket_proof.prune(timezone.now() + timedelta(days=900)) == 0  # it is open
    ticket_deeds.cancel(ticket, None, "duplicate", "TP-00001")
    assert ticket_proof.prune(timezone.now() + timedelta(days=179)) == 0
    assert ticket_proof.prune(timezone.now() + timedelta(days=181)) == 1
    assert not file.exists() and not TicketPicture.objects.exists()


def test_no_camera_has_two_open_tickets_whoever_opens_them() -> None:
    camera = make_camera()
    first = ticket_deeds.open_by_hand(camera, ReportedFault.CITIZEN, "Laporan JAKI.", None)
    with pytest.raises(tickets.TicketError, match=first.number):
        ticket_deeds.open_by_hand(camera, ReportedFault.CITIZEN, "Laporan JAKI.", None)
    ticket_deeds.cancel(first, None, "false_alarm", "Tidak ada apa-apa.")
    second = ticket_deeds.open_by_hand(camera, ReportedFault.CITIZEN, "Laporan JAKI.", None)
    with pytest.raises(tickets.TicketError, match=second.number):
        ticket_deeds.reopen(first, None, "Ternyata benar.")


def test_a_new_incident_joins_the_ticket_that_was_opened_by_hand() -> None:
    ticket = ticket_deeds.open_by_hand(make_camera(), ReportedFault.CITIZEN, "Gelap.", None)
    begin_incident(ticket.camera)
    tickets.open_due()
    assert Ticket.objects.count() == 1 and ticket.links.count() == 1
    assert deeds_of(ticket) == ["opened", "fault"]


def test_the_history_says_what_changed_from_what_to_what() -> None:
    ticket = ticket_in(TicketState.ACKNOWLEDGED, camera=make_camera(site=make_site()))
    officer = member("supervisor", first_name="Budi", last_name="Santoso")
    ticket_deeds.assign(ticket, officer, person=officer)
    ticket_deeds.assign(ticket, officer, vendor=make_vendor("PT Kabel"))
    ticket_deeds.wait(ticket, officer, WaitCause.PART)
    ticket_deeds.wait(ticket, officer, WaitCause.POWER)
    changes = [event.changes for event in ticket.events.all()[1:]]
    assert changes == [
        {"assignee": ["", "Budi Santoso"]},
        {"assignee": ["Budi Santoso", ""], "vendor": ["", "PT Kabel"]},
        {"wait_cause": ["", "part"]},
        {"wait_cause": ["part", "power"]},
    ]
    last = ticket.events.last()
    assert (last.cause, last.vendor.name, last.assignee) == ("power", "PT Kabel", None)
