"""The whole program in processes of its own, upon the database of the tests."""

import signal
import sys
import time
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

import psutil
from django.conf import settings
from django.db import connection
from django.db.models import Sum
from django.utils import timezone

from cameras.models import Camera
from monitoring.models import CameraHealth, HealthSpan
from tests.supervisor.helpers import Run, free_port, until

PASSWORD = "uji-coba-menyeluruh-1"
# Seconds that a test waits for what must come; a busy machine is no fault of the program's.
PATIENCE_S = 150
# Seconds: as patient as needed on a busy machine, as quick as the verdicts stay right.
PACE = {
    "PROBE_INTERVAL_SECONDS": "4",
    "PROBE_RETRY_SECONDS": "1",
    "PROBE_BACK_OFF_SECONDS": "8",
    "PROBE_TIMEOUT_SECONDS": "3",
    "PROBE_BURST_SECONDS": "2",
}
# For tests that look at a ticket while it awaits its verification.
PEOPLE_CLOSE = {"TICKETS_CLOSE_THEMSELVES": "false", "TICKET_VERIFY_PROBES": "2"}


def database_url() -> str:
    """The database that the tests themselves are connected to."""
    at = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{at['NAME']}"
    login = ":".join(filter(None, [at["USER"], at["PASSWORD"]]))
    return f"postgres://{login}@{at['HOST']}:{at['PORT']}/{at['NAME']}"


class Program(Run):
    """`manage.py up`, started and ready."""

    def __init__(self, **environment: str) -> None:
        port = free_port()
        self.address = f"http://127.0.0.1:{port}"
        super().__init__(
            settings.DATA_DIR,
            [sys.executable, "manage.py", "up", "--bind", f"127.0.0.1:{port}", "--workers", "2"],
            DATABASE_URL=database_url(),
            REDIS_URL="",
            ADMIN_USERNAME="kepala",
            ADMIN_PASSWORD=PASSWORD,
            **(PACE | environment),
        )

    def process(self, word: str) -> psutil.Process:
        """The supervised process whose command line has this word."""

        def found() -> psutil.Process | None:
            for one in psutil.Process(self.pid).children():
                try:
                    if one.status() != psutil.STATUS_ZOMBIE and word in " ".join(one.cmdline()):
                        return one
                except psutil.NoSuchProcess:
                    continue
            return None

        return until(found, f"a process with “{word}”", within_s=PATIENCE_S)

    def stop(self) -> None:
        """As Ctrl-C does; nothing may stay."""
        assert self.ends(signal.SIGINT, within_s=PATIENCE_S) == 0, self.printed
        assert self.left_behind() == set()


def wait_for(question: Callable[[], Any], what: str, program: Program, within_s: float) -> Any:
    """Ask the database until the answer is truthy; with the program's output when in vain."""
    deadline = time.monotonic() + within_s
    while not (answer := question()):
        assert time.monotonic() < deadline, f"in vain for {within_s} s: {what}\n{program.printed}"
        time.sleep(0.2)
    return answer


def probed_since(cameras: Iterable[Camera], moment: Any) -> bool:
    """Whether every one of these cameras has been probed after the moment."""
    keys = [camera.pk for camera in cameras]
    probed = CameraHealth.objects.filter(pk__in=keys, probed_at__gt=moment).count()
    return probed == len(keys)


def probes_of(camera: Camera) -> int:
    """How many probes of this camera are recorded, in spans that ended and in the open one."""
    ended = HealthSpan.objects.filter(camera=camera).aggregate(all=Sum("probes"))["all"] or 0
    return ended + CameraHealth.objects.get(pk=camera.pk).span_probes


def longest_silence(cameras: Iterable[Camera]) -> timedelta:
    """For how long the camera that has waited longest has not been probed."""
    keys = [camera.pk for camera in cameras]
    oldest = CameraHealth.objects.filter(pk__in=keys).order_by("probed_at").first()
    assert oldest is not None and oldest.probed_at is not None
    return timezone.now() - oldest.probed_at
