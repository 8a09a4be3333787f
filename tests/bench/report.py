"""The weekly report of 20,000 cameras with a year of spans, on PostgreSQL.

Each camera had a fault of up to a day and a half in every week, with its incident, and a ticket in
every fourth. Making the report whole is measured: figures, plots, HTML, text, a workbook with a row
for every camera, and the PDF, in a fresh process, with the most memory that it ever had.
"""

import json
import os
import subprocess
import sys
from datetime import timedelta

from django.db import connection
from django.utils import timezone

from tests.bench.postgres import cluster
from tests.bench.results import Options, Result, at_most, stated
from tests.bench.setup import prepare
from tests.supervisor.helpers import ROOT

_WEEKS = 52
_MAKE = """
import json, resource, time
import django
django.setup()
from django.utils import timezone
from maintenance.report import keeping
from maintenance.report.scopes import Scope
from maintenance.report.weeks import Week
began = time.monotonic()
letter = keeping.preview(Week.of(timezone.localdate()).previous, Scope())
took = time.monotonic() - began
memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
files = sum(len(each.content) for each in letter.attachments) / 2**20
print(json.dumps([took, memory, len(letter.html.encode()) / 1000, files]))
"""


def run(options: Options) -> list[Result]:
    cameras = 500 if options.quick else 20_000
    with cluster() as (address, _server):
        prepare(DATABASE_URL=address)
        from monitoring.models import CameraHealth
        from tests.bench import rows

        rows.register([f"http://127.0.0.1:9/{number}.jpg" for number in range(cameras)])
        rows.all_due()
        CameraHealth.objects.update(verdict="healthy", probed_at=timezone.now())
        spans = _a_year()
        done = subprocess.run(
            [sys.executable, "-c", _MAKE],
            cwd=ROOT,
            env=os.environ | {"DATABASE_URL": address},
            check=True,
            stdout=subprocess.PIPE,
        )
        took_s, memory_mb, html_kb, files_mb = json.loads(done.stdout)
    return [
        stated("report", "cameras", cameras),
        stated("report", "spans of a year", spans),
        at_most("report", "making it", took_s, 60, "s"),
        at_most("report", "most memory", memory_mb, 500, "MB"),
        at_most("report", "HTML without pictures", html_kb, 100, "kB"),
        stated("report", "pictures and files", files_mb, "MB"),
    ]


def _a_year() -> int:
    """Spans, incidents, and tickets, by the database itself; how many spans."""
    begin = timezone.now() - timedelta(weeks=_WEEKS)
    with connection.cursor() as cursor:
        # Week by week: healthy for most of it, then faulty for up to a day and a half.
        cursor.execute(
            """
            CREATE TEMPORARY TABLE fault AS
            SELECT c.id AS camera_id, w AS week,
                %s + w * interval '7 days' + random() * interval '5 days' AS began_at,
                random() * interval '36 hours' AS lasted,
                (ARRAY['black', 'frozen', 'offline'])[1 + floor(random() * 3)::int] AS verdict
            FROM cameras_camera c, generate_series(0, %s - 1) w
            """,
            [begin, _WEEKS],
        )
        cursor.execute(
            """
            INSERT INTO monitoring_healthspan
                (camera_id, verdict, reason, began_at, ended_at, probes)
            SELECT camera_id, verdict, '', began_at, began_at + lasted, 20 FROM fault
            UNION ALL
            SELECT camera_id, 'healthy', '',
                COALESCE(lag(began_at + lasted) OVER one, began_at - interval '3 days'),
                began_at, 1000
            FROM fault WINDOW one AS (PARTITION BY camera_id ORDER BY week)
            UNION ALL
            SELECT camera_id, 'healthy', '', max(began_at + lasted), NULL, 10
            FROM fault GROUP BY camera_id
            """
        )
        cursor.execute(
            """
            INSERT INTO monitoring_incident
                (camera_id, verdict, reason, began_at, confirmed_at, ended_at, evidence_held)
            SELECT camera_id, verdict, '', began_at, began_at, began_at + lasted, false FROM fault
            """
        )
        cursor.execute(
            """
            INSERT INTO maintenance_ticket (camera_id, state, opened_at, recovered_at, closed_at)
            SELECT camera_id, 'closed', began_at, began_at + lasted, began_at + lasted
            FROM fault WHERE week % 4 = 3
            """
        )
        cursor.execute("SELECT count(*) FROM monitoring_healthspan")
        spans = int(cursor.fetchone()[0])
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    return spans
