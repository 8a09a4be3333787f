"""The Redis that comes with the program: it starts, answers, and is gone afterwards."""

import signal
import stat
from pathlib import Path

import pytest
import redis

from monitoring import embedded_redis
from monitoring.datadir import redis_socket
from tests.supervisor.helpers import Run

SERVE = """
from monitoring import embedded_redis
from monitoring.datadir import private_folder, redis_socket
at = redis_socket(private_folder(Path(os.environ.get("DATA", here))))
async def ready(): return await embedded_redis.answers(at)
supervise(
    Process(
        "redis",
        embedded_redis.command(embedded_redis.server_program(), at),
        ready=ready,
        before_start=lambda: embedded_redis.make_way(at),
    ),
    on_ready=lambda name: print("READY", name, flush=True),
)
"""


def client(at: Path) -> redis.Redis:
    return redis.Redis(unix_socket_path=str(at), decode_responses=True)


@pytest.mark.parametrize("name", ["plain", "with a space", "long" * 40])
def test_it_answers_at_its_socket_and_is_gone_after_the_stop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("DATA", str(tmp_path / name))
    at = redis_socket(tmp_path / name)
    with Run(tmp_path, SERVE) as run:
        run.sees("READY redis")
        assert client(at).ping()
        assert client(at).config_get("save") == {"save": ""}
        assert stat.S_IMODE(at.parent.stat().st_mode) == 0o700
        assert run.ends(signal.SIGINT) == 0
        assert run.left_behind() == set()
        assert not at.exists()
    embedded_redis.remove_socket(at)
    assert not at.parent.exists()


def test_one_that_was_killed_leaves_a_socket_that_is_no_obstacle(tmp_path: Path) -> None:
    at = redis_socket(tmp_path)
    with Run(tmp_path, SERVE) as run:
        run.sees("READY redis")
        run.ends(signal.SIGKILL)
        assert run.left_behind() == set()
    assert at.exists()
    with Run(tmp_path, SERVE) as run:
        run.sees("READY redis")
        assert client(at).ping()


def test_one_that_outlived_its_supervisor_is_ended_by_the_next(tmp_path: Path) -> None:
    at = redis_socket(tmp_path)
    with Run(tmp_path, SERVE) as first:
        first.sees("READY redis")
        orphan = client(at).info("server")["process_id"]
        with Run(tmp_path, SERVE) as second:  # the lock would forbid this; the sockets are the same
            second.sees("READY redis")
            assert client(at).info("server")["process_id"] != orphan


def test_a_folder_that_is_no_folder_of_ours_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "redis").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(PermissionError, match="not a folder of ours"):
        embedded_redis.make_way(tmp_path / "redis" / "redis.sock")


def test_the_server_of_the_system_serves_when_no_package_brings_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "valkey-server"
    program.touch(0o755)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert embedded_redis.server_program() == program
    monkeypatch.setenv("PATH", "")
    assert embedded_redis.server_program() is None
