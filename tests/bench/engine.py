"""The program's own processes for a benchmark: Redis, worker, beat; and what they consume."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterable
from types import TracebackType
from typing import Self

import psutil
from django.conf import settings

from monitoring import embedded_redis
from tests.supervisor.helpers import ROOT, until

LIVE, DEAD = "probe,housekeeping", "probe-dead"


def cpu_s(processes: Iterable[psutil.Process]) -> float:
    """Processor seconds of these processes and all their descendants, ended ones included."""
    total = 0.0
    for one in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            times = one.cpu_times()
            # What its children that have ended had used; those that live are asked themselves.
            total += times.user + times.system + times.children_user + times.children_system
            total += cpu_s(one.children())
    return total


def rss_mb(processes: Iterable[psutil.Process]) -> float:
    """Their memory, with descendants; pages that several share are counted once, by share."""
    total = 0
    for one in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            for each in (one, *one.children(recursive=True)):
                total += each.memory_full_info().pss
    return total / 2**20


class Engine:
    """Redis, workers for the living and the dead, and beat, upon the database of the settings."""

    def __init__(self, concurrency: int = 2, app: str = "monitoring", **environment: str) -> None:
        self._concurrency, self._app = concurrency, app
        self._environment = os.environ | environment
        self._popen: dict[str, subprocess.Popen[bytes]] = {}

    @property
    def processes(self) -> list[psutil.Process]:
        return [psutil.Process(one.pid) for one in self._popen.values()]

    def of(self, name: str) -> list[psutil.Process]:
        return [psutil.Process(self._popen[name].pid)]

    def __enter__(self) -> Self:
        at = settings.EMBEDDED_REDIS_SOCKET
        program = embedded_redis.server_program()
        assert at is not None and program is not None
        embedded_redis.make_way(at)
        self._start("redis", embedded_redis.command(program, at))
        until(at.exists, "Redis")
        self._start_worker("worker", LIVE, self._concurrency)
        self._start_worker("dead", DEAD, 1)
        return self

    def _start_worker(self, name: str, queues: str, concurrency: int) -> None:
        ready = settings.DATA_DIR / f"{name}-ready"
        ready.unlink(missing_ok=True)
        self._environment["WORKER_READY_FILE"] = str(ready)
        options = ["--queues", queues, "--concurrency", str(concurrency), "--hostname", f"{name}@x"]
        options += ["--without-gossip", "--without-mingle", "--loglevel", "WARNING"]
        celery = [sys.executable, "-m", "celery", "--quiet", "-A", self._app]
        self._start(name, [*celery, "worker", *options])
        until(ready.exists, "the worker", within_s=60)

    def start_beat(self) -> None:
        """From now on cameras are dispatched as they are due."""
        celery = [sys.executable, "-m", "celery", "--quiet", "-A", self._app]
        self._start("beat", [*celery, "beat", "--loglevel", "WARNING"])

    def _start(self, name: str, command: list[str]) -> None:
        self._popen[name] = subprocess.Popen(
            command,
            cwd=ROOT,
            env=self._environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for one in reversed(self._popen.values()):
            one.terminate()
            try:
                one.wait(20)
            except subprocess.TimeoutExpired:
                one.kill()
                one.wait()
        if settings.EMBEDDED_REDIS_SOCKET is not None:
            embedded_redis.remove_socket(settings.EMBEDDED_REDIS_SOCKET)
