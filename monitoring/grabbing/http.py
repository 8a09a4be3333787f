"""Pictures over HTTP: JPEG snapshots and MJPEG streams."""

import http.client
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any, NoReturn
from urllib.parse import urljoin, urlsplit, urlunsplit

from cameras.addresses import PICTURE_SCHEMES, AddressError, Problem, split_address
from monitoring.grabbing import jpeg
from monitoring.grabbing.network import (
    Deadline,
    TimedSocket,
    TimedTLSSocket,
    connect,
    resolve,
    start_tls,
)
from monitoring.grabbing.pictures import (
    BURST_STEP_SECONDS,
    REFUSALS,
    Grab,
    GrabError,
    Picture,
    Source,
)
from monitoring.verdicts import Reason

# A 4K JPEG of the best quality has about 8 MB.
MOST_BYTES = 24 * 1024 * 1024
_CHUNK = 256 * 1024  # the most that is read at once
_PIECE = 128 * 1024  # that is waited for
_HEADERS = {"User-Agent": "camera-health"}
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


def grab_http(source: Source, deadline: Deadline, burst_s: float, most: int) -> Grab:
    """One picture, or up to `most` over `burst_s` seconds. Raises GrabError."""
    timings: dict[str, float] = {}
    pictures: list[Picture] = []
    codec = "jpeg"
    began_s = deadline.elapsed_s()
    try:
        while True:
            with _open(source, deadline) as answer:
                timings.setdefault("open", deadline.ms_since(began_s))
                if answer.headers.get_content_maintype() == "multipart":
                    codec = "mjpeg"
                for data in _jpegs(answer):
                    now_s = deadline.elapsed_s()
                    if not pictures or now_s - pictures[-1].at_s >= BURST_STEP_SECONDS:
                        pictures.append(jpeg.decode(data, now_s))
                        timings.setdefault("picture", deadline.ms_since(began_s))
                    if len(pictures) >= most or now_s - began_s >= burst_s:
                        return Grab(pictures, source.address, codec, timings)
            # A snapshot ends with its picture: for a burst it is asked for again.
            time.sleep(deadline.left_s(BURST_STEP_SECONDS))
    except GrabError:
        if not pictures:
            raise
        return Grab(pictures, source.address, codec, timings)  # what came before it is not lost


def _jpegs(answer: http.client.HTTPResponse) -> Iterator[bytes]:
    """Each whole JPEG in the body as it comes. Raises GrabError when none or a part of one came."""
    cutter = jpeg.Cutter()
    count = 0
    while chunk := _read(answer):
        for picture in cutter.feed(chunk):
            count += 1
            yield picture
        if cutter.waiting > MOST_BYTES:
            raise GrabError(Reason.UNDECODABLE, f"no picture in {MOST_BYTES} bytes")
    if count == 0:
        came = cutter.waiting
        if cutter.has_begun:
            raise GrabError(Reason.UNDECODABLE, f"the JPEG ends early, after {came} bytes")
        if came:
            raise GrabError(Reason.UNDECODABLE, f"no JPEG in the {came} bytes that came")
        raise GrabError(Reason.NO_VIDEO, "the answer is empty")


def _read(answer: http.client.HTTPResponse) -> bytes:
    try:
        return answer.read1(_CHUNK)
    except TimeoutError:
        raise GrabError(Reason.NO_VIDEO, "the answer began, and no picture came") from None
    except GrabError:
        raise GrabError(Reason.NO_VIDEO, "the answer began, and no whole picture came") from None
    except (OSError, http.client.HTTPException) as error:
        raise GrabError(Reason.NO_VIDEO, f"the connection broke: {error}") from None


def _open(source: Source, deadline: Deadline) -> http.client.HTTPResponse:
    """The answer's head; its body follows by reading. Raises GrabError."""
    try:
        return _ask(source, deadline)
    except urllib.error.HTTPError as error:
        error.close()
        _refuse(error.code)
    except AddressError:
        raise GrabError(
            Reason.NOT_FOUND, "redirected to an address that may not be probed"
        ) from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise _opening_failed(error) from None


def _ask(source: Source, deadline: Deadline) -> http.client.HTTPResponse:
    """Ask plainly where nothing needs to be negotiated; that costs a third of an opener's way."""
    if not (source.username or source.password):
        answer = _ask_plainly(source.address, deadline)
        if 200 <= answer.status < 300:
            return answer
        answer.close()
        if answer.status not in _REDIRECTS:
            _refuse(answer.status)
        _check_redirect(urljoin(source.address, answer.headers.get("Location", "")))
    # Not urlopen's default opener: ours knows http and https alone.
    request = urllib.request.Request(source.address, headers=_HEADERS)  # noqa: S310
    answer = _opener(source, deadline).open(request)
    assert isinstance(answer, http.client.HTTPResponse)
    return answer


def _check_redirect(address: str) -> None:
    """Raise AddressError when an address of our own might not point there, either."""
    if split_address(address).scheme.lower() not in PICTURE_SCHEMES:
        raise AddressError(Problem.SCHEME)


def _ask_plainly(address: str, deadline: Deadline) -> http.client.HTTPResponse:
    parts = split_address(address)
    path = parts.path or "/"
    target = f"{path}?{parts.query}" if parts.query else path
    host = parts.netloc.rpartition("@")[2]
    connection = _Connection(host, deadline, tls=parts.scheme.lower() == "https")
    try:
        connection.request("GET", target, headers={**_HEADERS, "Connection": "close"})
        answer = connection.getresponse()
        if connection.sock is not None:  # one that the camera would keep open
            connection.sock.close()  # with the answer, whose it now is
        return answer
    except BaseException:
        connection.close()
        raise


def _opening_failed(error: Exception) -> GrabError:
    """Python's error in our words. What happens before the request is sent comes in a URLError."""
    cause = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(cause, TimeoutError):
        return GrabError(Reason.TIMED_OUT, "connected, and no answer came")
    if isinstance(cause, ConnectionError):
        return GrabError(Reason.NO_VIDEO, f"the connection broke: {cause}")
    # Not HTTP at all, an endless header, TLS where none is spoken.
    return GrabError(Reason.UNDECODABLE, f"no answer in HTTP ({type(cause).__name__})")


def _refuse(status: int) -> NoReturn:
    # A redirect that cannot be followed: in a circle, or to where no camera is.
    other = Reason.NOT_FOUND if 300 <= status < 400 else Reason.NO_VIDEO
    # Not in the camera's words: they might repeat the password that it was given.
    said = f"HTTP {status} {http.client.responses.get(status, '')}".rstrip()
    raise GrabError(REFUSALS.get(status, other), said)


def _opener(source: Source, deadline: Deadline) -> urllib.request.OpenerDirector:
    """Python's own HTTP client with our connections; no proxies, no other schemes."""
    passwords = urllib.request.HTTPPasswordMgrWithDefaultRealm()
    # For the whole camera, whatever path it redirects to; for no other host or port.
    everywhere = urlunsplit(split_address(source.address)._replace(path="/", query="", fragment=""))
    passwords.add_password(None, everywhere, source.username, source.password)
    opener = urllib.request.OpenerDirector()
    handlers: list[urllib.request.BaseHandler] = [
        _Handler(deadline),
        urllib.request.HTTPErrorProcessor(),
        urllib.request.HTTPDefaultErrorHandler(),
        _Redirects(),
    ]
    if source.username or source.password:
        handlers.append(_Digest(passwords))
        handlers.append(_Basic(passwords))
    for handler in handlers:
        opener.add_handler(handler)
    return opener


class _Digest(urllib.request.HTTPDigestAuthHandler):
    def http_error_401(self, req: Any, fp: Any, *refusal: Any) -> Any:
        # Before it is asked anew, here or by _Basic, whose turn comes after this: many a camera
        # serves one connection at a time.
        fp.close()
        return super().http_error_401(req, fp, *refusal)

    def http_error_auth_reqed(self, auth_header: str, host: str, req: Any, headers: Any) -> Any:
        if req.has_header(self.auth_header):
            return None  # refused once: asked six times, as Python would, cameras lock the account
        try:
            return super().http_error_auth_reqed(auth_header, host, req, headers)
        except ValueError:  # a scheme that it does not speak: leave it to _Basic, or to 401
            return None


class _Basic(urllib.request.HTTPBasicAuthHandler):
    def http_error_auth_reqed(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().http_error_auth_reqed(*args, **kwargs)
        except ValueError:
            return None


class _Redirects(urllib.request.HTTPRedirectHandler):
    max_redirections = 3

    def redirect_request(
        self, req: Any, fp: Any, code: Any, msg: Any, headers: Any, newurl: str
    ) -> urllib.request.Request | None:
        """Only to where an address of our own may point as well."""
        _check_redirect(newurl)
        fp.close()  # the handler would read all of its body, which may never end
        return super().redirect_request(req, fp, code, msg, headers, newurl)


class _Answer(http.client.HTTPResponse):
    """An answer whose body is read in large pieces.

    Not one in chunks: their lengths are read by the line, 8 kB at a time, and each of those reads
    would wait.
    """

    def __init__(self, sock: TimedSocket | TimedTLSSocket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self._connection = sock

    def read1(self, n: int = -1) -> bytes:
        if not self.isclosed():
            self._connection.gather(1 if self.chunked else min(_PIECE, self.length or _PIECE))
        return super().read1(n)


class _Connection(http.client.HTTPConnection):
    response_class = _Answer

    def __init__(self, host: str, deadline: Deadline, tls: bool, **_: Any) -> None:
        super().__init__(host)
        self._deadline, self._tls = deadline, tls
        self.default_port = 443 if tls else 80
        if urlsplit(f"//{host}").port is None:
            self.port = self.default_port

    def connect(self) -> None:
        family, number = resolve(self.host, self.port, self._deadline)
        connection = connect(family, number, self.port, self._deadline)
        self.sock = start_tls(connection, self.host) if self._tls else connection


class _Handler(urllib.request.AbstractHTTPHandler):
    def __init__(self, deadline: Deadline) -> None:
        super().__init__()
        self._deadline = deadline

    def _connector(self, tls: bool) -> Callable[..., _Connection]:
        return lambda host, **kwargs: _Connection(host, self._deadline, tls, **kwargs)

    def http_open(self, request: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(self._connector(tls=False), request)

    def https_open(self, request: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(self._connector(tls=True), request)

    http_request = https_request = urllib.request.AbstractHTTPHandler.do_request_
