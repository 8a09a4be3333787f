"""Where an RTSP address leads in the end: redirects are followed here, and each is judged.

FFmpeg would follow a redirect by itself, to wherever it points, and take the password along. So
whoever answers is asked for the description of its stream first, without a password where it does
not insist, and what comes next is asked at the address at which nobody sends us on.
"""

from typing import NamedTuple
from urllib.parse import urljoin, urlunsplit

from cameras.addresses import (
    DEFAULT_PORTS,
    STREAM_SCHEMES,
    split_address,
    with_credentials,
)
from monitoring.grabbing.network import (
    Deadline,
    TimedSocket,
    connect,
    resolve,
    start_tls,
    unreachable,
)
from monitoring.grabbing.pictures import GrabError, Source
from monitoring.grabbing.rtp import Unusual
from monitoring.grabbing.rtsp import Answer, Conversation
from monitoring.grabbing.severing import Peer
from monitoring.verdicts import Reason

MOST_REDIRECTS = 3
# A camera that is slower than this with a description is asked by FFmpeg, which has more time.
_ANSWER_SECONDS = 2.0


class Begun(NamedTuple):
    """A conversation that has begun, at `address`, and the answer to DESCRIBE, logged in where
    that was asked for; whoever is given it has to close it."""

    conversation: Conversation
    address: str
    described: Answer


class Reached(NamedTuple):
    """A host that answers: the address with the host's number and the credentials in it (never to
    be logged or shown), where that leads, and what was said so far, where that made sense."""

    url: str
    peer: Peer
    begun: Begun | None


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
        timings["resolve"] = deadline.ms_since(began_s)
        began_s = deadline.elapsed_s()
        connection = connect(family, number, port, deadline)
        try:
            peer: Peer = connection.getpeername()[:2]
        except OSError as error:  # gone already
            connection.close()
            raise unreachable(error, number, port) from None
        timings["connect"] = deadline.ms_since(began_s)
        literal = f"[{number}]" if ":" in number else number
        by_number = urlunsplit(parts._replace(netloc=f"{literal}:{port}"))
        began_s = deadline.elapsed_s()
        conversation = Conversation(connection)
        login = (username, password) if username or password else None
        answer = _described(by_number, conversation, host, login, deadline)
        timings["describe"] = deadline.ms_since(began_s)
        elsewhere = answer.headers.get("location") if answer and answer.status // 100 == 3 else None
        if not elsewhere:
            begun = answer and Begun(conversation, by_number, answer)
            return Reached(with_credentials(by_number, username, password), peer, begun)
        conversation.close()
        address = _judged(by_number, elsewhere[0])
    raise GrabError(Reason.NOT_FOUND, f"redirected more than {MOST_REDIRECTS} times")


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


def _described(
    address: str,
    conversation: Conversation,
    host: str,
    login: tuple[str, str] | None,
    deadline: Deadline,
) -> Answer | None:
    """The answer to DESCRIBE, asked without a password first; None, and hung up, when none came in
    time that makes sense: that is left for FFmpeg to judge."""
    connection = conversation.connection
    assert isinstance(connection, TimedSocket)
    try:
        with conversation.within(deadline.left_s(_ANSWER_SECONDS)):
            if address.startswith("rtsps"):
                conversation.connection = start_tls(connection, host)
            answer = conversation.ask("DESCRIBE", address, Accept="application/sdp")
            if answer.status == 401 and login:
                conversation.log_in(answer, *login)
                answer = conversation.ask("DESCRIBE", address, Accept="application/sdp")
    except (OSError, GrabError, Unusual):  # late, gone, no TLS, no RTSP
        conversation.close()
        return None
    except BaseException:
        conversation.close()
        raise
    return answer
