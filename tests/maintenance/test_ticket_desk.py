"""The list that staff work through: counts, filters, search, saved views, bulk deeds; its cost."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cameras.models import Agency, Area, SiteKind, Uplink
from maintenance import ticket_deeds, tickets
from maintenance.models import SavedView, Ticket, TicketState, WaitCause
from monitoring.models import Incident
from tests.factories import make_camera, make_site
from tests.maintenance.packages import make_package
from tests.maintenance.repairs import (
    begin_incident,
    make_vendor,
    member,
    prove,
    ticket_in,
)

pytestmark = pytest.mark.django_db

LIST = "/admin/maintenance/ticket/"


@pytest.fixture
def chief(client: Client) -> Client:
    client.force_login(member("supervisor"))
    return client


def shown(client: Client, query: str = "") -> set[int]:
    answer = client.get(f"{LIST}?{query}")
    assert answer.status_code == 200, answer.headers
    return {ticket.pk for ticket in answer.context["cl"].result_list}


def test_the_list_shows_open_tickets_the_most_urgent_first(chief: Client) -> None:
    low, urgent = ticket_in("new", priority=1), ticket_in("assigned", priority=4)
    closed = ticket_in("closed")
    answer = chief.get(LIST)
    assert [ticket.pk for ticket in answer.context["cl"].result_list] == [urgent.pk, low.pk]
    assert shown(chief, "state=closed") == {closed.pk}
    assert shown(chief, "state=all") == {low.pk, urgent.pk, closed.pk}


def test_it_is_filtered_by_place_cause_holder_and_lateness(chief: Client) -> None:
    city = Area.objects.create(code="31.74", name="Selatan")
    district = Area.objects.create(code="31.74.01", name="Tebet", parent=city)
    water = Agency.objects.create(code="SDA", name="Dinas SDA")
    site = make_site(area=district, kind=SiteKind.FLOODGATE)
    me = User.objects.get()
    here = ticket_in("assigned", camera=make_camera(site=site), site=site, assignee=me)
    of_agency = ticket_in("new", agency=water)
    waiting = ticket_in("waiting", wait_cause=WaitCause.PART, vendor=make_vendor())
    late = ticket_in("new", response_due_at=timezone.now() - timedelta(hours=1))
    asleep = ticket_in("new", snoozed_until=timezone.now() + timedelta(days=1))
    assert shown(chief, f"area={city.pk}") == shown(chief, f"area={district.pk}") == {here.pk}
    assert shown(chief, f"agency={water.pk}") == {of_agency.pk}
    assert shown(chief, "kind=floodgate") == {here.pk}
    assert shown(chief, "cause=part") == {waiting.pk}
    assert shown(chief, "mine=me") == {here.pk}
    assert shown(chief, "mine=vendor") == {waiting.pk}
    assert shown(chief, "overdue=yes") == {late.pk}
    assert shown(chief, "snoozed=yes") == {asleep.pk}
    assert asleep.pk not in shown(chief, "snoozed=no")


def test_it_is_searched_by_number_camera_site_uplink_and_vendor(chief: Client) -> None:
    site = make_site(name="Pintu Air Karet")
    camera = ticket_in("new", camera=make_camera(code="PA-KRT-01", site=site), site=site)
    uplink = Uplink.objects.create(code="NVR-KRT", name="NVR Karet", kind="nvr")
    outage = ticket_in("new", uplink=uplink)
    vendor = ticket_in("assigned", vendor=make_vendor("PT Serat Optik"))
    assert shown(chief, f"q={camera.number}") == {camera.pk}
    assert shown(chief, f"q={camera.pk}") == {camera.pk}
    assert shown(chief, "q=krt-01") == {camera.pk}
    assert shown(chief, "q=karet") == {camera.pk, outage.pk}
    assert shown(chief, "q=serat") == {vendor.pk}


def test_counts_stand_on_top_and_lead_to_their_tickets(chief: Client) -> None:
    ticket_in("new", response_due_at=timezone.now() - timedelta(hours=1))
    ticket_in("new")
    ticket_in("waiting", repair_due_at=timezone.now() - timedelta(hours=1))
    ticket_in("awaiting", repair_due_at=timezone.now() - timedelta(hours=1))
    ticket_in("closed", repair_due_at=timezone.now() - timedelta(hours=1))
    counts = {
        str(each["label"]): (each["number"], each["url"])
        for each in chief.get(LIST).context["ticket_counts"]
    }
    assert {label: number for label, (number, _url) in counts.items()} == {
        "terlambat": 2,
        str(TicketState.NEW.label): 2,
        str(TicketState.ACKNOWLEDGED.label): 0,
        str(TicketState.ASSIGNED.label): 0,
        str(TicketState.IN_REPAIR.label): 0,
        str(TicketState.WAITING.label): 1,
        str(TicketState.AWAITING_VERIFICATION.label): 1,
        str(TicketState.REOPENED.label): 0,
    }
    assert len(shown(chief, counts["terlambat"][1].partition("?")[2])) == 2


def test_a_view_is_saved_by_name_for_oneself_and_forgotten(chief: Client, client: Client) -> None:
    save = reverse("admin:maintenance_ticket_save_view")
    query = "o=-6&state=waiting&cause=part&p=2"
    answer = chief.post(save, {"name": "Suku cadang", "query": query})
    assert answer["Location"] == f"{LIST}?cause=part&o=-6&state=waiting"
    view = SavedView.objects.get()
    page = chief.get(answer["Location"]).content.decode()
    assert "Suku cadang" in page and "is-chosen" in page
    other = Client()
    other.force_login(member("viewer"))
    assert "Suku cadang" not in other.get(LIST).content.decode()
    other.post(save, {"forget": view.pk})
    assert SavedView.objects.exists()  # another's
    chief.post(save, {"name": "Suku cadang", "query": "state=new"})
    assert SavedView.objects.get().query == "state=new"
    chief.post(save, {"forget": view.pk})
    assert not SavedView.objects.exists()


def do(client: Client, action: str, chosen: list[Ticket], **given: Any) -> Any:
    return client.post(
        LIST, {"action": action, ACTION_CHECKBOX_NAME: [each.pk for each in chosen], **given}
    )


def test_many_are_acknowledged_and_those_that_cannot_are_named_with_the_reason(
    chief: Client,
) -> None:
    one, two, done = ticket_in("new"), ticket_in("reopened"), ticket_in("in_repair")
    asked = do(chief, "acknowledge_many", [one, two, done])
    assert asked.status_code == 200 and one.number in asked.content.decode()
    assert not Ticket.objects.filter(state="acknowledged").exists()
    do(chief, "acknowledge_many", [one, two, done], go="1", note="Dibaca.")
    assert Ticket.objects.filter(state="acknowledged").count() == 2
    page = chief.get(LIST).content.decode()
    assert done.number in page and str(TicketState.IN_REPAIR.label) in page


def test_many_are_assigned_snoozed_and_put_into_a_package(chief: Client) -> None:
    some, vendor = [ticket_in("new") for _each in range(3)], make_vendor()
    do(chief, "assign_many", some, go="1", vendor=vendor.pk)
    assert Ticket.objects.filter(state="assigned", vendor=vendor).count() == 3
    day = (timezone.localdate() + timedelta(days=3)).isoformat()
    do(chief, "snooze_many", some, go="1", day=day)
    assert Ticket.objects.exclude(snoozed_until=None).count() == 3
    package = make_package()
    do(chief, "put_into_package", some, package=package.pk)
    assert Ticket.objects.filter(state="waiting", wait_cause="procurement").count() == 3
    assert package.links.count() == 3
    assert all(ticket.events.last().deed == "join" for ticket in some)


def test_who_may_not_is_offered_no_bulk_deed(client: Client) -> None:
    ticket = ticket_in("new")
    client.force_login(member("viewer"))
    assert "acknowledge_many" not in client.get(LIST).content.decode()
    do(client, "acknowledge_many", [ticket], go="1")
    ticket.refresh_from_db()
    assert ticket.state == "new"


def test_a_ticket_is_opened_by_hand_for_what_no_probe_sees(chief: Client) -> None:
    camera = make_camera()
    add = reverse("admin:maintenance_ticket_add")
    given = {"camera": camera.pk, "reported_fault": "bent_pole", "description": "Tiang miring."}
    answer = chief.post(add, given)
    ticket = Ticket.objects.get()
    assert answer["Location"] == ticket.get_absolute_url()
    assert (ticket.camera, ticket.opened_by, ticket.site) == (
        camera,
        User.objects.get(),
        camera.site,
    )
    page = chief.get(ticket.get_absolute_url()).content.decode()
    assert "Tiang miring." in page
    refused = chief.post(add, given).content.decode()
    assert ticket.number in refused and Ticket.objects.count() == 1
    uplink = Uplink.objects.create(code="NVR-1", name="NVR", kind="nvr")
    chief.post(add, {**given, "camera": "", "uplink": uplink.pk})
    assert Ticket.objects.get(uplink=uplink).reported_fault == "bent_pole"
    assert chief.post(add, {**given, "uplink": uplink.pk}).status_code == 200  # both: refused


def test_a_ticket_of_an_uplink_lists_the_cameras_that_it_took(chief: Client) -> None:
    uplink = Uplink.objects.create(code="NVR-1", name="NVR Manggarai", kind="nvr")
    now = timezone.now() - timedelta(hours=1)
    outage = Incident.objects.create(
        uplink=uplink, verdict="offline", began_at=now, confirmed_at=now
    )
    for number in range(3):
        Incident.objects.create(
            camera=make_camera(code=f"PA-MGR-0{number}"),
            part_of=outage,
            verdict="offline",
            began_at=now,
            confirmed_at=now,
        )
    tickets.open_due()
    page = chief.get(Ticket.objects.get().get_absolute_url()).content.decode()
    assert all(f"PA-MGR-0{number}" in page for number in range(3))


def lived_ticket() -> Ticket:
    """One with everything that a page shows."""
    camera = make_camera(site=make_site())
    incident = begin_incident(camera)
    tickets.open_due()
    ticket = camera.tickets.get()
    ticket_deeds.acknowledge(ticket, None)
    ticket_deeds.assign(ticket, None, vendor=make_vendor())
    ticket_deeds.begin_repair(ticket, None)
    Incident.objects.filter(pk=incident.pk).update(ended_at=timezone.now())
    ticket_deeds.repaired(ticket, None)
    prove(camera, 1)
    return ticket


def test_the_list_costs_the_same_with_few_and_with_many(
    chief: Client, django_assert_max_num_queries: Any
) -> None:
    for _each in range(40):
        lived_ticket()
    SavedView.objects.create(owner=User.objects.first(), name="Semua", query="state=all")
    chief.get(LIST)
    for query in ("", "state=all&overdue=yes", "q=PA", "area=1&agency=1", "o=-6"):
        with django_assert_max_num_queries(13):
            assert chief.get(f"{LIST}?{query}").status_code == 200


def test_the_page_of_a_ticket_costs_at_most_twelve_queries(
    chief: Client, django_assert_max_num_queries: Any
) -> None:
    ticket = lived_ticket()
    chief.get(ticket.get_absolute_url())
    with django_assert_max_num_queries(12):
        assert ticket.number in chief.get(ticket.get_absolute_url()).content.decode()


def test_downtime_by_cause_is_shown_for_any_period_area_and_agency(chief: Client) -> None:
    page = reverse("admin:maintenance_ticket_downtime")
    assert chief.get(page).status_code == 200
    area = make_site().area
    assert chief.get(f"{page}?first=2026-01-01&last=2026-02-01&area={area.pk}").status_code == 200
    refused = chief.get(f"{page}?first=2026-02-01&last=2026-01-01")
    assert refused.status_code == 200 and "rows" not in refused.context
