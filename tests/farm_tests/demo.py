"""The farm as a program of its own, with a small catalogue."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil

from tests.supervisor.helpers import ROOT, gone, until

CAMERA = {
    "name": "Kamera uji",
    "scene": "road-day",
    "codec": "h264",
    "size": [160, 90],
    "auth": "none",
    "username": "",
    "password": "",
    "source": ["sub", "snapshot"],
    "fault": None,
}
CAMERAS = [
    {**CAMERA, "code": "PA-TST-01"},
    {**CAMERA, "code": "PA-TST-02", "fault": "black"},
    {**CAMERA, "code": "PA-TST-03", "fault": "refused", "source": ["sub"]},
]


def free_ports(count: int) -> int:
    """The first of so many ports in a row that nobody uses now, and no other test takes meanwhile:
    each process of tests has a range of its own, below the ports that systems give out."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    start = 21_000 + worker % 4 * 2_900
    for first in range(start + os.getpid() % 2_000, start + 2_900 - count, count):
        taken = []
        try:
            for port in range(first, first + count):
                taken.append(socket.create_server(("127.0.0.1", port)))
            return first
        except OSError:
            continue
        finally:
            for one in taken:
                one.close()
    raise AssertionError("no free ports")


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    """`python -m tests.farm` with these arguments, to its end."""
    return subprocess.run(
        [sys.executable, "-m", "tests.farm", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )


class Demo:
    """One that runs; its ports stay the same when it is started again."""

    def __init__(self, folder: Path, clips: Path, cameras: list[dict[str, Any]] = CAMERAS) -> None:
        self.port = free_ports(1 + len(cameras))
        self.state = folder / "deep" / "state.json"
        self.catalogue = folder / "catalogue.json"
        self.catalogue.write_text(json.dumps({"cameras": cameras}))
        self._clips = clips
        self._output = folder / "output"
        self._process: subprocess.Popen[bytes] | None = None
        self._children: set[int] = set()

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def output(self) -> str:
        return self._output.read_text()

    def arguments(self) -> list[str]:
        return [
            *("--port", str(self.port), "--catalogue", str(self.catalogue)),
            *("--clips", str(self._clips), "--state", str(self.state)),
        ]

    @contextmanager
    def runs(self, stdout: Any = None) -> Iterator[None]:
        """Started; ended by SIGKILL if it has not been ended before."""
        with self._output.open("wb") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.farm", *self.arguments()],
                cwd=ROOT,
                stdout=stdout or output,
                stderr=output,
            )
        try:
            yield
        finally:
            self.children()
            self._process.kill()
            self._process.wait()
            until(lambda: all(map(gone, self._children)), "the encoders' end")

    def children(self) -> set[int]:
        """The encoders that have been seen so far."""
        assert self._process is not None
        with suppress(psutil.NoSuchProcess):
            found = psutil.Process(self._process.pid).children(recursive=True)
            self._children |= {child.pid for child in found}
        return self._children

    def is_ready(self) -> bool:
        assert self._process is not None and self._process.poll() is None, self.output
        try:
            return self.ask("GET", "/ready")[0] == 200
        except OSError:
            return False

    def wait_until_ready(self) -> None:
        until(self.is_ready, "ready", within_s=60)

    def ends(self, by: signal.Signals) -> int:
        """Send the signal; the exit status."""
        assert self._process is not None
        self._process.send_signal(by)
        return self._process.wait(10)

    def ask(
        self, method: str, path: str, body: Any = None, **headers: str
    ) -> tuple[int, dict[str, Any]]:
        """Status and JSON of the control server's answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            text = body if body is None or isinstance(body, str | bytes) else json.dumps(body)
            connection.request(method, path, text, headers)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()

    def faults(self) -> dict[str, str | None]:
        """What each camera has."""
        cameras = self.ask("GET", "/cameras")[1]["cameras"]
        return {camera["code"]: camera["fault"] for camera in cameras}
