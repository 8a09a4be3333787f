"""Which networks may be reached: never this machine or its own link, unless somebody allows it."""

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError

from cameras import networks
from cameras.models.addresses import validate_address, validate_host_and_port
from monitoring.grabbing import GrabError, Source, grab
from monitoring.grabbing.knock import knock
from monitoring.grabbing.network import Deadline, resolve
from monitoring.verdicts import Reason
from tests.supervisor.helpers import ROOT

REFUSED = [
    "127.0.0.1",
    "127.8.9.10",
    "::1",
    "::ffff:127.0.0.1",
    "2002:7f00:1::",
    "169.254.169.254",
    "fe80::1%eth0",
    "fd00:ec2::254",
    "100.100.100.200",
    "0.0.0.0",
    "::",
    "224.0.0.1",
    "255.255.255.255",
    "localhost",
    "LOCALHOST.",
    "x.localhost",
]


@pytest.fixture
def nothing_allowed() -> Iterator[None]:
    networks.allow(())
    yield
    networks.allow(settings.PROBE_ALLOWED_NETWORKS)


@pytest.mark.parametrize("host", REFUSED)
def test_this_machine_and_its_own_link_are_refused(nothing_allowed: None, host: str) -> None:
    assert networks.is_refused(host)


@pytest.mark.parametrize("host", ["10.1.2.3", "192.168.1.2", "172.16.0.1", "2001:db8::1", "kamera"])
def test_where_cameras_are_is_not_refused(nothing_allowed: None, host: str) -> None:
    assert not networks.is_refused(host)


def test_the_administrator_allows_a_network(nothing_allowed: None) -> None:
    networks.allow(networks.read_networks(["169.254.7.0/24", " ::1 "]))
    assert not networks.is_refused("169.254.7.9") and not networks.is_refused("::1")
    assert networks.is_refused("169.254.8.9") and networks.is_refused("127.0.0.1")


def test_a_form_says_so(nothing_allowed: None) -> None:
    for check, address in (
        (validate_address, "http://169.254.169.254/latest/meta-data/"),
        (validate_address, "rtsp://localhost/x"),
        (validate_host_and_port, "127.0.0.1:6379"),
    ):
        with pytest.raises(ValidationError, match="PROBE_ALLOWED_NETWORKS"):
            check(address)
    validate_address("rtsp://10.1.2.3/x")


@pytest.mark.parametrize("scheme", ["rtsp", "http"])
def test_a_probe_does_not_even_connect(nothing_allowed: None, scheme: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        address = f"{scheme}://127.0.0.1:{server.getsockname()[1]}/x"
        with pytest.raises(GrabError) as caught:
            grab(Source(address), 2.0)
        assert caught.value.reason is Reason.NOT_FOUND
        (answer,) = knock([address])
        assert answer is not None and answer.reason is Reason.NOT_FOUND
        with pytest.raises(TimeoutError):
            server.accept()


def test_a_name_is_judged_by_its_number(nothing_allowed: None, monkeypatch: Any) -> None:
    def found(*_: Any, **__: Any) -> Any:
        return [(socket.AF_INET, 1, 6, "", ("169.254.169.254", 80))]

    monkeypatch.setattr(socket, "getaddrinfo", found)
    with pytest.raises(GrabError, match="may not be probed"):
        resolve("camera.example", 80, Deadline(1))


@contextmanager
def redirecting(target: str) -> Iterator[str]:
    """A server on this machine that sends everybody elsewhere; its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(302)
            self.send_header("Location", target)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize("credentials", [("", ""), ("op", "x")])
def test_a_redirect_is_judged_like_an_address(credentials: tuple[str, str]) -> None:
    with redirecting("http://169.254.169.254/latest/meta-data/") as address:
        with pytest.raises(GrabError) as caught:
            grab(Source(address, *credentials), 2.0)
        assert caught.value.reason is Reason.NOT_FOUND
        assert "169.254.169.254" in caught.value.detail


@pytest.mark.parametrize(("demo", "allowed"), [(True, "False"), (False, "True")])
def test_a_demo_allows_its_own_cameras_and_nothing_else_does(
    tmp_path: Path, demo: bool, allowed: str
) -> None:
    if demo:
        (tmp_path / "demo").touch()
    environment = os.environ | {"DATA_DIR": str(tmp_path), "LOG_LEVEL": "WARNING"}
    del environment["PROBE_ALLOWED_NETWORKS"]
    program = "from cameras.networks import is_refused; print(is_refused('127.0.0.1'))"
    command = [sys.executable, "manage.py", "shell", "--verbosity", "0", "--command", program]
    said = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True)
    assert said.stdout.strip() == allowed, said.stderr
