"""Reaching a host: name, connection, and a deadline that no dribbling peer can stretch."""

import errno
import ipaddress
import socket
import ssl
import threading
import time
import weakref
from functools import lru_cache
from typing import Any

from cameras.networks import is_refused
from monitoring.grabbing.pictures import GrabError
from monitoring.verdicts import Reason

# A host that is up answers a SYN at once; three seconds leave room for one lost packet.
CONNECT_SECONDS = 3.0


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


class _UntilDeadline:
    """Mixed into a socket: each read or write may take only what is left of the deadline, and a
    read no more than `patience_s`."""

    deadline: Deadline
    patience_s = float("inf")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        with _keep_time_lock:
            _KEEP_TIME.add(self)

    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        self.settimeout(self.deadline.left_s(self.patience_s))  # type: ignore[attr-defined]
        return super().recv_into(*args, **kwargs)  # type: ignore[misc]

    def sendall(self, *args: Any, **kwargs: Any) -> None:
        self.settimeout(self.deadline.left_s())  # type: ignore[attr-defined]
        super().sendall(*args, **kwargs)  # type: ignore[misc]


class TimedSocket(_UntilDeadline, socket.socket):
    """A TCP connection that ends with its deadline."""


class TimedTLSSocket(_UntilDeadline, ssl.SSLSocket):
    """The same inside TLS."""


def connect(family: int, address: str, port: int, deadline: Deadline) -> TimedSocket:
    """A connection to a numeric address. Raises GrabError UNREACHABLE or REFUSED."""
    connection = TimedSocket(family, socket.SOCK_STREAM)
    connection.deadline = deadline
    try:
        connection.settimeout(deadline.left_s(CONNECT_SECONDS))
        connection.connect((address, port))
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
