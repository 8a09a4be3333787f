"""Addresses: which may be probed, and where their passwords go."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cameras.addresses import (
    AddressError,
    Problem,
    redact,
    split_address,
    take_credentials,
    with_credentials,
)

ODD = "p@ss:w/rd?#%& 1é"


@pytest.mark.parametrize(
    "address",
    [
        "rtsp://10.1.2.3/stream1",
        "RTSP://10.1.2.3:8554/Streaming/Channels/101?profile=1&x=%20",
        "rtsps://kamera.example",
        "http://10.1.2.3/cgi-bin/snapshot.cgi?channel=1#x",
        "https://[2001:db8::1]:8443/x",
        "rtsp://[::1]/x",
        "  http://10.1.2.3/x  ",
        "rtsp://operator:rahasia@10.1.2.3/x",
        "rtsp://10.1.2.3/user=admin_password=_channel=1@",
    ],
)
def test_an_address_of_a_camera_may_be_probed(address: str) -> None:
    assert split_address(address).hostname


@pytest.mark.parametrize(
    ("address", "problem"),
    [
        ("file:///etc/passwd", Problem.SCHEME),
        ("/etc/passwd", Problem.SCHEME),
        ("pipe:0", Problem.SCHEME),
        ("concat:a.jpg|b.jpg", Problem.SCHEME),
        ("udp://10.1.2.3:5000", Problem.SCHEME),
        ("rtp://10.1.2.3:5000", Problem.SCHEME),
        ("tcp://10.1.2.3:22", Problem.SCHEME),
        ("data:image/jpeg;base64,AAAA", Problem.SCHEME),
        ("crypto+http://10.1.2.3/x", Problem.SCHEME),
        ("javascript:alert(1)", Problem.SCHEME),
        ("10.1.2.3/stream1", Problem.SCHEME),
        ("", Problem.SCHEME),
        ("rtsp:///stream1", Problem.HOST),
        ("rtsp:10.1.2.3", Problem.HOST),
        ("http://", Problem.HOST),
        ("http://:80/x", Problem.HOST),
        ("http://operator:rahasia@/x", Problem.HOST),
        ("http://10.1.2.3:0/x", Problem.PORT),
        ("http://10.1.2.3:65536/x", Problem.UNREADABLE),
        ("http://10.1.2.3:many/x", Problem.UNREADABLE),
        ("http://[::1/x", Problem.UNREADABLE),
        ("http://10.1.2.3/a b", Problem.CHARACTER),
        ("http://10.1.2.3/a\r\nHost: other", Problem.CHARACTER),
        ("http://10.1.2.3/a\tb", Problem.CHARACTER),
        ("http://10.1.2.3/\x00", Problem.CHARACTER),
        ("http://10.1.2.3/\x7f", Problem.CHARACTER),
    ],
)
def test_any_other_address_is_refused_for_its_problem(address: str, problem: Problem) -> None:
    with pytest.raises(AddressError) as caught:
        split_address(address)
    assert caught.value.problem is problem
    assert str(caught.value) == problem.value


@settings(deadline=None)
@given(st.text(max_size=40))
def test_no_text_gets_past_with_another_scheme_or_raises_another_error(text: str) -> None:
    for address in (text, f"rtsp://{text}", f"{text}://10.1.2.3/x"):
        try:
            parts = split_address(address)
        except AddressError:
            continue
        assert parts.scheme in ("rtsp", "rtsps", "http", "https") and parts.hostname


@pytest.mark.parametrize(
    ("address", "taken"),
    [
        ("rtsp://10.1.2.3/x", ("rtsp://10.1.2.3/x", "", "")),
        ("rtsp://u:p@10.1.2.3:554/x?y=1", ("rtsp://10.1.2.3:554/x?y=1", "u", "p")),
        ("rtsp://u@10.1.2.3/x", ("rtsp://10.1.2.3/x", "u", "")),
        ("rtsp://:p@10.1.2.3/x", ("rtsp://10.1.2.3/x", "", "p")),
        ("rtsp://u:p@ss@10.1.2.3/x", ("rtsp://10.1.2.3/x", "u", "p@ss")),
        ("rtsp://u:p%2Fw@[::1]:554/x", ("rtsp://[::1]:554/x", "u", "p/w")),
        ("http://10.1.2.3/x?mail=a@b", ("http://10.1.2.3/x?mail=a@b", "", "")),
    ],
)
def test_credentials_are_taken_out(address: str, taken: tuple[str, str, str]) -> None:
    assert take_credentials(address) == taken


@pytest.mark.parametrize("host", ["10.1.2.3", "10.1.2.3:8554", "[2001:db8::1]:554", "kamera"])
@settings(deadline=None)
@given(username=st.text(max_size=20), password=st.text(max_size=20))
def test_credentials_that_are_put_in_come_out_again(
    host: str, username: str, password: str
) -> None:
    address = f"rtsp://{host}/x?y=1"
    assert take_credentials(with_credentials(address, username, password)) == (
        address,
        username,
        password,
    )


def test_credentials_take_the_place_of_others() -> None:
    assert with_credentials("rtsp://a:b@10.1.2.3/x", "c", ODD) == (
        "rtsp://c:p%40ss%3Aw%2Frd%3F%23%25%26%201%C3%A9@10.1.2.3/x"
    )


def test_without_credentials_an_address_stays_as_it_is() -> None:
    assert with_credentials("rtsp://10.1.2.3/x", "", "") == "rtsp://10.1.2.3/x"


@pytest.mark.parametrize(
    "address",
    [
        "rtsp://operator:rahasia@10.1.2.3/x",
        "RTSP://operator:rahasia@10.1.2.3",
        "https://:rahasia@[::1]:80/x",
        "rtsp://rahasia@10.1.2.3/x",
        "rtsp://operator:rahasia/1@10.1.2.3/x",  # a slash that nobody escaped
        "rtsp://operator:#rahasia?@10.1.2.3/x",
        "rtsp://operator:rah@sia@10.1.2.3/x",
        "ftp+ssl://operator:rahasia@10.1.2.3/x",
    ],
)
def test_no_password_is_shown(address: str) -> None:
    shown = redact(f"cannot open {address}, {address} (error 5)")
    assert "rahasia" not in shown and "sia@" not in shown
    assert shown.startswith("cannot open ") and shown.endswith("(error 5)")
    assert "***@" in shown


def test_a_text_without_credentials_is_shown_as_it_is() -> None:
    for text in ("rtsp://10.1.2.3/x cannot be opened", "write to a@b", "", "a://"):
        assert redact(text) == text


def test_a_long_text_of_a_stranger_takes_no_time() -> None:
    began = time.monotonic()
    redact("a" * 20_000)
    redact("a://" * 500)
    assert time.monotonic() - began < 2
