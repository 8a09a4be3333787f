"""Where an RTSP address leads in the end: redirects are followed here, and each is judged.

FFmpeg would follow a redirect by itself, to wherever it points, and take the password along. So
whoever answers is asked for the description of its stream first, without a password, and FFmpeg is
given the address at which nobody sends us on.
"""

import http.client
import io
import socket
from contextlib import suppress
from typing import NamedTuple
from urllib.parse import urljoin, urlunsplit

from cameras.addresses import (
    DEFAULT_PORTS,
    STREAM_SCHEMES,
    split_address,
    with_credentials,
)
from monitoring.grabbing.network import Deadline, TimedSocket, connect, resolve, start_tls
from monitoring.grabbing.pictures import GrabError, Source
from monitoring.grabbing.severing import Peer
from monitoring.verdicts import Reason

MOST_REDIRECTS = 3
# Of an answer without a body that is meant to be read; one that is longer is FFmpeg's to judge.
_MOST_BYTES = 16 * 1024
# A camera that is slower than this with a description is asked by FFmpeg, which has more time.
_ANSWER_SECONDS = 2.0


class Reached(NamedTuple):
    """A host that answers: the address with the host's number and the credentials in it (never to
    be logged or shown), and where that leads."""

    url: str
    peer: Peer


def reach(source: Source, deadline: Deadline, timings: dict[str, float]) -> Reached:
    """Where the source's stream is to be opened. Raises GrabError.

    FFmpeg reports a name that does not resolve, a host that is down and a port that is closed in
    ways that differ by version; a plain connection tells them apart, and cheaply.
    """
    address = source.address
    username, password = source.username, source.password
    own: Peer | None = None
    for _each in range(MOST_REDIRECTS + 1):
        parts = split_address(address)
        host = parts.hostname or ""
        port = parts.port or DEFAULT_PORTS[parts.scheme.lower()]
        began_s = deadline.elapsed_s()
        family, number = resolve(host, port, deadline)
        own = own or (number, port)
        if own != (number, port):
            username = password = ""  # they were given for that camera alone
        timings["resolve"] = _ms(deadline, began_s)
        began_s = deadline.elapsed_s()
        connection = connect(family, number, port, deadline)
        peer: Peer = connection.getpeername()[:2]
        timings["connect"] = _ms(deadline, began_s)
        literal = f"[{number}]" if ":" in number else number
        by_number = urlunsplit(parts._replace(netloc=f"{literal}:{port}"))
        began_s = deadline.elapsed_s()
        elsewhere = _sent_to(by_number, connection, host, deadline)
        timings["describe"] = _ms(deadline, began_s)
        if elsewhere is None:
            return Reached(with_credentials(by_number, username, password), peer)
        address = _judged(by_number, elsewhere)
    raise GrabError(Reason.NOT_FOUND, f"redirected more than {MOST_REDIRECTS} times")


def _ms(deadline: Deadline, since_s: float) -> float:
    return round((deadline.elapsed_s() - since_s) * 1000, 1)


def _judged(address: str, elsewhere: str) -> str:
    """Where we are sent from an address, when one of our own might point there, too.

    Raises GrabError.
    """
    try:
        target = urljoin(address, elsewhere)
        allowed = split_address(target).scheme.lower() in STREAM_SCHEMES
    except ValueError:  # AddressError is one
        allowed = False
    if not allowed:
        raise GrabError(Reason.NOT_FOUND, "redirected to an address that may not be probed")
    return target


def _sent_to(address: str, connection: TimedSocket, host: str, deadline: Deadline) -> str | None:
    """Where the answer to DESCRIBE sends us; None when nowhere. Closes the connection.

    Whatever else is said, or nothing at all, is left for FFmpeg to judge.
    """
    connection.deadline = asked = Deadline(deadline.left_s(_ANSWER_SECONDS))
    peer: socket.socket = connection
    try:
        if address.startswith("rtsps"):
            peer = start_tls(connection, host)
        request = (
            f"DESCRIBE {address} RTSP/1.0\r\nCSeq: 1\r\n"
            "Accept: application/sdp\r\nUser-Agent: camera-health\r\n\r\n"
        )
        peer.sendall(request.encode())
        head = bytearray()
        while b"\r\n\r\n" not in head and len(head) < _MOST_BYTES:
            peer.settimeout(asked.left_s())
            chunk = peer.recv(4096)
            if not chunk:
                break
            head += chunk
    except (OSError, GrabError):  # late, gone, or no TLS
        return None
    finally:
        with suppress(OSError):
            peer.close()
    first, _, headers = bytes(head).partition(b"\r\n")
    words = first.split()
    if len(words) < 2 or not words[0].startswith(b"RTSP/") or not words[1].startswith(b"3"):
        return None
    try:
        return http.client.parse_headers(io.BytesIO(headers)).get("Location")
    except http.client.HTTPException:
        return None
