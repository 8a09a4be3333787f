"""Planned work: faults are expected, alarm nobody, and are made up for afterwards."""

from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import User
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cameras.models import Area, Camera, Uplink
from maintenance import tickets
from maintenance.models import Ticket
from monitoring import alarms, planned
from monitoring.models import CameraHealth, Incident, PlannedWork
from monitoring.recording import record
from monitoring.verdicts import Verdict
from tests.factories import claimed, make_camera, make_site, make_user, seen

pytestmark = pytest.mark.django_db

START = datetime.fromisoformat("2026-11-02T08:00:00+07:00")
HEALTHY, BLACK = Verdict.HEALTHY, Verdict.BLACK


def minute(number: float) -> datetime:
    return START + timedelta(minutes=number)


def work(begin: float = 0, end: float = 60, **subject: Any) -> PlannedWork:
    return PlannedWork.objects.create(
        begins_at=minute(begin),
        ends_at=minute(end),
        reason="Pengecatan tiang",
        created_by=make_user(),
        **subject,
    )


def probe(camera: Camera, *verdicts: Verdict, first: float) -> CameraHealth:
    """Probes a minute apart."""
    for number, verdict in enumerate(verdicts):
        at = minute(first + number)
        with time_machine.travel(at, tick=False):
            record(claimed(camera), [seen(camera, verdict, at)])
    return CameraHealth.objects.get(pk=camera.pk)


def make_up(at: float) -> int:
    with time_machine.travel(minute(at), tick=False):
        return alarms.make_up(minute(at))


def test_a_window_covers_its_camera_its_site_what_is_behind_its_uplink_and_the_parts_of_its_area(
    django_assert_max_num_queries: Any,
) -> None:
    city = Area.objects.create(code="31.74", name="Jakarta Selatan")
    district = Area.objects.create(code="31.74.01", name="Tebet", parent=city)
    provider = Uplink.objects.create(code="PR-1", name="PR", kind="provider")
    nvr = Uplink.objects.create(code="NVR-1", name="NVR", kind="nvr", parent=provider)
    by_camera, by_site, behind, none = (make_camera() for _each in range(4))
    behind.uplink = nvr
    behind.save()
    in_area = make_camera(site=make_site(area=district))
    for subject in (
        {"camera": by_camera},
        {"site": by_site.site},
        {"uplink": provider},
        {"area": city},
    ):
        work(**subject)
    with django_assert_max_num_queries(3):
        covered = planned.cover(minute(30))
    everyone = Camera.objects.select_related("site")
    expected = {by_camera, by_site, behind, in_area}
    assert {camera for camera in everyone if covered.includes(camera)} == expected
    assert set(everyone.filter(covered.condition)) == expected
    for moment in (minute(-1), minute(60)):
        assert not planned.cover(moment)
    assert planned.cover(minute(0))
    hour = (minute(0), minute(60))
    assert planned.windows(minute(30), minute(90)) == {each.pk: [hour] for each in expected}
    assert planned.windows(minute(60), minute(90)) == {}
    assert none.pk not in planned.windows(minute(0), minute(1))


def test_a_fault_during_planned_work_is_known_and_alarms_nobody() -> None:
    camera = make_camera()
    work(camera=camera)
    row = probe(camera, HEALTHY, BLACK, BLACK, BLACK, first=10)
    assert row.verdict == BLACK
    assert [span.verdict for span in camera.spans.order_by("pk")] == [HEALTHY, BLACK]
    assert make_up(20) == 0 and not Incident.objects.exists()
    row = probe(camera, HEALTHY, HEALTHY, first=30)
    assert make_up(70) == 0 and not Incident.objects.exists()


def test_what_is_still_bad_after_it_has_its_incident_from_the_end_of_the_window() -> None:
    camera = make_camera()
    work(camera=camera)
    work(begin=50, end=62, camera=camera)  # it took a little longer
    probe(camera, HEALTHY, BLACK, BLACK, BLACK, first=10)
    assert make_up(61) == 0
    assert make_up(63) == 1
    assert make_up(64) == 0
    incident = Incident.objects.get()
    assert (incident.verdict, incident.began_at) == (BLACK, minute(62))
    assert {shot.kind for shot in incident.snapshots.all()} == {"before", "fault"}
    with time_machine.travel(minute(64)):
        assert tickets.open_due() == 1
    assert Ticket.objects.get().camera == camera


def test_many_that_are_still_bad_after_it_cost_no_more_questions_than_a_few() -> None:
    def questions(cameras: int) -> int:
        site = make_site()
        work(site=site)
        for _each in range(cameras):
            probe(make_camera(site=site), HEALTHY, BLACK, BLACK, BLACK, first=10)
        Camera.objects.exclude(site=site).update(is_monitored=False)
        with CaptureQueriesContext(connection) as queries:
            assert make_up(61) == cameras
        return len(queries)

    assert questions(2) == questions(6)


def test_a_camera_that_is_retired_just_before_its_row_is_locked_gets_no_incident() -> None:
    camera = make_camera()
    work(camera=camera)
    probe(camera, HEALTHY, BLACK, BLACK, BLACK, first=10)
    retired = []

    def retire(execute: Any, sql: str, *rest: Any) -> Any:
        if sql.startswith("SAVEPOINT") and not retired:  # where the transaction begins
            retired.append(camera)
            Camera.objects.update(is_monitored=False)
        return execute(sql, *rest)

    with connection.execute_wrapper(retire):
        assert make_up(61) == 0
    assert retired and not Incident.objects.exists()


def test_an_incident_that_runs_when_the_work_begins_goes_on_and_ends_as_usual() -> None:
    camera = make_camera()
    probe(camera, HEALTHY, BLACK, BLACK, BLACK, first=-10)
    work(camera=camera)
    probe(camera, BLACK, HEALTHY, HEALTHY, first=10)
    incident = Incident.objects.get()
    assert incident.ended_at == minute(11)


def test_a_camera_that_is_no_longer_monitored_begins_no_incident() -> None:
    camera = make_camera()
    work(camera=camera)
    probe(camera, BLACK, BLACK, BLACK, first=10)
    Camera.objects.update(is_monitored=False)
    assert make_up(70) == 0


def test_the_database_refuses_a_window_on_nothing_on_two_things_and_one_that_ends_early() -> None:
    camera = make_camera()
    for wrong in ({}, {"camera": camera, "site": camera.site}, {"camera": camera, "end": -1}):
        with pytest.raises(IntegrityError), transaction.atomic():
            work(**wrong)


# --- On the pages --------------------------------------------------------------------------------


@pytest.fixture
def chief(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("kepala"))
    client.post("/i18n/setlang/", {"language": "en"})
    return client


def test_a_person_enters_it_and_is_named(chief: Client) -> None:
    camera = make_camera()
    address = reverse("admin:monitoring_plannedwork_add")
    given = {
        "camera": camera.pk,
        "begins_at_0": "2026-11-02",
        "begins_at_1": "08:00",
        "ends_at_0": "2026-11-02",
        "ends_at_1": "07:00",
        "reason": "Pengecatan tiang",
    }
    page = chief.post(address, given).content.decode()
    assert "must end after it begins" in page
    page = chief.post(address, {**given, "ends_at_1": "12:00", "site": camera.site_id})
    assert "Choose exactly one" in page.content.decode()
    assert not PlannedWork.objects.exists()
    assert chief.post(address, {**given, "ends_at_1": "12:00"}).status_code == 302
    assert PlannedWork.objects.get().created_by.username == "kepala"
    page = chief.get(reverse("admin:monitoring_plannedwork_changelist") + "?when=over")
    assert page.status_code == 200


def test_lists_cards_and_the_cameras_page_say_so(chief: Client) -> None:
    camera = make_camera()
    now = timezone.now()
    record(claimed(camera), [seen(camera, HEALTHY)])
    PlannedWork.objects.create(
        site=camera.site,
        begins_at=now - timedelta(hours=1),
        ends_at=now + timedelta(hours=1),
        reason="Pengecatan tiang",
        created_by=make_user(),
    )
    CameraHealth.objects.update(is_flapping=True)
    for page in (
        reverse("admin:cameras_camera_changelist"),
        reverse("admin:cameras_camera_change", args=[camera.pk]),
        "/admin/",
    ):
        assert "healthy · flapping · planned work" in chief.get(page).content.decode(), page
    page = chief.get(reverse("admin:cameras_camera_change", args=[camera.pk]))
    assert "Pengecatan tiang" in page.content.decode()
