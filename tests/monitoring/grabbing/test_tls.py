"""TLS as cameras have it: certificates that they signed themselves, long run out."""

import datetime
import socket
import ssl
import struct
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from monitoring.grabbing.network import Deadline, connect, keeps_time, start_tls
from monitoring.limits import READ_SECONDS
from tests.monitoring.grabbing import scripted
from tests.monitoring.grabbing.attempts import attempt
from tests.monitoring.grabbing.scripted import http, listen_for_ever, repeating, saying, serving


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> ssl.SSLContext:
    """A camera's own certificate: for another name, and out of date."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "IPCAM")])
    made = datetime.datetime(2015, 1, 1, tzinfo=datetime.UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(made)
        .not_valid_after(made + datetime.timedelta(days=365))
        .sign(key, hashes.SHA256())
    )
    file: Path = tmp_path_factory.mktemp("tls") / "camera.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + signed.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


def test_a_picture_by_https(certificate: ssl.SSLContext) -> None:
    with serving(saying(http(scripted.jpeg())), tls=certificate) as server:
        seen = attempt(server.http)
    assert seen.outcome == "picture", seen.detail


def test_who_dribbles_inside_tls_is_ended_at_the_deadline(certificate: ssl.SSLContext) -> None:
    dribble = repeating(b"HTTP/1.1 200 OK\r\n\r\n", b"x", pause_s=0.05)
    with serving(dribble, tls=certificate) as server:
        seen = attempt(server.http, 1)
    assert seen.outcome == "no_video"
    assert seen.seconds < 1 + READ_SECONDS


def test_rtsp_inside_tls_is_understood(certificate: ssl.SSLContext) -> None:
    with serving(scripted.describing(b"v=0\r\n"), tls=certificate) as server:
        assert attempt(server.rtsp, 2).outcome == "no_video"


@pytest.mark.parametrize("protocol", ["http", "rtsp"])
def test_a_peer_that_never_answers_the_greeting_is_timed_out(protocol: str) -> None:
    with serving(listen_for_ever) as server:
        address = getattr(server, protocol).replace("://", "s://")
        seen = attempt(address, 1)
    assert seen.outcome == "timed_out", seen.detail
    assert seen.seconds < 1 + READ_SECONDS


@pytest.mark.parametrize("protocol", ["http", "rtsp"])
def test_a_peer_that_speaks_no_tls_has_no_video(protocol: str) -> None:
    def talk(client: socket.socket) -> None:
        client.recv(4096)
        client.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    with serving(talk) as server:
        seen = attempt(getattr(server, protocol).replace("://", "s://"), 2)
    assert seen.outcome in ("undecodable", "no_video")


@pytest.mark.parametrize("protocol", ["http", "rtsp"])
def test_a_peer_that_hangs_up_has_no_video(protocol: str) -> None:
    def talk(client: socket.socket) -> None:
        client.recv(100)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    with serving(talk) as server:
        seen = attempt(getattr(server, protocol).replace("://", "s://"), 2)
    assert seen.outcome == "no_video", seen.detail


def test_our_connections_inside_tls_are_known_to_keep_time(certificate: ssl.SSLContext) -> None:
    """Or they would be cut when FFmpeg's stream from the same host is late."""
    with serving(listen_for_ever, tls=certificate) as server:
        connection = connect(socket.AF_INET, "127.0.0.1", server.port, Deadline(10))
        with start_tls(connection, "camera") as wrapped:
            assert keeps_time(wrapped.fileno())
            number = wrapped.fileno()
        assert not keeps_time(number)
