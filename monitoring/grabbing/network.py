"""Reaching a host: name, connection, and a deadline that no dribbling peer can stretch."""

import errno
import ipaddress
import os
import select
import socket
import ssl
import threading
import time
import weakref
from contextlib import suppress
from functools import lru_cache
from typing import Any

from cameras.networks import is_refused
from monitoring.grabbing.pictures import GrabError
from monitoring.verdicts import Reason

# A host that is up answers a SYN at once; three seconds leave room for one lost packet.
CONNECT_SECONDS = 3.0
# How long a read waits for more than has come, where it may.
_GATHER_SECONDS = 0.1


class Deadline:
    """A moment by which all must be done, on the monotonic clock."""

    def __init__(self, seconds: float) -> None:
        self._began = time.monotonic()
        self.ends = self._began + seconds

    def elapsed_s(self) -> float:
        return time.monotonic() - self._began

    def ms_since(self, moment_s: float) -> float:
        """Milliseconds since a moment that `elapsed_s` gave."""
        return round((self.elapsed_s() - moment_s) * 1000, 1)

    def left_s(self, at_most: float = float("inf")) -> float:
        """Seconds left, never more than `at_most`; raises GrabError when none are."""
        left = self.ends - time.monotonic()
        if left <= 0:
            raise GrabError(Reason.TIMED_OUT, f"no picture within {self.ends - self._began:.0f} s")
        return min(left, at_most)

    def is_over(self) -> bool:
        return time.monotonic() >= self.ends


def resolve(host: str, port: int, deadline: Deadline) -> tuple[int, str]:
    """(address family, numeric address) of a host.

    Raises GrabError: UNREACHABLE, or NOT_FOUND where no camera may be.

    Asked once per grab, and the number is what is then connected to: a name that changes its
    meaning between a check and its use gains nothing.
    """
    try:
        number = ipaddress.ip_address(host)
    except ValueError:
        pass
    else:
        if not host.isascii():  # an IPv6 zone in letters that no interface has
            raise GrabError(Reason.UNREACHABLE, f"{host}: no such network interface")
        check_network(host)
        return (socket.AF_INET if number.version == 4 else socket.AF_INET6), host

    found: list[tuple[int, str]] = []
    problem: list[str] = ["the name server does not answer"]

    def ask() -> None:
        try:
            for family, *_, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
                found.append((family, str(address[0])))
        except (OSError, UnicodeError) as error:
            problem[0] = str(error)

    # getaddrinfo has no time-out; a thread left behind ends when the resolver gives up.
    asker = threading.Thread(target=ask, name="resolve", daemon=True)
    asker.start()
    asker.join(deadline.left_s(CONNECT_SECONDS))
    if not found:
        raise GrabError(Reason.UNREACHABLE, f"{host}: {problem[0]}")
    # IPv4 first: many a camera's name has an IPv6 address that nothing answers on.
    best = min(found, key=lambda each: each[0] != socket.AF_INET)
    check_network(best[1])
    return best


def check_network(number: str) -> None:
    """Raise GrabError for this machine itself or its own link, unless that is allowed."""
    if is_refused(number):
        raise GrabError(Reason.NOT_FOUND, f"{number} may not be probed: see PROBE_ALLOWED_NETWORKS")


_KEEP_TIME: weakref.WeakSet[Any] = weakref.WeakSet()
_keep_time_lock = threading.Lock()


def keeps_time(number: int) -> bool:
    """Whether the open file of this number is a connection that ends by itself in time."""
    with _keep_time_lock:  # nobody may be added meanwhile
        connections = list(_KEEP_TIME)
    return any(connection.fileno() == number for connection in connections)


class _KeepsTime:
    """Mixed into a socket: each read or write may take only what is left of the deadline, and a
    read no more than `patience_s`."""

    deadline: Deadline
    patience_s = float("inf")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        with _keep_time_lock:
            _KEEP_TIME.add(self)

    def gather(self, least: int) -> None:
        """Wait for so many bytes before each read, and a tenth of a second at most."""


class TimedSocket(_KeepsTime, socket.socket):
    """A TCP connection that ends with its deadline.

    It waits by itself, and then takes what is there. Python's own way sets a time limit anew
    before it waits and reads; that is one more call that lets another thread in, and among dozens
    of threads the way back in costs more than the read. For the same reason it can be told to
    `gather`: on a real line a picture comes in a hundred packets, and each would wake us.
    """

    _least = 1  # bytes

    def gather(self, least: int) -> None:
        if least == self._least:
            return
        with suppress(OSError):  # hung up already: there is nothing to wait for
            self.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, least)
            self._least = least

    def connect_within(self, seconds: float, address: tuple[str, int]) -> None:
        """Raises OSError, TimeoutError among them."""
        problem = self.connect_ex(address)
        if problem == errno.EINPROGRESS:
            if not self._wait(select.POLLOUT, seconds):
                raise TimeoutError
            problem = self.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if problem:
            raise OSError(problem, os.strerror(problem))

    def recv_into(self, buffer: Any, nbytes: int = 0, flags: int = 0) -> int:
        ends = time.monotonic() + self.deadline.left_s(self.patience_s)
        while True:
            left_s = max(0.0, ends - time.monotonic())
            self._wait(select.POLLIN, min(left_s, _GATHER_SECONDS) if self._least > 1 else left_s)
            try:
                # Macs keep back what is less than was wanted, unless they are told so.
                return super().recv_into(buffer, nbytes, flags | socket.MSG_DONTWAIT)
            except BlockingIOError:
                if time.monotonic() >= ends:
                    raise TimeoutError("timed out") from None

    def sendall(self, data: Any, flags: int = 0) -> None:
        rest = memoryview(data)
        while rest:
            try:
                rest = rest[self.send(rest, flags) :]
            except BlockingIOError:
                self._wait(select.POLLOUT, self.deadline.left_s())

    def _wait(self, event: int, seconds: float) -> bool:
        """Whether the event has come in time."""
        poll = select.poll()
        poll.register(self.fileno(), event)
        return bool(poll.poll(1000 * seconds))


class TimedTLSSocket(_KeepsTime, ssl.SSLSocket):
    """The same inside TLS, which waits in its own ways, and for no more than there is."""

    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        self.settimeout(self.deadline.left_s(self.patience_s))
        return super().recv_into(*args, **kwargs)

    def sendall(self, *args: Any, **kwargs: Any) -> None:
        self.settimeout(self.deadline.left_s())
        super().sendall(*args, **kwargs)


def connect(family: int, address: str, port: int, deadline: Deadline) -> TimedSocket:
    """A connection to a numeric address. Raises GrabError UNREACHABLE or REFUSED."""
    connection = TimedSocket(family, socket.SOCK_STREAM)
    connection.deadline = deadline
    try:
        connection.setblocking(False)
        connection.connect_within(deadline.left_s(CONNECT_SECONDS), (address, port))
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except OSError as error:
        connection.close()
        raise unreachable(error, address, port) from None
    except BaseException:
        connection.close()
        raise
    return connection


def unreachable(error: OSError, address: str, port: int) -> GrabError:
    """A failed connection in our words."""
    if isinstance(error, ConnectionRefusedError):
        return GrabError(Reason.REFUSED, f"nothing listens on port {port}")
    said = (
        "no answer to a connection attempt"
        if isinstance(error, TimeoutError)
        else errno.errorcode.get(error.errno or 0, str(error))
    )
    return GrabError(Reason.UNREACHABLE, f"{address} port {port}: {said}")


@lru_cache(maxsize=1)
def _tls_context() -> ssl.SSLContext:
    # Cameras sign their certificates themselves and let them run out; refusing those would
    # refuse nearly every camera. Making a context is dear, so there is one.
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.sslsocket_class = TimedTLSSocket
    return context


def start_tls(connection: TimedSocket, host: str) -> TimedTLSSocket:
    """The connection wrapped in TLS. Raises OSError (ssl.SSLError) when the peer speaks none."""
    connection.settimeout(connection.deadline.left_s())
    deadline = connection.deadline
    try:
        wrapped = _tls_context().wrap_socket(connection, server_hostname=host)
    except BaseException:
        connection.close()
        raise
    assert isinstance(wrapped, TimedTLSSocket)
    wrapped.deadline = deadline
    with _keep_time_lock:  # Python makes it without our __init__
        _KEEP_TIME.add(wrapped)
    return wrapped
