"""A supervisor in a process of its own, watched from outside as a person would."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Self, TypeVar

import psutil

T = TypeVar("T")

ROOT = Path(__file__).resolve().parents[2]

# Writes its number to the file named first, then sleeps: a process to be found and to be missed.
SLEEPER = "import os, sys, time; open(sys.argv[1], 'w').write(str(os.getpid())); time.sleep(600)"

# Notes itself and a child of its own, as a Celery main with its pool does.
PARENT = (
    "import subprocess, sys, time; "
    f"subprocess.Popen([sys.executable, '-c', {SLEEPER!r}, sys.argv[2]]); "
    "open(sys.argv[1], 'w').write(str(__import__('os').getpid())); time.sleep(600)"
)


def free_port() -> int:
    """A port that nobody uses now."""
    with socket.create_server(("127.0.0.1", 0)) as trial:
        return int(trial.getsockname()[1])


def until(question: Callable[[], T], what: str, within_s: float = 20) -> T:
    """Ask again and again until the answer is truthy, and give it back."""
    deadline = time.monotonic() + within_s
    while not (answer := question()):
        assert time.monotonic() < deadline, f"in vain for {within_s} s: {what}"
        time.sleep(0.02)
    return answer


def number_in(path: Path) -> int:
    """The process number that a script writes to this file, as soon as it stands there."""
    return int(until(lambda: path.exists() and path.read_text(), f"a number in {path.name}"))


def gone(pid: int) -> bool:
    """Whether this process has ended; one that nobody reaps in a container has ended, too."""
    try:
        return bool(psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True


def _as_at_a_terminal() -> None:
    """Undo what nohup, or a shell that runs the tests in the background, lets children ignore."""
    for one in (signal.SIGINT, signal.SIGHUP):
        signal.signal(one, signal.SIG_DFL)


class Run:
    """A program that supervises, its output and its descendants.

    It is given as Python code that may use what `_HEAD` defines, or as a command line.
    """

    def __init__(self, folder: Path, program: str | list[str], **environment: str) -> None:
        self._printed = folder / "printed"
        command = [sys.executable, "-c", _HEAD + program] if isinstance(program, str) else program
        with self._printed.open("wb") as printed:
            self._process = subprocess.Popen(
                command,
                stdout=printed,
                stderr=subprocess.STDOUT,
                cwd=ROOT,
                env=os.environ | {"HERE": str(folder)} | environment,
                start_new_session=True,
                preexec_fn=_as_at_a_terminal,
            )
        self.pid = self._process.pid
        self._seen: set[int] = set()
        self._counted_at = 0.0

    @property
    def printed(self) -> str:
        return self._printed.read_text()

    def sees(self, text: str, times: int = 1, within_s: float = 20) -> None:
        """Wait until the output has this text."""
        try:
            until(lambda: self.printed.count(text) >= times or self._over(), text, within_s)
            assert self.printed.count(text) >= times
        except AssertionError as problem:
            raise AssertionError(f"{problem}\n{self.printed}") from None

    def _over(self) -> bool:
        # Going through all processes of the machine fifty times a second takes half a processor.
        if time.perf_counter() - self._counted_at > 0.25:
            self.family()
            self._counted_at = time.perf_counter()
        return self._process.poll() is not None

    def family(self) -> set[int]:
        """All descendants that have ever been seen."""
        with suppress(psutil.NoSuchProcess):
            children = psutil.Process(self.pid).children(recursive=True)
            self._seen |= {child.pid for child in children}
        return self._seen

    def status(self, within_s: float = 20) -> int:
        """Wait for the end that comes by itself; gives the exit status."""
        return self._process.wait(within_s)

    def ends(self, with_signal: signal.Signals, within_s: float = 20) -> int:
        """Send the signal and wait for the end; gives the exit status."""
        self.family()
        self._process.send_signal(with_signal)
        return self._process.wait(within_s)

    def left_behind(self) -> set[int]:
        """Members of the family that outlive it; none is expected after a moment."""
        deadline = time.monotonic() + 5
        while left := {pid for pid in self._seen if not gone(pid)}:
            if time.monotonic() > deadline:
                break
            time.sleep(0.02)
        return left

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.family()
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        for pid in self._seen:
            with suppress(psutil.NoSuchProcess):
                psutil.Process(pid).kill()


_HEAD = """
import asyncio, os, sys
from pathlib import Path
from monitoring.supervisor import Process, RunningAlready, Supervisor, only_one

here = Path(os.environ["HERE"])

def python(name, code, *arguments, **more):
    return Process(name, [sys.executable, "-uc", code, *map(str, arguments)], **more)

def supervise(*processes, **more):
    raise SystemExit(asyncio.run(Supervisor(processes, **more).run()))

"""
