"""Feedback: false alarms close what was wrongly opened, and are heeded from then on."""

from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cameras.models import Camera
from monitoring import alarms, uptime
from monitoring.feedback import call_false_alarm, view_is_right
from monitoring.looking import look
from monitoring.memory import Memory, learn
from monitoring.models import (
    CameraHealth,
    CameraReference,
    HealthSpan,
    Incident,
    Lesson,
    PlannedWork,
)
from monitoring.probing import target_of
from monitoring.quality import by_month
from monitoring.recording import record
from monitoring.verdicts import Because, Verdict
from tests.concurrency import at_once
from tests.factories import claimed, make_camera, make_user, seen
from tests.monitoring.test_looking import scene

pytestmark = pytest.mark.django_db
MEASURED = {"because": "other_view", "severity": 1.6, "confidence": 0.69, "found": 0.2}
MEASURED |= {"usually_found": 0.9}


def reference(at: datetime) -> Any:
    return learn(Memory(), look(scene()), None, at)


def moved_camera() -> tuple[Camera, Incident]:
    """A camera with a reference, and an incident that says that it was moved."""
    camera, start = make_camera(), timezone.now() - timedelta(minutes=30)
    record(claimed(camera), [seen(camera, Verdict.HEALTHY, start, learned=reference(start))])
    for minute in (5, 10, 15):
        at = start + timedelta(minutes=minute)
        record(claimed(camera), [seen(camera, Verdict.MOVED, at, measurements=MEASURED)])
    return camera, Incident.objects.get(camera=camera)


def test_a_false_alarm_closes_the_incident_and_gives_the_time_back() -> None:
    camera, incident = moved_camera()
    lesson = call_false_alarm(incident.pk, "Pohonnya sudah dipangkas.", None)
    incident.refresh_from_db()
    health = CameraHealth.objects.get()
    assert incident.ended_at is not None and incident.lesson == lesson
    assert (health.verdict, health.since) == (Verdict.HEALTHY, incident.began_at)
    assert not HealthSpan.objects.exclude(verdict=Verdict.HEALTHY).exists()
    assert HealthSpan.objects.filter(camera=camera, ended_at=None).count() == 1


def test_the_probe_after_a_false_alarm_goes_on_as_if_nothing_had_been() -> None:
    camera, incident = moved_camera()
    call_false_alarm(incident.pk, "–", None)
    record(claimed(camera), [seen(camera, Verdict.HEALTHY)])
    assert CameraHealth.objects.get().verdict == Verdict.HEALTHY
    assert Incident.objects.count() == 1


def test_a_camera_that_was_held_for_dead_is_probed_at_once() -> None:
    _camera, incident = moved_camera()
    CameraHealth.objects.update(due_at=timezone.now() + timedelta(minutes=30))
    call_false_alarm(incident.pk, "Kamera menyala.", None)
    assert CameraHealth.objects.get().due_at <= timezone.now()


def test_what_the_picture_measured_is_accepted_of_this_camera_from_then_on() -> None:
    camera, incident = moved_camera()
    other = make_camera()
    call_false_alarm(incident.pk, "–", None)
    claimed(other)
    rows = CameraHealth.objects.prefetch_related("camera__lessons", "camera__references")
    accepted = {row.pk: target_of(row, ()).accepted for row in rows}
    assert accepted == {camera.pk: {Because.OTHER_VIEW: 1.6}, other.pk: {}}
    Lesson.objects.update(is_heeded=False)
    assert target_of(rows.get(pk=camera.pk), ()).accepted == {}


def test_of_a_fault_that_became_another_the_picture_of_the_other_is_accepted() -> None:
    camera, incident = moved_camera()
    at = timezone.now() - timedelta(minutes=10)
    standing = {"because": "repeated", "severity": 2.0}
    for number in range(3):
        when = at + timedelta(minutes=number)
        record(claimed(camera), [seen(camera, Verdict.FROZEN, when, measurements=standing)])
    lesson = call_false_alarm(incident.pk, "–", None)
    assert (lesson.verdict, lesson.severity) == (Verdict.FROZEN, 2.0)
    assert set(lesson.tests) == {Because.STILL, Because.REPEATED, Because.CALM}


def test_called_twice_it_is_one_false_alarm_and_the_first_reason_stays() -> None:
    _camera, incident = moved_camera()
    first = call_false_alarm(incident.pk, "pertama", None)
    assert call_false_alarm(incident.pk, "kedua", None) == first
    assert Lesson.objects.get().reason == "pertama"


@pytest.mark.django_db(transaction=True)
def test_two_people_at_once_make_one_false_alarm() -> None:
    _camera, incident = moved_camera()
    at_once(*[lambda: call_false_alarm(incident.pk, "–", None)] * 4)
    assert Lesson.objects.count() == 1


def test_an_incident_that_has_ended_keeps_its_end() -> None:
    camera, incident = moved_camera()
    for minute in (20, 25):
        at = incident.began_at + timedelta(minutes=minute)
        record(claimed(camera), [seen(camera, Verdict.HEALTHY, at)])
    incident.refresh_from_db()
    ended = incident.ended_at
    call_false_alarm(incident.pk, "–", None)
    incident.refresh_from_db()
    assert ended is not None and incident.ended_at == ended
    assert not HealthSpan.objects.exclude(verdict=Verdict.HEALTHY).exists()


def held_back_camera(*then: Verdict) -> tuple[Incident, datetime]:
    """A fault that began during planned work; its incident begins when that is over, at the
    moment that is returned. `then`: what is seen from then on, every five minutes."""
    camera, start = make_camera(), timezone.now() - timedelta(hours=1)
    over = start + timedelta(minutes=18)
    PlannedWork.objects.create(begins_at=start, ends_at=over, created_by=make_user(), camera=camera)
    for number, verdict in enumerate([Verdict.HEALTHY, *[Verdict.BLACK] * 3, *then]):
        at = start + timedelta(minutes=5 * number)
        if at > over:
            alarms.make_up(at)
        with time_machine.travel(at, tick=False):
            record(claimed(camera), [seen(camera, verdict, at)])
    alarms.make_up(timezone.now())
    return Incident.objects.get(), over


def spans_in_order() -> list[tuple[str, datetime, datetime | None]]:
    rows = HealthSpan.objects.order_by("began_at", "pk")
    return [(row.verdict, row.began_at, row.ended_at) for row in rows]


def test_a_fault_that_planned_work_held_back_is_down_no_longer_once_called_false() -> None:
    incident, over = held_back_camera(Verdict.BLACK)
    assert incident.began_at == over and incident.ended_at is None
    black_since = CameraHealth.objects.get().since
    call_false_alarm(incident.pk, "–", None)
    camera, at = Camera.objects.get(), over + timedelta(minutes=7)
    record(claimed(camera), [seen(camera, Verdict.HEALTHY, at)])
    # What was seen during the work stands; nothing was said of it.
    assert spans_in_order()[1:] == [
        (Verdict.BLACK, black_since, over),
        (Verdict.HEALTHY, over, None),
    ]
    spent = uptime.of_camera(camera.pk, over, at)
    assert (spent.up, spent.down) == (at - over, timedelta(0))
    assert uptime.down_windows(over - timedelta(hours=1), at) == {}
    counted = HealthSpan.objects.get(verdict=Verdict.BLACK).probes
    assert counted + CameraHealth.objects.get().span_probes == 3


def test_the_same_when_it_has_ended_already() -> None:
    incident, over = held_back_camera(Verdict.BLACK, Verdict.HEALTHY, Verdict.HEALTHY)
    assert incident.began_at == over and incident.ended_at == over + timedelta(minutes=7)
    call_false_alarm(incident.pk, "–", None)
    assert [row[0] for row in spans_in_order()] == [
        Verdict.HEALTHY,
        Verdict.BLACK,
        Verdict.HEALTHY,
        Verdict.HEALTHY,
    ]
    spent = uptime.of_camera(Camera.objects.get().pk, over, over + timedelta(minutes=12))
    assert (spent.up, spent.down) == (timedelta(minutes=12), timedelta(0))


def test_the_references_of_a_wrongly_moved_camera_are_learned_anew() -> None:
    _camera, incident = moved_camera()
    assert CameraReference.objects.count() == 1
    call_false_alarm(incident.pk, "–", None)
    assert not CameraReference.objects.exists()


def test_what_was_seen_before_a_view_was_called_right_is_not_learned_any_more() -> None:
    camera, before = make_camera(), timezone.now()
    mark = claimed(camera)
    view_is_right(camera.pk)
    record(mark, [seen(camera, Verdict.HEALTHY, before, learned=reference(before))])
    assert not CameraReference.objects.exists()
    later = timezone.now()
    record(claimed(camera), [seen(camera, Verdict.HEALTHY, later, learned=reference(later))])
    assert CameraReference.objects.count() == 1


def test_precision_is_counted_by_fault_and_month() -> None:
    _camera, incident = moved_camera()
    moved_camera_two, _other = make_camera(), None
    for minute in (0, 5, 10):
        at = timezone.now() + timedelta(minutes=minute)
        record(claimed(moved_camera_two), [seen(moved_camera_two, Verdict.MOVED, at)])
    call_false_alarm(incident.pk, "–", None)
    found = by_month(timezone.now() - timedelta(days=40), Incident.objects.all())
    assert sum(each.incidents for each in found) == 2
    assert sum(each.false_alarms for each in found) == 1
    assert {each.verdict for each in found} == {Verdict.MOVED}


def test_who_may_not_teach_the_eye_is_offered_nothing_and_can_do_nothing(client: Client) -> None:
    camera, incident = moved_camera()
    person = make_user("monitoring.view_incident", "cameras.view_camera", "cameras.change_camera")
    client.force_login(person)
    false = reverse("admin:monitoring_incident_false_alarm", args=[incident.pk])
    right = reverse("admin:cameras_camera_view_is_right", args=[camera.pk])
    page = client.get(reverse("admin:monitoring_incident_change", args=[incident.pk]))
    assert false not in page.content.decode()
    for address in (false, right):
        answer = client.post(address, {"_form_submitted": "True", "reason": "x"})
        assert answer.status_code == 403
    assert not Lesson.objects.exists() and CameraReference.objects.exists()


def test_a_person_calls_a_false_alarm_on_the_incidents_page(client: Client) -> None:
    camera, incident = moved_camera()
    person = make_user(
        "monitoring.view_incident",
        "monitoring.teach_eye",
        "monitoring.view_lesson",
        "cameras.view_camera",
    )
    client.force_login(person)
    address = reverse("admin:monitoring_incident_false_alarm", args=[incident.pk])
    page = reverse("admin:monitoring_incident_change", args=[incident.pk])
    assert address in client.get(page).content.decode()

    answer = client.post(address, {"_form_submitted": "True", "reason": "Kamera digeser petugas."})

    assert answer["HX-Redirect"] == page
    assert Lesson.objects.get().taught_by == person
    shown = client.get(page).content.decode()
    assert "Kamera digeser petugas." in shown and address not in shown
    figures = client.get(reverse("admin:monitoring_lesson_changelist")).content.decode()
    assert camera.code in figures and "0.0 %" in figures.replace(",", ".")


def test_the_picture_of_the_fault_says_why(client: Client) -> None:
    camera, incident = moved_camera()
    client.force_login(make_user("monitoring.view_incident", "cameras.view_camera"))
    client.cookies["django_language"] = "en"
    client.post("/i18n/setlang/", {"language": "en", "next": "/admin/"})
    page = client.get(reverse("admin:monitoring_incident_change", args=[incident.pk]))
    assert "Only 20 % of the usual view is found again" in page.content.decode()
    shown = client.get(reverse("admin:cameras_camera_change", args=[camera.pk]))
    assert "69 % sure" in shown.content.decode()
