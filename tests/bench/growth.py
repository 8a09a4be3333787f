"""By how much the database grows: a day of real rows, one camera in a hundred changing each hour.

A part of `city`. Each change is recorded by the probes that confirm it, through
`monitoring.recording`, with its span, incident, evidence, ticket and the ticket's history; tables
and indexes are measured after a full vacuum, so that only rows count.
"""

from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.db import connection
from django.utils import timezone

from cameras.models import Camera
from maintenance import ticket_deeds, tickets
from maintenance.models import Ticket, TicketState
from monitoring import pictures
from monitoring.models import CameraHealth, Snapshot
from monitoring.recording import record
from monitoring.verdicts import Verdict
from tests.bench.results import Result, at_most, stated
from tests.factories import claimed, seen

_CAMERAS = 2000
_A_PROBE = timedelta(minutes=5)


def run(hours: int) -> list[Result]:
    cameras = list(Camera.objects.order_by("pk")[:_CAMERAS])
    staff = User.objects.create_superuser("petugas")
    now = timezone.now()
    _probe(cameras, Verdict.HEALTHY, now, times=2)
    before = _table_bytes()
    an_hour = max(2, len(cameras) // 100)
    broken: list[Camera] = []
    for hour in range(hours):
        at = now + timedelta(hours=hour + 1)
        breaks = cameras[hour * an_hour // 2 : (hour + 1) * an_hour // 2]
        _probe(breaks, Verdict.BLACK, at, times=3)
        tickets.open_due()
        mended, broken = broken, breaks
        _probe(mended, Verdict.HEALTHY, at, times=2)
        tickets.settle_recovered()
        for ticket in Ticket.objects.filter(state=TicketState.AWAITING_VERIFICATION):
            ticket_deeds.override(ticket, staff, "Kabel diganti, gambar baik.")
    grown = (_table_bytes() - before) / len(cameras) / (hours / 24)
    files = sum((pictures.folder() / kept.file).stat().st_size for kept in Snapshot.objects.all())
    return [
        at_most("city", "database growth per camera and day", grown, 2000, "bytes"),
        stated("city", "evidence pictures per camera and day", files / len(cameras), "bytes"),
    ]


def _probe(cameras: list[Camera], verdict: Verdict, at: datetime, times: int) -> None:
    for number in range(times):
        when = at + number * _A_PROBE
        mark = claimed(*cameras)
        # Between two changes a camera is probed as usual, which writes nothing that stays.
        keys = [camera.pk for camera in cameras]
        CameraHealth.objects.filter(pk__in=keys).update(probed_at=when - _A_PROBE)
        jpeg = bytes(60_000)
        found = [seen(camera, verdict, when, jpeg=jpeg, trace=bytes(2304)) for camera in cameras]
        record(mark, found)


def _table_bytes() -> int:
    with connection.cursor() as cursor:
        cursor.execute("VACUUM FULL")
        cursor.execute(
            "SELECT sum(pg_total_relation_size(oid)) FROM pg_class"
            " WHERE relkind = 'r' AND relname ~ '^(monitoring|maintenance)_'"
        )
        return int(cursor.fetchone()[0])
