"""A camera's door: its TCP port, open, closed, or swallowing whoever knocks.

A closed port stays reserved by a socket that is bound but does not listen, so that no other
program can take it before the camera is mended.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import socket
from collections.abc import Awaitable, Callable

from tests.farm.faults import FarmError

__all__ = ["Door"]

_HOST = "127.0.0.1"
_KNOCKERS = 4  # more than the accept queue holds: the rest of the world waits outside
Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Door:
    """One port in one of three states."""

    def __init__(self, owner: str, port: int, handler: Handler) -> None:
        self._owner = owner
        self._handler = handler
        self._server: asyncio.Server | None = None
        self._sockets: list[socket.socket] = []
        self.port = port

    async def open(self) -> None:
        """Accept connections."""
        await self.close()
        bound = self._bind()
        # A deep queue: a tracker that probes a thousand streams at once must not be kept waiting.
        self._server = await asyncio.start_server(self._handler, sock=bound, backlog=512)

    async def refuse(self) -> None:
        """Refuse connections and keep the port."""
        await self.close()
        self._sockets = [self._bind()]

    async def swallow(self) -> None:
        """Leave every attempt to connect without an answer.

        The kernel drops a SYN when the accept queue is full, so the queue is made as short as
        it can be and filled with connections of our own that nobody accepts.
        """
        await self.close()
        bound = self._bind()
        bound.listen(0)
        self._sockets = [bound]
        for _ in range(_KNOCKERS):
            knocker = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            knocker.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                knocker.connect((_HOST, self.port))
            self._sockets.append(knocker)
        await asyncio.sleep(0.01)  # the first ones are through, the others wait for ever

    async def close(self) -> None:
        """Give the port back."""
        if self._server is not None:
            self._server.close()
            self._server = None
        for one in self._sockets:
            one.close()
        self._sockets = []

    def _bind(self) -> socket.socket:
        bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        # Without it a camera could not come back while an old connection is in TIME_WAIT.
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.setblocking(False)
        try:
            bound.bind((_HOST, self.port))
        except OSError as problem:
            bound.close()
            if problem.errno in (errno.EADDRINUSE, errno.EACCES):
                raise FarmError(
                    f"Port {self.port} for {self._owner} cannot be used "
                    f"({os.strerror(problem.errno).lower()}). Stop the program that has it "
                    f"(ss -ltnp 'sport = :{self.port}'), or choose other ports with --port."
                ) from None
            raise
        self.port = bound.getsockname()[1]
        return bound
