"""Severing: a stream that is past its time is ended from outside, by shutting its connection down.

PyAV has time-outs of its own, but keeps them by asking Python for the time at each of FFmpeg's
waits and reads, four thousand for a group of pictures at 4 Mbit/s, and takes the interpreter's lock
to do so. With 32 streams side by side three quarters of the processor time went into that lock
(docs/architecture.md). Streams are therefore opened without them. One thread in the process
looks every quarter of a second which are over, and shuts the sockets down that lead to their hosts;
FFmpeg then ends with an error, wherever it waits.

Where it leads to is all that a socket of FFmpeg's is known by. Another stream of the same host, a
second channel of a recorder, is cut with it: it is told so (`Watched.cut_for_another`) and begins
anew. Connections of our own, which keep time by themselves, are left alone.
"""

import logging
import os
import socket
import stat
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from monitoring.grabbing.network import keeps_time

log = logging.getLogger(__name__)

Peer = tuple[str, int]  # numeric address as the kernel writes it, and port

# How often the watch looks. What goes on after a cut (it had no connection yet, or has made
# another) is cut again.
_STEP_SECONDS = 0.25


class Watched:
    """A stream under watch: where it leads, and when it has to end (on the monotonic clock)."""

    def __init__(self, peer: Peer, ends: float) -> None:
        self.peer = peer
        self._last = ends
        self.ends = ends
        self.cut_for_another = False

    def allow(self, seconds: float) -> None:
        """From now on so many seconds, until this is called again; never beyond the end."""
        self.ends = min(self._last, time.monotonic() + seconds)


class _Watch:
    """All streams of this process that are under watch, and the thread that cuts them."""

    def __init__(self) -> None:
        self._streams: set[Watched] = set()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    def add(self, stream: Watched) -> None:
        with self._changed:
            self._streams.add(stream)
            if self._thread is None or not self._thread.is_alive():  # first use, or after a fork
                self._thread = threading.Thread(target=self._run, name="severing", daemon=True)
                self._thread.start()
            elif len(self._streams) == 1:
                self._changed.notify()

    def remove(self, stream: Watched) -> None:
        with self._changed:
            self._streams.discard(stream)

    def _run(self) -> None:
        with self._changed:
            while True:
                try:
                    self._cut_overdue()
                except Exception:  # without this thread nothing would ever end again
                    log.exception("Late streams could not be cut; it is tried again")
                self._changed.wait(_STEP_SECONDS if self._streams else None)

    def _cut_overdue(self) -> None:
        now = time.monotonic()
        peers = {stream.peer for stream in self._streams if stream.ends <= now}
        if not peers:
            return
        for stream in self._streams:
            if stream.peer in peers and stream.ends > now:
                stream.cut_for_another = True
        _shut_down(peers)


def _shut_down(peers: set[Peer]) -> None:
    """Shut down FFmpeg's connections to these peers."""
    for path in Path("/dev/fd").iterdir():
        number = int(path.name)
        with suppress(OSError):  # closed meanwhile, or not connected
            own = os.dup(number)  # what is asked and what is shut down are surely the same then
            try:
                if not stat.S_ISSOCK(os.fstat(own).st_mode):
                    continue
                connection = socket.socket(fileno=own)
                try:
                    if connection.getpeername()[:2] in peers and not keeps_time(number):
                        connection.shutdown(socket.SHUT_RDWR)
                finally:
                    connection.detach()
            finally:
                os.close(own)


_watch = _Watch()


@contextmanager
def watched(peer: Peer, ends: float) -> Iterator[Watched]:
    """Have whatever leads to `peer` shut down when the block is not over by `ends`."""
    stream = Watched(peer, ends)
    _watch.add(stream)
    try:
        yield stream
    finally:
        _watch.remove(stream)
