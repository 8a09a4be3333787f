"""The weekly report of 20,000 cameras with a year of spans, on PostgreSQL.

Each camera had a fault of up to a day and a half in every week, with its incident, and a ticket in
every fourth. Making the report whole is measured: figures, plots, HTML, text, a workbook with a row
for every camera, and the PDF, in a fresh process, with the most memory that it ever had.
"""

import json
import os
import subprocess
import sys

from tests.bench.postgres import cluster
from tests.bench.results import Options, Result, at_most, stated
from tests.bench.setup import prepare
from tests.supervisor.helpers import ROOT

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
busy = time.process_time()
memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
files = sum(len(each.content) for each in letter.attachments) / 2**20
print(json.dumps([took, busy, memory, len(letter.html.encode()) / 1000, files]))
"""


def run(options: Options) -> list[Result]:
    cameras = 500 if options.quick else 20_000
    with cluster() as (address, _server):
        prepare(DATABASE_URL=address)
        from tests.bench import report_rows, rows

        rows.register([f"http://127.0.0.1:9/{number}.jpg" for number in range(cameras)])
        spans = report_rows.a_year()
        done = subprocess.run(
            [sys.executable, "-c", _MAKE],
            cwd=ROOT,
            env=os.environ | {"DATABASE_URL": address},
            check=True,
            stdout=subprocess.PIPE,
        )
        took_s, busy_s, memory_mb, html_kb, files_mb = json.loads(done.stdout)
    return [
        stated("report", "cameras", cameras),
        stated("report", "spans of a year", spans),
        at_most("report", "making it", took_s, 60, "s"),
        stated("report", "processor time of the whole process, database apart", busy_s, "s"),
        at_most("report", "most memory", memory_mb, 500, "MB"),
        at_most("report", "HTML without pictures", html_kb, 100, "kB"),
        stated("report", "pictures and files", files_mb, "MB"),
    ]
