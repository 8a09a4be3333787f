"""Fifty thousand tickets on SQLite: the list, its filters and search, and the page of one ticket.

Measured is the processor time that the server takes for a page as a member of staff asks for it,
through all middleware and templates, its database (a library of the same process) included, and the
number of queries; the median of several, after one to warm up. Processor time, since the benchmark
may have neighbours.
"""

import time
from datetime import timedelta
from statistics import median
from typing import Any

from django.core.management import call_command

from tests.bench.results import Options, Result, at_most
from tests.bench.setup import prepare

_MOST_MS, _MOST_QUERIES = 300, 12
_LIST = "/admin/maintenance/ticket/"
_PAGES = {
    "the list": "",
    "all, closed ones too": "state=all",
    "overdue ones of an area and an agency": "overdue=yes&area=1&agency=1",
    "sorted by repair due": "state=all&o=7",
    "searched for a camera": "state=all&q=K-000123",
    "searched for a number": "q=TP-00042",
    "a page far behind": "state=all&p=39",
}


def run(options: Options) -> list[Result]:
    prepare(ALLOWED_HOSTS="testserver")
    call_command("collectstatic", verbosity=0, interactive=False)
    many = 2_000 if options.quick else 50_000
    client, address = _client(), _fill(many)
    results = []
    pages = {**{name: f"{_LIST}?{query}" for name, query in _PAGES.items()}, "a ticket": address}
    for name, page in pages.items():
        milliseconds, queries = _measure(client, page, 3 if options.quick else 7)
        results += [
            at_most("tickets", f"{many:,}: {name}", milliseconds, _MOST_MS, "ms"),
            at_most("tickets", f"{many:,}: {name}", queries, _MOST_QUERIES, "queries"),
        ]
    return results


def _client() -> Any:
    from django.contrib.auth.models import Permission, User
    from django.test import Client

    from cameras.models import Reach

    officer = User.objects.create_user("petugas", is_staff=True)
    Reach.objects.create(user=officer, everything=True)
    officer.user_permissions.set(Permission.objects.filter(codename__endswith="ticket"))
    client = Client()
    client.force_login(officer)
    return client


def _measure(client: Any, page: str, times: int) -> tuple[float, int]:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    took, queries = [], 0
    for number in range(times + 1):
        with CaptureQueriesContext(connection) as seen:
            began = time.process_time()
            answer = client.get(page)
            milliseconds = 1000 * (time.process_time() - began)
        assert answer.status_code == 200, (page, answer)
        if number:
            took.append(milliseconds)
            queries = max(queries, len(seen))
    return median(took), queries


def _fill(many: int) -> str:
    """Tickets of some years, a thousand of them open; the address of one with a long history."""
    from django.db import connection
    from django.utils import timezone

    from cameras.models import Agency, Camera
    from maintenance.models import Ticket, TicketEvent, TicketIncident, TicketState, Vendor
    from monitoring.models import CameraHealth, Incident, Snapshot
    from tests.bench import rows

    now = timezone.now()
    cameras = rows.register([f"rtsp://127.0.0.1/{number}" for number in range(3000)])
    agency = Agency.objects.create(code="SDA", name="Dinas Sumber Daya Air")
    vendor = Vendor.objects.create(name="PT Lensa Jaya Abadi")
    open_states = [state for state in TicketState if state.is_open and state != TicketState.WAITING]
    sites = dict(Camera.objects.values_list("pk", "site_id"))
    tickets, incidents = [], []
    for number in range(many):
        camera = cameras[number % len(cameras)]
        # At most one of a camera is open.
        is_open = number < len(cameras) and number % 3 == 0
        opened = now - timedelta(hours=number / 2)
        incidents.append(
            Incident(
                camera=camera,
                verdict="black",
                began_at=opened,
                confirmed_at=opened,
                ended_at=None if is_open else opened + timedelta(hours=5),
            )
        )
        tickets.append(
            Ticket(
                camera=camera,
                site_id=sites[camera.pk],
                agency=agency if number % 3 else None,
                vendor=vendor if number % 2 else None,
                state=open_states[number % len(open_states)] if is_open else TicketState.CLOSED,
                opened_at=opened,
                closed_at=None if is_open else opened + timedelta(hours=6),
                priority=1 + number % 4,
                response_due_at=opened + timedelta(hours=8),
                repair_due_at=opened + timedelta(days=5),
            )
        )
    Incident.objects.bulk_create(incidents, batch_size=2000)
    Ticket.objects.bulk_create(tickets, batch_size=2000)
    pairs = list(zip(tickets, incidents, strict=True))
    TicketIncident.objects.bulk_create(
        (TicketIncident(ticket=ticket, incident=incident) for ticket, incident in pairs),
        batch_size=2000,
    )
    Snapshot.objects.bulk_create(
        (
            Snapshot(
                camera_id=incident.camera_id,
                incident=incident,
                kind=kind,
                verdict="black",
                taken_at=incident.began_at,
                file=f"evidence/{number}-{kind}.jpg",
            )
            for number, (_ticket, incident) in enumerate(pairs)
            for kind in ("before", "fault")
        ),
        batch_size=2000,
    )
    shown = tickets[0]
    TicketEvent.objects.bulk_create(
        (
            TicketEvent(
                ticket=ticket,
                at=ticket.opened_at + timedelta(hours=hour),
                deed="opened",
                to_state=state,
            )
            for ticket in [*tickets, *[shown] * 30]
            for hour, state in enumerate(("new", "acknowledged", "assigned", "closed"))
        ),
        batch_size=2000,
    )
    Ticket.objects.filter(pk=shown.pk).update(state=TicketState.AWAITING_VERIFICATION)
    CameraHealth.objects.bulk_create(
        (CameraHealth(camera=camera, verdict="healthy", probed_at=now) for camera in cameras),
        batch_size=2000,
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return shown.get_absolute_url()
