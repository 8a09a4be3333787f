"""What cannot wait: told once, grouped, at most one mail in ten minutes to each person."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone

from cameras.models import Area, Camera, SiteKind, Uplink, UplinkKind
from maintenance.models import MailState, ReportSubscription, UrgentMail, UrgentMatter
from maintenance.report import urgent
from monitoring.models import Incident
from monitoring.verdicts import Reason, Verdict
from tests.concurrency import at_once
from tests.factories import make_camera, make_site
from tests.servers import mail_server

pytestmark = pytest.mark.django_db

NOW = timezone.now().replace(microsecond=0)
MINUTE = timedelta(minutes=1)


def subscribe(address: str = "jaga@example.id", **fields: Any) -> ReportSubscription:
    return ReportSubscription.objects.create(email=address, wants_urgent=True, **fields)


def floodgate(**fields: Any) -> Camera:
    return make_camera(site=make_site(kind=SiteKind.FLOODGATE), **fields)


def fails(camera: Camera, at: datetime = NOW, **fields: Any) -> Incident:
    given = {"verdict": Verdict.BLACK, "began_at": at - MINUTE, "confirmed_at": at, **fields}
    return Incident.objects.create(camera=camera, **given)


def uplink_fails(*cameras: Camera, at: datetime = NOW) -> Incident:
    uplink = Uplink.objects.create(code=f"NVR-{at:%H%M}", name="NVR Karet", kind=UplinkKind.NVR)
    began = at - timedelta(minutes=20)
    outage = Incident.objects.create(
        uplink=uplink,
        verdict=Verdict.OFFLINE,
        reason=Reason.UNREACHABLE,
        began_at=began,
        confirmed_at=began,
    )
    for camera in cameras:
        Camera.objects.filter(pk=camera.pk).update(uplink=uplink)
        fails(camera, at, part_of=outage, verdict=Verdict.OFFLINE)
    return outage


def test_a_floodgate_is_told_of_once_and_a_junction_is_not() -> None:
    subscribe()
    fails(make_camera(site=make_site(kind=SiteKind.JUNCTION)))
    assert urgent.tend(NOW) == {"begun": 0, "sent": 0}
    camera = floodgate()
    fails(camera)
    assert urgent.tend(NOW) == {"begun": 1, "sent": 1}
    assert urgent.tend(NOW + 30 * MINUTE) == {"begun": 0, "sent": 0}
    [sent] = mail.outbox
    assert camera.name in sent.subject and camera.site.name in sent.body
    assert camera.site.name in sent.message().get_body(("html",)).get_content()


def test_an_uplink_and_what_it_took_are_one_matter() -> None:
    subscribe()
    uplink_fails(floodgate(), floodgate(), make_camera())
    urgent.tend(NOW)
    [sent] = mail.outbox
    assert "NVR Karet" in sent.subject
    assert "3" in sent.body and "2" in sent.body
    assert UrgentMatter.objects.count() == 1


def test_what_happens_within_ten_minutes_comes_in_one_mail_after_them() -> None:
    subscribe()
    fails(floodgate())
    urgent.tend(NOW)
    sent_at = UrgentMail.objects.get().sent_at
    assert sent_at is not None
    for minutes in (1, 4, 9):
        fails(floodgate(), sent_at + minutes * MINUTE)
        urgent.tend(sent_at + minutes * MINUTE)
    assert len(mail.outbox) == 1
    urgent.tend(sent_at + 10 * MINUTE)
    assert len(mail.outbox) == 2
    assert UrgentMatter.objects.filter(mail=UrgentMail.objects.latest("pk")).count() == 3


def test_who_subscribed_twice_is_one_person_and_who_wants_an_area_hears_of_it_alone() -> None:
    here, there = (
        floodgate(),
        make_camera(
            site=make_site(
                kind=SiteKind.FLOODGATE, area=Area.objects.create(code="JU", name="Jakarta Utara")
            )
        ),
    )
    subscribe()
    subscribe("JAGA@example.id", area=here.site.area)
    subscribe("utara@example.id", area=there.site.area)
    fails(here)
    fails(there)
    urgent.tend(NOW)
    said = {each.to[0]: each.body for each in mail.outbox}
    assert set(said) == {"jaga@example.id", "utara@example.id"}
    assert here.code in said["jaga@example.id"] and there.code in said["jaga@example.id"]
    assert here.code not in said["utara@example.id"]


def test_what_is_over_or_old_is_told_to_nobody() -> None:
    subscribe()
    fails(floodgate(), ended_at=NOW)
    fails(floodgate(), NOW - timedelta(days=3))
    assert urgent.tend(NOW)["begun"] == 0


@pytest.mark.django_db(transaction=True)
def test_many_workers_at_once_send_one_mail(settings: Any) -> None:
    subscribe()
    fails(floodgate())
    with mail_server(settings) as server:
        at_once(*[lambda: urgent.tend(NOW)] * 5)
        at_once(*[lambda: urgent.tend(NOW + MINUTE)] * 5)
        assert len(server.mails) == 1
    assert UrgentMail.objects.count() == 1


def test_a_mail_that_is_refused_is_tried_again_and_holds_back_the_next(settings: Any) -> None:
    subscribe()
    fails(floodgate())
    with mail_server(settings) as server:
        server.refuses = True
        urgent.tend(NOW)
        fails(floodgate(), NOW + MINUTE)
        server.refuses = False
        assert urgent.tend(NOW + 3 * MINUTE) == {"begun": 0, "sent": 1}
        assert len(server.mails) == 1
    assert UrgentMail.objects.get().state == MailState.SENT


@contextmanager
def ear() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Somebody who takes messages over HTTP; his address as Apprise has it, and what he heard."""
    heard: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            heard.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"json://127.0.0.1:{server.server_port}/", heard
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_other_ways_are_told_by_a_line_of_settings(settings: Any) -> None:
    camera = floodgate()
    with ear() as (address, heard):
        settings.APPRISE_URLS = [address]
        fails(camera)
        urgent.tend(NOW)
        urgent.tend(NOW + MINUTE)
        [message] = heard
    assert camera.name in message["title"] and camera.site.name in message["message"]
    assert mail.outbox == []


def test_a_way_that_is_away_is_tried_again_and_keeps_no_mail_back(settings: Any) -> None:
    settings.APPRISE_URLS = ["json://127.0.0.1:1/"]
    subscribe()
    fails(floodgate())
    assert urgent.tend(NOW) == {"begun": 2, "sent": 1}
    assert UrgentMail.objects.get(address=urgent.CHANNELS).problem
