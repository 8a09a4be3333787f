"""Filtering by agency: what is an agency's is found, its site's cameras among it."""

from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cameras.models import Agency, Camera, Uplink
from maintenance import tickets
from maintenance.models import Ticket
from monitoring.models import Incident
from monitoring.verdicts import Verdict
from tests.factories import make_camera, make_site

pytestmark = pytest.mark.django_db


@pytest.fixture
def agencies() -> tuple[Agency, Agency]:
    return (
        Agency.objects.create(code="SDA", name="Dinas SDA"),
        Agency.objects.create(code="SATPOL", name="Satpol PP"),
    )


@pytest.fixture
def own(agencies: tuple[Agency, Agency]) -> set[Any]:
    """What is SDA's of the city: two cameras and the NVR at its site."""
    sda, satpol = agencies
    theirs, elsewhere, nobodys = make_site(agency=sda), make_site(agency=satpol), make_site()
    nvr = Uplink.objects.create(code="NVR-SDA", name="NVR", kind="nvr", site=theirs)
    Uplink.objects.create(code="NVR-SATPOL", name="NVR", kind="nvr", site=elsewhere)
    for site in (elsewhere, nobodys):
        make_camera(site=site)
    make_camera(site=theirs, agency=satpol)
    through_site = make_camera(site=theirs)
    by_itself = make_camera(site=elsewhere, agency=sda)
    now = timezone.now()
    at = {"verdict": Verdict.OFFLINE, "began_at": now, "confirmed_at": now}
    for camera in Camera.objects.all():
        Incident.objects.create(camera=camera, **at)
    for uplink in Uplink.objects.all():
        Incident.objects.create(uplink=uplink, **at)
    tickets.open_due()
    return {through_site, by_itself, nvr}


def shown(client: Client, model: Any, agency: Agency) -> list[Any]:
    meta = model._meta
    address = reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist")
    answer = client.get(address, {"agency": agency.pk})
    assert answer.status_code == 200
    return list(answer.context["cl"].result_list)


def test_the_cameras_of_an_agencys_sites_are_found(
    client: Client,
    own: set[Any],
    agencies: tuple[Agency, Agency],
    django_assert_max_num_queries: Any,
) -> None:
    client.force_login(User.objects.create_superuser("kepala"))
    ContentType.objects.get_for_models(*apps.get_models())  # a process asks once and for all
    with django_assert_max_num_queries(15):
        cameras = shown(client, Camera, agencies[0])
    own_cameras = {each for each in own if isinstance(each, Camera)}
    assert set(cameras) == own_cameras
    with django_assert_max_num_queries(15):
        incidents = shown(client, Incident, agencies[0])
    assert {each.subject for each in incidents} == own
    assert len(incidents) == len(own)
    with django_assert_max_num_queries(15):
        repairs = shown(client, Ticket, agencies[0])
    assert {each.camera for each in repairs} == own_cameras  # no outage was recognised here
