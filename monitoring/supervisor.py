"""Keeps a handful of processes running on one machine, and leaves nothing behind. No Django.

    started when what it needs is ready → prefixed output → restarted when it ends → stopped in
    reverse order

Every process leads a session and process group of its own, so that Ctrl-C reaches the supervisor
alone, and so that what a dead process leaves behind can be found and killed.
"""

import asyncio
import contextlib
import fcntl
import graphlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TextIO

from monitoring import guard
from monitoring.child import Child, Process

__all__ = ["Process", "RunningAlready", "Supervisor", "only_one"]

_FIRST_PAUSE_S = 0.5
_LONGEST_PAUSE_S = 30.0
_LIVED_WELL_S = 60.0  # after such a life the pauses begin anew
_SETTLED_S = 1.0  # a life this long counts as ready when there is no question to ask
_ASK_EVERY_S = 0.2
_ANSWER_WITHIN_S = 5.0
_LIVES_IN_VAIN = 5  # then it evidently cannot run
_SAY_AGAIN_S = 60.0
_COLOURS = (36, 32, 33, 35, 34, 96, 92, 93)
_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_ONE_PRESS_S = 0.5  # `timeout` and some terminals deliver one Ctrl-C twice


def _(text: str) -> str:
    """Mark a text for the catalogues; the supervisor's `translate` looks it up."""
    return text


class RunningAlready(Exception):
    """Another supervisor holds the lock; `pid` is its number where it is known."""

    def __init__(self, pid: str) -> None:
        super().__init__(pid)
        self.pid = pid


@contextlib.contextmanager
def only_one(lock: Path) -> Iterator[None]:
    """Hold this lock file, or raise RunningAlready.

    The kernel drops the lock with its holder, so a leftover file means nothing.
    """
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise RunningAlready(os.read(descriptor, 20).decode() or "?") from None
        os.ftruncate(descriptor, 0)
        os.write(descriptor, str(os.getpid()).encode())
        yield
    finally:
        os.close(descriptor)


class Supervisor:
    """Runs processes until asked to stop: `asyncio.run(Supervisor([...]).run())`."""

    def __init__(
        self,
        processes: Sequence[Process],
        *,
        output: TextIO = sys.stdout,
        translate: Callable[[str], str] = str,
        on_ready: Callable[[str], None] = lambda name: None,
        own_name: str = "up",
    ) -> None:
        order = {one.name: set(one.after) for one in processes}
        by_name = {one.name: one for one in processes}
        names = list(graphlib.TopologicalSorter(order).static_order())
        self._children = {name: Child(by_name[name], self._show) for name in names}
        self._output: TextIO | None = output
        self._translate = translate
        self._on_ready = on_ready
        self._own_name = own_name
        self._width = max(map(len, [own_name, *names]))
        self._coloured = output.isatty() and not os.environ.get("NO_COLOR")
        self._stop = asyncio.Event()
        self._asked_at = 0.0
        self._guard: subprocess.Popen[bytes] | None = None

    async def run(self) -> int:
        """Start everything, keep it running until a signal asks to stop; gives the exit status."""
        loop = asyncio.get_running_loop()
        for one in _STOP_SIGNALS:
            if one == signal.SIGHUP and signal.getsignal(one) == signal.SIG_IGN:
                continue  # under nohup: the terminal may go
            loop.add_signal_handler(one, self._asked_to_stop, one)
        loop.add_signal_handler(signal.SIGCHLD, self._reap)
        self._start_guard()
        keepers = [asyncio.create_task(self._keep(one)) for one in self._children.values()]
        stop = asyncio.create_task(self._stop.wait())
        try:
            # A keeper ends by an error of ours only; then stop as well, and let it be seen.
            await asyncio.wait([stop, *keepers], return_when=asyncio.FIRST_COMPLETED)
            self._say(_("stopping; Ctrl-C once more ends everything at once"))
        finally:
            self._stop.set()
            for task in keepers:
                task.cancel()
            results = await asyncio.gather(*keepers, return_exceptions=True)
            await self._stop_all()
            self._end_guard()
        for result in results:
            if isinstance(result, Exception):
                raise result
        self._say(_("stopped"))
        return 0

    # --- One process -----------------------------------------------------------------------------

    async def _keep(self, child: Child) -> None:
        """One process's whole story: wait for what it needs, then one life after another."""
        loop = asyncio.get_running_loop()
        for name in child.process.after:
            await self._children[name].ready.wait()
        pause, said = _FIRST_PAUSE_S, -_SAY_AGAIN_S
        while True:
            began = loop.time()
            how = await self._live(child)
            if loop.time() - began >= _LIVED_WELL_S:
                pause = _FIRST_PAUSE_S
            if child.lives_in_vain < _LIVES_IN_VAIN:
                said = -_SAY_AGAIN_S
                text = _("{name} ended ({how}); it starts again in {seconds} s")
                self._say(text, name=child.name, how=how, seconds=f"{pause:g}")
            elif loop.time() - said >= _SAY_AGAIN_S:
                said = loop.time()
                self._say_hopeless(child, how)
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE_S)

    async def _live(self, child: Child) -> str:
        """One life, from start to the last remains; gives how it ended, for people."""
        try:
            group = child.start()
        except OSError as problem:
            child.lives_in_vain += 1
            child.last_lines.clear()
            return str(problem)
        self._tell_guard(f"+{group}")
        watching = asyncio.create_task(self._watch(child))
        child.lives_in_vain += 1  # until it is ready
        try:
            status = await child.end()
        finally:
            watching.cancel()
        await child.clear_away()
        self._tell_guard(f"-{group}")
        if status >= 0:
            return self._translate(_("exit status {status}")).format(status=status)
        return self._translate(_("killed by signal {number}")).format(number=-status)

    async def _watch(self, child: Child) -> None:
        """Note when a child is ready, and say when that takes too long."""
        loop = asyncio.get_running_loop()
        patience = child.process.ready_within_s
        late = loop.time() + patience
        while not await self._is_ready(child):
            if loop.time() >= late:
                late += _SAY_AGAIN_S
                text = _("{name} runs but does not answer after {seconds} s; still waiting")
                self._say(text, name=child.name, seconds=f"{patience:g}")
            await asyncio.sleep(_ASK_EVERY_S)
        child.lives_in_vain = 0
        if not child.ready.is_set():
            child.ready.set()
            self._on_ready(child.name)

    async def _is_ready(self, child: Child) -> bool:
        if child.process.ready is None:
            await asyncio.sleep(_SETTLED_S)
            return True
        try:
            return await asyncio.wait_for(child.process.ready(), _ANSWER_WITHIN_S)
        except (OSError, EOFError, TimeoutError):
            return False

    # --- Stopping --------------------------------------------------------------------------------

    def _asked_to_stop(self, one: signal.Signals) -> None:
        now = asyncio.get_running_loop().time()
        if not self._stop.is_set():
            self._asked_at = now
            self._stop.set()
        elif one == signal.SIGINT and now - self._asked_at > _ONE_PRESS_S:
            for child in self._children.values():
                child.kill()

    async def _stop_all(self) -> None:
        """End every process as soon as all that build upon it have ended."""
        ended = {name: asyncio.Event() for name in self._children}

        async def stop(child: Child) -> None:
            for name, other in self._children.items():
                if child.name in other.process.after:
                    await ended[name].wait()
            if child.group is not None:
                await self._stop_one(child)
            ended[child.name].set()

        await asyncio.gather(*map(stop, self._children.values()))

    async def _stop_one(self, child: Child) -> None:
        child.ask_to_end()
        try:
            await asyncio.wait_for(child.end(), child.process.grace_s)
        except TimeoutError:
            text = _("{name} has not ended within {seconds} s and is killed")
            self._say(text, name=child.name, seconds=f"{child.process.grace_s:g}")
            child.kill()
            await child.end()
        self._tell_guard(f"-{child.group}")
        await child.clear_away()

    def _reap(self) -> None:
        for child in self._children.values():
            child.reap()
        if self._guard is not None and self._guard.poll() is not None:
            self._start_guard()

    # --- The guard -------------------------------------------------------------------------------

    def _start_guard(self) -> None:
        """Start the process that kills all groups when we die; again when somebody ended it."""
        groups = [str(one.group) for one in self._children.values() if one.group is not None]
        self._guard = subprocess.Popen(  # noqa: S603  our own file
            # As a file, by itself: it needs none of our imports, and stays small.
            [sys.executable, "-I", "-S", guard.__file__, *groups],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            start_new_session=True,
        )

    def _tell_guard(self, line: str) -> None:
        assert self._guard is not None and self._guard.stdin is not None
        with contextlib.suppress(BrokenPipeError):  # SIGCHLD follows, then a new one learns all
            self._guard.stdin.write(f"{line}\n".encode())

    def _end_guard(self) -> None:
        ending, self._guard = self._guard, None
        assert ending is not None and ending.stdin is not None
        ending.stdin.close()
        ending.wait()

    # --- The terminal ----------------------------------------------------------------------------

    def _say(self, text: str, **facts: object) -> None:
        self._show(self._own_name, self._translate(text).format(**facts))

    def _say_hopeless(self, child: Child, how: str) -> None:
        text = _(
            "{name} cannot run: it has ended {times} times without becoming ready ({how}). "
            "Everything else goes on, and it is tried again. Its last lines:"
        )
        self._say(text, name=child.name, times=child.lives_in_vain, how=how)
        for line in child.last_lines or ["-"]:
            self._show(self._own_name, f"    {line}")

    def _show(self, name: str, line: str) -> None:
        if self._output is None:
            return
        prefix = f"{name:<{self._width}} |"
        if self._coloured:
            place = [*self._children, self._own_name].index(name)
            prefix = f"\x1b[{_COLOURS[place % len(_COLOURS)]}m{prefix}\x1b[0m"
        try:
            self._output.write(f"{prefix} {line}\n")
            self._output.flush()
        except OSError:  # the terminal has gone, which is no reason to stop
            # What is still in the buffer must not fail again when Python ends.
            with Path(os.devnull).open("w") as nowhere:
                os.dup2(nowhere.fileno(), self._output.fileno())
            self._output = None
