"""`manage.py up` as a whole: real database, Redis, worker, beat and web server, no demo."""

import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from monitoring.datadir import redis_socket
from tests.supervisor.helpers import ROOT, Run, free_port, gone, until


class Up(Run):
    """`manage.py up` on a data folder of its own."""

    def __init__(self, folder: Path, port: int, **environment: str) -> None:
        arguments = ["up", "--workers", "1", "--bind", f"127.0.0.1:{port}"]
        super().__init__(
            folder,
            [sys.executable, "manage.py", *arguments],
            DATA_DIR=str(folder),
            REDIS_URL="",
            DATABASE_URL=f"sqlite:///{folder}/db.sqlite3",
            **environment,
        )

    def child(self, word: str) -> list[psutil.Process]:
        """The supervised processes that have this word in their command line."""
        return [
            one
            for one in psutil.Process(self.pid).children()
            if one.status() != psutil.STATUS_ZOMBIE and word in one.cmdline()
        ]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One data folder for all, so that the database is made only once."""
    return tmp_path_factory.mktemp("data folder")


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def up(folder: Path, port: int) -> Iterator[Up]:
    with Up(folder, port) as run:
        run.sees(" ready.", within_s=90)  # the worker
        run.sees("/admin/", within_s=90)  # the pages
        until(lambda: run.child("beat"), "the beat")
        yield run


def test_the_first_start_makes_an_administrator_and_all_goes_with_ctrl_c(
    folder: Path, port: int, up: Up
) -> None:
    address = f"http://127.0.0.1:{port}/admin/"
    assert address in up.printed
    [password] = re.findall(r": ([a-zA-Z2-9]{16}) ", up.printed)
    assert len({pid for pid in up.family() if not gone(pid)}) >= 7
    with urllib.request.urlopen(address) as page:
        assert page.status == 200
    for pid in up.family():
        with suppress(psutil.Error):
            assert password not in " ".join(psutil.Process(pid).cmdline())

    other = subprocess.run(
        [sys.executable, "manage.py", "up", "--bind", f"127.0.0.1:{free_port()}"],
        cwd=ROOT,
        env=os.environ | {"DATA_DIR": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert other.returncode == 2
    assert str(up.pid) in other.stderr

    assert up.ends(signal.SIGINT, within_s=60) == 0
    assert up.left_behind() == set()
    assert not redis_socket(folder).exists()


def test_a_killed_worker_comes_back_and_leaves_no_pool(up: Up) -> None:
    name = f"worker@{socket.gethostname()}"
    [main] = up.child(name)
    pool = [main.pid, *(one.pid for one in main.children(recursive=True))]
    assert len(pool) > 1
    main.kill()
    until(lambda: all(map(gone, pool)), "the end of the pool")
    up.sees(f"{name} ready.", times=2, within_s=60)
    assert not re.search("Password|Sandi: ", up.printed)


def test_when_the_supervisor_itself_is_killed_nothing_stays(up: Up) -> None:
    assert len(up.family()) >= 7
    up.ends(signal.SIGKILL)
    assert up.left_behind() == set()


def test_an_occupied_port_is_named_at_once(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with Up(folder, port) as run:
            assert run.status(within_s=30) == 2
            assert f"127.0.0.1:{port}" in run.printed


@pytest.mark.parametrize(
    ("option", "named"),
    [
        (["--bind", "somewhere"], "somewhere"),
        (["--demo", "--farm-port", "70000"], "127.0.0.1:70000"),
        (["--workers", "0"], "--workers"),
        (["--workers", "-1"], "--workers"),
    ],
)
def test_options_that_make_no_sense_are_refused(
    folder: Path, option: list[str], named: str
) -> None:
    run = subprocess.run(
        [sys.executable, "manage.py", "up", *option],
        cwd=ROOT,
        env=os.environ | {"DATA_DIR": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 2
    assert named in run.stderr
