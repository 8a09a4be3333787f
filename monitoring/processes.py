"""Which processes one installation on one machine consists of, for `manage.py up`."""

import asyncio
import os
import socket
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from monitoring import embedded_redis
from monitoring.child import Process

_LIVE_QUEUES = "probe,housekeeping"
_DEAD_QUEUES = "probe-dead"
# A demo shows a broken camera within a minute or two instead of a quarter of an hour.
_DEMO_PACE = {
    "PROBE_INTERVAL_SECONDS": "20",
    "PROBE_RETRY_SECONDS": "8",
    "PROBE_TIMEOUT_SECONDS": "5",
    "PROBE_BACK_OFF_SECONDS": "40",
    "OUTAGE_WINDOW_SECONDS": "30",
}
_FIRST_ADMIN = {"ADMIN_USERNAME", "ADMIN_PASSWORD"}
_SECRETS = {"SECRET_KEY", "CREDENTIAL_KEYS", "DATABASE_URL", "REDIS_URL", "EMAIL_URL"}
_REDIS_NEEDS = {"PATH", "LANG", "LC_ALL", "TZ", "LD_LIBRARY_PATH"}
_ANY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  looked up, not bound


@dataclass(frozen=True)
class Address:
    """Where a server listens."""

    host: str
    port: int

    @classmethod
    def parse(cls, text: str) -> "Address":
        """Read `127.0.0.1:8000`, `[::1]:8000` or `8000`; raises ValueError for anything else."""
        host, _, port = text.rpartition(":")
        if not 0 < int(port) < 65536:
            raise ValueError(text)
        return cls(host.strip("[]") or "127.0.0.1", int(port))

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    def within(self) -> "Address":
        """The address at which this machine itself reaches the server."""
        return Address(_ANY_ADDRESS.get(self.host, self.host), self.port)

    def try_binding(self) -> None:
        """Raise OSError when nobody can listen here now."""
        family, kind, protocol, _, where = socket.getaddrinfo(
            self.host, self.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as gunicorn does
            trial.bind(where)


async def http_status(address: Address, path: str) -> int:
    """The status with which a server answers a GET; raises OSError when it does not answer."""
    reader, writer = await asyncio.open_connection(address.host, address.port)
    try:
        request = f"GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
        writer.write(request.encode())
        words = (await reader.readline()).split()
        return int(words[1]) if len(words) > 1 and words[1].isdigit() else 0
    finally:
        writer.close()


def plan(*, web: Address, workers: int, farm: Address | None) -> list[Process]:
    """All processes, with what they need; `farm` is given in a demo only."""
    run = settings.DATA_DIR / "run"
    run.mkdir(mode=0o700, exist_ok=True)
    environment = {
        **(_DEMO_PACE if farm else {}),
        **_environment(without=_FIRST_ADMIN),
        "DATA_DIR": str(settings.DATA_DIR),  # may have been relative to where we were started
        "PYTHONUNBUFFERED": "1",
    }
    first = [*_redis(), *_farm(farm)]
    redis_name = [one.name for one in first if one.name == "redis"]
    return [
        *first,
        _worker("worker", _LIVE_QUEUES, workers, environment, run, after=redis_name),
        # A batch of dead cameras may take half a minute. However many there are, they have
        # processes of their own to fill, and the living never wait for one of theirs.
        _worker("dead", _DEAD_QUEUES, 1, environment, run, after=redis_name),
        Process(
            "beat",
            _celery("beat"),
            after=["worker", *(one.name for one in first)],
            environment=environment,
            folder=settings.BASE_DIR,
        ),
        _web(web, environment),
        Process(
            "watch",
            [sys.executable, "manage.py", "watch", "--loop"],
            environment=environment,
            folder=settings.BASE_DIR,
        ),
    ]


def _environment(*, without: Iterable[str]) -> dict[str, str]:
    dropped = set(without)
    return {name: value for name, value in os.environ.items() if name not in dropped}


def _redis() -> list[Process]:
    at: Path | None = settings.EMBEDDED_REDIS_SOCKET
    if at is None:
        return []
    program = embedded_redis.server_program()
    if program is None:
        raise FileNotFoundError("redis-server")
    return [
        Process(
            "redis",
            embedded_redis.command(program, at),
            ready=lambda: embedded_redis.answers(at),
            ready_within_s=10,
            environment={name: os.environ[name] for name in _REDIS_NEEDS & os.environ.keys()},
            before_start=lambda: embedded_redis.make_way(at),
        )
    ]


def _farm(at: Address | None) -> list[Process]:
    """The demo's cameras. They are strangers to us: no secret of ours is in their environment."""
    if at is None:
        return []

    async def ready() -> bool:
        return await http_status(at, "/ready") == 200

    kept = settings.DATA_DIR / "farm"
    return [
        Process(
            "farm",
            [
                *(sys.executable, "-m", "tests.farm"),
                *("--port", str(at.port)),
                *("--clips", str(kept / "clips")),
                *("--state", str(kept / "state.json")),
            ],
            ready=ready,
            ready_within_s=90,  # the first time, it draws and encodes its clips
            environment=_environment(without=_FIRST_ADMIN | _SECRETS) | {"PYTHONUNBUFFERED": "1"},
            folder=settings.BASE_DIR,
        )
    ]


def _celery(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "celery", "--quiet", "-A", "monitoring", *arguments]


def _worker(
    name: str,
    queues: str,
    processes: int,
    environment: dict[str, str],
    run: Path,
    *,
    after: list[str],
) -> Process:
    ready_file = run / f"{name}-ready"

    async def ready() -> bool:
        return ready_file.exists()  # monitoring.celery makes it

    return Process(
        name,
        _celery(
            "worker",
            *("--queues", queues),
            *("--concurrency", str(processes)),
            *("--loglevel", "INFO"),
            *("--without-gossip", "--without-mingle"),  # they have nothing to tell each other
            *("--hostname", f"{name}@{socket.gethostname()}"),
        ),
        after=after,
        ready=ready,
        environment={**environment, "WORKER_READY_FILE": str(ready_file)},
        folder=settings.BASE_DIR,
        before_start=lambda: ready_file.unlink(missing_ok=True),
    )


def _web(at: Address, environment: dict[str, str]) -> Process:
    async def ready() -> bool:
        return 0 < await http_status(at.within(), "/admin/login/") < 500

    # Gunicorn's workers give signs of life by touching a file, which a busy disk may delay.
    in_memory = Path("/dev/shm")  # noqa: S108  gunicorn makes its files there safely
    return Process(
        "web",
        [
            *(sys.executable, "-m", "gunicorn", "monitoring.wsgi"),
            *("--bind", str(at)),
            *("--worker-class", "gthread", "--workers", "2", "--threads", "4"),
            *("--graceful-timeout", "8"),  # less than the supervisor's patience
            *("--log-level", "warning"),
            "--no-control-socket",  # it would lie in the user's home and be shared
            *(("--worker-tmp-dir", str(in_memory)) if os.access(in_memory, os.W_OK) else ()),
        ],
        ready=ready,
        environment=environment,
        folder=settings.BASE_DIR,
    )
