"""What goes wrong around the program while it runs: broker, database, clock, disk, double work.

After each, no incident is lost, no ticket is doubled, and within two intervals every camera is
probed in time again. What is killed stands in test_faults_and_repairs.py.
"""

import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
import redis
from django.conf import settings
from django.db import connection
from django.utils import timezone

from cameras.models import Camera
from maintenance.models import Ticket, TicketState
from monitoring import pulse, tasks
from monitoring.marks import new_mark
from monitoring.models import CameraHealth, HealthSpan, Heartbeat, Incident, Snapshot
from monitoring.verdicts import Verdict
from tests.e2e.program import (
    PACE,
    PATIENCE_S,
    PEOPLE_CLOSE,
    Program,
    database_url,
    probes_of,
    wait_for,
)
from tests.factories import make_camera
from tests.farm import Farm
from tests.servers import forget_connections
from tests.supervisor.helpers import ROOT

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.e2e]

INTERVAL_S = int(PACE["PROBE_INTERVAL_SECONDS"])
# Two intervals, and what starting again takes on a busy machine.
SOON_S = 2 * INTERVAL_S + 60


@pytest.fixture(scope="module")
def farm() -> Iterator[Farm]:
    with Farm() as farm:
        for code in ("PA-G-01", "PA-G-02", "PA-V-01"):
            farm.add(code)
        yield farm


class Street:
    """Two cameras that stay good, one that breaks during the disturbance, one that is dead."""

    def __init__(self, farm: Farm, program: Program) -> None:
        self._farm, self._program = farm, program
        farm.mend("PA-V-01")
        self.good = [self._add("PA-G-01"), self._add("PA-G-02")]
        self.victim = self._add("PA-V-01")
        self.dead = make_camera(code="PA-X-01")  # nothing listens there
        self.living = [*self.good, self.victim]
        healthy = CameraHealth.objects.filter(verdict=Verdict.HEALTHY)
        self.wait(lambda: healthy.count() == 3, "all healthy")
        self.wait(lambda: Ticket.objects.filter(camera=self.dead).exists(), "the dead one's ticket")

    def _add(self, code: str) -> Camera:
        return make_camera(code=code, snapshot_url=self._farm.camera(code).snapshot_url)

    def wait(self, question: Callable[[], Any], what: str, within_s: float = PATIENCE_S) -> Any:
        return wait_for(question, what, self._program, within_s)

    def probed_again(self, what: str, times: int = 1) -> None:
        """Wait until each living camera has been probed so often, whatever its clock says."""
        before = [probes_of(camera) for camera in self.living]

        def all_probed() -> bool:
            return all(
                probes_of(camera) >= number + times
                for camera, number in zip(self.living, before, strict=True)
            )

        self.wait(all_probed, what, SOON_S + INTERVAL_S * times)

    def break_victim(self) -> None:
        self._farm.break_("PA-V-01", "black")

    def is_well(self) -> None:
        """All are probed in time again, and each fault has its one incident and its one ticket."""
        self.probed_again("every camera probed again")
        self.wait(lambda: Ticket.objects.filter(camera=self.victim).exists(), "the victim's ticket")
        for camera in (self.victim, self.dead):
            assert Incident.objects.filter(camera=camera, ended_at=None).count() == 1, camera
            assert Incident.objects.filter(camera=camera).count() == 1, camera
            assert Ticket.objects.filter(camera=camera).count() == 1, camera
        for camera in self.good:
            assert not Incident.objects.filter(camera=camera).exists(), camera
            assert not Ticket.objects.filter(camera=camera).exists(), camera
        for camera in (*self.living, self.dead):
            assert HealthSpan.objects.filter(camera=camera, ended_at=None).count() == 1, camera
        self._farm.mend("PA-V-01")
        recovered = Ticket.objects.filter(
            camera=self.victim, state=TicketState.AWAITING_VERIFICATION
        )
        self.wait(recovered.exists, "the victim's recovery")


@contextmanager
def running(**environment: str) -> Iterator[Program]:
    with Program(**(PEOPLE_CLOSE | environment)) as program:
        program.sees(" ready.", within_s=120)
        yield program
        program.stop()


def broker() -> redis.Redis:
    """The program's own Redis."""
    return redis.Redis(unix_socket_path=str(settings.EMBEDDED_REDIS_SOCKET))


@pytest.mark.once
def test_redis_is_flushed_again_and_again_and_restarted(farm: Farm) -> None:
    with running() as program:
        street = Street(farm, program)
        street.break_victim()
        for _each in range(5):
            broker().flushall()
            time.sleep(INTERVAL_S / 3)
        program.process("redis").kill()
        street.is_well()


@contextmanager
def locked_database() -> Iterator[None]:
    """Nobody else can write (SQLite), or touch what is probed (PostgreSQL)."""
    if connection.vendor == "sqlite":
        lock = sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None, timeout=60)
        lock.execute("BEGIN IMMEDIATE")
        try:
            yield
        finally:
            lock.execute("ROLLBACK")
            lock.close()
        return
    with psycopg.connect(database_url()) as other:
        for model in (CameraHealth, Incident, Ticket):
            other.execute(f"LOCK TABLE {model._meta.db_table} IN ACCESS EXCLUSIVE MODE")
        yield
        other.rollback()


def restart_database() -> None:
    """End every connection, as a restart does. SQLite has none."""
    connection.close()
    if connection.vendor == "postgresql":
        with psycopg.connect(database_url(), autocommit=True) as other:
            other.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )


def test_the_database_is_locked_for_twenty_seconds_and_restarted(farm: Farm) -> None:
    with running() as program:
        street = Street(farm, program)
        with locked_database():
            street.break_victim()
            time.sleep(20)
        restart_database()
        street.is_well()


def test_two_workers_are_given_the_same_cameras(farm: Farm) -> None:
    worker = [sys.executable, "-m", "celery", "--quiet", "-A", "monitoring", "worker"]
    environment = os.environ | PACE | {"DATABASE_URL": database_url(), "REDIS_URL": ""}
    forget_connections()  # of tests that had a broker of their own
    with running() as program:
        street = Street(farm, program)
        second = subprocess.Popen(
            [*worker, "--queues", "probe,housekeeping", "--concurrency", "2", "-n", "second@x"],
            cwd=ROOT,
            env=environment | {"DATA_DIR": str(settings.DATA_DIR)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            street.break_victim()
            keys = [camera.pk for camera in street.living]
            for _each in range(12):
                # The same message twice, one whose claim is another's by now, two schedulers.
                for mark in (new_mark(timezone.now()), new_mark(timezone.now())):
                    CameraHealth.objects.filter(pk__in=keys).update(claim=mark)
                    for _twice in range(2):
                        tasks.probe.apply_async((str(mark), keys), queue="probe")
                tasks.dispatch.delay()
                tasks.dispatch.delay()
                time.sleep(1)
            street.is_well()
        finally:
            second.terminate()
            second.wait(60)


@pytest.mark.once
def test_there_is_no_room_for_pictures(farm: Farm) -> None:
    folder, aside = Path(settings.DATA_DIR) / "pictures", Path(settings.DATA_DIR) / "aside"
    with running() as program:
        street = Street(farm, program)
        street.wait(folder.exists, "the first pictures")
        folder.rename(aside)
        folder.write_text("every attempt to write below it fails")
        street.break_victim()
        incident = street.wait(
            lambda: Incident.objects.filter(camera=street.victim).first(), "the incident"
        )
        assert not Snapshot.objects.filter(incident=incident).exists()
        folder.unlink()
        aside.rename(folder)
        now = timezone.now()
        faulty = CameraHealth.objects.filter(pk=street.victim.pk, faulty_picture_at__gt=now)
        street.wait(faulty.exists, "pictures are kept again", SOON_S)
        street.is_well()


class Clock:
    """The time of day as the program sees it; see turned_clock/sitecustomize.py."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.turn(0)
        self.environment = {
            "TURNED_CLOCK": str(file),
            "PYTHONPATH": str(ROOT / "tests" / "e2e" / "turned_clock"),
        }

    def turn(self, seconds: int) -> None:
        """Set the clock to so many seconds from the true time."""
        aside = self._file.with_suffix(".part")
        aside.write_text(str(seconds))
        aside.replace(self._file)


@pytest.mark.once
@pytest.mark.parametrize("hours", [1, -1])
def test_the_clock_is_turned_by_an_hour(farm: Farm, tmp_path: Path, hours: int) -> None:
    clock = Clock(tmp_path / "clock")
    with running(**clock.environment) as program:
        street = Street(farm, program)
        clock.turn(3600 * hours)
        street.break_victim()

        # Time in the record does not run backwards; that probing goes on is seen by counting.
        street.probed_again("three rounds", times=3)
        beat_at = Heartbeat.objects.get(pk=pulse.DISPATCH).at
        turned = (beat_at - timezone.now()) / timedelta(hours=hours)
        assert turned == pytest.approx(1, abs=0.1)
        incident = street.wait(
            lambda: Incident.objects.filter(camera=street.victim).first(), "the incident"
        )
        assert incident.verdict == Verdict.BLACK
        street.is_well()
