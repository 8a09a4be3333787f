"""What a page of the admin costs the server with 20,000 cameras on PostgreSQL.

Each page is asked for through the whole of Django (session, rights, queries, templates), as an
administrator signed in; seven times, after two to warm up. What is held to 300 ms is the processor
time of web process and database server together: on a machine with nothing else to do it is what a
person waits for. The median of the time that really passed stands beside it. 5,000 sites in 44
districts, one camera in ten faulty, 160,000 spans and some 50,000 incidents of the last months,
2,000 open tickets.
"""

import random
import statistics
import time
from collections.abc import Iterator
from datetime import datetime, timedelta

import psutil

from tests.bench.postgres import cluster
from tests.bench.results import Options, Result, at_most, stated
from tests.bench.setup import prepare

_MOST_MS = 300
_MOST_QUERIES = 15
_TIMES = 7


def run(options: Options) -> list[Result]:
    cameras = 2000 if options.quick else 20_000
    with cluster() as (address, server):
        prepare(DATABASE_URL=address)
        from django.conf import settings
        from django.contrib.auth.models import User
        from django.test import Client

        # Static files as they stand in the source: none is collected for a benchmark.
        static = "django.contrib.staticfiles.storage.StaticFilesStorage"
        settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": static}}
        _furnish(cameras)
        client = Client(headers={"host": "127.0.0.1"})
        client.force_login(User.objects.create_superuser("kepala"))
        processes = [psutil.Process(), psutil.Process(server)]
        asked = [(client, name, page) for name, page in _pages()]
        operator = _operator()
        asked += [(operator, f"operator: {name}", page) for name, page in _narrowed()]
        results = []
        for visitor, name, page in asked:
            used_ms, passed_ms, queries = _measure(visitor, page, processes)
            print(f"{name}: {used_ms:.0f} ms used, {passed_ms:.0f} ms passed, {queries} queries")
            results.append(at_most("pages", name, used_ms, _MOST_MS, "ms"))
            results.append(stated("pages", f"{name}: passed", passed_ms, "ms"))
            results.append(at_most("pages", f"{name}: queries", queries, _MOST_QUERIES))
        return results


def _pages() -> Iterator[tuple[str, str]]:
    from cameras.models import Area, Camera, Site

    cameras = "/admin/cameras/camera/"
    city = Area.objects.get(code="31.72").pk
    yield "first page", "/admin/"
    yield "list of cameras", cameras
    yield "list, faulty ones of a city", f"{cameras}?area={city}&condition=faulty"
    yield "list, sorted by verdict", f"{cameras}?o=4"
    yield "list, searched by a name", f"{cameras}?q=kamera+19"
    yield "list, searched by a host", f"{cameras}?q=10.0.7"
    faulty = Camera.objects.filter(health__verdict="black").first()
    assert faulty is not None
    yield "a camera", f"{cameras}{faulty.pk}/change/"
    yield "wall of a city", f"{cameras}wall/?area={city}"
    yield "wall of everything", f"{cameras}wall/"
    yield "wall, the part that refreshes", f"{cameras}wall/?area={city}&fragment=1"
    yield "map", f"{cameras}map/"
    site = Site.objects.exclude(latitude=None).first()
    assert site is not None and site.longitude is not None and site.latitude is not None
    x, y = float(site.longitude), float(site.latitude)
    yield "map, a closer look", f"{cameras}map/?box={x - 0.02},{y - 0.02},{x + 0.02},{y + 0.02}"
    yield "incidents", "/admin/monitoring/incident/"
    yield "tickets", "/admin/maintenance/ticket/"


def _operator():  # type: ignore[no-untyped-def]
    """Somebody who reaches one agency's cameras in one city: the costliest way to narrow."""
    from django.contrib.auth.models import User
    from django.test import Client

    from cameras.models import Agency, Area, Reach
    from cameras.roles import Role, group_of

    person, _made = User.objects.get_or_create(username="operator", is_staff=True)
    person.groups.add(group_of(Role.OPERATOR))
    part = {"agency": Agency.objects.first(), "area": Area.objects.get(code="31.72")}
    Reach.objects.get_or_create(user=person, **part)
    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(person)
    return client


def _narrowed() -> Iterator[tuple[str, str]]:
    from django.contrib.auth.models import User

    from cameras.models import Camera
    from cameras.reach import narrow, reach_of

    person = User.objects.get(username="operator")
    camera = narrow(Camera.objects.exclude(health=None), reach_of(person)).first()
    assert camera is not None
    cameras = "/admin/cameras/camera/"
    yield "first page", "/admin/"
    yield "list of cameras", cameras
    yield "a camera", f"{cameras}{camera.pk}/change/"
    yield "wall", f"{cameras}wall/"
    yield "map", f"{cameras}map/"
    yield "sites", "/admin/cameras/site/"
    yield "uplinks", "/admin/cameras/uplink/"
    yield "incidents", "/admin/monitoring/incident/"
    yield "health spans", "/admin/monitoring/healthspan/"
    yield "tickets", "/admin/maintenance/ticket/"


def _measure(client, page: str, processes: list[psutil.Process]) -> tuple[float, float, int]:  # type: ignore[no-untyped-def]
    """(processor time, time that passed, both in ms; queries) of one page."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from tests.bench.engine import cpu_s

    for _warming in range(2):
        answer = client.get(page)
        assert answer.status_code == 200, f"{page}: {answer.status_code}"
    times, used = [], -cpu_s(processes)
    for _each in range(_TIMES):
        began = time.perf_counter()
        client.get(page)
        times.append((time.perf_counter() - began) * 1000)
    used += cpu_s(processes)
    with CaptureQueriesContext(connection) as asked:
        client.get(page)
    return used / _TIMES * 1000, statistics.median(times), len(asked)


def _furnish(cameras: int) -> None:
    """A city with its past; the same one each time."""
    from django.db import connection
    from django.utils import timezone

    from cameras.models import Agency, Area, Camera, Importance, Site, SiteKind
    from monitoring import area_days
    from monitoring.models import AreaDay, CameraHealth
    from monitoring.verdicts import Verdict

    dice = random.Random(7)
    now = timezone.now()
    province = Area.objects.create(code="31", name="DKI Jakarta")
    names = ("Pusat", "Utara", "Barat", "Selatan", "Timur")
    cities = [
        Area.objects.create(code=f"31.7{n}", name=f"Jakarta {name}", parent=province)
        for n, name in enumerate(names, start=1)
    ]
    districts = [
        Area.objects.create(
            code=f"{cities[n % 5].code}.{n:02}", name=f"Kecamatan {n}", parent=cities[n % 5]
        )
        for n in range(44)
    ]
    agencies = [Agency.objects.create(code=f"OPD-{n}", name=f"Dinas {n}") for n in range(5)]
    kinds = list(SiteKind)
    sites = Site.objects.bulk_create(
        Site(
            code=f"S-{n:05}",
            name=f"Lokasi {n}",
            kind=kinds[n % len(kinds)],
            area=districts[n % 44],
            agency=agencies[n % 5],
            address=f"Jl. Contoh {n}",
            importance=list(Importance)[n % 4],
            latitude=round(-6.09 - 0.27 * dice.random(), 6),
            longitude=round(106.70 + 0.26 * dice.random(), 6),
        )
        for n in range(cameras // 4)
    )
    rows = Camera.objects.bulk_create(
        [
            Camera(
                code=f"K-{n:06}",
                name=f"Kamera {n}",
                site=sites[n // 4],
                agency=agencies[n % 5],
                stream_url=f"rtsp://10.{n // 65536}.{n // 256 % 256}.{n % 256}/satu",
            )
            for n in range(cameras)
        ],
        batch_size=1000,
    )
    bad = [verdict for verdict in Verdict if verdict.is_faulty]
    verdicts = [dice.choice(bad) if dice.random() < 0.1 else Verdict.HEALTHY for _row in rows]
    CameraHealth.objects.bulk_create(
        [
            CameraHealth(
                camera=camera,
                verdict=verdict,
                since=now - timedelta(hours=6),
                probed_at=now - timedelta(seconds=dice.random() * 300),
                due_at=now + timedelta(hours=9),
                healthy_picture_at=now - timedelta(hours=7),
                faulty_picture_at=now if verdict is Verdict.BLACK else None,
            )
            for camera, verdict in zip(rows, verdicts, strict=True)
        ],
        batch_size=1000,
    )
    _past(rows, verdicts, now, dice)
    # Four days as they are worked out, the others like them.
    area_days.measure_due(now)
    known = list(AreaDay.objects.filter(day=timezone.localdate(now)))
    for number in range(4, area_days.DAYS):
        day = timezone.localdate(now) - timedelta(days=number)
        for each in known:
            each.pk, each.day = None, day
        AreaDay.objects.bulk_create(known)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _past(cameras, verdicts, now: datetime, dice: random.Random) -> None:  # type: ignore[no-untyped-def]
    """Eight spans a camera within forty days, the last one open; incidents, tickets, money."""
    from datetime import date

    from maintenance import ledger
    from maintenance.models import DocumentKind, Ticket, TicketState
    from monitoring.models import HealthSpan, Incident
    from monitoring.verdicts import Verdict
    from tests.factories import make_line, paper

    spans, incidents, tickets = [], [], []
    for camera, verdict in zip(cameras, verdicts, strict=True):
        at = now - timedelta(days=40)
        is_black = verdict is not Verdict.HEALTHY
        for number in range(7, 0, -1):
            was_bad = number % 2 == (0 if is_black else 1)
            until = now - timedelta(hours=6) - timedelta(days=5.6 * (number - 1))
            until -= timedelta(hours=20 * dice.random())
            held = Verdict.OFFLINE if was_bad else Verdict.HEALTHY
            spans.append(HealthSpan(camera=camera, verdict=held, began_at=at, ended_at=until))
            if was_bad and number > 2:
                incidents.append(_incident(Incident, camera, held, at, until))
            at = until
        spans.append(HealthSpan(camera=camera, verdict=verdict, began_at=at))
        if is_black:
            incidents.append(
                _incident(Incident, camera, verdict, now - timedelta(minutes=30), None)
            )
            opened = now - timedelta(days=100 * dice.random())
            tickets.append(Ticket(camera=camera, state=TicketState.NEW, opened_at=opened))
    for model, made in ((HealthSpan, spans), (Incident, incidents), (Ticket, tickets)):
        model.objects.bulk_create(made, batch_size=2000)
    year = now.year
    for _line in range(20):
        line = make_line(750_000_000, year)
        signed = paper(day=date(year, 1, 20), ends_on=date(year, 12, 1))
        contract = ledger.commit(line, 300_000_000, signed, None)
        paid = paper(DocumentKind.SP2D, date(year, 1, 25))
        ledger.realise(line, 90_000_000, paid, None, commitment=contract)


def _incident(model, camera, verdict, began: datetime, ended: datetime | None):  # type: ignore[no-untyped-def]
    return model(camera=camera, verdict=verdict, began_at=began, confirmed_at=began, ended_at=ended)
