"""A PostgreSQL cluster of its own, thrown away afterwards; as root it runs as `postgres`."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.supervisor.helpers import free_port


def binaries() -> Path | None:
    """The newest installed version's programs; None when there are none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"))
    return found[-1].parent if found else None


@contextmanager
def cluster() -> Iterator[tuple[str, int]]:
    """(its DATABASE_URL, the number of its main process). Asserts that PostgreSQL is installed."""
    programs = binaries()
    assert programs is not None, "PostgreSQL is not installed (Debian: apt install postgresql)"
    folder = Path(tempfile.mkdtemp(prefix="cctv-bench-"))
    port = free_port()
    options = f"-p {port} -c listen_addresses=127.0.0.1 -k {folder} -c fsync=on"
    try:
        if os.getuid() == 0:
            shutil.chown(folder, "postgres")
        _run(
            folder,
            str(programs / "initdb"),
            "--auth=trust",
            "--encoding=UTF8",
            "-D",
            f"{folder}/db",
        )
        _run(
            folder,
            str(programs / "pg_ctl"),
            "start",
            "-w",
            "-D",
            f"{folder}/db",
            "-l",
            f"{folder}/log",
            "-o",
            options,
        )
        number = int((folder / "db" / "postmaster.pid").read_text().split()[0])
        try:
            yield f"postgres://postgres@127.0.0.1:{port}/postgres", number
        finally:
            _run(folder, str(programs / "pg_ctl"), "stop", "-D", f"{folder}/db", "-m", "immediate")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(folder: Path, *command: str) -> None:
    as_postgres = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
    subprocess.run([*as_postgres, *command], cwd=folder, check=True, stdout=subprocess.DEVNULL)
