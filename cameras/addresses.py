"""Which addresses may be probed, and how to show one without its password. No Django in here.

An address is kept without credentials; they have fields of their own, encrypted.
"""

import re
from enum import Enum
from urllib.parse import SplitResult, quote, unquote, urlsplit, urlunsplit

# Everything else that FFmpeg can open (file, pipe, concat, data, udp …) would let an address
# read this machine's own files or reach where a camera never is.
STREAM_SCHEMES = frozenset({"rtsp", "rtsps"})
PICTURE_SCHEMES = frozenset({"http", "https"})
SCHEMES = STREAM_SCHEMES | PICTURE_SCHEMES
DEFAULT_PORTS = {"rtsp": 554, "rtsps": 322, "http": 80, "https": 443}

# Up to the last `@`: a password may hold a slash that nobody escaped. The scheme is short, so that
# a long text costs no more than its length.
_CREDENTIALS = re.compile(r"(?P<scheme>[a-zA-Z][\w+.-]{0,15}://)\S*@")


class Problem(Enum):
    """What is wrong with an address, in English; cameras.models has the words for the screen."""

    UNREADABLE = "it cannot be read"
    SCHEME = "it must begin with rtsp://, rtsps://, http:// or https://"
    HOST = "the host name is missing"
    PORT = "port 0 does not exist"
    CHARACTER = "it contains a space or a control character"


class AddressError(ValueError):
    """This address may not be probed; `problem` says why."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(problem.value)


def split_address(address: str) -> SplitResult:
    """The parts of an address that may be probed. Raises AddressError."""
    address = address.strip()
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        raise AddressError(Problem.UNREADABLE) from None
    if parts.scheme.lower() not in SCHEMES:
        raise AddressError(Problem.SCHEME)
    if not parts.hostname:
        raise AddressError(Problem.HOST)
    if port == 0:
        raise AddressError(Problem.PORT)
    if re.search(r"[\x00-\x20\x7f]", address):
        raise AddressError(Problem.CHARACTER)
    return parts


def take_credentials(address: str) -> tuple[str, str, str]:
    """(address without credentials, user name, password); the last two "" when there are none."""
    parts = split_address(address)
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=host)), user, password


def with_credentials(address: str, username: str, password: str) -> str:
    """The address as FFmpeg wants it, credentials inside. Never log or show the result."""
    if not username and not password:
        return address
    parts = split_address(address)
    user_info = f"{quote(username, safe='')}:{quote(password, safe='')}"
    return urlunsplit(parts._replace(netloc=f"{user_info}@{parts.netloc.rpartition('@')[2]}"))


def redact(text: str) -> str:
    """The text with the credentials of every address in it replaced by `***`."""
    return _CREDENTIALS.sub(r"\g<scheme>***@", text)
