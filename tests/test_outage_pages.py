"""Outages on the pages: one ticket that names the cameras it took, and the cameras that say why."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cameras.models import Camera, Uplink
from maintenance import tickets
from maintenance.models import Ticket
from monitoring import outages
from monitoring.models import Incident, UplinkHealth
from monitoring.recording import record
from monitoring.verdicts import Reason, Verdict
from tests.factories import claimed, make_camera, seen

pytestmark = pytest.mark.django_db


@pytest.fixture
def chief(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("kepala"))
    client.post("/i18n/setlang/", {"language": "en"})
    return client


@pytest.fixture
def took() -> list[Camera]:
    """Cameras that an outage has taken an hour ago; its ticket is open."""
    uplink = Uplink.objects.create(code="NVR-MGR", name="NVR Manggarai", kind="nvr")
    cameras = [make_camera(uplink=uplink) for _each in range(4)]
    began = timezone.now() - timedelta(hours=1)
    with time_machine.travel(began, tick=False):
        for number in range(3):
            at = began + timedelta(seconds=number)
            reason = Reason.UNREACHABLE
            found = [seen(camera, Verdict.OFFLINE, at, reason=reason) for camera in cameras]
            record(claimed(*cameras), found)
        assert outages.recognise(began) == 1
    assert tickets.open_due() == 1
    return cameras


def html(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


def test_the_ticket_is_the_uplinks_and_lists_the_cameras_it_took(
    chief: Client, took: list[Camera]
) -> None:
    ticket = Ticket.objects.get()
    page = html(chief, ticket.get_absolute_url())
    assert "NVR Manggarai" in page and "4 cameras that it took" in page
    for camera in took:
        assert str(camera) in page
    listed = html(chief, reverse("admin:maintenance_ticket_changelist") + "?q=NVR-MGR")
    assert ticket.number in listed and "NVR Manggarai" in listed


def test_the_first_page_the_cameras_and_the_uplink_say_so(
    chief: Client, took: list[Camera]
) -> None:
    outage = Incident.objects.outages().get()
    page = html(chief, "/admin/")
    assert "4 cameras dark since" in page
    assert reverse("admin:monitoring_incident_change", args=[outage.pk]) in page
    assert "outage of NVR-MGR" in page
    assert "outage of NVR-MGR" in html(chief, reverse("admin:cameras_camera_changelist"))
    camera = html(chief, reverse("admin:cameras_camera_change", args=[took[0].pk]))
    assert reverse("admin:monitoring_incident_change", args=[outage.pk]) in camera
    assert "outage" in html(chief, reverse("admin:cameras_uplink_changelist")).lower()
    assert html(chief, reverse("admin:cameras_uplink_change", args=[outage.uplink_id]))


def test_what_the_network_said_of_an_uplink_is_marked_as_english(chief: Client) -> None:
    uplink = Uplink.objects.create(code="SW-PLT", name="Switch Pluit", address="10.1.2.3:22")
    UplinkHealth.objects.create(uplink=uplink, detail="<refused> by 10.1.2.3")
    UplinkHealth.objects.create(uplink=Uplink.objects.create(code="SW-KRT", name="Switch Karet"))
    page = html(chief, reverse("admin:monitoring_uplinkhealth_changelist"))
    assert '<span lang="en">&lt;refused&gt; by 10.1.2.3</span>' in page
    assert page.count('<span lang="en">') == 1


def test_incidents_can_be_listed_without_those_that_an_outage_took(
    chief: Client, took: list[Camera]
) -> None:
    address = reverse("admin:monitoring_incident_changelist")
    own = html(chief, f"{address}?what=own")
    assert took[0].code not in own
    outages_only = html(chief, f"{address}?what=outages")
    assert "NVR Manggarai" in outages_only and took[0].code not in outages_only


def test_an_outage_costs_no_page_more_queries(
    chief: Client, took: list[Camera], django_assert_max_num_queries: Any
) -> None:
    for name in (
        "cameras_camera",
        "cameras_uplink",
        "monitoring_incident",
        "monitoring_plannedwork",
        "monitoring_uplinkhealth",
        "maintenance_ticket",
    ):
        with django_assert_max_num_queries(16):
            html(chief, reverse(f"admin:{name}_changelist"))
    with django_assert_max_num_queries(16):
        html(chief, "/admin/")
