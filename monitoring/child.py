"""One process under the supervisor: what it is, how it starts, what it prints. No Django."""

import asyncio
import codecs
import os
import signal
import subprocess
import unicodedata
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from monitoring.guard import kill_group

_LONGEST_LINE = 4000  # characters; what is longer continues on the next line
_OBEYED = ("Cc", "Cf", "Cs")  # categories of characters that a terminal acts upon
_LINES_KEPT = 12  # for the report about a process that cannot run


@dataclass(frozen=True)
class Process:
    """What to run, after what, and how to know that it is up."""

    name: str
    command: Sequence[str]
    after: Sequence[str] = ()  # names of processes that must have been ready before
    # Without a question to ask, a process is ready when it has lived for a second.
    ready: Callable[[], Awaitable[bool]] | None = None
    ready_within_s: float = 60
    environment: Mapping[str, str] | None = None  # None: the supervisor's own
    folder: Path | None = None
    before_start: Callable[[], None] = lambda: None  # also before every restart
    grace_s: float = 10  # between the request to end and SIGKILL


class Lines:
    """Cuts a stream of bytes into lines that a terminal can show, whatever the bytes are."""

    def __init__(self) -> None:
        self._decode = codecs.getincrementaldecoder("utf-8")("backslashreplace").decode
        self._rest = ""

    def feed(self, data: bytes, *, final: bool = False) -> list[str]:
        """The lines that are complete with these bytes; with `final`, the last one too."""
        *lines, self._rest = (self._rest + self._decode(data, final)).split("\n")
        while len(self._rest) > _LONGEST_LINE:
            lines.append(self._rest[:_LONGEST_LINE])
            self._rest = self._rest[_LONGEST_LINE:]
        if final and self._rest:
            lines.append(self._rest)
            self._rest = ""
        return [
            _harmless(line[start : start + _LONGEST_LINE])
            for line in lines
            for start in range(0, max(len(line), 1), _LONGEST_LINE)
        ]


def _harmless(line: str) -> str:
    """Show control characters instead of obeying them: a log line may quote a camera's answer."""
    line = line.rstrip("\r")
    if line.isprintable():
        return line
    return "".join(
        one if one == "\t" or unicodedata.category(one) not in _OBEYED else ascii(one)[1:-1]
        for one in line
    )


class Child:
    """A process and its lives: it may be started again after its end."""

    def __init__(self, process: Process, show: Callable[[str, str], None]) -> None:
        self.process = process
        self.ready = asyncio.Event()  # has been ready once: others may build upon it
        self.lives_in_vain = 0  # ends in a row without having been ready
        self.last_lines: deque[str] = deque(maxlen=_LINES_KEPT)
        self._show = show
        self._popen: subprocess.Popen[bytes] | None = None
        self._ended: asyncio.Future[int] | None = None
        self._lines = Lines()

    @property
    def name(self) -> str:
        return self.process.name

    @property
    def group(self) -> int | None:
        """The process group, from the start until its remains are cleared away."""
        return None if self._popen is None else self._popen.pid

    @property
    def alive(self) -> bool:
        return self._ended is not None and not self._ended.done()

    def start(self) -> int:
        """Begin a life; gives the process group's number. Raises OSError when it cannot.

        Nothing here awaits, so that nobody can be cancelled between the start and the note of it.
        """
        self.process.before_start()
        self._popen = subprocess.Popen(  # noqa: S603  what is run stands in processes.py
            self.process.command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            bufsize=0,
            env=None if self.process.environment is None else dict(self.process.environment),
            cwd=self.process.folder,
            start_new_session=True,  # the terminal's Ctrl-C is for the supervisor alone
        )
        loop = asyncio.get_running_loop()
        self._ended = loop.create_future()
        self._lines = Lines()
        self.last_lines.clear()
        assert self._popen.stdout is not None
        os.set_blocking(self._popen.stdout.fileno(), False)
        loop.add_reader(self._popen.stdout.fileno(), self._read)
        return self._popen.pid

    async def end(self) -> int:
        """Wait for the end of this life; gives the exit status, negative for a signal."""
        assert self._ended is not None
        return await asyncio.shield(self._ended)

    def reap(self) -> None:
        """Take note if the process has ended. To be called on SIGCHLD."""
        if self._popen is None or self._ended is None or self._ended.done():
            return
        status = self._popen.poll()
        if status is not None:
            self._ended.set_result(status)

    def ask_to_end(self) -> None:
        """SIGTERM to the main process, which knows how to end its own children."""
        if self.alive and self._popen is not None:
            self._popen.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """SIGKILL to the whole process group."""
        if self._popen is not None:
            kill_group(self._popen.pid)

    async def clear_away(self, within_s: float = 2) -> None:
        """After the end: kill what is left of the group, show its last words, close the pipe.

        Its successor needs the same port or socket, hence the wait until all are really gone.
        """
        assert self._popen is not None
        self.kill()
        loop = asyncio.get_running_loop()
        give_up = loop.time() + within_s
        while loop.time() < give_up and _group_exists(self._popen.pid):
            await asyncio.sleep(0.02)
        self._close_pipe()
        self._popen = None  # its number may soon belong to somebody else

    def _close_pipe(self) -> None:
        """Read what is left, and close, though a stranger may hold the other end."""
        assert self._popen is not None and self._popen.stdout is not None
        for _ in range(100):
            if not self._read():
                break
        self._show_lines(self._lines.feed(b"", final=True))
        asyncio.get_running_loop().remove_reader(self._popen.stdout.fileno())
        self._popen.stdout.close()

    def _read(self) -> bool:
        """Show what there is to read now; false when there is nothing (more)."""
        assert self._popen is not None and self._popen.stdout is not None
        data = self._popen.stdout.read(65536)  # None: nothing now; b"": nothing ever again
        if data == b"":
            asyncio.get_running_loop().remove_reader(self._popen.stdout.fileno())
        self._show_lines(self._lines.feed(data or b""))
        return bool(data)

    def _show_lines(self, lines: list[str]) -> None:
        for line in lines:
            self.last_lines.append(line)
            self._show(self.name, line)


def _group_exists(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except (ProcessLookupError, PermissionError):
        return False
    return True
