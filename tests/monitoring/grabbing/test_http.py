"""HTTP as cameras and strangers speak it: redirects, bodies without end, and lying headers."""

import gc
import re
import socket
import threading
import warnings

import pytest

from monitoring.limits import READ_SECONDS
from tests.monitoring.grabbing import scripted
from tests.monitoring.grabbing.attempts import attempt
from tests.monitoring.grabbing.scripted import head, http, repeating, saying, serving

PICTURE = scripted.jpeg()


def redirect(to: str) -> bytes:
    return http(b"", "302 Found", Location=to)


def test_a_redirect_to_another_http_address_is_followed() -> None:
    with serving(saying(http(PICTURE))) as there, serving(saying(redirect(there.http))) as here:
        assert attempt(here.http).outcome == "picture"


@pytest.mark.parametrize(
    "where",
    [
        "file:///etc/passwd",
        "ftp://127.0.0.1/x",
        "rtsp://127.0.0.1/x",
        "gopher://127.0.0.1/",
        "http://127.0.0.1:0/x",
    ],
)
def test_a_redirect_to_where_no_camera_is_is_refused(where: str) -> None:
    with serving(saying(redirect(where))) as server:
        seen = attempt(server.http)
        assert seen.outcome == "not_found"
        assert server.connections == 1


def test_redirects_in_a_circle_end() -> None:
    with serving(saying(redirect("/again"))) as server:
        assert attempt(server.http).outcome == "not_found"
        assert server.connections < 10


def test_the_endless_body_of_a_redirect_is_not_read() -> None:
    endless = b"HTTP/1.1 302 Found\r\nLocation: /again\r\n\r\n"
    with serving(repeating(endless, b"x" * 65536)) as server:
        seen = attempt(server.http, 5)
        assert seen.outcome == "not_found" and seen.seconds < 4


def test_a_redirect_to_another_path_of_the_camera_keeps_its_password() -> None:
    def talk(client: scripted.socket.socket) -> None:
        request = scripted.head(client)
        if request.startswith("GET /picture.jpg"):
            client.sendall(redirect("/cgi/other.jpg"))
        elif "Authorization: Basic" in request:
            client.sendall(http(PICTURE))
        else:
            client.sendall(http(b"", "401 Unauthorized", WWW_Authenticate='Basic realm="x"'))

    with serving(talk) as server:
        seen = attempt(server.http, username="operator", password="rahasia")
    assert seen.outcome == "picture", seen.detail


def test_a_redirect_to_another_host_takes_no_password_along() -> None:
    asked: list[str] = []

    def talk(client: scripted.socket.socket) -> None:
        asked.append(scripted.head(client))
        client.sendall(http(b"", "401 Unauthorized", WWW_Authenticate='Basic realm="x"'))

    with serving(talk) as there, serving(saying(redirect(there.http))) as here:
        seen = attempt(here.http, username="operator", password="rahasia")
    assert seen.outcome == "unauthorised"
    assert asked and not any("Authorization" in request for request in asked)


@pytest.mark.parametrize(
    "challenge", ['Digest realm="x", nonce="1", qop="auth"', 'Basic realm="x"', "Negotiate", ""]
)
def test_a_wrong_password_is_sent_once_lest_the_camera_locks_the_account(challenge: str) -> None:
    with serving(saying(http(b"", "401 Unauthorized", WWW_Authenticate=challenge))) as server:
        seen = attempt(server.http, username="operator", password="salah")
        assert seen.outcome == "unauthorised"
        assert server.connections <= 2  # without, to learn how it asks; then with the password


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        ("401 Unauthorized", "unauthorised"),
        ("403 Forbidden", "unauthorised"),
        ("404 Not Found", "not_found"),
        ("304 Not Modified", "not_found"),
        ("500 Internal Server Error", "no_video"),
        ("503 Busy", "no_video"),
    ],
)
def test_a_status_tells_the_reason(status: str, reason: str) -> None:
    with serving(saying(http(b"", status))) as server:
        seen = attempt(server.http)
    assert seen.outcome == reason
    assert status[:3] in seen.detail


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (http(b""), "no_video"),
        (http(b"<html>Login</html>", Content_Type="text/html"), "undecodable"),
        (http(PICTURE[: len(PICTURE) // 2]), "undecodable"),
        (http(PICTURE[:-30], Content_Length="9999999999999"), "undecodable"),
        (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 500 + b"\r\n" + PICTURE, "undecodable"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"y" * 100_000 + b"\r\n\r\n" + PICTURE, "undecodable"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "undecodable"),
        (b"", "no_video"),
        (http(b"zz\r\n", Transfer_Encoding="chunked"), "no_video"),
        (http(b"5\r\nab", Transfer_Encoding="chunked"), "no_video"),
    ],
    ids=[
        "empty",
        "a page",
        "half a picture",
        "less than it said",
        "500 headers",
        "a long header",
        "another protocol",
        "nothing",
        "a broken chunk",
        "half a chunk",
    ],
)
def test_an_answer_without_a_picture_has_its_reason(answer: bytes, reason: str) -> None:
    with serving(saying(answer)) as server:
        seen = attempt(server.http)
    assert seen.outcome == reason, seen.detail
    assert seen.detail


@pytest.mark.parametrize("length", ["99999999999999999999", "-5", "many", "0x10"])
def test_a_picture_is_taken_whatever_length_the_header_claims(length: str) -> None:
    waiting = threading.Event()

    def talk(client: scripted.socket.socket) -> None:
        scripted.head(client)
        client.sendall(http(PICTURE, Content_Length=length))
        waiting.wait()  # it is taken when it is whole, not when the camera hangs up

    with serving(talk) as server:
        assert attempt(server.http).outcome == "picture"
        waiting.set()


def in_chunks(body: bytes, size: int) -> bytes:
    """A whole answer in HTTP that states the length of each chunk, and not its own."""
    parts = (body[at : at + size] for at in range(0, len(body), size))
    chunks = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts)
    return http(chunks + b"0\r\n\r\n", Transfer_Encoding="chunked")


def test_a_picture_in_chunks_and_in_single_bytes_is_whole() -> None:
    answer = in_chunks(PICTURE, 100)
    with serving(saying(*(answer[at : at + 1] for at in range(len(answer))))) as server:
        assert attempt(server.http).outcome == "picture"


def test_a_picture_in_chunks_is_not_waited_for_when_it_is_there() -> None:
    """Though the camera does not hang up."""
    picture = scripted.jpeg(1920, 1080, quality=95)
    waiting = threading.Event()

    def talk(client: socket.socket) -> None:
        saying(in_chunks(picture, 1000))(client)
        waiting.wait(10)

    with serving(talk) as server:
        seen = attempt(server.http)
        waiting.set()
    assert seen.outcome == "picture" and seen.seconds < 0.5


@pytest.mark.parametrize(
    ("first", "again", "outcomes"),
    [
        (b"HTTP/1.1 200 OK\r\n", b"X: y\r\n", {"timed_out", "undecodable"}),
        (b"HTTP/1.1 200 OK\r\n\r\n", b"x", {"no_video"}),
        (b"HTTP/1.1 200 OK\r\n\r\n\xff\xd8\xff\xda\x00\x02", b"\xff\x00", {"no_video"}),
        (b"H", b"H", {"timed_out", "undecodable"}),
    ],
    ids=["header", "body", "picture", "status line"],
)
def test_who_dribbles_is_ended_at_the_deadline(
    first: bytes, again: bytes, outcomes: set[str]
) -> None:
    with serving(repeating(first, again, pause_s=0.05)) as server:
        seen = attempt(server.http, 1)
    assert seen.outcome in outcomes
    assert seen.seconds < 1 + READ_SECONDS


@pytest.mark.parametrize(
    "again", [b"\x00" * 65536, b"\xff\x00" * 32768, b"\xff\xd9" * 32768, b"\xff\xd8\xff\xe0" * 9000]
)
def test_who_floods_is_ended_at_the_deadline(again: bytes) -> None:
    first = b"HTTP/1.1 200 OK\r\n\r\n\xff\xd8\xff\xda\x00\x02"
    with serving(repeating(first, again)) as server:
        seen = attempt(server.http, 1)
    assert seen.outcome in ("no_video", "undecodable")
    assert seen.seconds < 1 + READ_SECONDS


def test_a_body_that_holds_no_picture_is_given_up_long_before_the_deadline() -> None:
    with serving(repeating(b"HTTP/1.1 200 OK\r\n\r\n", b"\x00" * 65536)) as server:
        seen = attempt(server.http, 60)
    assert seen.outcome == "undecodable"
    assert seen.seconds < 30


def test_a_burst_that_breaks_off_keeps_the_pictures_that_came() -> None:
    answers = [http(PICTURE), http(b"", "503 Busy")]

    def talk(client: scripted.socket.socket) -> None:
        scripted.head(client)
        client.sendall(answers.pop(0))

    with serving(talk) as server:
        seen = attempt(server.http, 3, 3)
    assert seen.result is not None, seen.detail
    assert len(seen.result.pictures) == 1


def test_an_mjpeg_stream_needs_no_boundary_and_no_lengths() -> None:
    answer = http(PICTURE * 3, Content_Type="multipart/x-mixed-replace", Content_Length="0")
    with serving(saying(answer.replace(b"Content-Length: 0\r\n", b""))) as server:
        seen = attempt(server.http)
    assert seen.result is not None and seen.result.codec == "mjpeg"


def test_a_camera_by_its_ipv6_address() -> None:
    with serving(saying(http(PICTURE)), host="::1") as server:
        assert attempt(server.http).outcome == "picture"


@pytest.mark.parametrize("status", [403, 599])
def test_a_camera_that_repeats_the_password_is_not_quoted(status: int) -> None:
    def talk(client: socket.socket) -> None:
        request = head(client)
        given = re.search(r"Authorization: (.*)\r", request)
        if given is None:
            client.sendall(
                http(b"", "401 No", WWW_Authenticate='Basic realm="r"', Connection="close")
            )
        else:
            client.sendall(http(b"", f"{status} {given[1]}", Connection="close"))

    with serving(talk) as server:
        seen = attempt(server.http, username="op", password="rahasia")
    assert seen.detail == {403: "HTTP 403 Forbidden", 599: "HTTP 599"}[status]


def test_a_connection_that_the_camera_would_keep_is_hung_up() -> None:
    """And not left to Python's collector, which warns of it."""
    with (
        serving(saying(http(scripted.jpeg()))) as server,
        warnings.catch_warnings(record=True) as said,
    ):
        warnings.simplefilter("always")
        assert attempt(server.http).outcome == "picture"
        gc.collect()
    assert not [str(each.message) for each in said if each.category is ResourceWarning]


@pytest.mark.parametrize("kilobytes", [1, 127, 128, 300])
def test_a_jpeg_that_ends_early_is_called_so_whatever_its_size(kilobytes: int) -> None:
    begin = PICTURE[: PICTURE.index(b"\xff\xda") + 14]
    cut_off = begin + bytes(1024 * kilobytes - len(begin))
    with serving(saying(http(cut_off))) as server:
        seen = attempt(server.http)
    assert (seen.outcome, seen.detail) == (
        *("undecodable", f"the JPEG ends early, after {len(cut_off)} bytes"),
    )


def test_a_camera_that_serves_one_connection_at_a_time_is_logged_in_to() -> None:
    """It keeps the connection whose request it refused, until we hang up."""
    only = threading.Lock()

    def talk(client: socket.socket) -> None:
        with only:
            while request := head(client):
                refused = http(b"", "401 Unauthorized", WWW_Authenticate='Basic realm="r"')
                client.sendall(http(PICTURE) if "Authorization" in request else refused)

    with serving(talk) as server:
        seen = attempt(server.http, 3, username="op", password="rahasia")
    assert seen.outcome == "picture", seen.detail
